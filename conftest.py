"""The suite's conftest: it names the plugin, and everything else is in there (`assay.plugin`)."""

pytest_plugins = ("assay.plugin",)
