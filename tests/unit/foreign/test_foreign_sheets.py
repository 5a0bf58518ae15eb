"""Tables in the bytes that people's programs write."""

import json
from pathlib import Path

import pytest

from evalkit.core.errors import DataError
from evalkit.foreign.columns import map_columns, read_wishes
from evalkit.foreign.sheets import read_sheet

TABLE = '番号,回答,正解\r\n1,①㈱髙～はい,1\r\n2,"二行の\n回答",0\r\n'


@pytest.mark.parametrize("code", ["utf-8", "utf-8-sig", "cp932", "utf-16", "utf-16-le"])
def test_every_encoding_reads_as_the_same_table(tmp_path: Path, code: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(TABLE.encode(code))
    sheet = read_sheet(path)
    assert sheet.names == ("番号", "回答", "正解")
    assert [dict(row) for row in sheet.rows] == [
        {"番号": "1", "回答": "①㈱髙～はい", "正解": "1"},
        {"番号": "2", "回答": "二行の\n回答", "正解": "0"},
    ]
    assert [str(sheet.where(index)).rpartition(":")[2] for index in (0, 1)] == ["2", "3"]


def test_euc_jp_is_told_from_shift_jis(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("番号,回答\n1,返金できますか。ありがとうございます\n".encode("euc_jp"))
    sheet = read_sheet(path)
    assert sheet.rows[0]["回答"] == "返金できますか。ありがとうございます"
    assert sheet.about == ["EUC-JP"]


@pytest.mark.parametrize("mark", [";", "\t", "|", ","])
def test_the_mark_between_cells_is_found(tmp_path: Path, mark: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f'id{mark}text{mark}score\na{mark}"x{mark}y"{mark}1\n', encoding="utf-8")
    assert dict(read_sheet(path).rows[0]) == {"id": "a", "text": f"x{mark}y", "score": "1"}


def test_blank_rows_and_trailing_blank_columns_are_none(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("id,score,,\na,1,,\n,,,\nb,0,,\n,,,\n", encoding="utf-8")
    sheet = read_sheet(path)
    assert sheet.names == ("id", "score")
    assert [row["id"] for row in sheet.rows] == ["a", "b"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the table is empty"),
        ("id,score\n", "a header and no row"),
        ("id,id\na,b\n", "the header names 'id' twice"),
        ("id,score\na\n", "the row has 1 cells, the header has 2"),
        ('id,score\na,"1\n', "not valid CSV"),
    ],
)
def test_what_is_no_table_is_said_in_a_sentence(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=said):
        read_sheet(path)


def test_nested_objects_become_columns_with_dots(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps({"id": "a", "doc": {"question": "?", "meta": {"n": 1}}, "tags": []}) + "\n")
    assert dict(read_sheet(path).rows[0]) == {"id": "a", "doc.question": "?", "doc.meta.n": 1, "tags": []}


def test_an_excel_sheet_reads_as_its_cells(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    book.active.append(["番号", "正解", None])
    book.active.append([1, True, None])
    book.active.append([None, None, None])
    book.active.append([2.0, False, None])
    book.save(tmp_path / "a.xlsx")
    sheet = read_sheet(tmp_path / "a.xlsx")
    assert sheet.names == ("番号", "正解")
    assert [tuple(row.values()) for row in sheet.rows] == [(1, True), (2, False)]


def test_what_only_looks_like_a_workbook_is_told(tmp_path: Path) -> None:
    pytest.importorskip("openpyxl")
    (tmp_path / "a.xlsx").write_bytes(b"PK\x03\x04 no workbook")
    with pytest.raises(DataError, match="not an Excel workbook"):
        read_sheet(tmp_path / "a.xlsx")


@pytest.mark.parametrize("number", ["問い合わせ番号", "問合せ番号", "お問い合わせ番号", "受付番号"])
@pytest.mark.parametrize("asked", ["質問", "問合せ内容", "お問い合わせ内容"])
def test_the_columns_of_a_japanese_desk_are_known_by_their_names(tmp_path: Path, number: str, asked: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        f"{number},{asked},回答文,正解\nQ1,返品したい,承ります,1\nQ2,届かない,確認します,0\n", encoding="utf-8"
    )
    found = map_columns(read_sheet(path), read_wishes([]))
    assert found.fields == {"id": number, "input": asked, "output": "回答文"}
    assert found.scores == ["正解"]
