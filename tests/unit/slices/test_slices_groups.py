"""Our engine against fairlearn, and the places where fairlearn gives a number for what has none."""

from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evalkit.core.errors import DataError, UsageError
from evalkit.slices.disparity import demographic_parity, disparity, equal_opportunity, equalized_odds
from evalkit.slices.frame import guard_metric, label_frame, metric_named, score_frame
from evalkit.slices.frame_guards import MixedKinds
from evalkit.slices.groups import RATES, confusion, groups, means, yes_no
from evalkit.slices.levels import MISSING


@pytest.fixture(scope="module")
def labels():
    rng = np.random.default_rng(3)
    n = 5_000
    group = rng.choice(list("abcdefg"), n)
    truth = rng.random(n) < 0.4
    prediction = np.where(rng.random(n) < 0.8, truth, ~truth)
    return truth, prediction, group.tolist()


def test_every_rate_equals_fairlearn_to_twelve_digits(labels):
    from fairlearn import metrics as fl
    from sklearn.metrics import accuracy_score, precision_score

    truth, prediction, group = labels
    oracle = {
        "accuracy": accuracy_score,
        "selection_rate": fl.selection_rate,
        "true_positive_rate": fl.true_positive_rate,
        "false_positive_rate": fl.false_positive_rate,
        "false_negative_rate": fl.false_negative_rate,
        "precision": precision_score,
    }
    assert set(oracle) == set(RATES)
    frame = fl.MetricFrame(metrics=oracle, y_true=truth, y_pred=prediction, sensitive_features=group)
    ours = confusion(truth, prediction, groups(group))
    for name in RATES:
        assert ours.rate(name) == pytest.approx(frame.by_group[name].to_dict(), abs=1e-12)
        assert ours.overall(name) == pytest.approx(frame.overall[name], abs=1e-12)


def test_every_disparity_equals_fairlearn_to_twelve_digits(labels):
    from fairlearn import metrics as fl

    truth, prediction, group = labels
    ours = confusion(truth, prediction, groups(group))
    given = {"y_true": truth, "y_pred": prediction, "sensitive_features": group}
    assert demographic_parity(ours).difference == pytest.approx(fl.demographic_parity_difference(**given), abs=1e-12)
    assert demographic_parity(ours).ratio == pytest.approx(fl.demographic_parity_ratio(**given), abs=1e-12)
    assert equal_opportunity(ours).difference == pytest.approx(fl.equal_opportunity_difference(**given), abs=1e-12)
    assert equalized_odds(ours).difference == pytest.approx(fl.equalized_odds_difference(**given), abs=1e-12)
    assert equalized_odds(ours).ratio == pytest.approx(fl.equalized_odds_ratio(**given), abs=1e-12)


def test_the_frames_equal_the_engine(labels):
    truth, prediction, group = labels
    frame = label_frame(truth.tolist(), prediction.tolist(), positive=True, by={"group": group})
    ours = confusion(truth, prediction, groups(group))
    for name in ("accuracy", "selection_rate", "true_positive_rate", "false_positive_rate"):
        assert ours.rate(name) == pytest.approx(frame.by_group[name].to_dict(), abs=1e-12)
    assert ours.size() == frame.by_group["count"].to_dict()
    scores = np.random.default_rng(0).random(len(group))
    by_score = score_frame({"judge": scores}, by={"group": group})
    assert means(scores, groups(group)) == pytest.approx(by_score.by_group["judge"].to_dict(), abs=1e-12)


def test_fairlearns_own_documented_example():
    truth = [bool(int(c)) for c in "1111100110"]
    prediction = [bool(int(c)) for c in "0111100011"]
    table = confusion(np.array(truth), np.array(prediction), groups(["F"] * 5 + ["M"] * 5))
    assert table.rate("selection_rate") == {"F": 0.8, "M": 0.4}
    assert table.rate("accuracy") == {"F": 0.8, "M": 0.6}
    assert demographic_parity(table).difference == pytest.approx(0.4)
    assert demographic_parity(table).ratio == pytest.approx(0.5)
    # the documented .3333 comes from F's false positive rate of 0 over no negatives; what is defined is .3
    assert equalized_odds(table).difference == pytest.approx(0.3)
    assert equalized_odds(table).undefined == ("F",)
    assert equal_opportunity(table).difference == pytest.approx(0.3)


