"""What scorers read of the answers: where that is nothing, or one value whatever is said, no gate on them can pass."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from evalkit.core.columns import Comparison
from evalkit.core.exchange import Response
from evalkit.core.fingerprint import canonical
from evalkit.core.verdict import NO_VALUE, UNDECIDED, Finding, Score
from evalkit.gates import words
from evalkit.gates.finding import with_figures
from evalkit.gates.look import look_at

ONE_READING, UNREAD = "one_reading", "unread"
CONSTANT = 0.95
"""A scorer that reads one value in so many of its readings reads it whatever is said ..."""
BEYOND = 0.20
"""... where the commonest target is rarer than that by so much"""
MOST = 0.5
"""More unread answers than this are most of them"""
_READ = "read"
_LONGEST = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmRead:
    """What one scorer read of one arm's answers.

    `unread` counts answers that it could not read; None where it does not say. `top` is the value that it read most
    often, `top_share` its share of all readings, `target` and `target_share` likewise of what was expected.
    """

    answers: int
    unread: int | None
    top: str | None
    top_share: float
    target: str | None
    target_share: float

    @property
    def unread_share(self) -> float:
        """Of all answers."""
        return (self.unread or 0) / self.answers if self.answers else 0.0

    @property
    def is_unread(self) -> bool:
        """Most of its answers could not be read."""
        return self.unread_share > MOST

    @property
    def is_constant(self) -> bool:
        """One value whatever is said, and the targets do not ask for that."""
        known = self.top is not None and self.target is not None
        return known and self.top_share >= CONSTANT and self.top_share - self.target_share >= BEYOND - 1e-12


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
        return self._known[scorer, by].get(value, (_NOTHING, _NOTHING))

    def _group(self, scorer: str, by: str | None) -> dict[str, tuple[ArmRead, ArmRead]]:
        made = self.comparison
        levels = [""] * len(made.examples) if by is None else made.levels[by]
        of = {example.id: level for example, level in zip(made.examples, levels, strict=True)}
        targets = {example.id: example.target for example in made.examples}
        sides = ((made.base_scores, made.base_responses), (made.candidate_scores, made.candidate_responses))
        base, candidate = (
            _count_arm(scores.get(scorer, {}), answers, of=of, targets=targets) for scores, answers in sides
        )
        return {level: (base.get(level, _NOTHING), candidate.get(level, _NOTHING)) for level in {*base, *candidate}}


@dataclass(slots=True)
class _Tally:
    """What a scorer read of some answers: how many it did not, and how often which value."""

    answers: int = 0
    told: int = 0
    unread: int = 0
    readings: Counter[str] = field(default_factory=Counter)
    wanted: Counter[str] = field(default_factory=Counter)
    others: int = 0
    """Answers of a silent scorer whose text is not the one of most"""

    def add(self, score: Score) -> None:
        """Count a score in."""
        self.answers += 1
        read = score.parts.get(_READ)
        if read is not None:
            self.told += 1
            self.unread += not read > 0.0
        if score.reading is not None:
            self.readings[score.reading] += 1
        if score.expected is not None:
            self.wanted[score.expected] += 1

    @property
    def is_silent(self) -> bool:
        """The scorer keeps no readings, and does not say that it could not read."""
        return self.answers > 0 and not self.readings and not self.unread

    def sum_up(self) -> ArmRead:
        """Say what it comes to."""
        top, top_share = _commonest(self.readings, self.others)
        target, target_share = _commonest(self.wanted)
        known = self.readings.total() + self.others
        return ArmRead(
            answers=self.answers,
            unread=self.unread if self.told else None,
            top=top,
            top_share=top_share if 2 * known >= self.answers else 0.0,
            target=target,
            target_share=target_share,
        )


def _count_arm(
    scores: Mapping[str, Sequence[Score]],
    answers: Mapping[str, Sequence[Response]],
    *,
    of: Mapping[str, str],
    targets: Mapping[str, object],
) -> dict[str, ArmRead]:
    """What was read of an arm's answers, by level.

    Where a scorer keeps no readings, the answers themselves are what it saw.
    """
    tallies: dict[str, _Tally] = {}
    for example_id, rows in scores.items():
        tally = tallies.setdefault(of.get(example_id, ""), _Tally())
        for score in rows:
            if score.status == "SCORED":
                tally.add(score)
    silent = {level: tally for level, tally in tallies.items() if tally.is_silent}
    if silent:
        _read_texts(scores, answers, silent, of=of, targets=targets)
    return {level: tally.sum_up() for level, tally in tallies.items()}


def _read_texts(
    scores: Mapping[str, Sequence[Score]],
    answers: Mapping[str, Sequence[Response]],
    silent: Mapping[str, _Tally],
    *,
    of: Mapping[str, str],
    targets: Mapping[str, object],
) -> None:
    """Count the one text that may be most answers of a level, and what was expected where it is.

    A majority is found by two walks (Boyer and Moore, 1991), so that no text of many is held.
    """

    def walk() -> Iterator[tuple[str, str, str]]:
        for example_id, rows in scores.items():
            level = of.get(example_id, "")
            if level not in silent:
                continue
            said = {answer.repeat: answer for answer in answers.get(example_id, ())}
            for score in rows:
                if score.status == "SCORED" and score.repeat in said:
                    yield level, example_id, signature(said[score.repeat])

    likely: dict[str, tuple[str, int]] = {}
    for level, _, text in walk():
        top, lead = likely.get(level, (text, 0))
        likely[level] = (top, lead + 1) if text == top else (text, 1) if not lead else (top, lead - 1)
    alike = {level for level, (_, lead) in likely.items() if lead}
    for level, _, text in walk():
        if level in alike and text == likely[level][0]:
            silent[level].readings[text] += 1
        else:
            silent[level].others += 1
    for level, tally in silent.items():
        tally.wanted.clear()
        if tally.sum_up().top_share < CONSTANT:
            alike.discard(level)
    for level, example_id, _ in walk() if alike else ():
        if level in alike and targets.get(example_id) is not None:
            silent[level].wanted[canonical(targets[example_id])] += 1


def signature(answer: Response) -> str:
    """Return all that was said: two answers with one signature are the same."""
    if not answer.tool_calls and not answer.choice_scores:
        return answer.text or answer.refusal or ""
    calls = " ".join(f"{call.name}({call.arguments})" for call in answer.tool_calls)
    likely = " ".join(f"{score:.6g}" for score in answer.choice_scores)
    return "\0".join((answer.text or answer.refusal or "", calls, likely))


def commonest(values: Sequence[str]) -> tuple[str | None, float]:
    """Return the commonest value, and its share."""
    return _commonest(Counter(values))


def _commonest(counts: Counter[str], others: int = 0) -> tuple[str | None, float]:
    """The commonest value and its share, among `others` as well."""
    most = max(counts.values(), default=0)
    if not most:
        return None, 0.0
    top = min(value for value, count in counts.items() if count == most)
    return top, most / (counts.total() + others)


_NOTHING = _Tally().sum_up()


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
