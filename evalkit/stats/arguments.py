"""One check of arguments for every public function of this room: told in words, all of them at once.

The table goes by the names of parameters, which mean the same everywhere: shares and confidences lie between 0 and 1,
counts are whole and not negative, cells of a paired table come in the order both, fixed, broken, neither (fixed: only
the candidate is right; broken: only the base), and what may be a list may be an array.
"""

from __future__ import annotations

import functools
import inspect
import math
import numbers
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from evalkit.core.errors import Problem, UsageError

Check = Callable[[Any], str | None]
"""What is wrong with a value, as the words behind `NAME is VALUE: `; None if nothing is"""


class ArgumentError(UsageError, ValueError):
    """An argument that means nothing; a ValueError as well, as Python's own functions raise."""


def check_arguments(function: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap a function so that wrong arguments raise ArgumentError, and lists become arrays."""
    signature = inspect.signature(function)
    name = function.__name__
    checks = {key: check for key in signature.parameters if (check := _rule(name, key)) is not None}
    arrays = [key for key in signature.parameters if key in _ARRAYS and (name, key) not in _NO_ARRAY]

    @functools.wraps(function)
    def check_and_call(*args: Any, **kwargs: Any) -> Any:
        bound = signature.bind(*args, **kwargs)
        given = bound.arguments
        wrong = [problem for key in arrays if key in given for problem in _to_array(name, key, given)]
        wrong += [
            _problem(name, key, given[key], why)
            for key, check in checks.items()
            if key in given and (why := check(given[key])) is not None
        ]
        wrong = wrong or [Problem(what=f"{name}: {what}") for what in _together(name, given)]
        if wrong:
            raise ArgumentError(wrong)
        return function(*bound.args, **bound.kwargs)

    return check_and_call


def _problem(function: str, name: str, value: object, why: str) -> Problem:
    shown = repr(value)
    return Problem(what=f"{function}: {name} is {shown if len(shown) <= 60 else shown[:57] + '...'}: {why}")


def _is_number(value: object) -> bool:
    return isinstance(value, numbers.Real) and not isinstance(value, bool | np.bool_)


def _inside(value: Any) -> str | None:
    if not _is_number(value) or not 0.0 < value < 1.0:
        percent = _is_number(value) and 1.0 < value < 100.0
        return "it lies between 0 and 1" + (f", such as {value / 100:g}" if percent else "")
    return None


def _share(value: Any) -> str | None:
    return None if _is_number(value) and 0.0 <= value <= 1.0 else "it is a share, from 0 to 1"


def _positive(value: Any) -> str | None:
    return None if _is_number(value) and 0.0 < value < math.inf else "it is a number above 0"


def _not_negative(value: Any) -> str | None:
    return None if _is_number(value) and 0.0 <= value < math.inf else "it is a number, 0 or more"


def _finite(value: Any) -> str | None:
    return None if _is_number(value) and math.isfinite(value) else "it is a finite number"


def _count(value: Any) -> str | None:
    whole = _is_number(value) and math.isfinite(value) and float(value) == math.floor(value) and value >= 0
    return None if whole else "it is a count: whole, 0 or more"


def _counts(value: Any) -> str | None:
    array = np.asarray(value)
    if array.dtype.kind not in "iuf":
        return "it is a count, or an array of counts"
    fine = np.isfinite(array).all() and (array >= 0).all()
    return None if fine else "it is a count, or an array of counts: 0 or more"


def _at_least_one(value: Any) -> str | None:
    return None if _count(value) is None and value >= 1 else "it is a whole number, 1 or more"


def _two_at_least(value: Any) -> str | None:
    return None if _count(value) is None and value >= 2 else "it is a whole number, 2 or more"


def _table(value: Any) -> str | None:
    array = np.asarray(value)
    if array.ndim != 2 or array.dtype.kind not in "biuf":
        return "it is a table of numbers, a row a case and a column a run; NaN where there is none"
    return "it holds infinity; NaN stands for what is missing" if np.isinf(array).any() else None


def _seed(value: Any) -> str | None:
    return _count(value) and "it is a whole number, 0 or more"


def _optional(check: Check) -> Check:
    return lambda value: None if value is None else check(value)


def _limits(value: Any) -> str | None:
    pair = isinstance(value, tuple | list) and len(value) == 2 and all(_is_number(end) for end in value)
    return None if pair and value[0] < value[1] else "it is a pair (low, high), low below high"


_RULES: Mapping[str, Check] = {
    "confidence": _inside,
    "final_confidence": _optional(_inside),
    "power": _inside,
    "alpha": _inside,
    "floor": _inside,
    "planned": _share,
    "quantile": _optional(_inside),
    "discordance": _share,
    "lam": _optional(_share),
    "margin": _optional(_positive),
    "spread": _not_negative,
    "between": _not_negative,
    "within_base": _not_negative,
    "within_candidate": _not_negative,
    "reach": _optional(_positive),
    "delta": _finite,
    "at_most": _finite,
    "low": _finite,
    "high": _finite,
    "mde": _optional(_not_negative),
    "bounds": _limits,
    "scale": _optional(_limits),
    "successes": _not_negative,
    "successes_1": _count,
    "successes_2": _count,
    "n": _not_negative,
    "n_1": _at_least_one,
    "n_2": _at_least_one,
    "both": _count,
    "fixed": _count,
    "same": _count,
    "broken": _count,
    "neither": _count,
    "passed": _count,
    "k": _at_least_one,
    "units": _at_least_one,
    "count": _at_least_one,
    "comparisons": _at_least_one,
    "repeats_base": _at_least_one,
    "repeats_candidate": _at_least_one,
    "draws": _at_least_one,
    "horizon": _two_at_least,
    "scores": _table,
    "seed": _seed,
    "exact_up_to": _count,
}

_OWN: Mapping[tuple[str, str], Check | None] = {
    ("mcnemar_power", "fixed"): _share,
    ("mcnemar_power", "broken"): _share,
    ("tango_interval", "n"): _counts,
    ("tango_interval", "fixed"): _counts,
    ("tango_interval", "broken"): _counts,
    ("tango_z", "n"): _counts,
    ("tango_z", "fixed"): _counts,
    ("tango_z", "broken"): _counts,
    ("tango_z", "delta"): None,
    ("tango_p", "fixed"): _not_negative,
    ("tango_p", "broken"): _not_negative,
    ("tango_p", "margin"): _finite,
    ("lower_bound", "passed"): None,
    ("smallest_detectable", "n"): _positive,
    ("classify", "margin"): _positive,
    ("examples_needed_with_repeats", "delta"): _positive,
}
"""Where a name means something else, or an array as well"""

_ARRAYS = ("values", "base", "candidate", "differences", "labels", "judged", "unlabelled", "p", "passed")
_NO_ARRAY = frozenset({("pass_at_k", "passed"), ("pass_hat_k", "passed"), ("gap_changes", "judged")})


def _rule(function: str, name: str) -> Check | None:
    return _OWN[function, name] if (function, name) in _OWN else _RULES.get(name)


def _to_array(function: str, name: str, given: dict[str, Any]) -> Iterator[Problem]:
    """Put an array of finite numbers in the place of a list; tell what cannot be one."""
    try:
        array = np.asarray(given[name], dtype=np.float64)
    except (TypeError, ValueError):
        yield _problem(function, name, given[name], "it is a list or array of numbers")
        return
    if array.ndim == 0:
        yield _problem(function, name, given[name], "it is a list or array, not one number")
    elif not np.isfinite(array).all():
        yield _problem(
            function, name, given[name], "it holds NaN or infinity; leave out what is missing, from both arms"
        )
    elif name == "p" and array.size and not (array.min() >= 0.0 and array.max() <= 1.0):
        yield _problem(function, name, given[name], "p-values lie from 0 to 1")
    given[name] = array


_PARTS = (("successes", "n"), ("successes_1", "n_1"), ("successes_2", "n_2"), ("passed", "n"), ("k", "n"))


def _together(function: str, given: Mapping[str, Any]) -> Iterator[str]:
    """What no argument shows alone."""
    for part, whole in (
        ("successes", "n"),
        ("successes_1", "n_1"),
        ("successes_2", "n_2"),
        ("passed", "n"),
        ("k", "n"),
    ):
        if part in given and whole in given and not np.ndim(given[part]) and given[part] > given[whole]:
            yield f"{part} {given[part]} of {whole} {given[whole]}"
    if function.startswith("tango") and np.any(np.asarray(given["fixed"]) + np.asarray(given["broken"]) > given["n"]):
        yield f"fixed {given['fixed']} and broken {given['broken']} together are more than n {given['n']}"
    if function == "mcnemar_power" and given["fixed"] + given["broken"] > 1.0:
        yield f"fixed {given['fixed']} and broken {given['broken']} are shares of the same cases: together at most 1"
    if {"low", "high"} <= given.keys() and given["low"] > given["high"]:
        yield f"low {given['low']} lies above high {given['high']}"
    if "base" in given and "candidate" in given and np.shape(given["base"]) != np.shape(given["candidate"]):
        shapes = f"{np.shape(given['base'])} and {np.shape(given['candidate'])}"
        yield f"base and candidate are paired, and have the shapes {shapes}"
    clusters = given.get("clusters")
    first = next((given[name] for name in ("base", "values", "scores") if name in given), None)
    if clusters is not None and first is not None and np.ndim(clusters) == 1 and len(clusters) != len(first):
        yield f"{len(clusters)} labels of clusters for {len(first)} values"
