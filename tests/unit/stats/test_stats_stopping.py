"""Early stopping: the monitor, the confidence sequence, the order and the exact odds."""

from __future__ import annotations

import numpy as np
import pytest

from evalkit import stats
from evalkit.stats.betting import PLANNED, stakes
from evalkit.stats.stopping import Monitor, Rule

RULE = Rule(margin=0.05, alpha=0.05)


def pairs(n, *, discordance, delta, seed=0):
    chances = [(discordance + delta) / 2, 1 - discordance, (discordance - delta) / 2]
    return np.random.default_rng(seed).choice([1.0, 0.0, -1.0], size=n, p=chances)


def test_no_stake_can_ruin_a_gambler():
    for theta in (-0.9, -0.05, 0.0, 0.3):
        bets = stakes(theta, theta + 0.05)
        assert bets.shape == (len(PLANNED),)
        assert (bets > 0.0).all()
        assert (1.0 + bets * (-1.0 - theta) > 0.0).all()


def test_evidence_under_the_null_is_worth_one_on_average():
    """Over all tables of 12 pairs with mean -margin, the expected e-value is 1 exactly: a martingale."""
    from evalkit.stats.planning import paired_cells

    cells = paired_cells(12, fixed=0.1, broken=0.15)
    values = [
        stats.e_value_of_counts(int(b), 12 - int(b) - int(c), int(c), at_most=-0.05, planned=0.0)
        for b, c in zip(cells.fixed, cells.broken, strict=True)
    ]
    assert float(np.dot(values, cells.probability)) == pytest.approx(1.0, abs=1e-9)


def test_counts_say_all_that_the_differences_say():
    d = pairs(60, discordance=0.3, delta=0.1)
    counts = [int((d == v).sum()) for v in (1.0, 0.0, -1.0)]
    whole = stats.e_value(d, at_most=-0.05, planned=0.0)
    assert whole == pytest.approx(stats.e_value_of_counts(*counts, at_most=-0.05, planned=0.0))


def test_nothing_seen_is_no_evidence():
    assert stats.e_value([], at_most=0.0, planned=0.05) == 1.0
    assert stats.confidence_sequence([], margin=0.05, alpha=0.05) == (-1.0, 1.0)


def test_overwhelming_evidence_does_not_overflow():
    assert np.isfinite(stats.e_value(np.ones(50_000), at_most=-0.5, planned=0.5))


def test_a_good_candidate_passes_early_and_a_bad_one_is_stopped():
    good, bad = Monitor(RULE), Monitor(RULE)
    assert good.take(pairs(600, discordance=0.04, delta=0.0)) == "PASS"
    assert bad.take(pairs(600, discordance=0.15, delta=-0.12)) == "REGRESSION"
    assert good.n < 400
    assert bad.n < 300
    assert good.looks[-1].low > -0.05
    assert bad.looks[-1].high < 0.0


def test_an_early_look_cannot_decide_on_too_little():
    monitor = Monitor(RULE)
    assert monitor.take([0.0] * 10) == "CONTINUE"
    assert monitor.looks[0].low < -0.05


def test_looks_happen_after_every_batch_and_nothing_is_taken_after_a_decision():
    monitor = Monitor(Rule(margin=0.05, alpha=0.05, batch=25))
    monitor.take(pairs(60, discordance=0.3, delta=0.0))
    assert [look.n for look in monitor.looks] == [25, 50]
    monitor.take(np.zeros(2000))
    decided = monitor.n
    assert monitor.decision == "PASS"
    assert decided % 25 == 0
    monitor.take([-1.0] * 100)
    assert (monitor.n, monitor.decision) == (decided, "PASS")


def test_taking_one_by_one_or_all_at_once_is_the_same():
    d = pairs(200, discordance=0.2, delta=-0.02)
    whole, single = Monitor(RULE), Monitor(RULE)
    whole.take(d)
    for x in d:
        single.take([x])
    assert whole.looks == single.looks


