"""Marks on training rows and turns that say: this answer is not to be learned, so it is no gold either."""

from __future__ import annotations

from collections.abc import Mapping

from evalkit.core.exchange import Json

NO_GOLD = "no_gold"
"""The key of `Example.extra` that holds the mark of a row without gold"""
REJECTED = "rejected_answer"
"""The key of `Example.extra` that keeps the answer so marked"""

_SWITCHES = ("train", "loss", "trainable", "kto_tag")
"""False, 0, "false", "no" or "off": not learned"""
_WEIGHTS = ("loss_weight", "weight")
"""0: not learned"""
_OF_TURNS = ("training", "loss_mask", "loss_scale", "label")
"""Switches of turns alone: a row that says `training: false` may as well be one that was held out"""
_HIDES = ("masked",)
"""Of turns as well; true, 1 or "true": not learned"""
_NO, _YES = frozenset({"false", "no", "off", "0"}), frozenset({"true", "yes", "on", "1"})
TURN_MARKS = (*_SWITCHES, *_WEIGHTS, *_OF_TURNS, *_HIDES)
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
        if _is_off(row.get(name)):
            return f"{name}: false"
    for name in _WEIGHTS:
        value = row.get(name)
        if value is not None and not isinstance(value, (str, list, dict)) and value == 0:
            return f"{name}: 0"
    return ""


def turn_mark_of(turn: Mapping[str, Json]) -> str:
    """Return the mark of a turn that is not to be learned.

    It is empty where there is none.

    >>> turn_mark_of({"masked": True}), turn_mark_of({"loss_mask": 0}), turn_mark_of({"label": 0})
    ('masked: true', 'loss_mask: false', '')
    """
    for name in _HIDES:
        value = turn.get(name)
        if value in (True, 1) or (isinstance(value, str) and value.strip().lower() in _YES):
            return f"{name}: true"
    for name in _OF_TURNS:
        value = turn.get(name)
        if value is False or (name != "label" and _is_off(value)):
            return f"{name}: false"
    return mark_of({**turn, "label": None})


def is_learned(turn: Mapping[str, Json]) -> bool:
    """Return whether an assistant turn is trained on."""
    return not turn_mark_of(turn)


def _is_off(value: Json) -> bool:
    return value is not None and (value == 0 or (isinstance(value, str) and value.strip().lower() in _NO))
