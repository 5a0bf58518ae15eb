import datetime as dt

import pytest
from planted_comparisons import comparison, paired

from evalkit.gates.outcome import outcome
from evalkit.suite.spec import PolicySpec

GATE = {"type": "no_regression", "metric": "answer"}


def waiver(**changes):
    return {
        "gate": "no_regression",
        "metric": "answer",
        "reason": "the old answers were wrong",
        "owner": "mia",
        "expires": dt.date(2026, 12, 31),
    } | changes


def broken():
    return comparison({"answer": paired(400, broken=40)})


def test_an_active_waiver_lets_pass_and_keeps_every_figure(judge):
    (plain,) = judge(broken(), GATE)
    (found,) = judge(broken(), GATE, waivers=[waiver()])
    assert found.state == "WAIVED"
    assert (found.delta, found.low, found.high, found.broken) == (plain.delta, plain.low, plain.high, 40)
    assert found.details["waiver"]["state"] == "REGRESSION"
    assert found.because.startswith(
        "waived by mia until 2026-12-31 (the old answers were wrong); without it REGRESSION"
    )
    assert outcome([found], PolicySpec()) == "PASS"


def test_a_waiver_holds_through_its_last_day_and_not_longer(judge):
    last, after = dt.date(2026, 12, 31), dt.date(2027, 1, 1)
    assert judge(broken(), GATE, waivers=[waiver()], today=last)[0].state == "WAIVED"
    (found,) = judge(broken(), GATE, waivers=[waiver()], today=after)
    assert found.state == "REGRESSION"
    assert "the waiver of mia expired on 2026-12-31, so the gate is back." in found.because
    assert "waiver_expired" in found.flags
    assert outcome([found], PolicySpec()) == "FAIL"


def test_a_finding_that_passes_needs_no_waiver(judge):
    (found,) = judge(comparison({"answer": paired(400)}), GATE, waivers=[waiver()])
    assert found.state == "PASS"


def test_a_waiver_without_slice_does_not_cover_slices(judge):
    base, candidate = paired(400, broken=40)
    made = comparison({"answer": (base, candidate)}, tags={"intent": ["a"] * 200 + ["b"] * 200})
    gate = {**GATE, "slices": ["intent"]}
    found = judge(made, gate, waivers=[waiver(slice={"intent": "a"})])
    assert [(f.slice.value, f.state) for f in found] == [("a", "WAIVED"), ("b", "PASS")]
    *rest, lost = judge(made, gate, waivers=[waiver()])
    assert [f.state for f in rest] == ["REGRESSION", "PASS"]
    assert lost.state == "INVALID"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"metric": "answr"}, "no no_regression of 'answr' was judged (did you mean 'answer'?)"),
        ({"gate": "no_regresion"}, "no gate 'no_regresion' was judged (did you mean 'no_regression'?)"),
        ({"slice": {"intent": "a"}}, "was not judged for intent: a"),
    ],
)
def test_a_waiver_that_covers_nothing_is_a_typo_not_care(judge, changes, sentence):
    found = judge(broken(), GATE, waivers=[waiver(**changes)])
    assert found[0].state == "REGRESSION"
    assert found[1].state == "INVALID"
    assert sentence in found[1].because


def test_an_expired_waiver_that_covers_nothing_is_just_old(judge):
    found = judge(broken(), GATE, waivers=[waiver(metric="gone", expires=dt.date(2020, 1, 1))])
    assert [f.state for f in found] == ["REGRESSION"]


def test_what_was_not_compared_soundly_cannot_be_waived(judge):
    made = comparison({"answer": paired(10)}, unsound=("the arms saw different prompts",))
    (found,) = judge(made, GATE, waivers=[waiver()])
    assert found.state == "INVALID"


def test_the_latest_of_two_waivers_counts(judge):
    old = waiver(expires=dt.date(2026, 1, 1), owner="old")
    assert judge(broken(), GATE, waivers=[old, waiver()])[0].state == "WAIVED"


TWO = [{**GATE, "margin": 0.02}, {**GATE, "margin": 0.3}]


