"""Words that must, may or must not be in an answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from evalkit.core.exchange import Example, Response
from evalkit.core.verdict import Metric, Score
from evalkit.scorers.outcome import answer_text, expected_texts, missing_target, scored
from evalkit.text.normalize import Step, normalize


@dataclass(frozen=True, slots=True, kw_only=True)
class Contains:
    """1 when every text of `all`, at least one of `any` and none of `none` is in the answer, else 0.

    Without any of the three the target is looked for (with a list of targets: any of them).
    """

    VERSION: ClassVar[str] = "1"

    all: tuple[str, ...] = ()
    """Texts that must all be there"""
    any: tuple[str, ...] = ()
    """Texts of which one must be there"""
    none: tuple[str, ...] = ()
    """Texts that must not be there"""
    normalize: tuple[Step, ...] = ("nfkc", "casefold", "spaces")
    """Applied to both sides, in this order"""

    @property
    def version(self) -> str:
        """The version of the numbers."""
        return self.VERSION

    def metrics(self) -> Sequence[Metric]:
        """Yes/no, and the share of the wanted texts that were found."""
        return (
            Metric(about="everything wanted is in the answer and nothing unwanted"),
            Metric(part="found", binary=False, about="share of the wanted texts that are in the answer"),
        )

    def check(self, example: Example) -> Sequence[str]:
        """A target is needed where the options name no text."""
        return () if self.all or self.any or self.none else missing_target(example)

    def score(self, example: Example, response: Response) -> Score:
        """Look for each text."""
        answer = normalize(answer_text(response), self.normalize)
        some = self.any if self.all or self.any or self.none else expected_texts(example)
        missing = [text for text in self.all if normalize(text, self.normalize) not in answer]
        found_any = [text for text in some if normalize(text, self.normalize) in answer]
        unwanted = [text for text in self.none if normalize(text, self.normalize) in answer]
        good = not missing and not unwanted and (bool(found_any) or not some)
        wanted = len(self.all) + bool(some)
        found = len(self.all) - len(missing) + bool(found_any)
        evidence = {"missing": missing, "unwanted": unwanted}
        if some and not found_any:
            evidence["none_of"] = list(some)
        parts = {"found": found / wanted if wanted else None}
        return scored(example, response, self.version, good, parts=parts, evidence=evidence)
