"""What the scores of an arm are, told in one pass over its rows: their names, and between what they lie."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from evalkit.foreign.nouns import ForeignRow


@dataclass(slots=True)
class ScoreSpan:
    """Between what the numbers of a score lie.

    `least` is above `most` where there is none.
    """

    least: float = math.inf
    most: float = -math.inf
    yes_no: bool = True
    """Whether each is 0 or 1"""

    @property
    def is_empty(self) -> bool:
        """Whether no value was a number."""
        return self.least > self.most

    def join(self, other: ScoreSpan) -> ScoreSpan:
        """Return the span over both."""
        return ScoreSpan(min(self.least, other.least), max(self.most, other.most), self.yes_no and other.yes_no)


def survey_scores(rows: Iterable[ForeignRow]) -> dict[str, ScoreSpan]:
    """Find the scores that rows have, with their spans.

    In the order in which they come.
    """
    spans: dict[str, ScoreSpan] = {}
    for row in rows:
        for name, value in row.scores.items():
            span = spans.get(name)
            if span is None:
                span = spans[name] = ScoreSpan()
            if isinstance(value, (bool, int, float)) and math.isfinite(value):
                if value < span.least:
                    span.least = float(value)
                if value > span.most:
                    span.most = float(value)
                if span.yes_no and value not in (0, 1):
                    span.yes_no = False
    return spans
