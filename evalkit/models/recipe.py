"""What another process needs to open the same arm: its spec and surroundings, without anything that is open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

from evalkit.core.exchange import Json
from evalkit.core.ports import Model, Windowed
from evalkit.suite.spec import ModelSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """An arm as it is opened elsewhere.

    `instant` is the moment (seconds since 1970) that its templates are told is now.
    """

    name: str
    spec: ModelSpec
    root: Path
    seed: int
    instant: float


@runtime_checkable
class Portable(Windowed, Protocol):
    """A windowed model that other processes can open as well."""

    def recipe(self) -> Recipe:
        """Return what another process needs to open it."""

    def place(self) -> Mapping[str, Json]:
        """Return where and with what it computes; nothing heavy is loaded.

        Equal places give equal bits.
        """


class PortableModel(Portable, Model, Protocol):
    """The same with all that a model is."""
