"""Two judges of which one says "better" and the other "no change" are reported as disagreeing, in every gate."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from planted_comparisons import comparison, paired

from evalkit.core.judging import DISAGREE, JUDGES
from evalkit.core.verdict import Finding

GUARD = {"type": "no_regression", "metric": "quality"}
IMPROVE = {"type": "must_improve", "metric": "quality"}
FIGURES: dict[str, Any] = {
    "n": 200, "kappa": {"value": 0.8, "low": 0.7, "high": 0.9}, "arms": None, "length": None, "false_pass": None,
}  # fmt: skip
WORSE, SAME, BETTER = paired(400, broken=60), paired(400), paired(400, fixed=60)


def found(judge, one, other, together, *gates, names=("gpt-4.1", "gpt-5.1"), trusted: bool = True) -> Finding:
    made = comparison({"quality": together, f"quality.{names[0]}": one, f"quality.{names[1]}": other})
    digests = {name: {"digest": name} for name in names}
    about: dict[str, Any] = {"digest": "d", "judges": digests}
    if trusted:
        figures = dict.fromkeys(("", *names), FIGURES)
        about["calibration"] = {"digest": "d", "judges": {name: name for name in names}, "figures": figures}
    made = dataclasses.replace(made, manifest={**made.manifest, JUDGES: {"quality": about}})
    (finding,) = judge(made, *gates)
    return finding


def says(finding: Finding) -> dict[str, str]:
    return {name: told["says"] for name, told in finding.details["under_each_judge"].items()}


def test_better_and_no_change_are_reported_as_disagreeing(judge):
    finding = found(judge, BETTER, SAME, BETTER, GUARD)
    assert says(finding) == {"gpt-4.1": "better", "gpt-5.1": "no change"}
    assert DISAGREE in finding.flags
    assert finding.because.startswith("quality: the judges disagree: gpt-4.1 says better (+0.15 [")
    assert finding.state == "PASS", "no loss by either, a gain by one alone"


def test_a_gain_that_one_judge_does_not_see_proves_no_gain(judge):
    finding = found(judge, BETTER, SAME, BETTER, IMPROVE)
    assert (finding.state, DISAGREE in finding.flags) == ("INCONCLUSIVE", True)
    assert finding.details["settle"].startswith("look at the cases on which the judges differ")


def test_a_loss_that_one_judge_sees_is_no_pass(judge):
    finding = found(judge, SAME, WORSE, SAME, GUARD)
    assert (finding.state, DISAGREE in finding.flags) == ("INCONCLUSIVE", True)
    assert finding.details["under_each_judge"]["gpt-5.1"]["state"] == "REGRESSION"


def test_a_loss_by_all_together_fails_though_one_sees_none(judge):
    finding = found(judge, SAME, WORSE, WORSE, GUARD)
    assert (finding.state, DISAGREE in finding.flags) == ("REGRESSION", True)


@pytest.mark.parametrize(("values", "state", "word"), [(SAME, "PASS", "no change"), (WORSE, "REGRESSION", "worse")])
def test_judges_that_agree_say_it_once_and_change_nothing(judge, values, state, word):
    finding = found(judge, values, values, values, GUARD)
    assert (finding.state, DISAGREE in finding.flags) == (state, False)
    assert set(says(finding).values()) == {word}
    assert "Under each judge: gpt-4.1 says" in finding.because


def test_a_gate_on_one_of_the_judges_hears_that_one_alone(judge):
    finding = found(judge, BETTER, SAME, BETTER, {"type": "no_regression", "metric": "quality.gpt-4.1"})
    assert (finding.state, DISAGREE in finding.flags) == ("IMPROVED", False)


def test_judges_that_disagree_and_were_never_checked_are_both(judge):
    finding = found(judge, BETTER, SAME, BETTER, GUARD, trusted=False)
    assert finding.state == "INCONCLUSIVE"
    assert "the judge is advisory" in finding.because
    assert "the judges disagree" in finding.because
    assert says(finding) == {"gpt-4.1": "better", "gpt-5.1": "no change"}


def test_slices_are_heard_under_each_judge_as_well(judge):
    names = ("a", "b")
    kinds = ["x"] * 200 + ["y"] * 200
    base = [1.0] * 400
    worse = [0.0] * 60 + [1.0] * 340
    made = comparison(
        {"quality": (base, base), "quality.a": (base, base), "quality.b": (base, worse)}, tags={"kind": kinds}
    )
    digests = {name: {"digest": name} for name in names}
    figures = dict.fromkeys(("", *names), FIGURES)
    calibration = {"digest": "d", "judges": {name: name for name in names}, "figures": figures}
    about = {"quality": {"digest": "d", "judges": digests, "calibration": calibration}}
    made = dataclasses.replace(made, manifest={**made.manifest, JUDGES: about})
    first, second = judge(made, {**GUARD, "slices": ["kind"]})
    assert [(one.slice.value, one.state) for one in (first, second)] == [("x", "INCONCLUSIVE"), ("y", "PASS")]
