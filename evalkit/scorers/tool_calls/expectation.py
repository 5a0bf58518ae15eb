"""A target of a data set as what is expected of the model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from evalkit.core.errors import did_you_mean, join_allowed
from evalkit.core.exchange import Json
from evalkit.core.strict_json import strict
from evalkit.scorers.tool_calls.nouns import Expectation, ExpectedCall
from evalkit.scorers.values.expected import Expected, read_expected
from evalkit.scorers.values.how import How

_KEYS = ("tool_calls", "order", "ask", "required", "forbidden", "at_most", "state", "initial_state")
_CONDITIONS = ("required", "forbidden", "at_most", "state")


def read_expectation(target: Json, *, arguments: Mapping[str, How] | None = None) -> Expectation:
    """Read what a target expects.

    `arguments` holds the suite's own matchers, by ``parameter`` or ``tool.parameter``.

    Forms: {"tool_calls": [...]} with {"name", "arguments"} or {"function": {...}} entries, the list alone, or one
    call alone. Beside the calls: `order: given`, `ask`, and for trajectories `required`, `forbidden`, `at_most`,
    `state`, `initial_state`.

    Raises ValueError with a sentence.
    """
    if isinstance(target, (list, tuple)):
        target = {"tool_calls": target}
    if type(target) is not dict and not isinstance(target, Mapping):
        raise ValueError('a tool target is {"tool_calls": [...]}, and an empty list means "must not call"')
    if target.get("name") is not None or target.get("function") is not None:
        target = {"tool_calls": [target]}
    target = {key: value for key, value in target.items() if value is not None}  # tables hold null for what is absent
    for key in target:
        if key not in _KEYS:
            raise ValueError(
                f"unknown key {key!r}{did_you_mean(key, _KEYS)} in the target; allowed: {join_allowed(_KEYS)}"
            )
    if not target:
        raise ValueError('the target is empty; {"tool_calls": []} means "must not call"')
    rules = arguments or {}
    return Expectation(
        calls=_calls(target.get("tool_calls", ()), rules),
        ordered=_order(target.get("order", "any")),
        ask=_ask(target.get("ask")),
        required=_calls(target.get("required", ()), rules),
        forbidden=_words(target.get("forbidden", ()), "forbidden"),
        at_most=_at_most(target.get("at_most")),
        state=target.get("state"),
        initial_state=target.get("initial_state"),
        trajectory="tool_calls" not in target and any(key in target for key in _CONDITIONS),
    )


def _calls(raw: Json, rules: Mapping[str, How]) -> tuple[ExpectedCall, ...]:
    if not isinstance(raw, (list, tuple)):
        raise ValueError(f"expected calls are a list, got {raw!r}")
    return tuple(_call(entry, rules) for entry in raw)


def _call(entry: Json, rules: Mapping[str, How]) -> ExpectedCall:
    if isinstance(entry, str):
        return ExpectedCall(name=entry, arguments={})
    if isinstance(entry, Mapping) and isinstance(inner := entry.get("function"), Mapping):
        entry = inner
    if not isinstance(entry, Mapping) or not isinstance(entry.get("name"), str):
        raise ValueError(f"an expected call needs a name: {entry!r}")
    name, given = entry["name"], entry.get("arguments")
    given = {} if given is None else given
    if isinstance(given, str):
        try:
            given = strict(given) if given.strip() else {}
        except ValueError as error:
            raise ValueError(f"the expected arguments of {name} are no JSON: {error}") from None
    if not isinstance(given, Mapping):
        raise ValueError(f"the expected arguments of {name} are no object: {given!r}")
    return ExpectedCall(name=name, arguments={key: _argument(name, key, value, rules) for key, value in given.items()})


def _argument(tool: str, parameter: str, raw: Json, rules: Mapping[str, How]) -> Expected:
    how = rules.get(f"{tool}.{parameter}") or rules.get(parameter) if rules else None
    try:
        if how is None or how.kind == "equals":
            return read_expected(raw)
        return Expected(kind="any", optional=True) if how.kind == "ignore" else how.expect(raw)
    except ValueError as error:
        raise ValueError(f"{tool}.{parameter}: {error}") from None


def _order(raw: Json) -> bool:
    if raw not in ("any", "given"):
        raise ValueError(f"order is any or given, not {raw!r}")
    return bool(raw == "given")


def _ask(raw: Json) -> tuple[str, ...] | None:
    if raw is None or raw is False:
        return None
    return ("",) if raw is True else _words(raw, "ask")


def _words(raw: Json, name: str) -> tuple[str, ...]:
    if not isinstance(raw, Sequence) or isinstance(raw, str) or not all(isinstance(word, str) for word in raw):
        raise ValueError(f"{name} is a list of texts, got {raw!r}")
    return tuple(raw)


def _at_most(raw: Json) -> int | None:
    if raw is not None and (isinstance(raw, bool) or not isinstance(raw, int) or raw < 0):
        raise ValueError(f"at_most is a number of calls, got {raw!r}")
    return raw
