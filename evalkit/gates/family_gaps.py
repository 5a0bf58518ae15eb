"""The gaps of groups within families: every member is held against its own family, and nothing else differs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from evalkit.core.exchange import Example
from evalkit.gates.group_gaps import GroupGaps, fill_arms, group_codes
from evalkit.gates.measured import Bools, Floats
from evalkit.gates.view import View
from evalkit.stats.disparity import GapChanges, gap_changes

FAMILY = "family"
"""The tag that says which family a row belongs to; a row without it has its cluster for one"""

Ints = NDArray[np.int64]


def family_codes(view: View) -> Ints:
    """Return (n,) codes of each example's family; -1 where it stands alone."""
    names: dict[str, int] = {}
    codes = [_code(example, names) for example in view.comparison.examples]
    return np.array(codes, dtype=np.int64)


def _code(example: Example, names: dict[str, int]) -> int:
    name = example.tags.get(FAMILY) or example.cluster
    return -1 if name is None else names.setdefault(str(name), len(names))


def in_whole_families(families: Ints, groups: Ints, counted: Bools) -> Bools:
    """Return (n,) bool: the row counts, and its family is whole.

    A whole family has counted members of two groups or more.
    """
    rows = np.flatnonzero(counted & (families >= 0) & (groups >= 0))
    out = np.zeros(counted.size, dtype=bool)
    if rows.size == 0:
        return out
    first = np.full(int(families.max()) + 1, -1, dtype=np.int64)
    first[families[rows][::-1]] = groups[rows][::-1]
    mixed = np.zeros(first.size, dtype=bool)
    mixed[families[rows][groups[rows] != first[families[rows]]]] = True
    out[rows] = mixed[families[rows]]
    return out


def no_families(view: View, by: str) -> str | None:
    """Say why nothing can be compared within families; None if it can."""
    _, groups = group_codes(view, by)
    if in_whole_families(family_codes(view), groups, np.ones(groups.size, dtype=bool)).any():
        return None
    return (
        f"no family has members of two groups of {by}: rows of one family share the tag {FAMILY!r} or a cluster, or "
        "the suite makes them with `families`."
    )


def measure_families(view: View, metric: str, by: str, *, reference: str | None, min_n: int) -> GroupGaps:
    """Compare the gaps of all groups of a slice within families.

    Of every row its family's mean is taken off first, arm by arm, so that a family that lacks a member shifts no gap.
    Asked again, the result is the same.
    """
    wanted = ("families", metric, by, reference, min_n)
    found = view.kept.get(wanted)
    if not isinstance(found, GroupGaps):
        view.kept[wanted] = found = _measure(view, metric, by, reference=reference, min_n=min_n)
    return found


def _measure(view: View, metric: str, by: str, *, reference: str | None, min_n: int) -> GroupGaps:
    of, families = view.orient(metric), family_codes(view)
    values, codes = group_codes(view, by)
    every = in_whole_families(families, codes, np.ones(codes.size, dtype=bool))
    paired = in_whole_families(families, codes, of.paired)
    large = np.bincount(codes[paired], minlength=len(values)) >= min_n
    named = values.index(reference) if reference is not None else None

    def compare_gaps(base: Floats, candidate: Floats, rows: Bools, judged: Bools = large) -> GapChanges:
        mine, own = families[rows], codes[rows]
        found = gap_changes(
            base[rows] - _means(base[rows], mine),
            candidate[rows] - _means(candidate[rows], mine),
            own,
            count=large.size,
            clusters=view.clusters[rows],
            judged=judged,
            reference=named,
            reach=_reach(base[rows], candidate[rows]),
            confidence=view.confidence,
            seed=view.seed,
        )
        moved = np.bincount(own, weights=candidate[rows] - base[rows], minlength=large.size)
        return replace(found, gained=moved / np.maximum(np.bincount(own, minlength=large.size), 1))

    asked = in_whole_families(families, codes, of.applies)
    family = (sizes := np.bincount(codes[of.applies & every], minlength=len(values))) >= min_n

    def fill_gaps(g: int, favour: bool) -> GapChanges:
        return compare_gaps(*fill_arms(of, codes, g, favour=favour, reference=named), asked, judged=family)

    holes = of.missing & of.judged & every
    judged = in_whole_families(families, codes, of.judged)
    return GroupGaps(
        of=of,
        by=by,
        values=values,
        reference=named,
        large=large,
        found=compare_gaps(of.base, of.candidate, paired),
        worst=compare_gaps(of.worst_base, of.worst_candidate, judged) if holes.any() else None,
        against_or_for=fill_gaps if (holes | of.short & asked).any() else None,
        holes=None,
        family=family,
        apart=np.bincount(codes[of.one_sided & every], minlength=len(values)).astype(np.int64),
        sizes=sizes.astype(np.int64),
        unknown=int(np.count_nonzero(~every)),
        base=of.to_metric_units(float(of.base[paired].mean())) or 0.0 if paired.any() else 0.0,
        arms=(float(of.least_base[asked].mean()), float(of.closed_candidate[asked].mean())) if asked.any() else (0, 0),
    )


def _means(values: Floats, families: Ints) -> Floats:
    """(n,) the mean of each row's family."""
    if values.size == 0:
        return values
    totals, counts = np.bincount(families, weights=values), np.bincount(families)
    out: Floats = (totals / np.maximum(counts, 1))[families]
    return out


def _reach(base: Floats, candidate: Floats) -> float | None:
    """How far one row can move: 1 for shares, else the range that was seen."""
    if base.size == 0:
        return None
    low, high = float(min(base.min(), candidate.min())), float(max(base.max(), candidate.max()))
    return 1.0 if low >= 0.0 and high <= 1.0 else high - low or None
