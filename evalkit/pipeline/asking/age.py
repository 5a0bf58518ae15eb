"""How old the kept answers are that a run used: a model behind a name may have moved on."""

from __future__ import annotations

from evalkit.core.ports import Store
from evalkit.pipeline.options import Options

_DAY_S = 86_400.0
_TOLD_S = _DAY_S
"""Younger answers than this are of today"""


def tell_age(store: Store | None, options: Options) -> None:
    """Tell how old the oldest kept answer is, beyond a day."""
    oldest: float | None = getattr(store, "oldest", None)
    if oldest is None:
        return
    age = options.now().timestamp() - oldest
    if age > _TOLD_S:
        days = f"{age / _DAY_S:,.0f} day" + ("" if round(age / _DAY_S) == 1 else "s")
        options.say(f"the oldest kept answer of this run is {days} old; --max-age 7d asks again what is older")
