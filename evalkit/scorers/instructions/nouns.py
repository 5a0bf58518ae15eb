"""What a check of an instruction is given, and how it reads its arguments."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

Mode = Literal["sensible", "compat"]
MORE, LESS = frozenset({"at least", "以上"}), frozenset({"less than", "未満"})


class BadInstruction(ValueError):
    """An instruction whose arguments are not there, or not of the right kind."""


@dataclass(frozen=True, slots=True)
class InstructionArguments:
    """The arguments of one instruction."""

    values: Mapping[str, Any]
    mode: Mode

    @property
    def compat(self) -> bool:
        """Whether the official checker's habits are followed."""
        return self.mode == "compat"

    def text(self, key: str) -> str:
        """Return a text."""
        value = self.values.get(key)
        if not isinstance(value, str) or not value.strip():
            raise BadInstruction(f"{key} must be a text")
        return value

    def texts(self, key: str) -> list[str]:
        """Return a list of texts."""
        value = self.values.get(key)
        if not isinstance(value, (list, tuple)) or not value or not all(isinstance(one, str) and one for one in value):
            raise BadInstruction(f"{key} must be a list of texts")
        return list(value)

    def count(self, key: str) -> int:
        """Return a whole number; tables hold it as 3.0."""
        value = self.values.get(key)
        if isinstance(value, bool) or not isinstance(value, (int, float)) or value != int(value) or value < 0:
            raise BadInstruction(f"{key} must be a whole number from 0 up")
        return int(value)

    def holds(self, number: int, limit: str, *, relation: str = "relation") -> bool:
        """Tell whether a number is at least the limit, or less than it."""
        how = self.text(relation)
        if how not in MORE | LESS:
            raise BadInstruction(f"{relation} must be one of {', '.join(sorted(MORE | LESS))}, not {how!r}")
        return number >= self.count(limit) if how in MORE else number < self.count(limit)


Check = Callable[[str, InstructionArguments], bool]
