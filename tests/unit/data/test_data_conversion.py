"""Conversions lose nothing: what a format has no place for is refused by name, and the way back gives the same."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from data_rows import jsonl
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from evalkit.cli import main
from evalkit.core.rows import parse
from evalkit.data.conversion.convert_file import convert_row
from evalkit.data.conversion.readers import READERS
from evalkit.data.conversion.record import CannotHold, TrainingRecord, calls_of, text_in, with_arguments
from evalkit.data.conversion.writers import WRITERS
from evalkit.data.fields import UnreadableRow
from evalkit.data.formats import FORMATS
from evalkit.data.read import read_examples

WORDS = st.sampled_from(
    ["Where is it?", "返品できますか。", "a\n\nb", '{"x": 1}', " lead", "<think>t</think>b", "7", "é"]
)
KEYS = st.dictionaries(
    st.sampled_from(["parallel_tool_calls", "note", "reference_answer", "seed"]),
    st.sampled_from([False, True, 1, "x", [1, 2], {"a": None}]),
    max_size=2,
)
ARGUMENTS = st.sampled_from(['{"x": 1}', '{"x":1}', "{}", '"{\\"x\\": 1}"', "{broken"])
CALL = st.builds(
    lambda name, arguments, own: {
        "id": own, "type": "function", "function": {"name": name, "arguments": arguments},
    },
    st.sampled_from(["f", "g"]), ARGUMENTS, st.sampled_from(["call_0", "call_abc"]),
)  # fmt: skip
TOOLS = st.sampled_from(
    [[], [{"type": "function", "function": {"name": "f", "parameters": {"type": "object", "properties": {}}}}]]
)


def said(role: str, **more: Any) -> st.SearchStrategy[dict[str, Any]]:
    return st.builds(lambda text: {"role": role, "content": text, **more}, WORDS)


ANSWER = st.one_of(
    said("assistant"),
    said("assistant", weight=0),
    said("assistant", weight=1),
    said("assistant", reasoning_content="because"),
    st.builds(lambda calls: {"role": "assistant", "tool_calls": calls}, st.lists(CALL, min_size=1, max_size=2)),
)
UNMARKED = ANSWER.filter(lambda turn: "weight" not in turn)
ROUND = st.one_of(
    st.tuples(said("user"), ANSWER),
    st.tuples(said("user"), ANSWER, said("tool", tool_call_id="call_0"), ANSWER),
)
TURNS = st.builds(
    lambda system, rounds, end: [*system, *(turn for one in rounds for turn in one), *end],
    st.lists(said("system"), max_size=1),
    st.lists(ROUND, min_size=1, max_size=3),
    st.lists(said("user"), max_size=1),
)
CHAT = st.builds(lambda turns, tools, rest: {"messages": turns, "tools": tools, **rest}, TURNS, TOOLS, KEYS)
PAIR = st.builds(
    lambda turns, tools, rest: {
        "input": {"messages": [turns[0]], "tools": tools, "parallel_tool_calls": False},
        "preferred_output": [{"role": "assistant", "content": "good"}],
        "non_preferred_output": [turns[1]],
        **{key: value for key, value in rest.items() if key != "parallel_tool_calls"},
    },
    ROUND, TOOLS, KEYS,
)  # fmt: skip
TRL = st.one_of(
    st.builds(lambda a, b, rest: {"prompt": a, "completion": b, **rest}, WORDS, WORDS, KEYS),
    st.builds(
        lambda a, b, label: {"prompt": [a], "completion": [b], "label": label}, said("user"), UNMARKED, st.booleans()
    ),
    st.builds(lambda a, b, c: {"prompt": a, "chosen": b, "rejected": c + "!"}, WORDS, WORDS, WORDS),
    st.builds(lambda a, rest: {"prompt": [a], **rest}, said("user"), KEYS),
)
ALPACA = st.one_of(
    st.builds(lambda a, b, c: {"instruction": a, "input": b, "output": c}, WORDS, WORDS, WORDS),
    st.builds(lambda a, b, c: {"instruction": a, "output": b, "system": "s", "history": [[c, a]]}, WORDS, WORDS, WORDS),
    st.builds(lambda a, b, c: {"instruction": a, "chosen": b, "rejected": c + "!"}, WORDS, WORDS, WORDS),
    st.builds(lambda a, b, label: {"instruction": a, "output": b, "kto_tag": label}, WORDS, WORDS, st.booleans()),
)
OWN = st.one_of(
    st.builds(
        lambda a, target, rest: {"id": "i", "input": a, "target": target, "tags": {"k": "v"}, "cluster": "c", **rest},
        WORDS, st.sampled_from(["x", {"a": 1}, 3, ["x", "y"], {"tool_calls": [{"name": "f", "arguments": {"x": 1}}]}]),
        st.sampled_from([{}, {"extra": {"note": [1]}}]),
    ),
    st.builds(lambda a: {"input": a, "choices": ["a", "b"], "target": 1}, WORDS),
)  # fmt: skip
SOURCES: Mapping[str, st.SearchStrategy[dict[str, Any]]] = {
    "openai-chat": CHAT,
    "openai-preference": PAIR,
    "trl": TRL,
    "alpaca": ALPACA,
    "evalkit": OWN,
    "sharegpt": CHAT.map(lambda row: convert_chat(row)),
}


def convert_chat(row: dict[str, Any]) -> dict[str, Any]:
    """A chat row as ShareGPT's, by hand; calls without their ids."""
    names = {"user": "human", "assistant": "gpt", "tool": "observation", "system": "system"}
    turns = []
    for turn in row["messages"]:
        rest = {key: value for key, value in turn.items() if key in ("weight", "reasoning_content")}
        if "tool_calls" in turn:
            calls = [{"name": one["function"]["name"], "arguments": {"x": 1}} for one in turn["tool_calls"]]
            turns.append({"from": "function_call", "value": json.dumps(calls), **rest})
        else:
            turns.append({"from": names[turn["role"]], "value": turn["content"], **rest})
    rest = {key: value for key, value in row.items() if key not in ("messages", "tools")}
    return {"conversations": turns, "tools": json.dumps([one["function"] for one in row["tools"]]), **rest}


