"""Where a MetricFrame gives a number for what has none, loses a group or takes a name for its own: ours does not."""

import json
import warnings
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evalkit.core.errors import DataError, UsageError
from evalkit.slices.disparity import demographic_parity, disparity, equal_opportunity, equalized_odds
from evalkit.slices.frame import frame_rows, label_frame, metric_named, score_frame
from evalkit.slices.frame_guards import UndefinedGroups
from evalkit.slices.groups import RATES, Groups, confusion, groups, means
from evalkit.slices.row_bootstrap import rate_intervals
from evalkit.slices.strata import pool_gaps

TRUTH, SAID, GROUP = [True, True, False, True], [True, False, False, True], ["a", "a", "b", "b"]
OURS = ("accuracy", "selection_rate", "true_positive_rate", "false_positive_rate")


def theirs(metrics, truth, said, group, **more):
    from fairlearn.metrics import MetricFrame

    return MetricFrame(metrics=metrics, y_true=truth, y_pred=said, sensitive_features=group, **more)


def draw(seed, n, names="abc"):
    rng = np.random.default_rng(seed)
    return rng.random(n) < 0.5, rng.random(n) < 0.6, [names[i] for i in rng.integers(0, len(names), n)]


def test_empty_combinations_count_whole_zeros_where_fairlearn_has_nan():
    sex, race, scores = ["f", "f", "m"], ["x", "y", "x"], [1.0, 0.0, 1.0]
    trap = theirs({"count": lambda t, p: len(t)}, scores, scores, {"sex": sex, "race": race})
    assert np.isnan(trap.by_group["count"]["m", "y"]), "the trap"
    frame = score_frame({"s": scores}, by={"sex": sex, "race": race})
    assert frame.by_group["count"].to_dict() == {("f", "x"): 1, ("f", "y"): 1, ("m", "x"): 1, ("m", "y"): 0}
    assert frame.by_group["count"].dtype == np.int64
    last = frame_rows(frame)[-1]
    assert (last.group, last.n, last.values) == (("m", "y"), 0, {"s": None, "count": 0.0})
    assert last.because == "no row is in this group"
    both = [f"{one}*{other}" for one, other in zip(sex, race, strict=True)]
    cut = groups(both, names=["f*x", "f*y", "m*x", "m*y"])
    assert cut.sizes.tolist() == [1, 1, 1, 0]
    assert means(scores, cut)["m*y"] is None


@pytest.mark.parametrize("as_series", [False, True])
def test_unused_categories_stay(as_series):
    import pandas

    column = pandas.Categorical(["a", "b", "b", "a"], categories=["c", "a", "b"])
    values = pandas.Series(column) if as_series else column
    assert len(theirs({"m": lambda t, p: 1.0}, SAID, SAID, pandas.Series(column)).by_group) == 2, "the trap"
    assert groups(list(column), names=list(column.categories)).sizes.tolist() == [0, 2, 2]
    frame = label_frame(TRUTH, SAID, positive=True, by={"g": values})
    assert frame.by_group["count"].to_dict() == {"a": 2, "b": 2, "c": 0}
    assert frame_rows(frame)[2].because == "no row is in this group"
    within = label_frame(TRUTH, SAID, positive=True, by={"g": GROUP}, control={"c": values})
    assert within.by_group["count"]["c", "a"] == 0


def test_a_weight_is_not_taken_for_a_tag_of_its_column():
    weights = [3.0, 1.0, 1.0, 1.0]
    metrics = {"acc": metric_named("accuracy_score")}
    given = {"metrics": metrics, "sample_params": {"acc": {"sample_weight": weights}}}
    frame = label_frame(TRUTH, SAID, positive=True, by={"g": GROUP}, **given)
    assert frame.by_group["acc"].to_dict() == {"a": 0.75, "b": 1.0}
    for more in ({"by": {"acc_sample_weight": GROUP}}, {"by": {"g": GROUP}, "control": {"acc_sample_weight": GROUP}}):
        with pytest.raises(DataError, match="a tag cannot be called 'acc_sample_weight'"):
            label_frame(TRUTH, SAID, positive=True, **more, **given)
    plain = label_frame(TRUTH, SAID, positive=True, by={"acc_sample_weight": GROUP}, metrics=metrics)
    assert plain.by_group["acc"].to_dict() == {"a": 0.5, "b": 1.0}, "without the parameter it is a tag like any"


