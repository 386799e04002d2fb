"""What to do, as data: a program is a list of symbolic steps.

A program names nothing that exists. It says `create #1`, `get #1`, `walk by 2, delete #0 after page 1`; the driver
gives the labels their ARNs and the slots their names when it runs, and fresh ones each time. So one program can be
drawn by Hypothesis, shrunk, stored, replayed against another endpoint and printed as a person would write it, and no
run of it collides with what an earlier run left behind. A call is signed well, unless its step names another of the
words of `assay.signings`. It is sent from the first of the run's accounts, unless its step says the second: labels and
slots mean the same in both, so one account can be handed what the other was given.

Two words need care. A *label* (`#1`) is a connection: the one that the Create step of that label made, if it made one;
a step whose label was never made is passed over. A *slot* is a name: steps of one slot share a fresh stem, so the same
slot with the same text around it is the same name twice, and with other text around it a twin (another case, a space
more, another normal form).

Steps follow each other, but for those in the branches of a `Parallel`: these are taken at once, one branch beside the
other, and what follows it begins when the last branch has ended.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, ClassVar, Final, TypeAlias

from assay.history import FIRST
from assay.recipe import Recipe
from assay.signings import SIGNINGS, VALID

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from hypothesis.vendor.pretty import RepresentationPrinter

    from assay.history import Leg

__all__ = [
    "ARN_CHANGES",
    "Arn",
    "Create",
    "Delete",
    "Fill",
    "Get",
    "Handshake",
    "List",
    "Name",
    "Parallel",
    "Program",
    "Send",
    "SingleStep",
    "Step",
    "Token",
    "Walk",
    "enlarged",
    "repeated",
    "steps_within",
]

ARN_CHANGES: Final = (
    "exact",  # as it was given
    "cut",  # without its last character
    "extended",  # with one character more
    "case",  # the random part in the other case
    "bare",  # the random part alone
    "fresh",  # our prefix and an id of 128 random bits
    "other-account",  # the rest: a fresh id, under another account, Region, service or resource type
    "other-region",
    "other-service",
    "other-type",
)


@dataclass(frozen=True, slots=True)
class Name:
    """The shape of a ConnectionName: a fresh stem for the slot, with text before and after it.

    `length`, in code points, cuts or pads the whole to exactly that; where it leaves no room for the stem, the name is
    made of fresh ideographs instead, and where it is 0 the name is empty.
    """

    slot: int = 0
    before: str = ""
    after: str = ""
    length: int | None = None

    def __str__(self) -> str:
        """As a person would write it: `name0`, `name0+'é'`, `name0 (32 characters)`."""
        text = f"name{self.slot}" if self.slot >= 0 else f"the name of #{-1 - self.slot}"
        if self.before:
            text = f"{self.before!a}+{text}"
        if self.after:
            text = f"{text}+{self.after!a}"
        return text if self.length is None else f"{text} ({self.length} characters)"


@dataclass(frozen=True, slots=True)
class Arn:
    """Which ARN a step sends: that of a label, changed or exact; a made-up one; or a text that the pattern forbids."""

    of: int | None = None
    change: str = "exact"
    literal: str | None = None

    def __str__(self) -> str:
        """As a person would write it: `#1`, `#1 cut`, `a fresh ARN`."""
        if self.literal is not None:
            return ascii(self.literal)
        if self.of is None:
            return f"an ARN of {self.change.replace('other-', 'another ')}" if self.change != "fresh" else "a fresh ARN"
        return f"#{self.of}" if self.change == "exact" else f"#{self.of} {self.change}"


@dataclass(frozen=True, slots=True)
class Token:
    """Which NextToken a List sends: the last one given (`last`), one that was used already (`used`), or a forged one.

    `altered` is the last one given with the character at `position` replaced; `counted` the last one with the
    `position`-th number in it counted on, in Base64 too; `invented` is `text`, which nobody gave.
    """

    kind: str = "last"
    position: int = 0
    text: str = ""

    def __str__(self) -> str:
        """As a person would write it."""
        words = {"last": "the last token", "used": "a used token", "altered": "an altered token"}
        words["counted"] = "the last token counted on"
        return words.get(self.kind, f"the token {self.text!a}")


@dataclass(frozen=True, slots=True)
class Create:
    """CreateConnection. A `name` or `kind` (ProviderType) of None is left out; `members` are sent besides, as is."""

    verb: ClassVar[str] = "create"
    label: int = 0
    name: Name | None = field(default_factory=Name)
    kind: str | None = "Bitbucket"
    members: Mapping[str, Any] = field(default_factory=dict)
    leg: Leg = "light"
    signing: str = VALID
    caller: str = FIRST

    def __str__(self) -> str:
        """As a person would write it."""
        parts = [f"create #{self.label}", str(self.name) if self.name is not None else "without a name"]
        if self.kind is None:
            parts.append("without a provider")
        elif self.kind != "Bitbucket":
            parts.append(f"as {_kind_words(self.kind)}")
        parts.extend(f"{member}={value!a}" for member, value in self.members.items())
        return " ".join(parts) + _manner(self)


@dataclass(frozen=True, slots=True)
class Fill:
    """`count` Creates with plain names, under the labels from `label` on, their ProviderTypes from `kinds` in turn."""

    verb: ClassVar[str] = "fill"
    label: int = 100
    count: int = 1
    kinds: tuple[str, ...] = ("Bitbucket",)

    def __str__(self) -> str:
        """As a person would write it."""
        return f"create {self.count} more from #{self.label} on"


@dataclass(frozen=True, slots=True)
class Get:
    """GetConnection. An `arn` of None is left out."""

    verb: ClassVar[str] = "get"
    arn: Arn | None = field(default_factory=lambda: Arn(0))
    leg: Leg = "light"
    signing: str = VALID
    caller: str = FIRST

    def __str__(self) -> str:
        """As a person would write it."""
        return f"get {self.arn if self.arn is not None else 'without an ARN'}" + _manner(self)


@dataclass(frozen=True, slots=True)
class Delete:
    """DeleteConnection. An `arn` of None is left out."""

    verb: ClassVar[str] = "delete"
    arn: Arn | None = field(default_factory=lambda: Arn(0))
    leg: Leg = "light"
    signing: str = VALID
    caller: str = FIRST

    def __str__(self) -> str:
        """As a person would write it."""
        return f"delete {self.arn if self.arn is not None else 'without an ARN'}" + _manner(self)


@dataclass(frozen=True, slots=True)
class List:
    """One page of ListConnections. `page_size` is MaxResults and `kind` ProviderTypeFilter, left out where None.

    `members` are sent besides, as they are.
    """

    verb: ClassVar[str] = "list"
    page_size: int | None = None
    kind: str | None = None
    token: Token | None = None
    leg: Leg = "light"
    members: Mapping[str, Any] = field(default_factory=dict)
    signing: str = VALID
    caller: str = FIRST

    def __str__(self) -> str:
        """As a person would write it."""
        token = f" with {self.token}" if self.token else ""
        return "list" + _list_words(self.page_size, self.kind, self.members) + token + _manner(self)


@dataclass(frozen=True, slots=True)
class Walk:
    """ListConnections from the first page to the last, with steps `between`: (after which page, from 1; step).

    `members` are sent besides, as they are, with every page. With `news`, it is broken off as soon as so many pages
    have shown something new: whether it gets on at all is seen in a few pages, also in a crowd.
    """

    verb: ClassVar[str] = "walk"
    page_size: int | None = None
    kind: str | None = None
    between: tuple[tuple[int, Create | Get | Delete], ...] = ()
    leg: Leg = "light"
    members: Mapping[str, Any] = field(default_factory=dict)
    caller: str = FIRST
    news: int | None = None

    def __str__(self) -> str:
        """As a person would write it."""
        interludes = "".join(f", {step} after page {page}" for page, step in self.between)
        until = "" if self.news is None else f" until {self.news} pages showed anything new"
        return "walk" + _list_words(self.page_size, self.kind, self.members) + _by(self.caller) + until + interludes


SingleStep: TypeAlias = Create | Get | Delete | List
"""A step that is one call."""

Branch: TypeAlias = tuple[SingleStep | Walk, ...]


@dataclass(frozen=True, slots=True)
class Parallel:
    """Branches of steps, taken at once.

    A branch knows the labels made before and its own, not those of its neighbours; slots are the same names everywhere.
    Where every branch is one call of one account, the calls are a *burst*: sent back to back over as many connections,
    and only then are the answers read. Others are taken by as many *workers*, each with a connection of its own.
    """

    verb: ClassVar[str] = "parallel"
    branches: tuple[Branch, ...] = ()

    @property
    def is_burst(self) -> bool:
        """Is every branch one call, and all of one account?"""
        singles = [step for branch in self.branches for step in branch if not isinstance(step, Walk)]
        alone = all(len(branch) == 1 and not isinstance(branch[0], Walk) for branch in self.branches)
        return alone and len({getattr(step, "caller", FIRST) for step in singles}) <= 1

    def __str__(self) -> str:
        """As a person would write it."""
        return "at once: " + " | ".join(", then ".join(map(str, branch)) or "nothing" for branch in self.branches)


@dataclass(frozen=True, slots=True)
class Send:
    """The request of a recipe, as it is. A Create is of `name` and makes `label`; a Get or a Delete is of `arn`.

    `case` is the id of the corpus's case that it came from, for readers alone.
    """

    verb: ClassVar[str] = "send"
    label: int = 200
    name: Name = field(default_factory=lambda: Name(200))
    arn: Arn = field(default_factory=lambda: Arn(0))
    recipe: Recipe = field(default_factory=Recipe)
    case: str | None = None

    def __str__(self) -> str:
        """As a person would write it."""
        return f"send {self.recipe}" + (f" ({self.case})" if self.case else "")


@dataclass(frozen=True, slots=True)
class Handshake:
    """Somebody completes the handshake of a connection, beside the API; passed over where nobody does such things."""

    verb: ClassVar[str] = "handshake"
    arn: Arn = field(default_factory=lambda: Arn(0))

    def __str__(self) -> str:
        """As a person would write it."""
        return f"complete the handshake of {self.arn}"


Step: TypeAlias = Create | Fill | Get | Delete | List | Walk | Parallel | Send | Handshake



@dataclass(frozen=True, slots=True)
class Program:
    """Steps in the order in which they are taken."""

    steps: tuple[Step, ...] = ()

    def __str__(self) -> str:
        """As a person would write it, one clause a step."""
        return "; ".join(map(str, self.steps)) or "nothing"

    def _repr_pretty_(self, printer: RepresentationPrinter, _cycle: bool) -> None:  # noqa: FBT001 - Hypothesis' own words
        """As Hypothesis shows it: member by member, a big one would take longer to be written than to be run."""
        printer.text(f"<{self}>")

    @property
    def is_parallel(self) -> bool:
        """Does it take steps at once?"""
        return any(isinstance(step, Parallel) for step in self.steps)

    @property
    def needs_handshakes(self) -> bool:
        """Does it say nothing new where nobody completes a handshake?"""
        return any(isinstance(step, Handshake) for step in self.steps)

    def with_steps(self, steps: tuple[Step, ...]) -> Program:
        """This program with other steps."""
        return replace(self, steps=steps)

    def with_clean_up(self) -> Program:
        """This program and a Delete of whatever it made, as the driver sends them behind it."""
        labels: dict[int, str] = {}
        for step in steps_within(self):
            match step:
                case Create(label=label, caller=caller):
                    labels[label] = caller
                case Send(label=label, recipe=Recipe(base="create")):
                    labels[label] = FIRST
                case Fill(label=label, count=count):
                    labels.update(dict.fromkeys(range(label, label + count), FIRST))
                case _:
                    pass
        deletes = (Delete(Arn(label), caller=caller) for label, caller in labels.items())
        return replace(self, steps=(*self.steps, *deletes))

    def followed_by(self, other: Program) -> Program:
        """This program and then another, whose labels and slots are moved out of the way of this one's."""
        labels = 1 + max((_highest_label(step) for step in steps_within(self)), default=0)
        named = (step.name.slot for step in steps_within(self) if isinstance(step, Create | Send) and step.name)
        slots = 1 + max((slot for slot in named if slot >= 0), default=0)
        return Program(self.steps + tuple(_moved(step, labels, slots) for step in other.steps))


