"""BLEU (sacrebleu): n-grams of the answer that the target has, a row at a time and of all rows together."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

from evalkit.core.exchange import Example, Response
from evalkit.core.sets import SetFigure
from evalkit.core.verdict import Metric, Score
from evalkit.scorers.outcome import answer_text, expected_texts, missing_target, score_of
from evalkit.scorers.overlap.cutting import Cutting, Tokenizer, need_sacrebleu, tokenizer_of
from evalkit.text.tokenizers import Dictionary, Mode


@dataclass(frozen=True, kw_only=True)
class Bleu:
    """Sentence BLEU of the answer, from 0 to 100.

    `corpus` is that of all rows together.

    Corpus BLEU is no mean of rows: n-grams are counted over all of them, and gates compare it by drawing rows again.
    Rows are smoothed (exponential) and count the orders they have, as sacrebleu's `sentence_bleu` does. Japanese
    targets are cut into characters unless a tokenizer is named.
    """

    VERSION: ClassVar[str] = "1"

    tokenizer: Tokenizer = "auto"
    """What both texts are cut by; `auto` is `char` where the targets are Japanese, else `13a`"""
    lowercase: bool = False
    """Whether upper and lower case are the same"""
    sudachi_mode: Mode = "C"
    """How long the words of `ja-sudachi` are: A short, B, C long"""
    sudachi_dictionary: Dictionary = "small"
    """The dictionary of `ja-sudachi`; it must be installed"""

    def __post_init__(self) -> None:
        need_sacrebleu("bleu")
        self._cutting.load()

    @property
    def version(self) -> str:
        """The version of the numbers."""
        return self.VERSION

    def with_targets(self, examples: Sequence[Example]) -> Bleu:
        """Return the scorer with the tokenizer that fits these targets."""
        return self if self.tokenizer != "auto" else dataclasses.replace(self, tokenizer=tokenizer_of(examples))

    def metrics(self) -> Sequence[Metric]:
        """List the BLEU of a row, and that of all rows."""
        cut = f"tokenizer: {self._cutting.words}"
        over = SetFigure(figure="bleu", kind="sums", span=(0.0, 100.0))
        return (
            Metric(binary=False, low=0.0, high=100.0, about=f"sentence BLEU ({cut})"),
            Metric(part="corpus", binary=False, low=0.0, high=100.0, about=f"BLEU of all rows ({cut})", over=over),
        )

    def check(self, example: Example) -> Sequence[str]:
        """Check that there is a target."""
        return missing_target(example)

    def gold(self, example: Example) -> tuple[float, ...]:
        """Return what an answer equal to the target would add up to."""
        expected = expected_texts(example)
        return self._sums(self._measure(expected[0], expected[:1]))

    def score(self, example: Example, response: Response) -> Score:
        """Count the n-grams that answer and targets have."""
        expected = expected_texts(example)
        found = self._measure(answer_text(response), expected)
        evidence = {
            "tokenizer": self._cutting.name_for(expected),
            "precisions": [round(one, 2) for one in found.precisions],
            "lengths": [found.sys_len, found.ref_len],
        }
        scored = score_of(example, response, self.version, found.score, evidence=evidence)
        return dataclasses.replace(scored, code=self._sums(found))

    def _measure(self, text: str, expected: Sequence[str]) -> Any:
        spaced = self._cutting.load_for(expected)
        cut = [spaced(one.lower() if self.lowercase else one).rstrip() for one in (text.rstrip(), *expected)]
        return self._library.sentence_score(cut[0], cut[1:])

    @staticmethod
    def _sums(found: Any) -> tuple[float, ...]:
        return (float(found.sys_len), float(found.ref_len), *map(float, found.counts), *map(float, found.totals))

    @cached_property
    def _library(self) -> Any:
        from sacrebleu.metrics.bleu import BLEU

        return BLEU(tokenize="none", effective_order=True)

    @property
    def _cutting(self) -> Cutting:
        return Cutting(self.tokenizer, self.sudachi_mode, self.sudachi_dictionary)
