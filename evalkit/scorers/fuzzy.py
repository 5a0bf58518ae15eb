"""Likeness to the target in characters or words (rapidfuzz)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from rapidfuzz import fuzz
from rapidfuzz.distance import JaroWinkler, Levenshtein

from evalkit.core.exchange import Example, Response
from evalkit.core.verdict import Metric, Score
from evalkit.scorers.outcome import answer_text, expected_texts, missing_target, score_of
from evalkit.text.normalize import Step, normalize
from evalkit.text.script import tokens

Method = Literal["ratio", "partial", "token_sort", "token_set", "levenshtein", "jaro_winkler"]


def _words(measure: Callable[[str, str], float]) -> Callable[[str, str], float]:
    return lambda one, other: measure(" ".join(tokens(one)), " ".join(tokens(other))) / 100


_METHODS: Mapping[Method, Callable[[str, str], float]] = {
    "ratio": lambda one, other: fuzz.ratio(one, other) / 100,
    "partial": lambda one, other: fuzz.partial_ratio(one, other) / 100,
    "token_sort": _words(fuzz.token_sort_ratio),
    "token_set": _words(fuzz.token_set_ratio),
    "levenshtein": Levenshtein.normalized_similarity,
    "jaro_winkler": JaroWinkler.normalized_similarity,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fuzzy:
    """1 when the answer is at least `threshold` like the target, else 0.

    The similarity itself is the part `similarity`.

    With several targets the nearest counts. An empty answer is like nothing.
    """

    VERSION: ClassVar[str] = "2"

    threshold: float = 0.9
    """Likeness from which the answer is right, from 0 to 1"""
    method: Method = "ratio"
    """How likeness is measured: rapidfuzz by characters, or by words"""
    normalize: tuple[Step, ...] = ("nfkc", "invisible", "typographic", "casefold", "spaces")
    """Applied to both sides, in this order"""

    def __post_init__(self) -> None:
        if not 0 < self.threshold <= 1:
            raise ValueError(f"threshold must be above 0 and at most 1, not {self.threshold}")

    @property
    def version(self) -> str:
        """The version of the numbers."""
        return self.VERSION

    def metrics(self) -> Sequence[Metric]:
        """List yes/no, and the similarity from 0 to 1."""
        return (
            Metric(about=f"the answer is at least {self.threshold:g} like the target"),
            Metric(part="similarity", binary=False, low=0.0, high=1.0, about=f"likeness to the target ({self.method})"),
        )

    def check(self, example: Example) -> Sequence[str]:
        """Check that there is a target."""
        return missing_target(example)

    def score(self, example: Example, response: Response) -> Score:
        """Measure against every target."""
        expected = expected_texts(example)
        got = normalize(answer_text(response), self.normalize)
        measure = _METHODS[self.method]
        likeness = [measure(got, normalize(one, self.normalize)) if got else 0.0 for one in expected]
        best = max(likeness)
        evidence = {"expected": expected[likeness.index(best)], "similarity": round(best, 4)}
        return score_of(
            example, response, self.version, best >= self.threshold, parts={"similarity": best}, evidence=evidence
        )
