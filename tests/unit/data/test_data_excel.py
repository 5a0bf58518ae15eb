"""Tables as Excel and others write them: encodings, delimiters, blank cells, workbooks, nested fields."""

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from evalkit.cli import main
from evalkit.core.errors import DataError
from evalkit.data.read import read_examples

HEADER = ("番号", "質問", "正解")
ROWS = [("a-1", "①㈱髙島屋～の返品", "返金"), ("a-2", "改行\r\nあり", "配送")]
COLUMNS = {"id": "番号", "input": "質問", "target": "正解"}
LINE = "id=番号,input=質問,target=正解"


def table(rows: Sequence[Sequence[str]], code: str = "utf-8", delimiter: str = ",") -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows(rows)
    return text.getvalue().encode(code)


def told(path: Path, encoding: str | None = None) -> list[tuple[str, object, object]]:
    found = read_examples(path, format="csv", columns=COLUMNS, encoding=encoding)
    return [(one.id, one.messages[0].content, one.target) for one in found]


@pytest.mark.parametrize(
    ("code", "encoding"),
    [
        ("cp932", "cp932"),
        ("cp932", "Shift_JIS"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("utf-8-sig", None),
        ("utf-8-sig", "UTF-8"),
    ],
)
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_table_is_read_in_its_encoding_and_with_its_delimiter(
    tmp_path: Path, code: str, encoding: str | None, delimiter: str
) -> None:
    path = tmp_path / ("rows.tsv" if delimiter == "\t" else "rows.csv")
    path.write_bytes(table([HEADER, *ROWS], code, delimiter))
    assert told(path, encoding) == ROWS


def test_euc_jp_is_read_and_named(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_bytes(table([HEADER, ("a", "返品したい", "返金")], "euc_jp"))
    assert told(path, "euc-jp") == [("a", "返品したい", "返金")]
    with pytest.raises(DataError, match="it looks like EUC-JP"):
        told(path)


def test_another_encoding_is_named_with_the_line_to_type(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "rows.csv"
    path.write_bytes(table([HEADER, *ROWS], "cp932"))
    assert main(["data", "check", str(path), "--columns", LINE]) == 2
    assert "say encoding: cp932" in capsys.readouterr().err
    assert main(["data", "check", str(path), "--columns", LINE, "--encoding", "cp932"]) == 0
    suite = tmp_path / "s.yaml"
    suite.write_text(
        "evalkit: 1\nname: s\n"
        "dataset: {path: rows.csv, format: csv, encoding: cp932, columns: {input: 質問, target: 正解}}\n"
        "scorers: {e: {type: exact}}\ngates: [{type: no_regression, metric: e, margin: 0.1}]\n",
        encoding="utf-8",
    )
    assert main(["validate", str(suite)]) == 0
    with pytest.raises(DataError, match="unknown encoding"):
        told(path, "cp9999")
    with pytest.raises(DataError, match="not euc-jp: byte"):
        told(path, "euc-jp")


@pytest.mark.parametrize("code", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("name", ["rows.csv", "rows.jsonl"])
def test_utf_16_without_its_mark_is_named(tmp_path: Path, code: str, name: str) -> None:
    path = tmp_path / name
    text = "id,input\n1,a\n" if name.endswith("csv") else '{"input": "a"}\n'
    path.write_bytes(text.encode(code))
    with pytest.raises(DataError, match="UTF-16 without its mark") as caught:
        read_examples(path, format="csv" if name.endswith("csv") else "evalkit")
    assert code in str(caught.value.problems[0].todo)


def test_several_columns_are_the_choices(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, out = tmp_path / "mmlu.csv", tmp_path / "out.jsonl"
    path.write_text("q,A,B,ans\n首都は?,東京,大阪,B\n", encoding="utf-8")
    line = ["--columns", "input=q,choices=A|B", "--columns", "target=ans"]
    assert main(["data", "convert", str(path), *line, "--to", "evalkit", "-o", str(out)]) == 0
    (row,) = read_examples(out, format="evalkit")
    assert (row.choices, row.target) == (("東京", "大阪"), 1)


def test_blank_header_cells_and_trailing_rows_of_excel_are_none(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_bytes(table([(*HEADER, "", ""), *((*row, "", "") for row in ROWS), ("", "", "", "", "")]))
    assert told(path) == ROWS
    path.write_bytes(table([HEADER, *((*row, "") for row in ROWS)]))
    assert told(path) == ROWS
    path.write_bytes(table([("番号", "質問", "正解", "", "x"), ("a", "b", "c", "lost", "d")]))
    with pytest.raises(DataError, match="'lost' stands under no name"):
        told(path)


def test_a_workbook_is_read_as_its_table(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    book.create_sheet("表")
    sheet = book["表"]
    for row in [(*HEADER, None, "点"), *((*row, None, 4.0) for row in ROWS), (None,) * 5]:
        sheet.append(row)
    book.save(tmp_path / "rows.xlsx")
    assert told(tmp_path / "rows.xlsx") == ROWS
    (first, _) = read_examples(tmp_path / "rows.xlsx", format="csv", columns=COLUMNS)
    assert first.tags == {"点": "4"}
    (tmp_path / "broken.xlsx").write_bytes(b"PK\x03\x04 no")
    with pytest.raises(DataError, match="not an Excel workbook"):
        told(tmp_path / "broken.xlsx")


def test_fields_lie_in_nested_objects_and_letters_are_targets(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    rows = [{"doc": {"id": f"d{n}", "question": "q", "answer": "AB"[n]}, "ch": ["x", "y"]} for n in range(2)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    columns = {"id": "doc.id", "input": "doc.question", "target": "doc.answer", "choices": "ch"}
    found = read_examples(path, format="evalkit", columns=columns)
    assert [(one.id, one.target) for one in found] == [("d0", 0), ("d1", 1)]


def test_one_missing_column_is_one_error_and_a_row_without_it_its_own(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(json.dumps({"q": "a", "t": n}) + "\n" for n in range(30)))
    with pytest.raises(DataError) as caught:
        read_examples(path, format="evalkit", columns={"input": "qq"})
    assert [problem.what for problem in caught.value.problems] == ["there is no column 'qq' (did you mean 'q'?)"]
    path.write_text('{"q": "a"}\n{"other": "b"}\n')
    with pytest.raises(DataError) as caught:
        read_examples(path, format="evalkit", columns={"input": "q"})
    (problem,) = caught.value.problems
    assert problem.where is not None
    assert problem.where.line == 2


def test_columns_hold_for_check_split_and_convert(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "rows.csv"
    path.write_bytes(table([HEADER, *((f"a-{n}", f"質問{n}", "返金") for n in range(10))]))
    assert main(["data", "check", str(path), "--columns", LINE]) == 0
    assert (
        main(
            [
                "data",
                "split",
                str(path),
                "--columns",
                LINE,
                "--share",
                "a=0.5",
                "--share",
                "b=0.5",
                "-o",
                str(tmp_path / "s"),
            ]
        )
        == 0
    )
    out = tmp_path / "out.jsonl"
    assert main(["data", "convert", str(path), "--columns", LINE, "--to", "evalkit", "-o", str(out)]) == 0
    assert json.loads(out.read_text(encoding="utf-8").splitlines()[0])["id"] == "a-0"
    assert main(["data", "check", str(path), "--columns", "inptu=質問"]) == 2
    assert "did you mean 'input'" in capsys.readouterr().err