def test_a_waiver_names_one_of_two_gates_by_index_or_margin(judge):
    made = comparison({"answer": paired(400, broken=160)})
    for exact in ({"index": 0}, {"margin": 0.02}):
        found = judge(made, *TWO, waivers=[waiver(**exact)])
        assert [f.state for f in found] == ["WAIVED", "REGRESSION"]
        assert outcome(found, PolicySpec()) == "FAIL"
    found = judge(made, *TWO, waivers=[waiver(index=0), waiver(index=1)])
    assert [f.state for f in found] == ["WAIVED", "WAIVED"]


def test_a_waiver_that_fits_two_gates_covers_none_of_them(judge):
    *found, unclear = judge(comparison({"answer": paired(400, broken=160)}), *TWO, waivers=[waiver()])
    assert [f.state for f in found] == ["REGRESSION", "REGRESSION"]
    assert unclear.state == "INVALID"
    assert "index 0 with margin 0.02, index 1 with margin 0.3" in unclear.because


@pytest.mark.parametrize("exact", [{"index": 1}, {"margin": 0.05}])
def test_a_waiver_of_another_gate_than_there_is_is_a_typo(judge, exact):
    found, lost = judge(broken(), {**GATE, "margin": 0.02}, waivers=[waiver(**exact)])
    assert (found.state, lost.state) == ("REGRESSION", "INVALID")
    assert "judged were: index 0 with margin 0.02" in lost.because


@pytest.mark.parametrize(
    ("down_to", "state"), [(-0.11, "WAIVED"), (-0.1, "WAIVED"), (-0.09, "REGRESSION"), (-0.01, "REGRESSION")]
)
def test_a_larger_drop_than_was_accepted_fails(judge, down_to, state):
    (found,) = judge(broken(), GATE, waivers=[waiver(down_to=down_to)])
    assert found.delta == pytest.approx(-0.1)
    assert found.state == state
    if state != "WAIVED":
        assert "waiver_exceeded" in found.flags
        assert f"accepts down to {down_to:+.4g}, and the change is -0.1." in found.because
        assert outcome([found], PolicySpec()) == "FAIL"


def test_where_lower_is_better_a_waiver_accepts_a_rise(judge):
    base, candidate = paired(400, broken=40)
    made = comparison({"toxic": ([1 - v for v in base], [1 - v for v in candidate])}, lower=["toxic"])
    gate = {"type": "no_regression", "metric": "toxic"}
    states = [judge(made, gate, waivers=[waiver(metric="toxic", up_to=most)])[0].state for most in (0.2, 0.1, 0.05)]
    assert states == ["WAIVED", "WAIVED", "REGRESSION"]


def test_a_limit_cannot_be_held_against_a_change_that_is_not_known(judge):
    gate = {"type": "budget", "metric": "latency_p95", "max": 1.0}
    slow = comparison({"latency_s": ([2.0] * 40, [2.0] * 40)}, lower=["latency_s"], graded=["latency_s"])
    mine = {"gate": "budget", "metric": "latency_p95"}
    more = {"scorers": ("answer",)}
    assert judge(slow, gate, waivers=[waiver(**mine)], **more)[0].state == "WAIVED"
    assert judge(slow, gate, waivers=[waiver(**mine, up_to=0.5)], **more)[0].state == "FLOOR_FAIL"


def test_a_limit_on_the_side_that_does_no_harm_limits_nothing_and_covers_nothing(judge):
    (found,) = judge(broken(), GATE, waivers=[waiver(up_to=0.01)])
    assert found.state == "REGRESSION"
    assert "which limits nothing: answer gets worse where it falls, so the limit must be `down_to`" in found.because
    base, candidate = paired(400, broken=40)
    made = comparison({"toxic": ([1 - v for v in base], [1 - v for v in candidate])}, lower=["toxic"])
    gate = {"type": "no_regression", "metric": "toxic"}
    (found,) = judge(made, gate, waivers=[waiver(metric="toxic", down_to=-0.01)])
    assert (found.state, "waiver_exceeded" in found.flags) == ("REGRESSION", True)
