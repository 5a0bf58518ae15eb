"""Judges that nobody has held against people, or that people contradict: what they say proves nothing, either way."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from evalkit.core.columns import Comparison
from evalkit.core.exchange import Json
from evalkit.core.judging import JUDGES
from evalkit.core.verdict import Finding
from evalkit.gates.finding import with_figures
from evalkit.gates.waivers import covers
from evalkit.suite.spec import PolicySpec, SuiteSpec

TRUSTED = "judge_trusted"
"""The flag of a finding on a judge that gates because a waiver says so"""
ADVISORY = "advisory"
"""The flag of a finding on a judge that may not gate"""
LEAST = 50
"""Fewer labels of people than this are no calibration"""
COIN = 0.5
"""How often a coin names another answer when the order is turned"""
LARGE = 0.1
"""A leaning with length, as a share of the scale, that a reader would call one"""
LEANING = 0.05
"""A leaning towards one arm, as a share of the scale: it is as much of every difference"""
CHECK = "evalkit judge check"


def settle_advisory(
    findings: Sequence[Finding], comparison: Comparison, spec: SuiteSpec, *, today: dt.date
) -> list[Finding]:
    """Return the findings; what rests on an advisory judge is INCONCLUSIVE.

    Neither its PASS nor its FAIL counts, unless a waiver with `judge: trusted` says so.
    """
    facts: Mapping[str, Json] = comparison.manifest.get(JUDGES, {})
    if not facts:
        return list(findings)
    return [_settle(finding, facts, spec, today) for finding in findings]


def _settle(finding: Finding, facts: Mapping[str, Json], spec: SuiteSpec, today: dt.date) -> Finding:
    if finding.state == "INVALID":
        return finding
    found: dict[str, tuple[str, ...]] = {}
    for metric in finding.metric.split(", "):
        scorer, _, part = metric.partition(".")
        if scorer in facts and (why := why_advisory(facts[scorer], part, spec.policy)):
            found[metric] = why
    if not found:
        return finding
    speaking = [one for one in spec.waivers if one.judge is not None and covers(one, finding)]
    if any(today <= one.expires for one in speaking):
        holding = max(speaking, key=lambda one: one.expires)
        about = {"owner": holding.owner, "reason": holding.reason, "expires": holding.expires.isoformat()}
        said = f"{finding.because.rstrip('.')}; the judge is advisory and gates as {holding.owner} answers for it."
        details = {**finding.details, "judge_trusted": about}
        return replace(finding, because=said, flags=(*finding.flags, TRUSTED), details=details)
    expired = "".join(f"; the waiver of {one.owner} expired on {one.expires}" for one in speaking)
    return _tell(finding, found, expired)


def _tell(finding: Finding, found: Mapping[str, Sequence[str]], expired: str) -> Finding:
    why = "; ".join(sentence for reasons in found.values() for sentence in reasons)
    todo = f"hold the judge against at least {LEAST} labels of people ({CHECK}), or take a better judge or prompt"
    because = (
        f"{finding.metric}: the judge is advisory and cannot gate: {why}{expired}; to settle it, {todo}; "
        f"as judged ({finding.state}): {finding.because}"
    )
    return replace(
        with_figures(finding, mde=None),
        state="INCONCLUSIVE",
        n_needed=None,
        flags=(*(flag for flag in finding.flags if flag == "alarm"), ADVISORY),
        because=because,
        details={**finding.details, "settle": todo, "advisory": list(dict.fromkeys(why.split("; ")))},
    )


def why_advisory(about: Mapping[str, Json], part: str, policy: PolicySpec) -> tuple[str, ...]:
    """List why no gate may stand on a part of this judge's scores.

    Empty where one may.
    `about` are the facts of the scorer in a comparison's manifest, with its `calibration` where there is one.
    """
    calibration = about.get("calibration")
    if not calibration:
        return ("nobody has held it against labels of people",)
    if calibration.get("digest") != about["digest"]:
        return ("it was calibrated with another prompt or other options",)
    asked = {name: judge["digest"] for name, judge in about["judges"].items()}
    if calibration.get("judges") != asked:
        changed = sorted(name for name in asked if calibration.get("judges", {}).get(name) != asked[name])
        return (f"it was calibrated with another model ({', '.join(changed) or 'others beside it'})",)
    figures = calibration.get("figures", {}).get(part)
    if figures is None:
        told = f"its part {part!r} was" if part else "its score was"
        return (f"{told} not held against labels of people",)
    return tuple(faults_of(figures, policy))


def faults_of(figures: Mapping[str, Json], policy: PolicySpec) -> Iterator[str]:
    """List what a calibration holds against a judge, the gravest cause first."""
    yield from _order(figures.get("order"))
    yield from _itself(figures.get("itself"), policy.judge_floor)
    yield from _length(figures.get("length"))
    yield from _arms(figures.get("arms"))
    for by, signs in figures.get("sign_changes", {}).items():
        lenient, strict = ", ".join(signs["lenient"]), ", ".join(signs["strict"])
        yield f"by {by} it is lenient on {lenient} and strict on {strict}, which no threshold can mend"
    yield from _passes(figures.get("false_pass"), policy.judge_false_pass)
    if figures["n"] < LEAST:
        yield f"only {figures['n']} labels of people were held against it, fewer than {LEAST}"
    kappa = figures["kappa"]
    if kappa["value"] is None:
        yield f"its agreement with people beyond chance is undefined: {kappa['reason']}"
    elif kappa["low"] < policy.judge_floor:
        told = f"{kappa['value']:.2f} [{kappa['low']:.2f}, {kappa['high']:.2f}]"
        yield f"kappa with people is {told}, its lower end under judge_floor {policy.judge_floor:g}"


def _order(order: Mapping[str, Json] | None) -> Iterator[str]:
    if order and order["n"] and order["high"] >= COIN:
        share = f"{100 * order['value']:.0f}% of {order['n']} pairs"
        yield f"it names another answer when the order is turned in {share}: not proven better than a coin"


def _itself(itself: Mapping[str, Json] | None, floor: float) -> Iterator[str]:
    if itself and itself["value"] is not None and (itself["low"] is None or itself["low"] < floor):
        yield f"asked again it does not agree with itself: alpha {itself['value']:.2f}"


def _length(length: Mapping[str, Json] | None) -> Iterator[str]:
    if length and abs(length["value"]) >= LARGE and not length["low"] <= 0.0 <= length["high"]:
        side = "long" if length["value"] > 0 else "short"
        yield f"it is lenient on {side} answers: {_share(length)} of the scale beyond what people say"


def _arms(arms: Mapping[str, Json] | None) -> Iterator[str]:
    if arms and abs(arms["value"]) >= LEANING and not arms["low"] <= 0.0 <= arms["high"]:
        side = "candidate" if arms["value"] > 0 else "base"
        yield f"it favours the {side}: {_share(arms)} of the scale beyond what people say"


def _passes(found: Mapping[str, Json] | None, most: float | None) -> Iterator[str]:
    if most is None:
        return
    if not found or not found["n"]:
        yield "no answer that people fail was held against it, so its false passes are not known"
    elif found["high"] > most:
        told = f"{100 * found['value']:.0f}% (up to {100 * found['high']:.0f}%)"
        yield f"it passes {told} of {found['n']} answers that people fail, more than judge_false_pass {most:g}"


def _share(figure: Mapping[str, Json]) -> str:
    low, high = sorted((abs(figure["low"]), abs(figure["high"])))
    return f"by {abs(figure['value']):.2f} [{low:.2f}, {high:.2f}]"
