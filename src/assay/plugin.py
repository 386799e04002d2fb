"""The pytest side of a run: options, the `endpoint` that tests act through, and the verdict at the end.

A test is a workload. It draws programs and hands each to `endpoint.check`; what breaks is in the book before anything
is raised, and the test then raises for its own law alone. What Hypothesis makes of that (it replays, it may call it
flaky) is of no consequence: the report of a test whose law is broken is the recorded finding, and the exit code is the
book's.

Under `assay run` the plugin is named on the command line, in a process of its own; in a checkout, `conftest.py` names
it.
"""

from __future__ import annotations

import gc
import importlib.util
import os
import random
import shutil
import signal
import sys
import time
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from assay.crew import Lead, is_split, refuse_to_split, worker_of
from assay.drawing import set_up_hypothesis
from assay.errors import AssayError, HarnessError
from assay.in_force import put_in_force
from assay.items import NamedPrograms, law_of, rounds
from assay.log import LOG, log_to
from assay.progress import Progress
from assay.run import Run
from assay.settings import EFFORTS, Settings, endpoint_from_environment
from assay.suite import find_suite, import_reports
from assay.workload import Endpoint, LawBrokenError

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

__all__ = ["Endpoint", "LawBrokenError"]

_RUN: Final = pytest.StashKey[Run]()
_LEAD: Final = pytest.StashKey[Lead]()
_GC_THRESHOLD: Final = 50_000


