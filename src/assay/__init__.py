"""assay: a conformance suite for AWS-style APIs, beginning with AWS CodeStar Connections."""

__version__ = "0.1.0"
