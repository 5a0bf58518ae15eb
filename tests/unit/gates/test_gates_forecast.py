import pytest
from planted_comparisons import comparison, paired, suite

from evalkit.gates.expected import Assumed, Count, Population, pilot
from evalkit.gates.forecast import forecast
from evalkit.suite.spec import PolicySpec

SIZES = {"intent": {"a": 120, "b": 60, "tiny": 8, "(missing)": 12}}
WHOLE = Population.independent(200, SIZES)

UNLESS = "cannot pass unless the candidate is better: even if not one of "


def only(gate, *, n=200, sizes=SIZES, **more):
    found = forecast(suite([gate]), everyone=Population.independent(n, sizes), **more)
    assert len(found) == 1
    return found[0]


def test_the_published_planning_figures_come_out():
    gate = {"type": "no_regression", "metric": "answer", "margin": 0.05}
    found = only(gate, discordance=0.10)
    assert round(100 * found.mde, 1) == 6.3
    for margin, n in ((0.05, 314), (0.03, 873), (0.01, 7849)):
        assert only({**gate, "margin": margin}, discordance=0.10, graded={"answer": 1.0}).n_needed == n
    assert [round(100 * only(gate, n=n).mde, 1) for n in (100, 500, 1000, 2000)] == [8.9, 4.0, 2.8, 2.0]


def test_an_unchanged_models_chance_to_pass_is_exact():
    gate = {"type": "no_regression", "metric": "answer", "margin": 0.05}
    found = forecast(suite([gate], policy={"confidence": 0.90}), everyone=Population.independent(200))[0]
    assert found.power == pytest.approx(0.695, abs=5e-4)


