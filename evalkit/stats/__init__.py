"""Floor 1: the statistics of a comparison, pure: arrays in, numbers out, every difference as candidate - base.

`compare_paired` chooses a method by itself and says why; everything it is made of can be used alone. Names are loaded
when they are first used, so that importing this room costs nothing. Arguments that mean nothing (a confidence of 95, a
negative count, NaN) raise UsageError in every function alike; lists and arrays are both taken.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from evalkit.stats.agreement import Kappa, cohen_kappa, kappa_of_labels
    from evalkit.stats.betting import confidence_sequence, e_value, e_value_of_counts, mcnemar_e_value
    from evalkit.stats.bootstrap import Bca, bca_mean
    from evalkit.stats.changes import Change, FoundChanges, find_changes
    from evalkit.stats.clusters import ClusterSums, cluster_codes, clustered_se, design_effect
    from evalkit.stats.discordant import McNemar, mcnemar
    from evalkit.stats.disparity import GapChanges, gap_changes
    from evalkit.stats.floors import Bound, lower_bound
    from evalkit.stats.judged import Powered, ppi_mean
    from evalkit.stats.means import MeanInterval, mean_interval
    from evalkit.stats.multiplicity import benjamini_hochberg, bonferroni, hochberg, holm
    from evalkit.stats.newcombe import newcombe_independent, newcombe_paired
    from evalkit.stats.paired import PairedResult, compare_paired
    from evalkit.stats.permutation import SignFlip, sign_flip
    from evalkit.stats.planning import (
        examples_needed,
        examples_needed_with_repeats,
        fewest_discordant,
        mcnemar_power,
        smallest_detectable,
        zero_failure_examples,
    )
    from evalkit.stats.proportions import clopper_pearson, wilson
    from evalkit.stats.ratios import RatioResult, paired_ratio
    from evalkit.stats.repeats import Flips, flip_rate, noise_floor, pass_at_k, pass_hat_k
    from evalkit.stats.resample import Resampled, cluster_bootstrap, draw_weights, percentile_interval
    from evalkit.stats.score import no_change_reach, score_interval, unchanged_examples
    from evalkit.stats.simultaneous import Simultaneous, max_t
    from evalkit.stats.sizing import noninferiority_examples, noninferiority_power
    from evalkit.stats.states import classify
    from evalkit.stats.stopping import Look, Monitor, Odds, Rule, Split, split_error, stopping_odds, stopping_order
    from evalkit.stats.tango import tango_interval, tango_p, tango_z
    from evalkit.stats.tmeans import PairedT, Tost, paired_t, tost_paired

__all__ = [
    "Bca",
    "Bound",
    "Change",
    "ClusterSums",
    "Flips",
    "FoundChanges",
    "GapChanges",
    "Kappa",
    "Look",
    "McNemar",
    "MeanInterval",
    "Monitor",
    "Odds",
    "PairedResult",
    "PairedT",
    "Powered",
    "RatioResult",
    "Resampled",
    "Rule",
    "SignFlip",
    "Simultaneous",
    "Split",
    "Tost",
    "bca_mean",
    "benjamini_hochberg",
    "bonferroni",
    "classify",
    "clopper_pearson",
    "cluster_bootstrap",
    "cluster_codes",
    "clustered_se",
    "cohen_kappa",
    "compare_paired",
    "confidence_sequence",
    "design_effect",
    "draw_weights",
    "e_value",
    "e_value_of_counts",
    "examples_needed",
    "examples_needed_with_repeats",
    "fewest_discordant",
    "find_changes",
    "flip_rate",
    "gap_changes",
    "hochberg",
    "holm",
    "kappa_of_labels",
    "lower_bound",
    "max_t",
    "mcnemar",
    "mcnemar_e_value",
    "mcnemar_power",
    "mean_interval",
    "newcombe_independent",
    "newcombe_paired",
    "no_change_reach",
    "noise_floor",
    "noninferiority_examples",
    "noninferiority_power",
    "paired_ratio",
    "paired_t",
    "pass_at_k",
    "pass_hat_k",
    "percentile_interval",
    "ppi_mean",
    "score_interval",
    "sign_flip",
    "smallest_detectable",
    "split_error",
    "stopping_odds",
    "stopping_order",
    "tango_interval",
    "tango_p",
    "tango_z",
    "tost_paired",
    "unchanged_examples",
    "wilson",
    "zero_failure_examples",
]

_HOME = {
    "Kappa": "agreement",
    "cohen_kappa": "agreement",
    "kappa_of_labels": "agreement",
    "confidence_sequence": "betting",
    "e_value": "betting",
    "e_value_of_counts": "betting",
    "mcnemar_e_value": "betting",
    "Bca": "bootstrap",
    "bca_mean": "bootstrap",
    "Change": "changes",
    "FoundChanges": "changes",
    "find_changes": "changes",
    "ClusterSums": "clusters",
    "cluster_codes": "clusters",
    "clustered_se": "clusters",
    "design_effect": "clusters",
    "McNemar": "discordant",
    "mcnemar": "discordant",
    "GapChanges": "disparity",
    "gap_changes": "disparity",
    "Bound": "floors",
    "lower_bound": "floors",
    "Powered": "judged",
    "ppi_mean": "judged",
    "MeanInterval": "means",
    "mean_interval": "means",
    "benjamini_hochberg": "multiplicity",
    "bonferroni": "multiplicity",
    "hochberg": "multiplicity",
    "holm": "multiplicity",
    "newcombe_independent": "newcombe",
    "newcombe_paired": "newcombe",
    "PairedResult": "paired",
    "compare_paired": "paired",
    "SignFlip": "permutation",
    "sign_flip": "permutation",
    "examples_needed": "planning",
    "examples_needed_with_repeats": "planning",
    "fewest_discordant": "planning",
    "mcnemar_power": "planning",
    "noninferiority_examples": "sizing",
    "noninferiority_power": "sizing",
    "smallest_detectable": "planning",
    "zero_failure_examples": "planning",
    "clopper_pearson": "proportions",
    "wilson": "proportions",
    "RatioResult": "ratios",
    "paired_ratio": "ratios",
    "Flips": "repeats",
    "flip_rate": "repeats",
    "noise_floor": "repeats",
    "pass_at_k": "repeats",
    "pass_hat_k": "repeats",
    "Resampled": "resample",
    "cluster_bootstrap": "resample",
    "draw_weights": "resample",
    "percentile_interval": "resample",
    "no_change_reach": "score",
    "score_interval": "score",
    "unchanged_examples": "score",
    "Simultaneous": "simultaneous",
    "max_t": "simultaneous",
    "classify": "states",
    "Look": "stopping",
    "Monitor": "stopping",
    "Odds": "stopping",
    "Rule": "stopping",
    "Split": "stopping",
    "split_error": "stopping",
    "stopping_odds": "stopping",
    "stopping_order": "stopping",
    "tango_interval": "tango",
    "tango_p": "tango",
    "tango_z": "tango",
    "PairedT": "tmeans",
    "Tost": "tmeans",
    "paired_t": "tmeans",
    "tost_paired": "tmeans",
}


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(importlib.import_module(f"{__name__}.{_HOME[name]}"), name)
    if callable(found) and not isinstance(found, type):
        from evalkit.stats.arguments import check_arguments

        found = check_arguments(found)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted(__all__)
