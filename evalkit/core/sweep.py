"""Checkpoints of one training beside one base: their losses, their held-out scores, and where these part."""

from __future__ import annotations

from dataclasses import dataclass

from evalkit.core.verdict import Outcome, State


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckpointFacts:
    """One checkpoint as its training tells of it.

    `train_loss` is the mean that was logged since the checkpoint before, `eval_loss` the last one logged. None where
    nothing tells it.
    """

    name: str
    step: int | None = None
    epoch: float | None = None
    train_loss: float | None = None
    eval_loss: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CurvePoint:
    """One checkpoint on a curve.

    `value` with its own interval, and its change from the base (`delta`) with its interval, both at the confidence of
    the curve. None where nothing was measured.
    """

    checkpoint: str
    state: State | None = None
    """What the gate of this metric says"""
    n: int = 0
    value: float | None = None
    low: float | None = None
    high: float | None = None
    delta: float | None = None
    delta_low: float | None = None
    delta_high: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fall:
    """A later checkpoint that is proven worse than an earlier one.

    `since` is the first of which it is proven, `best` the best one before it. `delta` (since - best) has an interval at
    `confidence`, which counts in every pair that was looked at; so does `p_adjusted`. The losses are those of training.
    """

    best: str
    since: str
    n: int
    value_best: float
    value_since: float
    delta: float
    low: float
    high: float
    confidence: float
    p_adjusted: float
    loss_best: float | None = None
    loss_since: float | None = None

    @property
    def overfits(self) -> bool:
        """Whether the training loss fell meanwhile: without losses nobody can say so."""
        return self.loss_best is not None and self.loss_since is not None and self.loss_since < self.loss_best


@dataclass(frozen=True, slots=True, kw_only=True)
class LearningCurve:
    """One gated metric of one suite over the checkpoints, in their order.

    `fall` is the first proven drop, `gains_until` the last checkpoint that is proven better than an earlier one; None
    where there is none, and where the metric is no mean over cases: `because` says so.
    """

    suite: str
    metric: str
    higher_is_better: bool
    binary: bool
    base: float | None
    confidence: float
    points: tuple[CurvePoint, ...]
    fall: Fall | None = None
    gains_until: str | None = None
    because: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """All checkpoints of a training against one base.

    `outcome` and `exit_code` are those of the best; `trainers_choice` is the one that the trainer itself calls best.
    """

    base: str
    source: str
    checkpoints: tuple[CheckpointFacts, ...]
    curves: tuple[LearningCurve, ...]
    outcome: Outcome
    trainers_choice: str | None = None
    because: str = ""
    """Where it starts to overfit, or that nothing says so"""
    notes: tuple[str, ...] = ()
    steps: str | None = None
    """The steps that were asked for, as they were typed; None for all"""
