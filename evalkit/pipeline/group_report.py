"""The group tables of a kept run, made again from its comparisons without a call."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path

from evalkit.core.columns import Comparison
from evalkit.core.errors import DataError, Problem, StoreError, UsageError, did_you_mean, join_allowed
from evalkit.core.verdict import SuiteVerdict
from evalkit.gates.view import view
from evalkit.pipeline.deciding.group_tables import check_names, group_tables, with_shown
from evalkit.store.runs import load_run
from evalkit.suite.spec import SuiteSpec


def groups_of_run(
    root: Path,
    reference: str,
    *,
    suites: Sequence[str] = (),
    metrics: Sequence[str] = (),
    by: Sequence[str] = (),
    control: Sequence[str] = (),
) -> tuple[SuiteVerdict, ...]:
    """Return the suites of a run with the group tables asked for.

    By default that is all of them. UsageError for a suite, metric or slice that the run does not have; DataError where
    no table can be made at all.
    """
    kept = load_run(root, reference)
    names = [suite.name for suite in kept.verdict.suites]
    problems = [
        Problem(what=f"the run has no suite {name!r}{did_you_mean(name, names)}", allowed=join_allowed(names))
        for name in suites
        if name not in names
    ]
    problems += _unknown_tags(kept.comparisons, control)
    compared = {one.suite: one for one in kept.comparisons if not suites or one.suite in suites}
    specs = {name: _spec_of(one) for name, one in compared.items()}
    shown = {name: with_shown(one, specs[name], asked=metrics) for name, one in compared.items()}
    asked = [check_names(one, metrics=metrics, by=by) for one in shown.values()]
    if asked and all(asked):  # a metric or slice of one suite need not be in the others
        problems += asked[0]
    if problems:
        raise UsageError(problems)
    found = []
    for suite in kept.verdict.suites:
        if suite.name not in compared:
            continue
        comparison, spec = compared[suite.name], specs[suite.name]
        seen = view(comparison, spec.policy, family=int(comparison.manifest.get("family", 1)))
        here = [name for name in by if name in comparison.levels]
        there = [name for name in metrics if name in shown[suite.name].columns]
        skipped = (by and not here) or (metrics and not there)
        tables = () if skipped else group_tables(comparison, spec, seen=seen, metrics=there, by=here, control=control)
        found.append(dataclasses.replace(suite, groups=tables))
    if not any(suite.groups for suite in found):
        todo = "slices of a suite name tags; a tag needs two values or more, and the comparison must be sound"
        raise DataError(Problem(what="no suite of the run has groups to compare", todo=todo))
    return tuple(found)


def _unknown_tags(comparisons: Sequence[Comparison], control: Sequence[str]) -> list[Problem]:
    """Control tags that no case has, and that are no slice."""
    tags = {tag for one in comparisons for example in one.examples for tag in example.tags}
    tags |= {by for one in comparisons for by in one.levels}
    return [
        Problem(what=f"no case of the run has the tag {tag!r}{did_you_mean(tag, tags)}", allowed=join_allowed([*tags]))
        for tag in control
        if tag not in tags
    ]


def _spec_of(comparison: Comparison) -> SuiteSpec:
    """The suite that a comparison was decided by."""
    if "spec" not in comparison.manifest:
        raise StoreError(Problem(what=f"the run does not hold the suite {comparison.suite!r} it was decided by"))
    return SuiteSpec.model_validate_json(json.dumps(comparison.manifest["spec"]))
