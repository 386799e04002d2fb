"""What every script that writes its own bytes has in common: signing, sending, reading, walking. All of it is text.

`OPENING` is filled in for a finding; `RUNTIME` and `TAIL` stand in every script as they are, but for the odd
signatures, of which a script has those that it needs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["ODD", "OPENING", "RUNTIME", "TAIL"]

OPENING: Final = '''\
"""{law}

Exit code 1: the fault shows. 0: it does not. 2: this script cannot say.
Endpoint and credentials are those of the environment: AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY.
"""

import hashlib
import hmac
import http.client
import json
import os
import secrets
import socket
import ssl
import sys
import threading
from time import gmtime, sleep, strftime, time
from urllib.parse import parse_qsl, quote, urlsplit

SENTENCE = {sentence!a}
EXPECTED = {expected!a}
SERVICE, TARGET, VERSION = {service!a}, {target!a}, {version!a}
GET, LIST, DELETE, IDENTITY = {get!a}, {list!a}, {delete!a}, {identity!a}
TOKEN_IN, TOKEN_OUT = {token_in!a}, {token_out!a}
TRIES = {tries}
'''

RUNTIME: Final = r'''
KEY, SECRET = os.environ.get("AWS_ACCESS_KEY_ID"), os.environ.get("AWS_SECRET_ACCESS_KEY")
SESSION = os.environ.get("AWS_SESSION_TOKEN")
REGION = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or "us-east-1"
if not (os.environ.get("AWS_ENDPOINT_URL") and KEY and SECRET):
    print("set AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY", file=sys.stderr)
    raise SystemExit(2)
URL = urlsplit(os.environ["AWS_ENDPOINT_URL"])
HOST = URL.netloc.rpartition("@")[2]
made, it, said, log = [], {}, {}, []  # to be deleted; ARNs, tokens and names; answers by number; what is told


class Missing(Exception):
    """A call needs what an earlier one did not give."""


class Answer:
    """Status (0 where none came), name of the error (None for a yes), members."""

    def __init__(self, status, text):
        self.status, self.text, self.output = status, text, {}
        try:
            self.output = dict(json.loads(text or "{}"))
        except (ValueError, TypeError, RecursionError):
            pass
        name = self.output.get("__type") or self.output.get("code") or status
        self.error = None if 200 <= status < 300 else str(name).split("#")[-1]


def have(name):
    if it.get(name) is None:
        raise Missing(name)
    return it[name]


def sign(lines, content, signing):
    """The lines of a head, signed (AWS Signature Version 4) over exactly what they say."""
    key, secret, region, service, now, signed, alter = KEY, SECRET, REGION, SERVICE, time(), None, False
    # odd signatures
    date = strftime("%Y%m%dT%H%M%SZ", gmtime(now))
    added = ["X-Amz-Date: " + date] + (["X-Amz-Security-Token: " + SESSION] if SESSION and key == KEY else [])
    if signing == "missing":
        return lines + added
    fields = {"host": [HOST]}
    for line in (signed or lines) + added:
        name, _, value = line.partition(":")
        if name.lower() == "content-type" or name.lower().startswith("x-amz-"):
            fields.setdefault(name.lower(), []).append(" ".join(value.split()))
    method, path = (lines[0].split(" ") + [""])[:2]
    path, _, query = path.partition("?")
    pairs = sorted(parse_qsl(query, keep_blank_values=True))
    query = "&".join(quote(k, safe="-_.~") + "=" + quote(v, safe="-_.~") for k, v in pairs)
    names = sorted(fields)
    canonical = [method, quote(path, safe="/~%"), query, *(n + ":" + ",".join(fields[n]) for n in names), ""]
    canonical = "\n".join([*canonical, ";".join(names), hashlib.sha256(content).hexdigest()])
    scope = "/".join([date[:8], region, service, "aws4_request"])
    digest = hashlib.sha256(canonical.encode("utf-8", "replace")).hexdigest()
    derived = b"AWS4" + secret.encode()
    for word in (*scope.split("/"), "\n".join(["AWS4-HMAC-SHA256", date, scope, digest])):
        derived = hmac.new(derived, word.encode(), hashlib.sha256).digest()
    signature = derived.hex()
    if alter:
        signature = signature[:-1] + ("0" if signature[-1] != "0" else "1")
    head = "AWS4-HMAC-SHA256 Credential=" + key + "/" + scope + ", SignedHeaders=" + ";".join(names)
    return [*lines, *added, "Authorization: " + head + ", Signature=" + signature]


def plain(operation, members, signing="valid"):
    """A call as every client makes it: its bytes, what to tell of it, is it cut off, its method."""
    body = json.dumps(members).encode()
    lines = ["POST " + URL.path.rstrip("/") + "/ HTTP/1.1", "Host: " + HOST]
    lines += ["X-Amz-Target: " + TARGET + "." + operation, "Content-Type: application/x-amz-json-" + VERSION]
    lines += ["Content-Length: " + str(len(body))]
    head = "\r\n".join(sign(lines, body, signing)).encode("latin-1")
    return head + b"\r\n\r\n" + body, operation + " " + json.dumps(members), False, "POST"


def raw(lines, body, content=None, signed=True, ends=False, method="POST"):
    """A request that is no ordinary one; `content` is what is signed of a body in chunks."""
    head = sign(lines, body if content is None else content, "valid") if signed else lines
    return "\r\n".join(head).encode("latin-1", "replace") + b"\r\n\r\n" + body, str(lines)[:400], ends, method


def opened():
    secure = URL.scheme == "https"
    connection = socket.create_connection((URL.hostname, URL.port or (443 if secure else 80)), 10)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if secure:
        trusted = ssl.create_default_context(cafile=os.environ.get("AWS_CA_BUNDLE"))
        return trusted.wrap_socket(connection, server_hostname=URL.hostname)
    return connection


def written(connection, request):
    try:
        connection.sendall(request[0])
        if request[2]:
            connection.shutdown(socket.SHUT_WR)
    except OSError:
        pass  # the answer tells


def answer(number, connection, request):
    """Read what comes, and keep what it gives."""
    try:
        response = http.client.HTTPResponse(connection, method=request[3])
        response.begin()
        came = Answer(response.status, response.read().decode("utf-8", "replace"))
    except (OSError, http.client.HTTPException) as trouble:
        came = Answer(0, json.dumps({"__type": type(trouble).__name__}))
    finally:
        connection.close()
    said[number] = came
    arn = came.output.get(IDENTITY) if came.error is None else None
    it["arn%d" % number], it["token%d" % number] = arn, came.output.get(TOKEN_OUT)
    if isinstance(arn, str):
        made.append(arn)
    log.append("%s %s\n  -> %s %s" % (number or "", ascii(request[1])[1:-1], came.status, ascii(came.text[:400])[1:-1]))


def chain(steps):
    for number, make in steps:
        try:
            request = make()
        except Missing:
            return
        connection = opened()
        written(connection, request)
        answer(number, connection, request)


def at_once(*chains):
    """The first calls of all chains, back to back in any order; then each goes on by itself.

    Of longer chains every other try is begun a few milliseconds apart, so that calls meet in other places, too.
    """
    first = []
    for steps in chains:
        try:
            first.append((steps, opened(), steps[0][1]()))
        except Missing:
            continue
    chance = secrets.SystemRandom()
    chance.shuffle(first)
    apart = chance.random() < 0.5 and any(len(steps) > 1 for steps in chains)
    if not apart:
        for _, connection, request in first:
            written(connection, request)

    def go_on(steps, connection, request):
        if apart:
            sleep(chance.random() * 0.005)
            written(connection, request)
        answer(steps[0][0], connection, request)
        chain(steps[1:])

    threads = [threading.Thread(target=go_on, args=each) for each in first]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def listed(pages, members):
    """Every ARN that a walk shows, from these pages on to its end; None where a page was refused or never asked for."""
    if pages[0] not in said or any(said[number].error for number in pages if number in said):
        return None
    pages = [number for number in pages if number in said]
    shown = [item.get(IDENTITY) for number in pages for item in said[number].output.get("Connections") or []]
    token = said[pages[-1]].output.get(TOKEN_OUT)
    for _ in range(1000):
        if not token:
            break
        chain([(0, lambda: plain(LIST, {**members, TOKEN_IN: token}))])
        if said[0].error:
            return None
        shown += [item.get(IDENTITY) for item in said[0].output.get("Connections") or []]
        token = said[0].output.get(TOKEN_OUT)
    return shown


def once():
'''

TAIL: Final = r"""

