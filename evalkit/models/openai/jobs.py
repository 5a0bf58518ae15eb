"""`ftjob-...`: the fine-tuning job becomes the model it made. The answer never changes, so it is asked for once."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

from evalkit.core.errors import ModelError, Problem
from evalkit.models.openai.secrets import Redactor

if TYPE_CHECKING:
    from openai import OpenAI
    from openai.types.fine_tuning import FineTuningJob


def is_job(model: str) -> bool:
    """Return whether a model is named by the job that made it."""
    return model.startswith("ftjob-")


def model_of_job(job_id: str, *, shown: str, root: Path, client: OpenAI | None, redact: Redactor) -> str:
    """Return the fine-tuned model of a job.

    It is found in ``.evalkit/jobs.json`` or on the server (None: no server may be asked).

    Raises ModelError for a job that is not there, failed, or is still running.
    """
    path = root / ".evalkit" / "jobs.json"
    known = _read(path)
    key = f"{shown} {job_id}"
    if key in known:
        return known[key]
    if client is None:
        raise ModelError(
            Problem(what=f"{job_id} was never looked up here", todo="run once with a key, without --replay")
        )
    try:
        job = client.fine_tuning.jobs.retrieve(job_id)
    except Exception as error:
        raise ModelError(f"{job_id} cannot be looked up at {shown}: {redact(str(error))}") from None
    known[key] = _finished_model(job)
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_name(f".jobs.{os.getpid()}")
    half.write_text(json.dumps(known, indent=1, sort_keys=True), encoding="utf-8")
    half.replace(path)
    return known[key]


def _finished_model(job: FineTuningJob) -> str:
    if not hasattr(job, "fine_tuned_model"):
        raise ModelError(
            Problem(what="what came back is no fine-tuning job", todo="is base_url right (most end in /v1)?")
        )
    if job.fine_tuned_model:
        return job.fine_tuned_model
    why = f": {job.error.message}" if job.error and job.error.message else ""
    todo = "wait for it to succeed" if job.status in ("validating_files", "queued", "running") else None
    raise ModelError(Problem(what=f"{job.id} has made no model yet, its status is {job.status}{why}", todo=todo))


def _read(path: Path) -> dict[str, str]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {str(k): str(v) for k, v in found.items()} if isinstance(found, dict) else {}
