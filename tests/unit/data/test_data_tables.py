"""Reading tables: CSV, Parquet, other encodings; what is none is told."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from data_rows import jsonl, problems

from evalkit.core.errors import DataError, MissingExtra
from evalkit.data.read import read_examples


def test_csv_columns_are_named_and_the_rest_become_tags(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text('question,label,lang\n"Where, exactly?\nHere",loc,en\nなに,obj,ja\n', encoding="utf-8")
    first, second = read_examples(path, format="csv", columns={"input": "question", "target": "label"})
    assert (first.messages[0].content, first.target, first.tags) == ("Where, exactly?\nHere", "loc", {"lang": "en"})
    assert second.tags == {"lang": "ja"}


def test_csv_choices_come_from_several_columns_and_tags_from_named_ones(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("q,a,b,right,kind\nCapital?,Rome,Oslo,1,geo\n")
    columns = {"input": "q", "choices": "a, b", "target": "right", "tags.topic": "kind"}
    (example,) = read_examples(path, format="csv", columns=columns)
    assert (example.choices, example.target, example.tags) == (("Rome", "Oslo"), 1, {"topic": "geo"})


def test_a_table_without_a_header_is_read_by_position(tmp_path: Path) -> None:
    path = tmp_path / "rows.tsv"
    path.write_text("What?\t18\nWho?\t3\n")
    examples = read_examples(path, format="csv", columns={"input": "1", "target": "2"})
    assert [e.target for e in examples] == ["18", "3"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("input,target\na,b\nc\n", "rows.csv:3: the row has 1 cells, the header has 2"),
        ("input,target\na,b,c\n", "rows.csv:2: the row has 3 cells, the header has 2"),
        ("input,input\na,b\n", "rows.csv:1: the header names 'input' twice"),
        ('input\n"open\n', "rows.csv:2: not valid CSV"),
    ],
)
def test_a_broken_table_is_told_with_its_line(tmp_path: Path, text: str, sentence: str) -> None:
    path = tmp_path / "rows.csv"
    path.write_text(text)
    assert problems(path, "csv")[0].startswith(sentence)


def test_a_column_that_is_not_there_is_told_with_the_nearest(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("question,label\nx,y\n")
    assert problems(path, "csv", input="qestion") == [
        "rows.csv: there is no column 'qestion' (did you mean 'question'?)\n    allowed: question, label"
    ]


def test_a_csv_that_is_not_utf8_names_its_line(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_bytes("input\nよし\n".encode("shift-jis"))
    (found,) = problems(path, "csv")
    assert found.startswith("rows.csv: not UTF-8: it looks like Shift_JIS (cp932)")
    path.write_bytes("input\ncafé\n".encode("latin-1"))
    assert problems(path, "csv")[0].startswith("rows.csv:2: not UTF-8: byte")


def test_a_table_in_another_encoding_is_told_that_alone_whatever_its_format(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_bytes("input,target\n返金できますか,はい\n".encode("cp932"))
    (found,) = problems(path, "evalkit")
    assert found.startswith("rows.csv: not UTF-8: it looks like Shift_JIS (cp932)")
    path.write_text("question,label\nx,y\n")
    assert problems(path, "evalkit")[0].startswith("rows.csv: a table whose format is not csv")


def test_a_table_without_a_question_names_its_header_once(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("question,label\n" + "x,y\n" * 30)
    (found,) = problems(path, "csv")
    assert found.startswith("rows.csv:1: the header has neither `input` nor `messages`: ")
    assert "its columns are 'question', 'label'" in found
    assert "dataset.columns: {input: question, target: label}" in found


def test_a_table_read_as_rows_asks_whether_csv_was_meant(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("question,label\nx,y\n")
    first, *others = problems(path, "evalkit")
    assert "did you mean format: csv?" in first
    assert len(others) == 1


def test_parquet_is_read_and_what_is_none_is_told(tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow", reason="pyarrow (the extra parquet) is not installed")
    import pyarrow.parquet as parquet

    rows = {"messages": [[{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}]]}
    parquet.write_table(pyarrow.table(rows), tmp_path / "rows.parquet")
    (example,) = read_examples(tmp_path / "rows.parquet", format="openai-chat")
    assert example.target == "a"
    (tmp_path / "bad.parquet").write_bytes(b"not parquet at all")
    assert "not a Parquet file" in problems(tmp_path / "bad.parquet")[0]


def test_without_pyarrow_the_extra_to_install_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "rows.parquet").write_bytes(b"PAR1")
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    with pytest.raises(MissingExtra, match=r'pip install "evalkit-gate\[parquet\]"'):
        read_examples(tmp_path / "rows.parquet", format="evalkit")


def test_a_file_that_may_not_be_read_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = jsonl(tmp_path / "rows.jsonl", [{"input": "a"}])

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("builtins.open", refuse)
    with pytest.raises(DataError, match=r"cannot read .*rows\.jsonl: Permission denied"):
        read_examples(path, format="evalkit")
