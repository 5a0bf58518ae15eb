"""The group tables of a suite: every metric that counts, by every tag that the suite cuts by."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from evalkit.core.columns import Comparison
from evalkit.core.errors import Problem, count_of, did_you_mean, join_allowed
from evalkit.core.group_table import GroupTable
from evalkit.core.verdict import Estimate, SliceKey
from evalkit.gates.cell_estimate import blank_estimate, estimate_of
from evalkit.gates.decide import gates_of, main_metrics, unsound_because
from evalkit.gates.estimates import MIN_N
from evalkit.gates.group_gaps import measure_groups, why_not
from evalkit.gates.seconds import SECONDS, why_not_compared
from evalkit.gates.view import Cell, View, view
from evalkit.pipeline.deciding.control_tables import arms_of, cut_to_levels, pool_within
from evalkit.slices.behaviour import behaviour_columns
from evalkit.slices.change import BY_DRAWS, GapMoves, gap_moves
from evalkit.slices.groups import Groups
from evalkit.slices.levels import MISSING, empty_combinations, tags
from evalkit.slices.selection import APART, selection_columns
from evalkit.slices.table import group_table, name_gaps, with_empty
from evalkit.stats.arms import arm_interval
from evalkit.suite.spec import GroupsSpec, SuiteSpec

Floats = NDArray[np.float64]


def group_tables(
    comparison: Comparison,
    spec: SuiteSpec,
    *,
    seen: View,
    metrics: Sequence[str] = (),
    by: Sequence[str] = (),
    control: Sequence[str] = (),
) -> tuple[GroupTable, ...]:
    """Build a table a tag and metric, or of the `metrics` asked for.

    It shows the scorers' own values, and what gates judge by that tag. Where a gate compares groups its own figures are
    shown, so that page and finding never differ. An unsound comparison has no table, and neither has a tag of one group
    alone. `by` are tags of the comparison, all of them by default. With `control` tags, by default those of the suite,
    gaps are pooled within their values as well, and a table of each value follows.
    """
    if unsound_because(comparison, spec) is not None:
        return ()
    least = {item.name: item.min_n for item in spec.slices}
    shown = with_shown(comparison, spec, asked=metrics)
    selection = [name for name in shown.columns if name not in comparison.columns]
    if selection:
        comparison, seen = shown, view(shown, spec.policy, confidence=seen.confidence)
    extra = (*spec.groups.metrics, *selection)
    compared, judged = _read_gates(spec)
    control = tuple(dict.fromkeys(control or spec.groups.control))
    out: list[GroupTable] = []
    for tag in by or comparison.levels:
        if len([name for name in seen.values(tag) if name != MISSING]) < 2:
            continue
        usual = dict.fromkeys(
            (*main_metrics(spec, comparison), *(metric for metric, cut in judged if cut == tag), *extra)
        )
        wanted = [name for name in metrics or usual if name in comparison.columns]
        reference, min_n = spec.groups.reference.get(tag), least.get(tag, MIN_N)
        references = {metric: named for (metric, cut), named in compared.items() if cut == tag}
        found = _of_tag(seen, tag, wanted, references=references, reference=reference, min_n=min_n)
        out += [pool_within(seen, table, control) for table in name_gaps(list(found))]
        for name in (name for name in control if name not in tags(tag)):
            out += _within(seen, tag, name, wanted, reference=reference, min_n=min_n)
    empty = {tag: empty_combinations(tag, comparison.levels[tag]) for tag in {table.by for table in out}}
    return tuple(with_empty(table, empty[table.by]) for table in out if len(table.rows) > 1)


def compares_groups(spec: SuiteSpec) -> bool:
    """Tell whether a suite asks how groups stand to each other.

    It does by a gate, or by `groups`.
    """
    return bool(_read_gates(spec)[0]) or spec.groups != GroupsSpec()


def _within(
    seen: View, by: str, control: str, metrics: Sequence[str], *, reference: str | None, min_n: int
) -> Iterator[GroupTable]:
    """The tables of a tag within every value of a control tag: no gate judges them."""
    for level, part in cut_to_levels(seen.comparison, control):
        inside = view(part, seen.policy, confidence=seen.confidence)
        found = _of_tag(inside, by, metrics, references={}, reference=reference, min_n=min_n)
        for table in name_gaps(list(found)):
            yield dataclasses.replace(table, within=f"{control}={level}")


def with_shown(comparison: Comparison, spec: SuiteSpec, *, asked: Sequence[str] = ()) -> Comparison:
    """Return the comparison with what group tables show beside the metrics of scorers.

    Decisions, and what answers do, where the suite or whoever asks names it.
    """
    behaviour = behaviour_columns(comparison, (*spec.groups.metrics, *asked))
    more = {**selection_columns(comparison, spec), **behaviour}
    return dataclasses.replace(comparison, columns={**comparison.columns, **more}) if more else comparison


def _read_gates(spec: SuiteSpec) -> tuple[dict[tuple[str, str], str | None], list[tuple[str, str]]]:
    """(metric, tag) -> reference of what gates compare groups by, the first one of each; and all that gates cut."""
    compared: dict[tuple[str, str], str | None] = {}
    cut: list[tuple[str, str]] = []
    for _, gate in gates_of(spec):
        pairs = [
            (metric, by) for metric in [name for name, _ in gate.metric_names()] or spec.scorers for by in gate.cut_by()
        ]
        cut += pairs
        groups = gate.compares_groups()
        for metric, by in pairs:
            if by in groups:
                compared.setdefault((metric, by), groups[by])
    return compared, cut


def _of_tag(
    seen: View,
    by: str,
    metrics: Sequence[str],
    *,
    references: Mapping[str, str | None],
    reference: str | None,
    min_n: int,
) -> Iterator[GroupTable]:
    names = tuple(name for name in seen.values(by) if name != MISSING)
    codes = np.full(len(seen.comparison.examples), -1, dtype=np.int64)
    for code, name in enumerate(names):
        codes[seen.mask(SliceKey(by=by, value=name))] = code
    cut = Groups(names=names, codes=codes)
    reference = reference if reference in names else None
    columns = seen.comparison.columns
    metrics = [
        name
        for name in metrics
        if all((of.present & (codes >= 0)).any() for of in (columns[name].base, columns[name].candidate))
    ]
    plain = [name for name in metrics if name not in references]
    moves = dict(zip(plain, _moves(seen, cut, plain, reference=reference, min_n=min_n), strict=True))
    for metric in metrics:
        named = references.get(metric, reference)
        if metric in references and why_not(seen, by, named) is not None:
            continue
        found = moves[metric] if metric in moves else _of_gate(seen, metric, by, named, min_n=min_n)
        if metric in SECONDS and (why := why_not_compared(seen.comparison)):
            nothing = np.full(len(names), np.nan)
            found = dataclasses.replace(found, low=nothing, high=nothing, method=why)
        yield _table(seen, by, metric, cut, found, reference=named, min_n=min_n)


def check_names(comparison: Comparison, *, metrics: Sequence[str], by: Sequence[str]) -> list[Problem]:
    """Refuse metrics and tags that are asked for and nobody has.

    The nearest ones are told.
    """
    problems = []
    for what, names, known in (("metric", metrics, comparison.columns), ("slice", by, comparison.levels)):
        for name in names:
            if name not in known:
                problems.append(
                    Problem(
                        what=f"{comparison.suite} has no {what} {name!r}{did_you_mean(name, known)}",
                        allowed=join_allowed(list(known)),
                    )
                )
    return problems


def _moves(seen: View, cut: Groups, metrics: Sequence[str], *, reference: str | None, min_n: int) -> list[GapMoves]:
    arms, large = [], []
    for metric in metrics:
        arms.append(one := arms_of(seen, metric))
        sizes = [
            np.bincount(cut.codes[rows & (cut.codes >= 0)], minlength=len(cut.names))
            for rows in (one.base_counts, one.candidate_counts)
        ]
        large.append(np.minimum(*sizes) >= min_n)
    return gap_moves(
        arms,
        cut,
        clusters=seen.clusters,
        judged=large,
        reference=None if reference is None else cut.names.index(reference),
        confidence=seen.confidence,
        seed=seen.seed,
    )


def _of_gate(seen: View, metric: str, by: str, reference: str | None, *, min_n: int) -> GapMoves:
    """What the gate measured, in the metric's own direction."""
    groups = measure_groups(seen, metric, by, reference=reference, min_n=min_n)
    found, column = groups.found, seen.comparison.columns[metric]
    turn = 1.0 if groups.of.higher_is_better else -1.0
    ends = np.sort(turn * np.stack([found.low, found.high]), axis=0)

    def means(values: Floats) -> Floats:
        return np.array(
            [
                values[rows].mean() if rows.any() else np.nan
                for rows in (column.paired & seen.mask(SliceKey(by=by, value=name)) for name in groups.values)
            ]
        )

    def blank_undefined(values: Floats) -> Floats:
        return np.where(found.defined, turn * values, np.nan)

    return GapMoves(
        base=means(column.base.values),
        candidate=means(column.candidate.values),
        base_gap=blank_undefined(found.base),
        candidate_gap=blank_undefined(found.candidate),
        change=blank_undefined(found.change),
        low=ends[0],
        high=ends[1],
        method=f"{BY_DRAWS}, as the gate has it",
    )


