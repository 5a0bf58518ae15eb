"""What checks are made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from evalkit.core.exchange import Example, Response


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedAnswer:
    """What a check looks at; `cost` in USD, None where no price is known."""

    example: Example
    response: Response
    cost: float | None = None


class CheckResult(NamedTuple):
    """What a check says: passed, failed or not known (None); and why.

    It is None where what the check looks at is not known. `share` is what it counts where that is neither all nor
    nothing: of checks that stand together, the share of their weight that passed.
    """

    passed: bool | None
    because: str = ""
    share: float | None = None

    @property
    def worth(self) -> float:
        """What it counts, from 0 to 1."""
        return float(bool(self.passed)) if self.share is None else self.share


Judge = Callable[[CheckedAnswer], CheckResult]


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One check as a row writes it.

    `takes_nothing`: it says itself that an empty answer is right.
    """

    label: str
    judge: Judge
    weight: float = 1.0
    takes_nothing: bool = False


class BadCheck(ValueError):
    """A check that cannot be judged: one sentence."""
