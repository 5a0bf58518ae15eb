"""Publishes a verdict as a run of Weights & Biases: figures, outcome, broken cases, page."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from evalkit.core.errors import EvalkitError, Problem
from evalkit.core.publication import BrokenCase, Publication

PROJECT = "evalkit"
"""Where runs go if neither `--publish wandb:PROJECT` nor WANDB_PROJECT says it"""
_WAIT_S = 60.0
_PLACE = re.compile(r"[\w.\-]+(/[\w.\-]+)?")
_NAME = re.compile(r"[^A-Za-z0-9_.\-]+")
COLUMNS = ("suite", "id", "input", "target", "base", "candidate", "why")


class WandbTracker:
    """Writes one run of job type `eval` for each verdict.

    WANDB_MODE, WANDB_API_KEY, WANDB_BASE_URL, WANDB_DIR, WANDB_ENTITY and WANDB_PROJECT are W&B's own and are obeyed.
    """

    def check_place(self, place: str) -> str:
        """Tell what is wrong with `PROJECT` or `ENTITY/PROJECT`; empty where nothing is."""
        if not place or _PLACE.fullmatch(place):
            return ""
        return f"{place!r} is neither PROJECT nor ENTITY/PROJECT"

    def publish(self, publication: Publication, place: str) -> str:
        """Write the run and wait until it is delivered, or kept for `wandb sync`.

        Returns where it is. EvalkitError where there is no API key; what W&B raises, otherwise.
        """
        import wandb

        entity, _, project = place.rpartition("/")
        settings = _settings(wandb)
        offline = wandb.setup().settings.mode in ("offline", "disabled", "dryrun")
        if not offline and not wandb.login(prompt=False, verify=False):
            todo = "set WANDB_API_KEY, or WANDB_MODE=offline and send the run later by `wandb sync`"
            raise EvalkitError(Problem(what="Weights & Biases has no API key here", todo=todo))
        with _without_usage(wandb.Run):
            run = wandb.init(
                entity=entity or None,
                project=project or wandb.setup().settings.project or PROJECT,
                name=publication.name,
                group=publication.group or None,
                job_type="eval",
                config=_config(publication),
                reinit="create_new",
                save_code=False,
                settings=settings,
            )
            code = 1
            try:
                _write(wandb, run, publication)
                code = 0
            finally:
                run.finish(exit_code=code)
        return str(run.url or f"offline run {run.dir.removesuffix('/files')}: `wandb sync` sends it")


@contextmanager
def _without_usage(run: Any) -> Iterator[None]:
    """Keep W&B from writing into its run which of its functions were used on what system; no setting of it does."""
    if not hasattr(run, "_telemetry_flush"):
        yield
        return
    with patch.object(run, "_telemetry_flush", lambda _: None):
        yield


def _settings(wandb: Any) -> Any:
    """Nothing of this machine, of its code or of its git goes along."""
    return wandb.Settings(
        console="off",
        silent=True,
        disable_git=True,
        disable_code=True,
        disable_job_creation=True,
        x_disable_meta=True,
        x_disable_stats=True,
        x_disable_machine_info=True,
        x_save_requirements=False,
        init_timeout=_WAIT_S,
        login_timeout=_WAIT_S,
        finish_timeout=5 * _WAIT_S,
        finish_timeout_raises=True,
    )


def _config(publication: Publication) -> dict[str, Any]:
    verdict, origin = publication.verdict, publication.origin
    return {
        "base": verdict.base,
        "candidate": verdict.candidate,
        "evalkit": verdict.version,
        "suites": [suite.name for suite in verdict.suites],
        **{name: value for name, value in _origin(publication).items() if value},
        "command": origin.command,
    }


def _origin(publication: Publication) -> Mapping[str, str]:
    origin = publication.origin
    return {**publication.facts, "run": origin.run, "created": origin.created, "commit": origin.commit}


def _write(wandb: Any, run: Any, publication: Publication) -> None:
    verdict = publication.verdict
    table = wandb.Table(columns=list(COLUMNS), data=[_row(case) for case in publication.broken])
    run.log({**publication.figures(), "broken_cases": table})
    run.summary.update(
        {
            "outcome": verdict.outcome,
            "exit_code": verdict.exit_code,
            "because": verdict.because,
            "broken_in_all": publication.broken_in_all,
            **{f"{suite.name}/outcome": suite.outcome for suite in verdict.suites},
        }
    )
    if publication.page is not None:
        name = _NAME.sub("-", f"report-{publication.origin.run or publication.name}").strip("-")
        page = wandb.Artifact(name[:120], type="evaluation-report")
        page.add_file(str(publication.page), name="index.html", policy="immutable")
        run.log_artifact(page)


def _row(case: BrokenCase) -> list[str]:
    return [getattr(case, column) for column in COLUMNS]
