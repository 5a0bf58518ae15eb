"""strict against bfcl_compat: every named class of difference, as docs/reference/tool-calls.md lists them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from evalkit.core.exchange import Example, Response, ToolCall
from evalkit.scorers.tool_calls import ToolCalls

DOCS = Path(__file__).parents[3] / "docs" / "reference" / "tool-calls.md"
OPTIONAL = {"optional": True}


def one(schema: dict[str, Any], want: Any, got: Any) -> tuple[dict[str, Any], Any, list[Any]]:
    """One function f with one parameter p."""
    given = [] if got is None else [{"p": got}]
    return {"p": schema}, [{"p": want}], given or [{}]


STRING, NUMBER = {"type": "string"}, {"type": "number"}
CLASSES: dict[str, tuple[tuple[dict[str, Any], list[Any], list[Any]], bool, bool]] = {
    # name: ((properties, expected arguments, given arguments), strict passes, bfcl_compat passes)
    "folded-punctuation": (one(STRING, "x*2", "x**2"), False, True),
    "lost-sign": (one(STRING, "-5", "5"), False, True),
    "enum-case": (one({"type": "string", "enum": ["celsius"]}, "celsius", "CELSIUS"), False, True),
    "empty-optional-text": (one(STRING, {"any_of": ["a"], "optional": True}, "._-"), False, True),
    "empty-optional-list": (
        one({"type": "array", "items": STRING}, {"any_of": [["a"]], "optional": True}, []),
        False,
        True,
    ),
    "true-is-one": (one({"type": "dict", "properties": {}}, {"exact": {"k": 1}}, {"k": True}), False, True),
    "whole-float": (one({"type": "integer"}, 5, 5.0), True, False),
    "binary-fraction": (one({"type": "float"}, 0.3, 0.1 + 0.2), True, False),
    "list-of-numbers": (one({"type": "array", "items": {"type": "float"}}, [1.5, 2], [1.5, 2]), True, False),
    "width": (one(STRING, "10:00", "１０：００"), True, False),
    "japanese-date": (one(STRING, "2024-05-01", "令和6年5月1日"), True, False),
    "prefecture-suffix": (one(STRING, "東京都", "東京"), True, False),
    "nested-list-case": (
        one({"type": "array", "items": {"type": "array", "items": STRING}}, [["A"]], [["a"]]),
        True,
        False,
    ),
    "default-written-out": (
        ({"p": STRING, "n": {"type": "integer", "default": 3}}, [{"p": "a"}], [{"p": "a", "n": 3}]),
        True,
        False,
    ),
    "default-left-out": (
        ({"p": STRING, "n": {"type": "integer", "default": 3}}, [{"p": "a", "n": 3}], [{"p": "a"}]),
        True,
        False,
    ),
    "silent-null": (
        ({"p": STRING, "n": {"type": ["integer", "null"]}}, [{"p": "a"}], [{"p": "a", "n": None}]),
        True,
        False,
    ),
    "greedy-pairing": (
        ({"p": {"type": "integer"}}, [{"p": {"any_of": [1, 2]}}, {"p": 1}], [{"p": 1}, {"p": 2}]),
        True,
        False,
    ),
}


def verdict(name: str, mode: Any) -> bool:
    (properties, expected, given), *_ = CLASSES[name]
    tool = {"name": "f", "parameters": {"type": "dict", "properties": properties, "required": []}}
    target = {"tool_calls": [{"name": "f", "arguments": arguments} for arguments in expected]}
    calls = tuple(ToolCall(name="f", arguments=json.dumps(arguments)) for arguments in given)
    example = Example(id="x", messages=(), target=target, tools=(tool,))
    return ToolCalls(mode=mode).score(example, Response(example_id="x", tool_calls=calls)).value == 1.0


@pytest.mark.parametrize("name", sorted(CLASSES))
def test_the_modes_differ_as_documented(name):
    _, strict, compatible = CLASSES[name]
    assert (verdict(name, "strict"), verdict(name, "bfcl_compat")) == (strict, compatible)


def test_a_malformed_call_where_none_may_be_made_passes_only_in_bfcl():
    example = Example(id="x", messages=(), target={"tool_calls": []}, tools=({"name": "f"},))
    broken = Response(example_id="x", tool_calls=(ToolCall(name="f", arguments='{"a": '),))
    scores = {mode: ToolCalls(mode=mode).score(example, broken) for mode in ("strict", "bfcl_compat")}
    assert {mode: score.value for mode, score in scores.items()} == {"strict": 0.0, "bfcl_compat": 1.0}
    assert {score.parts["malformed"] for score in scores.values()} == {1.0}


def test_relevance_asks_only_whether_anything_was_called():
    example = Example(
        id="x", messages=(), target={"tool_calls": []}, tools=({"name": "f"},), tags={"category": "live_relevance"}
    )
    made = Response(example_id="x", tool_calls=(ToolCall(name="g", arguments="{}"),))
    assert ToolCalls(mode="bfcl_compat").score(example, made).value == 1.0
    assert ToolCalls(mode="bfcl_compat").score(example, Response(example_id="x", text="No.")).value == 0.0


def test_the_documented_table_is_this_table():
    rows = re.findall(
        r"^\| `([a-z-]+)` \|.*\| (pass|fail) \| (pass|fail) \|$", DOCS.read_text(encoding="utf-8"), re.MULTILINE
    )
    words = {True: "pass", False: "fail"}
    documented = {name: (strict, compatible) for name, strict, compatible in rows}
    built = {name: (words[strict], words[compatible]) for name, (_, strict, compatible) in CLASSES.items()}
    assert documented == {**built, "malformed-abstention": ("fail", "pass")}
