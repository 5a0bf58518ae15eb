"""F1 of the tokens that answer and target share, as SQuAD's script counts it."""

from __future__ import annotations

import dataclasses
import re
import string
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from evalkit.core.exchange import Example, Response
from evalkit.core.verdict import Metric, Score
from evalkit.scorers.outcome import answer_text, expected_texts, missing_target, score_of
from evalkit.scorers.overlap.cutting import Cutting, Tokenizer, tokenizer_of
from evalkit.text.tokenizers import Dictionary, Mode, Spaced, choose_tokenizer

_ARTICLES = re.compile(r"\b(a|an|the)\b")
_MARKS = frozenset(string.punctuation)
_JA_MARKS = re.compile(r"[、。，．・「」『』（）！？：；…〜～]")


@dataclass(frozen=True, kw_only=True)
class TokenF1:
    """F1 of the tokens that answer and target share.

    `exact` is 1 where both are the same.

    As SQuAD's evaluation: lower case, marks and English articles left out, white space as one space; of several targets
    the best. Words stand between spaces; Japanese targets are cut into characters unless a tokenizer is named. A
    target that is empty (no answer) is met by an empty answer only.
    """

    VERSION: ClassVar[str] = "1"

    tokenizer: Tokenizer = "auto"
    """What both texts are cut by; `auto` is `char` where the targets are Japanese, else at spaces"""
    sudachi_mode: Mode = "C"
    """How long the words of `ja-sudachi` are: A short, B, C long"""
    sudachi_dictionary: Dictionary = "small"
    """The dictionary of `ja-sudachi`; it must be installed"""

    def __post_init__(self) -> None:
        if self.tokenizer not in ("auto", "char"):
            self._cutting.load()

    @property
    def version(self) -> str:
        """The version of the numbers."""
        return self.VERSION

    def with_targets(self, examples: Sequence[Example]) -> TokenF1:
        """Return the scorer with the tokenizer that fits these targets."""
        if self.tokenizer != "auto":
            return self
        return dataclasses.replace(self, tokenizer="char" if tokenizer_of(examples) == "char" else "none")

    def metrics(self) -> Sequence[Metric]:
        """List F1, equality, and the two shares behind F1."""
        cut = "char for Japanese targets, else spaces" if self.tokenizer == "auto" else self._cutting.words

        def share(part: str, about: str) -> Metric:
            return Metric(part=part, binary=False, low=0.0, high=1.0, about=about)

        return (
            share("", f"F1 of the tokens that answer and target share (tokenizer: {cut})"),
            Metric(part="exact", about="answer and target are the same after normalising"),
            share("precision", "share of the answer's tokens that the target has"),
            share("recall", "share of the target's tokens that the answer has"),
        )

    def check(self, example: Example) -> Sequence[str]:
        """Check that there is a target."""
        return missing_target(example)

    def score(self, example: Example, response: Response) -> Score:
        """Count shared tokens; of several targets the best counts."""
        expected, text = expected_texts(example), answer_text(response)
        cut = self._cut(expected)
        got = cut(_plain(text)).split()
        found = [_shares(cut(_plain(one)).split(), got) for one in expected]
        best = max(found)
        exact = any(_plain(one) == _plain(text) for one in expected)
        parts: dict[str, float | None] = {"exact": float(exact), "precision": best[1], "recall": best[2]}
        evidence = {"expected": expected[found.index(best)], "f1": round(best[0], 4)}
        return score_of(example, response, self.version, best[0], parts=parts, evidence=evidence)

    def _cut(self, expected: Sequence[str]) -> Spaced:
        name = self.tokenizer
        if name == "auto":
            name = "char" if choose_tokenizer(expected) == "char" else "none"
        if name == "char":
            return lambda text: " ".join("".join(text.split()))
        return dataclasses.replace(self._cutting, tokenizer=name).load_for(expected)

    @property
    def _cutting(self) -> Cutting:
        return Cutting(self.tokenizer, self.sudachi_mode, self.sudachi_dictionary)


def _plain(text: str) -> str:
    """SQuAD's normalising, and Japanese marks as well."""
    kept = "".join(mark for mark in text.lower() if mark not in _MARKS)
    return " ".join(_ARTICLES.sub(" ", _JA_MARKS.sub("", kept)).split())


def _shares(target: Sequence[str], answer: Sequence[str]) -> tuple[float, float, float]:
    """(F1, precision, recall)."""
    if not target or not answer:
        same = float(list(target) == list(answer))
        return same, same, same
    shared = sum((Counter(target) & Counter(answer)).values())
    if not shared:
        return 0.0, 0.0, 0.0
    precision, recall = shared / len(answer), shared / len(target)
    return 2 * precision * recall / (precision + recall), precision, recall
