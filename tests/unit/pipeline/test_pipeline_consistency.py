"""Columns of consistency: what several answers to one question show beside their mean."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evalkit.core.columns import Column
from evalkit.core.verdict import Metric
from evalkit.pipeline.asking.consistency import consistency_column
from evalkit.pipeline.suites.consistency import consistency_metrics, is_consistency

MAIN = Metric()


def column(rows: list[list[float | str | None]]) -> Column:
    """Numbers count; None does not apply; "failed" and "error" are missing."""
    table = np.array(rows, dtype=object)
    number = np.vectorize(lambda v: isinstance(v, int | float))(table)
    return Column(
        raw=np.where(number, table, 0.0).astype(float),
        scored=number.astype(bool),
        failed=(table == "failed").astype(bool),
        errors=(table == "error").astype(bool),
    )


def made(kind: str, rows: list[list[float | str | None]], of: Metric = MAIN) -> Column:
    found = consistency_metrics("answer", [of], repeats=len(rows[0]), named=[f"answer.{kind}"])
    return consistency_column(column(rows), next(one for one in found if one.kind == kind))


def states(found: Column) -> list[float | str | None]:
    return [
        float(found.raw[i, 0])
        if found.scored[i, 0]
        else "failed"
        if found.failed[i, 0]
        else "error"
        if found.errors[i, 0]
        else None
        for i in range(len(found.raw))
    ]


def test_all_repeats_must_pass_and_one_wrong_one_is_enough_to_know() -> None:
    rows = [[1, 1, 1], [1, 0, 1], [0, "failed", 1], [1, "failed", 1], [1, "error", 1], [None, 1, 1], [None] * 3]
    assert states(made("pass_all", rows)) == [1.0, 0.0, 0.0, "failed", "error", 1.0, None]


def test_where_lower_is_better_a_pass_is_a_0() -> None:
    rows = [[0, 0], [0, 1], [1, 1]]
    assert states(made("pass_all", rows, Metric(higher_is_better=False))) == [1.0, 0.0, 0.0]


def test_flips_are_the_share_of_pairs_that_disagree() -> None:
    rows = [[1, 1, 1], [1, 0, 1], [1, "failed", 0], [1, "failed", "failed"], [1, None, None]]
    assert states(made("flip_rate", rows)) == [0.0, pytest.approx(2 / 3), 1.0, "failed", None]


def test_pass_k_is_the_chance_that_k_drawn_answers_all_pass() -> None:
    rows = [[1, 1, 1, 1], [1, 1, 1, 0], [1, 0, 0, 0], [1, "failed", "failed", "failed"]]
    assert states(made("pass_2", rows)) == [1.0, 0.5, 0.0, "failed"]


@given(st.lists(st.lists(st.sampled_from([0, 1]), min_size=4, max_size=4), min_size=1, max_size=20))
def test_at_all_repeats_pass_k_is_pass_all_and_it_never_rises_with_k(rows: list[list[float | str | None]]) -> None:
    by_k = [made(f"pass_{k}", rows).raw[:, 0] for k in (2, 3, 4)]
    assert (by_k[0] >= by_k[1]).all()
    assert (by_k[1] >= by_k[2]).all()
    assert by_k[2].tolist() == made("pass_all", rows).raw[:, 0].tolist()


@pytest.mark.parametrize(
    ("metric", "repeats", "named", "parts"),
    [
        (Metric(), 1, ["answer.pass_all"], []),
        (Metric(), 3, [], ["pass_all", "flip_rate"]),
        (Metric(), 3, ["answer.pass_3", "answer.pass_4"], ["pass_all", "flip_rate", "pass_3"]),
        (Metric(binary=False), 3, ["answer.pass_2"], ["flip_rate"]),
        (Metric(part="valid"), 3, [], []),
        (Metric(part="valid"), 3, ["answer.valid.pass_all"], ["valid.pass_all"]),
    ],
)
def test_what_a_scorer_gets_beside_its_own_metrics(
    metric: Metric, repeats: int, named: list[str], parts: list[str]
) -> None:
    found = consistency_metrics("answer", [metric], repeats=repeats, named=named)
    assert [one.metric.part for one in found] == parts


def test_a_part_of_the_scorers_own_keeps_its_name() -> None:
    found = consistency_metrics("answer", [Metric(), Metric(part="pass_all")], repeats=3, named=[])
    assert [one.metric.part for one in found] == ["flip_rate"]


def test_names_are_told_apart() -> None:
    assert [name for name in ("a.pass_all", "a.b.flip_rate", "a.pass_12", "pass_all", "a.pass_0", "a.passes") if
            is_consistency(name)] == ["a.pass_all", "a.b.flip_rate", "a.pass_12"]  # fmt: skip