def steps_within(program: Program) -> Iterator[Step]:
    """Every step, those between the pages of a walk or in branches after the step that holds them."""
    ahead = list(reversed(program.steps))
    while ahead:
        step = ahead.pop()
        yield step
        if isinstance(step, Walk):
            ahead.extend(inner for _, inner in reversed(step.between))
        elif isinstance(step, Parallel):
            ahead.extend(inner for branch in reversed(step.branches) for inner in reversed(branch))


def enlarged(program: Program, times: int) -> Program:
    """The same program with `times` as many connections to begin with, or with a few where it begins with none."""
    steps = tuple(replace(step, count=step.count * times) if isinstance(step, Fill) else step for step in program.steps)
    if steps == program.steps:
        free = 1 + max((_highest_label(step) for step in steps_within(program)), default=0)
        steps = (*steps, Fill(free, 4 * times))
    return program.with_steps(steps)


def repeated(program: Program, times: int, between: Program | None = None) -> Program:
    """The same program so many times over, each time with fresh names; in between, what it made is deleted.

    `between` follows each clean-up: a call more puts the program out of step with servers that answer in turn.
    """
    tidy, whole = program.with_clean_up().followed_by(between or Program()), Program()
    for _ in range(times - 1):
        whole = whole.followed_by(tidy)
    return whole.followed_by(program)


