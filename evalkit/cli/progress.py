"""Progress on stderr: a bar with rate and time left on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING

from evalkit.cli.language import speak
from evalkit.cli.say import say

if TYPE_CHECKING:
    from rich.progress import Progress as Bars
    from rich.progress import TaskID

    from evalkit.pipeline.options import Tally

EVERY_S = 5.0
"""Between two lines where stderr is no terminal"""
STEP = 0.25
"""Share of all answers after which a line comes sooner: batches bring many at once, and then none for long"""


class Progress:
    """Hears tallies and sentences; use as a context manager."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._started: dict[tuple[str, str], float] = {}
        self._said: dict[tuple[str, str], tuple[float, int]] = {}
        self._tasks: dict[tuple[str, str], TaskID] = {}
        self._bars: Bars | None = None

    def __enter__(self) -> Progress:
        if sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
            from rich.progress import Progress as Bars

            self._bars = Bars(
                TextColumn("{task.description}", markup=False),
                BarColumn(bar_width=24),
                MofNCompleteColumn(),
                TextColumn("{task.fields[rate]}"),
                TimeRemainingColumn(),
                console=Console(stderr=True),
            )
            self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bars is not None:
            self._bars.stop()

    def say(self, sentence: str) -> None:
        """Print one line about what is being done."""
        from evalkit.text.outgoing import for_terminal

        if self._bars is not None:
            self._bars.console.print(for_terminal(speak()(sentence)), highlight=False, markup=False)
        else:
            say(sentence, file=sys.stderr, flush=True)

    def tell(self, arm: str, suite: str, tally: Tally) -> None:
        """Count an answer that came in."""
        key = (_add_place(arm, tally.arm), _add_place(suite, tally.suite))
        now = self._clock()
        started = self._started.setdefault(key, now)
        asked = tally.asked
        rate = f"{asked / (now - started):.1f}/s" if now > started and asked else "kept" if tally.kept else ""
        if self._bars is not None:
            from evalkit.text.outgoing import for_terminal

            if key not in self._tasks:
                self._tasks[key] = self._bars.add_task(
                    for_terminal(speak()(" · ".join(key))), total=tally.total, rate=""
                )
            self._bars.update(self._tasks[key], completed=tally.done, rate=rate)
            return
        last = tally.done == tally.total
        if not last and not asked:
            return  # answers that are there already come at once
        said, done = self._said.get(key, (now - EVERY_S, 0))
        if not last and now - said < EVERY_S and tally.done - done < STEP * tally.total:
            return
        self._said[key] = (now, tally.done)
        vain = tally.failed - tally.refused
        seconds = (tally.total - tally.done) * (now - started) / asked if asked and not last else 0.0
        told = (
            (tally.kept, f"{tally.kept} kept"),
            (vain, f"{vain} failed"),
            (tally.refused, f"{tally.refused} without an answer"),
            (seconds and now > started + 1, f"{seconds:.0f} s left"),
        )
        speed = f" {rate}" if asked and now > started else ""
        more = "".join(f", {speak()(one)}" for shown, one in told if shown)
        line = f"{speak()(' · '.join(key))}: {tally.done}/{tally.total}{speed}{more}"
        say(line, file=sys.stderr, flush=True)


def _add_place(name: str, place: tuple[int, int]) -> str:
    """A name, and which of how many it is where there are more."""
    return f"{name} ({place[0]} of {place[1]})" if place[1] > 1 else name
