"""Exact agreement with the target, after the normalisation the suite asks for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from evalkit.core.exchange import Example, Response
from evalkit.core.verdict import Metric, Score
from evalkit.scorers.outcome import answer_text, expected_texts, missing_target, scored
from evalkit.text.normalize import Step, normalize


@dataclass(frozen=True, slots=True, kw_only=True)
class Exact:
    """1 when the answer equals the target (or one of them, where the target is a list), else 0."""

    VERSION: ClassVar[str] = "1"

    normalize: tuple[Step, ...] = ("nfkc", "casefold", "strip")
    """Applied to both sides, in this order"""

    @property
    def version(self) -> str:
        """The version of the numbers."""
        return self.VERSION

    def metrics(self) -> Sequence[Metric]:
        """One yes/no metric."""
        return (Metric(about="the answer equals the target"),)

    def check(self, example: Example) -> Sequence[str]:
        """A target is needed."""
        return missing_target(example)

    def score(self, example: Example, response: Response) -> Score:
        """Compare the whole answer."""
        expected = expected_texts(example)
        got = normalize(answer_text(response), self.normalize)
        hit = any(got == normalize(one, self.normalize) for one in expected)
        return scored(example, response, self.version, hit, evidence={"expected": expected[0], "got": got})
