"""What rules can tell of a tone: greetings, apologies, hedges, orders, address, length of sentences, ね and よ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal, get_args

from evalkit.core.exchange import Example, Response
from evalkit.core.verdict import Metric, Score
from evalkit.scorers.outcome import answer_text, score_of
from evalkit.text.tone import Sign, ToneReading, read_tone

Number = Literal["sentence_length", "ne_yo", "emoji"]
SIGNS: tuple[Sign, ...] = get_args(Sign)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tone:
    """1 when the answer shows the tone that is expected, else 0.

    It does with every sign of `expect` and none of `avoid`.

    Signs are told by rules, in Japanese and English: greeting, apology, thanks, hedge, imperative, request, question,
    address (the reader is spoken to), exclamation, emoji. What no rule can tell, `style_like` learns. Two answers may
    both be casual, one to a friend and one to a grandfather: their parts differ, whatever `register` says.
    """

    VERSION: ClassVar[str] = "1"

    expect: tuple[Sign, ...] = ()
    """Signs that must all be there"""
    avoid: tuple[Sign, ...] = ()
    """Signs that must not be there"""
    max_sentence: int | None = None
    """Characters of the mean sentence, at most"""

    def __post_init__(self) -> None:
        both = [sign for sign in self.expect if sign in self.avoid]
        if both:
            raise ValueError(f"{both[0]} is both expected and avoided")
        if self.max_sentence is not None and self.max_sentence < 1:
            raise ValueError("max_sentence must be at least 1")
        if not self.expect and not self.avoid and self.max_sentence is None:
            raise ValueError(f"tone needs `expect`, `avoid` or `max_sentence`; signs are {', '.join(SIGNS)}")

    @property
    def version(self) -> str:
        """The version of the numbers."""
        return self.VERSION

    def metrics(self) -> Sequence[Metric]:
        """List yes/no, every sign, and what is counted."""

        def count(part: str, about: str, *, high: float | None = None, unit: str = "") -> Metric:
            return Metric(part=part, binary=False, low=0.0, high=high, about=about, unit=unit, either=True)

        return (
            Metric(about="the answer shows what is expected and nothing that is avoided"),
            *(Metric(part=sign, about=f"it holds: {sign}", higher_is_better=sign not in self.avoid) for sign in SIGNS),
            count("sentence_length", "characters of the mean sentence", unit="characters"),
            count("ne_yo", "share of sentences that end with ね, よ or よね", high=1.0),
        )

    def check(self, example: Example) -> Sequence[str]:
        """Check nothing: no target is needed."""
        return ()

    def score(self, example: Example, response: Response) -> Score:
        """Look for the signs."""
        found = read_tone(answer_text(response))
        lacking = [sign for sign in self.expect if not found.signs.get(sign)]
        shown = [sign for sign in self.avoid if found.signs.get(sign)]
        long = self.max_sentence is not None and found.sentence_length > self.max_sentence
        good = bool(found.sentences) and not lacking and not shown and not long
        told = [*(f"no {sign}" for sign in lacking), *shown, *(["long sentences"] if long else [])]
        return score_of(
            example,
            response,
            self.version,
            float(good),
            parts=_parts(found),
            reason=", ".join(told) if found.sentences else "nothing is said",
            evidence={"signs": {sign: count for sign, count in found.signs.items() if count}},
        )


def _parts(found: ToneReading) -> Mapping[str, float | None]:
    there = bool(found.sentences)
    return {
        **{sign: float(found.signs.get(sign, 0) > 0) for sign in SIGNS},
        "sentence_length": found.sentence_length if there else None,
        "ne_yo": found.ne_yo / found.sentences if there else None,
    }
