"""The scorer of tool calls: strict mode is ours, bfcl_compat follows the Berkeley Function-Calling Leaderboard."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Literal

from evalkit.core.exchange import Example, Json, Response
from evalkit.core.verdict import Metric, Score
from evalkit.reading.calls import FORMATS, Format
from evalkit.scorers.schemas.equal import is_same_json
from evalkit.scorers.schemas.validate import Backend, BadSchema, checker
from evalkit.scorers.tool_calls import bfcl
from evalkit.scorers.tool_calls.attempt import read_attempt
from evalkit.scorers.tool_calls.bfcl.attempt import read_attempt as read_as_bfcl
from evalkit.scorers.tool_calls.bfcl.dialects import READERS
from evalkit.scorers.tool_calls.evidence import evidence, expected_text, reading_text, reason
from evalkit.scorers.tool_calls.expectation import read_expectation
from evalkit.scorers.tool_calls.faults import schema_errors
from evalkit.scorers.tool_calls.match import match
from evalkit.scorers.tool_calls.nouns import Attempt, Call, Expectation, Tool
from evalkit.scorers.tool_calls.parts import STRICT_METRICS, Graded, has_passed, strict_parts
from evalkit.scorers.tool_calls.tools import read_tools, tool_names
from evalkit.scorers.tool_calls.trajectory import (
    broken_conditions,
    drop_done,
    earlier_calls,
    final_state,
    state_function,
)
from evalkit.scorers.values.how import How, read_how


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCalls:
    """1 when the calls are exactly those expected, else 0.

    Where none is expected, 1 when none was made or tried.

    Native calls are read where the response has them, else its text in the dialects allowed; text that looks like a
    call and is in none of them is `unread`, which passes nothing. The target is
    {"tool_calls": [{"name", "arguments"}]}; an empty list means "must not call", `ask` beside it "must ask".

    Evidence: `decision` (call, abstain, malformed, refusal, unread), `expected` (call, abstain, ask, any), `dialect`,
    `calls` (a list of {expected: {name, arguments} | null, got: {name, arguments} | {name, raw, fault} | null,
    arguments: [{name, verdict, expected, got}]}; verdicts: right, default, omitted, wrong, missing, unexpected,
    unknown), `errors` (a list of {tool, keyword, pointer, message}), `broken` pieces of text, `conditions` that fail.
    In bfcl_compat: `decision`, `expected`, `error_type`, `error`, `category`.
    """

    VERSION: ClassVar[str] = "2"

    mode: Literal["strict", "bfcl_compat"] = "strict"
    """strict: typed matchers, optimal assignment. bfcl_compat: BFCL's verdicts, its quirks included"""
    order: Literal["any", "given"] = "any"
    """Whether calls must come in the order of the target; a target's own `order: given` wins"""
    arguments: dict[str, str | dict[str, Any]] = field(default_factory=dict)
    """`parameter` or `tool.parameter` -> matcher, e.g. {date: date, "search.query": {fuzzy: 0.8}, note: ignore}"""
    dialects: tuple[Format, ...] | None = None
    """Which ways of writing a call as text are read; all that are known where it is left out. bfcl_compat knows
    hermes, mistral, llama, pythonic and json"""
    state: str | None = None
    """An installed entry point of the group evalkit.states: a case passes when its final state is the expected one"""
    category: str | None = None
    """bfcl_compat: the category (simple, multiple, parallel, irrelevance, relevance, java, javascript); by default the
    example's tag `category`, else what its target and tools imply"""
    underscores: bool = False
    """bfcl_compat: the model was shown tool names whose dots became underscores, as OpenAI's API demands"""
    backend: Backend = "jsonschema"

    def __post_init__(self) -> None:
        for name in self.arguments:
            try:
                read_how(self.arguments[name])
            except ValueError as error:
                raise ValueError(f"arguments.{name}: {error}") from None
        if self.state is not None:
            state_function(self.state)

    @property
    def version(self) -> str:
        """The version of the numbers."""
        return self.VERSION

    def metrics(self) -> Sequence[Metric]:
        """List the pass, and in strict mode every layer by itself."""
        return STRICT_METRICS if self.mode == "strict" else bfcl.METRICS

    def check(self, example: Example) -> Sequence[str]:
        """Check that the target is readable, its tools offered, their schemas valid."""
        if self.mode == "bfcl_compat":
            return bfcl.problems(example, category=self.category, underscores=self.underscores)
        try:
            expectation = self._expectation(example)
        except ValueError as error:
            return (str(error),)
        try:
            tools = read_tools(example.tools)
        except RecursionError:
            return ("the schema of a tool is nested too deeply",)
        return (*_bad_schemas(tools, self.backend), *_not_offered(expectation, tools))

    def score(self, example: Example, response: Response) -> Score:
        """Read the attempt, match it with the target, and give every layer its number."""
        if self.mode == "bfcl_compat":
            known = [name for name in READERS if self.dialects is None or name in self.dialects]
            attempt = read_as_bfcl(response, tool_names(example.tools), dialects=known)
            score = bfcl.score(example, response, attempt, category=self.category, underscores=self.underscores)
            return replace(score, version=self.VERSION)
        tools = read_tools(example.tools)
        schemas = {name: tool.schema for name, tool in tools.items()}
        attempt = read_attempt(response, schemas, formats=self._formats)
        graded = self._grade(example, attempt, tools)
        return Score(
            example_id=example.id,
            scorer="",
            version=self.VERSION,
            value=float(has_passed(graded)),
            parts=strict_parts(graded),
            reason=reason(graded),
            evidence=evidence(graded),
            repeat=response.repeat,
            reading=reading_text(attempt),
            expected=expected_text(graded.expectation),
        )

    @property
    def _formats(self) -> tuple[str, ...]:
        return FORMATS if self.dialects is None else self.dialects

    def _grade(self, example: Example, attempt: Attempt, tools: Mapping[str, Tool]) -> Graded:
        expectation = self._expectation(example)
        earlier = earlier_calls(example, tools, formats=self._formats)
        left = drop_done(expectation, earlier, tools)
        listed = expectation.ordered and not expectation.trajectory  # of a trajectory other calls may stand between
        return Graded(
            expectation=left,
            attempt=attempt,
            tools=tools,
            match=match(left.calls or left.required, attempt.calls, tools, ordered=listed),
            errors=schema_errors(attempt, tools, backend=self.backend),
            conditions=bool(expectation.required or expectation.forbidden) or expectation.at_most is not None,
            broken_conditions=broken_conditions(expectation, (*earlier, *attempt.calls), tools),
            state_holds=self._state_holds(expectation, earlier, attempt),
        )

    def _expectation(self, example: Example) -> Expectation:
        """Kept beside its target and the suite's matchers: every arm and every repeat is held against the same one."""
        target, rules = example.target, self.arguments
        key = (id(target), id(rules), self.order)
        recent = _RECENT.get(key)
        if recent is not None and recent[0] is target and recent[1] is rules:
            return recent[2]
        expectation = self._same_words(target)
        if len(_RECENT) >= _MOST_RECENT:
            _RECENT.clear()
        _RECENT[key] = (target, rules, expectation)
        return expectation

    def _same_words(self, target: Json) -> Expectation:
        """Of a target that reads as another one (paraphrases, a set read twice) what was read of that."""
        try:
            key = (json.dumps(target), id(self.arguments), self.order)
        except (TypeError, ValueError, RecursionError):
            return self._read(target)
        recent = _BY_WORDS.get(key)
        if recent is not None and recent[0] is self.arguments:
            return recent[1]
        expectation = self._read(target)
        if len(_BY_WORDS) >= _MOST_RECENT:
            _BY_WORDS.clear()
        _BY_WORDS[key] = (self.arguments, expectation)
        return expectation

    def _read(self, target: Json) -> Expectation:
        hows: dict[str, How] = {name: read_how(raw) for name, raw in self.arguments.items()}
        expectation = read_expectation(target, arguments=hows)
        return replace(expectation, ordered=True) if self.order == "given" else expectation

    def _state_holds(self, expectation: Expectation, earlier: Sequence[Call], attempt: Attempt) -> bool | None:
        """Whether the final state is the target's `state`, or that of the expected calls where it names none."""
        if self.state is None:
            return None
        function = state_function(self.state)
        done: list[dict[str, Json]] = [
            {"name": c.name, "arguments": c.arguments} for c in earlier if c.arguments is not None
        ]
        made = [{"name": c.name, "arguments": c.arguments} for c in attempt.calls if c.arguments is not None]
        wanted = expectation.state
        if wanted is None:
            if not expectation.calls:
                return None
            calls = [
                {"name": c.name, "arguments": {k: e.value for k, e in c.arguments.items() if e.kind != "any"}}
                for c in expectation.calls
            ]
            wanted = final_state(function, expectation.initial_state, [*done, *calls])
        return is_same_json(final_state(function, expectation.initial_state, [*done, *made]), wanted)


_RECENT: dict[tuple[int, int, str], tuple[Json, Mapping[str, Any], Expectation]] = {}
_BY_WORDS: dict[tuple[str, int, str], tuple[Mapping[str, Any], Expectation]] = {}
_MOST_RECENT = 32_768


def _bad_schemas(tools: Mapping[str, Tool], backend: Backend) -> list[str]:
    found: list[str] = []
    for tool in tools.values():
        try:
            checker(tool.schema, backend=backend)
        except BadSchema as error:
            found.append(f"the parameters of tool {tool.name} are no valid schema: {error}")
    return found


def _not_offered(expectation: Expectation, tools: Mapping[str, Tool]) -> list[str]:
    """An example without tools keeps them in its prompt; then nothing is known of them here."""
    if not tools:
        return []
    wanted = [call.name for call in (*expectation.calls, *expectation.required)]
    return [f"the target calls {name}, which is not among the example's tools" for name in wanted if name not in tools]
