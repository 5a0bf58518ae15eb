"""When a model will be switched off, as its server says, and the sentence to warn with."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from evalkit.core.exchange import Json

if TYPE_CHECKING:
    from openai import AsyncOpenAI

WARN_DAYS = 90
_PATIENCE_S = 10.0


async def shutdown_date(client: AsyncOpenAI, model: str) -> dt.date | None:
    """Return the `shutdown_date` of the models endpoint.

    It is None where the server names none, or cannot be asked.
    """
    try:
        found = await client.with_options(timeout=_PATIENCE_S).models.retrieve(model)
    except Exception:  # many compatible servers have no such endpoint; asking is a courtesy, never a failure
        return None
    return read_date(getattr(found, "shutdown_date", None))


def read_date(value: Json) -> dt.date | None:
    """Read a date written as ISO text or as seconds since 1970.

    >>> read_date("2027-01-14"), read_date(1800000000), read_date("soon")
    (datetime.date(2027, 1, 14), datetime.date(2027, 1, 15), None)
    """
    try:
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return dt.datetime.fromtimestamp(value, tz=dt.UTC).date()
        return dt.date.fromisoformat(value[:10]) if isinstance(value, str) else None
    except (ValueError, OverflowError, OSError):
        return None


def warn_of_end(name: str, model: str, *, ends: dt.date, today: dt.date) -> str | None:
    """Warn of a model that will be gone within 90 days.

    It is None where there is time.
    """
    days = (ends - today).days
    if days > WARN_DAYS:
        return None
    when = f"is switched off on {ends} (in {days} days)" if days > 0 else f"was to be switched off on {ends}"
    return f"{model} {when}: keep its answers with `evalkit record {name} -o {name}.jsonl`"
