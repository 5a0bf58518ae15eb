"""What rests on a judge that people were not found to agree with proves nothing, whatever it says."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

import pytest
from planted_comparisons import comparison, paired

from evalkit.core.judging import JUDGES
from evalkit.core.verdict import Finding
from evalkit.gates.advisory import ADVISORY
from evalkit.gates.outcome import outcome
from evalkit.suite.spec import PolicySpec

GATE = {"type": "no_regression", "metric": "answer"}
FIGURE = {"value": 0.0, "low": -0.05, "high": 0.05}
SOUND: dict[str, Any] = {
    "n": 120,
    "kappa": {"value": 0.7, "low": 0.55, "high": 0.8, "reason": ""},
    "order": {"n": 120, "value": 0.1, "low": 0.05, "high": 0.17},
    "itself": {"value": 0.9, "low": 0.8, "high": 0.95},
    "length": FIGURE,
    "arms": FIGURE,
    "sign_changes": {},
    "false_pass": {"n": 60, "value": 0.05, "low": 0.01, "high": 0.14},
}


def facts(known: dict[str, Any] | None = None, /, **changes: Any) -> dict[str, Any]:
    about: dict[str, Any] = {"digest": "d", "judges": {"j": {"digest": "m"}}}
    if known is not None:
        about["calibration"] = {"digest": "d", "judges": {"j": "m"}, "figures": {"": known}} | changes
    return about


def judged(judge, about: dict[str, Any] | None, *, broken: int = 0, **more: Any) -> Finding:
    made = comparison({"answer": paired(400, broken=broken)})
    if about is not None:
        made = dataclasses.replace(made, manifest={**made.manifest, JUDGES: {"answer": about}})
    found: tuple[Finding, ...] = judge(made, GATE, **more)
    assert len(found) == 1
    return found[0]


def test_a_scorer_that_asks_no_judge_gates_as_ever(judge):
    assert judged(judge, None).state == "PASS"


@pytest.mark.parametrize(("broken", "state"), [(0, "PASS"), (40, "REGRESSION")])
def test_a_judge_that_nobody_checked_proves_neither_good_nor_bad(judge, broken, state):
    found = judged(judge, facts(), broken=broken)
    assert found.state == "INCONCLUSIVE"
    assert ADVISORY in found.flags
    assert "cannot gate: nobody has held it against labels of people; to settle it" in found.because
    assert f"as judged ({state})" in found.because
    assert outcome([found], PolicySpec()) == "INCONCLUSIVE"


@pytest.mark.parametrize(("broken", "state"), [(0, "PASS"), (40, "REGRESSION")])
def test_a_judge_that_agrees_with_people_gates(judge, broken, state):
    found = judged(judge, facts(SOUND), broken=broken)
    assert (found.state, found.flags.count(ADVISORY)) == (state, 0)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"n": 49}, "only 49 labels of people were held against it, fewer than 50"),
        ({"kappa": {"value": 0.5, "low": 0.39, "high": 0.6}}, "kappa with people is 0.50 [0.39, 0.60], its lower end"),
        ({"kappa": {"value": None, "reason": "one label"}}, "beyond chance is undefined: one label"),
        ({"order": {"n": 60, "value": 0.4, "high": 0.53}}, "another answer when the order is turned in 40% of 60"),
        ({"itself": {"value": 0.3, "low": 0.1, "high": 0.5}}, "does not agree with itself: alpha 0.30"),
        ({"length": {"value": -0.3, "low": -0.4, "high": -0.2}}, "lenient on short answers: by 0.30 [0.20, 0.40]"),
        ({"length": {"value": 0.3, "low": 0.2, "high": 0.4}}, "lenient on long answers"),
        ({"arms": {"value": 0.12, "low": 0.02, "high": 0.2}}, "it favours the candidate: by 0.12 [0.02, 0.20]"),
        ({"sign_changes": {"lang": {"lenient": ["ja"], "strict": ["en"]}}}, "lenient on ja and strict on en, which no"),
    ],
)
def test_each_fault_of_a_judge_makes_it_advisory_and_is_named(judge, changes, why):
    found = judged(judge, facts(SOUND | changes))
    assert found.state == "INCONCLUSIVE"
    assert why in found.because


@pytest.mark.parametrize(
    "changes",
    [
        {"length": {"value": -0.09, "low": -0.1, "high": -0.08}},
        {"length": {"value": -0.3, "low": -0.7, "high": 0.1}},
        {"arms": {"value": 0.2, "low": -0.1, "high": 0.5}},
        {"order": None, "itself": None},
    ],
)
def test_what_is_small_or_not_proven_is_no_fault(judge, changes):
    assert judged(judge, facts(SOUND | changes)).state == "PASS"


def test_a_calibration_holds_for_its_prompt_and_its_model_alone(judge):
    other_prompt = judged(judge, facts(SOUND, digest="other"))
    assert "calibrated with another prompt or other options" in other_prompt.because
    other_model = judged(judge, facts(SOUND, judges={"j": "other"}))
    assert "calibrated with another model (j)" in other_model.because
    other_part = judged(judge, facts(SOUND, figures={"pass": SOUND}))
    assert "its score was not held against labels" in other_part.because


def test_the_policy_says_where_the_floor_is(judge):
    assert judged(judge, facts(SOUND), policy={"judge_floor": 0.6}).state == "INCONCLUSIVE"
    weak = SOUND | {"kappa": {"value": 0.3, "low": 0.2, "high": 0.4}}
    assert judged(judge, facts(weak), policy={"judge_floor": 0.1}).state == "PASS"


def test_the_policy_may_limit_what_a_judge_lets_pass(judge):
    found = judged(judge, facts(SOUND), policy={"judge_false_pass": 0.1})
    assert "it passes 5% (up to 14%) of 60 answers that people fail" in found.because
    assert judged(judge, facts(SOUND), policy={"judge_false_pass": 0.2}).state == "PASS"
    none = SOUND | {"false_pass": None}
    assert "its false passes are not known" in judged(judge, facts(none), policy={"judge_false_pass": 0.2}).because


TRUST = {
    "gate": "no_regression", "metric": "answer", "judge": "trusted", "reason": "labels come next week",
    "owner": "mia", "expires": dt.date(2026, 12, 31),
}  # fmt: skip


@pytest.mark.parametrize(("broken", "state"), [(0, "PASS"), (40, "REGRESSION")])
def test_a_waiver_may_let_an_advisory_judge_gate_and_accepts_nothing_else(judge, broken, state):
    found = judged(judge, facts(), broken=broken, waivers=[TRUST])
    assert found.state == state
    assert "judge_trusted" in found.flags
    assert "gates as mia answers for it" in found.because


def test_trust_ends_with_its_day(judge):
    found = judged(judge, facts(), waivers=[TRUST], today=dt.date(2027, 1, 1))
    assert found.state == "INCONCLUSIVE"
    assert "the waiver of mia expired on 2026-12-31" in found.because


def test_a_plain_waiver_accepts_not_to_know(judge):
    plain = {name: value for name, value in TRUST.items() if name != "judge"}
    found = judged(judge, facts(), waivers=[plain])
    assert (found.state, found.details["waiver"]["state"]) == ("WAIVED", "INCONCLUSIVE")


def test_trust_covers_every_slice_of_its_gate(judge):
    made = comparison({"answer": paired(400)}, tags={"kind": ["a"] * 200 + ["b"] * 200})
    made = dataclasses.replace(made, manifest={**made.manifest, JUDGES: {"answer": facts()}})
    gate = {**GATE, "slices": ["kind"]}
    assert {found.state for found in judge(made, gate)} == {"INCONCLUSIVE"}
    assert {found.state for found in judge(made, gate, waivers=[TRUST])} == {"PASS"}
