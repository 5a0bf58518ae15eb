"""What docs/reference/runs.md says of a kept run is so, and DuckDB and pandas read it."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path
from typing import Any

import pytest
from project import Project

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "runs.md"


@pytest.fixture
def kept(project: Project) -> dict[str, Any]:
    project.data()
    project.suite()
    project.arm("base", right=lambda i: i % 10 != 0)
    project.arm("candidate", right=lambda i: i % 2 == 0)
    project.models("base", "candidate")
    project.compare("base", "candidate")
    (path,) = Path(".evalkit/runs").rglob("1.json.gz")
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
    assert json.loads(next(Path(".evalkit/runs").rglob("run.json")).read_text(encoding="utf-8"))["version"] == 1


def test_duckdb_reads_the_metrics_of_every_run(kept: dict[str, Any]) -> None:
    duckdb = pytest.importorskip("duckdb")
    query = re.search(r"```sql\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert query is not None
    rows = {metric: (base, candidate) for _, metric, base, candidate in duckdb.sql(query[1]).fetchall()}
    assert rows["answer"] == (0.9, 0.5)


def test_pandas_reads_answers_and_scores(kept: dict[str, Any]) -> None:
    pandas = pytest.importorskip("pandas")
    answers = pandas.DataFrame(row for rows in kept["candidate_responses"].values() for row in rows)
    assert (len(answers), answers.id.nunique()) == (100, 100)
    scores = pandas.json_normalize(kept["columns"]).set_index("metric")
    assert sum(scores.loc["answer", "base.raw"]) == 90
