"""The sandbox of prompt templates: no attributes, no files, and nothing so large that rendering would not end."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jinja2.sandbox import ImmutableSandboxedEnvironment

LARGEST = 1_000_000
"""Characters, items or bits that an operation of a template may make"""
_SIZED = {"batch": 1, "center": 1, "format": 9, "indent": 1, "slice": 1, "tojson": 2}
"""The filters that take a size, and how many arguments stand before it; of `format` it is a width in the text"""
_WRITERS = ("format", "format_map")
_WIDE = re.compile(r"\d{7,}")


def sandbox() -> ImmutableSandboxedEnvironment:
    """Build the sandbox in which templates are rendered.

    Values are immutable, unknown names are errors, and `*`, `**`, `%`, calls and filters are bounded.
    """
    from jinja2 import StrictUndefined
    from jinja2.runtime import Context
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    class Bounded(ImmutableSandboxedEnvironment):
        intercepted_binops = frozenset({"*", "**", "%"})

        def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
            if operator == "%":
                _check_text(left, right if isinstance(right, tuple) else (right,))
            elif _size_made(operator, left, right) > LARGEST:
                raise ValueError(_too_large(f"what `{operator}` makes"))
            return super().call_binop(context, operator, left, right)

        def call(__self, __context: Context, __obj: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: N805 as jinja2 has it
            owner = getattr(getattr(__obj, "__wrapped__", __obj), "__self__", None)
            if (isinstance(owner, str) and __obj.__name__ not in _WRITERS) or __obj is __self.globals.get("lipsum"):
                _check_numbers((*args, *kwargs.values()))
            _check_text(owner, ())
            return super().call(__context, __obj, *args, **kwargs)

    environment = Bounded(undefined=StrictUndefined, keep_trailing_newline=True)
    sized = {name: _bound_size(environment.filters[name], skip=skip) for name, skip in _SIZED.items()}
    environment.filters = {**environment.filters, **sized}
    return environment


def _size_made(operator: str, left: Any, right: Any) -> int:
    """How many characters, items or bits come out at most."""
    if isinstance(left, int) and isinstance(right, int):
        return left.bit_length() * right if operator == "**" else left.bit_length() + right.bit_length()
    for one, other in ((left, right), (right, left)):
        if operator == "*" and isinstance(one, int) and hasattr(other, "__len__"):
            return one * len(other)
    return 0


def _bound_size(function: Callable[..., Any], *, skip: int) -> Callable[..., Any]:
    @wraps(function)
    def check_size(*args: Any, **kwargs: Any) -> Any:
        _check_numbers((*args[skip:], *kwargs.values()))
        _check_text(args[0] if args else None, args)
        return function(*args, **kwargs)

    return check_size


def _check_numbers(values: tuple[Any, ...]) -> None:
    if any(isinstance(value, int) and abs(value) > LARGEST for value in values):
        raise ValueError(_too_large("a number"))


def _check_text(text: Any, values: tuple[Any, ...]) -> None:
    """A text that asks for a width (`"%09999999d" % 1`, `"{:9999999}".format(1)`) asks for so many characters."""
    if not isinstance(text, str) or not ("%" in text or "{" in text):
        return
    if _WIDE.search(text) or ("*" in text and any(isinstance(v, int) and abs(v) > LARGEST for v in values)):
        raise ValueError(_too_large("a width"))


def _too_large(what: str) -> str:
    return f"{what} is too large for a template: at most {LARGEST:,}"
