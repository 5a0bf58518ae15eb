"""How an arm was really asked, as its answers tell: the same today and when the answers are read back next year."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any

from evalkit.core.exchange import Json, ModelIdentity, Response
from evalkit.core.ports import facts_of

_LEARNED = ("adapted", "shutdown_date")
"""Details that only the run which asked can know: a run from kept answers must come to the same verdict"""


def find_adaptations(rows: Iterable[Iterable[Response]]) -> dict[str, Json]:
    """Find every parameter that was sent otherwise than asked.

    They are name -> other name, other value, None for left out.
    """
    found: dict[str, Json] = {}
    for row in rows:
        for response in row:
            if response.adapted:
                found.update(response.adapted)
    return dict(sorted(found.items()))


def tell_adaptations(identity: ModelIdentity, changes: Mapping[str, Json]) -> ModelIdentity:
    """Return the identity with what its answers tell in `details`.

    It stands there instead of what was learned on the way.
    """
    details = {name: value for name, value in identity.details.items() if name not in _LEARNED}
    if changes:
        details["adapted"] = dict(changes)
    return dataclasses.replace(identity, details=details)


def notes_of(model: Any, changes: Mapping[str, Json]) -> tuple[str, ...]:
    """Write the report's sentences about how this arm was asked."""
    if not facts_of(model).adapts:
        return tuple(getattr(model, "notes", ()))
    if not changes:
        return ()
    said = [f"{name} left out" if new is None else f"{name} -> {new}" for name, new in changes.items()]
    return (f"the server of {model.identity.name} refused parameters and is asked differently: {', '.join(said)}",)
