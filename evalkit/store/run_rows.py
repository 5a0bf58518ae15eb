"""What the tables of the file of runs hold of one run: its figures, and every case's score in a byte or four."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from evalkit.core.columns import Column, Comparison
from evalkit.core.exchange import Example
from evalkit.core.fingerprint import canonical, digest
from evalkit.core.verdict import Estimate, SuiteVerdict, Verdict
from evalkit.store.kept_run import RunSummary

if TYPE_CHECKING:
    from numpy.typing import NDArray

KEY_BYTES = 8
_NONE = 255
_FIGURES = (
    "n", "n_clusters", "base", "candidate", "delta", "low", "high", "confidence", "fixed", "broken", "p", "p_adjusted",
    "method", "mde", "because", "base_low", "base_high", "candidate_low", "candidate_high", "higher_is_better",
    "binary",
)  # fmt: skip
RUN = (
    "id", "created", "place", "outcome", "exit_code", "because", "base", "candidate", "evalkit", "commit_id",
    "arguments", "suites", "digest", "bytes", "answers",
)  # fmt: skip
SUITE = (
    "position", "name", "outcome", "examples", "base_model", "base_fingerprint", "candidate_model",
    "candidate_fingerprint", "suite_sha256", "data_sha256", "prompts_sha256", "unsound",
)  # fmt: skip
FINDING = (
    "suite", "position", "gate", "metric", "slice_by", "slice_value", "state", "shown", "margin", "n_needed",
    "told", *_FIGURES,
)  # fmt: skip
ESTIMATE = ("suite", "position", "metric", "slice_by", "slice_value", "gated", *_FIGURES)
SCORE = ("suite", "metric", "cases", "instrument", "base", "candidate")

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseRow:
    """The cases of a suite, kept once for every run that asked them.

    `keys` tell what was asked and expected, 8 bytes a case; `clusters` are int32 numbers; `ids` are JSON, deflated.
    """

    digest: str
    n: int
    keys: bytes
    clusters: bytes
    ids: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRows:
    """Rows of the tables of a run, without its id.

    Of `scores` the cases stand as a digest.
    """

    suites: Sequence[Row]
    findings: Sequence[Row]
    estimates: Sequence[Row]
    cases: Sequence[CaseRow]
    scores: Sequence[Row]


def run_row(summary: RunSummary, verdict: Verdict, *, content: str, size: int, answers: bool) -> Row:
    """Make the row of the run itself.

    `content` is the digest of its files, `size` their bytes.
    """
    return (
        summary.id, summary.created, summary.place, summary.outcome, verdict.exit_code, verdict.because, summary.base,
        summary.candidate, verdict.version, str(summary.arguments.get("commit") or ""), canonical(summary.arguments),
        json.dumps(list(summary.suites), ensure_ascii=False), content, size, int(answers),
    )  # fmt: skip


def make_rows(verdict: Verdict, comparisons: Sequence[Comparison]) -> RunRows:
    """Make the rows of a run's suites, findings, estimates and scores."""
    by_name = {one.suite: one for one in comparisons}
    cases = {one.suite: case_row(one) for one in comparisons}
    return RunRows(
        suites=[_suite_row(at, suite, by_name.get(suite.name)) for at, suite in enumerate(verdict.suites)],
        findings=[row for suite in verdict.suites for row in _finding_rows(suite)],
        estimates=[row for suite in verdict.suites for row in _estimate_rows(suite)],
        cases=list(cases.values()),
        scores=[row for one in comparisons for row in _score_rows(one, cases[one.suite].digest)],
    )


def case_row(comparison: Comparison) -> CaseRow:
    """Make the row of a comparison's cases."""
    keys = b"".join(map(case_key, comparison.examples))
    numbers: dict[str, int] = {}
    clusters = [numbers.setdefault(name, len(numbers)) for name in comparison.clusters]
    told = np.asarray(clusters, dtype="<i4").tobytes()
    text = json.dumps([example.id for example in comparison.examples], ensure_ascii=True, separators=(",", ":"))
    ids = zlib.compress(text.encode(), 6)
    found = hashlib.sha256(b"\0".join([keys, told, text.encode()])).hexdigest()
    return CaseRow(digest=found, n=len(comparison.examples), keys=keys, clusters=told, ids=ids)


