"""What is said of the answers: metrics, scores, estimates, findings, verdicts; frozen, slotted, keyword-only.

A missing number is None with a reason, never NaN and never 0; every `Estimate` has n and an interval, or says why not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Literal

from evalkit.core.blocks import Block
from evalkit.core.exchange import EMPTY, Json
from evalkit.core.family_table import FamilyTable
from evalkit.core.group_table import GroupTable
from evalkit.core.sets import SetFigure

Status = Literal["SCORED", "NOT_APPLICABLE", "FAILED_CALL", "ERROR"]

State = Literal[
    "PASS", "IMPROVED", "REGRESSION", "FLOOR_FAIL", "CRITICAL_FAIL", "INCONCLUSIVE", "TOO_SMALL", "INVALID", "WAIVED"
]

Outcome = Literal["PASS", "FAIL", "INCONCLUSIVE", "INVALID"]

EXIT_CODES: Mapping[str, int] = {"PASS": 0, "FAIL": 1, "INCONCLUSIVE": 3, "INVALID": 4}

UNDECIDED = "undecided"
"""Flag of a slice that passes only because nothing was proven; never shown as a plain PASS"""
LOOKS_WORSE = "looks_worse"
"""Flag of a slice whose figures are worse though not proven so"""

NO_CALL, A_REFUSAL = "no call", "a refusal"
NO_VALUE: frozenset[str | None] = frozenset({NO_CALL, A_REFUSAL})
"""Readings of answers that hold back: a decision of the model, and no value that could be misread"""

_DATA = "evalkit.report.renderers.data"
"""Where the shape of the contract is made"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """A number a scorer produces.

    `part` is "" for the scorer's own value, else the PART of SCORER.PART. `low` and `high` are the ends of its scale,
    None where it has none; a yes/no metric has 0 and 1 by nature. `reach` is, of a scale with one end, how much a case
    is counted on to lose at most where more was not seen. `unit` is what one of it is called ("characters"), "" for
    shares and points of a scale. Margins are in this unit.
    """

    part: str = ""
    higher_is_better: bool = True
    binary: bool = True
    about: str = ""
    low: float | None = None
    high: float | None = None
    reach: float | None = None
    unit: str = ""
    either: bool = False
    """Neither side is better (a bias): only a floor with both ends judges it"""
    over: SetFigure | None = None
    """Of a set metric: which figure of all cases it is; it is no mean of scores, and a score has no such part"""

    @property
    def span(self) -> float | None:
        """How far apart two of its values may be; None where nothing says it."""
        if self.binary:
            return 1.0
        return self.reach if self.low is None or self.high is None else self.high - self.low


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """One scorer's view of one response.

    `value` is None unless status is SCORED; so is a part that does not apply. `evidence` is JSON that the report shows
    beside the case: what was expected, what was read, which arguments differ.
    """

    example_id: str
    scorer: str
    version: str
    status: Status = "SCORED"
    value: float | None = None
    parts: Mapping[str, float | None] = field(default_factory=lambda: EMPTY)
    reason: str = ""
    evidence: Mapping[str, Json] = field(default_factory=lambda: EMPTY)
    repeat: int = 0
    reading: str | None = None
    """What the scorer read of the answer (a number, a letter, canonical JSON); None where it reads nothing"""
    expected: str | None = None
    """The target in the same spelling; None where there is none"""
    code: float | tuple[float, ...] | None = None
    """For set metrics: the code of what was read, or the counts that the answer adds"""


@dataclass(frozen=True, slots=True, kw_only=True)
class SliceKey:
    """One slice: the tag it is cut by, and the value.

    Intersections join names and values with ``*``.
    """

    by: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """One metric of both arms and their difference (candidate - base).

    It is overall or in a slice. Shares, not percents.
    """

    metric: str
    slice: SliceKey | None = None
    n: int = 0
    n_clusters: int = 0
    base: float | None = None
    candidate: float | None = None
    delta: float | None = None
    low: float | None = None
    high: float | None = None
    confidence: float = 0.95
    higher_is_better: bool = True
    binary: bool = True
    fixed: int | None = None
    broken: int | None = None
    p: float | None = None
    p_adjusted: float | None = None
    method: str = ""
    mde: float | None = None
    because: str = ""
    base_low: float | None = None
    base_high: float | None = None
    candidate_low: float | None = None
    candidate_high: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What a failing finding holds against the candidate.

    It is as the headline says it; the lowest rank is the gravest.
    """

    rank: int
    said: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GateWords:
    """How the findings of a gate are told and drawn.

    A report knows gates by this, never by their names. `missing` says by figure why it is null where the gate has none;
    `faults` by flag, else by state, what a failing finding holds against the candidate.
    """

    figures: str = ""
    """What base and candidate are, where they are not the metric's own values, with a space behind: "gap " """
    either: bool = False
    """Neither side of 0 is better: a margin is drawn on both"""
    note: str = ""
    """Stands once under a table that has such findings"""
    missing: Mapping[str, str] = field(default_factory=dict)
    faults: Mapping[str, Fault] = field(default_factory=dict)