# -- pytest's hooks


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options; `--endpoint-url` is the one that people type, the rest is what `assay run` passes on."""
    group = parser.getgroup("assay", "conformance of an endpoint")
    group.addoption("--endpoint-url", default=None, help="the endpoint to judge (default: the reference server)")
    text = {
        "service": "codestar-connections",
        "edition": None,
        "region": None,
        "profile": None,
        "second-profile": None,
        "ca-bundle": None,
        "spelling": None,
    }
    text |= {"mutant": None, "impostor": None, "report-dir": ".assay", "log-file": None, "run-id": None, "expect": None}
    text |= {"second-region": None, "handshake": None}
    for name, default in text.items():
        group.addoption(f"--assay-{name}", default=default, help="as of assay run")
    group.addoption("--assay-target", default=None, choices=("aws",), help="as of assay run")
    group.addoption("--assay-account", action="append", default=[], metavar="ID", help="an account that may be used")
    group.addoption("--assay-allow-host", action="append", default=[], metavar="HOST", help="a public host, as well")
    group.addoption("--assay-effort", default=None, choices=tuple(EFFORTS), help="as of assay run")
    group.addoption("--assay-law", action="append", default=[], metavar="GLOB", help="as of assay run")
    group.addoption("--assay-database", action="append", default=[], metavar="PLACE", help="as of assay run")
    group.addoption("--assay-until-broken", action="append", default=[], metavar="GLOB", help="as of assay run")
    group.addoption("--assay-liberty", action="append", default=[], metavar="NAME", help="as of assay run")
    group.addoption("--assay-force", action="append", default=[], metavar="LAW=FORCE", help="as of the table [laws]")
    group.addoption("--assay-seed", type=int, default=None, help="as of assay run")
    group.addoption("--assay-max-calls", type=int, default=None, help="as of assay run")
    for name, seconds in {"time-limit": None, "timeout": 10.0, "staleness": None}.items():
        group.addoption(f"--assay-{name}", type=float, default=seconds, help="as of assay run, in seconds")
    group.addoption("--assay-rate", type=float, default=None, help="as of assay run, in calls a second")
    group.addoption("--assay-concurrent", action="store_true", help="as of assay run")
    group.addoption("--assay-strict", action="store_true", help="as of assay run")
    group.addoption("--assay-auth", action="store_true", help="as of assay run")
    group.addoption("--assay-no-color", action="store_true", help="as of assay run")
    group.addoption(
        "--assay-progress", default="auto", choices=("auto", "lines", "none"), help="how to tell of progress"
    )
    group.addoption(
        "--assay-verbosity", default="normal", choices=("quiet", "normal", "verbose"), help="how much to print"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Load the contract, start the reference where it is wanted, and set Hypothesis up."""
    config.addinivalue_line("markers", "law(id): the law that a test exercises, and raises for")
    config.addinivalue_line("markers", "needs(package): a package that a test needs, and not everybody has")
    config.addinivalue_line("markers", "needs_command(name): a program that a test needs on PATH")
    config.addinivalue_line("markers", "at_most(effort=seconds): the most seconds that a test may have at an effort")
    config.addinivalue_line("markers", "least_effort(name): the effort from which on a test has a part in a run")
    if config.option.collectonly or config.option.help or not _asks_for_the_suite(config):
        return
    worker = worker_of(config)
    try:
        log_to(config.getoption("assay_log_file"))
        settings = _settings(config) if worker is None else worker.settings
        if is_split(config):
            refuse_to_split(settings)
        run = Run(
            settings,
            worker=worker,
            progress=config.getoption("assay_progress") if worker is None else "none",
            until_broken=config.getoption("assay_until_broken"),
            run_id=config.getoption("assay_run_id"),
            expect=config.getoption("assay_expect"),
        )
    except AssayError as error:
        raise pytest.UsageError(str(error)) from error
    config.stash[_RUN] = run
    if is_split(config):
        config.stash[_LEAD] = Lead(run)
        config.pluginmanager.register(config.stash[_LEAD], "assay-lead")
        signal.signal(signal.SIGTERM, run.interrupts)
        return
    put_in_force(run.contract)
    from assay.examples import open_examples  # noqa: PLC0415 - it brings Hypothesis, which no --help needs

    try:
        run.database, run.examples = open_examples(config.getoption("assay_database"))
    except AssayError as error:
        raise pytest.UsageError(str(error)) from error
    set_up_hypothesis(EFFORTS[settings.effort].examples)
    signal.signal(signal.SIGTERM, run.interrupts)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep the tests of the laws that were asked for and that hold in the edition, each with a seed of its own."""
    run = config.stash.get(_RUN, None)
    if run is None:
        return
    from hypothesis import seed  # noqa: PLC0415 - a slow import, needed by no --help
    from hypothesis import settings as profile  # noqa: PLC0415

    efforts = list(EFFORTS)
    kept: list[pytest.Item] = []
    dropped: list[pytest.Item] = []
    for item in items:
        law = law_of(item)
        has_part = law in run.session.selected and _least_effort_of(item) <= efforts.index(run.settings.effort)
        if has_part and (package := _missing_for(item)) is not None:
            run.missing.append(package)
            has_part = False
        if has_part and (command := _missing_command_for(item)) is not None:
            run.missing_commands.append(command)
            has_part = False
        (kept if has_part else dropped).append(item)
        function = getattr(item, "obj", None)
        if function is not None and hasattr(function, "hypothesis"):
            seed(zlib.crc32(f"{run.settings.seed}/{item.name}".encode()))(function)
            if run.database is not None:
                profile(database=run.database)(function)
    items[:] = rounds(kept, _endpoint_for, draws=not run.settings.is_planned)
    if dropped:
        config.hook.pytest_deselected(items=dropped)


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool | None:
    """Before the first test, ask the endpoint what it serves; where it cannot be judged, run no test."""
    run = session.config.stash.get(_RUN, None)
    if run is None:
        return None
    signal.signal(signal.SIGINT, run.interrupts)
    if _LEAD in session.config.stash:
        return None
    if run.worker is not None:
        run.worker.begin()
    run.tests = len(session.items)
    run.open()
    if run.session.is_open:
        named = [item for item in session.items if isinstance(item, NamedPrograms)]
        run.session.choice.choose([(str(law_of(item)), item.programs) for item in named])
    # What was imported stays; a collector that looks through it again and again would take a tenth of the run.
    gc.freeze()
    gc.set_threshold(_GC_THRESHOLD, 20, 100)
    if run.trouble is not None and run.worker is not None:
        run.worker.end_the_search()
        session.shouldstop = run.trouble.message
    return True if run.trouble is not None else None


@pytest.fixture
def endpoint(request: pytest.FixtureRequest) -> Endpoint:
    """The endpoint under judgement, with this test's part of the budget."""
    return _endpoint_for(request.node)


