"""Comparisons out of plain lists: what the tests of the gates are made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from evalkit.core.columns import Column, Comparison, Coverage, PairedColumn
from evalkit.core.exchange import Example, Message, ModelIdentity
from evalkit.suite.spec import SuiteSpec

FAILED = "failed"
CRASHED = "crashed"

Values = Sequence[Any]


def column(values: Values) -> Column:
    """One value an example, or a list of repeats; None does not apply, FAILED and CRASHED are missing."""
    rows = [value if isinstance(value, list) else [value] for value in values]
    k = max((len(row) for row in rows), default=1)
    raw, scored, failed, errors = (np.zeros((len(rows), k), dtype=t) for t in (float, bool, bool, bool))
    for i, row in enumerate(rows):
        for j, value in enumerate(row):
            if value == FAILED:
                failed[i, j] = True
            elif value == CRASHED:
                errors[i, j] = True
            elif value is not None:
                raw[i, j], scored[i, j] = value, True
    return Column(raw=raw, scored=scored, failed=failed, errors=errors)


def comparison(
    metrics: Mapping[str, tuple[Values, Values]],
    *,
    tags: Mapping[str, Sequence[str | None]] | None = None,
    clusters: Sequence[str] | None = None,
    lower: Sequence[str] = (),
    graded: Sequence[str] = (),
    **changes: Any,
) -> Comparison:
    """A sound comparison of these (base, candidate) values; tags become levels."""
    n = len(next(iter(metrics.values()))[0])
    names = [f"c{i:04d}" for i in range(n)]
    held = tags or {}
    examples = tuple(
        Example(
            id=name,
            messages=(Message(role="user", content=name),),
            tags={tag: str(v) for tag, column_ in held.items() if (v := column_[i]) is not None},
            cluster=clusters[i] if clusters else None,
        )
        for i, name in enumerate(names)
    )
    fields: dict[str, Any] = {
        "suite": "planted",
        "base": ModelIdentity(name="base", provider="scripted", model="base", fingerprint="b"),
        "candidate": ModelIdentity(name="ft", provider="scripted", model="ft", fingerprint="f"),
        "examples": examples,
        "clusters": tuple(example.unit for example in examples),
        "columns": {
            name: PairedColumn(
                metric=name,
                base=column(base),
                candidate=column(candidate),
                higher_is_better=name not in lower,
                binary=name not in graded,
            )
            for name, (base, candidate) in metrics.items()
        },
        "levels": {
            tag: tuple("(missing)" if value is None else str(value) for value in column_)
            for tag, column_ in held.items()
        },
        "coverage": Coverage(examples=n, asked=n),
    }
    return Comparison(**(fields | changes))


def suite(gates: Sequence[Mapping[str, Any]], *, scorers: Sequence[str] = ("answer",), **more: Any) -> SuiteSpec:
    """A suite with these gates."""
    body: dict[str, Any] = {
        "evalkit": 1,
        "name": "planted",
        "dataset": {"path": "x.jsonl"},
        "scorers": {name: {"type": "exact"} for name in scorers},
        "gates": [dict(gate) for gate in gates],
    }
    return SuiteSpec.model_validate(body | more)


def paired(n: int, *, fixed: int = 0, broken: int = 0, right: int | None = None) -> tuple[list[float], list[float]]:
    """n yes/no pairs: the broken, the fixed, `right` that both pass (half of the rest), the others."""
    rest = n - fixed - broken
    both = rest // 2 if right is None else right
    base = [1.0] * broken + [0.0] * fixed + [1.0] * both + [0.0] * (rest - both)
    candidate = [0.0] * broken + [1.0] * fixed + [1.0] * both + [0.0] * (rest - both)
    return base, candidate
