"""Checks of tool calls: made or not, with these arguments or any."""

from __future__ import annotations

from collections.abc import Sequence

from evalkit.core.exchange import Json
from evalkit.scorers.checks.by_scorer import Options
from evalkit.scorers.checks.nouns import BadCheck, CheckedAnswer, CheckResult, Judge
from evalkit.scorers.tool_calls.attempt import read_attempt
from evalkit.scorers.tool_calls.expectation import read_expectation
from evalkit.scorers.tool_calls.match import match
from evalkit.scorers.tool_calls.nouns import Attempt, Expectation, Tool
from evalkit.scorers.tool_calls.tools import read_tools


def build_called(value: Json, options: Options) -> Judge:
    """Make a check that passes where every tool named was called.

    By NAME with any arguments, or {name, arguments} with these.
    """
    names, expected = _read_wanted(value, options, "tool_called")

    def judge(answer: CheckedAnswer) -> CheckResult:
        attempt, tools = _read(answer)
        made = [call.name for call in attempt.calls if not call.fault]
        missing = [name for name in names if name not in made]
        met = match(expected.required, attempt.calls, tools, ordered=False)
        done = {one.expected for one in met.met if one.pair.fine}
        missing += [f"{call.name} so" for at, call in enumerate(expected.required) if at not in done]
        if not missing:
            return CheckResult(True)
        return CheckResult(False, f"not called: {', '.join(missing)}; called: {', '.join(made) or attempt.decision}")

    return judge


def build_not_called(value: Json, options: Options) -> Judge:
    """Make a check that passes where none of the tools was called.

    `true`: none at all; what cannot be read counts as called.
    """
    if value is True and not options:
        names: Sequence[str] | None = None
    else:
        named, expected = _read_wanted(value, options, "tool_not_called")
        if expected.required:
            raise BadCheck("tool_not_called takes names, or true for any tool")
        names = named

    def judge(answer: CheckedAnswer) -> CheckResult:
        attempt, _ = _read(answer)
        if attempt.decision in ("malformed", "unread"):
            return CheckResult(False, "it tried a call that cannot be read")
        called = [call.name for call in attempt.calls if names is None or call.name in names]
        return CheckResult(not called, f"called: {', '.join(called)}" if called else "")

    return judge


def _read_wanted(value: Json, options: Options, name: str) -> tuple[list[str], Expectation]:
    """Names that stand alone, and calls with arguments."""
    if options:
        raise BadCheck(f"{name} takes no option {', '.join(options)}")
    found = value if isinstance(value, list) else [value]
    names = [one for one in found if isinstance(one, str) and one]
    calls = [one for one in found if isinstance(one, dict)]
    if not found or len(names) + len(calls) != len(found):
        raise BadCheck(f"{name} is the name of a tool, {{name: ..., arguments: {{...}}}}, or a list of these")
    names += [one["name"] for one in calls if isinstance(one.get("name"), str) and one.get("arguments") is None]
    try:
        expected = read_expectation({"required": [one for one in calls if one.get("arguments") is not None]})
    except ValueError as error:
        raise BadCheck(str(error)) from None
    if any(not isinstance(one.get("name"), str) for one in calls):
        raise BadCheck(f"{name}: a call needs a name")
    return names, expected


def _read(answer: CheckedAnswer) -> tuple[Attempt, dict[str, Tool]]:
    tools = read_tools(answer.example.tools)
    schemas = {name: tool.schema for name, tool in tools.items()}
    return read_attempt(answer.response, schemas), tools
