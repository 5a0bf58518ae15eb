"""The tables of the file of runs as rows for programs: Parquet, CSV, JSON lines."""

from __future__ import annotations

import json
import math
import sqlite3
import zlib
from collections.abc import Iterator, Mapping, Sequence

from evalkit.core.exchange import Json
from evalkit.store.run_rows import unpack_scores
from evalkit.store.runs_file import RunsFile
from evalkit.store.runs_schema import translate_errors

_FIGURES = {
    **dict.fromkeys(("n", "n_clusters"), "int"),
    **dict.fromkeys(("base", "base_low", "base_high", "candidate", "candidate_low", "candidate_high"), "float"),
    **dict.fromkeys(("delta", "low", "high", "confidence", "p", "p_adjusted", "mde"), "float"),
    **dict.fromkeys(("fixed", "broken", "higher_is_better", "binary"), "int"),
    "method": "text",
}
_RUN = {"run": "text", "created": "text", "base_name": "text", "candidate_name": "text", "outcome": "text"}
_SLICE = {"slice_by": "text", "slice_value": "text"}
TABLES: Mapping[str, Mapping[str, str]] = {
    "runs": {
        "run": "text", "created": "text", "place": "int", "outcome": "text", "exit_code": "int", "because": "text",
        "base_name": "text", "candidate_name": "text", "evalkit": "text", "commit_id": "text", "suites": "text",
        "arguments": "text", "digest": "text", "answers": "int", "blessed_as": "text",
    },
    "metrics": {**_RUN, "suite": "text", "metric": "text", **_SLICE, "gated": "int", **_FIGURES},
    "findings": {
        **_RUN, "suite": "text", "gate": "text", "metric": "text", **_SLICE, "state": "text", "shown": "text",
        "margin": "float", "n_needed": "int", **_FIGURES, "told": "text",
    },
    "cases": {
        "run": "text", "created": "text", "suite": "text", "metric": "text", "id": "text", "cluster": "int",
        "base": "float", "candidate": "float",
    },
}  # fmt: skip
"""Name of a table -> its columns, each with its type"""
_OF_RUN = "r.id AS run, r.created, r.base AS base_name, r.candidate AS candidate_name, r.outcome"
_QUERIES = {
    "runs": "SELECT r.id AS run, r.created, r.place, r.outcome, r.exit_code, r.because, r.base AS base_name, "
    "r.candidate AS candidate_name, r.evalkit, r.commit_id, r.suites, r.arguments, r.digest, r.answers, "
    "(SELECT group_concat(name, ', ') FROM blessing b WHERE b.run = r.id) AS blessed_as, NULL AS suite, NULL AS metric "
    "FROM run r",
    "metrics": f"SELECT {_OF_RUN}, t.* FROM run r JOIN estimate t ON t.run = r.id",
    "findings": f"SELECT {_OF_RUN}, t.* FROM run r JOIN finding t ON t.run = r.id",
    "cases": "SELECT r.id AS run, r.created, t.suite, t.metric, c.n, c.ids, c.clusters, t.base, t.candidate "
    "FROM run r JOIN score t ON t.run = r.id JOIN cases c ON c.id = t.cases",
}


def read_table(
    kept: RunsFile, table: str, *, runs: Sequence[str] = (), suite: str | None = None, metric: str | None = None
) -> Iterator[Mapping[str, Json]]:
    """Read the rows of a table, oldest run first.

    Only those of the runs, the suite and the metric that are named.
    """
    with translate_errors(kept.path):
        cursor = kept.db.execute(f"{_QUERIES[table]} ORDER BY r.created, r.place, r.id")
        names = [column[0] for column in cursor.description]
        for values in cursor:
            row = {**dict(zip(names, values, strict=True)), "run": values[0]}
            if (runs and row["run"] not in runs) or (table != "runs" and not _fits(row, suite, metric)):
                continue
            yield from _case_rows(row) if table == "cases" else ({name: row[name] for name in TABLES[table]},)


def _fits(row: Mapping[str, Json], suite: str | None, metric: str | None) -> bool:
    return suite in (None, row["suite"]) and metric in (None, row["metric"])


def _case_rows(row: Mapping[str, Json]) -> Iterator[Mapping[str, Json]]:
    import numpy as np

    n = row["n"]
    ids = json.loads(zlib.decompress(row["ids"]))
    clusters = np.frombuffer(row["clusters"], dtype="<i4").tolist()
    sides = [unpack_scores(row[arm], n).tolist() for arm in ("base", "candidate")]
    for name, cluster, base, candidate in zip(ids, clusters, *sides, strict=True):
        yield {
            **{key: row[key] for key in ("run", "created", "suite", "metric")},
            "id": name,
            "cluster": cluster,
            "base": None if math.isnan(base) else base,
            "candidate": None if math.isnan(candidate) else candidate,
        }


def blessed_runs(db: sqlite3.Connection) -> dict[str, str]:
    """Return the names under which runs became baselines, by run."""
    query = "SELECT run, group_concat(name, ', ') FROM (SELECT run, name FROM blessing ORDER BY blessed) GROUP BY run"
    return dict(db.execute(query))
