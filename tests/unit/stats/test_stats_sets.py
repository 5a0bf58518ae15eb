import itertools

import numpy as np
import pytest

from evalkit.core.sets import SetFigure
from evalkit.stats.sets import bound_arm, cells_of, compare_sets, point_values, with_margin
from evalkit.stats.sets.cells import alike
from evalkit.stats.sets.figures import figure_of, hot

sk = pytest.importorskip("sklearn.metrics")
LABELS = ("major", "minor", "rare")
OF_ALL = [
    SetFigure(figure=f, labels=LABELS) for f in ("macro_f1", "micro_f1", "weighted_f1", "balanced_accuracy", "kappa")
]
OF_ONE = [SetFigure(figure=f, label=i, labels=LABELS) for f in ("precision", "f1") for i in range(3)]


def cells(gold, read, clusters=None):
    gold, read = np.asarray(gold, float), np.asarray(read, float)
    units = np.arange(gold.size) if clusters is None else np.asarray(clusters)
    return cells_of(gold, read[:, None], np.ones((gold.size, 1), bool), units, int(units.max()) + 1)


def rare_case(broken):
    """1,140 / 40 / 20 cases, all right; in the candidate `broken` of the largest class are read as the rarest."""
    gold = np.repeat([0.0, 1.0, 2.0], [1140, 40, 20])
    read = gold.copy()
    read[:broken] = 2.0
    return cells(gold, gold), cells(gold, read)


@pytest.mark.parametrize("seed", range(5))
def test_every_figure_of_classes_is_that_of_scikit_learn(seed):
    rng = np.random.default_rng(seed)
    gold = rng.choice(3, 400, p=[0.8, 0.15, 0.05])
    read = np.where(rng.random(400) < 0.7, gold, rng.integers(0, 4, 400))  # 3 lies outside of the labels
    how = {"labels": [0, 1, 2], "zero_division": np.nan}
    wanted = [
        sk.f1_score(gold, read, average="macro", **how),
        sk.accuracy_score(gold, read),
        sk.f1_score(gold, read, average="weighted", **how),
        sk.recall_score(gold, read, labels=[0, 1, 2], average="macro"),
        sk.cohen_kappa_score(gold, read),
        *sk.precision_score(gold, read, average=None, **how),
        *sk.f1_score(gold, read, average=None, **how),
    ]
    found = cells(gold, read)
    figures = [*OF_ALL, *OF_ONE]
    assert point_values(found, figures) == pytest.approx(wanted, abs=1e-12)
    drawn = [float(figure_of(found.gold, found.read, found.weights, figure)) for figure in figures]
    assert drawn == pytest.approx(wanted, abs=1e-12)


def test_several_labels_a_case_are_those_of_scikit_learn():
    rng = np.random.default_rng(0)
    gold, read = rng.integers(0, 8, 200), rng.integers(0, 8, 200)
    figures = [
        *(SetFigure(figure=f, kind="labels", labels=LABELS) for f in ("macro_f1", "micro_f1", "weighted_f1")),
        SetFigure(figure="precision", kind="labels", label=1, labels=LABELS),
    ]
    table = [hot(codes.astype(float), figures[0])[:, :3].astype(int) for codes in (gold, read)]
    wanted = [sk.f1_score(*table, average=name) for name in ("macro", "micro", "weighted")]
    wanted.append(sk.precision_score(*table, average=None)[1])
    found = cells(gold, read)
    assert point_values(found, figures) == pytest.approx(wanted, abs=1e-12)
    drawn = [float(figure_of(found.gold, found.read, found.weights, figure)) for figure in figures]
    assert drawn == pytest.approx(wanted, abs=1e-12)


