"""Keeps checkpoints of a training as `checkpoint-N` folders with a trainer_state.json, as transformers does."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import fmean
from typing import Any

LOGGED = 8
"""Steps between two lines of the log; each holds the mean loss since the one before"""


@dataclass(slots=True, kw_only=True)
class Checkpoints:
    """Where checkpoints go and how often; `save(model, out=FOLDER)` writes one."""

    folder: Path
    every: int
    save: Callable[..., None]
    step: int = 0
    total: int = 0
    epochs: float = 0.0
    stages: list[tuple[int, float, float]] = field(default_factory=list)
    """Steps so far, epochs so far and epochs a step, where each stage begins"""
    losses: list[float] = field(default_factory=list)
    log: list[dict[str, float]] = field(default_factory=list)

    def expect(self, steps: int, *, epochs: float) -> None:
        """Announce a stage of so many steps and epochs."""
        self.stages.append((self.total, self.epochs, epochs / max(1, steps)))
        self.total, self.epochs = self.total + steps, self.epochs + epochs

    def take(self, model: Any, *, loss: float, rate: float) -> None:
        """Take one step in: log it, and keep the model where its turn has come or the stage ends."""
        self.step += 1
        self.losses.append(loss)
        keeps = self.step % self.every == 0 or self.step == self.total
        if keeps or self.step % LOGGED == 0:
            begun, before, each = self.stages[-1]
            epoch = before + (self.step - begun) * each
            line = {"epoch": round(epoch, 4), "learning_rate": rate, "loss": round(fmean(self.losses), 4)}
            self.log.append({**line, "step": self.step})
            self.losses.clear()
        if keeps:
            place = self.folder / f"checkpoint-{self.step}"
            self.save(model, out=place)
            self._write_state(place)

    def _write_state(self, place: Path) -> None:
        state = {
            "best_global_step": None,
            "best_metric": None,
            "epoch": self.log[-1]["epoch"],
            "global_step": self.step,
            "log_history": self.log,
            "logging_steps": LOGGED,
            "max_steps": self.total,
            "num_train_epochs": self.epochs,
            "save_steps": self.every,
        }
        text = json.dumps(state, indent=2) + "\n"
        for folder in (place, self.folder):
            (folder / "trainer_state.json").write_text(text, encoding="utf-8")