PLAIN_WORDS = GateWords()


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one gate says of one metric in one slice.

    Every figure that made it say so stands with it. `state` is the gate's answer. `flags` refine it: equivalent,
    tolerated_drop, material, underpowered. `alarm` findings (slices under correction) fail only by a proven regression;
    the others must pass.
    """

    gate: str
    estimate: Estimate
    """The figures; its `because` says why there are none, the finding's own what they mean"""
    state: State
    margin: float | None = None
    n_needed: int | None = None
    because: str = ""
    flags: tuple[str, ...] = ()
    alarm: bool = False
    gate_index: int = 0
    """Position of the gate in the suite, so that a finding leads back to the line that asked for it"""
    examples: tuple[str, ...] = ()
    """Ids of the cases that broke, worst first"""
    details: Mapping[str, Json] = field(default_factory=dict)
    words: GateWords = PLAIN_WORDS
    """How the gate's findings are told; no part of the verdict as data"""

    @property
    def shown(self) -> str:
        """The state as readers are shown it.

        A PASS only because nothing was proven is `undecided`.
        """
        return UNDECIDED if self.state == "PASS" and UNDECIDED in self.flags else self.state

    @property
    def too_small(self) -> bool:
        """Tell whether a slice was too small to judge.

        One that the metric applies to nowhere is none.
        """
        return self.state == "TOO_SMALL" and (self.n > 0 or bool({"failed_calls", "one_sided"} & {*self.flags}))

    @property
    def metric(self) -> str:
        """What was judged."""
        return self.estimate.metric

    @property
    def slice(self) -> SliceKey | None:
        """Where; None over all cases."""
        return self.estimate.slice

    @property
    def n(self) -> int:
        """Pairs behind the figures."""
        return self.estimate.n

    @property
    def n_clusters(self) -> int:
        """Independent units among them."""
        return self.estimate.n_clusters

    @property
    def base(self) -> float | None:
        """The base's figure."""
        return self.estimate.base

    @property
    def candidate(self) -> float | None:
        """The candidate's figure."""
        return self.estimate.candidate

    @property
    def delta(self) -> float | None:
        """Candidate less base."""
        return self.estimate.delta

    @property
    def low(self) -> float | None:
        """The lower end of its interval."""
        return self.estimate.low

    @property
    def high(self) -> float | None:
        """The upper end of its interval."""
        return self.estimate.high

    @property
    def confidence(self) -> float:
        """Of the interval."""
        return self.estimate.confidence

    @property
    def fixed(self) -> int | None:
        """Cases that went right."""
        return self.estimate.fixed

    @property
    def broken(self) -> int | None:
        """Cases that went wrong."""
        return self.estimate.broken

    @property
    def p(self) -> float | None:
        """Of the test of no difference."""
        return self.estimate.p

    @property
    def p_adjusted(self) -> float | None:
        """After the correction over all that was looked at."""
        return self.estimate.p_adjusted

    @property
    def method(self) -> str:
        """Of the interval."""
        return self.estimate.method

    @property
    def mde(self) -> float | None:
        """The smallest difference told with power 0.8."""
        return self.estimate.mde


@dataclass(frozen=True, slots=True, kw_only=True)
class SuiteVerdict:
    """One suite's findings and estimates."""

    name: str
    outcome: Outcome
    findings: tuple[Finding, ...]
    metrics: tuple[Estimate, ...]
    notes: tuple[str, ...] = ()
    description: str = ""
    examples: int = 0
    leaked: Mapping[str, Json] = field(default_factory=dict)
    """Where rows are in the training data: which, and what the gates would say with and without them"""
    sections: tuple[tuple[str, tuple[Block, ...]], ...] = ()
    """What gates show of their findings: a title and blocks (`evalkit.core.blocks`) each; no part of it as data"""
    section_data: Mapping[str, Json] = field(default_factory=dict)
    """Name of a section of the report -> its figures as data, of those that give any"""
    ended: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """`base` and `candidate` -> how many answers there are (`answers`), and how they ended"""
    groups: tuple[GroupTable, ...] = ()
    """Every metric by every tag the suite cuts by: for reading, gates do not look at it"""
    compares_groups: bool = True
    """The suite asks for groups, by a gate or by `groups`: its tables are part of it as data"""
    families: tuple[FamilyTable, ...] = ()
    """What changing the group changes within families, where a gate compares within them: for reading, too"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Deploy or do not. An empty verdict is INVALID, never PASS."""

    version: str
    outcome: Outcome
    base: str
    candidate: str
    suites: tuple[SuiteVerdict, ...]
    because: str = ""
    models: Mapping[str, Json] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def exit_code(self) -> int:
        """The exit code of `compare` and `gate`."""
        return EXIT_CODES[self.outcome]

    def to_dict(self) -> dict[str, Json]:
        """Return the verdict as JSON values: what `--json` writes.

        Missing numbers are None with a reason under `missing`.
        """
        data: dict[str, Json] = import_module(_DATA).verdict_data(self)
        return data
