"""Files that hold rows in another shape are called by their names in one sentence."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from data_rows import jsonl, problems

from evalkit.data.read import read_examples

ROWS = [{"input": "Where is it?", "target": "x"}, {"input": "And that?", "target": "y"}]
TURN = {"role": "user", "content": "x"}
CHAT = {"messages": [TURN, {"role": "assistant", "content": "y"}]}


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("rows.jsonl", json.dumps(ROWS), "this is one JSON array"),
        ("rows.jsonl", json.dumps(ROWS, indent=1), "this is one JSON array"),
        ("rows.jsonl", "\n".join(json.dumps(row, indent=2) for row in ROWS), "printed over several lines"),
        ("rows.json", json.dumps(CHAT, indent=2), "printed over several lines"),
        ("rows.json", json.dumps({"data": ROWS}), "holds 2 rows under 'data'"),
        ("rows.json", json.dumps({"version": 1, "data": ROWS}, indent=2), "holds 2 rows under 'data'"),
        ("rows.json", json.dumps({"input": ["a", "b"], "target": ["x", "y"]}), "a table by columns, each a list of 2"),
        ("rows.json", json.dumps({"messages": [[TURN], [TURN]]}), "a table by columns, each a list of 2"),
        ("rows.json", json.dumps({"a": {"0": "x", "1": "y"}, "b": {"0": "x", "1": "y"}}), "as pandas writes it"),
        ("rows.json", json.dumps({"a": ROWS[0], "b": ROWS[1]}), "holds 2 rows by their names"),
        ("rows.json", json.dumps(["a", "b"]), "no item of the array is a JSON object: the first of 2 is a text"),
        ("rows.txt", "Some words.\nMore words.\n", "this is text, not JSON"),
        ("rows.jsonl", "version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "a Git LFS pointer"),
        ("rows.parquet", "version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "a Git LFS pointer"),
        ("rows.csv", "/annex/objects/SHA256E-s1--0\n", "a git-annex pointer"),
        ("rows.jsonl", "<!DOCTYPE html><html></html>", "a web page"),
    ],
)
def test_another_shape_is_one_sentence_with_what_to_do(tmp_path: Path, name: str, text: str, sentence: str) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    (told,) = problems(path, "csv" if name.endswith("csv") else "evalkit")
    assert sentence in told
    assert "to do: " in told or name == "rows.json"


@pytest.mark.parametrize(
    "rows",
    [
        [ROWS[0]],
        [CHAT],
        ROWS,
        [{"input": "x", "choices": ["a", "b"], "target": 0}],
        [{"input": "a", "k": {}}],
        [{"input": "a", "documents": [{"title": "b"}]}],
    ],
)
def test_lines_of_rows_are_taken_for_nothing_else(tmp_path: Path, rows: list[object]) -> None:
    for name in ("rows.jsonl", "rows.json"):
        assert len(read_examples(jsonl(tmp_path / name, rows), format="evalkit")) == len(rows)


def test_a_broken_line_among_others_is_told_alone(tmp_path: Path) -> None:
    path = jsonl(tmp_path / "rows.jsonl", ["junk", '{"input": "a"}', '{"input": '])
    told = problems(path)
    assert [one.split(": ")[0] for one in told] == ["rows.jsonl:1:1", "rows.jsonl:3:11"]


def test_items_of_an_array_are_counted_from_1(tmp_path: Path) -> None:
    path = tmp_path / "rows.json"
    path.write_text(json.dumps([{"input": "a"}, "b", {"in": "c"}]))
    told = problems(path)
    assert told[0].startswith("rows.json row 2: a row must be a JSON object, this is a text")
    assert told[1].startswith("rows.json row 3: the row has neither")


def test_keys_of_rows_without_a_question_are_named_once(tmp_path: Path) -> None:
    (told,) = problems(jsonl(tmp_path / "rows.jsonl", [{"q": "a", "gold": "b"}] * 30))
    assert told.startswith("rows.jsonl:1: no row has `messages` or `input`")
    assert "its keys are q, gold" in told


def test_files_that_tell_of_the_data_are_no_data(tmp_path: Path) -> None:
    jsonl(tmp_path / "data.jsonl", ROWS)
    jsonl(tmp_path / "dataset_info.json", [{"alpaca": {"file_name": "data.jsonl"}}])
    (tmp_path / ".cache").mkdir()
    jsonl(tmp_path / ".cache" / "old.jsonl", ROWS)
    assert len(read_examples(tmp_path, format="evalkit")) == 2


def test_a_data_set_as_hugging_face_saves_it_is_read(tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets", reason="datasets is not installed")
    datasets.Dataset.from_list(ROWS * 300).save_to_disk(str(tmp_path / "saved"))
    saved = read_examples(tmp_path / "saved", format="evalkit")
    assert [one.target for one in saved[:2]] == ["x", "y"]
    assert len(saved) == 600


def test_dates_and_decimals_of_tables_are_json_and_bytes_are_told(tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow", reason="pyarrow (the extra parquet) is not installed")
    import datetime
    from decimal import Decimal

    import pyarrow.parquet as parquet

    path = tmp_path / "rows.parquet"
    day = datetime.date(2026, 4, 1)
    parquet.write_table(pyarrow.table({"input": ["a"], "day": [day], "price": [Decimal("1.50")]}), path)
    (example,) = read_examples(path, format="evalkit")
    assert example.extra == {"day": "2026-04-01", "price": 1.5}
    parquet.write_table(pyarrow.table({"input": ["a"], "image": [b"\x89PNG"]}), path)
    (told,) = problems(path)
    assert "the column 'image' holds bytes (an image or a sound)" in told
