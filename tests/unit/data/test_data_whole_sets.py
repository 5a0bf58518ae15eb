"""Samples, splits, conversion, held-out integrity and the look over a data set."""

from __future__ import annotations

import gzip
import json
import random
from pathlib import Path

import pytest

from evalkit.core.errors import DataError
from evalkit.core.exchange import Example, Message, ToolCall
from evalkit.data.conversion.convert_file import FORMATS_WRITTEN, convert_example, write_stream
from evalkit.data.conversion.record import CannotHold
from evalkit.data.integrity import check_held_out, near_twins, plain
from evalkit.data.read import read_examples, sample


def example(id: str, text: str = "q", **fields: object) -> Example:
    return Example(id=id, messages=(Message(role="user", content=text),), **fields)  # type: ignore[arg-type]


MANY = tuple(
    example(f"e{i}", f"question {i}", target=str(i), tags={"kind": "ab"[i % 4 == 0]}, cluster=f"c{i // 3}")
    for i in range(300)
)


def test_a_sample_is_seeded_keeps_the_order_and_is_not_the_first_n() -> None:
    taken = sample(MANY, limit=50, seed=7)
    assert taken == sample(MANY, limit=50, seed=7)
    assert [MANY.index(e) for e in taken] == sorted(MANY.index(e) for e in taken)
    assert taken != MANY[:50]
    assert taken != sample(MANY, limit=50, seed=8)


def test_a_sample_does_not_depend_on_the_order_of_the_rows_and_a_larger_one_holds_it() -> None:
    shuffled = list(MANY)
    random.Random(0).shuffle(shuffled)
    ids = {e.id for e in sample(MANY, limit=50, seed=7)}
    assert {e.id for e in sample(shuffled, limit=50, seed=7)} == ids
    assert ids <= {e.id for e in sample(MANY, limit=80, seed=7)}


@pytest.mark.parametrize("limit", [None, 300, 1000])
def test_no_limit_takes_all(limit: int | None) -> None:
    assert sample(MANY, limit=limit, seed=0) == MANY


PLAIN = (
    example("a", "ask", target="answer", tags={"k": "v"}, cluster="c"),
    Example(id="b", messages=(Message(role="user", content="日本語？"),), target="はい"),
)
CALLS = (
    Example(
        id="c",
        messages=(
            Message(role="system", content="s"),
            Message(role="user", content="u"),
            Message(role="assistant", tool_calls=(ToolCall(name="f", arguments='{"x": 1}', id="call_0"),)),
            Message(role="tool", content="7", tool_call_id="call_0"),
        ),
        target={"tool_calls": [{"name": "g", "arguments": {"y": [1, 2]}}]},
        tools=({"type": "function", "function": {"name": "g"}},),
        extra={"source": "x"},
    ),
)
PAIR = (example("p", "which?", target=1, choices=("bad", "good")),)


@pytest.mark.parametrize("format", sorted(FORMATS_WRITTEN))
def test_what_is_written_in_a_format_is_read_again_as_the_same_examples(format: str, tmp_path: Path) -> None:
    sets = {
        "openai-chat": PLAIN + CALLS,
        "evalkit": PLAIN + CALLS + PAIR,
        "openai-preference": PAIR,
        "trl": PLAIN + CALLS,
    }
    examples = sets.get(format, PLAIN)
    path = tmp_path / ("rows.csv" if format == "csv" else "rows.jsonl.gz")
    rows = [convert_example(one, to=format) for one in examples]
    assert write_stream(path, rows, []) == len(examples)
    again = read_examples(path, format=format)
    if format == "openai-preference":
        (one,) = again
        assert one.choices[one.target] == "good"
        assert set(one.choices) == {"good", "bad"}
    elif format == "csv":
        assert [(e.id, e.messages, e.target, e.cluster) for e in again] == [
            (e.id, e.messages, e.target, e.cluster) for e in examples
        ]
    else:
        assert again == examples


@pytest.mark.parametrize(
    ("format", "examples", "why"),
    [
        ("alpaca", CALLS, "it is more than one user message"),
        ("openai-completion", (example("x"),), "it has no target"),
        ("openai-chat", PAIR, "it has choices"),
        ("openai-preference", PLAIN, "it is not a choice between two answers"),
        ("openai-chat", (example("x", target={"tool_calls": []}),), "its target is to call no tool"),
        ("csv", (example("x", target="y\ud800"),), "half of a surrogate pair"),
    ],
)
def test_an_example_a_format_cannot_hold_is_named(format: str, examples: tuple[Example, ...], why: str) -> None:
    with pytest.raises(CannotHold, match=why):
        convert_example(examples[0], to=format)


def training(path: Path, *rows: object) -> Path:
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    return path


