"""The numbers of strict mode, layer by layer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from evalkit.core.exchange import Json
from evalkit.core.verdict import Metric
from evalkit.scorers.tool_calls.asking import asks_for
from evalkit.scorers.tool_calls.faults import count_not_offered
from evalkit.scorers.tool_calls.match import Match
from evalkit.scorers.tool_calls.nouns import Attempt, Call, Expectation, ExpectedCall, Tool

Parts = dict[str, float | None]


def _less(part: str, about: str, *, binary: bool = True) -> Metric:
    return Metric(part=part, higher_is_better=False, binary=binary, about=about)


STRICT_METRICS = (
    Metric(
        about="the calls are exactly those expected (in any order, unless given); nothing called where nothing may be"
    ),
    Metric(
        part="decision",
        about="called where a call is expected, held back where none is; a malformed attempt is neither",
    ),
    Metric(
        part="read",
        about="the answer could be read: it is not empty, and not a text that looks like a call in no known format",
    ),
    Metric(part="call_recall", about="of cases that need a call: a readable call was made"),
    Metric(part="call_precision", about="of responses that call: a call was expected (None where none was made)"),
    _less("overcall", "of cases that must not call: called, or tried to, or what looks like a call cannot be read"),
    _less("malformed", "tried to call, and nothing of it can be read"),
    _less("unread", "looks like a call, and is in no format that is known"),
    _less("refused", "refused instead of calling or answering"),
    Metric(part="asked", about="of cases that lack information: asked for it instead of calling"),
    Metric(part="name", about="the names are the expected ones, as a multiset"),
    Metric(part="schema", about="every call is offered, readable and valid under its schema; no call is invalid"),
    Metric(part="arguments", about="every expected call is there with all its arguments right (surplus calls aside)"),
    Metric(part="exact", about="calls equal as multisets: arguments right, none missing, extra or duplicate"),
    Metric(part="args_precision", binary=False, low=0.0, high=1.0, about="right arguments among those given"),
    Metric(part="args_recall", binary=False, low=0.0, high=1.0, about="right arguments among those expected"),
    Metric(part="args_f1", binary=False, low=0.0, high=1.0, about="harmonic mean of the two"),
    Metric(
        part="calls_f1",
        binary=False,
        low=0.0,
        high=1.0,
        about="summed similarity of the best assignment, as an F1 over calls",
    ),
    _less("missing_calls", "expected calls that nothing met (a count)", binary=False),
    _less("extra_calls", "surplus calls (a count)", binary=False),
    _less("duplicate_calls", "surplus calls that repeat another (a count)", binary=False),
    _less(
        "hallucinated",
        "a tool was called that was not offered (None where none was called, or the example lists no tools)",
    ),
    _less("wrapper_leak", "the machinery was called, as multi_tool_use.parallel or functions.x"),
    _less("args_malformed", "arguments that are no JSON object, truncated ones too"),
    _less("args_double_encoded", "arguments encoded as JSON twice"),
    _less("args_empty", 'arguments written as "" or null'),
    _less("unknown_params", "parameters the tool does not have (a count)", binary=False),
    _less("missing_params", "expected or required parameters left out (a count)", binary=False),
    Metric(part="trajectory", about="required, forbidden and at_most all hold (None where the case names none)"),
    Metric(part="state", about="the final state is the expected one (None where no state is asked for)"),
)


class Graded(NamedTuple):
    """Everything known of one response in strict mode, before it becomes numbers."""

    expectation: Expectation
    attempt: Attempt
    tools: Mapping[str, Tool]
    match: Match
    errors: Sequence[Mapping[str, Json]]
    conditions: bool = False
    """The target names conditions (required, forbidden, at_most), met by earlier turns or not"""
    broken_conditions: tuple[str, ...] = ()
    state_holds: bool | None = None


def strict_parts(graded: Graded) -> Parts:
    """Compute every part of STRICT_METRICS but the main one.

    A part that does not apply to the example is None.
    """
    return {**_decision(graded), **_calls(graded), **_faults(graded), **_conditions(graded)}


def has_passed(graded: Graded) -> bool:
    """Return whether the case passes, the main value."""
    expected, attempt = graded.expectation, graded.attempt
    if graded.broken_conditions or graded.state_holds is False:
        return False
    if not is_right_decision(graded):
        return False
    if expected.ask is not None and not asks_for(attempt.text, expected.ask):
        return False
    if expected.trajectory or graded.state_holds:
        return not attempt.broken
    return not expected.calls or _is_exact(graded)


def is_right_decision(graded: Graded) -> bool:
    """Return whether the decision to call or not to call is right.

    Called where a call is expected; where none is, neither called nor tried to. A trajectory leaves it open.
    """
    decision = graded.attempt.decision
    if graded.expectation.must_call:
        return decision == "call"
    if graded.expectation.trajectory:
        return decision not in ("malformed", "unread")
    return decision in ("abstain", "refusal")


def _decision(graded: Graded) -> Parts:
    expected, decision = graded.expectation, graded.attempt.decision
    must_not = not expected.must_call and not expected.trajectory
    asked = None
    if expected.ask is not None:
        asked = float(decision in ("abstain", "refusal") and asks_for(graded.attempt.text, expected.ask))
    return {
        "decision": float(is_right_decision(graded)),
        "read": float(graded.attempt.was_read),
        "call_recall": float(decision == "call") if expected.must_call else None,
        "call_precision": float(not must_not) if decision == "call" else None,
        "overcall": float(decision in ("call", "malformed", "unread")) if must_not else None,
        "malformed": float(decision == "malformed"),
        "unread": float(decision == "unread"),
        "refused": float(decision == "refusal"),
        "asked": asked,
    }


_CALL_PARTS = (
    "name", "schema", "arguments", "exact", "args_precision", "args_recall", "args_f1", "calls_f1", "missing_calls",
    "extra_calls", "duplicate_calls", "missing_params",
)  # fmt: skip


def _calls(graded: Graded) -> Parts:
    """The layers below the decision, over all cases that name their calls, whatever was answered."""
    expected, attempt, match = graded.expectation, graded.attempt, graded.match
    if not expected.calls:
        return dict.fromkeys(_CALL_PARTS)
    right, wanted, given = match.counts(expected.calls, attempt.calls)
    fine = match.fine
    exact = fine and match.exact
    near = sum([met.pair.similarity for met in match.met])
    readable = bool(attempt.calls) and not attempt.broken
    return {
        "name": float(readable and _names(attempt.calls) == _names(expected.calls)),
        "schema": _schema(graded, readable=readable),
        "arguments": float(fine),
        "exact": float(exact and not attempt.broken),
        "args_precision": right / given if given else float(exact),
        "args_recall": right / wanted if wanted else float(fine),
        "args_f1": 2 * right / (given + wanted) if given + wanted else float(exact),
        "calls_f1": 2 * near / (len(expected.calls) + len(attempt.calls) + len(attempt.broken)),
        "missing_calls": float(len(match.missing)),
        "extra_calls": float(len(match.extra) + len(attempt.broken)),
        "duplicate_calls": float(len(match.duplicates)),
        "missing_params": float(_missing_params(graded)),
    }


def _names(calls: Sequence[Call | ExpectedCall]) -> list[str]:
    return sorted([call.name for call in calls])


def _schema(graded: Graded, *, readable: bool) -> float | None:
    """A parameter that an open schema does not list is legal; without a list of tools nothing can be said."""
    if not graded.tools:
        return None
    return float(readable and all(error["keyword"] == "unknown" for error in graded.errors))


def _is_exact(graded: Graded) -> bool:
    return graded.match.exact and not graded.attempt.broken


def _missing_params(graded: Graded) -> int:
    match = graded.match
    left_out = sum([a.verdict == "missing" for met in match.met for a in met.pair.arguments])
    return left_out + sum([len(graded.expectation.calls[i].arguments) for i in match.missing])


_FAULT_PARTS = (
    "hallucinated", "wrapper_leak", "args_malformed", "args_double_encoded", "args_empty", "unknown_params",
)  # fmt: skip
_BAD_ARGUMENTS = frozenset({"malformed", "truncated", "not_object"})


def _faults(graded: Graded) -> Parts:
    attempt = graded.attempt
    if not attempt.calls and not attempt.broken:
        return dict.fromkeys(_FAULT_PARTS)
    faults = {call.fault for call in attempt.calls}
    not_offered, leaks = count_not_offered(attempt.calls, graded.tools)
    found: Parts = {
        "hallucinated": float(not_offered > 0),
        "wrapper_leak": float(leaks > 0),
        "args_malformed": float(bool(attempt.broken or faults & _BAD_ARGUMENTS)),
        "args_double_encoded": float("double_encoded" in faults),
        "args_empty": float(any(call.empty for call in attempt.calls)),
        "unknown_params": float(sum([error["keyword"] == "unknown" for error in graded.errors])),
    }
    if not graded.tools:
        found |= dict.fromkeys(("hallucinated", "wrapper_leak", "unknown_params"))
    return found


def _conditions(graded: Graded) -> Parts:
    return {
        "trajectory": float(not graded.broken_conditions) if graded.conditions else None,
        "state": None if graded.state_holds is None else float(graded.state_holds),
    }
