"""The page `docs/side-by-side.md`, from the figures of one comparison: a pure function, and no figure of its own.

Nothing in it tells when or where it was made but what a reader must know to judge seconds: processors, system,
versions, and how busy the machine was.
"""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING, Any, Final

from contest import Discovery, Standing, family, standing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

__all__ = ["page"]

_NONE: Final = "\N{EN DASH}"

_HEAD: Final = """\
# Side by side

How soon does a tool notice that a server is wrong, and how often does it notice at all? Three tools were given the same
servers: the reference server of this project with one fault each ({catalogue} of those that `assay serve
--list-mutants` names: the faults of signatures are left out, as this server asks for none), and, to begin with,
without any.

* **assay**: `assay run --effort standard --until-broken LAW`, where LAW is each law that the fault names. Findings of
  other laws do not count.
* **Schemathesis** {schemathesis}: the contract as an OpenAPI document with links from Create to Get and Delete, signed
  requests, and the four checks that raise no false alarm on a correct server of this protocol (`not_a_server_error`,
  `status_code_conformance`, `content_type_conformance`, `response_schema_conformance`). Any failed check counts.
* **example tests**: {examples} tests with boto3 and pytest ([`bench/naive`](../bench/naive/test_codestar.py)), as the
  author of an emulator would write them in an afternoon. Any failed test counts.

```console
$ pip install -e '.[test]'
$ {command}
```

{sample}
Each tool got a fresh server for each fault and {budget} seconds, counted from the start of its process; what it found
later does not count. A finding is *true* where the same tool does not say the same of the faultless reference.
One seed ({seed}), one tool at a time.
"""

_COLUMNS: Final = """\
* **family**: what the fault is about, the first word of its name; **faults**: how many of them were tried.
* **found**: in how many of these the tool had a true finding within the budget.
* **calls** and **seconds**: to the first true finding, the median over the faults that this tool found. So a tool that
  finds only what is easy has small figures; compare them together with *found*. Calls were counted by the tools, every
  attempt of boto3 being one; the seconds are those of the server's clock when it had answered that call, and include
  the start of the process.
"""

_FAIR: Final = """\
## What the others are good at

Faults were written for laws, and the laws by the authors of this suite, so assay plays at home: read the table as what
kind of fault each tool can see, and not as marks.

* **Schemathesis** knows nothing of connections and needs nothing but a document. It takes an hour to have it on any API
  that has one, it reads every answer against its schema, and it sends wrong values that nobody would think of. A fault
  that shows in a single answer, a number for a string or a 500, is its home. What it cannot see without a model written
  for it is what must be true between calls: that a deleted connection is gone, or that a walk is complete. It keeps to
  a pace that is kind to servers. Checks that were left out here because a correct awsJson server fails them
  (such as `negative_data_rejection`) are of use on other APIs.
* **Example tests** are the cheapest of all: no tool to learn, done in {usual} (the median), and every one is a
  sentence that a reader understands. They find in few calls what their author thought of. What they do not find is what
  nobody thought of: the fifty-fifth connection, a name that differs in case alone, a delete between two pages.
* **assay** costs a bigger run and works for this service alone, until somebody writes the laws of another.
"""


def page(figures: Mapping[str, Any]) -> str:
    """Write the page; `figures` are what `rivals.py --json` keeps."""
    faults: list[str] = figures["faults"]
    discoveries = {
        contestant: {fault: _discovery(cells[contestant]) for fault, cells in figures["attempts"].items()}
        for contestant in figures["contestants"]
    }
    tried, catalogue = len(faults), figures["catalogue"]
    sample = (
        f"All {catalogue} faults were tried."
        if tried == catalogue
        else f"{tried} of the {catalogue} faults were tried, {figures['chosen']}; `--all` tries every one."
    )
    head = _HEAD.format(
        **{key: figures[key] for key in ("catalogue", "schemathesis", "examples", "command", "budget", "seed")},
        sample=sample,
    )
    usual = median(cells["example tests"]["spent"] for cells in figures["attempts"].values())
    parts = [
        head,
        _table(discoveries, faults),
        _COLUMNS,
        "\n".join(_besides(figures, discoveries)),
        _FAIR.format(usual=f"{usual:.1f} seconds"),
        "## Fault by fault\n\nCalls and seconds to the first true finding; a dash where there was none in time.\n",
        _by_fault(discoveries, faults),
    ]
    return "\n".join(part.rstrip("\n") + "\n" for part in parts)


