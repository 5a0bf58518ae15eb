"""A regular expression over the answer."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from evalkit.core.exchange import Example, Response
from evalkit.core.verdict import Metric, Score
from evalkit.scorers.outcome import answer_text, expected_texts, missing_target, score_of
from evalkit.text.normalize import Step, nfkc, normalize

_LONGEST = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Regex:
    """1 when the pattern is found (or, with `expect: no_match`, is not), else 0.

    With `group` the text that the group caught must equal the target. The pattern is Python's `re`, and what the
    package `regex` adds to it (`\\p{Han}`). White space before the answer is left out, as it is behind a thought,
    unless it is `kept`. A
    search that backtracks longer than `timeout` is an error of that case.
    """

    VERSION: ClassVar[str] = "2"

    pattern: str
    """Python's `re` syntax, with `\\p{L}` and the like"""
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
    nfkc: bool = False
    """Whether the answer is brought to NFKC first (full-width digits and letters become half-width)"""
    leading_space: Literal["ignored", "kept"] = "ignored"
    """Whether white space before the answer is left out before the search"""
    timeout: float = 2.0
    """Seconds that a search may take"""
    normalize: tuple[Step, ...] = ("nfkc", "invisible", "typographic", "casefold", "strip")
    """Applied to the caught text and the target, not to the answer"""
    _compiled: Any = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        import regex

        if not 0 < self.timeout <= _LONGEST:
            raise ValueError(f"timeout must be above 0 and at most {_LONGEST} seconds, not {self.timeout:g}")
        try:
            object.__setattr__(
                self, "_compiled", regex.compile(self.pattern, regex.IGNORECASE if self.ignore_case else 0)
            )
        except regex.error as error:
            raise ValueError(
                f"pattern {self.pattern!r} is no regular expression: {_explain(self.pattern, error)}"
            ) from None
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
        """List yes/no; with a group also whether anything was caught."""
        main = Metric(about="the pattern is (or is not) found as expected")
        if self.group is None:
            return (main,)
        return (
            main,
            Metric(part="found", about="the pattern is found"),
            Metric(part="read", about="the group caught a text"),
        )

    def check(self, example: Example) -> Sequence[str]:
        """Check that there is a target where there is a `group`."""
        return missing_target(example) if self.group is not None else ()

    def score(self, example: Example, response: Response) -> Score:
        """Search the answer."""
        text = answer_text(response)
        text = text if self.leading_space == "kept" else text.lstrip()
        text = nfkc(text) if self.nfkc else text
        try:
            found = self._find(text)
        except TimeoutError:
            raise ValueError(
                f"the pattern {self.pattern!r} takes longer than {self.timeout:g} s on the answer to {example.id!r}: "
                "it backtracks; say it without nested repeats, or raise `timeout`"
            ) from None
        if self.group is None:
            good = (found is not None) == (self.expect == "match")
            evidence = {"found": found.group() if found else None}
            return score_of(example, response, self.version, good, evidence=evidence)
        caught = found.group(self.group) if found else None
        return self._score_caught(example, response, found is not None, caught)

    def _score_caught(self, example: Example, response: Response, found: bool, caught: str | None) -> Score:
        expected = expected_texts(example)
        wanted = [normalize(one, self.normalize) for one in expected]
        reading = None if caught is None else normalize(caught, self.normalize)
        hit = reading is not None and reading in wanted
        return score_of(
            example,
            response,
            self.version,
            hit,
            parts={"found": float(found), "read": float(caught is not None)},
            evidence={"expected": expected[0], "found": caught},
            reading=reading,
            expected=reading if hit else wanted[0],
        )

    def _find(self, text: str) -> Any:
        if self.match == "full":
            return self._compiled.fullmatch(text.strip(), timeout=self.timeout)
        if self.occurrence == "first":
            return self._compiled.search(text, timeout=self.timeout)
        return next(iter(deque(self._compiled.finditer(text, timeout=self.timeout), maxlen=1)), None)


def _explain(pattern: str, error: Exception) -> str:
    """What is wrong with a pattern: in Python's words, which say more, where it refuses the pattern too."""
    try:
        re.compile(pattern)
    except re.error as own:
        return str(own)
    return str(error)