HELD_OUT = (
    example("order", "Where is my order? It was due on Monday and I need it for a party."),
    example("refund", "I would like my money back for the blue lamp, it arrived broken."),
    example("ja", "注文した本がまだ届きません。いつ届く予定か教えてください。"),
    example("sum", "What is 12 + 47?"),
)


ORDER = "Where is my order? It was due on Monday and I need it for a party."
ASKED = {"role": "user", "content": ORDER}
ANSWERED = {"role": "assistant", "content": "x"}


@pytest.mark.parametrize(
    "row",
    [
        {"messages": [{"role": "system", "content": "s"}, {**ASKED, "content": ORDER.upper().rstrip(".")}, ANSWERED]},
        {"prompt": ORDER.lower(), "completion": "x"},
        {"conversations": [{"from": "human", "value": ORDER.replace(" ", "  ")}, {"from": "gpt", "value": "x"}]},
        {"instruction": ORDER[:18], "input": ORDER[19:], "output": "x"},
        {"input": {"messages": [ASKED]}, "preferred_output": [ANSWERED], "non_preferred_output": [ANSWERED]},
        {"anything": ORDER},
    ],
)
def test_a_copy_is_found_in_every_format_of_training_data(tmp_path: Path, row: object) -> None:
    path = training(tmp_path / "train.jsonl.gz", {"input": "something else altogether"}, row)
    (problem,) = check_held_out(HELD_OUT, [path])
    assert problem.what.startswith("held-out example 'order' is in the training data")
    assert str(problem.where) == f"{path}:2"


def test_a_near_copy_is_found_with_its_likeness(tmp_path: Path) -> None:
    path = training(
        tmp_path / "t.jsonl",
        {"input": "I would like my money back for the green lamp, it arrived broken."},
        {"input": "注文した本がまだ届きません。いつ届く予定か教えて下さい。"},
    )
    found = [problem.what for problem in check_held_out(HELD_OUT, [path])]
    assert ["'refund' is nearly (9" in found[0], "'ja' is nearly (9" in found[1], len(found)] == [True, True, 2]


def test_the_same_sum_with_other_numbers_and_another_question_are_no_copies(tmp_path: Path) -> None:
    path = training(
        tmp_path / "t.jsonl", {"input": "What is 12 + 48?"}, {"input": "Where is the party on Monday? I need my order."}
    )
    assert check_held_out(HELD_OUT, [path]) == ()


def test_an_earlier_turn_that_is_trained_on_counts(tmp_path: Path) -> None:
    turns = [{"role": "user", "content": "What is 12 + 47?"}, {"role": "assistant", "content": "59"}]
    more = [{"role": "user", "content": "Thanks"}, {"role": "assistant", "content": "Bye"}]
    assert len(check_held_out(HELD_OUT, [training(tmp_path / "t.jsonl", {"messages": turns + more})])) == 1
    untrained = [turns[0], {**turns[1], "weight": 0}, *more]
    assert check_held_out(HELD_OUT, [training(tmp_path / "u.jsonl", {"messages": untrained})]) == ()


def test_a_template_that_all_examples_share_does_not_make_them_copies(tmp_path: Path) -> None:
    def ask(word: str) -> str:
        return (
            f"Analyse this item and answer with a JSON object of three fields. Title: {word}. Fields: a, b, c, please."
        )

    held_out = [example(word, ask(word)) for word in ("falcon heavy launch", "copper prices", "new zoo opens")]
    path = training(tmp_path / "t.jsonl", {"input": ask("copper mines")}, {"input": ask("quiet harvest")})
    assert check_held_out(held_out, [path]) == ()
    assert len(check_held_out(held_out, [training(tmp_path / "u.jsonl", {"input": ask("copper prices")})])) == 1


def test_a_training_file_that_is_missing_or_broken_is_no_proof(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="there is no data set"):
        check_held_out(HELD_OUT, [tmp_path / "none.jsonl"])
    (problem,) = check_held_out(HELD_OUT, [training(tmp_path / "t.jsonl", {"input": "x"}, [1])])
    assert "a row must be a JSON object" in problem.what


def test_rows_that_ask_nearly_the_same_are_paired_once() -> None:
    twins = (
        example("a", "My card has not arrived yet."),
        example("b", "My card hasn't arrived yet!"),
        example("c", "Hello"),
    )
    ((first, second, likeness),) = near_twins(twins)
    assert (first, second) == ("a", "b")
    assert 0.9 < likeness < 1


def test_questions_are_compared_without_case_width_and_marks() -> None:
    assert plain("ＡＢＣ １２３？") == plain("abc-123!")


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DataError, match="cannot write"):
        write_stream(tmp_path / "file" / "rows.jsonl", [], [])
