"""A function as a scorer: `@evalkit.scorer` over one that returns a number, a bool or a Score."""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any, overload

from evalkit.core.errors import Problem, UsageError
from evalkit.core.exchange import Example, Json, Response
from evalkit.core.verdict import Metric, Score

Function = Callable[..., float | bool | Score | None]

_GIVEN: Mapping[str, Callable[[Example, Response], Json]] = {
    "example": lambda example, response: example,
    "response": lambda example, response: response,
    "text": lambda example, response: response.text or "",
    "target": lambda example, response: example.target,
    "messages": lambda example, response: example.messages,
    "tags": lambda example, response: example.tags,
}
"""What a function may ask for, by the name of its argument"""


class FunctionScorer:
    """A scorer that calls a function with what its arguments are named after.

    None means that the metric does not apply.
    """

    def __init__(self, function: Function, *, metric: Metric, version: str | None = None) -> None:
        names = tuple(inspect.signature(function).parameters)
        unknown = [name for name in names if name not in _GIVEN]
        if unknown or not names:
            what = f"the scorer {_name(function)!r} asks for {', '.join(unknown) or 'nothing'}"
            raise UsageError(Problem(what=what, allowed=f"arguments named {', '.join(_GIVEN)}"))
        self._function = function
        self._names = names
        self._metric = metric
        self._version = version or digest_function(function)
        self.__doc__ = function.__doc__

    @property
    def version(self) -> str:
        """The one that was given, else a digest of the function's own code."""
        return self._version

    def __call__(self, *args: Any, **kwargs: Any) -> float | bool | Score | None:
        """The function itself, as it was written."""
        return self._function(*args, **kwargs)

    def metrics(self) -> Sequence[Metric]:
        """List the one metric: what the function returns."""
        return (self._metric,)

    def score(self, example: Example, response: Response) -> Score:
        """Call the function and return what it says as a score.

        A number or bool becomes the value, None a score that does not apply.
        """
        said = self._function(**{name: _GIVEN[name](example, response) for name in self._names})
        if isinstance(said, Score):
            return said
        common: dict[str, Any] = {
            "example_id": example.id,
            "scorer": "",
            "version": self._version,
            "repeat": response.repeat,
        }
        if said is None:
            return Score(**common, status="NOT_APPLICABLE", reason="the scorer says that it does not apply")
        return Score(**common, value=float(said))

    def check(self, example: Example) -> Sequence[str]:
        """Check that there is a target where the function asks for one."""
        needs = "target" in self._names and example.target is None
        return ("the row has no target, and the scorer asks for it",) if needs else ()


@overload
def scorer(function: Function, /) -> FunctionScorer: ...


@overload
def scorer(
    *,
    binary: bool | None = None,
    higher_is_better: bool = True,
    about: str = "",
    low: float | None = None,
    high: float | None = None,
    unit: str = "",
    version: str | None = None,
) -> Callable[[Function], FunctionScorer]: ...


def scorer(
    function: Function | None = None,
    /,
    *,
    binary: bool | None = None,
    higher_is_better: bool = True,
    about: str = "",
    low: float | None = None,
    high: float | None = None,
    unit: str = "",
    version: str | None = None,
) -> FunctionScorer | Callable[[Function], FunctionScorer]:
    """Make a scorer of a function.

    Its arguments are any of example, response, text, target, messages, tags.

    `binary` says whether it only ever returns 0 or 1; unset, a function annotated `-> bool` does. `version` names its
    meaning; unset, it is a digest of its code. `low` and `high` are the ends of its scale, and `unit` is what one
    of it is called: without them intervals know only the values seen. UsageError for an argument of another name.

    >>> @scorer
    ... def brief(text: str) -> bool:
    ...     return len(text) < 10
    >>> brief("yes"), brief.metrics()[0].binary
    (True, True)
    """

    def make(function: Function) -> FunctionScorer:
        returns = inspect.signature(function).return_annotation
        yes_no = returns in (bool, "bool") if binary is None else binary
        first_line = (inspect.getdoc(function) or "").partition("\n")[0]
        if low is not None and high is not None and not low < high:
            raise UsageError(f"the scale of a scorer needs low < high, not {low:g} and {high:g}")
        metric = Metric(
            higher_is_better=higher_is_better,
            binary=yes_no,
            about=about or first_line,
            low=low,
            high=high,
            unit=unit,
        )
        return FunctionScorer(function, metric=metric, version=version)

    return make if function is None else make(function)


def _name(function: Callable[..., object]) -> str:
    return getattr(function, "__qualname__", type(function).__name__)


def digest_function(function: Callable[..., object]) -> str:
    """Hash the code of a function and its constants.

    An edit is another version, another file name is not.
    """
    code = getattr(function, "__code__", None)
    if code is None:
        return _name(function)
    seen = repr((_name(function), code.co_code.hex(), _constants(code), code.co_names))
    return hashlib.sha256(seen.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def _constants(code: Any) -> list[Any]:
    """Constants by value; code inside of code (a nested function) by its own, never by its address."""
    return [_constant(part) for part in code.co_consts]


def _constant(part: Any) -> Any:
    if hasattr(part, "co_code"):
        return (part.co_code.hex(), _constants(part), part.co_names)
    return sorted(map(repr, part)) if isinstance(part, frozenset) else repr(part)
