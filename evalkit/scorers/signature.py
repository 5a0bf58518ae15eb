"""What the signature of a user's scoring function says: its arguments, its options, what it returns."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Iterator
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from evalkit.core.errors import Location, Problem, did_you_mean
from evalkit.core.verdict import Score

Named = Callable[..., Any]
RETURNS = "bool, int, float, None or evalkit.Score"


def refuse_signature(function: Named, *, known: Collection[str]) -> tuple[Problem, ...]:
    """List what is wrong with a scoring function, before it is ever called.

    `known` are the arguments that it may ask for. Each problem has the function's file and line.
    """
    where, name = place_of(function), getattr(function, "__qualname__", type(function).__name__)
    wrong = [*_arguments(function, known), *_kind(function)]
    return tuple(
        Problem(what=f"the scorer {name!r} {what}", where=where, allowed=allowed, todo=todo)
        for what, allowed, todo in wrong
    )


def option_hints(function: Named, *, known: Collection[str]) -> dict[str, tuple[Any, bool]]:
    """Return the options of a function.

    name -> (type, whether it must be given). They are its arguments behind `*` that are not among the `known` ones.
    """
    hints = _hints(function)
    return {
        name: (hints.get(name, Any), one.default is one.empty)
        for name, one in inspect.signature(function).parameters.items()
        if _is_option(one, known)
    }


def place_of(function: Named) -> Location | None:
    """Return the file and the line in which a function begins.

    None of what is not written in Python.
    """
    code = getattr(inspect.unwrap(function), "__code__", None)
    return None if code is None else Location(file=code.co_filename, line=code.co_firstlineno)


def _arguments(function: Named, known: Collection[str]) -> Iterator[tuple[str, str | None, str | None]]:
    parameters = inspect.signature(function).parameters
    plain = {name: one for name, one in parameters.items() if not _is_option(one, known)}
    allowed = f"arguments named {', '.join(known)}; behind `*` others, with types, as options of the suite"
    unknown = [name for name in plain if name not in known]
    if unknown or not plain:
        near = did_you_mean(unknown[0], known) if len(unknown) == 1 else ""
        yield f"asks for {', '.join(unknown) or 'nothing'}{near}", allowed, None
    bare = [n for n, one in parameters.items() if _is_option(one, known) and one.annotation is one.empty]
    if bare:
        yield f"has options without a type: {', '.join(bare)}", None, f"write `{bare[0]}: int`, say"


def _is_option(one: inspect.Parameter, known: Collection[str]) -> bool:
    return one.kind is one.KEYWORD_ONLY and one.name not in known


def _kind(function: Named) -> Iterator[tuple[str, str | None, str | None]]:
    if inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function):
        yield "is async, and scorers are called as they are", None, "write it with `def`"
    elif inspect.isgeneratorfunction(function):
        yield "yields, and a score is returned", None, "return one number"
    says = _hints(function).get("return", Any)
    wrong = [kind for kind in _alternatives(says) if not _is_score(kind)]
    if wrong:
        yield f"says that it returns {_word(wrong[0])}, which is no score", RETURNS, None


def _hints(function: Named) -> dict[str, Any]:
    """The annotations; none where they name what is not there."""
    try:
        return get_type_hints(function)
    except (NameError, TypeError, AttributeError):
        return {}


def _alternatives(kind: Any) -> tuple[Any, ...]:
    return get_args(kind) if get_origin(kind) in (Union, UnionType) else (kind,)


def _is_score(kind: Any) -> bool:
    if kind is Any or not isinstance(kind, type):
        return kind not in ("", None) and get_origin(kind) not in (list, dict, tuple, set)
    return kind is NoneType or issubclass(kind, (bool, int, float, Score)) or kind.__module__.startswith("numpy")


def _word(kind: Any) -> str:
    return getattr(kind, "__name__", str(kind)) if isinstance(kind, type) and not get_args(kind) else str(kind)
