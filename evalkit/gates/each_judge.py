"""Several judges: what every gate would say under each of them, and that they disagree where they do."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from evalkit.core.columns import Comparison
from evalkit.core.exchange import Json
from evalkit.core.judging import DISAGREE, JUDGES, UNDER_EACH
from evalkit.core.verdict import Finding, SliceKey
from evalkit.gates.finding import with_figures
from evalkit.gates.states import FAILING, FINE

BETTER, SAME, WORSE = "better", "no change", "worse"
_Place = tuple[int, str, SliceKey | None]
_TODO = "look at the cases on which the judges differ, and hold each judge against people (evalkit judge check)"


def settle_judges(
    findings: Sequence[Finding], comparison: Comparison, *, judge: Callable[[Comparison], Sequence[Finding]]
) -> list[Finding]:
    """Return the findings with what each judge alone would make of them.

    `judge` judges another comparison by the same gates. A finding that is fine under all judges together and not under
    each of them is INCONCLUSIVE; one that fails stays as it is and says who disagrees.
    """
    facts: Mapping[str, Json] = comparison.manifest.get(JUDGES, {})
    out = list(findings)
    for scorer, about in facts.items():
        names = [*about["judges"]]
        mine = [finding for finding in findings if finding.metric.partition(".")[0] == scorer]
        if len(names) < 2 or not mine:
            continue
        alone = {name: {_place(one): one for one in judge(under(comparison, scorer, name))} for name in names}
        metrics = _together(comparison, scorer, names)
        for at, finding in enumerate(out):
            if finding.metric in metrics:
                place = _place(finding)
                out[at] = _settle(finding, {name: found[place] for name, found in alone.items() if place in found})
    return out


def under(comparison: Comparison, scorer: str, judge: str) -> Comparison:
    """Return the comparison as one judge alone has it."""
    columns = dict(comparison.columns)
    for metric in _together(comparison, scorer, [judge]):
        columns[metric] = replace(comparison.columns[f"{metric}.{judge}"], metric=metric)
    return replace(comparison, columns=columns)


def _together(comparison: Comparison, scorer: str, judges: Sequence[str]) -> list[str]:
    """The metrics of a scorer that every one of the judges has a figure of."""
    return [
        metric
        for metric in comparison.columns
        if metric.partition(".")[0] == scorer and all(f"{metric}.{judge}" in comparison.columns for judge in judges)
    ]


def _place(finding: Finding) -> _Place:
    return finding.gate_index, finding.metric, finding.slice


def _settle(finding: Finding, alone: Mapping[str, Finding]) -> Finding:
    if finding.state in ("INVALID", "TOO_SMALL") or not alone:
        return finding
    told: dict[str, Json] = {
        name: {
            "says": direction(one), "state": one.state, "base": one.base, "candidate": one.candidate,
            "delta": one.delta, "low": one.low, "high": one.high,
        }
        for name, one in alone.items()
    }  # fmt: skip
    details = {**finding.details, UNDER_EACH: told}
    shown = "; ".join(f"{name} says {_tell(one)}" for name, one in alone.items())
    because = f"{finding.because.rstrip('.')}. Under each judge: {shown}."
    if len({_verdict(one) for one in alone.values()}) == 1:
        return replace(finding, because=because, details=details)
    because = f"{finding.metric}: the judges disagree: {shown}; by all of them together: {finding.because}"
    changed = replace(finding, because=because, flags=(*finding.flags, DISAGREE), details=details)
    if finding.state not in FINE or all(one.state in FINE for one in alone.values()):
        return replace(changed, state="PASS") if _is_gain_of_some(finding, alone) else changed
    return replace(
        with_figures(changed, mde=None),
        state="INCONCLUSIVE",
        n_needed=None,
        flags=(*(flag for flag in finding.flags if flag == "alarm"), DISAGREE),
        because=f"{because.rstrip('.')}; to settle it, {_TODO}.",
        details={**details, "settle": _TODO},
    )


def _is_gain_of_some(finding: Finding, alone: Mapping[str, Finding]) -> bool:
    return finding.state == "IMPROVED" and any(one.state != "IMPROVED" for one in alone.values())


def direction(finding: Finding) -> str:
    """Say what a finding proves of the change: better, worse, or no change."""
    if finding.low is None or finding.high is None:
        return SAME
    low, high = (
        (finding.low, finding.high) if finding.estimate.higher_is_better else (-finding.high, -finding.low)
    )  # fmt: skip
    return BETTER if low > 0.0 else WORSE if high < 0.0 else SAME


def _verdict(finding: Finding) -> tuple[str, str]:
    """What readers would call another verdict: another direction of the change, or another end of the gate."""
    kind = "fine" if finding.state in FINE else "failing" if finding.state in FAILING else finding.state
    return direction(finding), kind


def _tell(finding: Finding) -> str:
    if finding.delta is None or finding.low is None or finding.high is None:
        return f"{finding.state}"
    return f"{direction(finding)} ({finding.delta:+.3g} [{finding.low:+.3g}, {finding.high:+.3g}], {finding.state})"