def taught(record: TrainingRecord) -> dict[str, Any]:
    """What a record teaches, whatever its spelling."""

    def turn(value: Mapping[str, Any]) -> dict[str, Any]:
        calls = [with_arguments(call, as_text=False)["function"] for call in calls_of(value)]
        rest = {
            k: v for k, v in value.items() if k not in ("role", "content", "tool_calls", "weight") and v is not None
        }
        return {"role": value["role"], "text": text_in(value) or "", "calls": calls, **rest}

    pair = [record.choices[record.right or 0], record.choices[1 - (record.right or 0)]] if record.choices else None
    turns = [*map(turn, record.turns)]
    rejected = [*map(turn, record.rejected)] if record.rejected is not None else None
    if pair is not None:
        turns = [*turns, turn({"role": "assistant", "content": pair[0]})]
        rejected = [turn({"role": "assistant", "content": pair[1]})]
    tools = [dict(tool) for tool in record.tools]
    learned = list(record.learned_turns()) + [True] * bool(pair)
    rest = {k: v for k, v in record.rest.items() if v not in ({}, None)}
    taught = {"turns": turns, "rejected": rejected, "label": record.label, "tools": tools, "rest": rest}
    return {**taught, "learned": learned if any(learned) else []}


@pytest.mark.parametrize("to", ["evalkit", *WRITERS])
@pytest.mark.parametrize("source", SOURCES)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(data=st.data())
def test_the_way_back_teaches_the_same_or_the_format_refuses_by_name(source: str, to: str, data: st.DataObject) -> None:
    row = data.draw(SOURCES[source])
    try:
        read = FORMATS[source].example(row)
    except UnreadableRow:
        assume(False)
    try:
        there = convert_row(row, read, source=source, to=to)
    except CannotHold:
        return
    there = json.loads(json.dumps(there, ensure_ascii=False))
    again = FORMATS[to].example(there)
    assert (again.target, again.choices) == (read.target, read.choices) or "no_gold" in read.extra or to != "evalkit"
    try:
        back = convert_row(there, again, source=to, to=source)
    except CannotHold as error:
        pytest.fail(f"{to} holds what {source} taught and gives it not back: {error}: {there}")
    assert taught(READERS[source](back)) == taught(READERS[source](row))