def _endpoint_for(item: pytest.Item) -> Endpoint:
    run = item.config.stash[_RUN]
    progress = (run.progress, run.tests_done, run.tests)
    share = run.share(_seconds_of(item, run.settings.effort), is_named=isinstance(item, NamedPrograms))
    return Endpoint(run.session, str(law_of(item)), share, progress, run.is_over)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """After a test, explain what it found."""
    run = item.config.stash.get(_RUN, None)
    started = time.perf_counter()
    is_interrupted = False
    try:
        yield
    except (KeyboardInterrupt, pytest.exit.Exception):
        is_interrupted = True
        raise
    finally:
        if run is not None and run.session.is_open:
            run.tests_done += 1
            run.tell_findings()
            took = time.perf_counter() - started
            run.session.search.book.tally(str(law_of(item))).duration += took
            if (package := _needed_by(item)) is not None and isinstance(used := _endpoint_of(item), Endpoint):
                run.session.search.book.notes.append(f"{package}: {used.programs} programs in {took:.1f} s")
            if not is_interrupted and run.session.plan is None:  # with a plan, all else comes first
                run.session.search.explain()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, Any]:
    """Put the recorded finding in the place of whatever was raised, and tell a lost endpoint from a fault of ours."""
    report: Any = yield
    run = item.config.stash.get(_RUN, None)
    if run is None or not run.session.is_open or call.when != "call":
        return report
    finding = run.session.search.book.broken(str(law_of(item)))
    error = call.excinfo.value if call.excinfo is not None else None
    if isinstance(error, AssayError):
        run.trouble = error
        item.session.shouldstop = str(error.message)
        if run.worker is not None:
            run.worker.end_the_search()
    elif finding is not None and (reason := run.why_expected(finding)) is not None:
        report.outcome, report.longrepr, report.wasxfail = "skipped", None, reason
    elif finding is not None:
        report.outcome = "failed"
        breach = finding.breach
        report.longrepr = (
            f"{finding.law} is broken\n  expected: {breach.expected}\n  actual:   {breach.actual}\n"
            f"  program:  {finding.program}"
        )
    elif isinstance(error, pytest.skip.Exception):
        report.outcome, report.longrepr = "passed", None
    elif error is not None:
        run.trouble = run.trouble or HarnessError(
            f"{item.name}: {type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"
        )
        LOG.error("%s", report.longreprtext)
    if run.worker is not None:
        report.assay = run.worker.news(run, str(law_of(item)))
    return report


