"""A newcomer's emulator: the four operations over `http.server`, as one writes them in twenty minutes.

It was written before the laws of the wire were, by the API reference and one look at what boto3 sends, and it is not
mended when a law learns something new. It is no mutant: it has many faults at once, as real first versions have, and
`test_newcomer.py` says which of them a report must name.

    python -m selftests.newcomer 4566
"""

from __future__ import annotations

import json
import sys
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

REGION, ACCOUNT = "us-east-1", "000000000000"
PROVIDERS = ["Bitbucket", "GitHub", "GitHubEnterpriseServer", "GitLab", "GitLabSelfManaged"]


class ApiError(Exception):
    """An answer that is an error."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class Connections:
    """The connections, in memory."""

    def __init__(self) -> None:
        self.connections: dict[str, dict[str, Any]] = {}

    def create_connection(self, request: dict[str, Any]) -> dict[str, Any]:
        name = str(request["ConnectionName"])
        if not 1 <= len(name) <= 32:
            raise ApiError("ValidationException", "ConnectionName must have 1 to 32 characters")
        if "ProviderType" not in request and "HostArn" not in request:
            raise ApiError("ValidationException", "ProviderType or HostArn is required")
        provider = request.get("ProviderType", "GitHubEnterpriseServer")
        if provider not in PROVIDERS:
            raise ApiError("ValidationException", f"unknown provider {provider}")
        if any(connection["ConnectionName"] == name for connection in self.connections.values()):
            raise ApiError("ResourceAlreadyExistsException", f"{name} exists")
        arn = f"arn:aws:codestar-connections:{REGION}:{ACCOUNT}:connection/{uuid.uuid4()}"
        self.connections[arn] = {
            "ConnectionName": name,
            "ConnectionArn": arn,
            "ProviderType": provider,
            "OwnerAccountId": ACCOUNT,
            "ConnectionStatus": "PENDING",
        }
        return {"ConnectionArn": arn}

    def get_connection(self, request: dict[str, Any]) -> dict[str, Any]:
        return {"Connection": self.find(request["ConnectionArn"])}

    def delete_connection(self, request: dict[str, Any]) -> dict[str, Any]:
        self.find(request["ConnectionArn"])
        del self.connections[request["ConnectionArn"]]
        return {}

    def list_connections(self, request: dict[str, Any]) -> dict[str, Any]:
        size = int(request.get("MaxResults", 50))
        if not 0 <= size <= 100:
            raise ApiError("ValidationException", "MaxResults must be between 0 and 100")
        wanted = request.get("ProviderTypeFilter")
        found = [each for each in self.connections.values() if wanted is None or each["ProviderType"] == wanted]
        start = int(request.get("NextToken", 0))
        page = {"Connections": found[start : start + (size or 50)]}
        if start + size < len(found):
            page["NextToken"] = str(start + size)
        return page

    def find(self, arn: str) -> dict[str, Any]:
        if arn not in self.connections:
            raise ApiError("ResourceNotFoundException", f"no connection {arn}")
        return self.connections[arn]


class Handler(BaseHTTPRequestHandler):
    """Serves POST."""

    protocol_version = "HTTP/1.1"
    service: Connections

    def do_POST(self) -> None:
        target = self.headers["X-Amz-Target"]
        prefix, operation = target.rsplit(".", 1)
        if prefix != "com.amazonaws.codestar.connections.CodeStar_connections_20191201":
            self.answer(404, {"message": f"unknown target {target}"})
            return
        length = int(self.headers["Content-Length"])
        request = json.loads(self.rfile.read(length) or b"{}")
        operations = {
            "CreateConnection": self.service.create_connection,
            "GetConnection": self.service.get_connection,
            "DeleteConnection": self.service.delete_connection,
            "ListConnections": self.service.list_connections,
        }
        try:
            self.answer(200, operations[operation](request))
        except ApiError as error:
            self.answer(400, {"__type": error.code, "message": error.message})
        except KeyError as error:
            self.answer(400, {"__type": "ValidationException", "message": f"{error} is missing"})
        except Exception as error:  # noqa: BLE001 - as a newcomer does it
            self.answer(500, {"__type": "InternalServerError", "message": str(error)})

    def answer(self, status: int, body: dict[str, Any]) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/x-amz-json-1.0")
        self.send_header("Content-Length", str(len(content)))
        self.send_header("x-amzn-RequestId", str(uuid.uuid4()))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
        pass


def server(port: int = 0) -> ThreadingHTTPServer:
    class Serving(Handler):
        service = Connections()

    return ThreadingHTTPServer(("127.0.0.1", port), Serving)


if __name__ == "__main__":
    server(int(sys.argv[1])).serve_forever()
