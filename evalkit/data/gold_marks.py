"""Marks on training rows and turns that say: this answer is not to be learned, so it is no gold either."""

from __future__ import annotations

from collections.abc import Mapping

from evalkit.core.exchange import Json

NO_GOLD = "no_gold"
"""The key of `Example.extra` that holds the mark of a row without gold"""
REJECTED = "rejected_answer"
"""The key of `Example.extra` that keeps the answer so marked"""

_SWITCHES = ("train", "loss", "trainable", "kto_tag")
"""False, or 0: not learned"""
_WEIGHTS = ("loss_weight", "weight")
"""0: not learned"""
TURN_MARKS = (*_SWITCHES, *_WEIGHTS)
"""Marks that turns may bear"""


def mark_of(row: Mapping[str, Json]) -> str:
    """Return the mark of an answer that is not to be learned.

    The mark is of a row, or of a turn; it is empty where there is none.

    `label` is one where it is false (KTO: an undesirable answer; beside `completion` 0 is false too); any other value
    of it is somebody's own.

    >>> mark_of({"label": False}), mark_of({"label": 0, "loss_weight": 0.0}), mark_of({"label": True, "train": None})
    ('label: false', 'loss_weight: 0', '')
    """
    label = row.get("label")
    if label is False or (label == 0 and isinstance(label, (int, float)) and row.get("completion") is not None):
        return "label: false"
    for name in _SWITCHES:
        value = row.get(name)
        if value is not None and (value == 0 or (isinstance(value, str) and value.strip().lower() == "false")):
            return f"{name}: false"
    for name in _WEIGHTS:
        value = row.get(name)
        if value is not None and not isinstance(value, (str, list, dict)) and value == 0:
            return f"{name}: 0"
    return ""


def is_learned(turn: Mapping[str, Json]) -> bool:
    """Return whether an assistant turn is trained on."""
    return not mark_of({**turn, "label": None})
