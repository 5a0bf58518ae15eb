"""The head of a page: what weighs most, what to do next, who was judged, whose word stands for what."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from report_world import comparison, finding, verdict

from evalkit.core.exchange import ModelIdentity
from evalkit.core.origin import Origin
from evalkit.core.verdict import Finding, SliceKey, SuiteVerdict, Verdict
from evalkit.report import tones, words
from evalkit.report.next_step import advise, find_gravest, say_gravest
from evalkit.report.origin import facts


def alone(*findings: Finding, outcome: Any = "FAIL") -> Verdict:
    suite = SuiteVerdict(name="desk", outcome=outcome, findings=findings, metrics=(), examples=100)
    return Verdict(version="0", outcome=outcome, base="base", candidate="ft", suites=(suite,))


FAILED = {"n": 100, "base": 0.9, "candidate": 0.6, "delta": -0.3, "low": -0.4, "high": -0.2, "broken": 32, "fixed": 2}


def test_the_gravest_finding_stands_in_figures() -> None:
    grave = finding(state="REGRESSION", slice=SliceKey(by="intent", value="refund"), **FAILED)
    told = alone(finding(state="PASS", n=100, base=0.9, candidate=0.9), grave)
    assert find_gravest(told) == (told.suites[0], grave)
    assert say_gravest(told).startswith("answer (intent = refund) 90.0% → 60.0% (-30.0 pp, 95% CI")


@pytest.mark.parametrize(
    ("given", "outcome", "says", "filters"),
    [
        (
            {"state": "REGRESSION", "slice": SliceKey(by="intent", value="refund"), **FAILED},
            "FAIL",
            "Look at the 32 broken cases of answer (intent = refund), and train or prompt for them.",
            {"metric": "answer", "group": "broken", "tag.intent": "refund"},
        ),
        (
            {"gate": "floor", "state": "FLOOR_FAIL", "n": 100, "candidate": 0.5},
            "FAIL",
            "Bring answer of desk to what its gate asks for, and compare again.",
            {"metric": "answer", "group": "both_wrong"},
        ),
        (
            {"state": "INCONCLUSIVE", "n": 100, "n_needed": 873, "base": 0.9, "candidate": 0.9},
            "INCONCLUSIVE",
            "Ask more cases: about 873 in place of 100 would settle answer in desk.",
            {},
        ),
        ({"state": "PASS", "n": 100}, "PASS", "Deploy, and keep this run as the baseline: evalkit baseline bless.", {}),
        (
            {"state": "PASS", "flags": ("undecided",), "slice": SliceKey(by="a", value="b"), "n": 9},
            "PASS",
            "Deploy, and watch the 1 slice that is undecided.",
            {},
        ),
        ({"state": "INVALID", "n": 0}, "INVALID", "Mend what makes desk unsound, and compare again.", {}),
    ],
)
def test_the_next_step_fits_the_verdict(given: Any, outcome: Any, says: str, filters: dict[str, str]) -> None:
    step = advise(alone(finding(**given), outcome=outcome))
    assert step.text == says
    assert step.filters == filters


def test_a_verdict_without_findings_still_says_what_to_do() -> None:
    assert "compare again" in advise(alone(outcome="INVALID")).text
    assert say_gravest(alone(outcome="INVALID")) == ""


def test_findings_stand_by_gravity_everywhere() -> None:
    cut = SliceKey(by="a", value="b")
    states = [
        finding(state="PASS", n=1),
        finding(state="INCONCLUSIVE", n=2),
        finding(state="PASS", n=3, slice=cut, flags=("undecided", "looks_worse")),
        finding(state="REGRESSION", n=4),
        finding(state="PASS", n=5, slice=cut, flags=("undecided",)),
        finding(state="CRITICAL_FAIL", n=6),
    ]
    assert [one.n for one in tones.gravest_first(tuple(states))] == [6, 4, 3, 2, 5, 1]


def test_a_tolerated_drop_is_marked() -> None:
    assert words.marks(finding(state="PASS", flags=("tolerated_drop",))) == ["tolerated drop"]
    assert words.marks(finding(state="REGRESSION", flags=("looks_worse",))) == []
    assert tones.chip("tolerated drop") == "unsure"


def test_who_was_judged_is_told_to_the_digest() -> None:
    compared = comparison()
    model = ModelIdentity(
        name="ft",
        provider="local",
        model="SmolLM2-135M",
        fingerprint="f" * 64,
        details={
            "adapter": {"weights": {"adapter_model.safetensors": "c" * 64}, "config": "d" * 64},
            "adapter_path": "adapters/fine",
            "recording": "kept.jsonl",
            "recording_sha256": "e" * 64,
            "recorded": "2026-11-20T10:11:12",
        },
    )
    served = {
        name: tuple(dataclasses.replace(one, served_model="m-2026-11") for one in rows)
        for name, rows in compared.candidate_responses.items()
    }
    whole = dataclasses.replace(compared, candidate=model, candidate_responses=served)
    waived = finding(state="WAIVED", details={"waiver": {"owner": "aoki", "expires": "2027-01-31", "reason": "known"}})
    told = dict(facts(alone(waived), [whole], Origin(run="r1", command="evalkit compare base ft")))
    candidate = told["Candidate"]
    assert "adapter adapters/fine (sha256 cccccccccccc)" in candidate
    assert "served as m-2026-11" in candidate
    assert "recording kept.jsonl (sha256 eeeeeeeeeeee)" in candidate
    assert "recorded 2026-11-20 10:11" in candidate
    assert "aoki, until 2027-01-31" in told["Waivers"]
    assert told["To compare again"] == "evalkit compare base ft"


def test_suites_stand_by_gravity_on_the_page() -> None:
    from evalkit.report import html

    compared = [comparison(worse=False, seed=5, suite="general"), comparison()]
    page = html(verdict(compared), compared)
    assert page.index('data-name="support-desk"') < page.index('data-name="general"')
