"""The target: how a request is sent, and what came of it.

`Endpoint` says where to, `Credentials` as whom, `probe` what is served there, and `Target.call` turns an operation and
its input into the calls of a history. No law is known here, and nothing is judged.
"""

from assay.target.credentials import (
    HARMLESS,
    HARMLESS_SECOND,
    Credentials,
    find_ca_bundle,
    find_credentials,
    find_region,
    find_second_credentials,
)
from assay.target.endpoint import Endpoint, refuse_public, refuse_real_aws, resolve_endpoint_url
from assay.target.light import SPELLINGS, Spelling
from assay.target.probe import NotServed, Served, Serving, Way, probe
from assay.target.proxies import proxied
from assay.target.reading import read
from assay.target.target import MAX_ATTEMPTS, Target

__all__ = [
    "HARMLESS",
    "HARMLESS_SECOND",
    "MAX_ATTEMPTS",
    "SPELLINGS",
    "Credentials",
    "Endpoint",
    "NotServed",
    "Served",
    "Serving",
    "Spelling",
    "Target",
    "Way",
    "find_ca_bundle",
    "find_credentials",
    "find_region",
    "find_second_credentials",
    "probe",
    "proxied",
    "read",
    "refuse_public",
    "refuse_real_aws",
    "resolve_endpoint_url",
]
