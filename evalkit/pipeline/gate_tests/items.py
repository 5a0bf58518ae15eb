"""Gates as test items: their names, known before anything is asked.

Whatever asks and judges is imported with `judged`, for collecting needs none of it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from evalkit.core.errors import DataError, Problem
from evalkit.core.verdict import Finding
from evalkit.gates.decide import gates_of
from evalkit.pipeline.suites.prepare import prepare_file


@dataclass(frozen=True, slots=True, kw_only=True)
class GateCase:
    """One pytest item: which findings of the suite it answers for.

    None matches every metric, tag or value.
    """

    name: str
    gate_index: int
    metric: str | None = None
    by: str | None = None
    value: str | None = None
    line: int | None = None

    def owns(self, finding: Finding) -> bool:
        """Tell whether the finding belongs to this item."""
        cut = finding.slice
        return (
            finding.gate_index == self.gate_index
            and self.metric in (None, finding.metric)
            and (self.by is None or cut is None or cut.by == self.by)
            and (self.value is None or cut is None or cut.value == self.value)
        )


def gate_cases(path: Path) -> list[GateCase]:
    """List the items of a suite file, in the order of its gates.

    SuiteError or DataError with every problem.
    """
    prepared = prepare_file(path)
    suite = prepared.suite
    if not prepared.examples:
        raise DataError(Problem(what=f"{path}: the suite has no example"))
    cases: list[GateCase] = []
    for index, gate in gates_of(suite.spec):
        where = suite.locate("gates", index)
        line = where.line - 1 if where is not None and where.line else None
        for part in gate.parts(prepared.levels):
            label = part.metric or part.label
            cut = "" if part.by is None else f"{part.by}={part.value}" if part.value is not None else part.by
            inside = "/".join(text for text in (label, cut) if text)
            name = f"{gate.type}[{inside}]" if inside else gate.type
            cases.append(
                GateCase(name=name, gate_index=index, metric=part.metric, by=part.by, value=part.value, line=line)
            )
    if suite.spec.waivers:
        # a waiver that covers nothing is a finding of no gate
        cases.append(GateCase(name="waivers", gate_index=-1))
    return _distinct(cases)


def _distinct(cases: list[GateCase]) -> list[GateCase]:
    """Two gates alike get #2, #3 into their names; inside the brackets, as pytest ends what it prints behind them."""
    taken: set[str] = set()
    named = []
    for case in cases:
        name, count = case.name, 1
        while name in taken:
            count += 1
            name = f"{case.name[:-1]}#{count}]" if case.name.endswith("]") else f"{case.name}#{count}"
        taken.add(name)
        named.append(replace(case, name=name))
    return named
