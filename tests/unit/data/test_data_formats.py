"""The formats of the fine-tuning world."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from evalkit.core.errors import DataError
from evalkit.core.exchange import Example
from evalkit.data.formats.openai import marker
from evalkit.data.read import read_examples

U = {"role": "user", "content": "u"}
A = {"role": "assistant", "content": "a"}


def read(tmp_path: Path, format: str, *rows: object) -> tuple[Example, ...]:
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return read_examples(path, format=format)


def sentence(tmp_path: Path, format: str, row: object) -> str:
    with pytest.raises(DataError) as caught:
        read(tmp_path, format, row)
    return caught.value.problems[0].what


def shown(example: Example) -> list[tuple[str, object]]:
    return [(turn.role, turn.content) for turn in example.messages]


def test_the_last_assistant_turn_is_the_target(tmp_path: Path) -> None:
    later = {"role": "assistant", "content": "b"}
    (example,) = read(tmp_path, "openai-chat", {"messages": [U, A, {"role": "user", "content": "v"}, later]})
    assert shown(example) == [("user", "u"), ("assistant", "a"), ("user", "v")]
    assert example.target == "b"


def test_an_assistant_turn_of_weight_0_is_context_never_the_target(tmp_path: Path) -> None:
    row = {"messages": [U, {**A, "weight": 1}, {"role": "user", "content": "v"}, {**A, "content": "b", "weight": 0}]}
    (example,) = read(tmp_path, "openai-chat", row)
    assert (shown(example), example.target) == ([("user", "u")], "a")
    assert "every assistant turn has weight 0" in sentence(
        tmp_path, "openai-chat", {"messages": [U, {**A, "weight": 0}]}
    )


@pytest.mark.parametrize("weight", [2, 0.5, True, "1"])
def test_a_weight_that_is_neither_0_nor_1_is_told(tmp_path: Path, weight: object) -> None:
    row = {"messages": [U, {**A, "weight": weight}]}
    assert sentence(tmp_path, "openai-chat", row) == "messages[1].weight must be 0 or 1"


def test_a_conversation_that_ends_with_the_user_has_no_target_and_keeps_the_graders_fields(tmp_path: Path) -> None:
    (example,) = read(tmp_path, "openai-chat", {"messages": [U], "reference_answer": "42"})
    assert (example.target, example.extra) == (None, {"reference_answer": "42"})


def test_tool_calls_become_a_target_of_parsed_arguments(tmp_path: Path) -> None:
    call = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": '{"x": 1}'}}
    (example,) = read(tmp_path, "openai-chat", {"messages": [U, {"role": "assistant", "tool_calls": [call]}]})
    assert example.target == {"tool_calls": [{"name": "f", "arguments": {"x": 1}}]}
    assert "notes" not in example.extra


def test_arguments_encoded_twice_are_decoded_and_noted_and_broken_ones_kept_raw(tmp_path: Path) -> None:
    def row(arguments: str) -> dict[str, object]:
        call = {"function": {"name": "f", "arguments": arguments}}
        return {"messages": [U, {"role": "assistant", "content": None, "tool_calls": [call]}]}

    twice, broken = read(tmp_path, "openai-chat", row(json.dumps('{"x": 1}')), row("{x: 1"))
    assert twice.target == {"tool_calls": [{"name": "f", "arguments": {"x": 1}}]}
    assert twice.extra["notes"] == ["the target's arguments of f were encoded twice: decoded"]
    assert broken.target == {"tool_calls": [{"name": "f", "arguments": "{x: 1"}]}
    assert "kept as the raw text" in broken.extra["notes"][0]


def test_the_deprecated_function_call_and_functions_are_read(tmp_path: Path) -> None:
    answer = {"role": "assistant", "content": None, "function_call": {"name": "f", "arguments": "{}"}}
    (example,) = read(tmp_path, "openai-chat", {"messages": [U, answer], "functions": [{"name": "f"}]})
    assert example.target == {"tool_calls": [{"name": "f", "arguments": {}}]}
    assert example.tools == ({"type": "function", "function": {"name": "f"}},)


def test_a_row_without_a_system_or_a_user_turn_is_read_and_the_latter_noted(tmp_path: Path) -> None:
    plain, odd = read(
        tmp_path, "openai-chat", {"messages": [U, A]}, {"messages": [{"role": "system", "content": "s"}, A]}
    )
    assert plain.extra == {}
    assert odd.extra["notes"] == ["no user turn comes before the answer"]


def test_an_answer_to_nothing_is_told(tmp_path: Path) -> None:
    assert sentence(tmp_path, "openai-chat", {"messages": [A]}) == "nothing is asked before the answer"


def test_a_separator_and_a_stop_common_to_all_completions_are_taken_off(tmp_path: Path) -> None:
    rows = [{"prompt": f"{x} shoes\n\n###\n\n", "completion": f" {y} END"} for x, y in (("Red", "yes"), ("Blue", "no"))]
    first, second = read(tmp_path, "openai-completion", *rows)
    assert (shown(first), first.target) == ([("user", "Red shoes")], "yes")
    assert second.target == "no"
    assert first.extra == {"separator": "\n\n###\n\n", "stop": " END"}


def test_an_ending_that_is_language_is_not_taken_off(tmp_path: Path) -> None:
    first, _ = read(
        tmp_path,
        "openai-completion",
        {"prompt": "Is it?", "completion": "yes."},
        {"prompt": "Why?", "completion": "no."},
    )
    assert (shown(first), first.target) == ([("user", "Is it?")], "yes.")


@pytest.mark.parametrize(
    ("texts", "found"),
    [
        (["a ->", "b ->"], " ->"),
        (["a\n", "b\n"], "\n"),
        (["aEND", "bEND"], ""),
        (["same###", "same###"], "###"),
        ([], ""),
    ],
)
def test_markers(texts: list[str], found: str) -> None:
    assert marker(texts) == found


@pytest.mark.parametrize(
    "names", [("preferred_output", "non_preferred_output"), ("preferred_completion", "non_preferred_completion")]
)
def test_a_preference_is_a_choice_of_two_with_the_preferred_one_right(tmp_path: Path, names: tuple[str, str]) -> None:
    rows = [
        {
            "input": {"messages": [{"role": "user", "content": f"q{i}"}], "tools": [], "parallel_tool_calls": True},
            names[0]: [{"role": "assistant", "content": "good"}],
            names[1]: [{"role": "assistant", "content": "bad"}],
        }
        for i in range(20)
    ]
    examples = read(tmp_path, "openai-preference", *rows)
    assert all(example.choices[example.target] == "good" for example in examples)
    assert {example.target for example in examples} == {0, 1}, "the preferred answer does not always come first"


def test_preferred_tool_calls_become_the_target(tmp_path: Path) -> None:
    row = {
        "input": {"messages": [U], "tools": [{"type": "function", "function": {"name": "f"}}]},
        "preferred_output": [{"role": "assistant", "tool_calls": [{"function": {"name": "f", "arguments": "{}"}}]}],
        "non_preferred_output": [A],
    }
    (example,) = read(tmp_path, "openai-preference", row)
    assert example.target == {"tool_calls": [{"name": "f", "arguments": {}}]}
    assert len(example.tools) == 1


def test_preferences_that_are_no_pair_are_told(tmp_path: Path) -> None:
    good = [{"role": "assistant", "content": "x"}]
    assert "are the same" in sentence(
        tmp_path,
        "openai-preference",
        {"input": {"messages": [U]}, "preferred_output": good, "non_preferred_output": good},
    )
    assert "`non_preferred_output` is missing" in sentence(
        tmp_path, "openai-preference", {"input": {"messages": [U]}, "preferred_output": good}
    )
    assert "`input` must be an object" in sentence(
        tmp_path, "openai-preference", {"input": "x", "preferred_output": good}
    )


@pytest.mark.parametrize(
    ("row", "asked", "target"),
    [
        ({"messages": [U, A]}, [("user", "u")], "a"),
        ({"prompt": "u", "completion": "a"}, [("user", "u")], "a"),
        ({"prompt": [U], "completion": [A]}, [("user", "u")], "a"),
        ({"prompt": "u"}, [("user", "u")], None),
    ],
)
def test_trl_shapes(tmp_path: Path, row: object, asked: object, target: object) -> None:
    (example,) = read(tmp_path, "trl", row)
    assert (shown(example), example.target) == (asked, target)


@pytest.mark.parametrize(
    "row",
    [
        {"prompt": "u", "chosen": "good", "rejected": "bad"},
        {"prompt": [U], "chosen": [{**A, "content": "good"}], "rejected": [{**A, "content": "bad"}]},
        {"chosen": [U, {**A, "content": "good"}], "rejected": [U, {**A, "content": "bad"}]},
        {"prompt": [U], "chosen": [U, {**A, "content": "good"}], "rejected": [U, {**A, "content": "bad"}]},
    ],
)
def test_trl_preferences_with_and_without_an_explicit_prompt(tmp_path: Path, row: object) -> None:
    (example,) = read(tmp_path, "trl", row)
    assert shown(example) == [("user", "u")]
    assert example.choices[example.target] == "good"


def test_trl_rows_that_are_none_are_told(tmp_path: Path) -> None:
    assert "none of `messages`, `prompt`, `chosen`" in sentence(tmp_path, "trl", {"text": "x"})
    assert "differ in one assistant turn" in sentence(tmp_path, "trl", {"chosen": [U], "rejected": [U]})


def test_sharegpt_turns_system_tools_and_calls(tmp_path: Path) -> None:
    row = {
        "system": "s",
        "tools": json.dumps([{"name": "f"}]),
        "conversations": [
            {"from": "human", "value": "u"},
            {"from": "function_call", "value": json.dumps({"name": "f", "arguments": {"x": 1}})},
            {"from": "observation", "value": "42"},
            {"from": "gpt", "value": "a"},
        ],
    }
    (example,) = read(tmp_path, "sharegpt", row)
    assert [turn.role for turn in example.messages] == ["system", "user", "assistant", "tool"]
    assert example.messages[2].tool_calls[0].arguments == '{"x": 1}'
    assert (example.target, len(example.tools)) == ("a", 1)
    assert "conversations[0].from must be one of" in sentence(
        tmp_path, "sharegpt", {"conversations": [{"from": "x", "value": ""}]}
    )
    assert "`conversations` is missing" in sentence(tmp_path, "sharegpt", {"x": 1})


def test_alpaca_puts_the_input_behind_the_instruction(tmp_path: Path) -> None:
    full, bare = read(
        tmp_path,
        "alpaca",
        {"instruction": "Sum up.", "input": "Long text", "output": "short", "history": [["h", "i"]], "system": "s"},
        {"instruction": "Say hi.", "input": "", "output": "hi"},
    )
    assert shown(full) == [("system", "s"), ("user", "h"), ("assistant", "i"), ("user", "Sum up.\n\nLong text")]
    assert (shown(bare), bare.target) == ([("user", "Say hi.")], "hi")
    assert "`instruction` is missing" in sentence(tmp_path, "alpaca", {"output": "x"})


def test_alpaca_spellings_contexts_and_pairs(tmp_path: Path) -> None:
    dolly = {"instruction": "Who?", "context": "Ann came.", "response": "Ann", "category": "closed_qa"}
    (example,) = read(tmp_path, "alpaca", dolly)
    assert (shown(example), example.target) == ([("user", "Who?\n\nAnn came.")], "Ann")
    assert example.extra == {"category": "closed_qa"}
    both = {"instruction": "Who?", "output": "Ann", "response": "Bob"}
    (example,) = read(tmp_path, "alpaca", both)
    assert (example.target, example.extra) == ("Ann", {"response": "Bob"})
    (pair,) = read(tmp_path, "alpaca", {"instruction": "Who?", "chosen": "Ann", "rejected": "Bob"})
    assert pair.choices[pair.target] == "Ann"
    assert set(pair.choices) == {"Ann", "Bob"}


def test_sharegpt_pairs_and_speakers_in_any_case(tmp_path: Path) -> None:
    row = {
        "conversations": [{"from": "Human", "value": "u"}],
        "chosen": {"from": "GPT", "value": "good"},
        "rejected": {"from": "gpt", "value": "bad"},
    }
    (pair,) = read(tmp_path, "sharegpt", row)
    assert pair.choices[pair.target] == "good"
    typo = {"conversations": [{"from": "hummany", "value": "u"}]}
    assert sentence(tmp_path, "sharegpt", typo).endswith("there is no speaker 'hummany' (did you mean 'human'?)")


def test_pairs_of_llama_factory_share_their_beginning(tmp_path: Path) -> None:
    def turns(answer: str) -> list[object]:
        return [
            {"role": "user", "content": [{"type": "text", "value": "u"}]},
            {"role": "assistant", "content": [{"type": "text", "value": answer}], "loss_weight": 1.0},
        ]

    (pair,) = read(tmp_path, "trl", {"chosen_messages": turns("good"), "rejected_messages": turns("bad")})
    assert len(pair.messages) == 1
    assert pair.choices[pair.target] == "good"


def test_steps_and_plain_texts_of_trl_are_called_by_their_names(tmp_path: Path) -> None:
    steps = {"prompt": "u", "completions": ["a", "b"], "labels": [True, False]}
    assert "steps of a solution" in sentence(tmp_path, "trl", steps)
    assert "a plain `text` has no question" in sentence(tmp_path, "trl", {"text": "x"})


IMAGE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}}


def test_images_are_kept_or_refused_and_never_dropped(tmp_path: Path) -> None:
    asked = {"role": "user", "content": [{"type": "text", "text": "What is it?"}, IMAGE]}
    (example,) = read(tmp_path, "openai-chat", {"messages": [asked, A]})
    assert list(example.messages[0].content or ()) == asked["content"]
    drawn = {"role": "assistant", "content": [{"type": "text", "text": "Here:"}, IMAGE]}
    assert "a part of the type 'image_url'" in sentence(tmp_path, "openai-chat", {"messages": [U, drawn]})
    for format, row in (
        ("sharegpt", {"conversations": [{"from": "human", "value": "<image>u"}, {"from": "gpt", "value": "a"}]}),
        ("alpaca", {"instruction": "<image>u", "output": "a"}),
        ("trl", {"messages": [U, A]}),
        ("openai-chat", {"messages": [U, A]}),
    ):
        assert "`images` holds 1 item" in sentence(tmp_path, format, {**row, "images": ["a.png"]})
        assert len(read(tmp_path, format, {**row, "images": []})) == 1


def test_every_answer_that_is_trained_on_is_an_example_on_request(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    turns = [("human", "u"), ("gpt", "a"), ("human", "v"), ("gpt", "b"), ("human", "w"), ("gpt", "c")]
    said = [{"from": speaker, "value": value} for speaker, value in turns]
    said[3]["train"] = False  # type: ignore[assignment]
    path.write_text(json.dumps({"conversations": said, "tools": "[]"}) + "\n")
    (whole,) = read_examples(path, format="sharegpt")
    first, last = read_examples(path, format="sharegpt", every_turn=True)
    assert (first.target, len(first.messages)) == ("a", 1)
    assert (last.target, last.messages) == (whole.target, whole.messages)
    assert [first.id, last.id] == [f"{whole.id}#1", f"{whole.id}#2"]
    assert first.cluster == last.cluster == whole.id
