"""Rows that are run turn by turn: what they may say, and how a mistake is told."""

import json

import pytest

from evalkit.core.errors import DataError
from evalkit.data.conversations import is_generated, is_run
from evalkit.data.read import read_examples
from evalkit.data.tool_results import ToolResult, read_tool_results

USER = {"role": "user", "content": "one"}
MORE = {"role": "user", "content": "two"}


def read(tmp_path, *rows, format="evalkit"):
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return read_examples(path, format=format)


def told(tmp_path, row, *, format="evalkit"):
    with pytest.raises(DataError) as found:
        read(tmp_path, {"input": "sound"} if format == "evalkit" else {"messages": [USER]}, row, format=format)
    assert all(problem.where.line == 2 for problem in found.value.problems)
    return " | ".join(problem.what for problem in found.value.problems)


def test_a_row_says_that_its_turns_are_generated(tmp_path):
    (row,) = read(tmp_path, {"messages": [USER, MORE], "turns": "generate"})
    assert is_generated(row)
    assert is_run(row)
    assert [turn.content for turn in row.messages] == ["one", "two"]


def test_answers_that_a_generated_row_brings_are_left_out_and_counted(tmp_path):
    given = {"role": "assistant", "content": "mine"}
    (row,) = read(tmp_path, {"messages": [USER, given, MORE, given], "turns": "generate"})
    assert [turn.role for turn in row.messages] == ["user", "user"]
    assert row.extra["answers_left_out"] == 2


def test_a_chat_log_is_run_again_with_its_last_answer_as_target(tmp_path):
    log = [USER, {"role": "assistant", "content": "a"}, MORE, {"role": "assistant", "content": "b"}]
    (row,) = read(tmp_path, {"messages": log, "turns": "generate"}, format="openai-chat")
    assert [turn.content for turn in row.messages] == ["one", "two"]
    assert row.target == "b"


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ({"messages": [USER], "turns": "generated"}, "`turns` is generate or not there"),
        ({"messages": [USER], "turns": 3}, "belongs in `extra`"),
        ({"messages": [{"role": "system", "content": "s"}], "turns": "generate"}, "needs a user turn"),
        ({"messages": [USER, {"role": "system", "content": "s"}], "turns": "generate"}, "must be the user's"),
        ({"messages": [USER, MORE], "turns": "generate", "targets": ["a"]}, "1 items for 2 user turns"),
        ({"messages": [USER, MORE], "turns": "generate", "targets": "a"}, "`targets` must be a list"),
        ({"messages": [USER], "turns": "generate", "choices": ["a", "b"], "target": 0}, "`choices`"),
        ({"messages": [USER], "turns": "generate", "max_steps": 0}, "`max_steps` must be a whole number from 1"),
        ({"input": "x", "tool_results": 7}, "`tool_results` must be an object"),
        ({"input": "x", "tool_results": [{"name": "f"}]}, "tool_results[0] has no `result`"),
        ({"input": "x", "tool_results": [{"name": "f", "reslt": 1}]}, "did you mean 'result'"),
        ({"input": "x", "tool_results": [{"name": "f", "result": 1, "output": 2}]}, "both `result` and `output`"),
        ({"input": "x", "tool_results": [{"arguments": "a", "result": 2}]}, "arguments must be an object"),
        ({"input": "x", "tool_results": [{"name": 5, "result": 2}]}, "name must be the name of a tool"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_line(tmp_path, row, sentence):
    assert sentence in told(tmp_path, row)


def test_all_mistakes_of_a_row_are_told_at_once(tmp_path):
    row = {"messages": [USER, MORE], "turns": "generate", "targets": [], "max_steps": True, "tool_results": 1}
    found = told(tmp_path, row)
    assert all(key in found for key in ("`targets`", "`max_steps`", "`tool_results`"))


def test_other_formats_keep_what_they_call_turns(tmp_path):
    (row,) = read(tmp_path, {"messages": [USER], "turns": 5, "max_steps": "many"}, format="openai-chat")
    assert row.extra["turns"] == 5
    assert not is_run(row)
    assert "did you mean 'generate'" in told(tmp_path, {"messages": [USER], "turns": "genrate"}, format="openai-chat")


def test_results_are_read_by_name_by_arguments_and_in_order():
    assert read_tool_results({"f": {"a": 1}, "g": "text"}) == (
        ToolResult(name="f", text='{"a": 1}'),
        ToolResult(name="g", text="text"),
    )
    assert read_tool_results(
        ["a", {"temp": 3}, {"result": 4}, {"name": "f", "arguments": {"x": 1}, "content": "é"}]
    ) == (
        ToolResult(text="a"),
        ToolResult(text='{"temp": 3}'),
        ToolResult(text="4"),
        ToolResult(name="f", arguments={"x": 1}, text="é"),
    )
    assert read_tool_results('{"now": "12:30"}') == (ToolResult(name="now", text="12:30"),)
