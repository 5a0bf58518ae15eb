"""A score that somebody else gave: another judge, a person, another tool."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from evalkit.core.errors import did_you_mean
from evalkit.core.exchange import Example, Response
from evalkit.core.verdict import Metric, Score
from evalkit.scorers.outcome import score_of

UNSCORABLE = "unscorable: "
"""How the reason of a score begins that was not given, or is no number"""
_LARGEST = 1e100
"""No scale is longer, and squares of longer ones are no numbers"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """The number under this name in the answer's `scores`.

    true is 1, false is 0.

    An answer without the score, or with one that is no finite number (null, a text, what a broken judge left), is
    unscorable: counted, shown, taken for the worst where it could decide, and INVALID above `max_error_rate`.
    """

    VERSION: ClassVar[str] = "1"

    score_: str
    """The name of the score in the recording's `scores`"""
    low: float | None = None
    """The lowest value of its scale"""
    high: float | None = None
    """The highest value of its scale"""
    better: Literal["higher", "lower"] = "higher"
    """Which end is good"""
    yes_no: bool = False
    """Each value is 0 or 1, true or false: the mean is a rate"""
    on_missing: Literal["unscorable"] = "unscorable"
    """What an answer without this score is"""

    def __post_init__(self) -> None:
        if not self.score_:
            raise ValueError("given needs the name of a `score`")
        if self.low is not None and self.high is not None and not self.low < self.high:
            raise ValueError(f"low {self.low:g} must be below high {self.high:g}")
        if self.yes_no and (self.low not in (None, 0) or self.high not in (None, 1)):
            raise ValueError("a yes/no score goes from 0 to 1: leave `low` and `high` out")

    @property
    def version(self) -> str:
        """The version of the numbers."""
        return self.VERSION

    def metrics(self) -> Sequence[Metric]:
        """List the score as it was given."""
        return (
            Metric(
                higher_is_better=self.better == "higher",
                binary=self.yes_no,
                about=f"the score {self.score_!r}, given by others",
                low=0.0 if self.yes_no else self.low,
                high=1.0 if self.yes_no else self.high,
            ),
        )

    def check(self, example: Example) -> Sequence[str]:
        """Check nothing: the scores stand beside the answers."""
        return ()

    def score(self, example: Example, response: Response) -> Score:
        """Return the number that was given.

        Where there is none, an error, which fails closed.
        """
        found = self._read_given(response)
        if isinstance(found, float):
            return score_of(example, response, self.version, found)
        return Score(
            example_id=example.id,
            scorer="",
            version=self.version,
            status="ERROR",
            reason=f"{UNSCORABLE}{found}",
            repeat=response.repeat,
        )

    def _read_given(self, response: Response) -> float | str:
        """The number, or the words that say why there is none."""
        if self.score_ not in response.scores:
            near = did_you_mean(self.score_, response.scores)
            return f"the answer has no score {self.score_!r}{near}"
        value = response.scores[self.score_]
        if value is None:
            return f"the score {self.score_!r} is null"
        if not isinstance(value, (bool, int, float)):
            kind = "a text" if isinstance(value, str) else "an object" if isinstance(value, dict) else "a list"
            return f"the score {self.score_!r} is {kind}, not a number: {str(value)[:60]}"
        if not math.isfinite(value) or (self.yes_no and value not in (0, 1)):
            return f"the score {self.score_!r} is {value:g}{', neither 0 nor 1' if self.yes_no else ''}"
        if abs(value) > _LARGEST:
            return f"the score {self.score_!r} is {value:g}, too large to be compared"
        return float(value)