@pytest.mark.parametrize("margin", [0.05, 0.1, 0.15])
@pytest.mark.parametrize("discordance", [0.01, 0.1, 0.3])
@pytest.mark.parametrize(("rows", "family"), [(1, 1), (3, 1), (1, 2)])
def test_n_needed_is_the_n_from_which_on_the_chance_to_pass_is_at_least_80_percent(margin, discordance, rows, family):
    gate = {"type": "no_regression", "metric": "answer", "margin": margin}

    def planned(n):
        whole = Population(whole=Count(n, n // rows))
        (found,) = forecast(suite([gate]), everyone=whole, discordance=discordance, family=family)
        return found

    needed = planned(30 * rows).n_needed
    assert needed % rows == 0
    assert planned(needed - rows).power < 0.8
    for clusters in range(needed // rows, needed // rows + 80):
        found = planned(clusters * rows)
        assert (found.n_needed, found.power >= 0.8) == (needed, True)


def test_a_gate_that_cannot_pass_whatever_happens_is_named():
    found = only({"type": "no_regression", "metric": "answer", "margin": 0.01})
    assert found.warning.startswith(UNLESS + "200 cases differs, a drop of 1 point is not ruled out; that takes 368")
    hardly = only({"type": "no_regression", "metric": "answer", "margin": 0.02}, discordance=0.2)
    assert "an unchanged model passes in" in hardly.warning
    assert only({"type": "no_regression", "metric": "answer", "margin": 0.1}).warning == ""


def test_slices_are_planned_one_by_one_and_correction_costs():
    gate = {"type": "no_regression", "metric": "answer", "margin": 0.05, "slices": ["intent"]}
    found = {f.slice.value: f for f in forecast(suite([gate]), everyone=WHOLE, discordance=0.2)}
    assert "fewer than min_n 30: it fails only if it is proven worse" in found["tiny"].warning
    assert found["a"].warning == ""
    alone = only({**gate, "slices": []}, n=120, discordance=0.2)
    assert found["a"].mde > alone.mde
    sparse = {f.slice.value: f for f in forecast(suite([gate]), everyone=WHOLE, discordance=0.02)}
    assert sparse["b"].warning.startswith("cannot raise an alarm: among 2 slices 7 cases must differ")


def test_clusters_cost_effective_cases():
    gate = {"type": "no_regression", "metric": "answer", "margin": 0.05}
    plain, clustered = only(gate), only(gate, assumed={"answer": Assumed(design_effect=4.0, piloted=True)})
    assert clustered.mde == pytest.approx(2 * plain.mde)
    assert clustered.n_needed == 4 * plain.n_needed
    assert clustered.power < plain.power


def test_until_a_pilot_shows_more_the_clusters_are_the_cases():
    gate = {"type": "no_regression", "metric": "answer", "margin": 0.1}
    (found,) = forecast(suite([gate]), everyone=Population(whole=Count(90, 22)))
    assert (found.n, found.n_clusters) == (90, 22)
    assert found.mde == pytest.approx(only(gate, n=22).mde)
    assert found.n_needed == pytest.approx(only(gate).n_needed * 90 / 22, abs=1)
    assert found.warning.startswith(UNLESS + "90 cases in 22 clusters differs")
    many = Population(whole=Count(180, 50))
    (pessimist,) = forecast(suite([gate]), everyone=many)
    assert "if the cases of a cluster move together" in pessimist.warning
    (seen,) = forecast(suite([gate]), everyone=many, assumed={"answer": Assumed(design_effect=1.0, piloted=True)})
    assert seen.warning == ""
    assert seen.power > pessimist.power


def test_a_metric_is_planned_on_the_cases_that_its_scorer_looks_at():
    gate = {"type": "no_regression", "metric": "answer", "margin": 0.05, "slices": ["intent"]}
    some = Population(whole=Count(40, 40), slices={"intent": {"a": Count(35, 35), "b": Count(5, 5)}})
    found = {f.slice.value: f for f in forecast(suite([gate]), everyone=WHOLE, metrics={"answer": some})}
    assert {value: item.n for value, item in found.items()} == {"a": 35, "b": 5}
    assert "5 cases, fewer than min_n 30" in found["b"].warning
    (whole,) = forecast(suite([{**gate, "slices": []}]), everyone=WHOLE, metrics={"answer": some})
    assert whole.n == 40


def test_graded_metrics_have_no_share_that_passes():
    gate = {"type": "no_regression", "metric": "answer", "margin": 0.01}
    found = only(gate, graded={"answer": 1.0})
    assert (found.power, found.warning, found.assumed.binary) == (None, "", False)


def test_a_graded_metric_is_planned_on_its_own_scale():
    gate = {"type": "no_regression", "metric": "answer", "margin": 5}
    share = only({**gate, "margin": 0.05}, graded={"answer": 1.0})
    bleu = only(gate, graded={"answer": 100.0})
    assert bleu.mde == pytest.approx(100 * share.mde)
    assert bleu.n_needed == share.n_needed
    length = only(gate, graded={"answer": None})
    assert (length.mde, length.n_needed) == (None, None)
    assert "--pilot RUN" in length.warning
    gap = only(
        {"type": "fairness", "metrics": ["answer"], "slices": ["intent"], "max_change": 5}, graded={"answer": None}
    )
    assert "--pilot RUN" in gap.warning


@pytest.mark.parametrize(("limit", "needed"), [(0.9, 29), (0.95, 59), (0.99, 299)])
def test_a_proven_floor_needs_the_binomials_n(limit, needed):
    gate = {"type": "floor", "metric": "answer", "min": limit, "basis": "proven"}
    assert only(gate, n=needed).warning == ""
    short = only(gate, n=needed - 1)
    assert short.n_needed == needed
    assert f"even without a failure {needed} cases are needed" in short.warning
    assert only({**gate, "basis": "point"}, n=5).warning == ""


def test_must_improve_needs_cases_that_differ():
    assert only({"type": "must_improve", "metric": "answer"}).warning == ""
    assert "6 must differ, all for the better" in only({"type": "must_improve", "metric": "answer"}, n=40).warning


def test_the_smallest_group_decides_on_fairness():
    gate = {"type": "fairness", "metrics": ["answer"], "slices": ["intent"], "max_change": 0.05}
    found = only(gate)
    assert (found.slice.value, found.n) == ("b", 60)
    assert found.warning.startswith("cannot pass unless the gap shrinks: even if nothing differs, 60 cases of b")
    wide = {"intent": {"a": 3000, "b": 2000}}
    assert only(gate, n=5000, sizes=wide).warning == ""
    assert "no group of intent" in only(gate, sizes={"intent": {"a": 5}}).warning


def test_critical_counts_its_cases():
    gate = {"type": "critical", "tag": "critical"}
    assert only(gate, guarded={0: 4}).n == 4
    assert only(gate, guarded={0: 0}).warning == "no case is tagged critical"


def test_a_budget_is_listed_without_promises():
    found = only({"type": "budget", "metric": "latency_p95", "max_ratio": 1.1})
    assert (found.mde, found.n_needed, found.warning) == (None, None, "")


def test_several_candidates_cost_power():
    gate = {"type": "no_regression", "metric": "answer", "margin": 0.05}
    assert only(gate, family=5).mde > only(gate).mde


def test_a_pilot_shows_discordance_spread_and_clusters():
    graded = [0.1 * (i % 5) for i in range(200)]
    made = comparison(
        {
            "answer": paired(200, fixed=10, broken=10),
            "length": (graded, [v + 0.1 * (i % 3) for i, v in enumerate(graded)]),
        },
        graded=["length"],
    )
    seen = pilot(made, PolicySpec())
    assert seen["answer"] == Assumed(spread=0.1, binary=True, design_effect=1.0, piloted=True)
    assert not seen["length"].binary
    assert seen["length"].spread == pytest.approx(0.0067, abs=5e-4)
    copies = comparison({"answer": paired(200, fixed=10, broken=10)}, clusters=[f"t{i // 10}" for i in range(200)])
    assert pilot(copies, PolicySpec())["answer"].design_effect == pytest.approx(10.0)


def test_a_pilot_in_which_nothing_moved_does_not_promise_everything():
    assert pilot(comparison({"answer": paired(100)}), PolicySpec())["answer"].spread == 0.01


def test_never_fewer_cases_are_said_to_be_needed_than_could_pass_at_all():
    """Where next to nothing differs the formula alone says 1; 72 unchanged cases are what 5 points take."""
    gate = {"type": "no_regression", "metric": "answer", "margin": 0.05}
    found = only(gate, discordance=0.0001)
    assert found.n_needed == 72
    assert only(gate, n=72, discordance=0.0001).warning == ""
    assert only(gate, n=71, discordance=0.0001).warning.startswith("cannot pass")