def pytest_collectreport(report: pytest.CollectReport) -> None:
    """Remember that a test module could not be imported."""
    if report.failed:
        _failed_to_collect.append(f"{report.nodeid}: {report.longreprtext.strip().splitlines()[-1]}")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> Generator[None, Any, Any]:
    """Clean up, build the results, and let them set the exit code: their own for `assay run`, 0 or 1 for pytest."""
    run = session.config.stash.get(_RUN, None)
    if run is not None:
        lead = session.config.stash.get(_LEAD, None)
        run.interrupted = exitstatus == pytest.ExitCode.INTERRUPTED and run.trouble is None
        parts = [] if lead is None else lead.gather()
        if exitstatus == pytest.ExitCode.INTERNAL_ERROR and run.trouble is None:
            run.trouble = HarnessError("pytest met a fault that no test is to blame for", hint="--log-file keeps more")
        if _failed_to_collect and run.trouble is None:
            run.trouble = HarnessError(f"a test could not be collected: {_failed_to_collect[0]}")
        if run.worker is not None:
            run.worker.hand_in(run.part())
            return (yield)
        try:
            if lead is None:
                run.finish()
            else:
                run.finish_with(parts)
                lead.close()
        except OSError as error:
            raise pytest.UsageError(f"the results could not be written: {error}") from error
        assert run.document is not None
        session.exitstatus = pytest.ExitCode.OK if run.document["exit_code"] == 0 else pytest.ExitCode.TESTS_FAILED
    return (yield)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Print the summary last, below whatever pytest has to say."""
    run = config.stash.get(_RUN, None)
    if run is None:
        return
    if run.reference is not None:
        run.reference.stop()
    if run.document is not None:
        _print_summary(config, run.document)


# -- the parts of a run


def _settings(config: pytest.Config) -> Settings:
    option = config.getoption
    service = option("assay_service")
    given = option("assay_seed")
    is_aws = option("assay_target") is not None
    effort, staleness = option("assay_effort") or ("aws" if is_aws else "standard"), option("assay_staleness")
    forces = dict(each.split("=", 1) for each in option("assay_force"))
    return Settings(
        endpoint_url=None if is_aws else endpoint_from_environment(option("endpoint_url"), service),
        is_aws=is_aws,
        accounts=tuple(option("assay_account")),
        hosts=tuple(option("assay_allow_host")),
        service=service,
        edition=option("assay_edition"),
        effort=effort,
        rate=option("assay_rate"),
        concurrent=option("assay_concurrent"),
        handshake=option("assay_handshake"),
        laws=tuple(option("assay_law")),
        seed=random.SystemRandom().randrange(1_000_000) if given is None else given,
        max_calls=option("assay_max_calls"),
        time_limit=option("assay_time_limit"),
        timeout=option("assay_timeout"),
        staleness=EFFORTS[effort].staleness if staleness is None else staleness,
        strict=option("assay_strict"),
        auth=option("assay_auth"),
        profile=option("assay_profile"),
        second_profile=option("assay_second_profile"),
        region=option("assay_region"),
        second_region=option("assay_second_region"),
        ca_bundle=option("assay_ca_bundle"),
        spelling=option("assay_spelling"),
        mutant=option("assay_mutant"),
        liberties=tuple(option("assay_liberty")),
        impostor=option("assay_impostor"),
        report_dir=option("assay_report_dir"),
        forces=forces,
    )


def _asks_for_the_suite(config: pytest.Config) -> bool:
    """Are any of the paths given to pytest among the conformance tests? The suite's own tests need no endpoint."""
    tests = find_suite() / "tests"
    places = [
        Path(str(config.invocation_params.dir), argument.partition("::")[0]).resolve() for argument in config.args
    ]
    return any(place == tests or tests in place.parents or place in tests.parents for place in places)


def _least_effort_of(item: Any) -> int:
    """The place among the efforts of the least one that a test has a part in."""
    marker = item.get_closest_marker("least_effort")
    return list(EFFORTS).index(marker.args[0]) if marker is not None else 0


def _seconds_of(item: Any, effort: str) -> float | None:
    """The most seconds that a test may have at an effort; None where it may have its whole part of the run."""
    marker = item.get_closest_marker("at_most")
    return None if marker is None else marker.kwargs.get(effort)


def _needed_by(item: Any) -> str | None:
    """The package that a test needs; None where it needs none."""
    marker = item.get_closest_marker("needs")
    return None if marker is None else str(marker.args[0])


def _missing_for(item: Any) -> str | None:
    """The package that a test needs and that is not installed; None where there is none."""
    package = _needed_by(item)
    return None if package is None or importlib.util.find_spec(package) is not None else package


def _endpoint_of(item: Any) -> object:
    """What a test acts through; None where it was not set up."""
    return getattr(item, "funcargs", {}).get("endpoint")


def _missing_command_for(item: Any) -> str | None:
    """The program that a test needs and that is not on PATH; None where there is none."""
    marker = item.get_closest_marker("needs_command")
    return None if marker is None or shutil.which(marker.args[0]) is not None else str(marker.args[0])


def _print_summary(config: pytest.Config, document: dict[str, Any]) -> None:
    stream = sys.stdout
    color = stream.isatty() and not config.getoption("assay_no_color") and not os.environ.get("NO_COLOR")
    text = import_reports().console.render(
        document,
        width=shutil.get_terminal_size((100, 24)).columns,
        color=color,
        verbosity=config.getoption("assay_verbosity"),
        plain="utf" not in (stream.encoding or "").lower(),
    )
    try:
        try:
            stream.write(text if text.endswith("\n") else text + "\n")
        except UnicodeEncodeError:
            stream.write(text.encode("ascii", "replace").decode() + "\n")
        stream.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())  # for the interpreter's own last flush
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        Progress("lines").line(f"the summary cannot be printed: {error.strerror}; see {document['results_file']}")


_failed_to_collect: list[str] = []
