"""Publishes a verdict as a run of MLflow: figures, outcome, broken cases, verdict as data, page."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, TypeVar

from evalkit.core.publication import Publication

EXPERIMENT = "evalkit"
"""Where runs go if neither `--publish mlflow:EXPERIMENT` nor MLFLOW_EXPERIMENT_NAME says it"""
_MOST_METRICS, _MOST_PARAMS = 1_000, 100
"""That many fit in one request"""
_LONGEST_TAG, _LONGEST_PARAM = 5_000, 6_000
_FORBIDDEN = re.compile(r"[^/\w.\- :]")
T = TypeVar("T")


class MlflowTracker:
    """Writes one run for each verdict.

    MLFLOW_TRACKING_URI, MLFLOW_EXPERIMENT_NAME and what MLflow takes to log in are MLflow's own and are obeyed.
    """

    def check_place(self, place: str) -> str:
        """Tell what is wrong with the name of an experiment; empty where nothing is."""
        return ""

    def publish(self, publication: Publication, place: str) -> str:
        """Write the run; a run that could not be written whole stands there as FAILED.

        Returns where it is. What MLflow raises goes on to the caller.
        """
        import os

        import mlflow

        client = mlflow.MlflowClient()
        name = place or os.environ.get("MLFLOW_EXPERIMENT_NAME") or EXPERIMENT
        found = client.get_experiment_by_name(name)
        experiment = found.experiment_id if found is not None else client.create_experiment(name)
        run = client.create_run(experiment, run_name=publication.name, tags=_tags(publication))
        status = "FAILED"
        try:
            _write(client, run.info.run_id, publication)
            status = "FINISHED"
        finally:
            client.set_terminated(run.info.run_id, status=status)
        return f"{mlflow.get_tracking_uri()}, experiment {name!r}, run {run.info.run_id}"


def _tags(publication: Publication) -> dict[str, str]:
    verdict = publication.verdict
    told = {
        "evalkit.outcome": verdict.outcome,
        "evalkit.because": verdict.because,
        "evalkit.group": publication.group,
        "evalkit.run": publication.origin.run,
        "evalkit.commit": publication.origin.commit,
        "mlflow.note.content": f"{verdict.outcome}: {verdict.because}",
    }
    told |= {f"evalkit.outcome.{name_metric(suite.name)}": suite.outcome for suite in verdict.suites}
    return {name: text[:_LONGEST_TAG] for name, text in told.items() if text}


def _write(client: Any, run: str, publication: Publication) -> None:
    from mlflow.entities import Metric, Param

    verdict = publication.verdict
    params = {
        "base": verdict.base, "candidate": verdict.candidate, "evalkit": verdict.version,
        "command": publication.origin.command, "created": publication.origin.created, **publication.facts,
    }  # fmt: skip
    figures = {name_metric(name): value for name, value in publication.figures().items()}
    figures |= {"exit_code": float(verdict.exit_code), "broken_cases": float(publication.broken_in_all)}
    now = client.get_run(run).info.start_time
    for some in _portions([Param(key, text[:_LONGEST_PARAM]) for key, text in params.items() if text], _MOST_PARAMS):
        client.log_batch(run, params=some)
    for rows in _portions([Metric(key, value, now, 0) for key, value in figures.items()], _MOST_METRICS):
        client.log_batch(run, metrics=rows)
    client.log_dict(run, verdict.to_dict(), "verdict.json")
    if publication.broken:
        columns = ("suite", "id", "input", "target", "base", "candidate", "why")
        table = {column: [getattr(case, column) for case in publication.broken] for column in columns}
        client.log_table(run, data=table, artifact_file="broken_cases.json")
    if publication.page is not None:
        client.log_artifact(run, str(publication.page), "report")


def name_metric(name: str) -> str:
    """Write a name as MLflow takes it: letters of any script, digits, and `/ . - : _` and space; others become `_`.

    >>> name_metric("support-desk/f1(ja)/delta"), name_metric("../敬語/share")
    ('support-desk/f1_ja_/delta', '敬語/share')
    """
    parts = (part.strip() for part in _FORBIDDEN.sub("_", name).split("/"))
    return "/".join(part for part in parts if part.strip("."))


def _portions(items: Sequence[T], size: int) -> Iterator[list[T]]:
    rest = iter(items)
    return iter(lambda: list(islice(rest, size)), [])
