"""What comes of an unusual input: a name that is taken, an ARN that is none, a page size beyond the range.

An input is unusual in one way at most: where there are two, nobody can say which of them the answer is about.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from assay.history import Accepted
from assay.observations.values import answer_in_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from assay.contract import Contract
    from assay.history import Call
    from assay.observations.values import Values

__all__ = ["Inputs"]

_CONTROL: Final = frozenset(map(chr, (*range(0x20), *range(0x7F, 0xA0))))
_HOST: Final = "HostArn"
_SELF_MANAGED: Final = frozenset({"GitHubEnterpriseServer", "GitLabSelfManaged"})
_UNUSUAL: Final = object()


class Inputs:
    """Remembers what was made and deleted, as far as that is needed to know what is unusual.

    `made` maps the ARNs that live to how many connections were made before theirs. What is taken is known only from
    calls that were alone under way.
    """

    def __init__(self, contract: Contract, values: Values) -> None:
        self._contract = contract
        self._note = values.note
        self._name, self._kind = contract.resource.name, contract.resource.kind
        self._arn, paging = contract.resource.identity, contract.pagination
        self._token_in, self._token_out, self._size = paging.token_in, paging.token_out, paging.page_size
        self._filters = [member for member, filtered in paging.filters.items() if filtered == contract.resource.kind]
        self._kinds, self._every_kind = frozenset(contract.kinds), contract.every_kind
        self._roles = {
            contract.create.name: self._create,
            contract.get.name: self._get,
            contract.delete.name: self._delete,
            contract.list.name: self._list,
        }
        self.made: dict[str, int] = {}
        self._heads: set[str] = set()
        self._count = 0
        self._names: dict[str, str] = {}
        self._taken: dict[str, str] = {}
        self._gone: set[str] = set()
        self._tokens: dict[str, bool] = {}

    def add(self, call: Call, *, is_alone: bool) -> bool:
        """Look at a call; was there nothing unusual about it?"""
        role = self._roles.get(call.operation)
        if role is None:
            return False
        ways = list(role(call, is_alone))
        if len(ways) == 1 and ways[0] is not _UNUSUAL:
            self._note(ways[0], answer_in_words(call.outcome))
        return not ways

    def remember(self, call: Call) -> None:
        """Take in what a call made or deleted, and nothing of how it was answered."""
        role = self._roles.get(call.operation)
        if role is not None:
            list(role(call, False))  # noqa: FBT003 - as of all four
        elif isinstance(call.outcome, Accepted) and isinstance(arn := call.outcome.output.get(self._arn), str):
            self.made.setdefault(arn, self._count)

    def _create(self, call: Call, is_alone: bool) -> Iterator[Any]:  # noqa: FBT001 - one of four of a kind
        name = call.input.get(self._name)
        yield from self._unusual_name(call.input, name)
        yield from self._unusual_kind(call.input)
        if not isinstance(name, str):
            return
        if name in self._taken:
            yield "create.duplicate-name" if is_alone else _UNUSUAL
        arn = call.outcome.output.get(self._arn) if isinstance(call.outcome, Accepted) else None
        if isinstance(arn, str):
            self._count += 1
            self.made[arn] = self._count
            self._heads.add(arn.rpartition("/")[0])
            if is_alone:
                self._taken[name], self._names[arn] = arn, name

    def _unusual_kind(self, given: Mapping[str, Any]) -> Iterator[Any]:
        kind = given.get(self._kind)
        if kind is None:
            if given.get(_HOST) is None:
                yield "create.without-provider"
        elif not isinstance(kind, str):
            yield _UNUSUAL
        elif kind not in self._kinds:
            yield "create.provider-of-another-edition" if kind in self._every_kind else "create.provider-unknown"
        elif kind in _SELF_MANAGED and given.get(_HOST) is None:
            yield "create.without-host"
        elif given.get(_HOST) is not None:
            yield _UNUSUAL

    def _unusual_name(self, given: Mapping[str, Any], name: Any) -> Iterator[Any]:
        bounds = self._contract.name_length
        if name is None:
            yield "create.without-name" if self._name not in given else _UNUSUAL
        elif not isinstance(name, str):
            yield _UNUSUAL
        elif not name:
            yield "create.name-empty"
        elif bounds.maximum is not None and len(name) > bounds.maximum:
            yield "create.name-too-long"
        elif not name.isprintable() and not _CONTROL.isdisjoint(name):
            yield "create.name-control-characters"

    def _get(self, call: Call, is_alone: bool) -> Iterator[Any]:  # noqa: FBT001
        return self._unusual_arn(call, "get", is_alone)

    def _delete(self, call: Call, is_alone: bool) -> Iterator[Any]:  # noqa: FBT001
        yield from self._unusual_arn(call, "delete", is_alone)
        arn = call.input.get(self._arn)
        if isinstance(arn, str) and arn in self.made:
            name = self._names.pop(arn, None)  # whatever came of it, nobody counts on the name any more
            if name is not None and self._taken.get(name) == arn:
                del self._taken[name]
            if isinstance(call.outcome, Accepted):
                del self.made[arn]
                self._gone.add(arn)

    def _unusual_arn(self, call: Call, verb: str, is_alone: bool) -> Iterator[Any]:  # noqa: FBT001
        arn = call.input.get(self._arn)
        if arn is None:
            yield f"{verb}.without-arn" if self._arn not in call.input else _UNUSUAL
        elif not isinstance(arn, str):
            yield _UNUSUAL
        elif arn in self.made:
            return
        elif arn in self._gone:
            yield f"{verb}.deleted-arn" if is_alone else _UNUSUAL
        elif self._contract.identity_pattern.fullmatch(arn) is None:
            yield f"{verb}.malformed-arn"
        else:
            yield f"{verb}.{'unknown-arn' if arn.rpartition('/')[0] in self._heads else 'arn-elsewhere'}"

    def _list(self, call: Call, _is_alone: bool) -> Iterator[Any]:  # noqa: FBT001
        given = call.input
        yield from self._unusual_size(given.get(self._size))
        for member in self._filters:
            wanted = given.get(member)
            if wanted is not None and not (isinstance(wanted, str) and wanted in self._every_kind):
                yield "list.filter-unknown" if isinstance(wanted, str) else _UNUSUAL
        token = given.get(self._token_in)
        if token is not None:
            yield from self._unusual_token(token)
        if isinstance(call.outcome, Accepted):
            given_out = call.outcome.output.get(self._token_out)
            if isinstance(given_out, str) and given_out:
                self._tokens.setdefault(given_out, False)

    def _unusual_size(self, size: Any) -> Iterator[Any]:
        bounds = self._contract.page_sizes
        if size is not None:
            if not isinstance(size, int) or isinstance(size, bool):
                yield _UNUSUAL
            elif size == 0:
                yield "list.max-results-zero"
            elif bounds.maximum is not None and size > bounds.maximum:
                yield "list.max-results-above"
            elif size < 0:
                yield "list.max-results-below"

    def _unusual_token(self, token: Any) -> Iterator[Any]:
        if not isinstance(token, str):
            yield _UNUSUAL
            return
        is_used = self._tokens.get(token)
        if is_used is None:
            yield "list.token-forged"
            return
        if is_used:
            yield "list.token-again"
        self._tokens[token] = True
