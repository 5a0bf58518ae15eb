"""The sentence under a verdict is true of what was found, whatever it was that failed."""

import pytest

from evalkit.core.verdict import Estimate, Finding, GateWords, Outcome, SliceKey, State, SuiteVerdict
from evalkit.gates.kinds import GATES
from evalkit.pipeline.deciding.verdict import verdict_of

ANSWER = Estimate(metric="answer")


def words(gate: str) -> GateWords:
    found: GateWords = GATES.load(gate).words  # type: ignore[attr-defined]
    return found


def suite(name: str, *found: tuple[str, State], outcome: Outcome = "FAIL") -> SuiteVerdict:
    findings = tuple(Finding(gate=gate, estimate=ANSWER, state=state, words=words(gate)) for gate, state in found)
    return SuiteVerdict(name=name, outcome=outcome, findings=findings, metrics=())


def said(*suites: SuiteVerdict) -> str:
    return verdict_of("base", "ft-model", suites, ()).because


@pytest.mark.parametrize(
    ("gate", "state", "told"),
    [
        ("no_regression", "REGRESSION", "proven worse in: first"),
        ("must_improve", "REGRESSION", "proven worse in: first"),
        ("must_improve", "FLOOR_FAIL", "a gain that was asked for is ruled out in: first"),
        ("floor", "FLOOR_FAIL", "a required level is missed in: first"),
        ("critical", "CRITICAL_FAIL", "a critical case broke in: first"),
        ("fairness", "REGRESSION", "a group proven to fall behind the others in: first"),
        ("fairness", "FLOOR_FAIL", "a gap between groups proven too wide in: first"),
        ("budget", "REGRESSION", "what a budget limits is proven to have grown in: first"),
        ("budget", "FLOOR_FAIL", "a budget is overrun in: first"),
    ],
)
def test_a_fail_says_what_failed_and_no_more(gate: str, state: State, told: str) -> None:
    assert said(suite("first", ("must_improve", "IMPROVED"), (gate, state))) == told


def test_a_floor_that_is_met_and_not_proven_is_not_called_missed() -> None:
    met = Finding(gate="floor", estimate=ANSWER, state="FLOOR_FAIL", flags=("unproven",), words=words("floor"))
    found = SuiteVerdict(name="first", outcome="FAIL", findings=(met,), metrics=())
    assert said(found) == "a required level is not proven in: first"


def test_every_fault_is_told_with_its_suites_the_gravest_first() -> None:
    found = said(
        suite("a", ("floor", "FLOOR_FAIL"), ("no_regression", "REGRESSION")),
        suite("b", ("floor", "FLOOR_FAIL")),
        suite("c", ("critical", "CRITICAL_FAIL")),
        suite("d", ("no_regression", "PASS"), outcome="PASS"),
    )
    assert found == "a critical case broke in: c; proven worse in: a; a required level is missed in: a, b"


def test_what_is_waived_or_could_not_be_told_is_held_against_nobody() -> None:
    found = said(suite("a", ("floor", "FLOOR_FAIL"), ("no_regression", "INCONCLUSIVE"), ("budget", "WAIVED")))
    assert found == "a required level is missed in: a"


def test_a_gate_without_words_of_its_own_is_told_last() -> None:
    lost = Finding(gate="mine", estimate=ANSWER, state="FLOOR_FAIL")
    found = SuiteVerdict(name="first", outcome="FAIL", findings=(lost,), metrics=())
    assert said(found, suite("b", ("budget", "FLOOR_FAIL"))) == "a budget is overrun in: b; a gate fails in: first"


def sliced(value: str, state: State, *flags: str, n: int = 240) -> Finding:
    figures = Estimate(metric="calls", slice=SliceKey(by="category", value=value), n=n, base=0.467, candidate=0.354)
    return Finding(gate="no_regression", estimate=figures, state=state, flags=flags, words=words("no_regression"))


def test_a_pass_names_every_slice_that_it_does_not_speak_of() -> None:
    found = (
        sliced("relevance", "PASS", "alarm", "undecided", "looks_worse"),
        sliced("simple", "PASS", "equivalent", "alarm"),
        sliced("parallel", "PASS", "alarm", "undecided"),
        sliced("java", "TOO_SMALL", "too_small", "alarm", n=12),
        sliced("ruby", "TOO_SMALL", "too_small", "alarm", n=9),
        sliced("none", "TOO_SMALL", n=0),
    )
    verdict = SuiteVerdict(name="bfcl", outcome="PASS", findings=found, metrics=())
    assert said(verdict) == (
        "every gate of 1 suite passes; looks worse, though not proven: calls category=relevance 46.7% -> 35.4% "
        "(n = 240); not judged: calls category={java, ruby}; undecided: calls category=parallel"
    )


def test_of_many_slices_a_few_are_named_and_those_that_look_worse_are_all() -> None:
    small = tuple(sliced(f"s{at}", "TOO_SMALL", "too_small") for at in range(18))
    worse = tuple(sliced(f"w{at}", "PASS", "looks_worse") for at in range(8))
    told = said(SuiteVerdict(name="bfcl", outcome="PASS", findings=(*small, *worse), metrics=()))
    assert "not judged: calls category={s0, s1, s2, s3, s4, s5, … +12}" in told
    assert all(f"category=w{at} " in told for at in range(8))


def test_a_pass_by_a_judge_that_a_waiver_trusts_says_so() -> None:
    trusted = sliced("a", "PASS", "judge_trusted")
    verdict = SuiteVerdict(name="desk", outcome="PASS", findings=(trusted,), metrics=())
    assert said(verdict) == (
        "every gate of 1 suite passes; judged, as a waiver says, by a judge that is not proven, in: desk"
    )


def test_a_pass_by_a_policy_that_only_warns_does_not_say_that_every_gate_passes() -> None:
    sure = suite("a", ("no_regression", "PASS"), outcome="PASS")
    warned = suite("b", ("no_regression", "INCONCLUSIVE"), ("floor", "PASS"), outcome="PASS")
    assert said(sure, warned) == "no gate of 2 suites fails; could not tell, which the policy lets pass, in: b"
    assert said(sure) == "every gate of 1 suite passes"
