"""What is no gold, no text, no argument: marked answers, parts under other names, nulls that a table filled in."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import pytest

from evalkit.cli import main
from evalkit.core.errors import DataError
from evalkit.core.exchange import Example
from evalkit.data.missing_targets import MissingTargets
from evalkit.data.read import read_examples

ASK = {"role": "user", "content": "Can I return this?"}
GOOD, BAD = ({"role": "assistant", "content": text} for text in ("Yes, within 30 days.", "No idea, go away."))


def read(folder: Path, format: str, *rows: object) -> tuple[Example, ...]:
    path = folder / "rows.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return read_examples(path, format=format)


ROWS = {
    "openai-chat": {"messages": [ASK, BAD]},
    "trl": {"prompt": [ASK], "completion": [BAD]},
    "openai-completion": {"prompt": "Can I return this?", "completion": "No idea, go away."},
    "sharegpt": {
        "conversations": [{"from": "human", "value": "Can I?"}, {"from": "gpt", "value": "No idea, go away."}]
    },
    "alpaca": {"instruction": "Can I return this?", "output": "No idea, go away."},
}


@pytest.mark.parametrize("format", ROWS)
@pytest.mark.parametrize(
    "mark", [{"label": False}, {"train": False}, {"loss": False}, {"loss_weight": 0}, {"weight": 0.0}]
)
def test_a_row_marked_as_not_to_be_learned_has_no_gold_and_keeps_its_answer(
    tmp_path: Path, format: str, mark: dict[str, object]
) -> None:
    (one,) = read(tmp_path, format, {**ROWS[format], **mark})
    assert (one.target, one.choices) == (None, ())
    assert one.extra["rejected_answer"] == "No idea, go away."
    assert next(iter(mark)) in str(one.extra["no_gold"])


@pytest.mark.parametrize(
    "mark", [{"label": True}, {"train": True}, {"loss": None}, {"loss_weight": 0.5}, {"label": "spam"}]
)
def test_a_row_that_is_learned_keeps_its_gold(tmp_path: Path, mark: dict[str, object]) -> None:
    (one,) = read(tmp_path, "openai-chat", {"messages": [ASK, GOOD], **mark})
    assert one.target == "Yes, within 30 days."


def test_a_label_of_somebodys_own_is_no_mark(tmp_path: Path) -> None:
    (own,) = read(tmp_path, "evalkit", {"input": "Is it late?", "target": "no", "label": False})
    assert own.target == "no"
    (zero,) = read(tmp_path, "openai-chat", {"messages": [ASK, GOOD], "label": 0})
    assert zero.target == "Yes, within 30 days."
    (kto,) = read(tmp_path, "trl", {"prompt": "Can I?", "completion": "Go away.", "label": 0})
    assert kto.target is None


TURN_MARKS = [
    *({"train": False}, {"loss": False}, {"loss_weight": 0}, {"weight": 0}, {"masked": True}, {"masked": "true"}),
    *({"training": False}, {"loss_mask": 0}, {"loss_scale": 0.0}, {"loss": "no"}, {"train": "off"}, {"label": False}),
]


@pytest.mark.parametrize("mark", TURN_MARKS)
def test_a_turn_that_is_not_learned_is_context(tmp_path: Path, mark: dict[str, object]) -> None:
    (one,) = read(tmp_path, "openai-chat", {"messages": [ASK, GOOD, ASK, {**BAD, **mark}]})
    assert (one.target, len(one.messages)) == ("Yes, within 30 days.", 1)
    turns = [{"from": "human", "value": "a"}, {"from": "gpt", "value": "b"}, {"from": "human", "value": "c"}]
    (other,) = read(tmp_path, "sharegpt", {"conversations": [*turns, {"from": "gpt", "value": "d", **mark}]})
    assert other.target == "b"


@pytest.mark.parametrize("mark", [{"masked": False}, {"training": True}, {"loss_mask": 1}, {"label": 0}, {"loss": 1.5}])
def test_a_turn_that_is_learned_is_the_target(tmp_path: Path, mark: dict[str, object]) -> None:
    (one,) = read(tmp_path, "openai-chat", {"messages": [ASK, GOOD, ASK, {**BAD, **mark}]})
    assert one.target == BAD["content"]


def test_a_row_of_another_split_keeps_its_gold(tmp_path: Path) -> None:
    """`training: false` of a row says where it stands, not that its answer is bad."""
    (one,) = read(tmp_path, "openai-chat", {"messages": [ASK, GOOD], "training": False, "masked": True})
    assert one.target == "Yes, within 30 days."


def test_an_answer_whose_only_turn_is_not_learned_is_no_gold(tmp_path: Path) -> None:
    (one,) = read(tmp_path, "openai-chat", {"messages": [ASK, {**BAD, "train": False}]})
    (two,) = read(tmp_path, "trl", {"prompt": [ASK], "completion": [{**BAD, "loss": False}]})
    assert (one.target, two.target) == (None, None)


@pytest.mark.parametrize("key", ["text", "value", "content"])
def test_a_text_part_is_read_under_any_of_its_names(tmp_path: Path, key: str) -> None:
    turns = [{"role": role, "content": [{"type": "text", key: text, "image_url": None}]} for role, text in
             (("user", "Where is order 12?"), ("assistant", "It ships tomorrow."))]  # fmt: skip
    (one,) = read(tmp_path, "openai-chat", {"messages": turns})
    assert one.target == "It ships tomorrow."
    assert one.messages[0].content == ({"type": "text", "text": "Where is order 12?"},)


@pytest.mark.parametrize("part", [{"type": "text", "words": "x"}, {"type": "text", "text": 3}, {}])
def test_a_text_part_without_a_text_is_refused_by_name(tmp_path: Path, part: dict[str, object]) -> None:
    with pytest.raises(DataError, match=r"messages\[0\]\.content\[0\] is a text part without `text`"):
        read(tmp_path, "openai-chat", {"messages": [{"role": "user", "content": [part]}, GOOD]})


def tool(name: str, properties: dict[str, object], **more: object) -> dict[str, object]:
    return {"type": "function", "function": {"name": name, "parameters": {"properties": properties, **more}}}


def test_nulls_that_a_table_filled_into_tools_and_earlier_calls_are_gone(tmp_path: Path) -> None:
    def called(name: str, arguments: object) -> dict[str, object]:
        return {
            "role": "assistant",
            "content": None,
            "tool_calls": [{"function": {"name": name, "arguments": arguments}}],
        }

    tools = [
        tool("up", {"m": {"type": "string", "enum": None}, "dir": None}),
        tool("turn", {"m": None, "dir": {"type": ["string", "null"]}, "how": {"type": "string"}}, required=["how"]),
    ]
    turns = [
        ASK, called("up", {"m": "1", "dir": None, "how": None}), called("turn", {"m": None, "dir": None, "how": None}),
        called("up", '{"m": null}'), GOOD,
    ]  # fmt: skip
    (one,) = read(tmp_path, "openai-chat", {"messages": turns, "tools": tools})
    given = [turn.tool_calls[0].arguments for turn in one.messages[1:]]
    assert [json.loads(text) for text in given] == [{"m": "1"}, {"dir": None, "how": None}, {"m": None}]
    assert one.tools[0]["function"]["parameters"]["properties"] == {"m": {"type": "string"}}


def why_no_target(examples: Iterable[Example]) -> list[str]:
    found = MissingTargets()
    for one in examples:
        found.add(one)
    return found.sentences()


def test_a_look_says_why_rows_have_no_target(tmp_path: Path) -> None:
    marked = read(
        tmp_path, "trl", {**ROWS["trl"], "label": False}, {"prompt": [ASK], "completion": [GOOD], "label": True}
    )
    assert "1 of 2 rows are marked `label: false`: no gold" in why_no_target(marked)
    chats = [{"messages": [{**ASK, "content": f"{n}?"}, GOOD]} for n in range(3)]
    told = " | ".join(why_no_target(read(tmp_path, "evalkit", *chats)))
    assert "3 of 3 rows end with an assistant turn and have no target: is the format openai-chat?" in told
    other = read(tmp_path, "trl", *({"prompt": f"Question {n}", "response": "x"} for n in range(3)))
    assert "no row has a target: `response` is not read" in why_no_target(other)


SUITE = """\
evalkit: 1
name: s
dataset: {path: rows.jsonl, format: FORMAT}
prompt: {system: "You answer for PROMPT."}
scorers: {answer: {type: SCORER}}
gates:
  - {type: no_regression, metric: answer, margin: 0.5}
