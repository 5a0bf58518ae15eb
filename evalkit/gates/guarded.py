"""What a gate is asked, where the gate may come from a package: its crash is told, and costs no verdict."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from evalkit.suite.gate_spec import gate_table

_Answer = TypeVar("_Answer")


def ask_gate(name: str, question: Callable[[], _Answer]) -> _Answer | str:
    """The answer of a gate; one sentence where a gate that evalkit does not bring itself raises an error."""
    try:
        return question()
    except Exception as error:
        if gate_table().is_own(name):
            raise
        return f"{type(error).__name__}: {error}"
