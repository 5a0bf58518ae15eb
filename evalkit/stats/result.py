"""What a paired comparison says."""

from __future__ import annotations

from dataclasses import dataclass

Interval = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class PairedResult:
    """Candidate against base over n paired examples.

    Differences are candidate - base, in the metric's own unit.

    What cannot be said is None, and `reason` says why. `low` and `high` hold the two-sided interval of `delta`.
    `fixed` and `broken` count the pairs that went from 0 to 1 and from 1 to 0 (None when graded). `p` is two-sided;
    `p_worse` tests H0: delta >= 0 (small = a regression); `p_noninferior` tests H0: delta <= -margin (small = proven
    within the margin). `discordance` is the share of pairs that differ, `n_effective` what n is worth after
    clustering, `mde` the smallest true drop that this n detects with power 0.8, `n_needed` how many examples would
    prove `margin` with power 0.8 if nothing changed. `base_interval` and `candidate_interval` are each arm's own.
    `reach` is how far apart two values can be, `scale_known` whether the metric says so and not only the values seen.
    """

    n: int
    n_clusters: int
    base: float | None
    candidate: float | None
    delta: float | None
    low: float | None
    high: float | None
    confidence: float
    fixed: int | None
    broken: int | None
    p: float | None
    p_worse: float | None
    p_noninferior: float | None
    method: str
    reason: str
    mde: float | None
    discordance: float | None
    n_effective: float | None
    n_needed: int | None
    base_interval: Interval | None
    candidate_interval: Interval | None
    reach: float | None = None
    scale_known: bool = False


def compare_nothing(confidence: float) -> PairedResult:
    """Return the comparison of no examples.

    It holds no number, and the sentence that says so.
    """
    unknown = dict.fromkeys(
        (
            "base", "candidate", "delta", "low", "high", "fixed", "broken", "p", "p_worse", "p_noninferior", "mde",
            "discordance", "n_effective", "n_needed", "base_interval", "candidate_interval",
        )
    )  # fmt: skip
    return PairedResult(
        n=0,
        n_clusters=0,
        confidence=confidence,
        method="none",
        scale_known=False,
        reason="nothing to compare: no example has a score in both arms",
        **unknown,
    )