def test_ratings_are_those_of_scikit_learn_and_scipy():
    from scipy.stats import spearmanr

    rng = np.random.default_rng(3)
    gold = rng.integers(1, 6, 300)
    read = np.clip(gold + rng.integers(-1, 2, 300), 1, 5)
    figures = [SetFigure(figure=f, kind="rating", span=(1.0, 5.0)) for f in ("qwk", "spearman")]
    wanted = [sk.cohen_kappa_score(gold, read, weights="quadratic"), spearmanr(gold, read).statistic]
    found = cells(gold, read)
    assert point_values(found, figures) == pytest.approx(wanted, abs=1e-12)
    drawn = [float(figure_of(found.gold, found.read, found.weights, figure)) for figure in figures]
    assert drawn == pytest.approx(wanted, abs=1e-12)


def test_a_published_quadratic_kappa_is_reproduced():
    # Fleiss, Levin & Paik (2003), table 18.1 is unweighted; of [[20, 5], [10, 15]] kappa is .4
    gold, read = np.repeat([0, 0, 1, 1], [20, 5, 10, 15]), np.repeat([0, 1, 0, 1], [20, 5, 10, 15])
    assert point_values(cells(gold, read), [SetFigure(figure="kappa", labels=("a", "b"))]) == [pytest.approx(0.4)]


def test_a_rare_class_that_loses_its_precision_is_proven_worse():
    figures = [OF_ALL[0], OF_ONE[2]]
    macro, precision = compare_sets(*rare_case(27), figures, moved=27 / 1200)
    assert precision.base == 1.0
    assert precision.candidate == pytest.approx(20 / 47)
    assert precision.high < -0.2
    assert macro.high < -0.05
    assert "few cases: 'rare' is the target of 20, read 20 times in the base and 47 in the candidate" in macro.reason


def test_no_interval_has_no_width_even_where_nothing_changed():
    for found in compare_sets(*rare_case(0), [*OF_ALL, *OF_ONE], moved=0.0):
        assert found.delta == 0.0
        assert found.low < 0.0 < found.high
        assert found.base_interval[0] < found.base
    rare = compare_sets(*rare_case(0), OF_ONE, moved=0.0)[2]
    assert rare.low == pytest.approx(20 / (20 + 1200 * (1 - 0.025 ** (1 / 1200))) - 1, abs=1e-9)


def test_what_cannot_be_defined_is_none_with_a_reason():
    gold = np.repeat([0.0, 1.0], [30, 10])
    found = compare_sets(cells(gold, gold), cells(gold, np.zeros(40)), OF_ONE, moved=0.25)
    never = found[1]
    assert (never.base, never.candidate, never.delta, never.low) == (1.0, None, None, None)
    assert never.reason.startswith("not defined: no answer was read as 'minor' in the candidate")
    assert found[5].base is None  # neither a target nor read in either arm
    assert "'rare' was neither a target nor read in the base and the candidate" in found[5].reason


def test_the_order_of_rows_changes_no_digit():
    rng = np.random.default_rng(1)
    gold = rng.choice(3, 300, p=[0.8, 0.15, 0.05]).astype(float)
    read = np.where(rng.random(300) < 0.8, gold, 0.0)
    mixed = rng.permutation(300)
    one = compare_sets(cells(gold, gold), cells(gold, read), OF_ALL, moved=0.2)
    two = compare_sets(cells(gold[mixed], gold[mixed]), cells(gold[mixed], read[mixed]), OF_ALL, moved=0.2)
    assert one == two


def test_clusters_that_move_together_widen_the_interval():
    rng = np.random.default_rng(2)
    gold = np.tile(np.repeat([0.0, 1.0], 10), 40)
    clusters = np.repeat(np.arange(80), 10)
    wrong = np.repeat(rng.random(80) < 0.2, 10)
    read = np.where(wrong, 1.0 - gold, gold)
    figure = [SetFigure(figure="macro_f1", labels=("a", "b"))]
    alone = compare_sets(cells(gold, gold), cells(gold, read), figure, moved=0.2)[0]
    together = compare_sets(cells(gold, gold, clusters), cells(gold, read, clusters), figure, moved=0.2)[0]
    assert together.n_clusters == 80
    assert together.high - together.low > 2.0 * (alone.high - alone.low)