worst = 0
try:
    for _ in range(TRIES):
        it.clear(), said.clear(), log.clear()
        code = once()
        told = list(log)
        for arn in made:
            chain([(-1, lambda: plain(DELETE, {IDENTITY: arn}))])
        made.clear()
        worst = code if code == 1 else max(worst, code)
        if code == 1:
            break
except OSError as trouble:
    told, worst = ["no connection: " + ascii(str(trouble))], 2
print("\n".join(told))
words = {0: "kept: ", 1: "broken: ", 2: "look at the answers above: "}
print(words[worst] + SENTENCE + ("" if worst == 0 else "; expected: " + EXPECTED))
sys.exit(worst)
"""

ODD: Final[Mapping[str, str]] = {
    "wrong-secret": "secret = secrets.token_urlsafe(30)",
    "altered-signature": "alter = True",
    "wrong-region": 'region = "us-west-2" if REGION != "us-west-2" else "eu-central-1"',
    "wrong-service": 'service = "s3"',
    "unknown-key": 'key, secret = "ASSAY" + secrets.token_hex(8).upper(), secrets.token_urlsafe(30)',
    "tampered-body": """content = b'{"Signed":"another body"}'""",
    "tampered-declared": """content = b'{"Signed":"another body"}'
        lines = [*lines, "X-Amz-Content-Sha256: " + hashlib.sha256(content).hexdigest()]""",
    "tampered-header": (
        'lines, signed = [*lines, "X-Amz-Meta-Assay: sent"], [*lines, "X-Amz-Meta-Assay: signed"]'
    ),
    "tampered-target": (
        "another = TARGET + '.' + (GET if any(each.endswith(LIST) for each in lines) else LIST)\n"
        "        signed = [each for each in lines if not each.startswith('X-Amz-Target')]\n"
        "        signed.append('X-Amz-Target: ' + another)"
    ),
    "old-date": "now -= 20 * 60",
}
"""What is done for a word of `assay.signings` before a request is signed; `missing` is told apart in the runtime."""
