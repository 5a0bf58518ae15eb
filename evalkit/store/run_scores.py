"""What the file of runs knows of a metric over time: every case's score in every run, and who was asked what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from evalkit.store.run_rows import KEY_BYTES, unpack_scores
from evalkit.store.runs_file import RunsFile
from evalkit.store.runs_schema import translate_errors

if TYPE_CHECKING:
    from numpy.typing import NDArray

_FACTS = (
    "run", "created", "base", "candidate", "evalkit", "commit_id", "outcome", "unsound", "base_fingerprint",
    "candidate_fingerprint", "suite_sha256", "data_sha256", "prompts_sha256",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedSuite:
    """One suite of one run.

    Who answered, and the digests of what they were asked.
    """

    run: str
    created: str
    base: str
    candidate: str
    evalkit: str | None
    commit_id: str | None
    outcome: str | None
    unsound: bool
    base_fingerprint: str | None
    candidate_fingerprint: str | None
    suite_sha256: str | None
    data_sha256: str | None
    prompts_sha256: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunScores:
    """The scores of a metric in one run.

    `scores` (n,) are NaN where a case has none; `cases` names the set of cases, the same for every run that asked it.
    """

    cases: int
    instrument: str
    scores: NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseSet:
    """Cases that runs asked.

    (n,) keys of what was asked and expected, and (n,) numbers of their clusters.
    """

    keys: NDArray[np.uint64]
    clusters: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class RunFigure:
    """A metric over all cases of a run, with its interval.

    None stands for what is not known.
    """

    n: int
    value: float | None
    low: float | None
    high: float | None
    higher_is_better: int
    binary: int


def suites_of(kept: RunsFile) -> tuple[str, ...]:
    """List the suites that runs have, by the newest run first."""
    query = "SELECT s.name FROM suite s JOIN run r ON r.id = s.run GROUP BY s.name ORDER BY max(r.created) DESC, s.name"
    with translate_errors(kept.path):
        return tuple(name for (name,) in kept.db.execute(query))


def metrics_of(kept: RunsFile, suite: str, *, gated: bool) -> tuple[str, ...]:
    """List the metrics of a suite in its newest run.

    Those that gates judge there, or all of them.
    """
    newest = (
        "SELECT r.id FROM run r JOIN suite s ON s.run = r.id WHERE s.name = ?1 "
        "ORDER BY r.created DESC, r.place DESC, r.id DESC LIMIT 1"
    )
    query = (
        f"SELECT metric FROM estimate WHERE run = ({newest}) AND suite = ?1 AND slice_by IS NULL AND gated >= ?2 "
        "GROUP BY metric ORDER BY min(position)"
    )
    with translate_errors(kept.path):
        return tuple(name for (name,) in kept.db.execute(query, (suite, int(gated))))


def suite_runs(kept: RunsFile, suite: str) -> list[AskedSuite]:
    """List the runs of a suite, the oldest first."""
    query = (
        "SELECT r.id, r.created, r.base, r.candidate, r.evalkit, r.commit_id, s.outcome, s.unsound, "
        "s.base_fingerprint, s.candidate_fingerprint, s.suite_sha256, s.data_sha256, s.prompts_sha256 "
        "FROM run r JOIN suite s ON s.run = r.id WHERE s.name = ? ORDER BY r.created, r.place, r.id"
    )
    with translate_errors(kept.path):
        rows = kept.db.execute(query, (suite,)).fetchall()
    return [AskedSuite(**{**dict(zip(_FACTS, row, strict=True)), "unsound": bool(row[7])}) for row in rows]


def scores_of(kept: RunsFile, suite: str, metric: str, *, arm: str) -> dict[str, RunScores]:
    """Read the scores of a metric in every run that has them, by run."""
    column = {"base": "base", "candidate": "candidate"}[arm]
    query = (
        f"SELECT t.run, t.cases, t.instrument, c.n, t.{column} FROM score t JOIN cases c ON c.id = t.cases "
        "WHERE t.suite = ? AND t.metric = ?"
    )
    with translate_errors(kept.path):
        return {
            run: RunScores(cases=cases, instrument=instrument, scores=unpack_scores(body, n))
            for run, cases, instrument, n, body in kept.db.execute(query, (suite, metric))
        }


def case_sets(kept: RunsFile, numbers: Sequence[int]) -> dict[int, CaseSet]:
    """Read sets of cases by their numbers."""
    found = {}
    with translate_errors(kept.path):
        for number in dict.fromkeys(numbers):
            query = "SELECT keys, clusters FROM cases WHERE id = ?"
            keys, clusters = kept.db.execute(query, (number,)).fetchone()
            found[number] = CaseSet(
                keys=np.frombuffer(keys, dtype=f"<u{KEY_BYTES}"),
                clusters=np.frombuffer(clusters, dtype="<i4").astype(np.int64),
            )
    return found


def figures_of(kept: RunsFile, suite: str, metric: str, *, arm: str) -> dict[str, RunFigure]:
    """Read the figure of a metric over all cases of each run, by run."""
    side = {"base": "base", "candidate": "candidate"}[arm]
    query = (
        f"SELECT run, n, {side}, {side}_low, {side}_high, higher_is_better, binary FROM estimate "
        "WHERE suite = ? AND metric = ? AND slice_by IS NULL"
    )
    with translate_errors(kept.path):
        return {run: RunFigure(*row) for run, *row in kept.db.execute(query, (suite, metric))}
