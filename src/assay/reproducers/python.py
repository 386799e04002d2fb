"""A finding as a Python script that needs boto3 and nothing else."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from assay.history import FIRST
from assay.reproducers import shell
from assay.reproducers.surroundings import PATH, imports, notes
from assay.reproducers.symbols import Ref

if TYPE_CHECKING:
    from assay.reproducers.looks import Look
    from assay.reproducers.plan import Plan, Step

__all__ = ["script"]

_HEAD: Final = '''\
"""{law}

Exit code 1: the fault shows. 0: it does not. 2: this script cannot say.
Endpoint and credentials are those of the environment: AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY.
{notes}"""

{imports}

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

SENTENCE = {sentence!a}
EXPECTED = {expected!a}
if not os.environ.get("AWS_ENDPOINT_URL"):
    print("set AWS_ENDPOINT_URL", file=sys.stderr)
    raise SystemExit(2)
OPTIONS = {{
    "endpoint_url": os.environ["AWS_ENDPOINT_URL"],
    "region_name": os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or "us-east-1",
    "config": Config(parameter_validation=False, retries={{"total_max_attempts": 1}}),
}}
first = boto3.client({service!a}, **OPTIONS)
{second}made = []
statuses = []  # of the calls so far
seen = []  # connections that were shown: the ARN that was asked for, or is shown, and the members


def send(operation, by=first, **members):
    """One call: its answer, or None and the name of the error."""
    try:
        answer, error = getattr(by, operation)(**members), None
        statuses.append(answer.pop("ResponseMetadata")["HTTPStatusCode"])
    except ClientError as refusal:
        answer, error = None, refusal.response["Error"]["Code"]
        statuses.append(refusal.response["ResponseMetadata"]["HTTPStatusCode"])
    except BotoCoreError as trouble:
        print(f"{{operation}}: no answer: {{ascii(str(trouble))}}")
        raise SystemExit(2)
    whose = " (second account)" if by is not first else ""
    print(f"{{len(statuses)}} {{operation}}{{whose}} {{ascii(members)}}")
    print(f"  -> {{ascii(answer if error is None else error)}}")
    if operation == {create!a} and answer and answer.get({identity!a}):
        made.append((by, answer[{identity!a}]))
    seen.extend((members.get({identity!a}), shown) for shown in [(answer or {{}}).get("Connection")] if shown)
    seen.extend((item.get({identity!a}), item) for item in (answer or {{}}).get("Connections") or [])
    return answer or ({{}} if error is None else None), error

{handshake}
def main():
'''
_SECOND: Final = """\
if not (os.environ.get("ASSAY_SECOND_ACCESS_KEY_ID") and os.environ.get("ASSAY_SECOND_SECRET_ACCESS_KEY")):
    print("set ASSAY_SECOND_ACCESS_KEY_ID and ASSAY_SECOND_SECRET_ACCESS_KEY: keys of another account", file=sys.stderr)
    raise SystemExit(2)
second = boto3.client(
    {service!a},
    aws_access_key_id=os.environ["ASSAY_SECOND_ACCESS_KEY_ID"],
    aws_secret_access_key=os.environ["ASSAY_SECOND_SECRET_ACCESS_KEY"],
    aws_session_token=os.environ.get("ASSAY_SECOND_SESSION_TOKEN"),
    **OPTIONS,
)
"""
_HANDSHAKE: Final = '''
def handshake(arn):
    """Somebody completes the handshake of a connection, which no operation does; exit code 2 where nobody could."""
    if os.environ.get("ASSAY_HANDSHAKE"):
        done = subprocess.run([*shlex.split(os.environ["ASSAY_HANDSHAKE"]), arn], check=False).returncode == 0
    else:
        body = json.dumps({{"ConnectionArn": arn, "ConnectionStatus": "AVAILABLE"}}).encode()
        door = OPTIONS["endpoint_url"].rstrip("/") + {path!a}
        try:
            urllib.request.urlopen(urllib.request.Request(door, body, method="POST"), timeout=10).close()
            done = True
        except OSError as trouble:
            print(f"{{ascii(door)}}: {{ascii(str(trouble))}}", file=sys.stderr)
            done = False
    statuses.append(200)
    seen.clear()  # what was shown before it may differ
    print(f"{{len(statuses)}} handshake of {{ascii(arn)}}")
    print("  -> completed" if done else "  -> not completed; set ASSAY_HANDSHAKE")
    if not done:
        raise SystemExit(2)

'''
_TAIL: Final = """

try:
    code = main()
finally:
    for by, arn in made:
        try:
            by.{delete}({identity}=arn)
        except (ClientError, BotoCoreError):
            pass  # it is gone already
words = {{0: "kept: ", 1: "broken: ", 2: "look at the answers above: "}}
print(words[code] + SENTENCE + ("" if code == 0 else "; expected: " + EXPECTED))
sys.exit(code)
"""


def script(plan: Plan) -> str:
    """The script's text."""
    lines = [f"name{number} = {'as'!r} + secrets.token_hex(5)" for number in plan.names]
    lines.append("shown = []")
    for step in plan.steps:
        lines += _step(plan, step)
    two_accounts, handshakes = plan.needs_two_accounts, plan.needs_handshakes
    head = _HEAD.format(
        law=plan.law,
        sentence=plan.sentence,
        expected=plan.expected,
        service=plan.service,
        create=_method(plan.create),
        identity=plan.identity,
        notes="".join(f"{note}\n" for note in notes(two_accounts=two_accounts, handshakes=handshakes)),
        imports=imports(("json", "os", "secrets", "sys"), handshakes=handshakes),
        second=_SECOND.format(service=plan.service) if two_accounts else "",
        handshake=_HANDSHAKE.format(path=PATH) if handshakes else "",
    )
    body = "\n".join(f"    {line}" if line else "" for line in lines)
    return f"{head}{body}\n    return 2\n{_TAIL.format(delete=_method(plan.delete), identity=plan.identity)}"


