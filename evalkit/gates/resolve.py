"""What a gate names: metrics and slices that exist, or the sentence that says why they do not."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from evalkit.core.errors import did_you_mean, join_allowed
from evalkit.core.verdict import Finding, SliceKey
from evalkit.gates import words
from evalkit.gates.finding import invalid
from evalkit.gates.scale import beyond_scale
from evalkit.gates.view import View
from evalkit.suite.measured import MEASURED

MISSING = "(missing)"
"""The level of an example that lacks the tag."""


def metric_problem(view: View, metric: str, *, judges: Collection[str] = ()) -> str | None:
    """Say why a metric cannot be judged.

    Nobody measures it, one arm lacks it, or too much of it is missing.

    `judges` are the kinds beyond plain metrics that the gate understands (`Gate.judges`).
    """
    columns, over = view.comparison.columns, view.comparison.set_of(metric) is not None
    beside = why_not_judged(metric, sets=over, either=metric in columns and columns[metric].either, judges=judges)
    if beside is not None:
        return beside
    if metric in view.comparison.incomparable:
        return view.comparison.incomparable[metric]
    if not over and metric not in columns and metric in MEASURED:
        return f"{metric} is not known for both arms: the answers of one or both do not carry it"
    if not over and metric not in columns:
        return (
            f"no scorer measured the metric {metric!r}{did_you_mean(metric, columns)}; measured were: "
            f"{join_allowed([*columns, *view.comparison.set_metrics]) or 'none'}"
        )
    beyond = None if over else beyond_scale(columns[metric])
    if beyond is not None:
        return beyond
    of = view.orient(metric)
    for name, share in zip(("the base", "the candidate"), of.missing_share, strict=True):
        if share > view.policy.max_error_rate:
            return (
                f"{100 * share:.1f}% of {name}'s answers have no {metric} because the call or the scorer failed, more "
                f"than max_error_rate {100 * view.policy.max_error_rate:g}%"
            )
    for name, present in (("the base", of.base_present), ("the candidate", of.candidate_present)):
        if not present.any():
            return f"{name} has no value of the metric {metric!r} on any case"
    if not of.paired.any():
        return f"no case has a value of the metric {metric!r} in both arms"
    return None


def why_not_judged(metric: str, *, sets: bool, either: bool, judges: Collection[str]) -> str | None:
    """Return why a gate cannot judge a metric of this kind.

    None if it can.
    """
    if sets and "sets" not in judges:
        return f"{metric} is a figure of all cases at once, which this gate cannot judge"
    if either and "either" not in judges:
        return f"neither side of {metric} is better: judge it by a floor with `min` and `max`"
    return None


def slice_problem(view: View, by: str) -> str | None:
    """Say why a slice cannot be cut.

    Nobody cut by it, or no case carries the tag.
    """
    columns = view.comparison.levels
    tags = sorted({tag for example in view.comparison.examples for tag in example.tags})
    unknown = by not in columns or all(value == MISSING for value in columns[by])
    if unknown:
        return f"no case has the tag {by!r}{did_you_mean(by, tags)}; tags are: {join_allowed(tags) or 'none'}"
    return None


def few_pairs(view: View, n: int) -> str | None:
    """Write the sentence for fewer complete pairs than the policy wants.

    Slices have their own minimum.
    """
    if n >= view.policy.min_pairs:
        return None
    return f"{words.count(n, 'complete pair')}, but the policy wants at least {view.policy.min_pairs} (min_pairs)"


def keys(
    view: View, metrics: Sequence[str], slices: Sequence[str], *, gate: str, index: int, judges: Collection[str] = ()
) -> tuple[list[tuple[str, SliceKey | None]], list[Finding]]:
    """Return the (metric, slice value) cells a gate asks for.

    For each name that means nothing there is an INVALID finding.

    Without slices one cell a metric, over all cases; with slices one cell a value, and not the overall one.
    """
    cells: list[tuple[str, SliceKey | None]] = []
    problems: list[Finding] = []
    bad_slices = {by: why for by in slices if (why := slice_problem(view, by)) is not None}
    for metric in metrics:
        why = metric_problem(view, metric, judges=judges)
        if why is not None:
            problems.append(invalid(gate, metric, why, index=index))
            continue
        problems += [invalid(gate, metric, text, index=index) for text in bad_slices.values()]
        if not slices:
            cells.append((metric, None))
        for by in slices:
            if by not in bad_slices:
                cells += [(metric, SliceKey(by=by, value=value)) for value in view.values(by)]
    return cells, problems
