"""Who lost: which groups a fairness gate accuses, and what it says of those that it does not."""

import numpy as np
import pytest
from planted_comparisons import comparison

GATE = {"type": "fairness", "metrics": ["answer"], "slices": ["group"], "max_change": 0.05}


def grouped(rates, *, n=300, families=True):
    """n families of one row a group; `rates` has the shares that pass before and after, as many as can stay as are."""
    base, candidate, group, cluster = [], [], [], []
    for name, (before, after) in rates.items():
        # golden steps spread what fails evenly, and differently for each group
        place = (np.arange(n) * 0.618 + len(base) * 0.37) % 1.0
        base += (place < before).astype(float).tolist()
        candidate += (place < after).astype(float).tolist()
        group += [name] * n
        cluster += [f"family-{i}" if families else f"{name}-{i}" for i in range(n)]
    return comparison({"answer": (base, candidate)}, tags={"group": group}, clusters=cluster)


def by_value(findings):
    return {finding.slice.value: finding for finding in findings}


def states(findings):
    return {value: f.state for value, f in by_value(findings).items()}


@pytest.mark.parametrize("families", [True, False])
def test_only_the_group_that_fell_behind_is_accused(judge, families):
    rates = {"f": (0.8, 0.6), "m": (0.8, 0.8), "x": (0.8, 0.8)}
    found = by_value(judge(grouped(rates, families=families), GATE))
    assert {value: f.state for value, f in found.items()} == {"f": "REGRESSION", "m": "PASS", "x": "PASS"}
    assert (
        "the gap is proven to have grown, and 5 points or more is not ruled out; f is proven to have fallen behind"
        in found["f"].because
    )
    assert "ahead" in found["m"].flags
    assert "m stands better than before, and is not the one that lost; f fell behind" in found["m"].because


def test_where_all_got_better_and_one_by_more_the_finding_says_that_nobody_got_worse(judge):
    found = by_value(judge(grouped({"f": (0.5, 0.6), "m": (0.5, 0.9)}), GATE))
    assert {value: f.state for value, f in found.items()} == {"f": "REGRESSION", "m": "PASS"}
    assert all("no group got worse" in f.because for f in found.values())
    assert found["f"].details["own_change"] == pytest.approx(0.1, abs=0.01)


def test_one_that_leads_by_more_among_many_is_not_accused_and_is_no_pass_either(judge):
    """Each of nine others falls back by a few points only; together they are behind."""
    rates = {f"g{i}": (0.5, 0.55) for i in range(9)} | {"top": (0.5, 0.95)}
    found = by_value(judge(grouped(rates, n=400), GATE))
    assert "REGRESSION" not in states(found.values()).values()
    assert found["top"].state == "INCONCLUSIVE"
    assert "its lead is proven to have grown" in found["top"].because
    assert "no group got worse" in found["top"].because
    named = by_value(judge(grouped(rates, n=400), {**GATE, "reference": "top"}))
    assert {value for value, f in named.items() if f.state == "REGRESSION"} == {f"g{i}" for i in range(9)}


def test_a_gap_that_changed_sides_has_not_grown(judge):
    """Ten points ahead, then ten behind; each time by answers of its own."""
    rates = {"f": (0.8, 0.7), "m": (0.7, 0.8)}
    found = by_value(judge(grouped(rates, n=2_000, families=False), GATE))
    assert "REGRESSION" not in {f.state for f in found.values()}
    assert "reversed" in found["f"].flags
    assert (
        "the gap changed sides beyond chance (f fell behind by that), and is not proven to have grown"
        in found["f"].because
    )
    assert found["f"].details["growth_low"] < 0.0 < found["f"].details["growth_high"]


@pytest.mark.parametrize("after", [0.0, 0.2])
def test_who_led_and_lags_now_is_no_pass_though_the_gap_is_no_larger(judge, after):
    found = by_value(judge(grouped({"f": (1.0, after), "m": (0.0, 1.0)}, n=400, families=False), GATE))
    assert "reversed" in found["f"].flags
    assert (found["f"].state, found["m"].state) == ("INCONCLUSIVE", "PASS")
    assert "the gap changed sides beyond chance (f fell behind by that)" in found["f"].because
    assert "is not ruled out" not in found["f"].because


