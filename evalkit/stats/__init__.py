"""Floor 1: the statistics of a comparison, pure: arrays in, numbers out, every difference as candidate - base.

`compare_paired` chooses a method by itself and says why; everything it is made of can be used alone. Names are loaded
when they are first used, so that importing this room costs nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from evalkit.stats.bootstrap import Bca, bca_mean
    from evalkit.stats.clusters import ClusterSums, cluster_codes, clustered_se, design_effect
    from evalkit.stats.mcnemar import McNemar, mcnemar
    from evalkit.stats.means import MeanInterval, mean_interval
    from evalkit.stats.multiplicity import benjamini_hochberg, bonferroni, hochberg, holm
    from evalkit.stats.newcombe import newcombe_independent, newcombe_paired
    from evalkit.stats.paired import PairedResult, compare_paired
    from evalkit.stats.permutation import SignFlip, sign_flip
    from evalkit.stats.proportions import clopper_pearson, wilson
    from evalkit.stats.score import score_interval
    from evalkit.stats.states import classify
    from evalkit.stats.tango import tango_interval, tango_p, tango_z

__all__ = [
    "Bca",
    "ClusterSums",
    "McNemar",
    "MeanInterval",
    "PairedResult",
    "SignFlip",
    "bca_mean",
    "benjamini_hochberg",
    "bonferroni",
    "classify",
    "clopper_pearson",
    "cluster_codes",
    "clustered_se",
    "compare_paired",
    "design_effect",
    "hochberg",
    "holm",
    "mcnemar",
    "mean_interval",
    "newcombe_independent",
    "newcombe_paired",
    "score_interval",
    "sign_flip",
    "tango_interval",
    "tango_p",
    "tango_z",
    "wilson",
]

_HOME = {
    "Bca": "bootstrap",
    "bca_mean": "bootstrap",
    "ClusterSums": "clusters",
    "cluster_codes": "clusters",
    "clustered_se": "clusters",
    "design_effect": "clusters",
    "McNemar": "mcnemar",
    "mcnemar": "mcnemar",
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
    "clopper_pearson": "proportions",
    "wilson": "proportions",
    "score_interval": "score",
    "classify": "states",
    "tango_interval": "tango",
    "tango_p": "tango",
    "tango_z": "tango",
}


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
