"""One list of calls against BFCL's possible answers: simple, multiple and parallel."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from evalkit.core.exchange import Json
from evalkit.scorers.tool_calls.bfcl import java, javascript
from evalkit.scorers.tool_calls.bfcl.types import JAVA, JAVASCRIPT, PYTHON, Kind, settle_kind, type_fault
from evalkit.scorers.tool_calls.bfcl.values import value_fault

Language = Literal["python", "java", "javascript"]
Function = Mapping[str, Json]
Calls = Sequence[Mapping[str, Mapping[str, Json]]]
Accepted = Mapping[str, Sequence[Json]]


@dataclass(frozen=True, slots=True)
class BfclVerdict:
    """BFCL's verdict on an answer, with its first fault.

    `error_type` is BFCL's name for the first fault, None where valid; `error` says it in words.
    """

    valid: bool
    error_type: str | None = None
    error: str = ""


_VALID = BfclVerdict(valid=True)
_MOST = sys.float_info.max


def check(
    functions: Sequence[Function],
    calls: Calls,
    answers: Sequence[Mapping[str, Accepted]],
    *,
    category: str,
    language: Language = "python",
    underscores: bool = False,
) -> BfclVerdict:
    """Check decoded calls against BFCL's possible answers.

    The calls are [{function: {parameter: value}}]; the result is BFCL's verdict.

    `category` decides by substring, as there: parallel, else multiple, else simple. `underscores`: the model was shown
    names whose dots became underscores; `functions` may bear either.
    """
    if "parallel" in category:
        return _parallel(functions, calls, answers, language, underscores)
    group = "multiple" if "multiple" in category else "simple"
    if len(calls) != (len(answers) if group == "multiple" else 1):
        return BfclVerdict(False, f"{group}_function_checker:wrong_count", f"{len(calls)} calls")
    function = _find_described(functions, answers[0], underscores) if group == "multiple" else functions[0]
    return _one(function, calls[0], answers[0], language, underscores)


def _parallel(
    functions: Sequence[Function],
    calls: Calls,
    answers: Sequence[Mapping[str, Accepted]],
    language: Language,
    underscores: bool,
) -> BfclVerdict:
    """Greedy, first fit, in the order of the answers: that is the rule, and it can miss an assignment that exists."""
    group = "parallel_function_checker_no_order"
    if len(calls) != len(answers):
        return BfclVerdict(False, f"{group}:wrong_count", f"{len(calls)} calls, {len(answers)} expected")
    free = list(range(len(calls)))
    for position, answer in enumerate(answers):
        function = _find_described(functions, answer, underscores)
        met = next((i for i in free if _one(function, calls[i], answer, language, underscores).valid), None)
        if met is None:
            return BfclVerdict(False, f"{group}:cannot_find_match", f"nothing meets answer {position}")
        free.remove(met)
    return _VALID


def _find_described(
    functions: Sequence[Function], answer: Mapping[str, Accepted], underscores: bool
) -> Function | None:
    name = next(iter(answer))
    names = (name, name.replace(".", "_")) if underscores else (name,)
    return next((function for function in functions if function.get("name") in names), None)


def _one(
    function: Function | None,
    call: Mapping[str, Mapping[str, Json]],
    answer: Mapping[str, Accepted],
    language: Language,
    underscores: bool,
) -> BfclVerdict:
    """One call against one answer; the first fault ends it."""
    group = "simple_function_checker"
    name = "" if function is None else function["name"].replace(".", "_") if underscores else function["name"]
    if function is None or name not in call:
        return BfclVerdict(False, f"{group}:wrong_func_name", name)
    accepted, given = next(iter(answer.values())), call[name]
    parameters = _object(function.get("parameters"))
    described = _object(parameters.get("properties"))
    required = parameters.get("required")
    for parameter in required if isinstance(required, (list, tuple)) else ():
        if parameter not in given:
            return BfclVerdict(False, f"{group}:missing_required", parameter)
    for parameter, value in given.items():
        if parameter not in described or parameter not in accepted:
            return BfclVerdict(False, f"{group}:unexpected_param", parameter)
        fault = _PARAMETER[language](value, _object(described[parameter]), accepted[parameter])
        if fault is not None:
            return BfclVerdict(False, fault, parameter)
    for parameter, values in accepted.items():
        if parameter not in given and "" not in values:
            return BfclVerdict(False, f"{group}:missing_optional", parameter)
    return _VALID


def _object(found: Json) -> Mapping[str, Json]:
    """A schema of JSON Schema may be true or false, and a careless one anything; BFCL's are objects."""
    return found if type(found) is dict or isinstance(found, Mapping) else {}


def _python(value: Json, described: Mapping[str, Json], accepted: Sequence[Json]) -> str | None:
    kind = PYTHON.read(described)
    if kind.name in ("float", "number") and type(value) is int and -_MOST <= value <= _MOST:
        value = float(value)
    elif kind.name == "tuple" and type(value) is tuple:
        value = list(value)
    return _judge(value, kind, accepted)


def _java(value: Json, described: Mapping[str, Json], accepted: Sequence[Json]) -> str | None:
    if type(value) is not str:
        return "type_error:java"
    kind = JAVA.read(described)
    return _judge(java.convert(value, kind.name, kind.inner_name), kind, accepted)


def _javascript(value: Json, described: Mapping[str, Json], accepted: Sequence[Json]) -> str | None:
    if type(value) is not str:
        return "type_error:js"
    kind = JAVASCRIPT.read(described)
    return _judge(javascript.convert(value, kind.name, kind.inner_name), kind, accepted)


_PARAMETER: Mapping[Language, Callable[[Json, Mapping[str, Json], Sequence[Json]], str | None]] = {
    "python": _python,
    "java": _java,
    "javascript": _javascript,
}


def _judge(value: Json, kind: Kind, accepted: Sequence[Json]) -> str | None:
    kind = settle_kind(kind, accepted)
    fault, variable = type_fault(value, kind, accepted)
    return fault if fault is not None else value_fault(value, kind, accepted, variable=variable)
