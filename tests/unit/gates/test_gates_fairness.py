import numpy as np
import pytest
from planted_comparisons import FAILED, comparison

GATE = {"type": "fairness", "metrics": ["answer"], "slices": ["gender"], "max_change": 0.05}


def families(n, *, hurt=0, helped=0, base_gap=0, groups=("f", "m", "x")):
    """n families of one row a group. The first group fails in `base_gap` families before, then in `hurt` more, or
    passes again in `helped` of them; the other groups always pass."""
    base, candidate, group, cluster = [], [], [], []
    for i in range(n):
        for name in groups:
            first = name == groups[0]
            before = 0.0 if first and i < base_gap else 1.0
            after = before
            if first and base_gap <= i < base_gap + hurt:
                after = 0.0
            if first and i < helped:
                after = 1.0
            base.append(before)
            candidate.append(after)
            group.append(name)
            cluster.append(f"family-{i}")
    return comparison({"answer": (base, candidate)}, tags={"gender": group}, clusters=cluster)


def by_value(findings):
    return {finding.slice.value: finding for finding in findings}


def test_an_unchanged_model_passes_for_every_group(judge):
    found = by_value(judge(families(200), GATE))
    assert {name: f.state for name, f in found.items()} == {"f": "PASS", "m": "PASS", "x": "PASS"}
    assert found["f"].delta == 0.0
    assert found["f"].low < 0.0 < found["f"].high
    assert found["f"].n_clusters == 200


def test_a_gap_that_was_there_before_is_not_the_candidates_doing(judge):
    found = by_value(judge(families(200, base_gap=60), GATE))
    assert found["f"].state == "PASS"
    assert found["f"].base == pytest.approx(-0.3)
    assert found["f"].candidate == pytest.approx(-0.3)


def test_a_planted_harm_to_one_group_is_a_regression(judge):
    found = by_value(judge(families(200, hurt=30), GATE))["f"]
    assert found.state == "REGRESSION"
    assert found.delta == pytest.approx(-0.15)
    assert found.low < -0.15 < found.high < 0.0
    assert found.details["growth"] == pytest.approx(0.15)
    assert found.details["swap_p"] < 0.01
    assert "the gap is proven to have grown" in found.because


def test_a_gap_that_grows_from_one_that_was_there_is_a_regression(judge):
    assert by_value(judge(families(300, base_gap=60, hurt=40), GATE))["f"].state == "REGRESSION"


def test_a_gap_that_shrinks_beyond_chance_is_an_improvement(judge):
    found = by_value(judge(families(200, base_gap=100, helped=60), GATE))["f"]
    assert found.state == "IMPROVED"
    assert found.delta == pytest.approx(0.3)
    assert found.details["growth_high"] < 0.0


def test_few_families_cannot_acquit(judge):
    found = by_value(judge(families(40), GATE))["f"]
    assert found.state == "INCONCLUSIVE"
    assert "a growth of 5 points is not ruled out" in found.because


def test_a_better_score_for_everybody_is_no_disparity(judge):
    base = [0.0, 0.0] * 100 + [1.0, 1.0] * 100
    candidate = [1.0, 1.0] * 50 + [0.0, 0.0] * 50 + [1.0, 1.0] * 100
    made = comparison(
        {"answer": (base, candidate)},
        tags={"gender": ["f", "m"] * 200},
        clusters=[f"family-{i // 2}" for i in range(400)],
    )
    assert {f.state for f in judge(made, GATE)} == {"PASS"}


def test_ignoring_templates_would_call_what_is_chance(judge):
    """Ten templates of forty rows; in two of them the group loses."""
    rows = [(t, g) for t in range(10) for g in ("f", "m") for _ in range(20)]
    base = [1.0] * len(rows)
    candidate = [0.0 if g == "f" and t < 2 else 1.0 for t, g in rows]
    tags = {"gender": [g for _, g in rows]}
    naive = comparison({"answer": (base, candidate)}, tags=tags)
    assert by_value(judge(naive, GATE))["f"].state == "REGRESSION"
    honest = comparison({"answer": (base, candidate)}, tags=tags, clusters=[f"t{t}" for t, _ in rows])
    found = by_value(judge(honest, GATE))["f"]
    assert (found.state, found.n_clusters) == ("INCONCLUSIVE", 10)


