"""What a gate is asked, where it may come from a package: its crash is told, and costs no verdict."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from evalkit.core.exchange import Example
from evalkit.suite.gate_spec import GateSpec, Keys, gate_table

_Answer = TypeVar("_Answer")


def ask_gate(name: str, question: Callable[[], _Answer]) -> _Answer | str:
    """Ask a gate; a foreign gate's error becomes one sentence.

    A foreign gate is one that evalkit does not bring itself.
    """
    try:
        return question()
    except (Exception, SystemExit) as error:
        if gate_table().is_own(name):
            raise
        return f"{type(error).__name__}: {error}"


def problems_in(gate: GateSpec) -> list[tuple[str, Keys]]:
    """List what a gate says is wrong with its keys."""
    found = ask_gate(gate.type, lambda: list(gate.problems()))
    return [(f"gate {gate.type} could not check its keys: {found}", ())] if isinstance(found, str) else found


def is_guarded(gate: GateSpec, example: Example) -> bool:
    """Ask a gate whether a case must be asked.

    One that cannot say so guards it.
    """
    found = ask_gate(gate.type, lambda: gate.guards(example))
    return True if isinstance(found, str) else found


def margin_within(gate: GateSpec, metric: str) -> float | None:
    """Ask a gate for its margin of a metric over all cases.

    None where it cannot say.
    """
    found = ask_gate(gate.type, lambda: gate.margin_of(metric))
    return None if isinstance(found, str) else found


def compares_seconds(gate: GateSpec) -> bool:
    """Ask a gate whether it compares the arms' seconds.

    One that cannot say so does not.
    """
    return ask_gate(gate.type, gate.compares_seconds) is True
