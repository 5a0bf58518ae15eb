"""Several candidates beside one base: a line each, and which of them may be deployed."""

from __future__ import annotations

from dataclasses import dataclass

from evalkit.core.verdict import Finding, Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateLine:
    """One candidate: what its gates say, and the finding that ranks it.

    The finding is None where nothing was measured.
    """

    candidate: str
    outcome: Outcome
    exit_code: int
    because: str
    suites: tuple[tuple[str, Outcome], ...] = ()
    finding: Finding | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """A figure that was followed on the way, such as the training loss.

    A point is (place on the axis, value).
    """

    name: str
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """What puts candidates in an order: `step`, `epoch`, a number of examples.

    `places` has one number per candidate, as they stand in the summary; `courses` are drawn beside their curves.
    """

    name: str
    places: tuple[float, ...]
    courses: tuple[Course, ...] = ()
    note: str = ""
    """What is proven of their course, for the reader of the curves"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """All candidates in the order they were named.

    `best` is the one to deploy, None where none may be. `outcome` and `exit_code` are those of the worst candidate, or,
    where the best was asked for and there is one, its.
    """

    version: str
    base: str
    outcome: Outcome
    exit_code: int
    best: str | None
    because: str
    lines: tuple[CandidateLine, ...]
    axis: Axis | None = None
    """Where the candidates are checkpoints or versions along something"""
