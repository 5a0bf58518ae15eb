"""A question that must be answered in time, whatever the server does: it may drip a byte a second for ever."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

Answer = TypeVar("Answer")


def within_seconds(patience_s: float, ask: Callable[[], Answer]) -> Answer:
    """Return what a function gives; raise TimeoutError when it takes longer.

    It goes on in a thread of its own then, which ends with the program.

    >>> within_seconds(5.0, lambda: 7)
    7
    """
    said: list[Answer] = []
    failed: list[BaseException] = []

    def run() -> None:
        try:
            said.append(ask())
        except BaseException as error:  # it is raised where it was asked for
            failed.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(patience_s)
    if failed:
        raise failed[0]
    if not said:
        raise TimeoutError(f"no whole answer within {patience_s:g} s")
    return said[0]
