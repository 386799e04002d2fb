"""Faults in what a Get or a List shows, drafted from the design alone, so that laws meet what they were not cut to.

The sister of `held_out_writes`, and under the same rule: written without a look at how anything is searched for or
judged, and to be left as they are. Here every change is made rightly, and the lie is in the telling: a cache that was
not told, a page that is cut in another place, a text that is decoded once too often, a rare kind of answer.
"""

from __future__ import annotations

import base64
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import unquote_plus

from assay.mutants.catalogue import mutant
from assay.reference import answers, lists, operations
from assay.reference.lists import Page
from assay.reference.refusals import Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from assay.reference.answers import Answer, Outcome
    from assay.reference.connections import Connection
    from assay.reference.lists import PageRequest
    from assay.reference.operations import Call
    from assay.reference.parts import Parts

__all__: list[str] = []

_PATIENCE = 3
_SHORTEST_ID = 8
_STREAMED_FROM = 1024


@mutant("held.name.form-decoded", caught_by=("connection.name.preserved",))
def name_form_decoded(parts: Parts) -> Parts:
    """Get and List show a plus in a name as a space, and `%41` as `A`.

    The stored name passes through a helper that was written for query strings.
    """

    def shown(connection: Connection) -> dict[str, object]:
        return operations.details(connection) | {"ConnectionName": unquote_plus(connection.name)}

    return replace(parts, get_view=shown, list_view=shown)


@mutant("held.arn.renamed-on-later-pages", caught_by=("connection.arn.stable", "connection.list.complete"))
def renamed_on_later_pages(parts: Parts) -> Parts:
    """From the second page of a List on, ARNs name the service `codeconnections`, whatever it was at Create.

    The first page comes from the table; the rest from a search index, which was rebuilt after the service's new name.
    """

    def page(parts: Parts, wanted: PageRequest) -> Page:
        found = lists.page(parts, wanted)
        if wanted.token is None:
            return found
        renamed = (
            replace(each, arn=each.arn.replace(":codestar-connections:", ":codeconnections:", 1))
            for each in found.connections
        )
        return replace(found, connections=tuple(renamed))

    return replace(parts, page=page)


@mutant("held.status.available-at-third-look", caught_by=("connection.status.pending",))
def available_at_third_look(parts: Parts) -> Parts:
    """The third Get of a connection finds it AVAILABLE, and from then on List says the same.

    An emulator has no console, so it plays the handshake for clients that poll: patience is rewarded.
    """
    looks: Counter[str] = Counter()

    def get(parts: Parts, call: Call) -> Mapping[str, object]:
        connection = operations.find(parts, call)
        looks[connection.arn] += 1
        if looks[connection.arn] == _PATIENCE:
            parts.store.update(connection.with_status("AVAILABLE"))
        return operations.get(parts, call)

    return replace(parts, handlers=parts.handlers_with(GetConnection=get))


@mutant("held.get.old-arn-follows-name", caught_by=("connection.get.unknown", "connection.delete.removes"))
def old_arn_follows_name(parts: Parts) -> Parts:
    """Get of a deleted ARN answers with the connection that has its name today, if one has.

    An ARN leads to a name and the name to a connection; Delete takes the second step away, and the next Create with
    the same name puts it back for the old ARN as well.
    """
    names: dict[str, str] = {}

    def get(parts: Parts, call: Call) -> Mapping[str, object]:
        try:
            return operations.get(parts, call)
        except Refusal:
            name = names.get(call.members.text("ConnectionArn"))
            room = (call.caller.account, call.caller.region, name)
            for each in parts.store:
                if (each.account, each.region, each.name) == room:
                    return {"Connection": parts.get_view(each)}
            raise

    def delete(parts: Parts, call: Call) -> Mapping[str, object]:
        connection = operations.find(parts, call)
        names[connection.arn] = connection.name
        return operations.delete(parts, call)

    return replace(parts, handlers=parts.handlers_with(GetConnection=get, DeleteConnection=delete))


@mutant("held.get.short-id", caught_by=("connection.arn.exact",))
def short_id(parts: Parts) -> Parts:
    """Get takes the first eight or more characters of an id for the whole, where they lead to one connection only.

    git and docker do it, it is handy at a terminal, and nobody sends a cut ARN by mistake.
    """

    def get(parts: Parts, call: Call) -> Mapping[str, object]:
        arn = call.members.text("ConnectionArn")
        if parts.store.get(arn) is None and len(arn.rpartition(":connection/")[2]) >= _SHORTEST_ID:
            mine = [each for each in parts.store if each.account == call.caller.account and each.arn.startswith(arn)]
            if len(mine) == 1:
                return {"Connection": parts.get_view(mine[0])}
        return operations.get(parts, call)

    return replace(parts, handlers=parts.handlers_with(GetConnection=get))


@mutant("held.get.summary-after-list", caught_by=("connection.get.details", "connection.list.agrees"))
def summary_after_list(parts: Parts) -> Parts:
    """Get of a connection that a List has shown leaves out the status; before that it is told.

    List fills the cache that Get reads with what it has at hand, and the status is fetched apart.
    """
    cached: set[str] = set()

    def list_view(connection: Connection) -> dict[str, object]:
        cached.add(connection.arn)
        return operations.details(connection)

    def get_view(connection: Connection) -> dict[str, object]:
        shown = operations.details(connection)
        if connection.arn in cached:
            del shown["ConnectionStatus"]
        return shown

    return replace(parts, list_view=list_view, get_view=get_view)


