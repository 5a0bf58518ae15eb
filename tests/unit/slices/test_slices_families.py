import numpy as np
import pytest

from evalkit.core.errors import DataError
from evalkit.slices.families import families, rerun_noise
from evalkit.slices.groups import groups


def family_rows(n, *, flipped):
    """n families of one f and one m row; in `flipped` of them f fails."""
    scores, group, names = [], [], []
    for i in range(n):
        scores += [0.0 if i < flipped else 1.0, 1.0]
        group += ["f", "m"]
        names += [i, i]
    return scores, groups(group), names


def test_flips_and_gaps_are_counted_within_the_family():
    found = families(*family_rows(100, flipped=20))
    assert (found.families, found.incomplete) == (100, 0)
    assert found.flip_rate == pytest.approx(0.2)
    assert found.mean_gap == pytest.approx(0.2)
    (pair,) = found.pairs
    assert (pair.one, pair.other, pair.families) == ("f", "m", 100)
    assert pair.signed.mean == pytest.approx(-0.2)
    assert pair.signed.low < -0.2 < pair.signed.high < 0.0
    assert pair.flips == pytest.approx(0.2)


def test_gaps_that_cancel_over_families_are_still_seen():
    scores = [1.0, 0.0] * 20 + [0.0, 1.0] * 20
    found = families(scores, groups(["f", "m"] * 40), np.repeat(np.arange(40), 2).tolist())
    assert found.pairs[0].signed.mean == 0.0
    assert found.mean_gap == 1.0
    assert found.flip_rate == 1.0


def test_what_a_rerun_moves_is_taken_off():
    again = rerun_noise([1.0, 1.0, 0.0, 0.0], [1.0, 0.0, 0.0, 0.0])
    assert again == 0.25
    found = families(*family_rows(100, flipped=20), noise=again)
    assert found.beyond_noise == pytest.approx(-0.05)


def test_a_family_with_one_group_takes_no_part():
    found = families([1.0, 0.0, 1.0], groups(["f", "m", "f"]), ["a", "a", "b"])
    assert (found.families, found.incomplete) == (1, 1)
    nobody = families([1.0], groups(["f"]), ["a"])
    assert (nobody.flip_rate, nobody.mean_gap, nobody.pairs) == (None, None, ())


def test_several_rows_of_a_group_are_averaged_in_their_family():
    found = families([1.0, 0.0, 1.0], groups(["f", "f", "m"]), ["a", "a", "a"])
    assert found.mean_gap == 0.5


def test_rows_that_do_not_match_are_an_error():
    with pytest.raises(DataError, match="do not match"):
        families([1.0], groups(["f", "m"]), ["a"])
    with pytest.raises(DataError, match="same rows"):
        rerun_noise([1.0], [])
