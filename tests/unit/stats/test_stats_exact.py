"""How few pairs can prove a margin: the chance of a false proof, counted over every table and every discordance."""

import numpy as np
import pytest

from evalkit.stats.exact import fewest_gains, proof_examples, proof_power, proves_margin, unchanged_pairs


def false_proof(n, margin, discordance, *, alpha=0.025):
    """The chance that a candidate worse by the margin is proven not to be, by the multinomial itself."""
    from scipy.stats import multinomial

    tables = np.array([(b, c, n - b - c) for b in range(n + 1) for c in range(n - b + 1)])
    proven = np.array([proves_margin(n, int(b), int(c), margin=margin, alpha=alpha) for b, c, _ in tables])
    up, down = (discordance - margin) / 2, (discordance + margin) / 2
    chances = [multinomial.pmf(tables[proven], n, [up[i], down[i], 1 - discordance[i]]).sum() for i in range(up.size)]
    return max(chances) if proven.any() else 0.0


@pytest.mark.parametrize("margin", [0.02, 0.05, 0.1, 0.2])
@pytest.mark.parametrize("n", [1, 2, 3, 4, 6, 8, 9, 13, 17, 20])
def test_a_false_proof_is_never_likelier_than_its_share(n, margin):
    assert false_proof(n, margin, np.linspace(margin, 1.0, 61)) <= 0.025 + 1e-9


def test_other_confidences_hold_as_well():
    assert false_proof(12, 0.2, np.linspace(0.2, 1.0, 61), alpha=0.05) <= 0.05 + 1e-9
    assert false_proof(30, 0.2, np.linspace(0.2, 1.0, 31), alpha=0.005) <= 0.005 + 1e-9


@pytest.mark.parametrize(("margin", "n"), [(0.2, 17), (0.1, 36), (0.05, 72), (0.02, 183)])
def test_without_a_change_it_is_proven_as_soon_as_the_binomial_allows(margin, n):
    assert unchanged_pairs(margin) == n
    assert (1 - margin) ** n <= 0.025 < (1 - margin) ** (n - 1)
    assert proves_margin(n, 0, 0, margin=margin)
    assert not proves_margin(n - 1, 0, 0, margin=margin)


def test_a_single_pair_proves_nothing_below_the_whole_scale():
    assert not proves_margin(1, 0, 0, margin=0.9)
    assert not proves_margin(1, 1, 0, margin=0.9)
    assert proves_margin(2, 0, 0, margin=0.9)
    assert proves_margin(1, 0, 1, margin=1.0) is False
    assert fewest_gains(0.02) == 6


@pytest.mark.parametrize("n", [15, 25, 40])
def test_a_fixed_case_more_never_loses_a_proof(n):
    for broken in range(3):
        proven = [proves_margin(n, fixed, broken, margin=0.2) for fixed in range(n - broken + 1)]
        assert proven == sorted(proven)


@pytest.mark.parametrize(("n", "margin"), [(17, 0.2), (24, 0.2), (40, 0.1), (60, 0.1)])
def test_the_power_foreseen_is_the_share_of_tables_that_prove_it(n, margin):
    from scipy.stats import multinomial

    tables = [(b, c, n - b - c) for b in range(n + 1) for c in range(min(n - b, 12) + 1) if b <= 12]
    proven = [t for t in tables if proves_margin(n, t[0], t[1], margin=margin)]
    counted = multinomial.pmf(np.array(proven), n, [0.05, 0.05, 0.9]).sum()
    assert proof_power(n, margin=margin, discordance=0.1) == pytest.approx(counted, abs=0.02)


def test_enough_examples_are_those_from_which_on_the_power_is_there():
    assert proof_examples(0.05, discordance=0.0005) >= 72
    n = proof_examples(0.2, discordance=0.1)
    assert proof_power(n, margin=0.2, discordance=0.1) >= 0.8
