"""Gold calls held against their own tools and their own matchers, before they judge anybody."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from evalkit.core.exchange import Example, Json, Response, ToolCall
from evalkit.scorers.schemas.patterns import TookTooLong
from evalkit.scorers.schemas.resolve import view_of
from evalkit.scorers.schemas.strict_subset import is_tool_name, strict_faults
from evalkit.scorers.schemas.validate import BadSchema, checker
from evalkit.scorers.tool_calls.expectation import read_expectation
from evalkit.scorers.tool_calls.nouns import ExpectedCall, Tool
from evalkit.scorers.tool_calls.scorer import ToolCalls
from evalkit.scorers.tool_calls.tools import read_tools
from evalkit.scorers.values.compare import is_absence
from evalkit.scorers.values.expected import Expected, read_expected


class Open(ValueError):
    """No single value stands for this matcher (a regex, "any")."""


def problems_of_example(example: Example, scorer: ToolCalls | None = None) -> tuple[str, ...]:
    """Say why this gold cannot be right.

    Target or tools cannot be read, or it breaks its own schema or matcher.
    """
    scorer = scorer or ToolCalls()
    unreadable = tuple(scorer.check(example))
    if unreadable or scorer.mode == "bfcl_compat":
        return unreadable
    tools = read_tools(example.tools)
    expectation = read_expectation(example.target)
    try:
        broken = [
            problem
            for call in (*expectation.calls, *expectation.required)
            for problem in _schema_problems(call, tools.get(call.name))
        ]
        return (*broken, *_self_problems(example, scorer))
    except TookTooLong as error:
        return (f"its target cannot be held against the schema: {error}",)


def gold_response(example: Example) -> Response | None:
    """Return the response that gives exactly what is expected.

    None where no single one does (a regex, a question to ask).
    """
    expectation = read_expectation(example.target)
    if expectation.ask is not None:
        return None
    try:
        calls = tuple(_tool_call(call) for call in expectation.calls or expectation.required)
    except Open:
        return None
    return Response(example_id=example.id, text=None if calls else "OK.", tool_calls=calls)


def always_call(example: Example) -> Response:
    """Return a lazy answer: always a call of the first tool.

    With nothing in it, whatever is asked.
    """
    name = next(iter(read_tools(example.tools)), "call")
    return Response(example_id=example.id, tool_calls=(ToolCall(name=name, arguments="{}"),))


def strict_problems(
    tools: Sequence[Mapping[str, Json]], *, fine_tuned: bool = False, parallel: bool | None = None
) -> tuple[str, ...]:
    """Find what OpenAI's strict mode refuses in tools that ask for it.

    They ask for it by `strict: true`.

    `parallel`: the request's parallel_tool_calls; anything but False lets a fine-tuned model call several at once,
    and then strict mode is disabled for those calls.
    """
    found: list[str] = []
    strict = [body for body in map(_body, tools) if body.get("strict") is True]
    for body in strict:
        name = str(body.get("name", ""))
        if not is_tool_name(name):
            found.append(f"tool {name!r}: a name is 1 to 64 of A-Z a-z 0-9 _ -")
        schema = body.get("parameters")
        if isinstance(schema, Mapping):
            found += [f"tool {name} {fault}" for fault in strict_faults(schema, fine_tuned=fine_tuned)]
    if strict and fine_tuned and parallel is not False:
        found.append(
            "strict mode is disabled when a fine-tuned model calls several tools in one turn: "
            "set generate.parallel_tool_calls to false, or do not count on valid arguments"
        )
    return tuple(found)


def _body(tool: Mapping[str, Json]) -> Mapping[str, Json]:
    inner = tool.get("function")
    return inner if isinstance(inner, Mapping) else tool


def _schema_problems(call: ExpectedCall, tool: Tool | None) -> list[str]:
    """Every accepted alternative must be one that the tool would take."""
    if tool is None or tool.custom:
        return []
    view = view_of(tool.schema)
    found = [
        f"{call.name} requires {name}, which the target leaves out"
        for name in sorted(view.required)
        if name not in call.arguments or call.arguments[name].optional
    ]
    wanted = {
        name: _alternatives(want)
        for name, want in call.arguments.items()
        if not is_absence(want, view.member(name), required=name in view.required)
    }
    whole = {name: values[0] for name, values in wanted.items() if values}
    for name, values in wanted.items():
        if view.member(name) is None and (view.closed or view.names):
            found.append(f"{call.name} has no parameter {name}")
            continue
        for value in values:
            found += _violations(f"{call.name}.{name}", value, {**whole, name: value}, name, tool.schema)
    return found


def _violations(
    place: str, value: Json, arguments: Mapping[str, Json], name: str, schema: Mapping[str, Json]
) -> list[str]:
    """What is wrong with one argument, seen in its place."""
    try:
        violations = checker(schema)(arguments)
    except BadSchema:
        return []  # check() has told
    pointer = "/" + name.replace("~", "~0").replace("/", "~1")
    return [
        f"{place}: the accepted value {json.dumps(value, ensure_ascii=False)} is not valid: {v.message}"
        for v in violations
        if v.pointer == pointer or v.pointer.startswith(pointer + "/")
    ]


def _alternatives(want: Expected) -> list[Json]:
    choices = want.choices if want.kind == "any_of" else (want,)
    values: list[Json] = []
    for choice in choices:
        try:
            values.append(representative(choice))
        except Open:
            continue
    return values


def representative(want: Expected) -> Json:
    """Return a value that the matcher accepts.

    Raises Open where the notation does not hold one.
    """
    if want.kind == "any_of":
        return representative(want.choices[0])
    if want.kind in ("any", "regex"):
        raise Open(want.kind)
    return _bare(want.value)


def _bare(value: Json) -> Json:
    if isinstance(value, Mapping):
        members = {key: read_expected(member) for key, member in value.items()}
        return {
            key: representative(member)
            for key, member in members.items()
            if member.kind != "any" or not member.optional
        }
    if isinstance(value, (list, tuple)):
        return [representative(read_expected(item)) for item in value]
    return value


def _tool_call(call: ExpectedCall) -> ToolCall:
    given = {
        name: representative(want)
        for name, want in call.arguments.items()
        if not (want.optional and want.kind == "any")
    }
    return ToolCall(name=call.name, arguments=json.dumps(given, ensure_ascii=False))


def _self_problems(example: Example, scorer: ToolCalls) -> list[str]:
    if scorer.state is not None:
        return []
    response = gold_response(example)
    if response is None:
        return []
    score = scorer.score(example, response)
    return [] if score.value == 1.0 else [f"its own target does not pass: {score.reason}"]
