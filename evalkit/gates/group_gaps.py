"""One metric over the groups of one slice, measured: what a fairness gate judges."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evalkit.core.errors import did_you_mean, join_allowed
from evalkit.core.verdict import SliceKey
from evalkit.gates import words
from evalkit.gates.measured import Bools, Floats, Measured
from evalkit.gates.resolve import MISSING
from evalkit.gates.view import View
from evalkit.stats.disparity import GapChanges, gap_changes


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupGaps:
    """One metric over the groups of one slice.

    `worst` counts what is missing against the candidate; `against_or_for` what is missing of one group against it and
    all else for the candidate, or the other way round; None where nothing is missing. `holes` (G,) are the cases that
    lack something, None where gaps are not those of means. `large` (G,) have the pairs it
    takes to be judged, `family` (G,) the cases. `apart` (G,) are the cases of each group that are in no pair because
    one arm alone has a value, `sizes` (G,) all cases that the metric applies to. `base` is the base's mean over all
    groups, in the metric's own direction; `arms` are the least that both means can be, oriented.
    """

    of: Measured
    by: str
    values: tuple[str, ...]
    reference: int | None
    large: Bools
    found: GapChanges
    worst: GapChanges | None
    against_or_for: Callable[[int, bool], GapChanges] | None
    holes: NDArray[np.int64] | None
    family: Bools
    apart: NDArray[np.int64]
    sizes: NDArray[np.int64]
    unknown: int
    base: float
    arms: tuple[float, float]

    def describe_reference(self, g: int) -> str:
        """Say in a sentence what a group is compared with."""
        return "the rest" if self.reference in (None, g) else f"{self.by}={self.values[self.reference or 0]}"


def why_not(view: View, by: str, reference: str | None) -> str | None:
    """Say why the groups of a slice cannot be compared; None if they can."""
    values = [value for value in view.values(by) if value != MISSING]
    if len(values) < 2:
        return f"{by} has a single group ({values[0]}): there is no rest to compare it with."
    if reference is not None and reference not in values:
        return (
            f"no case has {by}={reference}, the reference{did_you_mean(reference, values)}; groups are: "
            f"{join_allowed(values)}."
        )
    return None


def measure_groups(view: View, metric: str, by: str, *, reference: str | None, min_n: int) -> GroupGaps:
    """Compare the gaps of all groups of a slice.

    It is a slice that `why_not` has nothing against; asked again, the result is the same.
    """
    wanted = ("groups", metric, by, reference, min_n)
    found = view.kept.get(wanted)
    if not isinstance(found, GroupGaps):
        view.kept[wanted] = found = _measure(view, metric, by, reference=reference, min_n=min_n)
    return found


def _measure(view: View, metric: str, by: str, *, reference: str | None, min_n: int) -> GroupGaps:
    of = view.orient(metric)
    known = ~view.mask(SliceKey(by=by, value=MISSING)) if MISSING in view.values(by) else view.mask(None)
    values, codes = group_codes(view, by)
    named = values.index(reference) if reference is not None else None
    paired = of.paired & known
    large = np.bincount(codes[paired], minlength=len(values)) >= min_n
    asked = of.applies & known
    sizes = np.bincount(codes[asked], minlength=len(values))
    family = sizes >= min_n

    def compare_gaps(base: Floats, candidate: Floats, rows: Bools, judged: Bools = large) -> GapChanges:
        return gap_changes(
            base[rows],
            candidate[rows],
            codes[rows],
            count=large.size,
            clusters=view.clusters[rows],
            judged=judged,
            reference=named,
            confidence=view.confidence,
            seed=view.seed,
        )

    def fill_gaps(g: int, favour: bool) -> GapChanges:
        return compare_gaps(*fill_arms(of, codes, g, favour=favour, reference=named), asked, judged=family)

    holes = of.missing & of.judged & known
    worst = compare_gaps(of.worst_base, of.worst_candidate, of.judged & known) if holes.any() else None
    return GroupGaps(
        of=of,
        by=by,
        values=values,
        reference=named,
        large=large,
        found=compare_gaps(of.base, of.candidate, paired),
        worst=worst,
        against_or_for=fill_gaps if (gone := holes | of.short & asked).any() else None,
        holes=np.bincount(codes[gone], minlength=len(values)).astype(np.int64),
        family=family,
        apart=np.bincount(codes[of.one_sided & known], minlength=len(values)).astype(np.int64),
        sizes=sizes.astype(np.int64),
        unknown=int(np.count_nonzero(~known)),
        base=of.to_metric_units(float(of.base[paired].mean())) or 0.0 if paired.any() else 0.0,
        arms=(float(of.least_base[asked].mean()), float(of.closed_candidate[asked].mean())) if asked.any() else (0, 0),
    )


def group_codes(view: View, by: str) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    """Return the groups of a slice and (n,) codes, -1 where missing."""
    values = tuple(value for value in view.values(by) if value != MISSING)
    codes = np.full(len(view.comparison.examples), -1, dtype=np.int64)
    for code, value in enumerate(values):
        codes[view.mask(SliceKey(by=by, value=value))] = code
    return values, codes


def fill_arms(
    of: Measured, codes: NDArray[np.int64], g: int, *, favour: bool, reference: int | None
) -> tuple[Floats, Floats]:
    """Fill what is missing of both arms for or against a group.

    It is for the candidate in the rows of the group (`favour`) or of those that it is compared with, else against it.
    """
    own = codes == g
    good = own if favour else ~own if reference in (None, g) else codes == reference
    base = np.where(good, of.least_base, of.closed_base)
    return base, np.where(good, of.most_candidate, of.closed_candidate)


def too_small(groups: GroupGaps, g: int, *, min_n: int) -> str:
    """Say why a group is not judged for its size.

    It is empty if the group is large enough.
    """
    if groups.large[g] or int(groups.sizes[g]) >= min_n:
        return ""
    n, key = int(groups.found.n[g]), SliceKey(by=groups.by, value=groups.values[g])
    return f"{words.count(n, 'pair')}{words.where(key)}, fewer than min_n {min_n}: not judged."
