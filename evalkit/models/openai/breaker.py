"""When to stop asking: nothing can be answered, or nothing has been answered for too long."""

from __future__ import annotations

from dataclasses import dataclass

from evalkit.core.errors import ModelError, Problem
from evalkit.core.exchange import Failure

FIRST = 3
"""So many calls that fail for one hopeless cause, before any was answered, end the run"""
ROW = 8
"""So many calls in a row that fail for one hopeless cause end the asking later on"""

_TODO = {
    "auth": "check the key in the environment variable {key_env}, and that it may use this model",
    "not_found": "check `model` and `base_url`; a fine-tune may have been shut down: a recording of it still answers",
    "quota": "the account has no budget left: add credits, or compare what is kept with --replay",
    "unreachable": "is the server running, and is base_url right?",
}


@dataclass(slots=True, kw_only=True)
class Breaker:
    """A watcher of outcomes that gives a run up.

    `patience_s` is how long no call at all may succeed before the rest is given up.
    """

    shown: str
    key_env: str
    patience_s: float
    last_answer: float
    answered: bool = False
    broken: Failure | None = None
    cause: str = ""
    _row: int = 0

    @property
    def doubtful(self) -> bool:
        """Whether nothing was answered yet and the latest failure looks hopeless.

        Then one call at a time is enough to be sure.
        """
        return self._row > 0 and not self.answered

    def answer(self, now: float) -> None:
        """Note that a call was answered, so the server is alive.

        A call refused for a reason of its own counts too.
        """
        self.answered = True
        self.last_answer = now
        self._row = 0

    def failure(self, failure: Failure, *, hopeless: str | None, now: float) -> None:
        """Note that a call failed.

        `hopeless` names a cause that the next call would meet as well.

        Raises ModelError when the first calls all fail for one such cause.
        """
        if hopeless is None:
            self._row = 0
        else:
            self._row = self._row + 1 if hopeless == self.cause else 1
            self.cause = hopeless
            if not self.answered and self._row >= FIRST:
                raise self.error(failure, hopeless)
            if self._row >= ROW and hopeless != "unreachable":
                self.broken = failure
        if now - self.last_answer > self.patience_s:
            waited = f"gave up: no call was answered for {self.patience_s:g} s; last: {failure.message}"
            self.broken = Failure(kind=failure.kind, message=waited, status=failure.status)

    def error(self, failure: Failure, hopeless: str) -> ModelError:
        """Return the sentence for a run that cannot begin."""
        return ModelError(
            Problem(
                what=f"{self.shown} answers no call ({failure.kind}): {failure.message}",
                todo=_TODO[hopeless].format(key_env=self.key_env),
            )
        )