def test_compas_by_race_as_published():
    """ProPublica 2016, 7,214 rows, high = score other than Low: (tn, fp, fn, tp) by race."""
    counts = {"African-American": (990, 805, 532, 1369), "Caucasian": (1139, 349, 461, 505)}
    truth, prediction, race = [], [], []
    for name, (tn, fp, fn, tp) in counts.items():
        truth += [False] * (tn + fp) + [True] * (fn + tp)
        prediction += [False] * tn + [True] * fp + [False] * fn + [True] * tp
        race += [name] * (tn + fp + fn + tp)
    table = confusion(np.array(truth), np.array(prediction), groups(race))
    fpr, fnr = table.rate("false_positive_rate"), table.rate("false_negative_rate")
    assert [round(100 * fpr[name], 2) for name in counts] == [44.85, 23.45]
    assert [round(100 * fnr[name], 2) for name in counts] == [27.99, 47.72]
    assert equalized_odds(table).difference == pytest.approx(0.213925, abs=5e-7)
    assert demographic_parity(table).difference == pytest.approx(0.240200, abs=5e-7)
    assert demographic_parity(table).ratio == pytest.approx(0.591638, abs=5e-7)


def test_a_group_without_positives_leaves_a_perfect_classifier_fair():
    from fairlearn.metrics import equalized_odds_difference

    truth = np.array([True, True, False, False, False, False])
    group = ["a", "a", "a", "b", "b", "b"]
    assert equalized_odds_difference(truth, truth, sensitive_features=group) == 1.0
    table = confusion(truth, truth, groups(group))
    ours = equalized_odds(table)
    assert table.rate("true_positive_rate")["b"] is None
    assert ours.difference == 0.0
    assert ours.undefined == ("b",)
    alone = equal_opportunity(table)
    assert alone.difference is None
    assert "1 of 2 groups have a value" in alone.reason
    rates = label_frame(truth.tolist(), truth.tolist(), positive=True, by={"g": group}).by_group
    assert np.isnan(rates["true_positive_rate"]["b"])


def test_text_labels_need_a_positive_label_that_occurs():
    with pytest.raises(DataError, match="did you mean 'yes'"):
        yes_no(["yes", "no"], positive="yess")
    with pytest.raises(DataError, match="no label equals the positive label 1"):
        label_frame(["yes", "no"], ["no", "no"], positive=1, by={"g": ["a", "b"]})
    assert yes_no(["yes", "no"], positive="yes").tolist() == [True, False]


def test_missing_groups_are_a_level_and_ones_of_any_type_are_one_group():
    with pytest.warns(MixedKinds, match="'1' stand there as numbers and as text"):
        cut = groups(["a", None, float("nan"), "", 1, "1"])
    assert cut.names == (MISSING, "1", "a")
    assert cut.sizes.tolist() == [3, 2, 1]
    with pytest.warns(MixedKinds, match="g: '1'"):
        frame = score_frame({"x": [1.0, 0.0, 0.0]}, by={"g": [1, "1", None]})
    assert frame.by_group["count"].to_dict() == {MISSING: 1, "1": 2}


def test_a_group_nobody_belongs_to_stays_with_n_zero():
    cut = groups(["a", "a"], names=["a", "b"])
    assert cut.sizes.tolist() == [2, 0]
    assert means([1.0, 0.0], cut) == {"a": 0.5, "b": None}
    assert confusion(np.array([True, True]), np.array([True, False]), cut).size() == {"a": 2, "b": 0}
    with pytest.raises(DataError, match="not among the groups given"):
        groups(["c"], names=["a", "b"])


def test_undefined_is_not_zero():
    assert disparity({"a": None, "b": 0.5}).difference is None
    assert disparity({}).difference is None
    zero = disparity({"a": 0.0, "b": 0.0})
    assert zero.difference == 0.0
    assert zero.ratio is None
    assert disparity({"a": 0.0, "b": 0.5}).ratio == 0.0


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: score_frame({}, by={"g": ["a"]}), "no metric"),
        (lambda: score_frame({"x": [float("nan")]}, by={"g": ["a"]}), "not finite"),
        (lambda: score_frame({"y_true": [1.0]}, by={"g": ["a"]}), "cannot be called 'y_true'"),
        (lambda: score_frame({"x": [1.0]}, by={"y_pred": ["a"]}), "cannot be called 'y_pred'"),
        (lambda: score_frame({"x": [1.0]}, by={}), "one tag or more"),
        (lambda: score_frame({"x": [1.0]}, by={"g": ["a", "b"]}), "2 values for 1 rows"),
        (lambda: score_frame({"x": []}, by={"g": []}), "needs rows"),
        (lambda: confusion([1, 0], [True, True], groups(["a", "a"])), "must be bool"),
        (lambda: confusion(np.array([True]), np.array([True, True]), groups(["a", "a"])), "do not match"),
        (
            lambda: confusion(np.array([True]), np.array([True]), groups(["a"])).rate("acuracy"),
            "did you mean 'accuracy'",
        ),
        (lambda: means([float("inf")], groups(["a"])), "not finite"),
    ],
)
def test_what_would_be_silently_wrong_is_an_error(call, message):
    with pytest.raises(DataError, match=message):
        call()


