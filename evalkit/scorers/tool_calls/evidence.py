"""What the report shows beside a case: both sides of each call, argument by argument."""

from __future__ import annotations

from collections.abc import Mapping

from evalkit.core.exchange import Json
from evalkit.core.verdict import A_REFUSAL, NO_CALL
from evalkit.scorers.tool_calls.nouns import Attempt, Call, Expectation
from evalkit.scorers.tool_calls.pair import FINE, Argument
from evalkit.scorers.tool_calls.parts import Graded, has_passed
from evalkit.scorers.tool_calls.shown import LONGEST, call_line, shorten

_MOST = 20


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
        found["broken"] = [piece[:LONGEST] for piece in attempt.broken[:_MOST]]
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
        call_line(call.name, call.arguments if call.arguments is not None else call.raw) for call in attempt.calls
    )


def expected_text(expectation: Expectation) -> str:
    """Write what is expected, in one line."""
    wanted = expectation.calls or expectation.required
    if wanted:
        return "; ".join([call.line for call in wanted])
    return {"ask": "a question for what is missing", "any": "anything that keeps the conditions"}.get(
        expected_decision(expectation), NO_CALL
    )


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
    calls = [{"name": call.name, "arguments": call.shown} for call in wanted]
    rows: list[dict[str, Json]] = [
        {
            "expected": calls[met.expected],
            "got": _show_made_call(made[met.made]),
            "arguments": [_argument(a, wanted[met.expected].shown) for a in met.pair.arguments],
        }
        for met in match.met
    ]
    rows += [{"expected": calls[i], "got": None, "arguments": []} for i in match.missing]
    rows += [
        {"expected": None, "got": _show_made_call(made[i]), "arguments": []} for i in (*match.extra, *match.duplicates)
    ]
    return rows


def _argument(argument: Argument, expected: Mapping[str, Json]) -> dict[str, Json]:
    row: dict[str, Json] = {"name": argument.name, "verdict": argument.verdict}
    if argument.expected is not None:
        row["expected"] = expected[argument.name]
    if argument.verdict not in ("missing", "omitted"):
        row["got"] = shorten(argument.got)
    return row


def _show_made_call(call: Call) -> dict[str, Json]:
    if call.arguments is None:
        return {"name": call.name, "raw": shorten(call.raw), "fault": call.fault}
    return {"name": call.name, "arguments": {name: shorten(value) for name, value in call.arguments.items()}}
