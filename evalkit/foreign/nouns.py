"""What every importer makes of a file: rows of arms, the scales of their scores, and what it had to guess."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Literal, Protocol

from evalkit.core.exchange import EMPTY, Failure, Json, Message, ToolCall, Usage
from evalkit.core.on_disk import ManyRows

Better = Literal["higher", "lower"]


_UNJUDGED = (
    "nothing that judges an answer could be carried over: every comparison is INVALID until rows have `checks` or the "
    "suite has scorers of yours"
)


@dataclass(slots=True, kw_only=True)
class ForeignRow:
    """One answer to one case.

    `where` is the line or row it stands in; `None` is what the source does not say.
    """

    id: str
    where: str = ""
    repeat: int = 0
    input: str | None = None
    messages: tuple[Message, ...] = ()
    """What was asked, where the source keeps turns"""
    raw_prompt: str | None = None
    """The words that were sent, where `input` is what differs between cases of one prompt"""
    text: str | None = None
    tool_calls: tuple[ToolCall, ...] = ()
    target: Json = None
    tags: Mapping[str, str] = field(default_factory=lambda: EMPTY)
    cluster: str | None = None
    scores: Mapping[str, Json] = field(default_factory=lambda: EMPTY)
    failure: Failure | None = None
    usage: Usage | None = None
    latency_s: float | None = None
    finish: str | None = None
    """How the answer ended, as the server said"""

    @property
    def asked(self) -> tuple[Message, ...]:
        """What was asked, as turns; empty where the source does not say."""
        if self.messages or self.input is None:
            return self.messages
        return (Message(role="user", content=self.input),)

    def __reduce__(self) -> tuple[object, ...]:
        """Its values alone: rows go through temporary files by the million."""
        values = [getattr(self, name) for name in _ROW]
        return _row_of, tuple([None if value is EMPTY or value == () else value for value in values])


_ROW = tuple(one.name for one in fields(ForeignRow))


def _row_of(*values: Json) -> ForeignRow:
    return ForeignRow(**{name: value for name, value in zip(_ROW, values, strict=True) if value is not None})


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreScale:
    """What a score's numbers mean.

    `yes_no`: each is 0 or 1. `why` says where that is known from, in words.
    """

    low: float
    high: float
    better: Better = "higher"
    yes_no: bool = False
    why: str = ""

    @property
    def margin(self) -> float:
        """The default margin: 2 points of a rate, else 2 % of the scale."""
        return 0.02 if self.yes_no else 0.02 * (self.high - self.low)


@dataclass(slots=True, kw_only=True)
class ForeignArm:
    """The answers of one model, prompt or run, in file order."""

    name: str
    rows: ManyRows[ForeignRow]
    """A list, or rows on disk: gone over several times, and never changed once they are here"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What the user said about the columns (`--columns`).

    What is None is for the importer to find out.
    """

    fields: Mapping[str, str] = field(default_factory=dict)
    """id, input, output, target, model, repeat, cluster -> name of the column"""
    scores: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    better: Better | None = None
    margin: float | None = None
    suites: tuple[str, ...] = ()
    """Of a source that holds several data sets (tasks): those to be taken"""
    on_disk: bool = False
    """Whether rows are to lie in temporary files (`evalkit.core.on_disk.row_store`), for sources larger than memory"""


@dataclass(slots=True, kw_only=True)
class ForeignResults:
    """One or more arms out of one source.

    `scorer` is how answers are scored where no scores came along.
    """

    tool: str
    source: str
    """The data set (the task): sources of one name are compared with each other"""
    arms: list[ForeignArm]
    directions: dict[str, Better] = field(default_factory=dict)
    """Which end of a score is good, where the source says so"""
    scales: dict[str, ScoreScale] = field(default_factory=dict)
    """Of the scores whose scale the tool defines"""
    scorers: dict[str, dict[str, Json]] = field(default_factory=dict)
    """Scorers of evalkit's own that stand for the source's, by name"""
    guessed: dict[str, str] = field(default_factory=dict)
    """What was taken for what: field -> words"""
    set_by: str = ""
    """The `--columns` line that says all of it"""
    possible_arms: tuple[str, ...] = ()
    """Columns that could be arms by themselves"""
    carried: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    """What was not carried over, and why"""
    file: str = ""
    """The file it was read from, without its endings"""
    asked_alike: bool = True
    """Whether arms are to have been asked the same; not where they are prompts compared with each other"""


class Importer(Protocol):
    """Reads the results of one tool."""

    def fits(self, path: Path) -> bool:
        """Tell at a glance whether this looks like the tool's.

        Without reading the whole of it.
        """

    def read(self, path: Path, wishes: Wishes, arms: Sequence[str] = ()) -> Sequence[ForeignResults]:
        """Read every data set (task) of it; DataError or UsageError where it cannot be.

        `arms` are those that were named: a table's columns can be arms when they are called for.
        """


def as_object(value: Json) -> dict[str, Json]:
    """Return the value where it is a JSON object, else an empty one.

    What a source leaves out is not there.
    """
    return value if isinstance(value, dict) else {}


def as_list(value: Json) -> list[Json]:
    """Return the value where it is a list, else an empty one."""
    return value if isinstance(value, list) else []


@dataclass(slots=True, kw_only=True)
class ForeignSuite:
    """A data set with its scorers, as a tool's config describes it.

    Answers are there where results came along.
    """

    tool: str
    name: str
    rows: list[dict[str, Json]]
    """ManyRows as evalkit writes them: id, messages, target, choices, checks, tags, ..."""
    scorers: dict[str, dict[str, Json]]
    margins: dict[str, float]
    """Metric -> how far it may fall; each is gated"""
    generate: dict[str, Json] = field(default_factory=dict)
    repeats: int = 1
    slices: list[str] = field(default_factory=list)
    models: dict[str, dict[str, Json]] = field(default_factory=dict)
    """Entries of models.yaml by the names of arms"""
    answers: dict[str, list[ForeignRow]] = field(default_factory=dict)
    """The answers of each arm that came along, by the ids of `rows`"""
    about: str = ""
    carried: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    """What was not carried over, and why"""
    files: tuple[Path, ...] = ()
    """Files beside the config that it was made of"""
    used: tuple[Path, ...] = ()
    """Of the other paths that were named: those read here, as items or as answers"""

    def judge_nothing(self, *, margin: float) -> None:
        """Give it a scorer that has nothing to judge, so that no comparison passes."""
        self.scorers["checks"] = {"type": "checks", "on_missing": "skip"}
        self.margins["checks"] = margin
        if _UNJUDGED not in self.left_out:
            self.left_out.append(_UNJUDGED)


class SuiteImporter(Protocol):
    """Reads the configs of one tool."""

    def fits(self, path: Path) -> bool:
        """Tell at a glance whether this looks like the tool's config."""

    def read_suites(self, path: Path, beside: Sequence[Path] = ()) -> Sequence[ForeignSuite]:
        """Read every suite of the config; DataError or UsageError where it cannot be.

        `beside` are the other paths that were named: results of the same tool are its answers.
        """
