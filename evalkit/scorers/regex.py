"""A regular expression over the answer."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Literal

from evalkit.core.exchange import Example, Response
from evalkit.core.verdict import Metric, Score
from evalkit.scorers.outcome import answer_text, expected_texts, missing_target, scored
from evalkit.text.normalize import Step, normalize


@dataclass(frozen=True, slots=True, kw_only=True)
class Regex:
    """1 when the pattern is found (or, with `expect: no_match`, is not), else 0.

    With `group` the text that the group caught must equal the target. The pattern is Python's `re`; it is the suite
    author's own, so a pattern that backtracks without end is theirs to avoid.
    """

    VERSION: ClassVar[str] = "1"

    pattern: str
    """Python's `re` syntax"""
    match: Literal["search", "full"] = "search"
    """Anywhere in the answer, or the whole of it"""
    expect: Literal["match", "no_match"] = "match"
    """Whether finding it is right"""
    group: int | str | None = None
    """The group whose text must equal the target"""
    occurrence: Literal["first", "last"] = "first"
    """Which match the group is taken from"""
    ignore_case: bool = False
    """Whether upper and lower case are the same"""
    normalize: tuple[Step, ...] = ("nfkc", "casefold", "strip")
    """Applied to the caught text and the target, not to the answer"""
    _compiled: re.Pattern[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        try:
            flags = re.IGNORECASE if self.ignore_case else re.NOFLAG
            object.__setattr__(self, "_compiled", re.compile(self.pattern, flags))
        except re.error as error:
            raise ValueError(f"pattern {self.pattern!r} is no regular expression: {error}") from None
        if self.group is not None and self.expect == "no_match":
            raise ValueError("`group` and `expect: no_match` exclude each other")
        if isinstance(self.group, str) and self.group not in self._compiled.groupindex:
            raise ValueError(f"the pattern has no group {self.group!r}")
        if isinstance(self.group, int) and not 0 <= self.group <= self._compiled.groups:
            raise ValueError(f"the pattern has {self._compiled.groups} groups, not {self.group}")

    @property
    def version(self) -> str:
        """The version of the numbers."""
        return self.VERSION

    def metrics(self) -> Sequence[Metric]:
        """Yes/no; with a group also whether anything was caught."""
        main = Metric(about="the pattern is (or is not) found as expected")
        return (main, Metric(part="found", about="the pattern is found")) if self.group is not None else (main,)

    def check(self, example: Example) -> Sequence[str]:
        """A target is needed with `group`."""
        return missing_target(example) if self.group is not None else ()

    def score(self, example: Example, response: Response) -> Score:
        """Search the answer."""
        text = answer_text(response)
        found = self._found(text)
        if self.group is None:
            good = (found is not None) == (self.expect == "match")
            evidence = {"found": found.group() if found else None}
            return scored(example, response, self.version, good, evidence=evidence)
        caught = found.group(self.group) if found else None
        expected = expected_texts(example)
        good = caught is not None and normalize(caught, self.normalize) in {
            normalize(one, self.normalize) for one in expected
        }
        evidence = {"expected": expected[0], "found": caught}
        return scored(
            example, response, self.version, good, parts={"found": float(found is not None)}, evidence=evidence
        )

    def _found(self, text: str) -> re.Match[str] | None:
        if self.match == "full":
            return self._compiled.fullmatch(text.strip())
        if self.occurrence == "first":
            return self._compiled.search(text)
        return next(iter(deque(self._compiled.finditer(text), maxlen=1)), None)
