"""Whether a Japanese persona shows in an answer, or, elsewhere, stays out of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from evalkit.core.exchange import Example, Response
from evalkit.core.verdict import Metric, Score
from evalkit.scorers.outcome import answer_text, score_of
from evalkit.text.persona import FIRST_PERSONS, first_persons, sentence_endings


@dataclass(frozen=True, slots=True, kw_only=True)
class Persona:
    """1 when the answer speaks as the persona does, else 0.

    It does when at least `min_endings` of its sentences end with one of `endings` and it uses no first person but
    `first_person`. With `expect: absent` the answer is right when it shows neither: the persona must not leak.
    """

    VERSION: ClassVar[str] = "1"

    first_person: tuple[str, ...]
    """The persona's own words for I"""
    endings: tuple[str, ...]
    """How its sentences end; a leading ～ is dropped"""
    min_endings: float = 0.5
    """Share of sentences that must end so"""
    expect: Literal["present", "absent"] = "present"
    """Whether the persona must show, or must not"""

    def __post_init__(self) -> None:
        if not self.first_person or not self.endings:
            raise ValueError("persona needs `first_person` and `endings`")
        if not 0 < self.min_endings <= 1:
            raise ValueError(f"min_endings must be above 0 and at most 1, not {self.min_endings}")

    @property
    def version(self) -> str:
        """The version of the numbers."""
        return self.VERSION

    def metrics(self) -> Sequence[Metric]:
        """List yes/no, the persona's first person, and the share of its endings.

        The first person is the persona's own.
        """
        wanted = self.expect == "present"
        return (
            Metric(about=f"the persona is {self.expect}"),
            Metric(
                part="first_person",
                higher_is_better=wanted,
                about="among answers with a first person: it is the persona's and no other",
            ),
            Metric(
                part="endings",
                higher_is_better=wanted,
                binary=False,
                low=0.0,
                high=1.0,
                about="share of sentences with a persona ending",
            ),
        )

    def check(self, example: Example) -> Sequence[str]:
        """Check nothing: no target is needed."""
        return ()

    def score(self, example: Example, response: Response) -> Score:
        """Look at first persons and sentence endings."""
        text = answer_text(response)
        used = first_persons(text, known=tuple(dict.fromkeys((*self.first_person, *FIRST_PERSONS))))
        own = sum(used.get(word, 0) for word in self.first_person)
        others = {word: count for word, count in used.items() if word not in self.first_person}
        hits, said = sentence_endings(text, endings=self.endings)
        share = hits / said if said else 0.0
        shows, hides = share >= self.min_endings and not others, own == 0 and hits == 0
        good = shows if self.expect == "present" else hides
        parts = {"first_person": float(own > 0 and not others) if used else None, "endings": share}
        evidence = {"first_persons": used, "sentences": said, "with_ending": hits}
        return score_of(example, response, self.version, good, parts=parts, evidence=evidence)
