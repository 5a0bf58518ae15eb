"""What scorers read of the answers: where that is nothing, or one value whatever is said, no gate on them can pass."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from evalkit.core.columns import Comparison
from evalkit.core.verdict import NO_VALUE, UNDECIDED, Finding
from evalkit.gates import words
from evalkit.gates.arm_read import NOTHING, ArmRead, count_arm
from evalkit.gates.finding import with_figures
from evalkit.gates.look import look_at

ONE_READING, UNREAD = "one_reading", "unread"
_LONGEST = 40


@dataclass(slots=True, kw_only=True)
class Readings:
    """What each scorer of a comparison read.

    It is over all cases and by slice value, computed once.
    """

    comparison: Comparison
    _known: dict[tuple[str, str | None], dict[str, tuple[ArmRead, ArmRead]]] = field(default_factory=dict)

    def of(self, scorer: str, by: str | None = None, value: str = "") -> tuple[ArmRead, ArmRead]:
        """Read the answers of base and candidate."""
        if (scorer, by) not in self._known:
            self._known[scorer, by] = self._group(scorer, by)
        return self._known[scorer, by].get(value, (NOTHING, NOTHING))

    def _group(self, scorer: str, by: str | None) -> dict[str, tuple[ArmRead, ArmRead]]:
        made = self.comparison
        levels = [""] * len(made.examples) if by is None else made.levels[by]
        of = {example.id: level for example, level in zip(made.examples, levels, strict=True)}
        targets = {example.id: example.target for example in made.examples}
        sides = ((made.base_scores, made.base_responses), (made.candidate_scores, made.candidate_responses))
        base, candidate = (
            count_arm(scores.get(scorer, {}), answers, of=of, targets=targets) for scores, answers in sides
        )
        return {level: (base.get(level, NOTHING), candidate.get(level, NOTHING)) for level in {*base, *candidate}}


def trouble(base: ArmRead, candidate: ArmRead) -> tuple[str, str] | None:
    """Return the flag and sentence of answers that tell nobody anything.

    It is None where the answers of both arms tell something.
    """
    if base.is_unread and candidate.is_unread:
        return UNREAD, (
            f"both arms' answers could not be read ({words.value(base.unread_share, share=True)} of the base's, "
            f"{words.value(candidate.unread_share, share=True)} of the candidate's)"
        )
    if base.is_constant and candidate.is_constant and base.top not in NO_VALUE and candidate.top not in NO_VALUE:
        return ONE_READING, f"whatever is said, one value is read: {_constant(base, candidate)}"
    return None


def trouble_alone(candidate: ArmRead) -> tuple[str, str] | None:
    """Return the flag and sentence of a candidate that is looked at alone."""
    share = words.value(candidate.unread_share, share=True)
    if candidate.is_unread:
        return UNREAD, f"{share} of the candidate's answers could not be read"
    if candidate.is_constant and candidate.top not in NO_VALUE:
        told = f"{quote(candidate.top)} in {words.value(candidate.top_share, share=True)} of the candidate's answers"
        return ONE_READING, f"whatever is said, one value is read: {told}, {_target(candidate)}"
    return None


def _constant(base: ArmRead, candidate: ArmRead) -> str:
    shares = [words.value(arm.top_share, share=True) for arm in (base, candidate)]
    if base.top == candidate.top:
        told = f"{quote(base.top)} in {shares[0]} of the base's answers and {shares[1]} of the candidate's"
    else:
        told = f"{quote(base.top)} in {shares[0]} of the base's answers, {quote(candidate.top)} in {shares[1]} of "
        told += "the candidate's"
    return f"{told}, {_target(base)}"


def _target(arm: ArmRead) -> str:
    return f"while the commonest target ({quote(arm.target)}) is {words.value(arm.target_share, share=True)} of them"


def quote(text: str | None) -> str:
    """Quote an answer in a line."""
    flat = " ".join((text or "").replace("\0", " ").split())
    return repr(flat if len(flat) <= _LONGEST else f"{flat[: _LONGEST - 1]}…")


def settle_readings(findings: Sequence[Finding], comparison: Comparison, *, alone: Mapping[int, bool]) -> list[Finding]:
    """Return the findings, INCONCLUSIVE where they pass on answers that nobody read.

    Harm and gains that are proven stay.

    `alone` says by index of the gate whether it looks at the candidate alone.
    """
    readings = Readings(comparison=comparison)
    return [
        _settle(finding, readings, alone=alone.get(finding.gate_index, False))
        if finding.metric.partition(".")[0] in comparison.base_scores
        else finding
        for finding in findings
    ]


def _settle(finding: Finding, readings: Readings, *, alone: bool) -> Finding:
    scorer = finding.metric.partition(".")[0]
    good_at = ("PASS", "IMPROVED") if _escapes(finding, readings, scorer) else ("PASS", "INCONCLUSIVE")
    if finding.state not in good_at:
        return finding
    base, candidate = readings.of(scorer)
    found = trouble_alone(candidate) if alone or "IMPROVED" in good_at else trouble(base, candidate)
    if found is None and finding.state == "PASS" and candidate.is_constant:
        found = trouble_alone(candidate)  # no better than a base that is no better than one answer to everything
    key = finding.slice
    if found is None and key is not None:
        base, candidate = readings.of(scorer, key.by, key.value)
        there = trouble_alone(candidate) if alone else trouble(base, candidate)
        if there is not None and there[0] == UNREAD:
            if finding.alarm and finding.state == "PASS":
                return leave_undecided(finding, there)
            found = there
    return finding if found is None else _untold(finding, readings.comparison, *found)


def _escapes(finding: Finding, readings: Readings, scorer: str) -> bool:
    """Less of the metric is better, and the candidate's answers are not read or all alike: no improvement."""
    candidate = readings.of(scorer)[1]
    return not finding.estimate.higher_is_better and (candidate.is_unread or candidate.is_constant)


