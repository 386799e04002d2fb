"""A client that knows nothing but HTTP and JSON, so that what it sees is what was on the wire."""

from __future__ import annotations

import http.client
import json
import uuid
import weakref
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

LONG = {
    "codestar-connections": "com.amazonaws.codestar.connections.CodeStar_connections_20191201",
    "codeconnections": "com.amazonaws.codeconnections.CodeConnections_20231201",
}
SHORT = {service: prefix.rpartition(".")[2] for service, prefix in LONG.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer: status, headers by small name, and the members of the body."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def members(self) -> dict[str, Any]:
        """The JSON object of the body."""
        return json.loads(self.body)

    @property
    def code(self) -> str:
        """The error's type without its namespace; empty on success."""
        return self.members.get("__type", "").rpartition("#")[2]


class RawClient:
    """One caller on one kept-alive connection; without a key of its own it is an account that nobody else uses."""

    def __init__(
        self,
        url: str,
        *,
        key: str | None = None,
        region: str = "us-east-1",
        service: str = "codestar-connections",
        prefixes: dict[str, str] = LONG,
    ) -> None:
        parts = urlsplit(url)
        self.url = url
        self.key = key or f"AKID{uuid.uuid4().hex.upper()}"
        self.region = region
        self.service = service
        self.prefixes = prefixes
        self.connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=10)
        # Clients are made in passing: each closes its socket when it is forgotten.
        weakref.finalize(self, self.connection.close)

    def elsewhere(self, **changes: Any) -> RawClient:
        """The same caller in another Region, through another service, or another caller."""
        same = {"key": self.key, "region": self.region, "service": self.service, "prefixes": self.prefixes}
        return RawClient(self.url, **{**same, **changes})

    def headers(self, operation: str) -> dict[str, str]:
        """What every request carries: target and, with a dummy signature, the caller."""
        scope = f"{self.key}/20261122/{self.region}/{self.service}/aws4_request"
        return {
            "Content-Type": "application/x-amz-json-1.0",
            "X-Amz-Target": f"{self.prefixes[self.service]}.{operation}",
            "Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature={'0' * 64}",
        }

    def send(self, body: Any, headers: dict[str, str], *, method: str = "POST", path: str = "/") -> Answer:
        """One request, as it is."""
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        small = {name.lower(): value for name, value in answer.getheaders()}
        return Answer(status=answer.status, headers=small, body=answer.read())

    def call(self, operation: str, /, **members: Any) -> Answer:
        """One operation."""
        return self.send(json.dumps(members).encode(), self.headers(operation))

    def create(self, name: str, provider_type: str = "Bitbucket") -> str:
        """A connection that must come to be; its ARN."""
        answer = self.call("CreateConnection", ConnectionName=name, ProviderType=provider_type)
        assert answer.status == 200, answer
        return answer.members["ConnectionArn"]

    def create_many(self, count: int, stem: str = "c") -> list[str]:
        """Connections with names of one stem; their ARNs, oldest first."""
        return [self.create(f"{stem}-{number}") for number in range(count)]

    def get(self, arn: str) -> Answer:
        """GetConnection."""
        return self.call("GetConnection", ConnectionArn=arn)

    def delete(self, arn: str) -> Answer:
        """DeleteConnection."""
        return self.call("DeleteConnection", ConnectionArn=arn)

    def page(self, **members: Any) -> dict[str, Any]:
        """The members of one page, which must be given."""
        answer = self.call("ListConnections", **members)
        assert answer.status == 200, answer
        return answer.members

    def walk(self, *, pages: int = 100, **members: Any) -> list[list[str]]:
        """The ARNs of every page, to the last or to the given number of pages."""
        seen = []
        token: dict[str, str] = {}
        for _ in range(pages):
            page = self.page(**members, **token)
            seen.append([item["ConnectionArn"] for item in page["Connections"]])
            if "NextToken" not in page:
                break
            token = {"NextToken": page["NextToken"]}
        return seen

    def arns(self, **members: Any) -> list[str]:
        """The ARNs of a whole walk."""
        return [arn for page in self.walk(**members) for arn in page]