def test_max_gap_is_a_floor_under_the_candidate(judge):
    made = families(300, base_gap=90)
    (found, *_) = judge(made, {**GATE, "max_gap": 0.1})
    assert found.state == "FLOOR_FAIL"
    assert "a gap of more than the 10 points allowed is proven" in found.because
    (open_, *_) = judge(made, {**GATE, "max_gap": 0.28})
    assert open_.state == "INCONCLUSIVE"
    (fine, *_) = judge(made, {**GATE, "max_gap": 0.5})
    assert fine.state == "PASS"


def test_small_groups_are_listed_and_part_of_the_rest(judge):
    made = families(100)
    tags = ["tiny" if i < 10 else value for i, value in enumerate(made.levels["gender"])]
    small = comparison(
        {"answer": ([1.0] * 300, [1.0] * 300)}, tags={"gender": tags}, clusters=[f"f{i // 3}" for i in range(300)]
    )
    found = by_value(judge(small, GATE))
    assert found["tiny"].state == "TOO_SMALL"
    assert "10 pairs in gender=tiny, fewer than min_n 30" in found["tiny"].because
    assert found["m"].details["groups"] == 3


def test_a_small_group_that_broke_looks_worse_though_nothing_is_proven(judge):
    made = families(100)
    tags = ["tiny" if i < 5 else value for i, value in enumerate(made.levels["gender"])]
    for broken, flags in ((5, ("looks_worse",)), (0, ())):
        candidate = [0.0] * broken + [1.0] * (300 - broken)
        small = comparison({"answer": ([1.0] * 300, candidate)}, tags={"gender": tags})
        found = by_value(judge(small, GATE))["tiny"]
        assert (found.state, found.flags) == ("TOO_SMALL", flags)
        assert ("though it looks worse (5 fell, 0 rose" in found.because) == bool(broken)


def test_rows_without_the_tag_belong_to_no_group_and_to_no_rest(judge):
    made = families(200)
    values = [None if i % 10 == 0 else v for i, v in enumerate(made.levels["gender"])]
    part = comparison(
        {"answer": ([1.0] * 600, [1.0] * 600)}, tags={"gender": values}, clusters=[f"f{i // 3}" for i in range(600)]
    )
    found = by_value(judge(part, GATE))
    assert set(found) == {"f", "m", "x"}
    assert found["f"].details["without_group"] == 60


def test_a_single_group_has_no_rest(judge):
    made = comparison({"answer": ([1.0] * 50, [1.0] * 50)}, tags={"gender": ["f"] * 50})
    (found,) = judge(made, GATE)
    assert found.state == "INVALID"
    assert "there is no rest to compare it with" in found.because


def test_a_single_cluster_cannot_tell(judge):
    made = comparison({"answer": ([1.0] * 80, [1.0] * 80)}, tags={"gender": ["f", "m"] * 40}, clusters=["one"] * 80)
    assert {f.state for f in judge(made, GATE)} == {"INCONCLUSIVE"}


def test_without_metrics_every_main_metric_is_compared(judge):
    made = families(200)
    two = comparison(
        {"answer": ([1.0] * 600, [1.0] * 600), "polite": ([1.0] * 600, [1.0] * 600), "polite.part": ([1.0] * 600,) * 2},
        tags={"gender": list(made.levels["gender"])},
        clusters=list(made.clusters),
    )
    found = judge(two, {"type": "fairness", "slices": ["gender"]})
    assert [f.metric for f in found] == ["answer"] * 3 + ["polite"] * 3


def test_fairness_written_on_a_slice_is_a_gate(judge):
    short = [{"by": "gender", "min_n": 10, "fairness": {"metrics": ["answer"], "max_change": 0.05}}]
    found = judge(families(200, hurt=30), {"type": "floor", "metric": "answer", "min": 0.1}, slices=short)
    assert [(f.gate, f.gate_index, f.state) for f in found][:2] == [("floor", 0, "PASS"), ("fairness", 1, "REGRESSION")]


def test_lower_is_better_turns_who_lost(judge):
    """Where a rise is the harm, the two groups whose rate did not fall are the ones that fell behind."""
    made = families(200, hurt=30)
    column = made.columns["answer"]
    lower = comparison(
        {"answer": (column.base.values.tolist(), column.candidate.values.tolist())},
        tags={"gender": list(made.levels["gender"])},
        clusters=list(made.clusters),
        lower=["answer"],
    )
    one, two = by_value(judge(made, GATE)), by_value(judge(lower, GATE))
    assert {value: f.state for value, f in one.items()} == {"f": "REGRESSION", "m": "PASS", "x": "PASS"}
    assert {value: f.state for value, f in two.items()} == {"f": "PASS", "m": "REGRESSION", "x": "REGRESSION"}
    assert two["f"].delta == pytest.approx(one["f"].delta)
    assert (two["f"].low, two["f"].high) == pytest.approx((one["f"].low, one["f"].high))


