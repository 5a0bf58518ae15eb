"""What a report is made of; renderers turn these into HTML, Markdown or a console."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from evalkit.core.nouns import Json

Tone = Literal["good", "bad", "unsure", "plain"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prose:
    """A heading (may be empty) and a paragraph."""

    heading: str = ""
    text: str = ""
    tone: Tone = "plain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows of cells, already formatted; `tones[i]` colours row i."""

    heading: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    tones: tuple[Tone, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One interval on an axis: a point with ends, oriented so that right is better."""

    label: str
    value: float
    low: float
    high: float
    tone: Tone = "plain"
    margin: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bars:
    """A forest plot of differences with their intervals."""

    heading: str
    bars: tuple[Bar, ...]
    unit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrix:
    """Counts or shares by two labels (a decision table, a slice heat map); None cells are blank."""

    heading: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: tuple[tuple[float | None, ...], ...]
    text: tuple[tuple[str, ...], ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One example with both answers: the unit of the broken/fixed view."""

    id: str
    group: Literal["broken", "fixed", "both_wrong", "both_right", "failed"]
    prompt: str
    expected: str
    base: str
    candidate: str
    scores: tuple[tuple[str, str, str], ...] = ()
    """(metric, base, candidate), formatted"""
    tags: Mapping[str, str] = field(default_factory=dict)
    evidence: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cases:
    """The cases of a suite, both arms side by side."""

    heading: str
    cases: tuple[Case, ...]
    counts: Mapping[str, int] = field(default_factory=dict)


Block = Prose | Table | Bars | Matrix | Cases
