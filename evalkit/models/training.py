"""What a training left behind, as arms."""

from __future__ import annotations

from dataclasses import dataclass

from evalkit.core.sweep import CheckpointFacts
from evalkit.suite.spec import ModelSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class Training:
    """What was found: every checkpoint in order, each with the spec that asks it.

    `notes` are sentences for the reader; `trainers_choice` the checkpoint that the trainer itself calls best.
    """

    source: str
    checkpoints: tuple[tuple[CheckpointFacts, ModelSpec], ...]
    trainers_choice: str | None = None
    notes: tuple[str, ...] = ()
    steps: str | None = None
    """What was left in, where not all of it: steps as they were typed"""
