"""Rate budgets: how many requests and tokens may still go out, from the user's limits and the server's headers.

A budget is a bucket that refills evenly. The server's headers say how full it is and how fast it refills
(``limit``, ``remaining`` and the time until it is full again); calls sent since are subtracted here.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

from evalkit.models.openai.backoff import since

_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


def read_duration(text: str) -> float | None:
    """Read a ``x-ratelimit-reset-*`` value as seconds.

    >>> read_duration("1m30.5s"), read_duration("108ms"), read_duration("7"), read_duration("soon")
    (90.5, 0.108, 7.0, None)
    """
    text = text.strip()
    parts = _DURATION.findall(text)
    if parts and _DURATION.sub("", text) == "":
        return float(sum(float(number) * _SECONDS[unit] for number, unit in parts))
    return _number(text)


class Bucket:
    """One budget.

    `level` may go below zero when a single call is larger than what is left; it then waits longer.
    """

    def __init__(self, *, capacity: float, per_second: float, now: float) -> None:
        self.capacity = capacity
        self.per_second = per_second
        self.level = capacity
        self._at = now

    def wait(self, amount: float, *, now: float) -> float:
        """Return the seconds until `amount` may be taken (0: now).

        A call larger than the bucket waits for a full one.
        """
        self._refill(now)
        missing = min(amount, self.capacity) - self.level
        return max(0.0, missing / self.per_second)

    def take(self, amount: float, *, now: float) -> None:
        """Take an amount of the budget.

        A negative amount gives back what an estimate took too much.
        """
        self._refill(now)
        self.level = min(self.capacity, self.level - amount)

    def correct(self, level: float, *, now: float) -> None:
        """Lower the level to what the server says.

        A higher one is only what it saw before our latest calls.
        """
        self._refill(now)
        self.level = min(self.level, level)

    def _refill(self, now: float) -> None:
        self.level = min(self.capacity, self.level + max(0.0, now - self._at) * self.per_second)
        self._at = now


class Rates:
    """The budgets of one model for requests and for tokens.

    They are the user's own, and those learned from headers.
    """

    def __init__(self, *, rpm: int | None, tpm: int | None, now: float) -> None:
        self._own = {"requests": _own(rpm, now), "tokens": _own(tpm, now)}
        self._learned: dict[str, Bucket] = {}

    def wait(self, tokens: int, *, now: float) -> float:
        """Return the seconds until a call of about so many tokens may go."""
        return max((bucket.wait(amount, now=now) for bucket, amount in self._all(tokens)), default=0.0)

    def take(self, tokens: int, *, now: float) -> None:
        """Count a call that goes out."""
        for bucket, amount in self._all(tokens):
            bucket.take(amount, now=now)

    def learn(
        self, headers: Mapping[str, str], *, in_flight_tokens: int, in_flight: int, now: float, wall: float = 0.0
    ) -> None:
        """Read the ``x-ratelimit-*`` headers of one answer.

        The calls still in flight are not in its `remaining`. `wall` is the time in seconds since 1970, for servers
        that say a moment where others say a span.
        """
        for what, flying in (("requests", in_flight), ("tokens", in_flight_tokens)):
            limit = _number(headers.get(f"x-ratelimit-limit-{what}"))
            remaining = _number(headers.get(f"x-ratelimit-remaining-{what}"))
            if limit is None or remaining is None or limit <= 0:
                continue
            reset = read_duration(headers.get(f"x-ratelimit-reset-{what}") or "")
            reset = since(reset, now=wall) if reset is not None else None
            used = limit - remaining
            per_second = used / reset if reset and reset > 0 and used > 0 else limit / 60
            bucket = self._learned.get(what)
            if bucket is None or bucket.capacity != limit:
                bucket = self._learned[what] = Bucket(capacity=limit, per_second=per_second, now=now)
            # the rate is noisy while little is used: trust it once a visible share of the budget is gone
            bucket.per_second = per_second if used >= 0.01 * limit else max(per_second, limit / 60)
            bucket.correct(remaining - flying, now=now)

    def _all(self, tokens: int) -> list[tuple[Bucket, float]]:
        pairs = []
        for what, amount in (("requests", 1.0), ("tokens", float(tokens))):
            for bucket in (self._own[what], self._learned.get(what)):
                if bucket is not None:
                    pairs.append((bucket, amount))
        return pairs


def _own(per_minute: int | None, now: float) -> Bucket | None:
    """The user's ceiling, spent evenly: one second's worth at once, at least one call."""
    if per_minute is None:
        return None
    return Bucket(capacity=max(1.0, per_minute / 60), per_second=per_minute / 60, now=now)


def _number(text: str | None) -> float | None:
    try:
        value = float(text) if text is not None else None
    except ValueError:
        return None
    return value if value is not None and math.isfinite(value) else None