def _manner(step: SingleStep) -> str:
    """Who sends it, and how it is signed, where that is not as usual."""
    return _by(step.caller) + ("" if step.signing == VALID else f", {SIGNINGS[step.signing]}")


def _by(caller: str) -> str:
    return "" if caller == FIRST else f" ({caller} account)"


def _kind_words(kind: str) -> str:
    """A kind as it is, where it is a word of ASCII; else in quotes."""
    return kind if kind.isidentifier() and kind.isascii() else ascii(kind)


def _list_words(page_size: int | None, kind: str | None, members: Mapping[str, Any]) -> str:
    size = f" by {page_size}" if page_size is not None else ""
    filtered = f" of {_kind_words(kind)}" if kind is not None else ""
    return size + filtered + "".join(f" {key}={value!a}" for key, value in members.items())


def _highest_label(step: Step) -> int:
    match step:
        case Create(label=label) | Send(label=label):
            return label
        case Fill(label=label, count=count):
            return label + count
        case _:
            return 0


def _moved(step: Any, labels: int, slots: int) -> Any:  # noqa: PLR0911 - one for each kind of step
    match step:
        case Create(label=label, name=name):
            return replace(step, label=label + labels, name=None if name is None else _moved_name(name, labels, slots))
        case Fill(label=label):
            return replace(step, label=label + labels)
        case Send(label=label, name=name, arn=arn):
            moved = arn if arn.of is None else replace(arn, of=arn.of + labels)
            return replace(step, label=label + labels, name=_moved_name(name, labels, slots), arn=moved)
        case (
            Get(arn=Arn(of=int(of)) as arn) | Delete(arn=Arn(of=int(of)) as arn) | Handshake(arn=Arn(of=int(of)) as arn)
        ):
            return replace(step, arn=replace(arn, of=of + labels))
        case Walk(between=between):
            return replace(step, between=tuple((page, _moved(inner, labels, slots)) for page, inner in between))
        case Parallel(branches=branches):
            return Parallel(tuple(tuple(_moved(inner, labels, slots) for inner in branch) for branch in branches))
        case _:
            return step


def _moved_name(name: Name, labels: int, slots: int) -> Name:
    """A slot below 0 is that of a Fill's connection: it moves with the label."""
    return replace(name, slot=name.slot + slots if name.slot >= 0 else name.slot - labels)
