"""What one scorer read of an arm's answers: counted, not held."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from evalkit.core.exchange import Response
from evalkit.core.fingerprint import canonical
from evalkit.core.verdict import Score

CONSTANT = 0.95
"""A scorer that reads one value in so many of its readings reads it whatever is said ..."""
BEYOND = 0.20
"""... where the commonest target is rarer than that by so much"""
MOST = 0.5
"""More unread answers than this are most of them"""
_READ = "read"


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


@dataclass(slots=True)
class ReadTally:
    """What a scorer read of some answers.

    How many it did not read, and how often which value.
    """

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


def count_arm(
    scores: Mapping[str, Sequence[Score]],
    answers: Mapping[str, Sequence[Response]],
    *,
    of: Mapping[str, str],
    targets: Mapping[str, object],
) -> dict[str, ArmRead]:
    """Count what was read of an arm's answers, by level.

    Where a scorer keeps no readings, the answers themselves are what it saw.
    """
    tallies: dict[str, ReadTally] = {}
    for example_id, rows in scores.items():
        tally = tallies.setdefault(of.get(example_id, ""), ReadTally())
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
    silent: Mapping[str, ReadTally],
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


NOTHING = ReadTally().sum_up()
