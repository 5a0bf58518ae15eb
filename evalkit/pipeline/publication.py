"""A verdict and what it came from, as a tracker gets it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from evalkit.core.columns import Comparison
from evalkit.core.exchange import Json, ModelIdentity
from evalkit.core.origin import Origin
from evalkit.core.publication import BrokenCase, Publication
from evalkit.pipeline.options import CandidateResult
from evalkit.publish import MOST_CASES
from evalkit.report.rows import case_rows

_LONGEST = 2_000
"""Characters of a text in the table of broken cases; the page has it whole"""
_DIGEST = 12


def make_publication(outcome: CandidateResult, *, page: Path | None) -> Publication:
    """Make what a tracker gets of one candidate's outcome.

    `page` is its HTML report, None where there is none.
    """
    verdict, comparisons = outcome.verdict, outcome.comparisons
    broken = list(_broken_cases(comparisons))
    return Publication(
        name=f"{verdict.base} vs {verdict.candidate}",
        group=group_of(comparisons[0].candidate) if comparisons else "",
        verdict=verdict,
        origin=outcome.origin or Origin(),
        estimates=tuple((suite.name, one) for suite in verdict.suites for one in suite.metrics if one.slice is None),
        broken=tuple(broken[:MOST_CASES]),
        broken_in_all=len(broken),
        facts=_facts(comparisons),
        page=page,
    )


def group_of(model: ModelIdentity) -> str:
    """Return what a candidate belongs to.

    That is its fine-tuning job, else its adapter, else its model. Evaluations of one job, or of the
    same adapter, have the same group.
    """
    tuned = model.details.get("fine_tuning")
    for told in (model.details, tuned if isinstance(tuned, Mapping) else {}):
        if isinstance(job := told.get("job"), str) and job:
            return job
    adapter = model.details.get("adapter")
    if isinstance(adapter, str):
        return adapter
    if isinstance(adapter, Mapping):
        return f"{model.name} adapter {_digest_of(adapter)}"
    return model.model


def _digest_of(adapter: Mapping[str, Json]) -> str:
    """The beginning of the digest of its weights; of the adapter's configuration where none is told."""
    weights = adapter.get("weights")
    digests = sorted(map(str, weights.values())) if isinstance(weights, Mapping) else []
    return next(iter(digests), str(adapter.get("config") or ""))[:_DIGEST]


def _facts(comparisons: Iterable[Comparison]) -> dict[str, str]:
    facts: dict[str, str] = {}
    for comparison in comparisons:
        for arm, model in (("base", comparison.base), ("candidate", comparison.candidate)):
            facts[f"{arm} model"] = f"{model.provider}:{model.model}"
            facts[f"{arm} fingerprint"] = model.fingerprint.rpartition(":")[2][:_DIGEST]
        for name in ("suite", "data"):
            if digest := comparison.manifest.get(f"{name}_sha256"):
                facts[f"{name} {comparison.suite}"] = f"sha256 {str(digest)[:_DIGEST]}"
    return facts


def _broken_cases(comparisons: Iterable[Comparison]) -> Iterator[BrokenCase]:
    names = ("suite", "id", "input", "target", "base", "candidate", "why")
    for comparison in comparisons:
        for row in case_rows([comparison]):
            if row["state"] == "broken":
                yield BrokenCase(**{name: _cut(row.get(name)) for name in names})


def _cut(value: object) -> str:
    text = "" if value is None else str(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