def test_the_chance_of_a_drop_and_of_proof_agree_with_the_interval():
    macro = with_margin(compare_sets(*rare_case(27), OF_ALL, moved=0.02)[0], 0.05)
    assert macro.p_worse < 0.025 < macro.p_noninferior
    same = with_margin(compare_sets(*rare_case(0), OF_ALL, moved=0.0)[0], 0.05)
    assert same.low > -0.05
    assert same.p_noninferior < 0.025 < same.p_worse


def test_arms_without_a_difference_are_rarely_proven_worse():
    rng = np.random.default_rng(4)
    gold = np.repeat([0.0, 1.0, 2.0], [160, 20, 20])
    alarms = held = 0
    for run in range(100):
        arms = [np.where(rng.random(200) < 0.85, gold, rng.integers(0, 3, 200)) for _ in range(2)]
        found = compare_sets(cells(gold, arms[0]), cells(gold, arms[1]), OF_ALL[:1], moved=0.2, seed=run, draws=200)[0]
        alarms += found.high < 0.0
        held += found.low <= 0.0 <= found.high
    assert alarms <= 7  # of 100 at 2.5%: more has a chance below 1 in 100
    assert held >= 90


def test_one_arm_alone_has_a_bound_on_either_side():
    found = bound_arm(rare_case(27)[1], OF_ONE[2], confidence=0.9)
    assert found is not None
    assert found.low < 20 / 47 < found.high
    gold = np.zeros(5)
    assert bound_arm(cells(gold, gold), OF_ONE[2], confidence=0.9) is None


def test_repeats_of_a_case_share_its_weight():
    gold = np.array([0.0, 1.0])
    codes = np.array([[0.0, 1.0], [1.0, 1.0]])
    found = cells_of(gold, codes, np.ones((2, 2), bool), np.arange(2), 2)
    assert dict(zip(zip(found.gold, found.read, strict=True), found.weights, strict=True)) == {
        (0.0, 0.0): 0.5,
        (0.0, 1.0): 0.5,
        (1.0, 1.0): 1.0,
    }
    assert list(itertools.chain(point_values(found, [SetFigure(figure="micro_f1", labels=("a", "b"))]))) == [0.75]


def test_clusters_that_are_alike_in_sums_of_counts_stand_as_one_row() -> None:
    gold = np.tile([[4.0, 4.0, 3.0, 3.0]], (40, 1))
    read = np.tile([[[2.0, 4.0, 1.0, 3.0]]], (40, 1, 1))
    scored, clusters = np.ones((40, 1), dtype=bool), np.arange(40)
    base, candidate = alike(*(cells_of(gold, codes, scored, clusters, 40) for codes in (read, 0.0 * read)))
    assert base.times.tolist() == [40]
    assert (base.weights @ base.read).tolist() == (40 * read[0, 0]).tolist()
    assert (candidate.weights @ candidate.read).tolist() == [0.0] * 4


@pytest.mark.parametrize(("base", "candidate"), [(0.0, 60.0), (60.0, 0.0), (70.0, 60.0), (60.0, 60.0)])
def test_an_edit_rate_beyond_ten_times_the_target_has_an_interval_around_it(base, candidate):
    figure = SetFigure(figure="ter", kind="sums", span=(-900.0, 100.0), falls=True)
    target = np.tile([[0.0, 10.0]], (40, 1))
    arms = [
        cells_of(
            target,
            np.stack([10.0 * times + np.arange(40.0) % 7, np.full(40, 10.0)], axis=-1)[:, None, :],
            np.ones((40, 1), dtype=bool),
            np.arange(40),
            40,
        )
        for times in (base, candidate)
    ]
    (found,) = compare_sets(*arms, [figure], moved=1.0, draws=200)
    assert found.low <= found.delta <= found.high
    for interval, value in ((found.base_interval, found.base), (found.candidate_interval, found.candidate)):
        assert interval[0] <= value <= interval[1]
