"""Group tables of a comparison: what one arm alone has, what is tiny, what a gate judges with a reference."""

import numpy as np
import pytest

from evalkit.core.columns import Column, Comparison, Coverage, PairedColumn
from evalkit.core.exchange import Example, ModelIdentity
from evalkit.gates.view import view
from evalkit.pipeline.deciding.group_tables import group_tables
from evalkit.suite.spec import SuiteSpec

WHO = ModelIdentity(name="m", provider="p", model="m", fingerprint="m")


def arm(values):
    scored = np.array([[value is not None] for value in values])
    raw = np.array([[0.0 if value is None else float(value)] for value in values])
    return Column(raw=raw, scored=scored, failed=np.zeros_like(scored), errors=np.zeros_like(scored))


def tables_of(base, candidate, groups, *, gates=(), also=None):
    n = len(groups)
    comparison = Comparison(
        suite="s",
        base=WHO,
        candidate=WHO,
        examples=tuple(Example(id=str(i), messages=(), tags={"g": group}) for i, group in enumerate(groups)),
        clusters=tuple(str(i) for i in range(n)),
        columns={"answer": PairedColumn(metric="answer", base=arm(base), candidate=arm(candidate))},
        levels={"g": tuple(groups)},
        coverage=Coverage(examples=n, asked=n),
    )
    spec = SuiteSpec.model_validate(
        {
            "evalkit": 1,
            "name": "s",
            "dataset": {"path": "x"},
            "scorers": {"answer": {"type": "exact"}},
            "slices": [{"by": "g", "min_n": 10}],
            "gates": [{"type": "no_regression", "metric": "answer", "margin": 0.1}, *gates],
            **(also or {}),
        }
    )
    (table,) = group_tables(comparison, spec, seen=view(comparison, spec.policy))
    return table, {row.group: row for row in table.rows}


def test_a_group_that_one_arm_alone_has_values_for_says_so_and_is_not_dropped():
    groups = ["a", "b", "c"] * 20
    table, rows = tables_of([1] * 60, [None if group == "c" else 1 for group in groups], groups)
    assert rows["c"].because == "only the base has a value here: nothing can be compared"
    assert (rows["c"].n, rows["c"].missing, rows["c"].candidate) == (0, 20, None)
    assert rows["a"].candidate == 1.0
    assert "c" not in table.fell_behind


def test_a_tiny_group_is_shown_with_its_interval_and_is_in_no_family():
    groups = ["a", "b"] * 30 + ["tiny"] * 3
    base = [1] * 63
    table, rows = tables_of(base, [1] * 60 + [0] * 3, groups)
    assert rows["tiny"].small
    assert (rows["tiny"].candidate, rows["tiny"].broken) == (0.0, 3)
    assert rows["tiny"].candidate_high > 0.3
    assert table.candidate_spread.smallest != "tiny"
    assert table.fell_behind == ()


@pytest.mark.parametrize("asked", ["suite", "gate"])
def test_gaps_and_ratios_are_to_the_reference_that_is_named(asked):
    groups = ["a", "b", "c"] * 40
    candidate = [{"a": 1, "b": i % 2, "c": int(i % 4 == 0)}[group] for i, group in enumerate(groups)]
    gate = {"type": "fairness", "slices": ["g"], "metrics": ["answer"], "reference": "b"}
    suite = {"groups": {"reference": {"g": "b"}}} if asked == "suite" else {}
    table, rows = tables_of([1] * 120, candidate, groups, gates=[gate] * (asked == "gate"), also=suite)
    assert table.reference == "b"
    assert rows["c"].candidate_gap == pytest.approx(rows["c"].candidate - rows["b"].candidate)
    assert rows["a"].candidate_ratio == pytest.approx(2.0)
    assert rows["b"].candidate_gap == pytest.approx(0.5 - (1.0 + rows["c"].candidate) / 2), "its own: to all others"
    assert ("as the gate has it" in table.method) == (asked == "gate")
