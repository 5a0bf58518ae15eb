"""Repeats: how often an arm disagrees with itself, pass@k and pass^k, beside every finding of a suite that repeats."""

import json
import os
from pathlib import Path

import numpy as np
import pytest
from planted_comparisons import FAILED, column, comparison, suite

from evalkit.gates.repeats import repeat_notes, repeats_of

SHARED = Path(os.environ.get("EVALKIT_SHARED_DATA", Path(__file__).parents[3] / "../shared/data")).resolve()
GATE = {"type": "no_regression", "metric": "answer", "margin": 0.5}


def test_an_arm_that_always_answers_alike_never_flips():
    found = repeats_of(column([[1.0, 1.0, 1.0], [0.0, 0.0, 0.0]]), binary=True, higher_is_better=True)
    assert (found.n, found.flips, found.unsteady) == (2, 0.0, 0.0)
    assert found.at == found.hat == (0.5, 0.5, 0.5)


def test_passing_at_least_once_and_passing_always_part_where_answers_waver():
    found = repeats_of(column([[1.0, 0.0], [1.0, 1.0]]), binary=True, higher_is_better=True)
    assert (found.flips, found.unsteady) == (0.5, 0.5)
    assert (found.at, found.hat) == ((0.75, 1.0), (0.75, 0.5))


def test_unequal_repeats_count_where_there_are_enough_of_them():
    found = repeats_of(column([[1.0, 1.0, 0.0], [1.0, FAILED, 1.0], [0.0]]), binary=True, higher_is_better=True)
    assert found.n == 2
    assert found.hat[0] == pytest.approx((2 / 3 + 1 + 0) / 3)
    assert found.hat[1] == pytest.approx((1 / 3 + 1) / 2)
    assert found.hat[2] == 0.0


def test_where_lower_is_better_a_pass_is_a_zero():
    found = repeats_of(column([[0.0, 0.0], [1.0, 0.0]]), binary=True, higher_is_better=False)
    assert found.hat == (0.75, 0.5)


def test_a_graded_metric_flips_and_has_no_pass():
    found = repeats_of(column([[0.2, 0.4], [0.3, 0.3]]), binary=False, higher_is_better=True)
    assert (found.flips, found.at, found.hat) == (0.5, (), ())


def test_one_answer_a_case_shows_nothing(judge):
    assert repeats_of(column([1.0, 0.0]), binary=True, higher_is_better=True) is None
    (found,) = judge(comparison({"answer": ([1.0] * 40, [1.0] * 40)}), GATE)
    assert "repeats" not in found.details


def test_findings_and_notes_of_a_suite_that_repeats_carry_them(judge):
    made = comparison({"answer": ([[1.0, 1.0]] * 40, [[1.0, 0.0]] * 40)})
    (found,) = judge(made, GATE, repeats=2)
    assert found.details["repeats"]["base"]["flips"] == 0.0
    assert found.details["repeats"]["candidate"]["hat"] == [0.5, 0.0]
    notes = repeat_notes(made, suite([GATE], repeats=2))
    assert notes[1] == (
        "answer of ft: two repeats disagree in 100.0% of cases, 100.0% of 40 cases did not always score alike; one "
        "answer passes in 50.0%, one of 2 in 100.0% (pass@2), all 2 in 0.0% (pass^2)"
    )
    assert repeat_notes(made, suite([GATE])) == ()


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared real data are not beside this checkout")
def test_tau_bench_as_published():
    """gpt-4o on the airline tasks, four trials each (Yao et al. 2024): pass^1..4."""
    trials: dict[int, list[float]] = {}
    for row in json.loads((SHARED / "tau_bench/gpt-4o-airline-rewards.json").read_text()):
        trials.setdefault(row["task_id"], []).append(row["reward"])
    found = repeats_of(column(list(trials.values())), binary=True, higher_is_better=True)
    assert np.round(found.hat, 3).tolist() == [0.420, 0.273, 0.220, 0.200]
