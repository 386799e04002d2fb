"""A finding as curl lines, signed by curl's own `--aws-sigv4` (7.75 or later); a POSIX shell and sed do the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from assay.reproducers import shell

if TYPE_CHECKING:
    from collections.abc import Mapping

    from assay.reproducers.plan import Plan

__all__ = ["script"]

_PRELUDE: Final = """\
send() {{ # operation, body
  answer=$(curl -sS -X POST "${{AWS_ENDPOINT_URL%/}}/" --aws-sigv4 "aws:amz:$region:{service}" \\
    --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" \\
    ${{AWS_SESSION_TOKEN:+-H "x-amz-security-token: $AWS_SESSION_TOKEN"}} \\
    -H "X-Amz-Target: {target}.$1" -H 'Content-Type: application/x-amz-json-{version}' \\
    -w '\\n%{{http_code}}' --data-binary "$2") || finish 2
  status=$(printf %s "$answer" | tail -n 1); answer=$(printf %s "$answer" | sed '$d')
  error=; case $status in 2??) ;; *) error=$(field __type | sed 's/.*#//'); error=${{error:-$status}};; esac
  number=$((number + 1)); printf '%s %s %s\\n  -> %s %s\\n' "$number" "$1" "$2" "$status" "$answer" | tr -d '\\033\\r'
}}
"""


def script(plan: Plan) -> str:
    """The script's text."""

    def send(operation: str, members: Mapping[str, Any]) -> str:
        return f"send {operation} {shell.json_text(members)}"

    prelude = _PRELUDE.format(service=plan.service, target=plan.target, version=plan.json_version)
    delete = f"""send {plan.delete} '{{"{plan.identity}":"'"$arn"'"}}'"""
    return shell.script(plan, prelude=prelude, delete=delete, send=send)
