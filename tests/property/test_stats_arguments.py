"""Every public function of the statistics refuses what means nothing, and takes lists as it takes arrays."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest

import evalkit.stats as stats
from evalkit.core.errors import UsageError

FUNCTIONS = [name for name in stats.__all__ if not isinstance(getattr(stats, name), type)]

SOUND: dict[str, tuple[tuple[Any, ...], dict[str, Any]]] = {
    "bca_mean": (([0.0, 1.0, 0.5, 0.25, 0.75],), {}),
    "benjamini_hochberg": (([0.01, 0.2],), {}),
    "bonferroni": (([0.01, 0.2],), {}),
    "classify": ((-0.01, 0.01, 0.05), {}),
    "clopper_pearson": ((8, 10), {}),
    "cluster_bootstrap": (([[1.0], [2.0], [3.0]], lambda sums: sums), {"draws": 10}),
    "cluster_codes": ((["a", "b", "a"],), {}),
    "clustered_se": (([0.0, 1.0, 1.0], ["a", "b", "a"]), {}),
    "cohen_kappa": (([[20, 5], [10, 15]],), {}),
    "compare_paired": (([1.0, 0.0] * 10, [1.0, 1.0] * 10), {"margin": 0.2}),
    "confidence_sequence": (([0.0, 0.0, 1.0],), {"margin": 0.05, "alpha": 0.05}),
    "design_effect": (([0.0, 1.0, 1.0, 0.5], ["a", "b", "a", "b"]), {}),
    "draw_weights": ((4,), {"draws": 10, "seed": 0}),
    "e_value": (([0.0, 1.0],), {"at_most": -0.05, "planned": 0.1}),
    "e_value_of_counts": ((1, 5, 2), {"at_most": -0.05, "planned": 0.1}),
    "examples_needed": ((0.05,), {"spread": 0.3}),
    "examples_needed_with_repeats": ((0.05,), {"between": 0.1}),
    "fewest_discordant": ((3,), {}),
    "find_changes": (([[1.0, 0.0, 1.0], [1.0, 1.0, 0.0], [0.0, 1.0, float("nan")]],), {"draws": 50}),
    "flip_rate": (([[1.0, 0.0], [1.0, 1.0]],), {}),
    "gap_changes": (
        ([1.0, 0.0] * 20, [1.0, 1.0] * 20, np.array([0, 1] * 20)),
        {"count": 2, "draws": 50},
    ),
    "hochberg": (([0.01, 0.2],), {}),
    "holm": (([0.01, 0.2],), {}),
    "kappa_of_labels": ((["a", "b", "a"], ["a", "b", "b"]), {}),
    "lower_bound": (([1.0, 1.0, 0.0, 1.0], np.array([0, 0, 1, 2]), 3), {}),
    "mcnemar": ((4, 2), {}),
    "mcnemar_e_value": ((4, 2), {}),
    "mcnemar_power": ((50,), {"fixed": 0.1, "broken": 0.05}),
    "mean_interval": (([0.0, 1.0, 0.5],), {"bounds": (0.0, 1.0)}),
    "newcombe_independent": ((8, 10, 5, 10), {}),
    "newcombe_paired": ((20, 12, 2, 16), {}),
    "no_change_reach": ((40,), {}),
    "noise_floor": ((-0.02, 0.03), {}),
    "noninferiority_examples": ((0.1,), {"discordance": 0.1}),
    "noninferiority_power": ((50,), {"margin": 0.1, "discordance": 0.1}),
    "paired_ratio": (([1.0, 2.0, 3.0] * 5, [1.0, 2.5, 3.0] * 5), {"draws": 50}),
    "paired_t": (([0.1, 0.2, -0.1],), {}),
    "pass_at_k": ((10, 3), {"k": 5}),
    "pass_hat_k": ((8, 6), {"k": 4}),
    "ppi_mean": (([1.0, 0.0, 1.0], [1.0, 1.0, 1.0], [1.0, 0.0, 1.0, 1.0]), {}),
    "score_interval": (([0.0, 1.0, 0.5],), {"low": 0.0, "high": 1.0}),
    "sign_flip": (([0.1, 0.2, -0.1],), {"draws": 100}),
    "smallest_detectable": ((200,), {"spread": 0.3}),
    "split_error": ((0.95,), {}),
    "stopping_order": ((10,), {"seed": 0}),
    "tango_interval": ((50, 12, 2), {}),
    "tango_p": ((50, 3, 2), {"margin": 0.1}),
    "tango_z": ((50, 12, 2, 0.0), {}),
    "tost_paired": (([0.1, 0.2, -0.1],), {"low": -0.5, "high": 0.5}),
    "unchanged_examples": ((0.1,), {}),
    "wilson": ((8, 10), {}),
    "zero_failure_examples": ((0.95,), {}),
}
BUILT = {"max_t", "percentile_interval", "stopping_odds"}
"""Functions that take what another one made"""


def bound(name: str) -> inspect.BoundArguments:
    args, kwargs = SOUND[name]
    return inspect.signature(getattr(stats, name)).bind(*args, **kwargs)


def call(name: str, **changed: Any) -> Any:
    given = bound(name)
    given.arguments.update(changed)
    return getattr(stats, name)(*given.args, **given.kwargs)


def test_every_function_is_tried() -> None:
    assert {*SOUND} | BUILT == {*FUNCTIONS}


@pytest.mark.parametrize("name", SOUND)
def test_lists_and_arrays_give_the_same(name: str) -> None:
    given = bound(name)
    arrays = {
        key: np.asarray(value)
        for key, value in given.arguments.items()
        if isinstance(value, list) and value and not isinstance(value[0], str)
    }
    one, two = call(name), call(name, **arrays)
    if inspect.isgenerator(one):
        one, two = list(one), list(two)
    np.testing.assert_equal(repr(one), repr(two))


WRONG = {
    "confidence": [95, 0, 1, -0.1, float("nan"), "0.95", None, True],
    "power": [80, 0],
    "alpha": [5, 0],
    "draws": [0, -1, 2.5],
    "seed": [-1, 0.5],
    "fixed": [-1],
    "broken": [-1],
    "both": [-1, 0.5],
    "neither": [-1],
    "k": [0, -1],
    "margin": [0.0, -0.1, float("nan")],
    "spread": [-0.1],
    "quantile": [0, 95],
    "values": [[float("nan"), 1.0], 3.0, ["a", "b"]],
    "base": [[float("nan")] * 20, "abc"],
    "differences": [[float("inf"), 1.0]],
    "p": [[-0.1, 0.5], [0.5, 1.1]],
}


@pytest.mark.parametrize(
    ("name", "key", "value"),
    [
        (name, key, value)
        for name in SOUND
        for key, values in WRONG.items()
        if key in inspect.signature(getattr(stats, name)).parameters
        for value in values
        if not (key == "margin" and name == "tango_p" and value == value) and not (key == "quantile" and value is None)
    ],
)
def test_what_means_nothing_is_refused_with_its_name(name: str, key: str, value: Any) -> None:
    with pytest.raises(UsageError) as caught:
        call(name, **{key: value})
    assert f"{name}: {key} is " in str(caught.value)


def test_a_percentage_is_told_what_was_meant() -> None:
    with pytest.raises(UsageError, match=r"confidence is 95: it lies between 0 and 1, such as 0\.95"):
        stats.newcombe_paired(40, 5, 3, 2, confidence=95)


@pytest.mark.parametrize(
    ("name", "changed", "sentence"),
    [
        ("wilson", {"successes": 11}, "successes 11 of n 10"),
        ("pass_at_k", {"passed": 11}, "passed 11 of n 10"),
        ("pass_at_k", {"k": 11}, "k 11 of n 10"),
        ("tango_interval", {"fixed": 60}, "fixed 60 and broken 2 together are more than n 50"),
        ("mcnemar_power", {"fixed": 0.9, "broken": 0.2}, "together at most 1"),
        ("compare_paired", {"base": [1.0]}, r"have the shapes \(1,\) and \(20,\)"),
        ("compare_paired", {"clusters": ["a"]}, "1 labels of clusters for 20 values"),
        ("score_interval", {"low": 2.0}, "low 2.0 lies above high 1.0"),
        ("mean_interval", {"bounds": (1.0, 0.0)}, "low below high"),
    ],
)
def test_what_no_argument_shows_alone_is_told(name: str, changed: dict[str, Any], sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        call(name, **changed)


def test_all_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(UsageError) as caught:
        stats.newcombe_paired(-1, 5, 3, 2, confidence=95)
    assert len(caught.value.problems) == 2
