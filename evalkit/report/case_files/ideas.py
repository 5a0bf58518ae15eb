"""Places for new training rows: a chat with nothing in it, and beside it what kind of case went wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from evalkit.core.exchange import Json

COLUMNS = ("messages", "idea")
WARNING = (
    "these are places for NEW cases. A held-out case must never be trained on, nor one copied from it: the next "
    "verdict would prove nothing. Before you train: evalkit data check HELD_OUT --trained-on {file}"
)


def training_ideas(rows: Sequence[Mapping[str, Json]]) -> list[dict[str, Json]]:
    """One chat a case, to be written by somebody: none of the words of the case, its answers or its target is in it.

    `idea` says which case it should be like (its id, suite, state and tags) and which metrics changed.
    """
    return [{"messages": [_blank("user"), _blank("assistant")], "idea": _idea(row)} for row in rows]


def _blank(role: str) -> dict[str, Json]:
    return {"role": role, "content": ""}


def _idea(row: Mapping[str, Json]) -> dict[str, Json]:
    tags = {name.removeprefix("tag."): value for name, value in row.items() if name.startswith("tag.") and value}
    return {"like": row["id"], "suite": row["suite"], "state": row["state"], "why": row["why"], "tags": tags}
