"""Critical cases that a base passes now and then: guarded by nothing, and not to fall in silence."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from evalkit.core.verdict import Finding
from evalkit.gates import words
from evalkit.gates.measured import Bools, Measured
from evalkit.gates.settle import SETTLE
from evalkit.gates.undecided import LOOKS_WORSE
from evalkit.gates.view import View
from evalkit.stats.binomial import binomial_tails

_TODO = "name a no_regression gate on the cases so tagged (`slices`), which judges how often they pass"


def settle_half_guarded(view: View, of: Measured, rows: Bools, finding: Finding) -> Finding:
    """Return the finding, INCONCLUSIVE where cases that no repeat guards fell.

    The base passes them in some repeats only. They fell where so many units (cases, or clusters) pass less often and so
    few more often that chance alone does it in less than (1 - confidence) / 2 of runs: the exact sign test.
    """
    half = rows & of.paired & (of.base < 1.0)
    step = np.sign(
        np.bincount(view.clusters[half], of.candidate[half] - of.base[half], minlength=int(view.clusters.max()) + 1)
    )
    fell, rose = int(np.count_nonzero(step < 0)), int(np.count_nonzero(step > 0))
    if finding.state not in ("PASS", "INCONCLUSIVE") or not fell or _chance(fell, rose) > (1.0 - view.confidence) / 2.0:
        return finding
    what = "case" if np.unique(view.clusters[half]).size == np.count_nonzero(half) else "cluster"
    told = (
        f" Of those that the base passes in some repeats only, {words.count(fell, what)} fell and {rose:,} rose, "
        f"beyond chance, so it cannot be told; to settle it: {_TODO}."
    )
    return replace(
        finding,
        state="INCONCLUSIVE",
        flags=(*finding.flags, LOOKS_WORSE),
        because=finding.because + told,
        details={**finding.details, SETTLE: _TODO},
    )


def _chance(fell: int, rose: int) -> float:
    """How often so few of that many rise, if each rises or falls by the toss of a coin."""
    return float(binomial_tails(np.array([rose]), np.array([fell + rose]), 0.5)[0])
