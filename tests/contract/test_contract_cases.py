"""`evalkit cases`: the cases of a run go on, to a spreadsheet, an annotator, a program; nothing there is lost."""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from project import SUITE, Project, told

from evalkit.cli import main
from evalkit.report.case_files.cells import LONGEST, is_formula_like

HOSTILE = [
    "=HYPERLINK(\"http://x\",\"見る\")", "+1+1", "-2+3+cmd|' /C calc'!A0", "@SUM(1)", "\t=1+1", "\r=1", " =1+1",
    "＝1+1", "＋1", "\n=1+1", "−5と書く", "-5", "①㈱髙～", "a,b;\"c\"\r\n=d", "", "x" * (LONGEST + 9),
    "half \ud83d here",
    "control \x01 here", "#N/A", "007",
]  # fmt: skip


@pytest.fixture
def kept(project: Project) -> Project:
    """A run: base right but at every tenth, candidate right on even questions, and answers of every kind."""

    def change(row: dict[str, Any]) -> dict[str, Any]:
        at = int(row["id"][1:])
        if at % 2 == 1 and at // 2 < len(HOSTILE):
            row["text"] = HOSTILE[at // 2]
        if at == 2:
            row["text"] = f"<think>1 を足すと</think>{row['text']}"
        if at == 4:
            row["finish"] = "length"
        if at == 6:
            return {"id": row["id"], "failure": {"kind": "timeout", "message": "no answer in 60 s"}}
        return row

    project.data()
    project.suite(SUITE.replace("slices:", "  brief: {type: length, max: 1}\nslices:"))
    project.arm("base", right=lambda i: i % 10 != 0)
    project.arm("candidate", right=lambda i: i % 2 == 0, change=change)
    project.models("base", "candidate")
    project.compare("base", "candidate")
    return project


def rows_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_a_row_has_both_answers_thoughts_endings_and_every_metric(
    kept: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert main(["cases", "latest", "-o", "all.jsonl"]) == 0
    assert capsys.readouterr().out == "all.jsonl: 100 of 100 cases\n"
    rows = {row["id"]: row for row in rows_of(kept.folder / "all.jsonl")}
    assert len(rows) == 100
    row = rows["q2"]
    assert list(row) == [
        "id", "suite", "state", "input", "target", "base", "candidate", "base.finish", "base.ended", "base.thought",
        "candidate.finish", "candidate.ended", "candidate.thought", "base.answer", "base.brief", "base.brief.count",
        "candidate.answer", "candidate.brief", "candidate.brief.count", "cluster", "tag.kind", "why",
    ]  # fmt: skip
    assert (row["input"], row["target"], row["base"], row["candidate"]) == ("What is 2 + 1?", "3", "3", "3")
    assert (row["candidate.thought"], row["base.thought"]) == ("1 を足すと", None)
    assert (row["state"], row["tag.kind"]) == ("both_right", "even")
    assert rows["q4"]["candidate.ended"] == "cut"
    assert rows["q6"]["candidate.ended"] == "failed: timeout"
    assert (rows["q6"]["state"], rows["q6"]["candidate.answer"]) == ("failed", None)
    assert (rows["q1"]["base.answer"], rows["q1"]["candidate.answer"], rows["q1"]["state"]) == (1.0, 0.0, "broken")


def test_cases_are_chosen_by_suite_state_tag_and_metric(kept: Project) -> None:
    def chosen(*words: str) -> set[str]:
        assert main(["cases", "latest", *words, "-o", "some.jsonl", "--overwrite"]) == 0
        return {row["id"] for row in rows_of(kept.folder / "some.jsonl")}

    everything = chosen()
    odd, tenths = {f"q{i}" for i in range(1, 100, 2)}, {f"q{i}" for i in range(0, 100, 10)}
    assert chosen("--state", "broken") >= odd
    assert chosen("--suite", "small") == everything
    assert chosen("--state", "fixed", "--metric", "answer") == tenths
    assert chosen("--state", "fixed,broken", "--metric", "answer") == tenths | odd
    assert chosen("--state", "fixed", "--state", "broken", "--metric", "answer") == tenths | odd
    assert chosen("--tag", "kind=odd") == odd
    assert chosen("--tag", "kind=odd", "--tag", "kind=even") == everything
    assert chosen("--tag", "kind=odd", "--state", "fixed", "--metric", "answer") == set()


def test_excel_opens_the_csv_in_japanese_and_cannot_run_it(kept: Project, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cases", "latest", "-o", "all.csv"]) == 0
    assert "1 text longer than the 32,767 characters of a cell" in capsys.readouterr().err
    raw = (kept.folder / "all.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbfid,suite,state,")
    text = raw.decode("utf-8-sig")
    rows = list(csv.DictReader(text.splitlines(keepends=True)))
    assert len(rows) == 100
    assert not [cell for row in rows for cell in row.values() if is_formula_like(cell)]
    said = {row["id"]: row["candidate"] for row in rows}
    for at, hostile in enumerate(HOSTILE):
        written = said[f"q{2 * at + 1}"]
        meant = hostile.replace("\ud83d", "\ufffd")
        assert written == (f"'{meant}" if is_formula_like(meant) else meant)
    assert said["q25"] == "①㈱髙～"


def test_a_workbook_has_a_frozen_header_filters_and_no_formula(
    kept: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    openpyxl = pytest.importorskip("openpyxl", reason="openpyxl (the extra excel) is not installed")
    assert main(["cases", "latest", "-o", "all.xlsx"]) == 0
    assert "1 text cut at the 32,767 characters" in capsys.readouterr().err
    sheet = openpyxl.load_workbook(kept.folder / "all.xlsx")["cases"]
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == "A1:V101"
    head, *rows = (list(row) for row in sheet.iter_rows())
    names = [cell.value for cell in head]
    assert {cell.data_type for row in rows for cell in row} <= {"s", "n", "inlineStr"}
    cells = {row[0].value: row[names.index("candidate")] for row in rows}
    assert cells["q1"].value == HOSTILE[0]
    assert cells["q1"].quotePrefix
    assert cells["q37"].value == "#N/A"
    assert cells["q39"].value == "007"
    assert cells["q35"].value == "control \ufffd here"
    assert len(cells["q31"].value) == LONGEST
    scores = {row[0].value: row[names.index("candidate.answer")].value for row in rows}
    assert (scores["q1"], scores["q2"], scores["q6"]) == (0, 1, None)


def test_parquet_holds_metrics_as_numbers_also_where_no_case_fits(kept: Project) -> None:
    parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow (the extra parquet) is not installed")
    assert main(["cases", "latest", "-o", "all.parquet"]) == 0
    table = parquet.read_table(kept.folder / "all.parquet")
    assert table.num_rows == 100
    assert str(table.schema.field("candidate.answer").type) == "double"
    assert str(table.schema.field("target").type) == "string"
    assert main(["cases", "latest", "--state", "both_wrong", "--tag", "kind=odd", "-o", "no.parquet"]) == 0
    none = parquet.read_table(kept.folder / "no.parquet")
    assert (none.num_rows, none.schema) == (0, table.schema)


@pytest.mark.parametrize("name", ["a.csv", "a.xlsx", "a.jsonl", "a.parquet"])
def test_the_same_cases_give_the_same_bytes(kept: Project, name: str) -> None:
    pytest.importorskip({"a.xlsx": "openpyxl", "a.parquet": "pyarrow"}.get(name, "json"))
    for folder in ("one", "two"):
        assert main(["cases", "latest", "-o", f"{folder}/{name}"]) == 0
    assert (kept.folder / "one" / name).read_bytes() == (kept.folder / "two" / name).read_bytes()


@pytest.mark.parametrize(
    ("name", "package", "extra"), [("a.xlsx", "openpyxl", "excel"), ("a.parquet", "pyarrow", "parquet")]
)
def test_a_missing_extra_is_told_before_any_work(
    kept: Project,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    package: str,
    extra: str,
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    capsys.readouterr()
    assert main(["cases", "no-such-run", "-o", name]) == 2  # the run is not even looked for
    assert f'pip install "evalkit-gate[{extra}]"' in capsys.readouterr().err
    assert not (kept.folder / name).exists()


def test_what_somebody_wrote_into_a_table_is_never_lost(kept: Project, capsys: pytest.CaptureFixture[str]) -> None:
    sheet = kept.write("labels.csv", "id,label\nq1,bad\n")
    assert told(capsys, "cases", "latest", "-o", "labels.csv") == [
        "-o labels.csv: this file is there already, perhaps with what somebody wrote into it"
    ]
    assert sheet.read_text(encoding="utf-8") == "id,label\nq1,bad\n"
    assert main(["cases", "latest", "-o", "labels.csv", "--overwrite"]) == 0
    assert sheet.read_bytes().startswith(b"\xef\xbb\xbfid,suite")


@pytest.mark.parametrize("name", ["suites/data.jsonl", "suites/base.jsonl", "suites/candidate.jsonl", "other.jsonl"])
def test_data_and_recordings_are_not_replaced_even_if_asked(
    kept: Project, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    kept.write("other.jsonl", (kept.folder / "suites/base.jsonl").read_text(encoding="utf-8"))
    before = (kept.folder / name).read_bytes()
    (problem,) = told(capsys, "cases", "latest", "-o", name, "--overwrite")
    assert "would be lost" in problem
    assert (kept.folder / name).read_bytes() == before


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["-o", "a.txt"], "-o a.txt: cases do not go into a file of this name"),
        (["-o", "suites.csv/a.csv"], "-o suites.csv/a.csv: suites.csv is a file, not a folder"),
        (["-o", ".evalkit/a.csv"], "-o .evalkit/a.csv: evalkit keeps answers and runs in this folder"),
        (["-o", "a.csv", "--suite", "smal"], "--suite smal: the run has no suite 'smal' (did you mean 'small'?)"),
        (["-o", "a.csv", "--state", "brokn"], "--state brokn: there is no state 'brokn' (did you mean 'broken'?)"),
        (["-o", "a.csv", "--tag", "knd=odd"], "--tag knd: no case has the tag 'knd' (did you mean 'kind'?)"),
        (["-o", "a.csv", "--tag", "kind=od"], "--tag kind=od: no case has the kind 'od' (did you mean 'odd'?)"),
        (["-o", "a.csv", "--tag", "kind"], "--tag kind"),
        (
            ["-o", "a.csv", "--metric", "anwser"],
            "--metric anwser: no case has the metric 'anwser' (did you mean 'answer'?)",
        ),
    ],
)
def test_what_cannot_be_chosen_or_written_is_told(
    kept: Project, capsys: pytest.CaptureFixture[str], words: list[str], says: str
) -> None:
    kept.write("suites.csv", "x")
    assert told(capsys, "cases", "latest", *words) == [says]
    assert not (kept.folder / "a.csv").exists()


def test_an_unknown_run_ends_with_2(kept: Project, capsys: pytest.CaptureFixture[str]) -> None:
    (problem,) = told(capsys, "cases", "no-such-run", "-o", "a.csv")
    assert "no run 'no-such-run'" in problem


def test_ideas_for_training_hold_no_word_of_a_held_out_case(kept: Project, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert main(["cases", "latest", "--state", "broken", "--tag", "kind=odd", "--ideas", "-o", "new.jsonl"]) == 0
    told_now = capsys.readouterr()
    assert told_now.out == "new.jsonl: 50 places for a new row\n"
    assert "must never be trained on" in told_now.err
    assert "evalkit data check HELD_OUT --trained-on new.jsonl" in told_now.err
    text = (kept.folder / "new.jsonl").read_text(encoding="utf-8")
    assert not [row for row in kept.rows() if row["input"] in text]
    first = rows_of(kept.folder / "new.jsonl")[0]
    assert first["messages"] == [{"role": "user", "content": ""}, {"role": "assistant", "content": ""}]
    assert (first["idea"]["like"], first["idea"]["tags"]) == ("q1", {"kind": "odd"})
    assert told(capsys, "cases", "latest", "--ideas", "-o", "new.csv") == [
        "--ideas are chats, and new.csv cannot hold them"
    ]


def test_excels_own_bytes_become_a_verdict_and_a_sheet_of_broken_cases(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    openpyxl = pytest.importorskip("openpyxl", reason="openpyxl (the extra excel) is not installed")
    monkeypatch.chdir(tmp_path)

    def table(name: str, *, wrong: int) -> None:
        """300 tickets as Excel for Windows writes them: cp932, CRLF, line breaks in quotes."""
        with Path(name).open("w", encoding="cp932", newline="") as file:
            lines = csv.writer(file, lineterminator="\r\n")
            lines.writerow(["管理番号", "問い合わせ", "回答", "正解"])
            for i in range(300):
                asked, bad = f"㈱髙橋商店です。\n①注文{i}番は～？", i % wrong == 0
                lines.writerow([f"①-{i:03}", asked, "=返品不可" if bad else "返品できます", 0 if bad else 1])

    table("before.csv", wrong=10)
    table("after.csv", wrong=4)
    columns = "id=管理番号,input=問い合わせ,output=回答,score=正解"
    assert main(["compare", "before.csv", "after.csv", "--columns", columns]) == 1
    for name in ("broken.csv", "broken.xlsx"):
        assert main(["cases", "latest", "--state", "broken", "-o", name]) == 0
    with Path("broken.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 60
    assert rows[0]["id"] == "①-004"
    assert rows[0]["input"].splitlines() == ["㈱髙橋商店です。", "①注文4番は～？"]
    assert rows[0]["candidate"] == "'=返品不可"
    head, *cells = openpyxl.load_workbook("broken.xlsx")["cases"].iter_rows(values_only=True)
    assert [row[head.index("candidate")] for row in cells] == ["=返品不可"] * 60
