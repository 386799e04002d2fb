"""What every script that writes its own bytes has in common: signing, sending, reading, walking. All of it is text.

`OPENING` is filled in for a finding; `RUNTIME` and `TAIL` stand in every script as they are, but for the odd
signatures, of which a script has those that it needs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

MODULES: Final = ("hashlib", "hmac", "http.client", "json", "os", "secrets", "socket", "ssl", "sys", "threading")
"""What every such script imports, beside functions."""

__all__ = ["HANDSHAKE", "MODULES", "ODD", "ONCE", "OPENING", "RUNTIME", "TAIL"]

OPENING: Final = '''\
"""{law}

Exit code 1: the fault shows. 0: it does not. 2: this script cannot say.
Endpoint and credentials are those of the environment: AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY.
{notes}"""

{imports}
from time import gmtime, monotonic, sleep, strftime, time
from urllib.parse import parse_qsl, quote, urlsplit

SENTENCE = {sentence!a}
EXPECTED = {expected!a}
SERVICE, TARGET, VERSION = {service!a}, {target!a}, {version!a}
CREATE, GET, LIST, DELETE = {create!a}, {get!a}, {list!a}, {delete!a}
IDENTITY, NAME = {identity!a}, {name!a}
TOKEN_IN, TOKEN_OUT = {token_in!a}, {token_out!a}
ACCOUNTS = {accounts}
TRIES = {tries}
'''

RUNTIME: Final = r'''
REGION = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or "us-east-1"
PREFIXES = {"first": "AWS", "second": "ASSAY_SECOND"}
KEYS = {}  # by account: access key, secret, session token
for name in ACCOUNTS:
    words = [PREFIXES[name] + word for word in ("_ACCESS_KEY_ID", "_SECRET_ACCESS_KEY", "_SESSION_TOKEN")]
    KEYS[name] = [os.environ.get(word) for word in words]
    if not (os.environ.get("AWS_ENDPOINT_URL") and KEYS[name][0] and KEYS[name][1]):
        print("set AWS_ENDPOINT_URL, %s and %s" % tuple(words[:2]), file=sys.stderr)
        raise SystemExit(2)
URL = urlsplit(os.environ["AWS_ENDPOINT_URL"])
HOST = URL.netloc.rpartition("@")[2]
made, it, said, log = [], {}, {}, []  # to be deleted; ARNs, tokens and names; answers by number; what is told


class Missing(Exception):
    """A call needs what an earlier one did not give."""


class NotDone(Exception):
    """Nobody could complete a handshake."""


class Answer:
    """Status (0 where none came), name of the error (None for a yes), members; when it was asked for and came."""

    def __init__(self, status, text):
        self.status, self.text, self.output = status, text, {}
        self.request, self.start, self.end = None, 0.0, monotonic()
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


class Request:
    """A request as bytes; what to tell of it; is it cut off; its method; and, of a plain one, what it asks for."""

    def __init__(self, text, told, ends=False, method="POST", operation=None, members=None, by="first"):
        self.text, self.told, self.ends, self.method = text, told, ends, method
        self.operation, self.members, self.by, self.sent = operation, members, by, 0.0


def sign(lines, content, signing, by="first"):
    """The lines of a head, signed (AWS Signature Version 4) over exactly what they say."""
    key, secret, session = KEYS[by]
    region, service, now, signed, digest, alter, in_query = REGION, SERVICE, time(), None, None, False, False
    written = list
    # odd signatures
    date = strftime("%Y%m%dT%H%M%SZ", gmtime(now))
    scope = "/".join([date[:8], region, service, "aws4_request"])
    added = ["X-Amz-Date: " + date] + (["X-Amz-Security-Token: " + session] if session else [])
    if signing == "missing":
        return lines + added
    fields = {"host": [HOST]}
    for line in (signed or lines) + added:
        name, _, value = line.partition(":")
        if name.lower() == "content-type" or name.lower().startswith("x-amz-"):
            fields.setdefault(name.lower(), []).append(" ".join(value.split()))
    if in_query:
        fields = {name: fields[name] for name in ("host", "x-amz-target")}
        asked = [("X-Amz-Algorithm", "AWS4-HMAC-SHA256"), ("X-Amz-Credential", key + "/" + scope), ("X-Amz-Date", date)]
        asked += [("X-Amz-Expires", "60"), ("X-Amz-SignedHeaders", "host;x-amz-target")]
        asked += [("X-Amz-Security-Token", session)] if session else []
        query = "&".join(name + "=" + quote(value, safe="-_.~") for name, value in sorted(asked))
        lines = [lines[0].replace(" HTTP/", "?" + query + " HTTP/"), *lines[1:]]
    method, path = ((signed or lines)[0].split(" ") + [""])[:2]
    path, _, query = path.partition("?")
    pairs = sorted(parse_qsl(query, keep_blank_values=True))
    query = "&".join(quote(k, safe="-_.~") + "=" + quote(v, safe="-_.~") for k, v in pairs)
    names = sorted(fields)
    canonical = [method, quote(path, safe="/~%"), query, *(n + ":" + ",".join(fields[n]) for n in names), ""]
    canonical = "\n".join([*canonical, ";".join(names), digest or hashlib.sha256(content).hexdigest()])
    hashed = hashlib.sha256(canonical.encode("utf-8", "replace")).hexdigest()
    derived = b"AWS4" + secret.encode()
    for word in (*scope.split("/"), "\n".join(["AWS4-HMAC-SHA256", date, scope, hashed])):
        derived = hmac.new(derived, word.encode(), hashlib.sha256).digest()
    signature = derived.hex()
    if alter:
        signature = signature[:-1] + ("0" if signature[-1] != "0" else "1")
    if in_query:
        return [lines[0].replace(" HTTP/", "&X-Amz-Signature=" + signature + " HTTP/"), *lines[1:]]
    head = "AWS4-HMAC-SHA256 Credential=" + key + "/" + scope + ", SignedHeaders=" + ";".join(names)
    return written([*lines, *added, "Authorization: " + head + ", Signature=" + signature])


def plain(operation, members, signing="valid", by="first"):
    """A call as every client makes it."""
    body = json.dumps(members).encode()
    lines = ["POST " + URL.path.rstrip("/") + "/ HTTP/1.1", "Host: " + HOST]
    lines += ["X-Amz-Target: " + TARGET + "." + operation, "Content-Type: application/x-amz-json-" + VERSION]
    lines += ["Content-Length: " + str(len(body))]
    head = "\r\n".join(sign(lines, body, signing, by)).encode("latin-1")
    told = operation + (" (second account) " if by != "first" else " ") + json.dumps(members)
    return Request(head + b"\r\n\r\n" + body, told, operation=operation, members=members, by=by)


def raw(lines, body, content=None, signed=True, ends=False, method="POST"):
    """A request that is no ordinary one; `content` is what is signed of a body in chunks."""
    head = sign(lines, body if content is None else content, "valid") if signed else lines
    return Request("\r\n".join(head).encode("latin-1", "replace") + b"\r\n\r\n" + body, str(lines)[:400], ends, method)


def opened():
    secure = URL.scheme == "https"
    connection = socket.create_connection((URL.hostname, URL.port or (443 if secure else 80)), 10)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if secure:
        trusted = ssl.create_default_context(cafile=os.environ.get("AWS_CA_BUNDLE"))
        return trusted.wrap_socket(connection, server_hostname=URL.hostname)
    return connection


def write(connection, request):
    request.sent = monotonic()
    try:
        connection.sendall(request.text)
        if request.ends:
            connection.shutdown(socket.SHUT_WR)
    except OSError:
        pass  # the answer tells


def answer(number, connection, request):
    """Read what comes, and keep what it gives."""
    try:
        response = http.client.HTTPResponse(connection, method=request.method)
        response.begin()
        came = Answer(response.status, response.read().decode("utf-8", "replace"))
    except (OSError, http.client.HTTPException) as trouble:
        came = Answer(0, json.dumps({"__type": type(trouble).__name__}))
    finally:
        connection.close()
    came.request, came.start, came.end = request, request.sent, monotonic()
    said[number] = came
    arn = came.output.get(IDENTITY) if came.error is None else None
    it["arn%d" % number], it["token%d" % number] = arn, came.output.get(TOKEN_OUT)
    if isinstance(arn, str):
        made.append((request.by, arn))
    told, text = ascii(request.told)[1:-1], ascii(came.text[:400])[1:-1]
    log.append("%s %s\n  -> %s %s" % (number or "", told, came.status, text))


def chain(steps):
    for number, make in steps:
        try:
            request = make()
        except Missing:
            return
        if request is None:  # it was no request, and is done
            continue
        connection = opened()
        write(connection, request)
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
            write(connection, request)

    def go_on(steps, connection, request):
        if apart:
            sleep(chance.random() * 0.005)
            write(connection, request)
        answer(steps[0][0], connection, request)
        chain(steps[1:])

    threads = [threading.Thread(target=go_on, args=each) for each in first]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def listed(pages, members, by="first"):
    """Every ARN that a walk shows, from these pages on to its end; None where a page was refused or never asked for."""
    if pages[0] not in said or any(said[number].error for number in pages if number in said):
        return None
    pages = [number for number in pages if number in said]
    shown = [item.get(IDENTITY) for number in pages for item in said[number].output.get("Connections") or []]
    token = said[pages[-1]].output.get(TOKEN_OUT)
    for _ in range(1000):
        if not token:
            break
        chain([(0, lambda: plain(LIST, {**members, TOKEN_IN: token}, by=by))])
        if said[0].error:
            return None
        shown += [item.get(IDENTITY) for item in said[0].output.get("Connections") or []]
        token = said[0].output.get(TOKEN_OUT)
    return shown

'''

ONCE: Final = "\n\ndef once():\n"

HANDSHAKE: Final = r'''

def handshake(arn):
    """Somebody completes the handshake of a connection, which no operation does."""
    if os.environ.get("ASSAY_HANDSHAKE"):
        done = subprocess.run([*shlex.split(os.environ["ASSAY_HANDSHAKE"]), arn], check=False).returncode == 0
    else:
        body = json.dumps({IDENTITY: arn, "ConnectionStatus": "AVAILABLE"}).encode()
        door = os.environ["AWS_ENDPOINT_URL"].rstrip("/") + DOOR
        try:
            urllib.request.urlopen(urllib.request.Request(door, body, method="POST"), timeout=10).close()
            done = True
        except OSError:
            done = False
    if not done:
        raise NotDone("the handshake was not completed; set ASSAY_HANDSHAKE")
    log.append("handshake of %s\n  -> completed" % ascii(arn))
'''

TAIL: Final = r"""

