"""Which colour a state, an outcome or an interval has."""

from __future__ import annotations

from collections.abc import Sequence

from evalkit.core.blocks import Bar, Tone
from evalkit.core.tones import STATE_TONES
from evalkit.core.verdict import LOOKS_WORSE, UNDECIDED, Estimate, Finding, Outcome, State
from evalkit.report.figures import is_ratio, is_share

STATE = STATE_TONES
OUTCOME: dict[Outcome, Tone] = {"PASS": "good", "FAIL": "bad", "INCONCLUSIVE": "unsure", "INVALID": "bad"}

_ORDER: dict[State, int] = {
    "INVALID": 0,
    "CRITICAL_FAIL": 1,
    "REGRESSION": 2,
    "FLOOR_FAIL": 3,
    "INCONCLUSIVE": 5,
    "WAIVED": 6,
    "IMPROVED": 7,
    "PASS": 8,
    "TOO_SMALL": 9,
}
_LOOKS_WORSE = 4


def of_finding(finding: Finding) -> Tone:
    """Return the colour of a finding: undecided is no good news."""
    return "unsure" if finding.shown == UNDECIDED else STATE[finding.state]


def gravest_first(findings: tuple[Finding, ...]) -> list[Finding]:
    """Put what fails in front, then what looks worse, then what could not tell.

    Otherwise they stay as the suite has them.
    """
    return sorted(findings, key=_rank)


def _rank(finding: Finding) -> tuple[int, bool]:
    rank = _ORDER["INCONCLUSIVE"] if finding.shown == UNDECIDED else _ORDER[finding.state]
    if LOOKS_WORSE in finding.flags:
        rank = min(rank, _LOOKS_WORSE)
    return rank, finding.shown == UNDECIDED


def rises(of: Finding | Estimate) -> bool:
    """Tell whether a higher value of this metric is better."""
    return of.estimate.higher_is_better if isinstance(of, Finding) else of.higher_is_better


def of_interval(of: Estimate) -> Tone:
    """Tell whether the interval is better or worse beyond chance, or undecided."""
    if of.delta is None or of.low is None or of.high is None:
        return "plain"
    if of.low > 0 or of.high < 0:
        return "good" if (of.low > 0) == of.higher_is_better else "bad"
    return "unsure"


def worst_first(items: Sequence[Estimate]) -> list[Estimate]:
    """Put what is worse beyond chance in front, what is undecided behind it."""
    return sorted(items, key=lambda item: ("bad", "unsure", "plain", "good").index(of_interval(item)))


def bar(of: Finding | Estimate, *, up: bool, tone: Tone) -> Bar | None:
    """Return the interval with better on the right.

    A gap's stays as it is; None where no share is measured.
    """
    if of.delta is None or of.low is None or of.high is None or not (is_share(of) or is_ratio(of)):
        return None
    margin = of.margin if isinstance(of, Finding) else None
    either = isinstance(of, Finding) and of.words.either
    if up or either:
        return Bar(label=of.metric, value=of.delta, low=of.low, high=of.high, tone=tone, margin=margin, either=either)
    return Bar(label=of.metric, value=-of.delta, low=-of.high, high=-of.low, tone=tone, margin=margin)


def chip(state: str) -> Tone:
    """Return the colour of a state or an outcome by its name."""
    known: dict[str, Tone] = {str(name): tone for table in (STATE, OUTCOME) for name, tone in table.items()}
    known |= dict.fromkeys((UNDECIDED, "tolerated drop", "looks worse"), "unsure")
    return known.get(state, "plain")
