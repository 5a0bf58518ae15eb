"""Words that must, may or must not be in an answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from evalkit.core.exchange import Example, Response
from evalkit.core.verdict import Metric, Score
from evalkit.scorers.outcome import answer_text, expected_texts, missing_target, score_of
from evalkit.text.normalize import Step, normalize
from evalkit.text.words import has_numerals, has_words, unify_numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class Contains:
    """1 when the wanted texts are in the answer, else 0.

    Every text of `all`, at least one of `any` and none of `none` must be in it.

    Without any of the three the target is looked for (with a list of targets: any of them, with `match: all` each).
    With `words: true` only whole words count, and numbers as numbers: 1,200円 is in 1200円 and not in 11,200円.
    """

    VERSION: ClassVar[str] = "2"

    all: tuple[str, ...] = ()
    """Texts that must all be there"""
    any: tuple[str, ...] = ()
    """Texts of which one must be there"""
    none: tuple[str, ...] = ()
    """Texts that must not be there"""
    words: bool = False
    """Whether only whole words count (no cat in Catalog, no 3 days in 13 days), and numbers by their value"""
    match: Literal["any", "all"] = "any"
    """Of a target that is a list: one of them must be there, or all"""
    normalize: tuple[Step, ...] = ("nfkc", "invisible", "typographic", "casefold", "spaces")
    """Applied to both sides, in this order"""

    @property
    def version(self) -> str:
        """The version of the numbers."""
        return self.VERSION

    def metrics(self) -> Sequence[Metric]:
        """List yes/no, and the share of the wanted texts that were found."""
        return (
            Metric(about="everything wanted is in the answer and nothing unwanted"),
            Metric(
                part="found", binary=False, low=0.0, high=1.0, about="share of the wanted texts that are in the answer"
            ),
        )

    def check(self, example: Example) -> Sequence[str]:
        """Check that `normalize` leaves something of every text to look for."""
        if not (self.all or self.any or self.none) and (missing := missing_target(example)):
            return missing
        every, some = self._wanted_texts(example)
        gone = [text for text in (*every, *some, *self.none) if not normalize(text, self.normalize).strip()]
        return tuple(f"{text!r} is empty as compared, and so is in every answer" for text in dict.fromkeys(gone))

    def score(self, example: Example, response: Response) -> Score:
        """Look for each text."""
        every, some = self._wanted_texts(example)
        is_there = self._finder(answer_text(response))
        missing = [text for text in every if not is_there(text)]
        found_any = [text for text in some if is_there(text)]
        unwanted = [text for text in self.none if is_there(text)]
        good = not missing and not unwanted and (bool(found_any) or not some)
        wanted = len(every) + bool(some)
        found = len(every) - len(missing) + bool(found_any)
        evidence = {"missing": missing, "unwanted": unwanted}
        if some and not found_any:
            evidence["none_of"] = list(some)
        parts = {"found": found / wanted if wanted else None}
        return score_of(example, response, self.version, good, parts=parts, evidence=evidence)

    def _wanted_texts(self, example: Example) -> tuple[Sequence[str], Sequence[str]]:
        """The texts that must all be there, and those of which one must."""
        if self.all or self.any or self.none:
            return self.all, self.any
        targets = expected_texts(example)
        return (targets, ()) if self.match == "all" else ((), targets)

    def _finder(self, text: str) -> Callable[[str], bool]:
        answer = normalize(text, self.normalize)
        if not self.words:
            return lambda one: normalize(one, self.normalize) in answer
        unified: list[str] = []

        def find(one: str) -> bool:
            wanted = unify_numbers(normalize(one, self.normalize))
            if not has_numerals(wanted):
                return has_words(answer, wanted)
            if not unified:
                unified.append(unify_numbers(answer))
            return has_words(unified[0], wanted)

        return find
