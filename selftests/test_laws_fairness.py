"""No law objects to a legal service, whatever liberties it takes; and none is at a loss for what may be sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from assay.history import Accepted, Call, History, Request, Response
from assay.laws import JUDGES, Breach
from assay.world import World
from selftests.histories import EDITIONS, arn, contract_of, create, delete, get, item, known, listing, made, story, walk
from selftests.service_model import legal_runs

if TYPE_CHECKING:
    from assay.contract import Contract
    from assay.knowledge import Knowledge

_CALM = settings(
    max_examples=300,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)


def _breaches(history: History, contract: Contract, knowledge: Knowledge) -> list[tuple[str, Breach]]:
    world = World(history, contract, knowledge)
    return [
        (law, ruling)
        for law, judge in JUDGES.items()
        if law in contract.laws
        for ruling in judge(world)
        if isinstance(ruling, Breach)
    ]


@pytest.mark.parametrize("edition", EDITIONS)
def test_no_law_objects_to_a_legal_service(edition: tuple[str, str]) -> None:
    """Strangers, weather, lag, overlapping calls and every liberty of the contract break nothing."""
    contract = contract_of(edition)

    @_CALM
    @given(legal_runs(contract))
    def check(run: tuple[list[History], Knowledge]) -> None:
        histories, knowledge = run
        for number, history in enumerate(histories):
            assert not _breaches(history, contract, knowledge), "\n".join(
                f"{call.index} {call.start}-{call.end} {call.operation} {call.input} {call.outcome}" for call in history
            )
            World(history, contract, knowledge).leave_facts(number)

    check()


_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-2, 60)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(["", "our-1", "PENDING", "Bitbucket", arn("1"), arn("2"), "token", "\ud800", "x" * 40])
    | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "Connection",
                    "Connections",
                    "ConnectionArn",
                    "ConnectionName",
                    "ConnectionStatus",
                    "ProviderType",
                    "NextToken",
                ]
            )
            | st.text(max_size=3),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)
_ITEMS = st.fixed_dictionaries(
    {}, optional={name: _JSON for name in item("1") if name != "OwnerAccountId"} | {"OwnerAccountId": _JSON}
)
_OUTPUTS = st.fixed_dictionaries(
    {},
    optional={
        "ConnectionArn": _JSON | st.just(arn("1")),
        "Connection": _ITEMS | _JSON,
        "Connections": st.lists(_ITEMS | _JSON, max_size=3) | _JSON,
        "NextToken": _JSON,
    },
)
_INPUTS = st.fixed_dictionaries(
    {},
    optional={
        "ConnectionName": _JSON | st.just("our-1"),
        "ConnectionArn": _JSON | st.just(arn("1")),
        "ProviderType": _JSON,
        "MaxResults": _JSON,
        "NextToken": _JSON,
        "ProviderTypeFilter": _JSON,
        "Tags": _JSON,
        "HostArn": _JSON,
    },
)


@st.composite
def _odd_histories(draw: Any) -> History:
    steps = []
    for _ in range(draw(st.integers(1, 8))):
        operation = draw(st.sampled_from([*contract_of().operations, "StartConnection"]))
        step = type(create())(operation, draw(_INPUTS))
        output = draw(_OUTPUTS)
        steps.append(
            draw(
                st.sampled_from(
                    [
                        step.answers(output),
                        step.answers(output),
                        step.answers(output),
                        step.refused(),
                        step.not_found(),
                        step.refused("LimitExceededException", 409),
                        step.unknown(),
                        step.throttled(503),
                        step.raw(400, b"\xff\xfe"),
                    ]
                )
            )
        )
    return story(made("1"), *steps)


def test_no_law_is_at_a_loss_for_what_an_endpoint_may_send() -> None:
    """Whatever JSON stands where: a judge speaks or is silent, and its words can be printed."""
    contract = contract_of()
    same = [listing().shows({"ConnectionArn": []}, {"ConnectionName": {}}, "1", "1")] * 3

    @settings(_CALM, max_examples=100)
    @given(_odd_histories())
    @example(
        story(made("1"), create("our-1").refused(), *same, get("1").answers({"Connection": {"ConnectionArn": []}}))
    )
    @example(story(made("1"), delete("1"), walk(by=1).pages(["1"], [{"ConnectionStatus": {}}], ["1"])))
    def check(history: History) -> None:
        knowledge = known(patience=2, forged={"token"})
        for _, breach in _breaches(history, contract, knowledge):
            text = breach.expected + breach.actual
            assert text.replace("…", "").isascii()
            assert text.isprintable()
        World(history, contract, knowledge).leave_facts(0)

    check()


def test_an_operation_that_the_contract_does_not_know_is_nobodys_business() -> None:
    """Recorded traffic may hold any; only the laws of the wire speak of it."""
    request = Request("https://localhost/", (), b"{}")
    response = Response(200, (("Content-Type", "application/x-amz-json-1.0"), ("x-amzn-RequestId", "1")), b"{}")
    history = History((Call(0, "ListHosts", {}, 0.0, 1.0, Accepted({}), request, response),))
    assert _breaches(history, contract_of(), known()) == []
