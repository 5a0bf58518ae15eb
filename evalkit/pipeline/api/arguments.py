"""The arguments of `evalkit.compare`: what cannot be meant is told at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import get_args

from evalkit.core.errors import Problem, UsageError, did_you_mean, join_allowed
from evalkit.pipeline.options import Executor, Mode

_ARM = "a name of models.yaml, provider:model, or the path of a recording"
_OBJECT = "an object: models={'mine': it} and its name here; several candidates: one call each"


def check_arguments(**given: object) -> None:
    """Refuse arguments that cannot be meant.

    Raises UsageError with all of them.
    """
    problems = [
        Problem(what=f"{name} is {value!r:.60}{_near(name, value)}", allowed=allowed, todo=todo)
        for name, value in given.items()
        for fits, allowed, todo in [_RULES[name]]
        if not fits(value)
    ]
    if problems:
        raise UsageError(problems)


def _near(name: str, value: object) -> str:
    return did_you_mean(value, get_args(Mode)) if name == "mode" and isinstance(value, str) else ""


def _is_name(value: object) -> bool:
    return isinstance(value, str)


def _is_mode(value: object) -> bool:  # a misspelt "replay" must not ask, and pay
    return value in get_args(Mode)


def _is_executor(value: object) -> bool:
    return value in get_args(Executor)


def _is_address(value: object) -> bool:
    return value is None or (isinstance(value, str) and bool(value.strip()))


def _is_paths(value: object) -> bool:
    return isinstance(value, (str, Path)) or (
        isinstance(value, Sequence) and all(isinstance(one, (str, Path)) for one in value)
    )


def _is_mapping(value: object) -> bool:
    return value is None or isinstance(value, Mapping)


def _is_models(value: object) -> bool:
    return value is None or isinstance(value, (str, Path, Mapping))


def _is_count(value: object) -> bool:
    return value is None or (isinstance(value, int) and not isinstance(value, bool) and value >= 1)


def _is_seed(value: object) -> bool:
    return value is None or (isinstance(value, int) and not isinstance(value, bool) and value >= 0)


def _is_money(value: object) -> bool:
    return value is None or (isinstance(value, (int, float)) and not isinstance(value, bool) and value >= 0)


def _is_folder(value: object) -> bool:
    return value is None or isinstance(value, (str, Path))


_RULES: Mapping[str, tuple[Callable[[object], bool], str, str | None]] = {
    "base": (_is_name, _ARM, _OBJECT),
    "candidate": (_is_name, _ARM, _OBJECT),
    "suites": (_is_paths, "a file or a folder, or a sequence of them", None),
    "models": (_is_models, "the path of a models.yaml, or a mapping of names to models", None),
    "scorers": (_is_mapping, "a mapping of names to scorers, such as {'brief': brief}", None),
    "mode": (_is_mode, join_allowed(get_args(Mode)), None),
    "limit": (_is_count, "a whole number, at least 1", None),
    "seed": (_is_seed, "a whole number, at least 0", None),
    "max_cost": (_is_money, "a sum in USD, at least 0", None),
    "workers": (_is_count, "a whole number, at least 1", None),
    "executor": (_is_executor, join_allowed(get_args(Executor)), None),
    "ray_address": (_is_address, "HOST:PORT, 'auto', or None to start a cluster here", None),
    "root": (_is_folder, "a folder, or None to keep nothing", None),
}
"""Argument -> whether it fits, what is allowed, what to do"""