@pytest.mark.parametrize(
    ("params", "told"),
    [
        ({"sample_weight": [1.0] * 4}, "must name the metric of each parameter"),
        ([1.0] * 4, "must name the metric of each parameter"),
        ({"f1": {"sample_weight": [1.0] * 4}}, "no metric 'f1'"),
        ({"acc": {"normalize": True}}, "acc.normalize is no column of 4 values"),
        ({"acc": {"sample_weight": [1.0] * 3}}, "acc.sample_weight is no column of 4 values"),
    ],
)
def test_parameters_stand_under_their_metric_and_are_columns(params, told):
    with pytest.raises(UsageError, match=told):
        label_frame(
            TRUTH,
            SAID,
            positive=True,
            by={"g": GROUP},
            metrics={"acc": metric_named("accuracy_score")},
            sample_params=params,
        )


def test_whole_numbers_and_generators_are_taken_where_fairlearn_refuses_them():
    truth, said, group = draw(0, 60)
    with pytest.raises(ValueError, match="floats in"):
        theirs({"m": lambda t, p: 1.0}, truth, said, group, n_boot=2, ci_quantiles=[np.float32(0.5)])
    by = {"g": group}
    given = {"n_boot": 20, "ci_quantiles": [np.float32(0.5)]}
    frame = label_frame(truth, said, positive=True, by=by, random_state=np.random.default_rng(3), **given)
    again = label_frame(truth, said, positive=True, by=by, random_state=np.random.default_rng(3), **given)
    seed = int(np.random.default_rng(3).integers(2**32))
    same = label_frame(truth, said, positive=True, by=by, random_state=seed, **given)
    assert frame.by_group_ci[0].equals(again.by_group_ci[0])
    assert frame.by_group_ci[0].equals(same.by_group_ci[0])
    for wrong in (0, 1, 97.5, "0.5"):
        with pytest.raises(UsageError, match="no share between 0 and 1"):
            label_frame(truth, said, positive=True, by=by, n_boot=2, ci_quantiles=[wrong], random_state=0)
    with pytest.raises(UsageError, match="no option 'n_bot'"):
        label_frame(truth, said, positive=True, by=by, n_bot=2)


def test_intervals_are_fairlearns_own_with_its_own_draws():
    truth, said, group = draw(1, 90)
    frame = label_frame(
        truth, said, positive=True, by={"g": group}, n_boot=40, ci_quantiles=[0.1, 0.5, 0.9], random_state=7
    )
    ours = rate_intervals(truth, said, groups(group), rates=OURS, draws=40, quantiles=[0.1, 0.5, 0.9], seed=7)
    assert not any(any(lacking.values()) for lacking in ours.lacking.values()), "every replicate has every rate"
    for at in range(3):
        for name in OURS:
            ends = {g: ours.by_group[name][g][at] for g in "abc"}
            assert ends == pytest.approx(frame.by_group_ci[at][name].to_dict(), abs=1e-12)
            assert ours.difference[name][at] == pytest.approx(frame.difference_ci()[at][name], abs=1e-12)


@pytest.mark.filterwarnings("ignore:All-NaN")
def test_a_replicate_that_lacks_a_group_is_counted_and_does_not_hide_it():
    truth, said = np.array([True, False] * 12 + [True]), np.array([True] * 25)
    group = ["a", "b"] * 12 + ["rare"]
    ours = rate_intervals(truth, said, groups(group), draws=300, seed=0)
    missing = ours.lacking["selection_rate"]["rare"]
    assert missing == pytest.approx(300 * (24 / 25) ** 25, rel=0.3), "drawn out of 25 rows with replacement"
    assert ours.by_group["selection_rate"]["rare"] == (1.0, 1.0)
    assert ours.lacking["false_positive_rate"]["rare"] == 300, "no negative in any draw"
    assert ours.by_group["false_positive_rate"]["rare"] == (None, None)
    frame = label_frame(
        truth, said, positive=True, by={"g": group}, n_boot=3, ci_quantiles=[0.5], random_state=_draws_without(24, 25)
    )
    assert list(frame.by_group_ci[0].index) == ["a", "b", "rare"], "no draw held it, and the row is there"
    assert np.isnan(frame.by_group_ci[0]["selection_rate"]["rare"])


def _draws_without(row, n, draws=3):
    """A seed of fairlearn's whose replicates all lack a row."""
    for seed in range(1_000):
        seeds = np.random.default_rng(seed).integers(0, np.iinfo(np.uint32).max, draws, dtype=np.uint32).tolist()
        if all(row not in np.random.RandomState(one).choice(n, n) for one in seeds):
            return seed
    raise AssertionError("no such seed")