@mutant("held.list.anchor-deleted", caught_by=("connection.list.complete",))
def anchor_deleted(parts: Parts) -> Parts:
    """A walk ends early, with an empty last page, where the last connection of its latest page was deleted meanwhile.

    The token names the connection to go on from; it is looked up, not found, and "nothing found" is a page.
    """

    def page(parts: Parts, wanted: PageRequest) -> Page:
        if wanted.token is not None:
            position = parts.tokens.open(wanted.token, wanted.binding)
            anchor = next(parts.store.after(wanted.account, position - 1), None)
            if anchor is None or anchor.sequence != position:
                return Page(connections=(), next_token=None)
        return lists.page(parts, wanted)

    return replace(parts, page=page)


@mutant("held.list.newest-pinned", caught_by=("connection.list.once",))
def newest_pinned(parts: Parts) -> Parts:
    """A walk of several pages shows the newest connection twice: first of all, and again in its place at the end.

    A recent connection is what one looks for, so the first page has it on top, as a console would.
    """

    def page(parts: Parts, wanted: PageRequest) -> Page:
        found = lists.page(parts, wanted)
        if wanted.token is not None or found.next_token is None:
            return found
        *_, newest = (each for each in parts.listed(parts, wanted.account, 0) if wanted.admits(each))
        older = found.connections[: wanted.size - 1]
        position = older[-1].sequence if older else 0
        return Page(connections=(newest, *older), next_token=parts.tokens.seal(position, wanted.binding))

    return replace(parts, page=page)


@mutant("held.list.orphan-joins", caught_by=("connection.list.page-size",))
def orphan_joins(parts: Parts) -> Parts:
    """A page that would leave a single connection for the last one takes it in: MaxResults of 3 shows 4 of 4.

    Paginators of web frameworks have such an option for orphans, and it was on in the project that this was cut from.
    """

    def page(parts: Parts, wanted: PageRequest) -> Page:
        with_orphan = lists.page(parts, replace(wanted, size=wanted.size + 1))
        return lists.page(parts, wanted) if with_orphan.next_token is not None else with_orphan

    return replace(parts, page=page)


@mutant("held.filter.cache-survives-delete", caught_by=("connection.list.truth", "connection.delete.removes"))
def filter_cache_survives_delete(parts: Parts) -> Parts:
    """The first page of a List with a ProviderTypeFilter is remembered until the next Create: deleted ones stay on it.

    Filtering is the slow path, so it got a cache; Create empties it, and Delete was added to the code later.
    """
    remembered: dict[tuple[bytes, int], Page] = {}

    def page(parts: Parts, wanted: PageRequest) -> Page:
        if wanted.provider_type is None or wanted.token is not None:
            return lists.page(parts, wanted)
        key = (wanted.binding, wanted.size)
        if key not in remembered:
            remembered[key] = lists.page(parts, wanted)
        return remembered[key]

    def create(parts: Parts, call: Call) -> Mapping[str, object]:
        remembered.clear()
        return operations.create(parts, call)

    return replace(parts, page=page, handlers=parts.handlers_with(CreateConnection=create))


@mutant("held.token.remembers-everything", caught_by=("connection.list.token",))
def token_remembers_everything(parts: Parts) -> Parts:
    """A token carries the ARNs of all that the walk has shown, and from some eight of them on is longer than allowed.

    A server without state keeps the walk's state in the token, to show nothing twice, and was tried with three items.
    """
    sealed: dict[str, str] = {}

    def page(parts: Parts, wanted: PageRequest) -> Page:
        given = wanted.token or ""
        short = sealed.get(given, wanted.token)
        found = lists.page(parts, replace(wanted, token=short))
        if found.next_token is None:
            return found
        before = given.removeprefix(short or "")
        shown = base64.b64encode("".join(each.arn for each in found.connections).encode()).decode()
        token = f"{found.next_token}{before}{shown}"
        sealed[token] = found.next_token
        return replace(found, next_token=token)

    return replace(parts, page=page)


@mutant("held.wire.streamed-content-type", caught_by=("wire.content-type",))
def streamed_content_type(parts: Parts) -> Parts:
    """A successful answer of more than 1,024 bytes, so a List of five or more, is called `application/json`.

    Small answers are built by hand; large ones go through the framework's streaming response, which has its own idea.
    """

    def answer(operation: str, outcome: Outcome) -> Answer:
        careful = answers.render(operation, outcome)
        if isinstance(outcome, Refusal) or len(careful.body) <= _STREAMED_FROM:
            return careful
        others = tuple(each for each in careful.headers if each[0] != b"content-type")
        return replace(careful, headers=((b"content-type", b"application/json"), *others))

    return replace(parts, answer=answer)


@mutant("held.wire.complaints-as-list", caught_by=("wire.error-shape",))
def complaints_as_list(parts: Parts) -> Parts:
    """A request that breaks two constraints at once is refused with a bare list of complaints, and no type anywhere.

    One complaint is put into AWS's words; for several there was no sample, so the validation
    library's own form goes out.
    """

    def answer(operation: str, outcome: Outcome) -> Answer:
        careful = answers.render(operation, outcome)
        message = outcome.message if isinstance(outcome, Refusal) else None
        _, several, complaints = (message or "").partition(" validation errors detected: ")
        if not several:
            return careful
        return replace(careful, body=answers.encode({"errors": complaints.split("; ")}).encode())

    return replace(parts, answer=answer)
