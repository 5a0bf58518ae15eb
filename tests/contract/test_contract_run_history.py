"""`evalkit runs`: trends, export, import, merge, prune and verify, by the files that users have."""

from __future__ import annotations

import csv
import json
import shutil
import sqlite3
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from project import Project, told

from evalkit.cli import main
from evalkit.store.runs import FILE, RUNS, list_runs


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight runs of one model, which answers rightly ever less."""
    made = Project(tmp_path_factory.mktemp("drift"))
    made.data()
    made.suite()
    made.models("base", "model")
    made.arm("base", right=lambda i: i % 5 != 0)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(made.folder)
        for number in range(8):
            made.arm("model", right=lambda i, number=number: i % 5 != 0 and i >= 5 * number)
            made.compare("base", "model")
    return made.folder


@pytest.fixture
def drifting(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    shutil.copytree(made, tmp_path / "copy")
    monkeypatch.chdir(tmp_path / "copy")
    return Project(tmp_path / "copy")


def data(capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    capsys.readouterr()
    assert main(["runs", *words, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_a_drift_is_told_and_drawn_with_what_else_changed(
    drifting: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    runs = [run.id for run in reversed(list_runs(Path()))]
    assert main(["baseline", "bless", runs[0], "--anyway"]) == 0
    (trend,) = data(capsys, "trends")["trends"]
    assert (trend["suite"], trend["metric"], trend["test"]) == ("small", "answer", "paired")
    assert [point["run"] for point in trend["points"]] == runs
    assert [point["value"] for point in trend["points"]][:3] == [0.8, 0.76, 0.72]
    assert all(point["low"] < point["value"] < point["high"] for point in trend["points"])
    assert [bool(point["blessed"]) for point in trend["points"]] == [True] + [False] * 7
    assert [other["what"] for other in trend["points"][1]["others"]] == ["model"]
    change = trend["changes"][0]
    assert (change["kind"], change["better"]) == ("drift", False)
    assert change["low"] < change["size"] < 0
    capsys.readouterr()
    assert main(["runs", "trends"]) == 0
    said = capsys.readouterr().out
    assert "Drift to the worse: -" in said
    assert "Also another there: model." in said
    page = Path("reports/out/trends.html").read_text(encoding="utf-8")
    assert "Drift to the worse" in page
    assert "baseline: model" in page
    assert "<script" not in page
    assert main(["runs", "trends", "--lang", "ja", "-o", "ja.html"]) == 0
    assert "徐々に悪化" in Path("ja.html").read_text(encoding="utf-8")


def test_changed_data_is_told_and_not_taken_for_a_worse_model(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    for turn in range(6):
        if turn == 3:  # other questions under the same ids, which the model answers worse
            project.data([row | {"input": f"{row['input']} Really?"} for row in project.rows()])
            project.arm("same", right=lambda i: i % 2 == 0)
        project.compare("base", "same")
    (trend,) = data(capsys, "trends")["trends"]
    assert trend["changes"] == []
    assert trend["blind"] == [trend["points"][3]["run"]]
    assert {other["what"] for other in trend["points"][3]["others"]} == {"data", "model"}
    assert main(["runs", "trends"]) == 0
    assert "cannot be told from the data's" in capsys.readouterr().out


def test_trends_are_chosen_by_words_that_exist(drifting: Project, capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        len(data(capsys, "trends", "--suite", "small", "--model", "model", "--last", "3")["trends"][0]["points"]) == 3
    )
    (base,) = data(capsys, "trends", "--arm", "base")["trends"]
    assert base["changes"] == []
    for option, word, near in (
        ("--suite", "smal", "small"),
        ("--metric", "anser", "answer"),
        ("--model", "mdel", "model"),
    ):
        assert f"did you mean '{near}'" in told(capsys, "runs", "trends", option, word)[0]
    assert told(capsys, "runs", "trends", "latest", "--last", "3")[0].startswith("`runs trends` takes no run")
    assert told(capsys, "runs", "list", "--keep", "3", "--metric", "m") == [
        "`runs list` takes no --metric",
        "`runs list` takes no --keep",
    ]
    Path("notes.html").write_text("mine")
    assert "did not write" in told(capsys, "runs", "trends", "-o", "notes.html")[0]
    assert "pages end in .html" in told(capsys, "runs", "trends", "-o", "data.jsonl")[0]


def test_duckdb_reads_the_exported_tables(drifting: Project) -> None:
    duckdb = pytest.importorskip("duckdb")
    assert main(["runs", "export", "-o", "metrics.parquet"]) == 0
    assert main(["runs", "export", "--table", "cases", "--metric", "answer", "-o", "cases.parquet"]) == 0
    rows = duckdb.sql("SELECT candidate FROM 'metrics.parquet' WHERE metric = 'answer' AND slice_by IS NULL").fetchall()
    assert [round(value, 2) for (value,) in rows[:3]] == [0.8, 0.76, 0.72]
    query = "SELECT run, avg(candidate), count(*) FROM 'cases.parquet' GROUP BY run ORDER BY min(created)"
    assert [(round(mean, 2), n) for _, mean, n in duckdb.sql(query).fetchall()][:2] == [(0.8, 100), (0.76, 100)]
    assert main(["runs", "export", "--table", "runs", "-o", "runs.csv"]) == 0
    with Path("runs.csv").open(encoding="utf-8-sig", newline="") as handle:
        assert len(list(csv.DictReader(handle))) == 8
    assert main(["runs", "export", "--table", "findings", "-o", "findings.jsonl"]) == 0
    found = [json.loads(line) for line in Path("findings.jsonl").read_text(encoding="utf-8").splitlines()]
    assert {row["state"] for row in found} >= {"PASS", "REGRESSION"}
    assert main(["runs", "export", "-o", "metrics.parquet"]) == 2, "what stands there is not replaced unasked"


def test_duckdb_reads_the_file_itself(drifting: Project) -> None:
    duckdb = pytest.importorskip("duckdb")
    try:
        duckdb.sql("LOAD sqlite")
    except duckdb.Error:
        pytest.skip("DuckDB's extension for SQLite is not installed, and it is fetched from the network")
    rows = duckdb.sql(f"SELECT count(*) FROM sqlite_scan('{FILE}', 'run')").fetchall()
    assert rows == [(8,)]


def test_any_program_reads_the_tables_and_scores(drifting: Project) -> None:
    with sqlite3.connect(FILE) as db:
        query = "SELECT state, count(*) FROM finding WHERE slice_by IS NULL GROUP BY state"
        assert dict(db.execute(query))["PASS"] >= 1
        body, n = db.execute(
            "SELECT t.candidate, c.n FROM score t JOIN cases c ON c.id = t.cases JOIN run r ON r.id = t.run "
            "WHERE metric = 'answer' ORDER BY created LIMIT 1"
        ).fetchone()
    assert np.frombuffer(body, dtype=np.uint8).sum() == 80
    assert n == 100


def test_datasette_reads_the_file(drifting: Project) -> None:
    if not shutil.which("datasette"):
        pytest.skip("datasette is not installed")
    address = "/runs/run.json?_shape=array&_col=id&_col=outcome"
    done = subprocess.run(
        ["datasette", "--immutable", str(FILE), "--get", address], capture_output=True, text=True, check=True
    )
    assert len(json.loads(done.stdout)) == 8


def test_folders_of_an_older_version_are_read_told_and_taken_in(
    drifting: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    ids = {run.id for run in list_runs(Path())}
    assert main(["runs", "export", "-o", str(RUNS)]) == 0
    Path(FILE).unlink()
    (RUNS / "broken").mkdir()
    (RUNS / "broken" / "run.json").write_text("{")
    capsys.readouterr()
    assert main(["runs"]) == 0
    said = capsys.readouterr()
    assert all(name in said.out for name in ids)
    assert "broken/run.json" in said.err
    assert main(["gate", "latest"]) == 1
    assert main(["report", "latest"]) == 0
    shutil.rmtree(RUNS / "broken")
    assert data(capsys, "import")["added"] == sorted(ids)
    assert sorted(data(capsys, "import")["known"]) == sorted(ids)
    shutil.rmtree(RUNS)
    assert len(data(capsys, "trends")["trends"][0]["points"]) == 8
    assert main(["gate", "latest"]) == 1
    assert main(["runs", "verify"]) == 0


def test_another_machines_runs_are_merged(drifting: Project, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copy(FILE, "other.sqlite")
    first = list_runs(Path())[-1].id
    assert main(["runs", "prune", first, "--yes"]) == 0
    assert first not in {run.id for run in list_runs(Path())}
    assert data(capsys, "merge", "other.sqlite")["added"] == [first]
    assert data(capsys, "merge", "other.sqlite")["added"] == []
    assert main(["gate", first]) == 0
    assert "there is no file none.sqlite" in told(capsys, "runs", "merge", "none.sqlite")[0]


def test_a_prune_asks_keeps_baselines_and_can_be_undone(drifting: Project, capsys: pytest.CaptureFixture[str]) -> None:
    runs = [run.id for run in list_runs(Path())]
    assert main(["baseline", "bless", runs[-1], "--anyway"]) == 0
    assert "what may be forgotten" in told(capsys, "runs", "prune")[0]
    assert told(capsys, "runs", "prune", "--keep", "2")[0].startswith("this would forget 5 runs")
    assert told(capsys, "runs", "prune", "--older-than", "-1", "--yes") == ["--older-than -1"]
    assert len(list_runs(Path())) == 8
    assert main(["runs", "prune", "--keep", "2", "--yes", "--to", "old.sqlite"]) == 0
    assert [run.id for run in list_runs(Path())] == [*runs[:2], runs[-1]]
    assert main(["runs", "merge", "old.sqlite"]) == 0
    assert [run.id for run in list_runs(Path())] == runs
    assert main(["runs", "prune", "--older-than", "0", "--answers", "--yes"]) == 0
    assert "were pruned" in told(capsys, "gate", runs[0])[0]
    assert len(data(capsys, "trends")["trends"][0]["points"]) == 8, "trends stay"
    assert main(["runs", "verify"]) == 0


def test_a_damaged_file_is_told_and_repaired(drifting: Project, capsys: pytest.CaptureFixture[str]) -> None:
    body = bytearray(Path(FILE).read_bytes())
    body[:50] = b"x" * 50
    Path(FILE).write_bytes(body)
    assert any("not a database" in line for line in told(capsys, "runs", "show"))
    assert main(["compare", "base", "model"]) == 1, "the verdict is told, and the run kept as a folder"
    assert len(list(RUNS.iterdir())) == 1
    capsys.readouterr()
    assert main(["runs", "verify"]) == 2
    assert main(["runs", "verify", "--repair"]) == 2
    assert "8 runs carried over" in capsys.readouterr().out
    assert main(["runs", "verify"]) == 0
    assert len(list_runs(Path())) == 9


def test_answers_without_a_word_are_no_baseline(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    project.data()
    project.suite()
    project.models("base", "model")
    project.arm("base", right=lambda _: True)
    project.arm("model", right=lambda _: False, change=lambda row: {**row, "text": "  "})
    project.compare("base", "model")
    assert main(["baseline", "bless", list_runs(Path())[0].id, "--anyway"]) == 2
    assert "holds no answer of model" in capsys.readouterr().err
