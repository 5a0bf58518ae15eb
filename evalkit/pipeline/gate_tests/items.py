"""Gates as test items: their names, known before anything is asked.

Whatever asks and judges is imported with `judged`, for collecting needs none of it.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from evalkit.core.errors import DataError, Problem
from evalkit.gates.decide import gates_of
from evalkit.pipeline.gate_tests.gate_case import GateCase
from evalkit.pipeline.suites.files import files_of_suite
from evalkit.pipeline.suites.prepare import Prepared, prepare_file


def gate_cases(path: Path) -> list[GateCase]:
    """List the items of a suite file, in the order of its gates.

    SuiteError or DataError with every problem.
    """
    return name_items(path)[0]


def name_items(path: Path) -> tuple[list[GateCase], list[Path] | None]:
    """List the items of a suite file, and every file that they come from.

    No list where the data are not one file: others may be added. SuiteError or DataError with every problem.
    """
    prepared = prepare_file(path)
    if not prepared.examples:
        raise DataError(Problem(what=f"{path}: the suite has no example"))
    suite = prepared.suite
    one_file = suite.beside(suite.spec.dataset.path.removeprefix("file://")).is_file()
    return _name_cases(prepared), [path, *files_of_suite(suite)] if one_file else None


def _name_cases(prepared: Prepared) -> list[GateCase]:
    suite = prepared.suite
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
