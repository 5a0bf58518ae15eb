"""Agreement over cases: published figures, intervals that keep a width, and that say what they promise."""

from __future__ import annotations

import numpy as np
import pytest

from evalkit.stats.agreement import cohen_kappa, kappa_of_labels
from evalkit.stats.over_cases import difference_over_cases, kappa_over_cases, mean_over_cases


def test_kappa_of_fleiss_is_reproduced() -> None:
    """Fleiss, Statistical Methods for Rates and Proportions (1981), table 13.1: .68, standard error .087."""
    found = cohen_kappa([[75, 1, 4], [5, 4, 1], [0, 0, 10]])
    assert found.value == pytest.approx(0.676, abs=5e-4)
    assert found.low is not None
    assert found.high is not None
    assert (found.high - found.low) / (2 * 1.96) == pytest.approx(0.0877, abs=5e-4)


def test_quadratic_kappa_of_the_anxiety_ratings_is_reproduced() -> None:
    """The irr package's worked example (20 subjects, two raters): .119 unweighted, .297 with squared weights."""
    one, two = (list(text) for text in ("33345523522615221243", "36462424332333221334"))
    for weights, value in (("none", 0.119), ("quadratic", 0.297)):
        plain = kappa_of_labels(one, two, order="123456", weights=weights)  # type: ignore[arg-type]  # a Literal out of a list
        over = kappa_over_cases(one, two, cases=range(20), order="123456", weights=weights)  # type: ignore[arg-type]  # likewise
        assert plain.value == pytest.approx(value, abs=5e-4)
        assert over.value == plain.value


def test_perfect_agreement_of_few_proves_no_perfect_judge() -> None:
    found = kappa_over_cases("yn" * 25, "yn" * 25, cases=range(50))
    assert found.value == 1.0
    assert found.low is not None
    assert 0.8 < found.low < 0.98
    assert found.high == 1.0
    more = kappa_over_cases("yn" * 500, "yn" * 500, cases=range(1000))
    assert more.low is not None
    assert more.low > found.low


def test_answers_of_one_case_count_together() -> None:
    rng = np.random.default_rng(1)
    first = np.repeat(rng.integers(0, 2, 60), 5).tolist()
    second = np.repeat(np.where(rng.random(60) < 0.2, 1, 0), 5) ^ np.array(first)
    alone = kappa_over_cases(first, second.tolist(), cases=range(300))
    together = kappa_over_cases(first, second.tolist(), cases=np.repeat(range(60), 5).tolist())
    assert alone.value == together.value
    assert None not in (alone.low, alone.high, together.low, together.high)
    assert together.high - together.low > 1.5 * (alone.high - alone.low)  # type: ignore[operator]  # none is None


@pytest.mark.parametrize(("share", "kappa"), [(0.5, 0.6), (0.9, 0.6), (0.8, 0.9)])
def test_the_lower_end_lies_above_the_truth_in_few_draws(share: float, kappa: float) -> None:
    """50 answers, margins alike: the end that lets a judge gate; the large-sample interval errs in up to 38 %."""
    rng = np.random.default_rng(3)
    spread = share * (1 - share)
    cells = [share**2 + kappa * spread, spread * (1 - kappa), spread * (1 - kappa), (1 - share) ** 2 + kappa * spread]
    above = plain_above = 0
    for _ in range(120):
        drawn = rng.choice(4, 50, p=cells)
        first, second = (drawn >> 1).tolist(), (drawn & 1).tolist()
        found = kappa_over_cases(first, second, cases=range(50), order=[0, 1])
        plain = kappa_of_labels(first, second, order=[0, 1])
        above += found.low is not None and found.low > kappa
        plain_above += plain.low is not None and plain.low > kappa
    assert above <= 7, "nominal 2.5 % of 120 is 3"
    assert plain_above >= above


def test_one_label_has_no_kappa() -> None:
    found = kappa_over_cases("yyy", "yyy", cases=range(3))
    assert (found.value, found.low) == (None, None)
    assert found.reason


def test_means_and_differences_keep_a_width_and_a_sign() -> None:
    none = mean_over_cases([0.0] * 60, cases=range(60), reach=1.0)
    assert (none.value, none.low < 0.0 < none.high) == (0.0, True)
    lean = mean_over_cases([0.5, 0.0] * 100, cases=range(200), reach=1.0)
    assert lean.low > 0.15
    sides = [True, False] * 100
    found = difference_over_cases([0.4, -0.1] * 100, sides, cases=range(200), reach=1.0)
    assert found is not None
    assert found.value == pytest.approx(0.5)
    assert found.low < 0.5 < found.high
    turned = difference_over_cases([-0.4, 0.1] * 100, sides, cases=range(200), reach=1.0)
    assert turned is not None
    assert turned.value == -found.value
    assert difference_over_cases([1.0, 2.0], [True, True], cases=range(2), reach=2.0) is None


def test_the_same_input_gives_the_same_figures() -> None:
    once, again = (kappa_over_cases("yynn" * 20, "ynnn" * 20, cases=range(80)) for _ in range(2))
    assert once == again