def test_graded_differences_on_a_scale_of_four_are_the_same_evidence_as_on_one():
    d = np.random.default_rng(1).uniform(-1, 1, 100)
    one, four = Monitor(RULE), Monitor(Rule(margin=0.2, alpha=0.05, reach=4.0))
    one.take(d)
    four.take(4.0 * d)
    assert [look.noninferior for look in one.looks] == pytest.approx([look.noninferior for look in four.looks])
    assert [4.0 * look.low for look in one.looks] == pytest.approx([look.low for look in four.looks])


def test_a_difference_beyond_the_reach_is_refused():
    with pytest.raises(ValueError, match="exceeds 1"):
        Monitor(RULE).take([1.5])


@pytest.mark.parametrize(
    "options", [{"margin": 0.0}, {"margin": 1.0}, {"margin": 0.1, "alpha": 0.0}, {"margin": 0.1, "batch": 0}]
)
def test_a_rule_that_cannot_work_is_refused(options):
    with pytest.raises(ValueError, match="early stopping needs"):
        Rule(**options)


def test_the_hybrid_splits_the_error_two_to_three():
    split = stats.split_error(0.95)
    assert split.alpha == pytest.approx(0.01)
    assert 1 - split.final_confidence == pytest.approx(0.03)


def test_the_order_is_seeded_and_complete():
    first, again, other = (stats.stopping_order(100, seed=s) for s in (1, 1, 2))
    assert (first == again).all()
    assert (first != other).any()
    assert sorted(first) == list(range(100))


def test_a_stratified_order_holds_the_strata_in_proportion_all_along():
    strata = ["rare"] * 20 + ["common"] * 180
    order = stats.stopping_order(200, seed=4, strata=strata)
    assert sorted(order) == list(range(200))
    rare = np.array([strata[i] == "rare" for i in order])
    for start in range(0, 200, 50):
        assert 3 <= rare[start : start + 50].sum() <= 7


def test_exact_odds_agree_with_a_simulation_of_the_monitor():
    rule = Rule(margin=0.1, alpha=0.1, batch=10)
    odds = stats.stopping_odds(80, rule, discordance=0.1, delta=0.0)
    ends = []
    for seed in range(150):
        monitor = _quick(rule, pairs(80, discordance=0.1, delta=0.0, seed=seed))
        ends.append(monitor)
    passed = sum(e == "PASS" for e in ends) / len(ends)
    assert abs(passed - odds.passed) < 4 * np.sqrt(odds.passed * (1 - odds.passed) / len(ends))
    assert odds.passed + odds.regression + odds.undecided == pytest.approx(1.0)


def _quick(rule, d):
    """The monitor's rule on counts, without its confidence sequence."""
    for n in range(rule.batch, d.size + 1, rule.batch):
        up, down = int((d[:n] == 1).sum()), int((d[:n] == -1).sum())
        if stats.e_value_of_counts(up, n - up - down, down, at_most=-rule.margin, planned=0.0) >= 1 / rule.alpha:
            return "PASS"
        if stats.e_value_of_counts(down, n - up - down, up, at_most=0.0, planned=rule.margin) >= 1 / rule.alpha:
            return "REGRESSION"
    return "CONTINUE"


def test_both_errors_stay_below_alpha_at_every_discordance():
    for q in (0.06, 0.2):
        harmful = stats.stopping_odds(150, RULE, discordance=q, delta=-0.05)
        harmless = stats.stopping_odds(150, RULE, discordance=q, delta=0.0)
        assert harmful.passed <= 0.05
        assert harmless.regression <= 0.05


def test_the_hybrid_keeps_its_error_and_nearly_the_power_of_the_fixed_test():
    """N = 300, margin .08, .02 for the looks and .03 for the end: exact, together below the union bound of .05."""
    rule = Rule(margin=0.08, alpha=0.02, batch=10)
    harmful = stats.stopping_odds(300, rule, discordance=0.1, delta=-0.08, final_confidence=0.94)
    harmless = stats.stopping_odds(300, rule, discordance=0.1, delta=0.0, final_confidence=0.94)
    fixed = stats.noninferiority_power(300, margin=0.08, discordance=0.1, alpha=0.05)
    assert 0.02 < harmful.passed < 0.05
    assert harmless.passed > fixed - 0.03
    assert harmless.expected_n < 0.7 * 300
    assert harmless.passed + harmless.regression + harmless.undecided == pytest.approx(1.0)
