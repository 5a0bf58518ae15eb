"""Suites to one outcome: what is unsound comes first, but a noise run hides no proven harm."""

import pytest

from evalkit.core.verdict import Estimate, Finding, Outcome, State, SuiteVerdict
from evalkit.pipeline.deciding.verdict import verdict_of


def suite(name: str, outcome: Outcome, state: State, *flags: str) -> SuiteVerdict:
    finding = Finding(gate="no_regression", estimate=Estimate(metric="answer"), state=state, flags=flags)
    return SuiteVerdict(name=name, outcome=outcome, findings=(finding,), metrics=())


REFUSED = suite("noisy", "INVALID", "INVALID", "below_noise")
UNSOUND = suite("unsound", "INVALID", "INVALID")
EMPTY = SuiteVerdict(name="empty", outcome="INVALID", findings=(), metrics=())
BROKEN = suite("broken", "FAIL", "REGRESSION")
FINE = suite("fine", "PASS", "PASS")


@pytest.mark.parametrize(
    ("suites", "outcome", "because"),
    [
        ([REFUSED, BROKEN], "FAIL", "a gate fails in: broken"),
        ([REFUSED, FINE], "INVALID", "a margin is below the noise floor in: noisy"),
        ([UNSOUND, BROKEN], "INVALID", "nothing sound to compare in: unsound"),
        ([REFUSED, UNSOUND, BROKEN], "INVALID", "nothing sound to compare in: noisy, unsound"),
        ([EMPTY, BROKEN], "INVALID", "nothing sound to compare in: empty"),
        ([], "INVALID", "no suite was compared"),
    ],
)
def test_a_margin_that_noise_refused_stands_behind_what_fails(
    suites: list[SuiteVerdict], outcome: str, because: str
) -> None:
    verdict = verdict_of("base", "ft", suites, ())
    assert (verdict.outcome, verdict.because) == (outcome, because)
