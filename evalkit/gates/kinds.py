"""The one table of gates; installed packages add theirs through the entry points `evalkit.gates`."""

from __future__ import annotations

from evalkit.core.registry import Registry
from evalkit.gates.gate import Gate
from evalkit.suite.gate_spec import type_name

TABLE = {
    "must_improve": "evalkit.gates.must_improve:MustImprove",
    "no_regression": "evalkit.gates.no_regression:NoRegression",
    "floor": "evalkit.gates.floor:Floor",
    "fairness": "evalkit.gates.fairness:Fairness",
    "budget": "evalkit.gates.budget:Budget",
    "critical": "evalkit.gates.critical:Critical",
    "disclosure": "evalkit.gates.disclosure:Disclosure",
    "memorisation": "evalkit.gates.memorisation:Memorisation",
    "generalisation": "evalkit.gates.generalisation:Generalisation",
}


def what_is_wrong(name: str, thing: object) -> str | None:
    """Say why a thing cannot be a gate of this name; else None."""
    if not (isinstance(thing, type) and issubclass(thing, Gate)):
        return "a gate is a class that inherits from evalkit.gates.Gate"
    if thing.__abstractmethods__:
        return f"{thing.__name__} has no {' and no '.join(sorted(thing.__abstractmethods__))}"
    if name in thing.model_fields:
        return f"a gate cannot be called like one of its keys ({', '.join(thing.model_fields)})"
    if type_name(thing) != name:
        return f'{thing.__name__} must say its name: type: Literal["{name}"]'
    return None


GATES = Registry("gate", TABLE, group="evalkit.gates", check=what_is_wrong)
