"""Which slice every example falls into, by each tag that a suite cuts by."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Mapping, Sequence

from evalkit.core.exchange import Example
from evalkit.slices.values import bin_name, describe_twins, fold_values, quantile_edges
from evalkit.suite.spec import SliceSpec

MISSING = "(missing)"
"""The level of an example that lacks the tag (or, for an intersection, one of the tags)."""

JOINT = "*"


def levels(examples: Sequence[Example], by: Sequence[SliceSpec]) -> dict[str, tuple[str, ...]]:
    """Return each slice's level of every example, in example order.

    Intersections join names and values with ``*``: ``{"intent*gender": ("refund*f", ...)}``. A tag that is absent or
    empty is its own level, `MISSING`; an intersection with a part missing is missing as a whole. Numbers fall into bins
    and spellings are folded where the slice says so.
    """
    return {spec.name: _column(examples, spec) for spec in by}


def tags(by: str) -> tuple[str, ...]:
    """Return the tags behind the name of a slice.

    >>> tags("intent*gender")
    ('intent', 'gender')
    """
    return tuple(by.split(JOINT))


MOST_EMPTY = 400
"""Combinations of several tags that nobody is in are named while all of them are no more than this"""


def empty_combinations(by: str, values: Sequence[str]) -> list[str]:
    """Return the combinations of an intersection that no case is in, sorted.

    Of the parts that occur in `values`, the levels of the cases; none where all combinations are too many to name, or
    a part itself holds the sign that joins them.
    """
    known = sorted({*values} - {MISSING})
    parts = [value.split(JOINT) for value in known]
    if len(tags(by)) < 2 or any(len(part) != len(tags(by)) for part in parts):
        return []
    levels_of = [sorted({part[at] for part in parts}) for at in range(len(tags(by)))]
    if math.prod(map(len, levels_of)) > MOST_EMPTY:
        return []
    return [joined for row in itertools.product(*levels_of) if (joined := JOINT.join(row)) not in {*known}]


def sizes(of: Mapping[str, Sequence[str]]) -> dict[str, dict[str, int]]:
    """Count the examples of each level, the largest first, ties by name."""
    return {by: dict(sorted(Counter(column).items(), key=lambda kv: (-kv[1], kv[0]))) for by, column in of.items()}


def twins(examples: Sequence[Example], by: Sequence[SliceSpec]) -> dict[str, str]:
    """Return the sentence about values spelled differently, by slice.

    Only slices that have values that differ in spelling only.
    """
    found = {}
    for spec in by:
        if spec.bins is None and spec.quantiles is None:
            plain = Counter(_levels(examples, tags(spec.name)))
            found[spec.name] = describe_twins(spec.name, plain, fold=spec.fold)
    return {name: told for name, told in found.items() if told}


def _column(examples: Sequence[Example], spec: SliceSpec) -> tuple[str, ...]:
    """The level of every example in one slice."""
    names = tags(spec.name)
    if spec.fold and len(names) > 1:
        parts = [fold_values([str(example.tags.get(name, "")) for example in examples]) for name in names]
        joined = [JOINT.join(values) if all(values) else MISSING for values in zip(*parts, strict=True)]
        return tuple(joined)
    column = _levels(examples, names)
    if spec.bins is not None or spec.quantiles is not None:
        known = [value for value in column if value != MISSING]
        edges = sorted(spec.bins) if spec.bins is not None else quantile_edges(known, spec.quantiles or 2)
        return tuple(value if value == MISSING else bin_name(value, edges) for value in column)
    return fold_values(column) if spec.fold else column


def _levels(examples: Sequence[Example], names: tuple[str, ...]) -> tuple[str, ...]:
    """The value of every example; joined where there are several tags."""
    if len(names) == 1:
        (name,) = names
        return tuple([str(one.tags.get(name, "")) or MISSING for one in examples])
    parts = [[str(one.tags.get(name, "")) for one in examples] for name in names]
    return tuple([JOINT.join(values) if all(values) else MISSING for values in zip(*parts, strict=True)])
