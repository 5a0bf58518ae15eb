"""Which format a file is in, when nobody said."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import pytest
from data_rows import jsonl

from evalkit.cli import main
from evalkit.core.errors import DataError
from evalkit.data.guess import guess_format
from evalkit.data.read import read_examples

U = {"role": "user", "content": "Where is order 1?"}
A = {"role": "assistant", "content": "On its way."}
PAIR = {"chosen": [A], "rejected": [{**A, "content": "No."}]}
CHAT = {"messages": [U, A]}


@pytest.mark.parametrize(
    ("row", "format", "columns"),
    [
        (CHAT, "openai-chat", {}),
        ({"messages": [U], "reference_answer": "42"}, "openai-chat", {}),
        ({"messages": [U], "target": "x"}, "evalkit", {}),
        ({"input": "x", "target": "y"}, "evalkit", {}),
        ({"input": {"messages": [U]}, "preferred_output": [A], "non_preferred_output": [A]}, "openai-preference", {}),
        (
            {"input": {"messages": [U]}, "preferred_completion": [A], "non_preferred_completion": [A]},
            "openai-preference",
            {},
        ),
        ({"prompt": [U], "completion": [A]}, "trl", {}),
        ({"prompt": "x", "completion": "y", "label": True}, "trl", {}),
        ({**CHAT, "label": False}, "trl", {}),
        ({"prompt": "x", "chosen": "a", "rejected": "b"}, "trl", {}),
        ({"chosen": [U, A], "rejected": [U, A]}, "trl", {}),
        ({"chosen_messages": [U, A], "rejected_messages": [U, A]}, "trl", {}),
        ({"prompt": "x ->", "completion": " y"}, "openai-completion", {}),
        ({"prompt": "x", "completion": "y"}, "trl", {}),
        ({"conversations": [{"from": "human", "value": "x"}]}, "sharegpt", {}),
        ({"conversations": [], "chosen": {"from": "gpt", "value": "x"}}, "sharegpt", {}),
        ({"instruction": "x", "input": "", "output": "y"}, "alpaca", {}),
        ({"instruction": "x", "context": "", "response": "y", "category": "open_qa"}, "alpaca", {}),
        ({"instruction": "x", "chosen": "y", "rejected": "z"}, "alpaca", {}),
        ({"context": "c", "question": "q", "ans0": "a", "ans1": "b", "ans2": "c", "label": 0}, "bbq", {}),
        ({"prompt": "x", "response": "y"}, "evalkit", {"input": "prompt", "target": "response"}),
        (
            {"query": "x", "response": "y", "ground_truth": "z"},
            "evalkit",
            {"input": "query", "target": "ground_truth"},
        ),
        ({"input": [U], "ideal": "z"}, "evalkit", {"messages": "input", "target": "ideal"}),
        ({"item": {"question": "x", "answer": "y"}}, "evalkit", {"input": "item.question", "target": "item.answer"}),
        ({"ID": "i-1", "text": "x", "output": "y"}, "evalkit", {"input": "text", "target": "output", "id": "ID"}),
        (
            {"question": "x", "choice0": "a", "choice1": "b", "label": 1},
            "evalkit",
            {"input": "question", "target": "label", "choices": "choice0, choice1"},
        ),
        ({"prompt": "x", "key": 1000}, "evalkit", {"input": "prompt"}),
        ({"rows": 3}, "evalkit", {}),
    ],
)
def test_a_format_is_guessed_from_the_keys(
    tmp_path: Path, row: object, format: str, columns: Mapping[str, str]
) -> None:
    guess = guess_format(jsonl(tmp_path / "rows.jsonl", [row, row]))
    assert (guess.format, guess.columns) == (format, columns)


def test_what_was_guessed_is_told_with_why_and_how_to_say_otherwise(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = jsonl(tmp_path / "rows.jsonl", [CHAT])
    assert main(["data", "check", str(path)]) == 0
    told = capsys.readouterr().err
    assert f"{path} is read as openai-chat: its row has `messages`" in told
    assert "(say otherwise: --format)" in told
    assert main(["data", "check", str(path), "--format", "openai-chat"]) == 0
    assert "is read as" not in capsys.readouterr().err


def test_a_format_or_columns_that_were_named_stay(tmp_path: Path) -> None:
    path = jsonl(tmp_path / "rows.jsonl", [{"prompt": "x", "response": "y", "best": "z"}])
    named = {"input": "prompt", "target": "best"}
    assert guess_format(path, columns=named).columns == named
    assert guess_format(path, format="trl").format == "trl"


def test_the_header_of_a_table_names_its_columns(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("text,label,,\nWhere is my parcel,delivery,,\n")
    guess = guess_format(path)
    assert (guess.format, guess.columns) == ("csv", {"input": "text", "target": "label"})
    (example,) = read_examples(path, format=guess.format, columns=guess.columns)
    assert (example.messages[0].content, example.target) == ("Where is my parcel", "delivery")
    path.write_text("input,target\na,b\n")
    assert not guess_format(path).why


def test_most_rows_decide_and_the_others_are_told_when_they_are_read(tmp_path: Path) -> None:
    path = jsonl(tmp_path / "rows.jsonl", [CHAT, CHAT, CHAT, {"text": "x"}])
    guess = guess_format(path)
    assert (guess.format, "3 of its first 4 rows" in guess.why) == ("openai-chat", True)
    with pytest.raises(DataError, match=r"rows\.jsonl:4: `messages` is missing"):
        read_examples(path, format=guess.format)


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ({"evalkit_recording": 1, "model": {}}, "is a recording of answers, not a data set"),
        ({"text": "It was a dark night."}, "holds plain texts"),
    ],
)
def test_what_is_no_data_set_is_called_by_its_name(tmp_path: Path, row: object, sentence: str) -> None:
    with pytest.raises(DataError, match=sentence):
        guess_format(jsonl(tmp_path / "rows.jsonl", [row]))


CASES = Path(os.environ.get("EVALKIT_SHARED_DATA", "../shared/data")).parent / "cases/data"
REFUSED = {
    "array_as.jsonl": "one JSON array",
    "columnar.json": "a table by columns",
    "deep.jsonl": "nested too deeply",
    "i4_role_typo.jsonl": "did you mean 'human'?",
    "i6_pandas.json": "as pandas writes it",
    "leak_lf_train.jsonl": "neither `messages` nor `input`",
    "leak_template_base.jsonl": "a recording of answers",
    "leak_template_candidate.jsonl": "a recording of answers",
    "leak_template_train.jsonl": "every assistant turn has weight 0",
    "pretty.jsonl": "printed over several lines",
    "sjis.jsonl": "it looks like Shift_JIS",
    "utf16_nobom.jsonl": "it looks like UTF-16 without its mark",
}


@pytest.mark.skipif(not CASES.is_dir(), reason="the shared cases are not here")
def test_every_shared_case_is_read_or_refused_with_a_true_sentence() -> None:
    pytest.importorskip("pyarrow", reason="pyarrow (the extra parquet) is not installed")
    refused = {}
    for path in sorted(CASES.iterdir()):
        if path.is_dir() or path.suffix in (".md", ".yaml"):
            continue
        try:
            guess = guess_format(path)
            assert read_examples(path, format=guess.format, columns=guess.columns)
        except DataError as error:
            refused[path.name] = " | ".join(problem.what for problem in error.problems)
    assert {*refused} == {*REFUSED}
    for name, sentence in REFUSED.items():
        assert sentence in refused[name]
