"""A gate: its keys in a suite, what it says of a comparison, what it can tell beforehand, and its tests."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from evalkit.core.blocks import Block
from evalkit.core.verdict import Finding, GateWords, SliceKey
from evalkit.gates.expected import Forecast, Outlook, draft_forecast
from evalkit.gates.family import NO_FAMILY, Alarm, Family
from evalkit.gates.finding import draft_finding, invalid
from evalkit.gates.resolve import keys
from evalkit.gates.view import View
from evalkit.suite.gate_spec import GateSpec

MIN_N = 30
"""Pairs that a value of a slice needs where the suite does not say"""


@dataclass(frozen=True, slots=True, kw_only=True)
class GateContext:
    """What a gate judges.

    It is a comparison as a view, and what the suite says beside the gate.

    `main` are the suite's main metrics, `least` the pairs that values of its slices need, `family` every slice under
    alarm over all gates.
    """

    gate: str
    index: int
    view: View
    main: Sequence[str] = ()
    least: Mapping[str, int] = field(default_factory=dict)
    family: Family = NO_FAMILY
    judges: Collection[str] = ()
    """Kinds of metrics beyond plain ones that the gate understands"""

    def min_n(self, by: str) -> int:
        """Return the pairs that a value of this slice needs."""
        return self.least.get(by, MIN_N)

    def cells(
        self, metrics: Sequence[str], slices: Sequence[str] = ()
    ) -> tuple[list[tuple[str, SliceKey | None]], list[Finding]]:
        """Return the metrics and slice values that can be judged.

        For each name that means nothing there is an INVALID finding.
        """
        return keys(self.view, metrics, slices, gate=self.gate, index=self.index, judges=self.judges)

    def draft(
        self, metric: str, key: SliceKey | None = None, *, margin: float | None = None, alarm: bool = False
    ) -> Finding:
        """Draft a finding with every figure of the paired comparison.

        It is INCONCLUSIVE until you `replace` state and sentence.
        """
        cell = self.view.cell(metric, key, margin=margin)
        return draft_finding(self.view, cell, gate=self.gate, index=self.index, margin=margin, alarm=alarm)

    def invalid(self, metric: str, because: str, key: SliceKey | None = None) -> Finding:
        """Return the finding of what cannot be judged at all."""
        return invalid(self.gate, metric, because, index=self.index, key=key)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One test of a gate.

    It holds the findings it answers for; None matches every metric, tag or value.
    """

    metric: str | None = None
    by: str | None = None
    value: str | None = None
    label: str = ""
    """What the test is called by where it has no metric"""


def slice_parts(levels: Mapping[str, Sequence[str]], by: str) -> list[tuple[str, str]]:
    """Return the values of a slice, each with its tag."""
    return [(by, value) for value in sorted(set(levels[by]))]


class Gate(GateSpec):
    """A gate of a suite.

    Only `judge` must be written; everything else has an answer that fits most gates.
    """

    words: ClassVar[GateWords] = GateWords()
    judges: ClassVar[frozenset[str]] = frozenset()
    """Beyond metrics that are means of cases: "sets" (figures of all cases at once), "either" (no side is better)"""
    alone: ClassVar[bool] = False
    """Whether it looks at the candidate alone, not at both arms"""

    @abstractmethod
    def judge(self, context: GateContext) -> Sequence[Finding]:
        """Return one finding a metric and slice value.

        It is never empty: what cannot be judged is INVALID and says why.
        """

    def compares_groups(self) -> Mapping[str, str | None]:
        """Return the slices whose groups it compares, each with its reference group.

        The reference is None where a group is compared with the rest.
        """
        return {}

    def forecast(self, ask: Outlook, index: int) -> Sequence[Forecast]:
        """Forecast what the gate will be able to tell at this n.

        Here it says how many examples each of its metrics looks at.
        """
        names = [name for name, _ in self.metric_names()] or ["*"]
        return [draft_forecast(ask, self.type, index, name) for name in names]

    def parts(self, levels: Mapping[str, Sequence[str]]) -> Sequence[Part]:
        """Return its tests under pytest.

        There is one a metric, and one a slice value where it cuts by slices.
        """
        cuts: list[tuple[str | None, str | None]] = []
        for by in self.cut_by():
            cuts += slice_parts(levels, by)
        metrics: list[str | None] = [name for name, _ in self.metric_names()]
        return [
            Part(metric=metric, by=by, value=value)
            for metric in metrics or [None]
            for by, value in cuts or [(None, None)]
        ]

    def alarms(self, context: GateContext) -> Iterator[Alarm]:
        """Yield the cells whose p-values are corrected.

        The correction is over all that a suite listens to.
        """
        yield from ()

    def expected_alarms(self, ask: Outlook) -> Iterator[tuple[str, SliceKey]]:
        """Yield the cells of `alarms` as they are expected before anything is asked."""
        yield from ()

    @classmethod
    def sections(cls, findings: Sequence[Finding]) -> Sequence[tuple[str, Sequence[Block]]]:
        """Return what a report shows of its findings beside the table.

        The table has all of them; a section is a title and blocks.
        """
        return ()
