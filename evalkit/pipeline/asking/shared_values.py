"""What many scores say alike, held once: parts, evidence, and the texts of readings and targets."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any, TypeVar

from evalkit.core.exchange import EMPTY, Json

T = TypeVar("T")
_MOST = 4096
"""Different values that are remembered: what is shared is of few kinds, or not worth it"""
_SHORT = 24
"""Characters of a text that may stand in many scores: a stage, a kind"""
_PLAIN = frozenset({str, int, float, bool, type(None)})


class SharedValues:
    """Returns the first of equal values: the next ones take no room.

    What is returned must not be changed. Types count: 1, 1.0 and True are three values.
    """

    def __init__(self) -> None:
        self._parts: dict[tuple[object, ...], Mapping[str, float | None]] = {}
        self._evidence: dict[tuple[object, ...], Mapping[str, Json]] = {}

    def text(self, text: str | None) -> str | None:
        """Return the one text of these letters."""
        return sys.intern(text) if type(text) is str else text

    def parts(self, parts: Mapping[str, float | None]) -> Mapping[str, float | None]:
        """Return the one mapping of these parts."""
        if not parts:
            return EMPTY
        if any(type(value) is not float and value is not None for value in parts.values()):
            return parts
        return _remember(self._parts, (*parts, *parts.values()), parts)

    def evidence(self, evidence: Mapping[str, Json]) -> Mapping[str, Json]:
        """Return the one mapping of this evidence.

        Where a value in it holds more, its texts alone are shared.
        """
        if not evidence:
            return EMPTY
        key: list[object] = []
        flat = True
        shared: dict[str, Json] = {}
        for name, value in evidence.items():
            kind: Any = type(value)
            shared[name] = sys.intern(value) if kind is str else value
            if kind in _PLAIN and (kind is not str or len(value) <= _SHORT):
                key += (name, kind, value)
            elif kind in (list, dict) and not value:
                key += (name, kind)
            else:
                flat = False
        return _remember(self._evidence, tuple(key), shared) if flat else shared


def _remember(
    known: dict[tuple[object, ...], Mapping[str, T]], key: tuple[object, ...], value: Mapping[str, T]
) -> Mapping[str, T]:
    found = known.get(key)
    if found is None:
        found = value
        if len(known) < _MOST:
            known[key] = value
    return found
