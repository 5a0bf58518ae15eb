"""An example and an attempt in BFCL's shapes, and its verdict as a Score."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from evalkit.core.exchange import Example, Json, Response
from evalkit.core.verdict import Metric, Score
from evalkit.scorers.tool_calls.bfcl.decode import Decoded, Undecodable, decode
from evalkit.scorers.tool_calls.bfcl.entry import language_of, settle
from evalkit.scorers.tool_calls.expectation import read_expectation
from evalkit.scorers.tool_calls.nouns import Attempt
from evalkit.scorers.values.expected import Expected, read_expected

METRICS = (
    Metric(about="BFCL's verdict: its AST checker's, or its relevance and irrelevance rules'"),
    Metric(part="decision", about="called where a call is expected, held back where none is; malformed is neither"),
    Metric(part="overcall", higher_is_better=False, about="of cases that must not call: called, or tried to"),
    Metric(part="malformed", higher_is_better=False, about="tried to call, and nothing of it can be read"),
)
_GROUPS = ("irrelevance", "relevance", "parallel", "multiple", "simple", "java", "javascript")
NATIVE_TARGET = "possible_answer"
"""A target in BFCL's own notation: {"possible_answer": [{function: {parameter: [accepted, ...]}}]}"""


def problems(example: Example, *, category: str | None, underscores: bool = False) -> Sequence[str]:
    """Find why BFCL's rules cannot judge this example.

    `underscores`: tools may be offered with dots as underscores.
    """
    try:
        answers = possible_answers(example.target)
        group = _category(example, len(answers), category)
    except ValueError as error:
        return (str(error),)
    if category is not None and not any(word in category for word in _GROUPS):
        return (f"{category!r} is no BFCL category; its name holds one of {', '.join(_GROUPS)}",)
    if answers or "relevance" in group:
        names = {function.get("name") for function in _functions(example)}
        wanted = [name for answer in answers for name in answer]
        missing = [n for n in wanted if not names & {n, n.replace(".", "_") if underscores else n}]
        return tuple(f"the target calls {name}, which is not offered" for name in missing)
    return ('an empty target needs the category "irrelevance" or "relevance"',)


def score(example: Example, response: Response, attempt: Attempt, *, category: str | None, underscores: bool) -> Score:
    """Score an answer 1 or 0 by BFCL's verdict.

    As there, a malformed attempt on an irrelevant prompt passes; `malformed` counts it.
    """
    answers = possible_answers(example.target)
    group = _category(example, len(answers), category)
    try:
        calls: Decoded | None = decode(attempt, language_of(group))
        fault = ""
    except Undecodable as error:
        calls, fault = None, str(error)
    verdict = settle(calls, _functions(example), answers, category=group, underscores=underscores, fault=fault)
    must_call = "irrelevance" not in group
    return Score(
        example_id=example.id,
        scorer="",
        version="",
        value=float(verdict.valid),
        parts={
            "decision": float(attempt.decision == "call" if must_call else attempt.decision in ("abstain", "refusal")),
            "overcall": None if must_call else float(attempt.decision in ("call", "malformed")),
            "malformed": float(attempt.decision == "malformed"),
        },
        reason="" if verdict.valid else f"{verdict.error_type}: {verdict.error}",
        evidence={
            "decision": attempt.decision,
            "expected": "call" if must_call else "abstain",
            "category": group,
            "error_type": verdict.error_type,
            "error": verdict.error,
        },
        repeat=response.repeat,
    )


def _category(example: Example, expected: int, category: str | None) -> str:
    """The one asked for, the example's tag where that is BFCL's, else what target and tools imply."""
    found = category or example.tags.get("category", "")
    if any(word in found for word in _GROUPS):
        return found
    if expected != 1:
        return "parallel" if expected else "irrelevance"
    return "multiple" if len(example.tools) > 1 else "simple"


def _functions(example: Example) -> list[Mapping[str, Json]]:
    return [t["function"] if isinstance(t.get("function"), Mapping) else t for t in example.tools]


def possible_answers(target: Json) -> list[Mapping[str, Mapping[str, Sequence[Json]]]]:
    """Return BFCL's possible answers of a target.

    As they stand under `possible_answer`, else from evalkit's notation.

    >>> possible_answers({"tool_calls": [{"name": "f", "arguments": {"a": {"any_of": [1, 2], "optional": True}}}]})
    [{'f': {'a': [1, 2, '']}}]
    """
    if isinstance(target, Mapping) and NATIVE_TARGET in target:
        native = target[NATIVE_TARGET]
        if not isinstance(native, list) or not all(isinstance(a, Mapping) and len(a) == 1 for a in native):
            raise ValueError(f"{NATIVE_TARGET} is a list of {{function: {{parameter: [accepted, ...]}}}}")
        return list(native)
    calls = read_expectation(target).calls
    return [{call.name: {name: _accepted_values(want) for name, want in call.arguments.items()}} for call in calls]


def _accepted_values(want: Expected) -> list[Json]:
    choices = want.choices if want.kind == "any_of" else (want,) if want.kind != "any" else ()
    return [_alternatives(choice.value) for choice in choices] + ([""] if want.optional else [])


def _alternatives(value: Json) -> Json:
    """BFCL lists alternatives for each key of a dict answer, also within lists of dicts."""
    if isinstance(value, Mapping):
        return {key: _accepted_member(member) for key, member in value.items()}
    if isinstance(value, list):
        return [_alternatives(read_expected(item).value) if isinstance(item, Mapping) else item for item in value]
    return value


def _accepted_member(member: Json) -> list[Json]:
    want = read_expected(member)
    choices = want.choices if want.kind == "any_of" else (want,) if want.kind != "any" else ()
    return [choice.value for choice in choices] + ([""] if want.optional else [])