"""


def suite(folder: Path, format: str, prompt: str = "us", scorer: str = "exact") -> str:
    path = folder / "s.yaml"
    text = SUITE.replace("FORMAT", format).replace("PROMPT", prompt).replace("SCORER", scorer)
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_repeating_rejected_answers_does_not_improve(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [{"id": f"k{n}", "messages": [{**ASK, "content": f"May I, {n}?"}, (GOOD, BAD)[n % 2]], "label": n % 2 == 0}
            for n in range(80)]  # fmt: skip
    read(tmp_path, "trl", *rows)
    for name, of in (("polite", lambda n: GOOD), ("rude", lambda n: (GOOD, BAD)[n % 2])):
        lines = [{"evalkit_recording": 1, "model": {"name": name}}]
        lines += [{"id": f"k{n}", "text": of(n)["content"]} for n in range(80)]
        (tmp_path / f"{name}.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    out = tmp_path / "v.json"
    arms = [str(tmp_path / f"{name}.jsonl") for name in ("polite", "rude")]
    main(["compare", *arms, "--suite", suite(tmp_path, "trl"), "--json", str(out), "--report", str(tmp_path / "r")])
    verdict = json.loads(out.read_text(encoding="utf-8"))["suites"][0]
    assert (verdict["findings"][0]["delta"], verdict["findings"][0]["n"]) == (0, 40)
    assert "40 of 80 rows left out: marked as not to be learned" in " ".join(verdict["notes"])


def test_validate_counts_what_it_leaves_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    turns = [{**ASK, "content": "May I?"}, {**GOOD, "loss": False}]
    rows = [{"messages": [{**ASK, "content": f"{n}?"}, GOOD]} for n in range(5)]
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in [*rows, {"messages": turns}]))
    (tmp_path / "d" / "b.7z").write_bytes(b"7z")
    path = Path(suite(tmp_path, "openai-chat"))
    path.write_text(path.read_text(encoding="utf-8").replace("rows.jsonl", "d"), encoding="utf-8")
    assert main(["validate", str(path)]) == 0
    told = " ".join("".join(capsys.readouterr()).split())
    assert "1 of 6 rows left out: marked as not to be learned, they are no gold (1 `loss: false`)" in told
    assert "of the data set's folder 1 file was not read" in told
    assert "b.7z)" in told


def test_a_chat_file_read_as_the_default_cannot_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    read(tmp_path, "evalkit", *({"messages": [{**ASK, "content": f"{n}?"}, GOOD]} for n in range(3)))
    assert main(["validate", suite(tmp_path, "evalkit", scorer="length")]) == 2
    assert "did you mean format: openai-chat?" in " ".join("".join(capsys.readouterr()).split())


def test_validate_renders_every_prompt(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [{"input": f"Question {n}?", "target": "x", "tags": {"shop": "north"} if n < 27 else {}} for n in range(30)]
    read(tmp_path, "evalkit", *({**row, "id": f"e{n}"} for n, row in enumerate(rows)))
    assert main(["validate", suite(tmp_path, "evalkit", prompt="{{ tags.shop }}")]) == 2
    told = "".join(capsys.readouterr())
    assert told.count("prompt.system cannot be rendered for example") == 3
    assert "'e27'" in told


def test_files_of_a_data_folder_that_are_not_read_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "set").mkdir()
    read(tmp_path / "set", "evalkit", {"input": "Is it late?", "target": "no"})
    (tmp_path / "set" / "more.ods").write_bytes(b"PK")
    assert main(["data", "check", str(tmp_path / "set")]) == 0
    assert "1 file was not read" in capsys.readouterr().err
