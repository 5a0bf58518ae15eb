"""Agreement of several people, against published figures and other packages."""

import numpy as np
import pytest

from evalkit.stats.raters import fleiss_kappa, krippendorff_alpha

NAN = float("nan")
PUBLISHED = [
    [NAN, NAN, NAN, NAN, NAN, 3, 4, 1, 2, 1, 1, 3, 3, NAN, 3],
    [1, NAN, 2, 1, 3, 3, 4, 3, NAN, NAN, NAN, NAN, NAN, NAN, NAN],
    [NAN, NAN, 2, 1, 3, 4, 4, NAN, 2, 1, 1, 3, 3, NAN, 4],
]


@pytest.mark.parametrize(("level", "value"), [("nominal", 0.691), ("interval", 0.811)])
def test_alpha_is_that_of_the_published_example(level, value) -> None:
    found = krippendorff_alpha(PUBLISHED, level=level)
    assert round(found.value, 3) == value
    assert found.n == 12
    assert found.low <= found.value <= found.high


@pytest.mark.parametrize("seed", range(5))
def test_fleiss_is_that_of_statsmodels(seed) -> None:
    from statsmodels.stats.inter_rater import fleiss_kappa as other_fleiss

    draw = np.random.default_rng(seed)
    table = draw.multinomial(4, draw.dirichlet([1, 1, 1]), size=40)
    assert fleiss_kappa(table).value == pytest.approx(other_fleiss(table, method="fleiss"), abs=1e-12)


def test_two_levels_agree_where_there_are_two_values() -> None:
    draw = np.random.default_rng(1).integers(0, 2, size=(3, 50)).astype(float)
    values = {krippendorff_alpha(draw, level=level).value for level in ("nominal", "ordinal", "interval")}
    assert max(values) - min(values) < 1e-12


def test_full_agreement_is_one_and_one_label_is_undefined() -> None:
    assert krippendorff_alpha([[1, 2, 3], [1, 2, 3]]).value == 1.0
    assert fleiss_kappa([[3, 0], [0, 3]]).value == 1.0
    for found in (krippendorff_alpha([[1, 1], [1, 1]]), fleiss_kappa([[2, 0], [2, 0]])):
        assert found.value is None
        assert "only one label" in found.reason
    assert krippendorff_alpha([[1, NAN], [NAN, 2]]).reason == "no item has two judgements"


def test_an_interval_covers_what_it_should() -> None:
    """Raters who are right four times in five: the interval holds the figure of very many items."""
    draw = np.random.default_rng(7)

    def judged(n: int) -> np.ndarray:
        truth = draw.integers(0, 2, size=n)
        return np.where(draw.random((3, n)) < 0.8, truth, 1 - truth).astype(float)

    wide = krippendorff_alpha(judged(40_000)).value
    inside = [(f := krippendorff_alpha(judged(100), seed=at)).low <= wide <= f.high for at in range(60)]
    assert sum(inside) >= 50


def test_unequal_numbers_of_raters_are_refused() -> None:
    with pytest.raises(ValueError, match="same number of raters"):
        fleiss_kappa([[2, 1], [2, 0]])
