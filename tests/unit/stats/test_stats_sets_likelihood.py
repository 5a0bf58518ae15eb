"""Figures of likelihoods: ratios of sums, intervals that hold, and nothing unseen that nobody could have seen."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from evalkit.core.sets import SetFigure
from evalkit.stats.sets import cells_of, compare_sets
from evalkit.stats.sets.sums import LIKELIHOODS, value_of, values_of

Floats = NDArray[np.float64]
TOP = 1e6
FIGURES = [SetFigure(figure=name, kind="sums", span=(-1e12, TOP), falls=True) for name in LIKELIHOODS]


def texts(rng: np.random.Generator, n: int, *, effect: float = 0.02) -> tuple[Floats, Floats]:
    """[nats, tokens, bytes, words] of n texts of very unlike lengths, in both arms."""
    size = np.ceil(np.exp(rng.normal(6.0, 1.0, n))) + 20.0
    rate = rng.gamma(20.0, 0.7 / 20.0, n)
    other = rate + effect + 0.05 * rng.standard_normal(n) * rng.gamma(1.0, 1.0, n)
    base, candidate = (
        np.column_stack([size * per_byte, np.ceil(size / 4.0), size, np.ceil(size / 6.0)]) for per_byte in (rate, other)
    )
    return base, candidate


def compare(
    base: Floats, candidate: Floats, *, draws: int = 400
) -> dict[str, tuple[float | None, float | None, float]]:
    n, ones = len(base), np.ones((len(base), 1), dtype=bool)
    arms = [cells_of(np.zeros_like(arm), arm[:, None], ones, np.arange(n), n) for arm in (base, candidate)]
    found = compare_sets(*arms, FIGURES, moved=1.0, draws=draws)
    return {figure.figure: (one.low, one.high, one.reach) for figure, one in zip(FIGURES, found, strict=True)}


def test_the_figures_are_ratios_of_sums_however_they_are_computed() -> None:
    sums = np.array([120.0, 60.0, 200.0, 40.0])
    expected = {"nats_per_token": 2.0, "bits_per_byte": 0.6 / math.log(2), "perplexity": math.exp(2.0)}
    expected["word_perplexity"] = math.exp(3.0)
    for figure in FIGURES:
        assert TOP - value_of(sums.tolist(), figure) == pytest.approx(expected[figure.figure])
        assert TOP - values_of(sums[None], figure)[0] == pytest.approx(expected[figure.figure])


def test_a_text_of_no_tokens_has_no_figure_a_token() -> None:
    empty = np.array([3.0, 0.0, 4.0, 1.0])
    assert math.isnan(value_of(empty.tolist(), FIGURES[0]))
    assert not math.isnan(value_of(empty.tolist(), FIGURES[1]))


def test_intervals_cover_the_truth_at_few_texts() -> None:
    base, candidate = texts(np.random.default_rng(0), 400_000)
    rng, runs = np.random.default_rng(1), 150
    truth = {f.figure: value_of(candidate.sum(0).tolist(), f) - value_of(base.sum(0).tolist(), f) for f in FIGURES}
    hits = dict.fromkeys(truth, 0)
    for _ in range(runs):
        for name, (low, high, _) in compare(*texts(rng, 15), draws=300).items():
            hits[name] += low is not None and high is not None and low <= truth[name] <= high
    assert {name: round(hit / runs, 3) for name, hit in hits.items() if hit / runs < 0.9} == {}


def test_one_text_says_nothing_of_others() -> None:
    low, high, _ = compare(*texts(np.random.default_rng(5), 1))["bits_per_byte"]
    assert low is not None
    assert high is not None
    assert high - low > 1e6


def test_a_perplexity_that_no_number_is_good_for_is_not_defined() -> None:
    japanese = np.array([731.0, 272.0, 441.0, 1.0])
    assert math.isnan(value_of(japanese.tolist(), FIGURES[3]))
    assert value_of(japanese.tolist(), FIGURES[1]) < TOP
    found = compare(np.tile(japanese, (9, 1)), np.tile(japanese, (9, 1)))
    assert found["word_perplexity"][:2] == (None, None)


def test_two_texts_prove_little() -> None:
    rng = np.random.default_rng(3)
    few, many = (compare(*texts(rng, n))["bits_per_byte"] for n in (2, 200))
    assert few[0] is not None
    assert few[1] is not None
    assert many[0] is not None
    assert many[1] is not None
    assert few[1] - few[0] > 6 * (many[1] - many[0])


def test_the_reach_is_the_largest_change_that_a_text_showed() -> None:
    base, candidate = texts(np.random.default_rng(4), 30)
    apart = np.abs(candidate[:, 0] - base[:, 0]) / base[:, 2] / math.log(2)
    assert compare(base, candidate)["bits_per_byte"][2] == pytest.approx(apart.max())