def test_the_difference_interval_of_nothing_leaves_0_out_and_so_proves_nothing():
    rng = np.random.default_rng(2)
    alone = [rng.random(500) < 0.8 for _ in range(2)]
    found = rate_intervals(*alone, groups([str(i % 10) for i in range(500)]), draws=200)
    assert found.difference["selection_rate"][0] > 0.05


def test_a_group_without_a_value_is_named_where_fairlearn_skips_it():
    values = {"a": float("nan"), "b": 0.5, "c": 0.2}

    def metric(truth, said):
        return values["abc"[int(truth[0])]]

    codes = np.array([0, 1, 2])
    assert theirs({"m": metric}, codes, codes, list("abc")).difference()["m"] == pytest.approx(0.3), "the trap"
    found = disparity({"a": None, "b": 0.5, "c": 0.2})
    assert (found.difference, found.undefined) == (pytest.approx(0.3), ("a",))
    truth, said = [False, True, True, False], [True, True, False, False]
    frame = label_frame(truth, said, positive=True, by={"g": ["a", "b", "b", "b"]})
    for gap in (frame.difference, frame.ratio):
        with pytest.warns(UndefinedGroups, match="true_positive_rate undefined for a: not in the gap"):
            gap()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        label_frame(TRUTH, SAID, positive=True, by={"g": ["a", "b", "a", "a"]}, metrics={"x": np_mean}).difference()


def np_mean(truth, said):
    return float(np.mean(said))


def test_text_labels_need_the_label_that_counts_as_yes():
    from fairlearn.metrics import MetricFrame, selection_rate

    said = ["yes", "no", "yes", "yes"]
    trap = MetricFrame(metrics=selection_rate, y_true=said, y_pred=said, sensitive_features=GROUP)
    assert trap.difference() == 0.0, "the trap: nobody is 1"
    frame = label_frame(said, said, positive="yes", by={"g": GROUP})
    assert frame.by_group["selection_rate"].to_dict() == {"a": 0.5, "b": 1.0}
    with pytest.raises(DataError, match="no label equals the positive label 1"):
        label_frame(said, said, positive=1, by={"g": GROUP})


def test_plain_numbers_can_be_written_as_json():
    rows = frame_rows(label_frame(TRUTH, SAID, positive=True, by={"g": GROUP}))
    text = json.dumps([{"group": row.group, "n": row.n, **row.values} for row in rows], allow_nan=False)
    assert json.loads(text)[1]["false_positive_rate"] == 0.0
    assert rows[0].because == "false_positive_rate undefined: 0 / 0"


def test_nobody_selected_has_no_ratio_and_an_empty_group_is_no_zero():
    table = confusion(np.zeros(4, dtype=bool), np.zeros(4, dtype=bool), groups(GROUP, names=["a", "b", "nobody"]))
    found = demographic_parity(table)
    assert (found.difference, found.ratio, found.undefined) == (0.0, None, ("nobody",))


BERKELEY = {
    "A": ((825, 512), (108, 89)), "B": ((560, 353), (25, 17)), "C": ((325, 120), (593, 202)),
    "D": ((417, 138), (375, 131)), "E": ((191, 53), (393, 94)), "F": ((373, 22), (341, 24)),
}  # fmt: skip
"""Applicants and admitted of six departments, men and women (Bickel, Hammel and O'Connell 1975, Science 187:398)"""


def test_pooling_within_departments_turns_the_gap_of_berkeley_round():
    sex, department, admitted = [], [], []
    for name, sides in BERKELEY.items():
        for who, (n, yes) in zip("mf", sides, strict=True):
            sex += [who] * n
            department += [name] * n
            admitted += [1.0] * yes + [0.0] * (n - yes)
    values = np.array(admitted)
    crude = means(values, groups(sex))
    assert crude["f"] - crude["m"] == pytest.approx(-0.1416, abs=5e-5), "all departments together"
    found = pool_gaps(values, groups(sex), groups(department))
    top = bottom = Fraction(0)
    for (n, a), (m, b) in BERKELEY.values():
        top += Fraction(n * m, n + m) * (Fraction(b, m) - Fraction(a, n))
        bottom += Fraction(n * m, n + m)
    assert found.gap.tolist() == pytest.approx([float(top / bottom), -float(top / bottom)], abs=1e-12)
    assert found.gap[0] > 0.0 > crude["f"] - crude["m"]
    assert found.low[0] < 0.0 < found.high[0]
    assert found.compared.tolist() == [6, 6]