def case_key(example: Example) -> bytes:
    """Return what tells a case by: its id, and what was asked and expected.

    What it is tagged with does not matter.
    """
    told = (example.id, example.messages, example.target, example.choices, example.tools)
    return hashlib.blake2b(canonical(told).encode("utf-8", "surrogatepass"), digest_size=KEY_BYTES).digest()


def instrument(comparison: Comparison, metric: str) -> str:
    """Return the digest of what a metric was measured by.

    That is the scorer's type, its options and its version.
    """
    scorer = metric.partition(".")[0]
    spec = comparison.manifest.get("spec", {}).get("scorers", {}).get(scorer)
    scores = next(iter(comparison.candidate_scores.get(scorer, {}).values()), ())
    return digest([spec, scores[0].version if scores else ""])[:16]


def pack_scores(column: Column) -> bytes:
    """Pack one value a case, the mean of its repeats.

    A byte each where all are 0 or 1 (255: none), else four (little-endian float32, NaN: none).
    """
    values, present = column.values, column.present
    if np.isin(values[present], (0.0, 1.0)).all():
        return bytes(np.where(present, values, _NONE).astype(np.uint8).tobytes())
    return bytes(np.where(present, values, np.nan).astype("<f4").tobytes())


def unpack_scores(data: bytes, n: int) -> NDArray[np.float64]:
    """Return the (n,) values that `pack_scores` packed, NaN where there is none."""
    if len(data) == n:
        small = np.frombuffer(data, dtype=np.uint8)
        return np.where(small == _NONE, np.nan, small.astype(np.float64))
    return np.frombuffer(data, dtype="<f4").astype(np.float64)


def _suite_row(position: int, suite: SuiteVerdict, comparison: Comparison | None) -> Row:
    models: tuple[str | None, ...] = (None,) * 4
    manifest: Mapping[str, Any] = {}
    if comparison is not None:
        base, candidate = comparison.base, comparison.candidate
        models = (base.model, base.fingerprint, candidate.model, candidate.fingerprint)
        manifest = comparison.manifest
    prompts = manifest.get("candidate_prompts_sha256", manifest.get("prompts_sha256"))
    digests = (manifest.get("suite_sha256"), manifest.get("data_sha256"), prompts)
    unsound = int(comparison is not None and bool(comparison.unsound))
    return (position, suite.name, suite.outcome, suite.examples, *models, *digests, unsound)


def _finding_rows(suite: SuiteVerdict) -> Iterator[Row]:
    for at, one in enumerate(suite.findings):
        where = (one.slice.by, one.slice.value) if one.slice is not None else (None, None)
        told = (one.gate, one.metric, *where, one.state, one.shown, one.margin, one.n_needed, one.because)
        yield (suite.name, at, *told, *_figures(one.estimate))


def _estimate_rows(suite: SuiteVerdict) -> Iterator[Row]:
    gated = {finding.metric for finding in suite.findings}
    for at, one in enumerate(suite.metrics):
        where = (one.slice.by, one.slice.value) if one.slice is not None else (None, None)
        yield (suite.name, at, one.metric, *where, int(one.metric in gated), *_figures(one))


def _figures(estimate: Estimate) -> Row:
    return tuple(_plain(getattr(estimate, name)) for name in _FIGURES)


def _plain(value: object) -> object:
    """What SQLite takes: a number that is infinite or NaN is none."""
    if isinstance(value, bool | np.bool_):
        return int(value)
    if isinstance(value, float | np.floating):
        return float(value) if np.isfinite(value) else None
    return int(value) if isinstance(value, np.integer) else value


def _score_rows(comparison: Comparison, cases: str) -> Iterator[Row]:
    for metric, column in comparison.columns.items():
        both = (pack_scores(column.base), pack_scores(column.candidate))
        yield (comparison.suite, metric, cases, instrument(comparison, metric), *both)