def _step(plan: Plan, step: Step) -> list[str]:
    if step.is_beside:
        return [f"handshake({_expression(step.members[plan.identity])})"]
    by = _by(step)
    members = "".join(f", {key}={_expression(value)}" for key, value in step.members.items())
    lines = [f"answer, error = send({_method(step.operation)!r}{by}{members})"]
    if step.gives is not None and step.gives.kind == "arn":
        lines.append(f"{step.gives.variable} = (answer or {{}}).get({plan.identity!r})")
        if not step.breaks and step.gives.number in _needed(plan):
            lines += [f"if not {step.gives.variable}:", "    return 2"]
    if step.gives is not None and step.gives.kind == "token":
        lines.append(f"{step.gives.variable} = (answer or {{}}).get({plan.token_out!r})")
        first = "shown = " if step.waits_for is None else "shown += "
        lines.append(f"{first}[item.get({plan.identity!r}) for item in (answer or {{}}).get('Connections') or []]")
    waits = step.waits_for
    if waits is not None:
        lines = [f"{step.gives.variable} = None" if step.gives else "", f"if {waits.variable}:", *_inner(lines)]
    return lines + (_verdict(plan, step) if step.breaks else [])


def _verdict(plan: Plan, step: Step) -> list[str]:  # noqa: PLR0911 - one for each kind of claim
    claim = plan.claim
    if plan.look is not None and (claim is None or claim.that == "not-said"):
        return _looked(plan, plan.look)
    if claim is None:
        return ["return 2"]
    if claim.that == "accepted":
        return ["return 0 if error is None else 1"]
    if claim.that == "refused":
        wanted = "error is not None" if claim.code is None else f"error == {claim.code!r}"
        return [f"return 0 if {wanted} else 1"]
    if claim.that == "answered":
        return ["return 0 if statuses[-1] < 500 else 1"]
    if claim.said is not None:
        member, value = claim.said
        text = f'"{member}": {value}'
        return [
            "if error is not None:",
            "    return 2",
            f"return 1 if {text!a} in json.dumps(answer, default=str) else 0",
        ]
    assert step.gives is not None
    sought = plan.sought.variable if plan.sought is not None else ""
    if claim.that == "new":
        return [f"return 0 if {step.gives.variable} != {sought} else 1"]
    token = step.gives.variable
    others = {key: value for key, value in step.members.items() if key != plan.token_in}
    members = "".join(f", {key}={_expression(value)}" for key, value in others.items())
    is_kept = {
        "shown": f"{sought} in shown",
        "not-shown": f"{sought} not in shown",
        "once": f"shown.count({sought}) < 2",
    }[claim.that]
    return [
        "pages = 0",
        f"while {token} and pages < {shell.MOST_PAGES}:  # to the end of the list",
        f"    answer, error = send({_method(plan.list)!r}{_by(step)}{members}, {plan.token_in}={token})",
        f"    {token}, pages = (answer or {{}}).get({plan.token_out!r}), pages + 1",
        f"    shown += [item.get({plan.identity!r}) for item in (answer or {{}}).get('Connections') or []]",
        f"return 0 if {is_kept} else 1",
    ]


def _looked(plan: Plan, look: Look) -> list[str]:
    if look.that == "has":
        return [
            "if error is not None:",
            "    return 2",
            f"return 0 if all(answer.get('Connection', {{}}).get(each) is not None for each in {look.members}) else 1",
        ]
    if look.that == "at-most":
        return [
            "if error is not None:",
            "    return 2",
            f"return 0 if len(answer.get('Connections') or []) <= {look.value} else 1",
        ]
    assert plan.looked_at is not None
    wanted = _expression(plan.wanted) if isinstance(look.value, str) else repr(look.value)
    is_kept = {
        "is": f"all(each == {wanted} for each in values)",
        "is-not": f"{wanted} not in values",
        "agree": "all(each == values[0] for each in values)",
    }[look.that]
    return [
        f"values = [shown.get({look.members[0]!r}) for arn, shown in seen if arn == {plan.looked_at.variable}]",
        f"return 2 if not values else 0 if {is_kept} else 1",
    ]


def _by(step: Step) -> str:
    return "" if step.caller == FIRST else ", second"


def _needed(plan: Plan) -> set[int]:
    """The Creates whose ARNs are used later."""
    parts = (p for step in plan.steps for value in step.members.values() if isinstance(value, tuple) for p in value)
    named = (*parts, plan.sought, plan.looked_at, *plan.wanted)
    return {part.number for part in named if isinstance(part, Ref) and part.kind == "arn"}


def _inner(lines: list[str]) -> list[str]:
    return [f"    {line}" for line in lines]


def _expression(value: Any) -> str:
    if not isinstance(value, tuple):
        return repr(value)
    return " + ".join(_part(part) for part in value)


def _part(part: str | Ref) -> str:
    if isinstance(part, str):
        return ascii(part)
    name = part.variable
    return {
        "cut": f"{name}[:-1]",
        "bare": f"{name}.rpartition('/')[2]",
        "case": f"{name}.rpartition('/')[0] + '/' + {name}.rpartition('/')[2].swapcase()",
    }.get(part.change, name)


def _method(operation: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", operation).lower()