def leave_undecided(finding: Finding, found: tuple[str, str]) -> Finding:
    """Leave a slice under alarm undecided, and say why."""
    flag, told = found
    flags = dict.fromkeys((*(f for f in finding.flags if f != "equivalent"), UNDECIDED, flag))
    return replace(finding, flags=tuple(flags), because=f"{finding.because.rstrip('.')}; {told}.")


def _untold(finding: Finding, comparison: Comparison, flag: str, told: str) -> Finding:
    rows = range(len(comparison.examples))
    key = finding.slice
    inside = [row for row in rows if key is None or comparison.levels[key.by][row] == key.value]
    applied = comparison.base_scores.get(finding.metric.partition(".")[0], {})
    inside = [row for row in inside if comparison.examples[row].id in applied]
    look, cases = look_at(comparison, finding.metric, inside)
    asked = "" if "look_at" in finding.details else f"; to settle it, {look}"
    if "look_at" in finding.details:
        because = f"{finding.metric}: {told}; {finding.because}"
    else:
        because = f"{finding.metric}{words.where(key)}: {told}, so this gate proves nothing{asked}; as scored: "
        because += finding.because
    return replace(
        with_figures(finding, mde=None),
        state="INCONCLUSIVE",
        n_needed=None,
        flags=(*(f for f in finding.flags if f in ("alarm", "nothing_to_lose", "failed_calls", "one_sided")), flag),
        because=because,
        details={**finding.details, "look_at": cases},
    )


def reading_notes(comparison: Comparison) -> tuple[str, ...]:
    """Say what a reader should know of what was read.

    There is a sentence a scorer; nothing where all is well.
    """
    if comparison.unsound:
        return ()
    readings, notes = Readings(comparison=comparison), []
    for scorer in comparison.base_scores:
        base, candidate = readings.of(scorer)
        found = trouble(base, candidate)
        if found is not None:
            notes.append(f"{scorer}: {found[1]}")
        elif base.is_constant and candidate.is_constant:
            notes.append(f"{scorer}: {_constant(base, candidate)}: only what is there too often can show")
    return tuple(notes)