def _discovery(cell: Mapping[str, Any]) -> Discovery | None:
    found = cell["discovery"]
    return None if found is None else Discovery(**found)


def _table(discoveries: Mapping[str, Mapping[str, Discovery | None]], faults: Sequence[str]) -> str:
    heads = [f"{name}: {word}" if word == "found" else word for name in discoveries for word in _WORDS]
    rows = [["family", "faults", *heads]]
    families: dict[str, list[str]] = {}
    for fault in faults:
        families.setdefault(family(fault), []).append(fault)
    for name, members in [*families.items(), ("**all**", list(faults))]:
        standings = [standing({fault: found[fault] for fault in members}) for found in discoveries.values()]
        rows.append([name, str(len(members)), *(cell for each in standings for cell in _cells(each))])
    return _as_markdown(rows, left=1)


_WORDS: Final = ("found", "calls", "seconds")


def _cells(each: Standing) -> tuple[str, str, str]:
    calls = _NONE if each.calls is None else f"{each.calls:,.0f}"
    return str(each.found), calls, _NONE if each.seconds is None else f"{each.seconds:.1f}"


def _besides(figures: Mapping[str, Any], discoveries: Mapping[str, Mapping[str, Discovery | None]]) -> Iterator[str]:
    machine = figures["machine"]
    before, after = figures["load"]
    yield f"The machine: {machine['processors']} processors, {machine['system']}, Python {machine['python']};"
    yield f"load {before} before and {after} after. Trust ratios more than seconds, and *found* more than either."
    quiet = [name for name in discoveries if not figures["reference"][name]["sightings"]]
    yield ""
    yield f"On the faultless reference, within the same budget, {_listed(quiet)} had nothing to object to."
    yield ""
    for name, found in discoveries.items():
        others = [each for each in discoveries if each != name]
        alone = [fault for fault, seen in found.items() if seen and not any(discoveries[o][fault] for o in others)]
        yield f"* {name} alone found {len(alone)} of them{_such_as(alone)}."
    missed = [fault for fault in figures["faults"] if not any(found[fault] for found in discoveries.values())]
    yield f"* None found {len(missed)}{_such_as(missed)}."
    unknown = [
        f"{name} with `{fault}`"
        for fault, cells in figures["attempts"].items()
        for name, cell in cells.items()
        if cell["trouble"]
    ]
    if unknown:
        yield f"* Not run to an end, and counted as not found: {_listed(unknown)}."
    yield ""


def _by_fault(discoveries: Mapping[str, Mapping[str, Discovery | None]], faults: Sequence[str]) -> str:
    rows = [[f"`{fault}`", *(_told(found[fault]) for found in discoveries.values())] for fault in faults]
    return _as_markdown([["fault", *discoveries], *rows], left=1)


def _told(found: Discovery | None) -> str:
    return _NONE if found is None else f"{found.call:,} in {found.second:.1f} s"


def _as_markdown(rows: Sequence[Sequence[str]], *, left: int) -> str:
    head, *body = rows
    marks = ["---" if column < left else "---:" for column in range(len(head))]
    return "".join(f"| {' | '.join(row)} |\n" for row in (head, marks, *body))


def _such_as(faults: Sequence[str], most: int = 4) -> str:
    if not faults:
        return ""
    return f" ({', '.join(f'`{fault}`' for fault in faults[:most])}{' …' if len(faults) > most else ''})"


def _listed(words: Iterable[str]) -> str:
    *most, last = list(words) or ["none"]
    return f"{', '.join(most)} and {last}" if most else last
