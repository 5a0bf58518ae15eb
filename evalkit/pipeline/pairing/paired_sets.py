"""Set metrics side by side: what both arms read, and what the targets say."""

from __future__ import annotations

import numpy as np

from evalkit.core.ports import SetScorer
from evalkit.core.sets import PairedSet
from evalkit.pipeline.asking.measure import ArmScores
from evalkit.pipeline.suites.prepare import Prepared


def pair_sets(prepared: Prepared, base: ArmScores, candidate: ArmScores) -> dict[str, PairedSet]:
    """Build one set a scorer that has set metrics."""
    found = {}
    for named in prepared.scorers:
        figures = {named.metric_name(metric): metric.over for metric in named.metrics if metric.over is not None}
        if not figures or not isinstance(named.scorer, SetScorer):
            continue
        gold = [named.scorer.gold(example) if named.applies(example) else None for example in prepared.examples]
        blank = np.full(np.shape(next((one for one in gold if one is not None), 0.0)), -1.0)
        found[named.name] = PairedSet(
            scorer=named.name,
            gold=np.asarray([blank if one is None else one for one in gold], dtype=np.float64),
            base=base.codes[named.name],
            candidate=candidate.codes[named.name],
            figures=figures,
        )
    return found
