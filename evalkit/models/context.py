"""What a provider gets beside its spec: where it stands, and the clock, the sleep and the dice it may use."""

from __future__ import annotations

import os
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path


def _silent(_: str) -> None:
    """Say nothing."""


async def _sleep(seconds: float) -> None:
    import asyncio

    await asyncio.sleep(seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """The surroundings of a model; the same for every arm of a run.

    `root` is the folder that relative paths of models.yaml are read from and under which `.evalkit/` lies.
    `sleep(seconds)` is awaited between attempts and polls; `clock()` gives seconds that never run backwards;
    `now()` is the wall clock (seconds since 1970). `progress` takes one sentence for the person who waits.
    """

    root: Path
    seed: int = 0
    sleep: Callable[[float], Awaitable[None]] = _sleep
    clock: Callable[[], float] = time.perf_counter
    now: Callable[[], float] = time.time
    progress: Callable[[str], None] = _silent
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)
    borne: dict[str, float] = field(default_factory=dict)
    """How many calls at once a server was found to bear, by its address: the next arm need not find out again"""

    def path(self, relative: str) -> Path:
        """Return a path of models.yaml as it lies on disk.

        `~` is expanded; relative paths are under `root`.
        """
        return self.root / Path(relative).expanduser()