def files(tmp_path: Path, rows: list[object], *steps: str, format: str) -> list[dict[str, Any]]:
    """Rows converted from format to format, each time through a file."""
    path = jsonl(tmp_path / "rows.jsonl", rows)
    for number, to in enumerate(steps):
        out = tmp_path / f"{number}.{'csv' if to == 'csv' else 'jsonl'}"
        assert main(["data", "convert", str(path), "--format", format, "--to", to, "-o", str(out)]) == 0
        path, format = out, to
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


LEGACY = [{"prompt": f"{x} shoes\n\n###\n\n", "completion": f" {y} END"} for x, y in (("Red", "yes"), ("Blue", "no"))]


@pytest.mark.parametrize("to", ["evalkit", "openai-chat", "trl", "sharegpt", "alpaca", "csv"])
def test_separators_and_stops_of_legacy_files_come_back(tmp_path: Path, to: str) -> None:
    rows: list[object] = [*LEGACY]
    assert files(tmp_path, rows, to, "openai-completion", format="openai-completion") == LEGACY
    (first, _) = read_examples(tmp_path / f"0.{'csv' if to == 'csv' else 'jsonl'}", format=to)
    assert (first.messages[0].content, first.target) == ("Red shoes", "yes")


def test_earlier_answers_of_a_prompt_are_not_trained_on_elsewhere(tmp_path: Path) -> None:
    u, a = {"role": "user", "content": "u"}, {"role": "assistant", "content": "a"}
    (chat,) = files(tmp_path, [{"prompt": [u, a, u], "completion": [a]}], "openai-chat", format="trl")
    assert [turn.get("weight") for turn in chat["messages"]] == [None, 0, None, None]
    (back,) = files(tmp_path, [chat], "trl", format="openai-chat")
    assert (len(back["prompt"]), back["completion"]) == (3, [a])


CALLED = {"messages": [
    {"role": "user", "content": "u"},
    {"role": "assistant", "tool_calls": [{"id": "c", "function": {"name": "f", "arguments": "{}"}}]},
]}  # fmt: skip
WEIGHTED = {"messages": [
    {"role": "user", "content": "u"}, {"role": "assistant", "content": "a"},
    {"role": "user", "content": "v"}, {"role": "assistant", "content": "b", "weight": 0},
]}  # fmt: skip


