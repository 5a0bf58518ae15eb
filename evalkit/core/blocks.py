"""What a report is made of; renderers turn these into HTML, Markdown or a console."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from evalkit.core.exchange import Json

Tone = Literal["good", "bad", "unsure", "plain"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prose:
    """A heading (may be empty) and a paragraph."""

    heading: str = ""
    text: str = ""
    tone: Tone = "plain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One interval on an axis: a point with ends.

    It is oriented so that right is better. `either` says that a change is bad in both directions (a group's gap): it
    has a margin on each side.
    """

    label: str
    value: float
    low: float
    high: float
    tone: Tone = "plain"
    margin: float | None = None
    either: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows of cells, already formatted; `tones[i]` colours row i.

    `details[i]` is a sentence under row i; `bars[i]` is row i's interval, drawn behind its cells on one axis for all.
    `numeric` holds the positions of the columns that are numbers.
    """

    heading: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    tones: tuple[Tone, ...] = ()
    note: str = ""
    details: tuple[str, ...] = ()
    bars: tuple[Bar | None, ...] = ()
    numeric: tuple[int, ...] = ()
    links: tuple[tuple[Mapping[str, str] | None, ...], ...] = ()
    """What leads from a cell to its cases: filters of the list of cases, None where there is none"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bars:
    """A forest plot of differences with their intervals."""

    heading: str
    bars: tuple[Bar, ...]
    unit: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrix:
    """Counts or shares by two labels, as a table of cells.

    A decision table and a heat map of slices are such. None cells are blank. `text` is what a cell says (a second line
    is smaller); `tones` colours the cells.
    """

    heading: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: tuple[tuple[float | None, ...], ...]
    text: tuple[tuple[str, ...], ...] = ()
    note: str = ""
    links: tuple[tuple[Mapping[str, str] | None, ...], ...] = ()
    """What leads from a cell to its cases: filters of the list of cases, None where there is none"""
    tones: tuple[tuple[Tone, ...], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One figure of a small plot, with its place on the axis.

    `low` and `high` are its interval, where it has one.
    """

    at: float
    value: float
    label: str
    """What a reader is told who points at it"""
    low: float | None = None
    high: float | None = None
    tone: Tone = "plain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """Figures in the order of an axis.

    `level` is drawn across (where nothing changed), `margin` below or above it; a `share` is told in percent.
    """

    heading: str
    points: tuple[Point, ...]
    share: bool = False
    level: float | None = None
    margin: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trends:
    """Small plots side by side on one axis; `ticks` are (place, label)."""

    heading: str
    axis: str
    ticks: tuple[tuple[float, str], ...]
    trends: tuple[Trend, ...]
    note: str = ""


Group = Literal["broken", "fixed", "both_wrong", "both_right", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One example with both answers: the unit of the broken/fixed view.

    `turns` are the (role, text) of the conversation, `prompt` its last user turn; calls are (name, raw arguments).
    `groups` says the group by one metric alone, `group` by all main metrics together.
    """

    id: str
    group: Group
    prompt: str
    expected: str
    base: str
    candidate: str
    scores: tuple[tuple[str, str, str], ...] = ()
    """(metric, base, candidate), formatted"""
    tags: Mapping[str, str] = field(default_factory=dict)
    evidence: Mapping[str, Json] = field(default_factory=dict)
    turns: tuple[tuple[str, str], ...] = ()
    base_calls: tuple[tuple[str, str], ...] = ()
    candidate_calls: tuple[tuple[str, str], ...] = ()
    groups: Mapping[str, Group] = field(default_factory=dict)
    status: tuple[str, str] = ("", "")
    """What is to be said of each arm's answer beside its text: a failure, a refusal, an answer cut at its limit"""
    thoughts: tuple[str, str] = ("", "")
    """What each arm thought; no part of the answer"""
    repeats: tuple[tuple[tuple[str, str], ...], tuple[tuple[str, str], ...]] = ((), ())
    """Of each arm asked more than once: (answer, its scores in words), in the order asked; empty where asked once"""
    cluster: str = ""
    """The unit it belongs to; empty where it stands alone"""
    levels: Mapping[str, str] = field(default_factory=dict)
    """What suites cut by that is no tag of the case: name -> value"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """One number a case and arm, in the order of the cases.

    None where there is none.
    """

    name: str
    base: Iterable[float | None]
    candidate: Iterable[float | None]
    unit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cases:
    """The cases of a suite, both arms side by side.

    They may be made one by one while they are gone over: whoever looks at each needs room for one. `known_ids` are
    theirs where they are known beforehand.
    """

    heading: str
    cases: Sequence[Case]
    counts: Mapping[str, int] = field(default_factory=dict)
    numbers: tuple[Numbers, ...] = ()
    """What is drawn as distributions: graded scores, lengths, seconds, tokens"""
    known_ids: Sequence[str] = ()

    @property
    def ids(self) -> Sequence[str]:
        """The ids of the cases."""
        return self.known_ids or [case.id for case in self.cases]


Block = Prose | Table | Bars | Matrix | Trends | Cases
