"""A function as a scorer: `@evalkit.scorer` over one that returns a number, a bool or a Score."""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any, overload

from evalkit.core.errors import UsageError
from evalkit.core.exchange import Example, Json, Response
from evalkit.core.verdict import Metric, Score
from evalkit.scorers.signature import option_hints, place_of, refuse_signature
from evalkit.scorers.unscorable import Unscorable, short_place, tell_raised

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

    None means that the metric does not apply. Arguments behind `*` are options of the suite.
    """

    def __init__(
        self,
        function: Function,
        *,
        metric: Metric,
        version: str | None = None,
        options: Mapping[str, Any] | None = None,
    ) -> None:
        problems = refuse_signature(function, known=_GIVEN)
        if problems:
            raise UsageError(problems)
        self.options = option_hints(function, known=_GIVEN)
        names = inspect.signature(function).parameters
        self._function = function
        self._names = tuple(name for name in names if name in _GIVEN)
        self._metric = metric
        self._version = version
        self._file = ""
        self._options = dict(options or {})
        self.__doc__ = function.__doc__

    @property
    def version(self) -> str:
        """The one that was given, else a digest of the code or file."""
        return self._version or self._file or digest_function(self._function)

    def __call__(self, *args: Any, **kwargs: Any) -> float | bool | Score | None:
        """The function itself, as it was written."""
        return self._function(*args, **kwargs)

    def in_file(self, digest: str) -> FunctionScorer:
        """Return the scorer as that of a file with this digest.

        Any edit of the file is another version.
        """
        return self._copy(self._options, file=digest[:12])

    def with_options(self, options: Mapping[str, Any]) -> FunctionScorer:
        """Return the scorer with what a suite says of its options."""
        return self._copy(options, file=self._file)

    def _copy(self, options: Mapping[str, Any], *, file: str) -> FunctionScorer:
        found = FunctionScorer(self._function, metric=self._metric, version=self._version, options=options)
        found._file = file
        return found

    def metrics(self) -> Sequence[Metric]:
        """List the one metric: what the function returns."""
        return (self._metric,)

    def score(self, example: Example, response: Response) -> Score:
        """Call the function and return what it says as a score.

        A number or bool becomes the value, None a score that does not apply. Unscorable where the function raises, or
        returns anything else: the message has its file and line.
        """
        given = {name: _GIVEN[name](example, response) for name in self._names}
        try:
            said = self._function(**given, **self._options)
        except (Exception, SystemExit) as error:  # a user's function may raise anything, and must not end the command
            raise Unscorable(tell_raised(error)) from error
        if isinstance(said, Score):
            return said
        common: dict[str, Any] = {
            "example_id": example.id,
            "scorer": "",
            "version": self.version,
            "repeat": response.repeat,
        }
        if said is None:
            return Score(**common, status="NOT_APPLICABLE", reason="the scorer says that it does not apply")
        return Score(**common, value=self._number(said))

    def _number(self, said: object) -> float:
        """The value that was returned; Unscorable where it is no number, or none that the metric can have."""
        said = said.item() if getattr(said, "shape", None) == () and hasattr(said, "item") else said
        value = float(said) if isinstance(said, (bool, int, float)) else None
        wanted = "0 or 1, for its metric is yes/no" if self._metric.binary else "a number"
        good = value is not None and value - value == 0.0 and (not self._metric.binary or value in (0.0, 1.0))
        if value is None or not good:
            where = place_of(self._function)
            place = f" ({short_place(where.file, where.line)})" if where is not None else ""
            shown = repr(said)[:60]
            raise Unscorable(f"{_name(self._function)}{place} returned {shown} ({type(said).__name__}), not {wanted}")
        return value

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

    Its arguments are any of example, response, text, target, messages, tags; behind `*` it may have others, with
    types, which are options that a suite gives.

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
