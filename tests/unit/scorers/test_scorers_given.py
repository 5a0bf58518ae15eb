"""Scores of another judge, a person or another tool: read, and never made up."""

from pathlib import Path

import pytest

from evalkit.core.errors import SuiteError
from evalkit.core.exchange import Example, Message, Response
from evalkit.core.rows import response_row, row_response
from evalkit.scorers.build import build_scorer

EXAMPLE = Example(id="a", messages=(Message(role="user", content="?"),))


def given(**options):
    return build_scorer("given", {"score": "judge", **options}, root=Path())


def test_the_number_that_was_given_is_the_score() -> None:
    score = given(low=1, high=5).score(EXAMPLE, Response(example_id="a", text="x", scores={"judge": 4}))
    assert (score.status, score.value) == ("SCORED", 4.0)


@pytest.mark.parametrize(("value", "number"), [(True, 1.0), (False, 0.0), (0, 0.0), (1, 1.0)])
def test_true_is_one(value: object, number: float) -> None:
    response = Response(example_id="a", scores={"judge": value})
    assert given(yes_no=True).score(EXAMPLE, response).value == number


@pytest.mark.parametrize(
    "value", [None, "4", "", {"score": 4}, [4], float("nan"), float("inf")], ids=lambda value: repr(value)
)
def test_what_a_broken_judge_left_is_unscorable(value: object) -> None:
    score = given(low=1, high=5).score(EXAMPLE, Response(example_id="a", text="x", scores={"judge": value}))
    assert score.value is None
    assert score.status == "ERROR"
    assert score.reason.startswith("unscorable: the score 'judge' is ")


def test_a_score_that_is_not_there_names_the_nearest_one() -> None:
    score = given().score(EXAMPLE, Response(example_id="a", text="x", scores={"judge_": 1}))
    assert score.value is None
    assert "did you mean 'judge_'?" in score.reason


def test_half_a_point_is_no_yes_or_no() -> None:
    score = given(yes_no=True).score(EXAMPLE, Response(example_id="a", scores={"judge": 0.5}))
    assert "neither 0 nor 1" in score.reason


def test_the_scale_and_the_direction_are_declared() -> None:
    (metric,) = given(low=0, high=10, better="lower").metrics()
    assert (metric.low, metric.high, metric.higher_is_better, metric.binary) == (0, 10, False, False)


@pytest.mark.parametrize(
    "options", [{"low": 5, "high": 1}, {"better": "more"}, {"yes_no": True, "high": 5}, {"on_missing": "zero"}]
)
def test_a_scale_that_is_none_is_refused(options: dict[str, object]) -> None:
    with pytest.raises(SuiteError):
        given(**options)


def test_scores_survive_a_recording() -> None:
    row = {"id": "a", "scores": {"judge": 4, "why": {"text": "short"}}}
    response = row_response(row)
    assert response.scores == {"judge": 4, "why": {"text": "short"}}
    assert response_row(response)["scores"] == row["scores"]
    assert "scores" not in response_row(Response(example_id="a", text="x"))


def test_a_number_whose_square_is_none_is_unscorable() -> None:
    found = given().score(EXAMPLE, Response(example_id="a", text="x", scores={"judge": 1e308}))
    assert found.status == "ERROR"
    assert "too large" in found.reason
