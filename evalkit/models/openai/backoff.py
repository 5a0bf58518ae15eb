"""When a failed call may be tried again, and how often: by kind of failure."""

from __future__ import annotations

import random
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

from evalkit.core.exchange import FailureKind

RETRIES: Mapping[FailureKind, int] = {"rate_limit": 24, "server": 6, "connection": 6, "timeout": 2, "malformed": 4}
"""Attempts beyond the first, a kind. What is not here is never tried again: it would fail for the same cause."""

_FIRST_S = 0.5
_LONGEST_S = 30.0
_EPOCH = 1e9
"""Seconds from which a number is a moment (in 2001 and after), no span of 32 years"""


def retry_after(headers: Mapping[str, str], *, now: float) -> float | None:
    """Return the seconds that the server asks to wait.

    It says so as ``retry-after-ms``, or ``retry-after`` in seconds or as a date.

    `now` is the wall clock in seconds since 1970.

    >>> retry_after({"retry-after": "1.5"}, now=0.0), retry_after({"retry-after-ms": "20"}, now=0.0)
    (1.5, 0.02)
    >>> retry_after({"retry-after": "Thu, 01 Jan 1970 00:01:00 GMT"}, now=15.0)
    45.0
    """
    milliseconds = _number(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return max(0.0, milliseconds / 1000)
    text = headers.get("retry-after")
    if text is None:
        return None
    seconds = _number(text)
    if seconds is not None:
        return max(0.0, since(seconds, now=now))
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - now)
    except (ValueError, TypeError, IndexError, OverflowError, AttributeError):  # of dates that are none
        return None


def since(value: float, *, now: float) -> float:
    """Return the seconds from now that a server's number means.

    Some say the moment itself, in seconds or milliseconds since 1970.

    >>> since(30.0, now=1.8e9), since(1.8e9 + 30, now=1.8e9), since(1.8e12 + 30_000, now=1.8e9)
    (30.0, 30.0, 30.0)
    """
    if value >= _EPOCH * 1000:
        return value / 1000 - now
    return value - now if value >= _EPOCH else value


def say_wait(seconds: float) -> str:
    """Return a wait in words, short however long it is.

    >>> say_wait(90), say_wait(1e18)
    ('90 s', 'more than a day')
    """
    return f"{seconds:,.0f} s" if seconds <= 86_400 else "more than a day"


def delay(attempt: int, *, asked: float | None, dice: random.Random) -> float:
    """Return the seconds before retry number `attempt` (from 0).

    They are what the server asked and up to a tenth more, else full jitter.

    Full jitter draws evenly between 0 and a bound that doubles, so that refused calls do not come back together
    (Brooker, "Exponential Backoff And Jitter", 2015).
    """
    if asked is not None:
        return asked * (1 + 0.1 * dice.random())
    return dice.uniform(0.0, min(_LONGEST_S, _FIRST_S * 2.0**attempt))


def _number(text: str | None) -> float | None:
    try:
        value = float(text) if text is not None else None
    except ValueError:
        return None
    return value if value is not None and value == value and value < float("inf") else None