@given(st.integers(0, 100_000), st.integers(2, 6), st.integers(30, 300))
@settings(max_examples=25, deadline=None)
def test_random_frames_equal_fairlearn_where_fairlearn_is_defined(seed, count, n):
    from fairlearn import metrics as fl
    from sklearn.metrics import accuracy_score

    rng = np.random.default_rng(seed)
    group = [str(value) for value in rng.integers(0, count, n)]
    truth, prediction = rng.random(n) < rng.random(), rng.random(n) < rng.random()
    oracle = {
        "accuracy": accuracy_score,
        "selection_rate": fl.selection_rate,
        "true_positive_rate": fl.true_positive_rate,
        "false_positive_rate": fl.false_positive_rate,
        "false_negative_rate": fl.false_negative_rate,
    }
    frame = fl.MetricFrame(metrics=oracle, y_true=truth, y_pred=prediction, sensitive_features=group)
    ours = confusion(truth, prediction, groups(group))
    for name in oracle:
        theirs = frame.by_group[name].to_dict()
        for label, rate in ours.rate(name).items():
            if rate is None:
                assert theirs[label] == 0.0, "where nothing is defined fairlearn says 0"
            else:
                assert rate == pytest.approx(theirs[label], abs=1e-12)


def test_a_metric_of_one_class_is_undefined_not_0_or_1():
    truth, said, group = [True, True, False, True], [True, False, False, True], ["a", "b", "a", "b"]
    names = ("roc_auc_score", "f1_score", "balanced_accuracy_score", "true_negative_rate", "matthews_corrcoef")
    frame = label_frame(
        truth, said, positive=True, by={"g": group}, metrics={name: metric_named(name) for name in names}
    )
    assert frame.by_group.loc["a"].tolist() == [1.0, 1.0, 1.0, 1.0, 1.0]
    assert np.isnan(frame.by_group.loc["b"]["roc_auc_score"])
    assert np.isnan(frame.by_group.loc["b"]["true_negative_rate"])
    nobody = label_frame(truth, [False] * 4, positive=True, by={"g": group}, metrics={"p": metric_named("f1_score")})
    assert nobody.by_group["p"].tolist() == [0.0, 0.0], "positives that nobody found: 0 is right"


def test_a_partial_has_the_name_it_is_given_and_weights_go_through():
    from sklearn.metrics import accuracy_score, fbeta_score

    truth, said = [True, True, False, True], [True, False, False, True]
    group, weights = ["a", "a", "b", "b"], [3.0, 1.0, 1.0, 1.0]
    frame = label_frame(
        truth,
        said,
        positive=True,
        by={"g": group},
        metrics={
            "f2": guard_metric("f2", partial(fbeta_score, beta=2)),
            "accuracy": guard_metric("accuracy", accuracy_score),
        },
        sample_params={"accuracy": {"sample_weight": weights}},
    )
    assert list(frame.by_group) == ["f2", "accuracy"]
    assert frame.by_group["accuracy"].to_dict() == {"a": 0.75, "b": 1.0}


def test_a_control_feature_is_taken_within_its_levels_and_is_no_tag():
    truth, said = [True, False, True, True], [True, True, False, True]
    by, control = {"g": ["a", "b", "a", "b"]}, {"c": ["x", "x", "y", "y"]}
    frame = label_frame(truth, said, positive=True, by=by, control=control)
    assert frame.by_group["accuracy"].to_dict() == {("x", "a"): 1, ("x", "b"): 0, ("y", "a"): 0, ("y", "b"): 1}
    with pytest.raises(DataError, match="a tag to cut by and a control feature at once"):
        label_frame(truth, said, positive=True, by=by, control={"g": ["x", "x", "y", "y"]})


def test_what_is_no_metric_of_truths_and_decisions_is_named():
    with pytest.raises(UsageError, match="did you mean 'f1_score'"):
        metric_named("f1_scor")
    with pytest.raises(UsageError, match="roc_curve cannot be computed"):
        label_frame(
            [True, False], [True, False], positive=True, by={"g": ["a", "a"]}, metrics={"r": metric_named("roc_curve")}
        )
