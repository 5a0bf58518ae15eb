"""What answers do whatever they say, as columns of a comparison: for group tables, and for no gate."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from evalkit.core.columns import Column, Comparison, PairedColumn
from evalkit.core.exchange import Example, Response

_SHOWN: Mapping[str, Callable[[Response], bool]] = {"tool_call_rate": lambda answer: bool(answer.tool_calls)}
"""By name: whether an answer does it; the names are those of `suite.measured.BEHAVIOUR`"""


def behaviour_columns(comparison: Comparison, names: Sequence[str]) -> dict[str, PairedColumn]:
    """Return those of `names` that are told by the answers alone.

    A failed call is missing.
    """
    arms = (comparison.base_responses, comparison.candidate_responses)
    return {
        name: PairedColumn(
            metric=name,
            base=_column(comparison.examples, arms[0], _SHOWN[name]),
            candidate=_column(comparison.examples, arms[1], _SHOWN[name]),
            low=0.0,
            high=1.0,
            either=True,
        )
        for name in names
        if name in _SHOWN
    }


def _column(
    examples: Sequence[Example], answers: Mapping[str, Sequence[Response]], shows: Callable[[Response], bool]
) -> Column:
    rows = [answers.get(example.id, ()) for example in examples]
    shape = (len(rows), max((len(row) for row in rows), default=1) or 1)
    raw, scored, failed = np.zeros(shape), np.zeros(shape, dtype=bool), np.zeros(shape, dtype=bool)
    for at, row in enumerate(rows):
        for repeat, answer in enumerate(row):
            failed[at, repeat] = answer.failure is not None
            scored[at, repeat] = answer.failure is None
            raw[at, repeat] = float(scored[at, repeat] and shows(answer))
    return Column(raw=raw, scored=scored, failed=failed, errors=np.zeros(shape, dtype=bool))
