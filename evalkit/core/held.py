"""A setting of the whole interpreter, changed for as long as anybody wants it changed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Held:
    """A change that several holders share.

    The first who holds it makes the change, the last who lets go undoes it: in any order, from any thread. `change`
    makes it and returns what undoes it. (Were each to save and restore for itself, of two that overlap the later one
    would restore what the earlier one had set.)
    """

    def __init__(self, change: Callable[[], Callable[[], None]]) -> None:
        self._change = change
        self._undo: Callable[[], None] = lambda: None
        self._holders = 0
        self._lock = threading.RLock()  # a generator that holds it may be collected while its thread is in here

    @contextmanager
    def __call__(self) -> Iterator[None]:
        """Hold the change."""
        with self._lock:
            if not self._holders:
                self._undo = self._change()
            self._holders += 1
        try:
            yield
        finally:
            with self._lock:
                self._holders -= 1
                if not self._holders:
                    self._undo()
