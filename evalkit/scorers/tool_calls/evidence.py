"""What the report shows beside a case: both sides of each call, argument by argument."""

from __future__ import annotations

import json
from collections.abc import Mapping

from evalkit.core.exchange import Json
from evalkit.core.verdict import A_REFUSAL, NO_CALL
from evalkit.scorers.tool_calls.nouns import Attempt, Call, Expectation, ExpectedCall
from evalkit.scorers.tool_calls.pair import FINE, Argument
from evalkit.scorers.tool_calls.parts import Graded, has_passed
from evalkit.scorers.values.expected import Expected

_MOST = 20
_LONGEST = 200


def evidence(graded: Graded) -> dict[str, Json]:
    """Return the evidence of a case as small JSON.

    Decision, expected, dialect, calls, errors, and the conditions that do not hold.
    """
    attempt = graded.attempt
    found: dict[str, Json] = {
        "decision": attempt.decision,
        "expected": expected_decision(graded.expectation),
        "calls": _calls(graded)[:_MOST],
        "errors": [dict(error) for error in graded.errors[:_MOST]],
    }
    if attempt.dialect:
        found["dialect"] = attempt.dialect
    if attempt.broken:
        found["broken"] = [piece[:_LONGEST] for piece in attempt.broken[:_MOST]]
    if graded.broken_conditions:
        found["conditions"] = list(graded.broken_conditions)
    return found


def reason(graded: Graded) -> str:
    """Say why the case does not pass; empty if it does."""
    if has_passed(graded):
        return ""
    decision, wanted = graded.attempt.decision, expected_decision(graded.expectation)
    if graded.broken_conditions:
        return graded.broken_conditions[0]
    if graded.state_holds is False:
        return "the final state differs"
    if decision == "malformed":
        return "tried to call, but the call cannot be read"
    if decision == "unread":
        return "looks like a call, but is in no format that is known: read the answer, and name its format"
    if wanted == "ask":
        return "called instead of asking" if decision == "call" else "did not ask for what is missing"
    if (wanted == "call") != (decision == "call"):
        return "called, but must not" if decision == "call" else f"a call was expected, got {decision}"
    return _first_difference(graded)


def expected_decision(expectation: Expectation) -> str:
    """Return the expected decision: call, abstain, ask, or any.

    "any" is that of a trajectory that requires nothing.
    """
    if expectation.ask is not None and not expectation.must_call:
        return "ask"
    if expectation.trajectory and not expectation.must_call:
        return "any"
    return "call" if expectation.must_call else "abstain"


def reading_text(attempt: Attempt) -> str | None:
    """Write what was read, in one line.

    None where there was nothing, or nothing that could be.
    """
    if not attempt.was_read:
        return None
    if attempt.decision == "malformed":
        return "a call that cannot be read"
    if attempt.decision != "call":
        return NO_CALL if attempt.decision == "abstain" else A_REFUSAL
    return "; ".join(
        _line(call.name, call.arguments if call.arguments is not None else call.raw) for call in attempt.calls
    )


def expected_text(expectation: Expectation) -> str:
    """Write what is expected, in one line."""
    wanted = expectation.calls or expectation.required
    if wanted:
        return "; ".join(_line(call.name, {k: show_expected(v) for k, v in call.arguments.items()}) for call in wanted)
    return {"ask": "a question for what is missing", "any": "anything that keeps the conditions"}.get(
        expected_decision(expectation), NO_CALL
    )


def _line(name: str, arguments: Json) -> str:
    text = arguments if isinstance(arguments, str) else _WRITTEN.encode(arguments)
    return f"{name}({text[:_LONGEST]})"


_WRITTEN = json.JSONEncoder(ensure_ascii=False, sort_keys=True)


def _first_difference(graded: Graded) -> str:
    expected, match = graded.expectation.calls, graded.match
    for met in match.met:
        for argument in met.pair.arguments:
            if argument.verdict not in FINE:
                return f"{expected[met.expected].name}.{argument.name} is {argument.verdict}"
    if match.missing:
        return f"no call of {expected[match.missing[0]].name} meets what is expected"
    if match.duplicates:
        return f"{graded.attempt.calls[match.duplicates[0]].name} is called twice"
    if match.extra:
        return f"{graded.attempt.calls[match.extra[0]].name} is called, but not expected"
    return "a piece of the answer wanted to be a call and cannot be read"


def _calls(graded: Graded) -> list[dict[str, Json]]:
    wanted = graded.expectation.calls or graded.expectation.required
    made, match = graded.attempt.calls, graded.match
    rows: list[dict[str, Json]] = []
    for met in match.met:
        rows.append(
            {
                "expected": _show_expected_call(wanted[met.expected]),
                "got": _show_made_call(made[met.made]),
                "arguments": [_argument(a) for a in met.pair.arguments],
            }
        )
    rows += [{"expected": _show_expected_call(wanted[i]), "got": None, "arguments": []} for i in match.missing]
    rows += [
        {"expected": None, "got": _show_made_call(made[i]), "arguments": []} for i in (*match.extra, *match.duplicates)
    ]
    return rows


def _argument(argument: Argument) -> dict[str, Json]:
    row: dict[str, Json] = {"name": argument.name, "verdict": argument.verdict}
    if argument.expected is not None:
        row["expected"] = show_expected(argument.expected)
    if argument.verdict not in ("missing", "omitted"):
        row["got"] = _short(argument.got)
    return row


def _show_expected_call(call: ExpectedCall) -> dict[str, Json]:
    return {"name": call.name, "arguments": {name: show_expected(want) for name, want in call.arguments.items()}}


def _show_made_call(call: Call) -> dict[str, Json]:
    if call.arguments is None:
        return {"name": call.name, "raw": _short(call.raw), "fault": call.fault}
    return {"name": call.name, "arguments": {name: _short(value) for name, value in call.arguments.items()}}


def show_expected(expected: Expected) -> Json:
    """Write an expected value in the notation of data sets."""
    if expected.kind == "equals" and not expected.optional:
        return _short(expected.value)
    if expected.kind == "any":
        return {"optional": True} if expected.optional else {"any": True}
    plain: Json = _short(expected.value)
    if expected.kind == "any_of":
        plain = {"any_of": [show_expected(choice) for choice in expected.choices]}
    elif expected.kind != "equals":
        plain = {expected.kind: plain, **expected.options}
    if expected.optional:
        return {**plain, "optional": True} if isinstance(plain, Mapping) else {"value": plain, "optional": True}
    return plain


def _short(value: Json) -> Json:
    if isinstance(value, (dict, list)):
        if _surely_short(value, _LONGEST) >= 0:
            return value
        text = json.dumps(value, ensure_ascii=False)
        return value if len(text) <= _LONGEST else text[:_LONGEST] + "…"
    return value[:_LONGEST] + "…" if isinstance(value, str) and len(value) > _LONGEST else value


_NUMBER = 25
"""Characters that a float takes at most"""


def _surely_short(value: Json, left: int) -> int:
    """What is left of `left` characters behind a value as JSON, taken at its longest; negative where it is too long."""
    if isinstance(value, str):
        return left - 2 * len(value) - 4
    if isinstance(value, int):
        return left - value.bit_length() // 3 - 8
    if isinstance(value, dict):
        left -= 2
        for key, inner in value.items():
            left = _surely_short(inner, left - 2 * len(str(key)) - 6)
            if left < 0:
                break
        return left
    if isinstance(value, list):
        left -= 2
        for inner in value:
            left = _surely_short(inner, left - 2)
            if left < 0:
                break
        return left
    return left - _NUMBER
