"""chrF: character n-grams that answer and target have in common (sacrebleu's values, counted with numpy)."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

from evalkit.core.errors import MissingExtra
from evalkit.core.exchange import Example, Response
from evalkit.core.sets import SetFigure
from evalkit.core.verdict import Metric, Score
from evalkit.scorers.outcome import answer_text, expected_texts, missing_target, score_of
from evalkit.scorers.overlap.chrf_counts import LONGEST, count_characters
from evalkit.stats.sets.sums import chrf_of

_MOST = 6
"""Orders of characters that are counted with numpy; longer ones by sacrebleu"""


@dataclass(frozen=True, kw_only=True)
class Chrf:
    """chrF of the answer, from 0 to 100.

    `corpus` is that of all rows together.

    Characters need no tokenizer: Japanese and English are counted alike, white space left out. `word_order: 2` is
    chrF++, whose words stand between spaces: for Japanese leave it at 0.
    """

    VERSION: ClassVar[str] = "1"

    char_order: int = 6
    """Characters of the longest n-gram"""
    word_order: int = 0
    """Words of the longest n-gram of words; 2 is chrF++"""
    beta: int = 2
    """How much more recall counts than precision"""
    lowercase: bool = False
    """Whether upper and lower case are the same"""
    whitespace: bool = False
    """Whether white space counts as characters"""

    def __post_init__(self) -> None:
        if not 1 <= self.char_order <= 10 or not 0 <= self.word_order <= 4 or not 1 <= self.beta <= 10:
            raise ValueError("chrf takes char_order 1 to 10, word_order 0 to 4 and beta 1 to 10")
        if not self._fast:
            _ = self._library

    @property
    def version(self) -> str:
        """The version of the numbers."""
        return self.VERSION

    def metrics(self) -> Sequence[Metric]:
        """List the chrF of a row, and that of all rows."""
        name = f"chrF{'+' * self.word_order}{self.beta} ({self.char_order} characters)"
        over = SetFigure(figure="chrf", kind="sums", span=(0.0, 100.0), beta=float(self.beta))
        return (
            Metric(binary=False, low=0.0, high=100.0, about=name),
            Metric(part="corpus", binary=False, low=0.0, high=100.0, about=f"{name} of all rows", over=over),
        )

    def check(self, example: Example) -> Sequence[str]:
        """Check that there is a target."""
        return missing_target(example)

    def gold(self, example: Example) -> tuple[float, ...]:
        """Return what an answer equal to the target would add up to."""
        expected = expected_texts(example)
        return self._count(expected[0], expected[0])

    def score(self, example: Example, response: Response) -> Score:
        """Count the n-grams that answer and target have; of several targets the best."""
        text = answer_text(response)
        counts = [self._count(text, target) for target in expected_texts(example)]
        values = [chrf_of(one, float(self.beta)) for one in counts]
        best = values.index(max(values))
        scored = score_of(example, response, self.version, values[best], evidence={"chrf": round(values[best], 2)})
        return dataclasses.replace(scored, code=counts[best])

    @property
    def _fast(self) -> bool:
        return self.word_order == 0 and self.char_order <= _MOST

    def _count(self, text: str, target: str) -> tuple[float, ...]:
        if self.lowercase:
            text, target = text.lower(), target.lower()
        text, target = text.rstrip(), target.rstrip()
        if not self._fast or len(text) + len(target) > LONGEST:
            found = self._library._extract_corpus_statistics([text], [[target]])
            return tuple(map(float, found[0]))
        if not self.whitespace:
            text, target = "".join(text.split()), "".join(target.split())
        return count_characters(text, target, self.char_order)

    @cached_property
    def _library(self) -> Any:
        try:
            from sacrebleu.metrics.chrf import CHRF
        except ImportError as error:
            raise MissingExtra("sacrebleu", "text", "chrf with words, or with more than 6 characters,") from error
        return CHRF(char_order=self.char_order, word_order=self.word_order, beta=self.beta, whitespace=self.whitespace)