def test_failed_calls_of_one_group_leave_it_open(judge):
    made = families(400)
    candidate = [FAILED if v == "f" and i < 60 else 1.0 for i, v in enumerate(made.levels["gender"])]
    gender, clusters = list(made.levels["gender"]), list(made.clusters)
    failing = comparison({"answer": ([1.0] * 1200, candidate)}, tags={"gender": gender}, clusters=clusters)
    tight = {**GATE, "max_change": 0.04}
    assert by_value(judge(made, tight))["f"].state == "PASS"
    assert by_value(judge(failing, tight))["f"].state == "INCONCLUSIVE"


def test_the_same_seed_gives_the_same_interval_in_any_order(judge):
    made = families(120, hurt=9)
    order = np.random.default_rng(1).permutation(360)
    column = made.columns["answer"]
    shuffled = comparison(
        {"answer": (column.base.values[order].tolist(), column.candidate.values[order].tolist())},
        tags={"gender": [made.levels["gender"][i] for i in order]},
        clusters=[made.clusters[i] for i in order],
    )
    one, two = by_value(judge(made, GATE))["f"], by_value(judge(shuffled, GATE))["f"]
    assert (one.low, one.high, one.state) == (two.low, two.high, two.state)


def test_a_group_that_one_arm_alone_has_values_for_is_invalid(judge):
    group = ["f", "m", "x"] * 40
    gone = [None if name == "x" else 1.0 for name in group]
    found = by_value(judge(comparison({"answer": ([1.0] * 120, gone)}, tags={"gender": group}), GATE))
    assert found["x"].state == "INVALID"
    assert "0 pairs of 40 cases are left" in found["x"].because
    assert found["f"].state != "INVALID"


@pytest.mark.parametrize("arm", ["base", "candidate"])
@pytest.mark.parametrize("families_alone", [False, True])
def test_a_group_whose_calls_all_failed_in_one_arm_is_invalid(judge, arm, families_alone):
    group = ["f", "m", "x"] * 40
    gone = [FAILED if name == "x" else 1.0 for name in group]
    arms = ([1.0] * 120, gone) if arm == "candidate" else (gone, [1.0] * 120)
    made = comparison({"answer": arms}, tags={"gender": group}, clusters=[f"c{i // 3}" for i in range(120)])
    gate = {**GATE, "families": families_alone}
    found = by_value(judge(made, gate, policy={"max_error_rate": 1}))
    assert (found["x"].state, found["x"].flags) == ("INVALID", ("failed_calls",))
    assert f"0 pairs of 40 cases are left: every call of the {arm} failed" in found["x"].because
    assert found["f"].state != "INVALID"
    most = [FAILED if name == "x" and i > 20 else 1.0 for i, name in enumerate(group)]
    arms = ([1.0] * 120, most) if arm == "candidate" else (most, [1.0] * 120)
    few = comparison({"answer": arms}, tags={"gender": group}, clusters=[f"c{i // 3}" for i in range(120)])
    assert by_value(judge(few, gate, policy={"max_error_rate": 1}))["x"].state == "INCONCLUSIVE", "some are left"


def test_answers_missing_of_the_others_do_not_hide_a_group_that_fell_behind(judge):
    """The rest gained 50 answers; where their calls failed the group seems as far behind as it was."""
    level, group = [1.0] * 160 + [0.0] * 40, ["f"] * 200 + ["m"] * 200
    base, gained = level + [1.0] * 150 + [0.0] * 50, level + [1.0] * 200
    gate, lenient = {**GATE, "max_change": 0.1}, {"policy": {"max_error_rate": 1}}
    made = comparison({"answer": (base, gained)}, tags={"gender": group})
    assert by_value(judge(made, gate))["f"].state == "REGRESSION"
    gone = comparison({"answer": (base, gained[:350] + [FAILED] * 50)}, tags={"gender": group})
    found = by_value(judge(gone, gate, **lenient))["f"]
    assert (found.state, found.flags) == ("INCONCLUSIVE", ("failed_calls",))
    assert "counted against it and for all others the verdict would be another" in found.because
    silent = comparison({"answer": (base, gained[:350] + [None] * 50)}, tags={"gender": group})
    found = by_value(judge(silent, gate, **lenient))["f"]
    assert (found.state, found.flags) == ("INCONCLUSIVE", ("one_sided",))