def test_no_gap_is_called_grown_unless_that_is_proven(judge):
    """Leads of five to ten points that became lags as large: some groups are accused, and not of a growth."""
    rng = np.random.default_rng(8)
    accused = claimed = 0
    for lead, times in [*((lead, 3.0) for lead in (0.05, 0.075, 0.1) for _ in range(12)), (0.1, 7.0)]:
        group = np.arange(1_600) % 8
        moved = np.where(group == 0, lead, 0.0)
        base = (rng.random(group.size) < 0.75 + moved).astype(float)
        candidate = np.where(rng.random(group.size) < 0.5, base, rng.random(group.size) < 0.75 - times * moved)
        made = comparison({"answer": (base.tolist(), candidate.tolist())}, tags={"group": [f"g{g}" for g in group]})
        for found in judge(made, GATE):
            proven = found.details["growth_low"] > 0.0
            claimed += proven
            accused += found.state == "REGRESSION" and not proven
            assert found.details["growth_proven"] == proven
            assert proven == ("is proven to have grown" in found.because.replace("not proven to have grown", ""))
            assert proven or "grew beyond" not in found.because
            if "reversed" in found.flags:
                assert "changed sides" in found.because
                assert not proven
    assert accused
    assert claimed


def test_a_gap_that_changed_sides_and_grew_is_a_regression(judge):
    found = by_value(judge(grouped({"f": (0.75, 0.6), "m": (0.7, 0.9)}, n=1_000, families=False), GATE))
    assert found["f"].state == "REGRESSION"
    assert found["f"].details["growth"] == pytest.approx(0.25, abs=0.01)


def test_against_a_reference_each_group_is_compared_with_it_alone(judge):
    rates = {"f": (0.8, 0.8), "m": (0.8, 0.8), "x": (0.8, 0.6)}
    found = by_value(judge(grouped(rates), {**GATE, "reference": "m"}))
    assert {value: f.state for value, f in found.items()} == {"f": "PASS", "m": "PASS", "x": "REGRESSION"}
    assert found["f"].delta == 0.0
    assert found["x"].delta == pytest.approx(-0.2, abs=0.01)
    assert "less group=m went from" in found["x"].because
    assert found["x"].details["reference"] == "m"


def test_a_reference_that_falls_is_accused_itself(judge):
    rates = {"f": (0.8, 0.8), "m": (0.8, 0.6), "x": (0.8, 0.8)}
    found = by_value(judge(grouped(rates), {**GATE, "reference": "m"}))
    assert {value: f.state for value, f in found.items()} == {"f": "PASS", "m": "REGRESSION", "x": "PASS"}
    assert "less the rest" in found["m"].because


def test_a_reference_that_nobody_belongs_to_is_invalid(judge):
    (found,) = judge(grouped({"female": (1, 1), "male": (1, 1)}), {**GATE, "reference": "mael"})
    assert found.state == "INVALID"
    assert "no case has group=mael, the reference (did you mean 'male'?)" in found.because


def test_a_reference_too_small_to_be_judged_leaves_all_open(judge):
    made = grouped({"f": (1, 1), "m": (1, 1), "x": (1, 1)})
    few = ["m" if i < 10 else "f" if value == "m" else value for i, value in enumerate(made.levels["group"])]
    small = comparison({"answer": ([1.0] * 900, [1.0] * 900)}, tags={"group": few}, clusters=list(made.clusters))
    found = by_value(judge(small, {**GATE, "reference": "m"}))
    assert {value: f.state for value, f in found.items()} == {
        "f": "INCONCLUSIVE",
        "m": "TOO_SMALL",
        "x": "INCONCLUSIVE",
    }
    assert "the reference group=m has 10 pairs, fewer than min_n 30" in found["f"].because


def ratings(shift, *, n=200):
    steps = np.arange(n) % 3 + 5.0
    rating = np.concatenate([steps, steps])
    after = rating + np.concatenate([np.full(n, shift), np.zeros(n)]) + np.tile([0.25, -0.25], n)
    group, families = ["f"] * n + ["m"] * n, [f"family-{i}" for i in range(n)] * 2
    made = {"answer": (rating.tolist(), after.tolist())}
    return comparison(made, tags={"group": group}, clusters=families, graded=["answer"])


def test_amounts_are_in_the_metrics_own_unit_or_a_share_of_the_base(judge):
    found = by_value(judge(ratings(-0.4), {**GATE, "max_change": 0.5}))["f"]
    assert (found.state, found.margin) == ("PASS", 0.5)
    found = by_value(judge(ratings(-0.4), {**GATE, "max_change": "5%"}))["f"]
    assert (found.state, found.margin) == ("REGRESSION", pytest.approx(0.05 * 6.0, abs=0.01))
    found = by_value(judge(ratings(-0.4), {**GATE, "max_change": "10%"}))["f"]
    assert (found.state, found.margin) == ("PASS", pytest.approx(0.6, abs=0.01))


@pytest.mark.parametrize(
    ("amount", "why"), [(5, "max_change 5 can never be reached"), ("200%", "can never be reached")]
)
def test_an_amount_that_a_rate_cannot_reach_is_invalid(judge, amount, why):
    (found,) = judge(grouped({"f": (0.9, 0.2), "m": (0.9, 0.9)}), {**GATE, "max_change": amount})
    assert found.state == "INVALID"
    assert why in found.because


