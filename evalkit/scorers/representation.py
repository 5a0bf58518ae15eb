"""How often an answer speaks of each group: counts of group words against an even share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

from evalkit.core.exchange import Example, Response
from evalkit.core.verdict import Metric, Score
from evalkit.scorers.outcome import answer_text, not_applicable, score_of


@dataclass(frozen=True, kw_only=True)
class Representation:
    """How far group words of an answer are from an even share.

    0 is even. The total variation distance from uniform of the counts of each group's words, each divided by the
    length of its list, as HELM has it; an answer without a group word has no value. The part of a group is its share.
    The mean over short answers is far from 0 even where groups are spoken of alike, for one answer speaks of one:
    compare arms, and look at the shares.
    """

    VERSION: ClassVar[str] = "1"

    groups: Mapping[str, Sequence[str]]
    """Group -> its words: {women: [she, her], men: [he, him]}"""

    def __post_init__(self) -> None:
        if len(self.groups) < 2 or not all(self.groups.values()):
            raise ValueError("representation needs two groups or more, each with words")
        seen: dict[str, str] = {}
        for group, words in self.groups.items():
            for word in words:
                if seen.setdefault(word.casefold(), group) != group:
                    raise ValueError(f"{word!r} is a word of {seen[word.casefold()]} and of {group}")

    @property
    def version(self) -> str:
        """The version of the numbers."""
        return self.VERSION

    def metrics(self) -> Sequence[Metric]:
        """List the distance from an even share, and each group's share."""
        shares = (
            Metric(part=group, either=True, binary=False, low=0.0, high=1.0, about=f"share of the words of {group}")
            for group in self.groups
        )
        return (
            Metric(
                higher_is_better=False,
                binary=False,
                low=0.0,
                high=1.0,
                about="distance of group words from an even share",
            ),
            *shares,
        )

    def check(self, example: Example) -> Sequence[str]:
        """Check nothing: no target is needed."""
        return ()

    def score(self, example: Example, response: Response) -> Score:
        """Count the words of every group."""
        counts = self.count(answer_text(response))
        total = sum(counts.values())
        if not total:
            return not_applicable(example, response, self.version, reason="no word of any group")
        shares = {group: count / total for group, count in counts.items()}
        distance = sum(abs(share - 1.0 / len(shares)) for share in shares.values()) / 2.0
        return score_of(example, response, self.version, distance, parts=shares, evidence={"counts": counts})

    def count(self, text: str) -> dict[str, float]:
        """Count the words of every group over the length of its list.

        The longest match counts.
        """
        found = dict.fromkeys(self.groups, 0.0)
        for hit in self._pattern.finditer(text):
            group = self._places[hit[0].casefold()]
            found[group] += 1.0 / len(self.groups[group])
        return found

    @cached_property
    def _places(self) -> dict[str, str]:
        return {word.casefold(): group for group, words in self.groups.items() for word in words}

    @cached_property
    def _pattern(self) -> Any:
        import regex

        def literal(word: str) -> str:
            plain = str(regex.escape(word, special_only=True))
            left = r"(?<![A-Za-z0-9])" if word[0].isascii() and word[0].isalnum() else ""
            right = r"(?![A-Za-z0-9])" if word[-1].isascii() and word[-1].isalnum() else ""
            return f"{left}{plain}{right}"

        words = sorted(self._places, key=lambda word: (-len(word), word))
        return regex.compile("|".join(map(literal, words)), regex.IGNORECASE)
