"""How gaps moved, for many metrics at once; and the frames of fairlearn over a whole comparison."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evalkit.core.columns import Column, Comparison, Coverage, PairedColumn
from evalkit.core.errors import DataError
from evalkit.core.exchange import Example, Message, ModelIdentity
from evalkit.slices.change import Arms, gap_moves
from evalkit.slices.frame import arm_frame
from evalkit.slices.groups import Groups, groups, means


def arm(values):
    scored = np.array([[v is not None] for v in values])
    raw = np.array([[0.0 if v is None else v] for v in values])
    return Column(raw=raw, scored=scored, failed=np.zeros_like(scored), errors=np.zeros_like(scored))


@pytest.fixture(scope="module")
def comparison():
    rng = np.random.default_rng(0)
    n = 300
    group = [("f", "m", "(missing)")[i % 3] for i in range(n)]
    base = (rng.random(n) < 0.7).astype(float).tolist()
    candidate = [0.0 if g == "f" and i % 4 == 0 else b for i, (g, b) in enumerate(zip(group, base, strict=True))]
    candidate[1] = None
    who = ModelIdentity(name="m", provider="p", model="m", fingerprint="m")
    examples = tuple(Example(id=str(i), messages=(Message(role="user", content=""),)) for i in range(n))
    return Comparison(
        suite="s",
        base=who,
        candidate=who,
        examples=examples,
        clusters=tuple(f"c{i // 3}" for i in range(n)),
        columns={"answer": PairedColumn(metric="answer", base=arm(base), candidate=arm(candidate))},
        levels={"gender": tuple(group)},
        coverage=Coverage(examples=n, asked=n),
    )


def test_both_frames_cover_the_same_cases_and_equal_the_engine(comparison):
    frames = {name: arm_frame(comparison, arm=name, by=["gender"]) for name in ("base", "candidate")}
    column = comparison.columns["answer"]
    rows = column.paired
    cut = groups(np.array(comparison.levels["gender"])[rows].tolist())
    for name, frame in frames.items():
        assert frame.by_group["count"].sum() == 299
        ours = means(getattr(column, name).values[rows], cut)
        assert frame.by_group["answer"].to_dict() == pytest.approx(ours, abs=1e-12)
    assert frames["candidate"].difference()["answer"] > frames["base"].difference()["answer"]


def test_a_frame_of_a_tag_nobody_has_is_an_error_with_the_nearest(comparison):
    with pytest.raises(DataError, match="did you mean 'gender'"):
        arm_frame(comparison, arm="base", by=["gendr"])


def everywhere(base, candidate):
    all_rows = np.ones(base.size, dtype=bool)
    return Arms(base=base, candidate=candidate, base_counts=all_rows, candidate_counts=all_rows)


def plainly(values, codes, counts, g, others):
    own, rest = values[counts & (codes == g)], values[counts & np.isin(codes, others)]
    return own.mean() - rest.mean()


@given(st.integers(0, 10_000))
@settings(max_examples=30, deadline=None)
def test_gaps_are_means_less_the_mean_of_the_others_for_every_metric_at_once(seed):
    rng = np.random.default_rng(seed)
    n, count = int(rng.integers(20, 90)), int(rng.integers(2, 5))
    codes = rng.integers(-1, count, n)
    clusters = rng.integers(0, 12, n)
    clusters = np.unique(clusters, return_inverse=True)[1]
    metrics = []
    for _ in range(3):
        counts = [rng.random(n) < 0.9 for _ in range(2)]
        metrics.append(
            Arms(base=rng.random(n), candidate=rng.random(n), base_counts=counts[0], candidate_counts=counts[1])
        )
    cut = Groups(names=tuple("abcd"[:count]), codes=codes)
    judged = [np.ones(count, dtype=bool)] * 3
    for reference in (None, 0):
        found = gap_moves(metrics, cut, clusters=clusters, judged=judged, reference=reference, draws=50)
        for arms, moves in zip(metrics, found, strict=True):
            for g in range(count):
                others = [0] if reference == 0 and g else [k for k in range(count) if k != g]
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")  # the mean of nothing
                    base = plainly(arms.base, codes, arms.base_counts, g, others)
                    candidate = plainly(arms.candidate, codes, arms.candidate_counts, g, others)
                assert moves.base_gap[g] == pytest.approx(base, abs=1e-12, nan_ok=True)
                assert moves.candidate_gap[g] == pytest.approx(candidate, abs=1e-12, nan_ok=True)
                assert moves.change[g] == pytest.approx(candidate - base, abs=1e-12, nan_ok=True)


def test_a_planted_loss_is_outside_the_interval_and_harmless_noise_is_not():
    rng = np.random.default_rng(1)
    n = 900
    codes = np.arange(n) % 3
    base = (rng.random(n) < 0.7).astype(float)
    harmless = np.where(rng.random(n) < 0.1, 1.0 - base, base)
    lost = np.where((codes == 1) & (rng.random(n) < 0.3), 0.0, base)
    cut = Groups(names=("a", "b", "c"), codes=codes)
    judged = [np.ones(3, dtype=bool)] * 2
    for clusters in (np.arange(n), np.arange(n) // 3):
        moves = gap_moves([everywhere(base, harmless), everywhere(base, lost)], cut, clusters=clusters, judged=judged)
        assert ((moves[0].low < 0) & (moves[0].high > 0)).all()
        assert moves[1].high[1] < 0
        assert moves[1].low[0] < moves[1].change[0] < moves[1].high[0]


@pytest.mark.parametrize("graded", [False, True])
def test_many_independent_rows_have_the_width_that_resampling_gives(graded, monkeypatch):
    rng = np.random.default_rng(2)
    n = 2_400
    codes, base = rng.integers(0, 4, n), (rng.random(n) < 0.6).astype(float)
    candidate = np.where(rng.random(n) < 0.2, 1.0 - base, base)
    if graded:
        candidate = base + rng.normal(0, 0.3, n)
    cut, judged = Groups(names=tuple("abcd"), codes=codes), [np.ones(4, dtype=bool)]
    at_once = gap_moves([everywhere(base, candidate)], cut, clusters=np.arange(n), judged=judged)[0]
    monkeypatch.setattr("evalkit.slices.change._MANY", n)
    drawn = gap_moves([everywhere(base, candidate)], cut, clusters=np.arange(n), judged=judged)[0]
    assert at_once.change == pytest.approx(drawn.change, abs=1e-12)
    assert (at_once.high - at_once.low) == pytest.approx(drawn.high - drawn.low, rel=0.05)


def test_nothing_that_moved_is_no_proof_of_stillness():
    base = np.ones(60)
    cut = Groups(names=("a", "b"), codes=np.arange(60) % 2)
    moves = gap_moves([everywhere(base, base)], cut, clusters=np.arange(60), judged=[np.ones(2, dtype=bool)])[0]
    assert (moves.high > 0.05).all(), "30 cases a group cannot rule out a change of 5 points"


def test_one_cluster_has_gaps_and_no_interval():
    values = np.array([1.0, 0.0, 1.0, 1.0])
    cut = Groups(names=("a", "b", "nobody"), codes=np.array([0, 0, 1, 1]))
    one = gap_moves([everywhere(values, values)], cut, clusters=np.zeros(4, dtype=int), judged=[np.ones(3, dtype=bool)])
    assert one[0].base_gap[:2].tolist() == [-0.5, 0.5]
    assert np.isnan(one[0].low).all()
    assert np.isnan(one[0].base[2]), "nobody's rate is undefined, not 0"