worst, tried = 0, 0
try:
    for _ in range(TRIES):
        it.clear(), said.clear(), log.clear()
        tried += 1
        try:
            code = once()
        except NotDone as trouble:
            log.append(str(trouble))
            code = 2
        told = list(log)
        for by, arn in made:
            chain([(-1, lambda: plain(DELETE, {IDENTITY: arn}, by=by))])
        made.clear()
        worst = code if code == 1 else max(worst, code)
        if code == 1:
            break
except OSError as trouble:
    told, worst = ["no connection: " + ascii(str(trouble))], 2
print("\n".join(told))
if TRIES > 1:
    print("try %d of at most %d" % (tried, TRIES))
words = {0: "kept: ", 1: "broken: ", 2: "look at the answers above: "}
print(words[worst] + SENTENCE + ("" if worst == 0 else "; expected: " + EXPECTED))
sys.exit(worst)
"""

ODD: Final[Mapping[str, str]] = {
    "wrong-secret": "secret = secrets.token_urlsafe(30)",
    "altered-signature": "alter = True",
    "wrong-region": (
        'another = "eu-central-1" if REGION != "eu-central-1" else "us-west-2"\n'
        '        written = lambda head: [*head[:-1], head[-1].replace("/" + REGION + "/", "/" + another + "/", 1)]'
    ),
    "wrong-service": 'service = "s3"',
    "unknown-key": 'session, key, secret = None, "ASSAY" + secrets.token_hex(8).upper(), secrets.token_urlsafe(30)',
    "tampered-body": """content = b'{"Signed":"another body"}'""",
    "tampered-declared": """content = b'{"Signed":"another body"}'
        lines = [*lines, "X-Amz-Content-Sha256: " + hashlib.sha256(content).hexdigest()]""",
    "tampered-header": ('lines, signed = [*lines, "X-Amz-Meta-Assay: sent"], [*lines, "X-Amz-Meta-Assay: signed"]'),
    "tampered-target": (
        "another = TARGET + '.' + (GET if any(each.endswith(LIST) for each in lines) else LIST)\n"
        "        signed = [each for each in lines if not each.startswith('X-Amz-Target')]\n"
        "        signed.append('X-Amz-Target: ' + another)"
    ),
    "old-date": "now -= 20 * 60",
    "odd-spaces": 'lines = [*lines, "X-Amz-Meta-Assay:   one   two  "]',
    "odd-order": "written = lambda head: [*head[:2], *reversed(head[2:])]",
    "odd-case": (
        "written = lambda head: "
        "[*head[:2], *(n.upper() + c + v for n, c, v in (each.partition(':') for each in head[2:]))]"
    ),
    "odd-empty": 'lines = [*lines, "X-Amz-Meta-Assay:"]',
    "odd-path": 'signed, lines = lines, [lines[0].replace(" /", " //", 1), *lines[1:]]',
    "unsigned-payload": ('digest = "UNSIGNED-PAYLOAD"\n        lines = [*lines, "X-Amz-Content-Sha256: " + digest]'),
    "presigned-query": "in_query = True",
    "foreign-token": "session = secrets.token_urlsafe(60)",
}
"""What is done for a word of `assay.signings` before a request is signed; `missing` is told apart in the runtime."""