def _table(
    seen: View,
    by: str,
    metric: str,
    cut: Groups,
    moves: GapMoves,
    *,
    reference: str | None,
    min_n: int,
) -> GroupTable:
    of = seen.orient(metric)
    cells = {name: seen.cell(metric, SliceKey(by=by, value=name)) for name in cut.names}
    # a metric that applies to no case of a group says nothing of it
    places = [at for at, cell in enumerate(cells.values()) if cell.size]
    names = [cut.names[at] for at in places]
    because = {}
    for name in names:
        cell = cells[name]
        mask = seen.mask(SliceKey(by=by, value=name))
        arms = [bool((there & mask).any()) for there in (of.base_present, of.candidate_present)]
        if arms[0] != arms[1]:
            because[name] = f"only the {'base' if arms[0] else 'candidate'} has a value here: nothing can be compared"
        elif not any(arms):
            because[name] = "neither arm has a value here"
        elif metric not in APART and cell.n < min_n:
            because[name] = f"{count_of(cell.n, 'pair')}, fewer than min_n {min_n}: read with care"
    like = GroupTable(
        by=by,
        metric=metric,
        higher_is_better=of.higher_is_better,
        share=of.share,
        unit=of.unit,
        reference=reference,
        confidence=seen.confidence,
        min_n=min_n,
        method=moves.method,
        either=seen.comparison.columns[metric].either,
        without=int(np.count_nonzero(cut.codes < 0)),
    )
    return group_table(
        like,
        [_estimate(seen, cells[name]) for name in names],
        moves.of(places),
        names=names,
        missing=[0 if metric in APART else cells[name].size - cells[name].n for name in names],
        because=because,
    )


def _estimate(seen: View, cell: Cell) -> Estimate:
    """Both arms over their pairs; where each arm has a denominator of its own, over what counts in it."""
    if cell.of.metric not in APART:
        return estimate_of(seen, cell)
    mask, made = seen.mask(cell.slice), blank_estimate(seen, cell, "each arm has a denominator of its own")
    ends: list[float | None] = []
    for values, present in (
        (cell.of.base, cell.of.base_present),
        (cell.of.candidate, cell.of.candidate_present),
    ):
        rows = np.flatnonzero(present & mask)
        clusters = np.unique(seen.clusters[rows], return_inverse=True)[1]
        count = int(clusters.max()) + 1 if rows.size else 0
        codes = None if count == rows.size else clusters
        ends += (
            arm_interval(values[rows], codes, count, yes_no=True, bounds=(0.0, 1.0), confidence=seen.confidence)
            if rows.size
            else (None, None)
        )
    n = min(int(np.count_nonzero(present & mask)) for present in (cell.of.base_present, cell.of.candidate_present))
    return dataclasses.replace(
        made, n=n, base_low=ends[0], base_high=ends[1], candidate_low=ends[2], candidate_high=ends[3]
    )
