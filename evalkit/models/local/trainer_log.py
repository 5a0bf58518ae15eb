"""Reads trainer_state.json, the log that the Trainer of transformers (and trl) keeps beside its checkpoints."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import fmean
from typing import Any

FILE = "trainer_state.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainerLog:
    """What was logged, by step.

    `best` is the folder name of the checkpoint that the trainer calls best; `step` how far the training had come.
    """

    train: Mapping[int, float] = field(default_factory=dict)
    evaluated: Mapping[int, float] = field(default_factory=dict)
    epochs: Mapping[int, float] = field(default_factory=dict)
    best: str | None = None
    step: int | None = None
    best_metric: float | None = None

    def train_loss(self, step: int, *, after: int) -> float | None:
        """Return the mean training loss logged after one step and up to another.

        It is the last one before where nothing was logged between them, and None beyond the end of the log.
        """
        within = [loss for at, loss in self.train.items() if after < at <= step]
        return fmean(within) if within else self._last(self.train, step)

    def eval_loss(self, step: int) -> float | None:
        """Return the last loss on held-out data that was logged up to a step."""
        return self._last(self.evaluated, step)

    def epoch(self, step: int) -> float | None:
        """Return the epoch that was logged at a step, or the last before it."""
        return self._last(self.epochs, step)

    def _last(self, series: Mapping[int, float], step: int) -> float | None:
        """The last value up to a step; a log that ends before it says nothing of it."""
        if step > max(self.step or 0, *self.train, *self.evaluated, 0, 0):
            return None
        return next((series[at] for at in sorted(series, reverse=True) if at <= step), None)


def read_trainer_log(folders: Sequence[Path]) -> tuple[TrainerLog | None, tuple[str, ...]]:
    """Read the logs in the folders as one, and say which cannot be read.

    The one that reaches furthest counts where they differ: a trainer writes all that was before into each of them.
    """
    found: list[TrainerLog] = []
    said: list[str] = []
    for folder in folders:
        path = folder / FILE
        if not path.is_file():
            continue
        try:
            found.append(_log_of(json.loads(path.read_text("utf-8"))))
        except (OSError, ValueError, TypeError, AttributeError) as error:
            said.append(f"{path} is no log of a trainer and was left out: {error}")
    found.sort(key=lambda log: log.step or 0)
    return (_join(found) if found else None), tuple(said)


def _join(logs: Sequence[TrainerLog]) -> TrainerLog:
    return TrainerLog(
        train={step: loss for log in logs for step, loss in log.train.items()},
        evaluated={step: loss for log in logs for step, loss in log.evaluated.items()},
        epochs={step: epoch for log in logs for step, epoch in log.epochs.items()},
        best=logs[-1].best,
        step=logs[-1].step,
        best_metric=logs[-1].best_metric,
    )


def _log_of(state: Any) -> TrainerLog:
    if not isinstance(state, Mapping) or not isinstance(state.get("log_history"), list):
        raise ValueError("it has no log_history")
    rows = [row for row in state["log_history"] if isinstance(row, Mapping) and _number(row.get("step")) is not None]
    best, best_step = state.get("best_model_checkpoint"), _number(state.get("best_global_step"))
    if not isinstance(best, str) and best_step:
        best = f"checkpoint-{int(best_step)}"
    reached = _number(state.get("global_step"))
    return TrainerLog(
        train=_series(rows, "loss"),
        evaluated=_series(rows, "eval_loss"),
        epochs=_series(rows, "epoch"),
        best=Path(best.replace("\\", "/")).name if isinstance(best, str) else None,
        step=None if reached is None else int(reached),
        best_metric=_number(state.get("best_metric")),
    )


def _series(rows: Sequence[Mapping[str, Any]], name: str) -> dict[int, float]:
    """By step; of a training that was resumed the later line counts."""
    found = {int(row["step"]): _number(row.get(name)) for row in rows if name in row}
    return {step: value for step, value in sorted(found.items()) if value is not None}


def _number(value: Any) -> float | None:
    whole = isinstance(value, (int, float)) and not isinstance(value, bool)
    return float(value) if whole and math.isfinite(value) else None