@pytest.mark.parametrize(
    ("row", "format", "to", "sentence"),
    [
        ({"prompt": "u", "chosen": "a", "rejected": "b"}, "trl", "openai-chat", "its rejected answer has no place"),
        ({"prompt": "u", "completion": "a", "label": False}, "trl", "openai-chat", "its label false has no place"),
        (WEIGHTED, "openai-chat", "trl", "messages[3] is not to be trained on (weight: 0)"),
        (WEIGHTED, "openai-chat", "alpaca", "an answer of it is not to be trained on"),
        (CALLED, "openai-chat", "alpaca", "its target is a tool call"),
        (CALLED, "openai-chat", "openai-completion", "its target is a tool call"),
        (
            {"messages": [{"role": "developer", "content": "d"}, *WEIGHTED["messages"][:2]]},
            "openai-chat",
            "sharegpt",
            "messages[0] is a turn of the role developer",
        ),
        (
            {"conversations": [{"from": "human", "value": "u"}, {"from": "gpt", "value": "a", "loss_weight": 0.5}]},
            "sharegpt",
            "openai-chat",
            "messages[1] has loss_weight: 0.5",
        ),
        (
            {"messages": [*WEIGHTED["messages"][:2]], "prompt": "x"},
            "openai-chat",
            "trl",
            "its key `prompt` means something else there",
        ),
        (
            {"input": "u", "target": {"tool_calls": [{"name": "f", "arguments": {"x": {"any_of": [1, 2]}}}]}},
            "evalkit",
            "openai-chat",
            "leaves the argument `x` open",
        ),
        ({"input": "u", "target": "a", "note": [1]}, "evalkit", "csv", "`note` is a list, and a cell is a text"),
    ],
)
def test_what_a_format_cannot_hold_is_named_with_the_row(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], row: dict[str, Any], format: str, to: str, sentence: str
) -> None:
    good = {"messages": WEIGHTED["messages"][:2]} if format == "openai-chat" else row
    path = jsonl(tmp_path / "rows.jsonl", [good, row])
    out = tmp_path / f"out.{'csv' if to == 'csv' else 'jsonl'}"
    assert main(["data", "convert", str(path), "--format", format, "--to", to, "-o", str(out)]) == 2
    said = capsys.readouterr().err
    assert f"{path}:2: {to} cannot hold the row: " in said
    assert sentence in said
    assert not list(tmp_path.glob("out*")), "nothing is written"


def test_a_changed_row_is_not_overwritten_by_what_was_kept_beside(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (own,) = files(tmp_path, [WEIGHTED], "evalkit", format="openai-chat")
    path = jsonl(tmp_path / "own.jsonl", [{**own, "target": "another"}])
    assert main(["data", "convert", str(path), "--to", "openai-chat", "-o", str(tmp_path / "o.jsonl")]) == 2
    assert "`extra.training` is of another content of this row" in capsys.readouterr().err


def test_every_trained_answer_becomes_a_row_on_request(tmp_path: Path) -> None:
    turns = [*WEIGHTED["messages"][:3], {"role": "assistant", "content": "b"}]
    path, out = jsonl(tmp_path / "rows.jsonl", [{"messages": turns}]), tmp_path / "out.jsonl"
    assert main(["data", "convert", str(path), "--every-turn", "--to", "evalkit", "-o", str(out)]) == 0
    first, last = read_examples(out, format="evalkit")
    assert (first.target, last.target, first.cluster == last.cluster) == ("a", "b", True)


def test_an_array_is_written_for_a_name_that_ends_in_json(tmp_path: Path) -> None:
    path, out = jsonl(tmp_path / "rows.jsonl", [*LEGACY]), tmp_path / "out.json"
    assert main(["data", "convert", str(path), "--to", "alpaca", "-o", str(out)]) == 0
    assert [row["instruction"] for row in parse(out.read_text())] == ["Red shoes", "Blue shoes"]


def test_halves_of_surrogates_and_empty_files_crash_nothing(tmp_path: Path) -> None:
    path, out = tmp_path / "rows.jsonl", tmp_path / "out.jsonl"
    path.write_text('{"prompt": "a\\ud83d", "completion": "b"}\n')
    assert main(["data", "convert", str(path), "--to", "openai-chat", "-o", str(out)]) == 0
    assert parse(out.read_text())["messages"][0]["content"] == "a\ud83d"
    path.write_text("")
    out.unlink()
    assert main(["data", "convert", str(path), "--to", "openai-chat", "-o", str(out)]) == 4
    assert not out.exists()


def test_texts_of_parts_stand_under_the_name_that_the_api_knows(tmp_path: Path) -> None:
    def part(role: str, text: str) -> dict[str, object]:
        return {"role": role, "content": [{"type": "text", "value": text}]}

    row = {"prompt": [part("user", "u")], "completion": [part("assistant", "a")]}
    (chat,) = files(tmp_path, [row], "openai-chat", format="trl")
    assert [turn["content"][0] for turn in chat["messages"]] == [
        {"type": "text", "text": "u"},
        {"type": "text", "text": "a"},
    ]
