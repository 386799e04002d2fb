"""A finding as lines for the AWS CLI, where it would send them: some inputs it refuses before they are sent."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from assay.reproducers import shell

if TYPE_CHECKING:
    from collections.abc import Mapping

    from assay.reproducers.plan import Plan

__all__ = ["script"]

_PRELUDE: Final = """\
export AWS_MAX_ATTEMPTS=1 AWS_PAGER=
send() {{ # command, input
  if answer=$(aws {service} "$1" --endpoint-url "$AWS_ENDPOINT_URL" --region "$region" --output json \\
    --cli-input-json "$2" 2>&1); then error=
  else error=$(printf %s "$answer" | sed -n 's/.*error occurred (\\([A-Za-z0-9]*\\)).*/\\1/p')
    [ -n "$error" ] || finish 2
  fi
  number=$((number + 1)); printf '%s %s %s\\n  -> %s\\n' "$number" "$1" "$2" "$answer" | tr -d '\\033\\r'
}}
"""


def script(plan: Plan) -> str:
    """The script's text."""

    def send(operation: str, members: Mapping[str, Any]) -> str:
        return f"send {_command(operation)} {shell.json_text(members)}"

    delete = f"""send {_command(plan.delete)} '{{"{plan.identity}":"'"$arn"'"}}'"""
    return shell.script(plan, prelude=_PRELUDE.format(service=plan.service), delete=delete, send=send)


def _command(operation: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "-", operation).lower()