def test_a_share_of_nothing_is_invalid(judge):
    (found,) = judge(grouped({"f": (0.0, 0.2), "m": (0.0, 0.9)}), {**GATE, "max_change": "5%"})
    assert found.state == "INVALID"
    assert "a share of the base's answer, which is 0" in found.because


def test_few_clusters_warn_of_what_they_may_hide(judge):
    rows = [(t, g) for t in range(40) for g in ("f", "m") for _ in range(20)]
    base = [1.0 if (i * 0.618) % 1.0 < 0.8 else 0.0 for i in range(len(rows))]
    candidate = [1.0 - v if i % 17 == 0 else v for i, v in enumerate(base)]
    made = comparison(
        {"answer": (base, candidate)}, tags={"group": [g for _, g in rows]}, clusters=[f"t{t}" for t, _ in rows]
    )
    found = by_value(judge(made, {**GATE, "max_change": 0.2}))["f"]
    assert found.state == "PASS"
    assert "few_clusters" in found.flags
    assert "on 40 clusters only: rare or skewed effects of whole clusters may not show" in found.because


def test_five_clusters_all_one_way_are_no_proof_and_six_are(judge):
    def broken(clusters):
        rows = [(t, g) for t in range(12) for g in ("f", "m") for _ in range(10)]
        candidate = [0.0 if g == "f" and t < clusters else 1.0 for t, g in rows]
        made = comparison(
            {"answer": ([1.0] * len(rows), candidate)},
            tags={"group": [g for _, g in rows]},
            clusters=[f"t{t}" for t, _ in rows],
        )
        return by_value(judge(made, GATE))["f"].state

    assert broken(5) == "INCONCLUSIVE"
    assert broken(7) == "REGRESSION"


def test_an_open_gap_says_how_many_cases_would_settle_it(judge):
    found = by_value(judge(grouped({"f": (0.8, 0.8), "m": (0.8, 0.8)}, n=60), GATE))["f"]
    assert found.state == "INCONCLUSIVE"
    assert found.mde > 0.05
    settled = grouped({"f": (0.8, 0.8), "m": (0.8, 0.8)}, n=found.n_needed)
    assert by_value(judge(settled, GATE))["f"].state == "PASS"


def test_a_gap_that_closes_and_slips_over_by_chance_has_not_changed_sides(judge):
    """From 30 points behind to level: whether the rest is ahead by a hair or behind says nothing."""
    found = by_value(judge(grouped({"f": (0.5, 0.8), "m": (0.8, 0.8)}), GATE))["f"]
    assert (found.state, found.flags) == ("IMPROVED", ())
    assert found.because.endswith("the gap is smaller, beyond chance.")


def test_what_settles_a_reversal_is_more_cases_and_not_another_candidate(judge):
    """Its size did not grow, and that by five points it did not is what more cases show."""
    found = by_value(judge(grouped({"f": (0.8, 0.7), "m": (0.7, 0.8)}, n=2_000, families=False), GATE))["f"]
    assert found.state == "INCONCLUSIVE"
    assert 3_000 < found.n_needed < 12_000


def test_a_fall_that_is_proven_is_told_apart_from_growth_that_is_not(judge):
    """Ten groups level, one falls 12 points among 200: its fall is beyond chance, the size of its gap hardly is."""
    rng = np.random.default_rng(16)
    names = [f"g{i % 10}" for i in range(2_000)]
    low = np.array(names) == "g0"
    base = (rng.random(2_000) < 0.77).astype(float)
    again = (rng.random(2_000) < np.where(low, 0.65, 0.77)).astype(float)
    candidate = np.where(rng.random(2_000) < 0.5, again, np.where(low & (rng.random(2_000) < 0.13), 0.0, base))
    made = comparison({"answer": (base.tolist(), candidate.tolist())}, tags={"group": names})
    found = by_value(judge(made, GATE))["g0"]
    assert found.state == "REGRESSION"
    assert found.details["growth_low"] < 0.0 < found.details["loss_low"]
    assert (
        "g0 is proven to have fallen behind, and the gap is seen to have grown, though not proven so" in found.because
    )


def test_a_small_group_that_got_worse_is_a_group_that_got_worse(judge):
    rows = {"f": (0.9, 0.1), "m": (0.6, 0.9)}
    made = grouped(rows, n=400, families=False)
    keep = [i for i, value in enumerate(made.levels["group"]) if value == "m" or i < 25]
    arms = made.columns["answer"]
    few = comparison(
        {"answer": (arms.base.values[keep].tolist(), arms.candidate.values[keep].tolist())},
        tags={"group": [made.levels["group"][i] for i in keep]},
    )
    assert not any("no group got worse" in found.because for found in judge(few, GATE))
