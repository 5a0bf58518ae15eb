"""Keys of models.yaml that say how weights are loaded: whether they fit the provider and each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from evalkit.core.errors import Problem
from evalkit.suite.spec import ModelSpec

PLANS = ("auto", "balanced", "balanced_low_0", "sequential")
"""Words that accelerate makes a device map of"""
KEYS = ("quantization", "device_map", "allow_pickle")


def foreign_keys(spec: ModelSpec) -> Iterator[str]:
    """Yield the keys of a spec that only weights on this machine have."""
    yield from (key for key in KEYS if getattr(spec, key))


def loading_problems(spec: ModelSpec) -> Iterator[tuple[str, Problem]]:
    """Yield what contradicts itself, each with the key that it is told at."""
    plan = spec.device_map
    if plan is None:
        return
    if spec.device is not None:
        what = f"device: {spec.device} and device_map are two answers to where it computes"
        yield "device_map", Problem(what=what, todo="keep one of them")
    if isinstance(plan, str):
        if plan not in PLANS:
            allowed = f"{', '.join(PLANS)}, or a mapping of modules to devices"
            yield "device_map", Problem(what=f"there is no device_map {plan!r}", allowed=allowed)
        return
    yield from (("device_map", problem) for problem in _place_problems(plan))


def _place_problems(plan: Mapping[str, int | str]) -> Iterator[Problem]:
    if not plan:
        yield Problem(what="device_map is an empty mapping", allowed='modules and their devices: {"": 0}')
    for module, device in plan.items():
        if device == "disk":
            what = f"device_map puts {module or 'everything'} on disk: every answer would read the weights again"
            yield Problem(what=what, allowed="cpu, cuda:0 or the number of a GPU")
