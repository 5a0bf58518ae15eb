"""Checks that count, measure, or stand together under a threshold."""

from __future__ import annotations

from typing import Any

import pytest

from evalkit.core.exchange import Example, Json, Message, Response
from evalkit.core.verdict import Score
from evalkit.scorers.checks import Checks


def example(*checks: Json) -> Example:
    return Example(id="a", messages=(Message(role="user", content="q"),), extra={"checks": list(checks)})


def judge(text: str, *checks: Json, cost: float | None = None, **more: Any) -> Score:
    row = example(*checks)
    assert not Checks().check(row)
    return Checks().score_priced(row, Response(example_id="a", text=text, **more), cost=cost)


def test_a_limit_that_is_met_is_at_most_and_not_below() -> None:
    assert judge("a", {"latency_at_most": 0.5}, latency_s=0.5).value == 1.0
    assert judge("a", {"latency_below": 0.5}, latency_s=0.5).value == 0.0
    assert judge("a", {"cost_at_most": 0.1}, cost=0.1).value == 1.0
    assert judge("a", {"cost_at_most": 0.1}).status == "ERROR"


def test_the_end_that_the_server_tells_is_checked() -> None:
    assert judge("a", {"finish": "stop"}, finish="STOP").value == 1.0
    assert judge("a", {"finish": "stop"}, finish="length").value == 0.0


def test_all_with_a_threshold_counts_the_share_that_passes() -> None:
    together = {"all": [{"contains": "a"}, {"contains": "b", "weight": 2}, {"contains": "c"}], "threshold": 0.5}
    found = judge("b", together, {"contains": "b"})
    assert (found.value, found.parts["share"]) == (1.0, 0.75)
    found = judge("a", together, {"contains": "a"})
    assert (found.value, found.parts["share"]) == (0.0, 0.625)


@pytest.mark.parametrize("threshold", [0, 1.5, True, "half"])
def test_a_threshold_of_all_is_a_share(threshold: Json) -> None:
    (problem,) = Checks().check(example({"all": ["a"], "threshold": threshold}))
    assert "threshold above 0 and at most 1" in problem


@pytest.mark.parametrize(
    "check",
    [
        {"edits": "a"},
        {"edits": "a", "at_most": -1},
        {"spaced_words": {}},
        {"spaced_words": {"min": 3, "max": 1}},
        {"spaced_words": "many"},
        {"finish": 1},
    ],
    ids=str,
)
def test_a_count_that_cannot_be_judged_is_told(check: Json) -> None:
    assert Checks().check(example(check))