def test_strata_that_hold_one_side_alone_compare_nothing():
    by = Groups(names=("a", "b"), codes=np.array([0, 1, 0, 1, 0, 0]))
    strata = Groups(names=("x", "y"), codes=np.array([0, 0, 0, 0, 1, 1]))
    found = pool_gaps(np.array([1.0, 0.0, 1.0, 1.0, 0.0, 0.0]), by, strata)
    assert found.gap.tolist() == [0.5, -0.5]
    assert (found.compared.tolist(), found.rows.tolist()) == ([1, 1], [2, 2])
    apart = Groups(names=("x", "y"), codes=np.array([0, 1, 0, 1, 0, 0]))
    nothing = pool_gaps(np.ones(6), by, apart)
    assert np.isnan(nothing.gap).all()
    assert np.isnan(nothing.low).all()


@st.composite
def frames(draw):
    """Truths, predictions, scores, groups and control levels; some cells are empty or have one class."""
    n = draw(st.integers(2, 60))
    column = st.lists(st.booleans(), min_size=n, max_size=n)
    names = st.lists(st.sampled_from(["a", "b", "c", "d"]), min_size=n, max_size=n)
    levels = st.lists(st.sampled_from(["x", "y", "z"]), min_size=n, max_size=n)
    scores = st.lists(st.floats(-100, 100, allow_subnormal=False), min_size=n, max_size=n)
    return draw(column), draw(column), draw(scores), draw(names), draw(levels)


def oracle():
    from fairlearn import metrics as fl
    from sklearn.metrics import accuracy_score

    return {
        "accuracy": accuracy_score,
        "selection_rate": fl.selection_rate,
        "true_positive_rate": fl.true_positive_rate,
        "false_positive_rate": fl.false_positive_rate,
        "false_negative_rate": fl.false_negative_rate,
        "precision": lambda t, p: float(t[p == 1].mean()) if (p == 1).any() else 0.0,
    }


@settings(max_examples=15, deadline=None)
@given(frames(), st.booleans())
def test_every_frame_equals_fairlearns_wherever_that_is_defined(frame, controlled):
    truth, said, scores, group, level = frame
    more = {"control_features": {"c": level}} if controlled else {}
    found = theirs(oracle(), truth, said, {"g": group}, **more).by_group
    cut = groups([f"{c}|{g}" for c, g in zip(level, group, strict=True)] if controlled else group)
    table = confusion(np.array(truth), np.array(said), cut)
    for name in RATES:
        expected = {"|".join(key) if controlled else key: rate for key, rate in found[name].to_dict().items()}
        for cell, rate in table.rate(name).items():
            assert expected[cell] == 0.0 if rate is None else rate == pytest.approx(expected[cell], abs=1e-12)
    own = (
        label_frame(truth, said, positive=True, by={"g": group}, control={"c": level} if controlled else None)
        if any(truth) or any(said)
        else None
    )
    for row in frame_rows(own) if own is not None else ():
        cell = "|".join(row.group)
        if row.n:
            mine = {name: table.rate(name)[cell] for name in OURS}
            assert {name: row.values[name] for name in OURS} == pytest.approx(mine, abs=1e-12)
    by_score = score_frame({"s": scores}, by={"g": group}, control={"c": level} if controlled else None)
    expected = {"|".join(row.group): row.values["s"] for row in frame_rows(by_score) if row.n}
    assert means(scores, cut) == pytest.approx(expected, abs=1e-12)


@settings(max_examples=12, deadline=None)
@given(frames())
def test_gaps_within_control_levels_equal_fairlearns_where_all_rates_are_defined(frame):
    from fairlearn import metrics as fl

    truth, said, _, group, level = frame
    found = theirs(oracle(), truth, said, {"g": group}, control_features={"c": level})
    gaps = found.difference()
    for one in sorted(set(level)):
        rows = [at for at, name in enumerate(level) if name == one]
        t, p, g = (np.array([column[at] for at in rows]) for column in (truth, said, group))
        table = confusion(t, p, groups(g.tolist()))
        for name, gap in (("selection_rate", demographic_parity), ("true_positive_rate", equal_opportunity)):
            ours = gap(table)
            if not ours.undefined and ours.difference is not None:
                assert ours.difference == pytest.approx(gaps[name][one], abs=1e-12)
        odds = equalized_odds(table)
        if not odds.undefined and odds.difference is not None:
            expected = fl.equalized_odds_difference(t, p, sensitive_features=g)
            assert odds.difference == pytest.approx(expected, abs=1e-12)
