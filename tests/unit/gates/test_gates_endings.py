"""What was cut or filtered is neither right nor wrong: a gate that it could decide is INVALID."""

from __future__ import annotations

import datetime as dt

import pytest
from planted_comparisons import comparison, suite

from evalkit.core.exchange import Failure, Response
from evalkit.gates.decide import decide
from evalkit.gates.endings import count_endings, endings_of
from evalkit.gates.silence import is_silent

TODAY = dt.date(2026, 1, 1)


def answers(n, ended, *, many):
    """One answer an example: the first `many` ended so, the others by themselves."""
    return {
        f"c{i:04d}": (Response(example_id=f"c{i:04d}", text="x", ended=ended if i < many else "normal"),)
        for i in range(n)
    }


def states(base, candidate, *, ended=("cut", 0, 0), reading=None, gate=None, **how):
    kind, of_base, of_candidate = ended
    compared = comparison(
        {"answer": (base, candidate)},
        base_responses=answers(len(base), kind, many=of_base),
        candidate_responses=answers(len(base), kind, many=of_candidate),
        base_scores={"answer": {}},
        candidate_scores={"answer": {}},
        **how,
    )
    spec = suite([gate or {"type": "no_regression", "metric": "answer", "margin": 0.1}])
    if reading is not None:
        spec = spec.model_copy(update={"reading": spec.reading.model_copy(update=reading)})
    return [finding.state for finding in decide(compared, spec, today=TODAY)]


def test_answers_that_were_cut_and_could_decide_make_the_gate_invalid():
    assert states([0] * 48 + [1] * 2, [1] * 50, ended=("cut", 47, 0)) == ["INVALID"]
    assert states([1] * 50, [0] * 10 + [1] * 40, ended=("cut", 0, 10)) == ["INVALID"]
    assert states([1] * 50, [0] * 10 + [1] * 40, ended=("filtered", 0, 10)) == ["INVALID"]


def test_answers_that_were_cut_and_decide_nothing_leave_the_gate_alone():
    assert states([1] * 200, [1] * 200, ended=("cut", 1, 1)) == ["PASS"]
    assert states([1] * 50, [0] * 40 + [1] * 10, ended=("cut", 0, 2)) == ["REGRESSION"]


def test_a_suite_decides_what_a_cut_or_filtered_answer_is():
    wrong = ([1] * 50, [0] * 10 + [1] * 40)
    assert states(*wrong, ended=("cut", 0, 10), reading={"cut": "scored"}) != ["INVALID"]
    assert states(*wrong, ended=("filtered", 0, 10), reading={"cut": "scored"}) == ["INVALID"]
    assert states(*wrong, ended=("filtered", 0, 10), reading={"filtered": "refusal"}) != ["INVALID"]


@pytest.mark.parametrize("reading", [None, {"cut": "scored", "filtered": "refusal"}])
def test_too_many_answers_cut_while_thinking_are_no_answers(reading):
    assert states([1] * 100, [1] * 100, ended=("cut_thinking", 0, 3), reading=reading) == ["INVALID"]
    assert states([1] * 100, [1] * 100, ended=("cut_thinking", 3, 0), reading=reading) == ["INVALID"]


def test_where_lower_is_better_right_is_low():
    assert states([1] * 48 + [0] * 2, [0] * 50, ended=("cut", 47, 0), lower=["answer"]) == ["INVALID"]


def test_failed_calls_are_no_answers_and_old_rows_are_told_by_how_they_finished():
    rows = {
        "a": (Response(example_id="a", text="x", finish="length"), Response(example_id="a", text="x", finish="stop")),
        "b": (Response(example_id="b", failure=Failure(kind="timeout", message="")),),
    }
    assert count_endings(rows) == {"answers": 2, "normal": 1, "cut": 1, "cut_thinking": 0, "filtered": 0}
    assert endings_of(comparison({"answer": ([1], [1])}))["base"]["answers"] == 0


@pytest.mark.parametrize(("text", "silent"), [("\u200b\u3000", True), ("\u3164", True), (None, True), ("。", False)])
def test_an_answer_of_signs_that_nobody_sees_is_silence(text, silent):
    assert is_silent(Response(example_id="a", text=text)) is silent
