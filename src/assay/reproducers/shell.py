"""What scripts for a POSIX shell have in common: the head, texts with variables in them, the verdict, the clean-up."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING, Any, Final

from assay.history import FIRST
from assay.reproducers.surroundings import PATH, notes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from assay.reproducers.plan import Plan, Step
    from assay.reproducers.symbols import Ref

__all__ = ["MOST_PAGES", "json_text", "script"]

MOST_PAGES: Final = 1_000

_HEAD: Final = """\
#!/bin/sh
# {law}
# Exit code 1: the fault shows. 0: it does not. 2: this script cannot say.
# Endpoint and credentials are those of the environment.
{notes}if [ -z "$AWS_ENDPOINT_URL" ] || [ -z "$AWS_ACCESS_KEY_ID" ] || [ -z "$AWS_SECRET_ACCESS_KEY" ]; then
  echo "set AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY" >&2; exit 2
fi
{second}region=${{AWS_REGION:-${{AWS_DEFAULT_REGION:-us-east-1}}}}
sentence={sentence}
expected={expected}
made= number=0
fresh() {{ echo "as$(od -An -N5 -tx1 /dev/urandom | tr -d ' \\n')"; }}
field() {{ printf %s "$answer" | tr -d '\\n' | sed -n 's/.*"'"$1"'" *: *"\\([^"]*\\)".*/\\1/p' | sed 's,\\\\/,/,g'; }}
finish() {{
  for arn in $made; do {whose}{delete}; done >/dev/null 2>&1
  case $1 in 0) echo "kept: $sentence";; 1) echo "broken: $sentence; expected: $expected";;
  *) echo "look at the answers above: $sentence; expected: $expected";; esac
  exit "$1"
}}
"""
_SECOND: Final = """\
if [ -z "$ASSAY_SECOND_ACCESS_KEY_ID" ] || [ -z "$ASSAY_SECOND_SECRET_ACCESS_KEY" ]; then
  echo "set ASSAY_SECOND_ACCESS_KEY_ID and ASSAY_SECOND_SECRET_ACCESS_KEY: keys of another account" >&2; exit 2
fi
key=$AWS_ACCESS_KEY_ID secret=$AWS_SECRET_ACCESS_KEY session=$AWS_SESSION_TOKEN
by() { # first or second: whose keys sign what follows
  AWS_ACCESS_KEY_ID=$key AWS_SECRET_ACCESS_KEY=$secret AWS_SESSION_TOKEN=$session
  if [ "$1" = second ]; then
    AWS_ACCESS_KEY_ID=$ASSAY_SECOND_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY=$ASSAY_SECOND_SECRET_ACCESS_KEY
    AWS_SESSION_TOKEN=$ASSAY_SECOND_SESSION_TOKEN
  fi
  export AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN
}
"""
_WHOSE: Final = 'by "${arn%%@*}"; arn=${arn#*@}; '
_HANDSHAKE: Final = """handshake() { # ARN
  if [ -n "$ASSAY_HANDSHAKE" ]; then eval "$ASSAY_HANDSHAKE \\"\\$1\\""
  else curl -sS -f -o /dev/null -X POST "${AWS_ENDPOINT_URL%/}%PATH%" \\
    --data-binary '{"ConnectionArn":"'"$1"'","ConnectionStatus":"AVAILABLE"}'
  fi || { echo "the handshake was not completed; set ASSAY_HANDSHAKE" >&2; finish 2; }
  number=$((number + 1)); echo "$number handshake of $1"
}
"""


def script(plan: Plan, *, prelude: str, delete: str, send: Callable[[str, Mapping[str, Any]], str]) -> str:
    """A script's text. `prelude` defines how a call sets `answer` and `error` (empty for a yes); `send` is one."""
    two_accounts, handshakes = plan.needs_two_accounts, plan.needs_handshakes
    lines = [
        _HEAD.format(
            law=plan.law,
            sentence=_safe(plan.sentence),
            expected=_safe(plan.expected),
            delete=delete,
            notes="".join(f"# {note}\n" for note in notes(two_accounts=two_accounts, handshakes=handshakes)),
            second=_SECOND if two_accounts else "",
            whose=_WHOSE if two_accounts else "",
        ).rstrip(),
        *([_HANDSHAKE.replace("%PATH%", PATH).rstrip()] if handshakes else []),
        prelude.rstrip(),
        *(f"name{number}=$(fresh)" for number in plan.names),
    ]
    before = FIRST
    for step in plan.steps:
        lines += [f"by {step.caller}"] if step.caller != before else []
        lines += _step(plan, step, send)
        before = step.caller
    return "\n".join([*lines, "finish 2", ""])


