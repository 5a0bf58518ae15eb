"""Tags cut into bins, and spellings of one value put together."""

import pytest

from evalkit.core.errors import SuiteError
from evalkit.core.exchange import Example, Message
from evalkit.slices.levels import MISSING, levels, twins
from evalkit.slices.values import bin_name, fold_value
from evalkit.suite.load import load_suite
from evalkit.suite.spec import SliceSpec


def rows(*values, tag="age"):
    asked = (Message(role="user", content="?"),)
    return tuple(
        Example(id=f"c{i}", messages=asked, tags={} if value is None else {tag: value})
        for i, value in enumerate(values)
    )


def test_numbers_fall_into_bins_and_an_edge_belongs_to_the_bin_above():
    found = levels(rows("7", "18", "29.9", "30", "64", "１８", None, "old"), [SliceSpec(by="age", bins=[18, 30, 50])])
    assert found["age"] == (
        "under 18", "18 to under 30", "18 to under 30", "30 to under 50", "50 and over", "18 to under 30", MISSING,
        "(no number)",
    )  # fmt: skip


def test_quantiles_cut_into_parts_of_one_size():
    column = levels(rows(*map(str, range(100))), [SliceSpec(by="age", quantiles=4)])["age"]
    assert {value: column.count(value) for value in column} == {
        "under 25": 25,
        "25 to under 50": 25,
        "50 to under 75": 25,
        "75 and over": 25,
    }


def test_quantiles_of_equal_numbers_are_fewer_parts():
    column = levels(rows(*["1"] * 90, *["2"] * 10), [SliceSpec(by="age", quantiles=10)])["age"]
    assert set(column) == {"under 2", "2 and over"}
    assert set(levels(rows("5", "5"), [SliceSpec(by="age", quantiles=3)])["age"]) == {"every number"}


@pytest.mark.parametrize(
    ("one", "two"),
    [("Refund", "refund "), ("ＡＢＣ", "abc"), ("1", "1.0"), ("True", "true"), ("new  york", "New York"), ("１", "1")],
)
def test_values_that_differ_in_spelling_only_are_told_and_can_be_folded(one, two):
    held = rows(one, one, two, tag="intent")
    apart, together = SliceSpec(by="intent"), SliceSpec(by="intent", fold=True)
    assert len(set(levels(held, [apart])["intent"])) == 2
    assert set(levels(held, [together])["intent"]) == {one}, "the commonest spelling names the slice"
    assert "`fold: true` makes them one" in twins(held, [apart])["intent"]
    assert repr(two) in twins(held, [apart])["intent"]
    assert "they are one value" in twins(held, [together])["intent"]


def test_values_that_mean_different_things_stay_apart():
    assert len({fold_value(value) for value in ("1", "10", "1.5", "-1", "007", "7", "refund", "refunds")}) == 8
    assert twins(rows("a", "b", tag="intent"), [SliceSpec(by="intent")]) == {}


def test_combinations_are_folded_part_by_part():
    asked = (Message(role="user", content="?"),)
    pairs = [("X", "1"), ("x", "1.0")]
    held = tuple(Example(id=f"c{i}", messages=asked, tags={"a": a, "b": b}) for i, (a, b) in enumerate(pairs))
    assert len(set(levels(held, [SliceSpec(by=["a", "b"], fold=True)])["a*b"])) == 1


def test_a_number_that_is_none_has_a_bin_of_its_own():
    assert [bin_name(value, [1.0]) for value in ("nan", "inf", "", "1,000")] == ["(no number)"] * 3 + ["1 and over"]


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("{by: age, bins: [30, 18]}", "the bins of 'age' do not ascend"),
        ("{by: age, bins: [18], quantiles: 3}", "either bins or quantiles, not both"),
        ("{by: [age, sex], bins: [18]}", "bins cut one tag"),
        ("{by: age, quantiles: 1}", "quantiles"),
    ],
)
def test_bins_that_mean_nothing_are_told(tmp_path, written, said):
    path = tmp_path / "s.yaml"
    path.write_text(
        "evalkit: 1\nname: s\ndataset: {path: x.jsonl}\nscorers: {a: {type: exact}}\n"
        f"slices: [{written}]\ngates: [{{type: no_regression, metric: a}}]\n"
    )
    with pytest.raises(SuiteError, match=said.replace("[", r"\[")):
        load_suite(path)
