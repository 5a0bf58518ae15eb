"""What docs/reference/runs.md says of a kept run is so, and DuckDB and pandas read it."""

from __future__ import annotations

import gzip
import json
import re
import shlex
import shutil
import sqlite3
import subprocess
from pathlib import Path
from typing import Any

import pytest
from project import Project

from evalkit.cli import main
from evalkit.store.runs import FILE

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "runs.md"


@pytest.fixture
def kept(project: Project) -> dict[str, Any]:
    project.data()
    project.suite()
    project.arm("base", right=lambda i: i % 10 != 0)
    project.arm("candidate", right=lambda i: i % 2 == 0)
    project.models("base", "candidate")
    project.compare("base", "candidate")
    assert main(["runs", "export", "-o", "kept/"]) == 0
    (path,) = Path("kept").rglob("1.json.gz")
    with gzip.open(path) as handle:
        found: dict[str, Any] = json.load(handle)
    return found


def test_every_key_of_a_comparison_is_documented_and_version_1(kept: dict[str, Any]) -> None:
    page = PAGE.read_text(encoding="utf-8")
    table = page[page.index("| key of a comparison") :].partition("\n\n")[0]
    named = {word for line in table.splitlines()[2:] for word in re.findall(r"`(\w+)`", line.split("|")[1])}
    assert {*kept} <= named
    assert named <= {*kept, "sets", "incomparable"}  # these two are left out where there are none
    assert kept["version"] == 1
    assert json.loads(next(Path("kept").rglob("run.json")).read_text(encoding="utf-8"))["version"] == 1


def test_duckdb_reads_the_metrics_of_every_run(kept: dict[str, Any]) -> None:
    duckdb = pytest.importorskip("duckdb")
    query = re.search(r"```sql\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert query is not None
    assert main(["runs", "export", "-o", "metrics.parquet"]) == 0
    rows = {metric: (base, candidate) for _, _, metric, base, candidate, _, _ in duckdb.sql(query[1]).fetchall()}
    assert rows["answer"] == (0.9, 0.5)


def test_pandas_reads_answers_and_scores(kept: dict[str, Any]) -> None:
    pandas = pytest.importorskip("pandas")
    answers = pandas.DataFrame(row for rows in kept["candidate_responses"].values() for row in rows)
    assert (len(answers), answers.id.nunique()) == (100, 100)
    scores = pandas.json_normalize(kept["columns"]).set_index("metric")
    assert sum(scores.loc["answer", "base.raw"]) == 90


def test_datasette_reads_the_cases_by_the_lines_of_the_page(kept: dict[str, Any]) -> None:
    if not (shutil.which("datasette") and shutil.which("sqlite-utils")):
        pytest.skip("datasette and sqlite-utils are not installed")
    lines = [line.strip() for line in PAGE.read_text(encoding="utf-8").splitlines()]
    words = ("evalkit cases", "sqlite-utils insert", "datasette cases.db --get")
    first, insert, get = (next(line for line in lines if line.startswith(begin)) for begin in words)
    assert main(first.split()[1:]) == 0
    subprocess.run(shlex.split(insert), check=True, capture_output=True)
    told = subprocess.run(shlex.split(get), check=True, capture_output=True, text=True).stdout
    states = {row["state"]: row["n"] for row in json.loads(told)}
    assert states == {"both_right": 40, "broken": 50, "fixed": 10}
    assert sum(states.values()) == len(kept["examples"])


def test_the_cases_are_rows_that_sqlite_takes_as_they_are(kept: dict[str, Any]) -> None:
    assert main(["cases", "latest", "-o", "cases.jsonl"]) == 0
    rows = [json.loads(line) for line in Path("cases.jsonl").read_text(encoding="utf-8").splitlines()]
    store = sqlite3.connect(":memory:")
    store.execute(f"CREATE TABLE cases ({', '.join(json.dumps(name) for name in rows[0])}, PRIMARY KEY (suite, id))")
    marks = ", ".join("?" * len(rows[0]))
    store.executemany(f"INSERT INTO cases VALUES ({marks})", [tuple(row.values()) for row in rows])
    query = "SELECT count(*), avg(\"base.answer\") FROM cases WHERE state = 'broken'"
    broken, mean = store.execute(query).fetchone()
    assert (broken, mean) == (sum(row["state"] == "broken" for row in rows), 1.0)


def test_every_table_and_column_is_documented(kept: dict[str, Any]) -> None:
    page = PAGE.read_text(encoding="utf-8")
    named = {*re.findall(r"`(\w+)`", page[page.index("## The tables") :])}
    with sqlite3.connect(FILE) as db:
        tables = [name for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        columns = {row[1] for table in tables for row in db.execute(f"PRAGMA table_info({table})")}
        version = db.execute("PRAGMA user_version").fetchone()
    assert {*tables} | columns <= named
    assert version == (1,)
