"""TER (sacrebleu): how many edits turn the answer into the target, a row at a time and of all rows together."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Literal

from evalkit.core.exchange import Example, Response
from evalkit.core.sets import SetFigure
from evalkit.core.verdict import Metric, Score
from evalkit.scorers.outcome import answer_text, expected_texts, missing_target, score_of
from evalkit.scorers.overlap.cutting import Cutting, need_sacrebleu, tokenizer_of
from evalkit.text.tokenizers import Dictionary, Mode

_WORST = -900.0
"""Ten times as many edits as words: no figure of all rows is drawn below"""
_EMPTY = 100.0
"""Of an empty answer: what a case is counted on to lose; one that rambles loses more"""


@dataclass(frozen=True, kw_only=True)
class Ter:
    """Translation edit rate in percent of the target's length.

    Less is better, and more than 100 is possible.

    Insertions, deletions, substitutions and shifts of blocks. `corpus` divides the edits of all rows by the length of
    all targets. Japanese targets are cut into characters unless a tokenizer is named.
    """

    VERSION: ClassVar[str] = "1"

    tokenizer: Literal["auto", "13a", "intl", "char", "ja-mecab", "ja-sudachi", "none"] = "auto"
    """What both texts are cut by; `auto` is `char` where the targets are Japanese, else `13a`"""
    case_sensitive: bool = False
    """Whether upper and lower case differ"""
    normalized: bool = False
    """Whether tercom's own normalising of marks and quotes is applied"""
    no_punct: bool = False
    """Whether punctuation is left out"""
    sudachi_mode: Mode = "C"
    """How long the words of `ja-sudachi` are: A short, B, C long"""
    sudachi_dictionary: Dictionary = "small"
    """The dictionary of `ja-sudachi`; it must be installed"""

    def __post_init__(self) -> None:
        need_sacrebleu("ter")
        self._cutting.load()

    @property
    def version(self) -> str:
        """The version of the numbers."""
        return self.VERSION

    def with_targets(self, examples: Sequence[Example]) -> Ter:
        """Return the scorer with the tokenizer that fits these targets."""
        if self.tokenizer != "auto":
            return self
        return dataclasses.replace(self, tokenizer=tokenizer_of(examples))  # type: ignore[arg-type]

    def metrics(self) -> Sequence[Metric]:
        """List the TER of a row, and that of all rows."""
        cut = f"tokenizer: {self._cutting.words}"
        over = SetFigure(figure="ter", kind="sums", span=(_WORST, 100.0), falls=True)
        return (
            Metric(
                binary=False,
                higher_is_better=False,
                low=0.0,
                reach=_EMPTY,
                about=f"edits per 100 tokens of the target ({cut})",
            ),
            Metric(
                part="corpus",
                binary=False,
                higher_is_better=False,
                low=0.0,
                reach=_EMPTY,
                about=f"edits of all rows per 100 tokens of all targets ({cut})",
                over=over,
            ),
        )

    def check(self, example: Example) -> Sequence[str]:
        """Check that there is a target."""
        return missing_target(example)

    def gold(self, example: Example) -> tuple[float, ...]:
        """Return what an answer equal to the target would add up to."""
        expected = expected_texts(example)
        return 0.0, self._measure(expected[0], expected)[2]

    def score(self, example: Example, response: Response) -> Score:
        """Count the edits."""
        expected = expected_texts(example)
        value, edits, length = self._measure(answer_text(response), expected)
        evidence = {"tokenizer": self._cutting.name_for(expected), "edits": edits, "length": round(length, 2)}
        scored = score_of(example, response, self.version, value, evidence=evidence)
        return dataclasses.replace(scored, code=(edits, length))

    def _measure(self, text: str, expected: Sequence[str]) -> tuple[float, float, float]:
        spaced = self._cutting.load_for(expected)
        found = self._library.sentence_score(spaced(text.rstrip()), [spaced(one.rstrip()) for one in expected])
        return float(found.score), float(found.num_edits), float(found.ref_length)

    @cached_property
    def _library(self) -> Any:
        from sacrebleu.metrics.ter import TER

        return TER(normalized=self.normalized, no_punct=self.no_punct, case_sensitive=self.case_sensitive)

    @property
    def _cutting(self) -> Cutting:
        return Cutting(self.tokenizer, self.sudachi_mode, self.sudachi_dictionary)