def json_text(members: Mapping[str, Any]) -> str:
    """Members as a shell word that is a JSON object, with variables where the script has something of its own."""
    text = json.dumps({key: _marked(value) for key, value in members.items()}, ensure_ascii=True)
    parts = text.replace("'", "\\u0027").split("\\u0001")
    return "".join(f'"{part}"' if number % 2 else f"'{part}'" for number, part in enumerate(parts)).replace("''", "")


def _marked(value: Any) -> Any:
    if not isinstance(value, tuple):
        return value
    return "".join(part if isinstance(part, str) else f"\x01{_variable(part)}\x01" for part in value)


def _variable(ref: Ref) -> str:
    name = ref.variable
    swap = "tr a-zA-Z A-Za-z"
    return {
        "cut": f"${{{name}%?}}",
        "bare": f"${{{name}##*/}}",
        "case": f"${{{name}%/*}}/$(echo ${{{name}##*/}} | {swap})",
    }.get(ref.change, f"${{{name}}}")


def _step(plan: Plan, step: Step, send: Callable[[str, Mapping[str, Any]], str]) -> list[str]:
    if step.is_beside:
        arn = "".join(part if isinstance(part, str) else _variable(part) for part in step.members[plan.identity])
        return [f'handshake "{arn}"']
    lines = [send(step.operation, step.members)]
    gives = step.gives
    if gives is not None and gives.kind == "arn":
        whose = f"{step.caller}@" if plan.needs_two_accounts else ""
        lines.append(f'{gives.variable}=$(field {plan.identity}); made="$made {whose}${gives.variable}"')
    if gives is not None and gives.kind == "token":
        lines.append(f"{gives.variable}=$(field {plan.token_out})")
        lines.append("shown=$answer" if step.waits_for is None else 'shown="$shown $answer"')
    if step.waits_for is not None:
        assert gives is not None
        body = "\n  ".join(lines)
        lines = [f'{gives.variable}=\nif [ -n "${step.waits_for.variable}" ]; then\n  {body}\nfi']
    return lines + (_verdict(plan, step, send) if step.breaks else [])


def _verdict(plan: Plan, step: Step, send: Callable[[str, Mapping[str, Any]], str]) -> list[str]:  # noqa: PLR0911 - one for each kind of claim
    claim = plan.claim
    if claim is None:
        return ["finish 2"]
    if claim.that == "accepted":
        return ['[ -z "$error" ] && finish 0 || finish 1']
    if claim.that == "refused":
        wanted = '[ -n "$error" ]' if claim.code is None else f'[ "$error" = {claim.code} ]'
        return [f"{wanted} && finish 0 || finish 1"]
    if claim.that == "answered":
        return ["case ${status:-} in 5??) finish 1;; [234]??) finish 0;; *) finish 2;; esac"]
    if claim.said is not None:
        member, value = claim.said
        text = shlex.quote(f'"{member}":{value}')
        said = "$(printf %s \"$answer\" | tr -d ' \\n')"
        return ['[ -z "$error" ] || finish 2', f"case {said} in *{text}*) finish 1;; *) finish 0;; esac"]
    assert step.gives is not None
    sought = f"${plan.sought.variable}" if plan.sought is not None else ""
    if claim.that == "new":
        return [f'[ "${step.gives.variable}" != "{sought}" ] && finish 0 || finish 1']
    token = step.gives
    more = send(plan.list, {**step.members, plan.token_in: (token,)})
    shown = "$(printf %s \"$shown\" | sed 's,\\\\/,/,g')"
    is_kept = {
        "shown": f'case {shown} in *"{sought}"*) finish 0;; *) finish 1;; esac',
        "not-shown": f'case {shown} in *"{sought}"*) finish 1;; *) finish 0;; esac',
        "once": f'case {shown} in *"{sought}"*"{sought}"*) finish 1;; *) finish 0;; esac',
    }[claim.that]
    return [
        "pages=0",
        f'while [ -n "${token.variable}" ] && [ $pages -lt {MOST_PAGES} ]; do # to the end of the list',
        f"  {more}",
        f'  {token.variable}=$(field {plan.token_out}); shown="$shown $answer"; pages=$((pages + 1))',
        "done",
        is_kept,
    ]


def _safe(text: str) -> str:
    return shlex.quote(ascii(text)[1:-1])
