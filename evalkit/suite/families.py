"""What the families of a suite mean for its gates: whose tags they compare, and what is missing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from evalkit.core.errors import Location, Problem
from evalkit.suite.families_spec import families_problems
from evalkit.suite.spec import SuiteSpec


@dataclass(frozen=True, slots=True)
class ToldFamilies:
    """A suite whose gates know its families, and what is wrong."""

    spec: SuiteSpec
    problems: tuple[Problem, ...]


def with_families(spec: SuiteSpec, root: Path, locate: Callable[..., Location]) -> ToldFamilies:
    """Return the suite with the tags of its families in its gates."""
    problems: list[Problem] = []
    tags: tuple[str, ...] = ()
    if spec.families is not None:
        problems = families_problems(spec.families, root, locate)
        tags = () if problems else spec.families.tags(root)
    gates = [gate.over_families(tags) for gate in spec.gates]
    broken = bool(problems)
    for index, gate in enumerate(gates):
        if getattr(gate, "families", False) and not gate.cut_by() and not broken:
            problems.append(
                Problem(
                    what=f"gate {gate.type}: there are no families to compare within",
                    where=locate("gates", index),
                    todo="name the tags of its groups in `slices`, or give the suite `families`",
                )
            )
    return ToldFamilies(spec.model_copy(update={"gates": gates}), tuple(problems))
