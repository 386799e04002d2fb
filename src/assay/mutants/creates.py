"""Faults of Create: it takes what it must not, refuses what it must take, or leaves something behind."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from assay.mutants.catalogue import mutant
from assay.mutants.wrapping import given_as, handled_as, ruled_as
from assay.reference.connections import Connection
from assay.reference.constraints import Text
from assay.reference.refusals import VALIDATION, Refusal, broken_constraints

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from assay.reference.constraints import Member
    from assay.reference.operations import Call
    from assay.reference.parts import Handler, Parts

_CREATE = "CreateConnection"
_PROVIDERS = {
    provider.casefold(): provider
    for provider in ("Bitbucket", "GitHub", "GitHubEnterpriseServer", "GitLab", "GitLabSelfManaged")
}
_LONGEST = 32
_LONGEST_KEY = 100
_MANY = 50
_RARELY = 50


def _ruled(parts: Parts, name: str, rule: Text) -> Parts:
    return ruled_as(parts, (_CREATE,), name, lambda member: replace(member, rule=rule))


@mutant("create.any-provider", caught_by=("connection.create.provider",))
def any_provider(parts: Parts) -> Parts:
    """Accept any text as a ProviderType.

    The emulator does nothing with a provider, so it never looks at one.
    """
    return _ruled(parts, "ProviderType", Text(maximum=256))


@mutant("create.provider-in-any-case", caught_by=("connection.create.provider",))
def provider_in_any_case(parts: Parts) -> Parts:
    """Accept a ProviderType in whatever case, and keep it as AWS writes it.

    Enumerations of the emulator's language are looked up that way, and it seemed kind.
    """

    def change(given: dict[str, object]) -> dict[str, object]:
        provider = given.get("ProviderType")
        if not isinstance(provider, str):
            return given
        return {**given, "ProviderType": _PROVIDERS.get(provider.casefold(), provider)}

    return given_as(parts, _CREATE, change)


@mutant("create.azure-accepted", caught_by=("connection.create.provider",), clause="other-edition")
def azure_accepted(parts: Parts) -> Parts:
    """Accept AzureDevOps, which only the sister service knows, and only today's.

    One list of providers serves both services of the emulator.
    """

    def change(member: Member) -> Member:
        assert isinstance(member.rule, Text)
        return replace(member, rule=replace(member.rule, values=(*member.rule.values, "AzureDevOps")))

    return ruled_as(parts, (_CREATE,), "ProviderType", change)


@mutant("create.default-provider", caught_by=("connection.create.required",), clause="neither")
def default_provider(parts: Parts) -> Parts:
    """Make a connection to Bitbucket where neither a provider nor a host is given.

    The model of today requires neither, and something has to stand there.
    """

    def change(given: dict[str, object]) -> dict[str, object]:
        if given.get("ProviderType") is None and given.get("HostArn") is None:
            return {**given, "ProviderType": "Bitbucket"}
        return given

    return given_as(parts, _CREATE, change)


@mutant("create.default-name", caught_by=("connection.create.required",))
def default_name(parts: Parts) -> Parts:
    """Make up a name where none is given.

    Many services of AWS do so, and CloudFormation does it for most.
    """
    numbers = iter(range(1, 2**62))

    def change(given: dict[str, object]) -> dict[str, object]:
        if given.get("ConnectionName") is None:
            return {**given, "ConnectionName": f"connection-{next(numbers)}"}
        return given

    return given_as(parts, _CREATE, change)


@mutant("create.gitlab-refused", caught_by=("connection.create.accepts",))
def gitlab_refused(parts: Parts) -> Parts:
    """Refuse GitLab as a provider.

    It came in August 2023, and the emulator's model is older.
    """

    def change(member: Member) -> Member:
        assert isinstance(member.rule, Text)
        return replace(member, rule=replace(member.rule, values=tuple(set(member.rule.values) - {"GitLab"})))

    return ruled_as(parts, (_CREATE,), "ProviderType", change)


@mutant("create.tags-refused", caught_by=("connection.create.accepts",))
def tags_refused(parts: Parts) -> Parts:
    """Refuse a Create with tags.

    Tags are not built yet, and to refuse them seemed more honest than to lose them.
    """
    return _refusing(parts, lambda _, call: bool(call.members.tags("Tags")), "Tags are not supported")


@mutant("create.long-tags-refused", caught_by=("connection.create.accepts",))
def long_tags_refused(parts: Parts) -> Parts:
    """Refuse a tag whose key has more than a hundred characters.

    The column has a hundred, and the model was looked at for the name alone.
    """

    def is_met(_: Parts, call: Call) -> bool:
        return any(len(key) > _LONGEST_KEY for key in call.members.tags("Tags"))

    return _refusing(parts, is_met, "Key too long")


@mutant("create.refused-beyond-fifty", caught_by=("connection.create.accepts",))
def refused_beyond_fifty(parts: Parts) -> Parts:
    """Refuse a Create as invalid once the account holds fifty connections.

    The record of the account has a fixed number of slots, and the one behind the last is an invalid one.
    """
    return _refusing(parts, lambda parts_now, call: parts_now.store.count(call.caller.account) >= _MANY, "Invalid slot")


@mutant("create.every-fiftieth-refused", caught_by=("connection.create.accepts",))
def every_fiftieth_refused(parts: Parts) -> Parts:
    """Refuse every fiftieth Create.

    A cursor of the database is exhausted, the error is turned into a refusal, and the next call opens a new one.
    """
    turns = iter(range(1, 2**62))
    return _refusing(parts, lambda _, __: next(turns) % _RARELY == 0, "Invalid cursor")


def _refusing(parts: Parts, is_refused: Callable[[Parts, Call], bool], message: str) -> Parts:
    def change(careful: Handler) -> Handler:
        def create(parts_now: Parts, call: Call) -> Mapping[str, object]:
            if is_refused(parts_now, call):
                raise Refusal("ValidationException", message, namespace=VALIDATION)
            return careful(parts_now, call)

        return create

    return handled_as(parts, _CREATE, change)


@mutant("create.duplicate-leaves-a-trace", caught_by=("connection.create.no-trace",))
def duplicate_leaves_a_trace(parts: Parts) -> Parts:
    """Store the second connection of a name, and then refuse it.

    The row is written first, the check for names runs over what is written, and nothing is rolled back.
    """

    def change(careful: Handler) -> Handler:
        def create(parts_now: Parts, call: Call) -> Mapping[str, object]:
            try:
                return careful(parts_now, call)
            except Refusal as refusal:
                if refusal.code == "ResourceAlreadyExistsException":
                    _leave(parts_now, call)
                raise

        return create

    return handled_as(parts, _CREATE, change)


@mutant("create.checked-too-late", caught_by=("connection.create.no-trace",))
def checked_too_late(parts: Parts) -> Parts:
    """Store a connection whose name is too long, and then refuse it.

    The length is checked where the answer is made.
    """

    def change(careful: Handler) -> Handler:
        def create(parts_now: Parts, call: Call) -> Mapping[str, object]:
            if len(call.members.text("ConnectionName")) > _LONGEST:
                _leave(parts_now, call)
                raise broken_constraints(["Member must have length less than or equal to 32"])
            return careful(parts_now, call)

        return create

    return _ruled(handled_as(parts, _CREATE, change), "ConnectionName", Text(minimum=1, maximum=4096))


def _leave(parts: Parts, call: Call) -> None:
    """Leave a connection behind that nobody was told of."""
    name, caller = call.members.text("ConnectionName"), call.caller
    parts.store.add(
        Connection(
            sequence=parts.store.next_sequence(),
            arn=parts.mint(parts, caller, call.service, name),
            name=name,
            provider_type=call.members.optional_text("ProviderType") or "Bitbucket",
            account=caller.account,
            region=caller.region,
        )
    )


@mutant("create.refused-takes-the-name", caught_by=("connection.create.accepts",))
def refused_takes_the_name(parts: Parts) -> Parts:
    """Take the name of a Create that is refused for its provider, and never give it back.

    The name is reserved before anything is checked, so that two at once cannot have it.
    """
    reserved: set[tuple[str, str]] = set()
    known: set[str] = set()

    def change(careful: Handler) -> Handler:
        def create(parts_now: Parts, call: Call) -> Mapping[str, object]:
            key = call.caller.account, call.members.text("ConnectionName")
            if key in reserved:
                raise Refusal("ResourceAlreadyExistsException", f"The name '{key[1]}' is reserved")
            provider = call.members.optional_text("ProviderType")
            if provider is not None and provider not in known:
                reserved.add(key)
                raise broken_constraints([f"Value '{provider}' at 'providerType' is unknown"])
            return careful(parts_now, call)

        return create

    def rule(member: Member) -> Member:
        assert isinstance(member.rule, Text)
        known.update(member.rule.values)
        return replace(member, rule=Text(maximum=256))

    return ruled_as(handled_as(parts, _CREATE, change), (_CREATE,), "ProviderType", rule)


def _answering(parts: Parts, change: Callable[[Mapping[str, object]], Mapping[str, object]]) -> Parts:
    def around(careful: Handler) -> Handler:
        return lambda parts_now, call: change(careful(parts_now, call))

    return handled_as(parts, _CREATE, around)


@mutant("create.answers-with-nothing", caught_by=("wire.schema",))
def answers_with_nothing(parts: Parts) -> Parts:
    """Answer with an empty object.

    The handler stores the connection and returns nothing; who wants the ARN can list.
    """
    return _answering(parts, lambda _: {})


@mutant("create.arn-null", caught_by=("wire.schema",))
def arn_null(parts: Parts) -> Parts:
    """Answer with null for the ARN.

    The answer is made from the request's record, which the database has not completed yet.
    """
    return _answering(parts, lambda answer: {**answer, "ConnectionArn": None})


@mutant("create.answers-as-get", caught_by=("wire.schema",))
def answers_as_get(parts: Parts) -> Parts:
    """Answer with the whole connection, as Get does, and without the ARN beside it.

    A REST framework returns what it made.
    """

    def around(careful: Handler) -> Handler:
        def create(parts_now: Parts, call: Call) -> Mapping[str, object]:
            made = parts_now.store.get(str(careful(parts_now, call)["ConnectionArn"]))
            assert made is not None
            return {"Connection": parts_now.get_view(made)}

        return create

    return handled_as(parts, _CREATE, around)


@mutant("create.tags-an-object", caught_by=("wire.schema",))
def tags_an_object(parts: Parts) -> Parts:
    """Answer with an empty object for Tags.

    Tags are a map within the emulator, and most other AWS services show a map, too.
    """
    return _answering(parts, lambda answer: {**answer, "Tags": {}})
