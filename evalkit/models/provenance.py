"""What files of a training tell, of models that cannot tell it themselves: served ones, recordings, names of an API."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from evalkit.core.errors import ModelError, Problem
from evalkit.core.exchange import Json, ModelIdentity
from evalkit.core.origin import FINE_TUNING, TRAINING

_ALLOWED = (
    "a folder with adapter_config.json, trainer_state.json or a model card; trainer_state.json; a fine-tuning job as "
    "JSON; its results file (CSV, in base64 too)"
)


def read_training_files(paths: Iterable[Path]) -> dict[str, Json]:
    """Read what files and folders tell of a training, as details of who answers.

    Raises ModelError for all that are not there or tell nothing.
    """
    found: dict[str, dict[str, Json]] = {TRAINING: {}, FINE_TUNING: {}}
    problems: list[Problem] = []
    for path in paths:
        told = _read(path)
        if isinstance(told, Problem):
            problems.append(told)
            continue
        for name, value in told.items():
            found[name] |= value
    if problems:
        raise ModelError(problems)
    return {name: value for name, value in found.items() if value}


def tell_training(identity: ModelIdentity, told: Mapping[str, Json]) -> ModelIdentity:
    """Return who answers with what was told of its training.

    What it tells itself stays beside it.
    """
    if not told:
        return identity
    details = dict(identity.details)
    for name, value in told.items():
        known = details.get(name)
        details[name] = {**known, **value} if isinstance(known, Mapping) else value
    return replace(identity, details=details)


def _read(path: Path) -> dict[str, dict[str, Json]] | Problem:
    from evalkit.models.local.source import Source
    from evalkit.models.local.trained import read_training

    if path.is_dir() or path.name in ("trainer_state.json", "adapter_config.json", "README.md"):
        folder = path if path.is_dir() else path.parent
        told = read_training(Source(label=str(folder), folder=folder))
        return {TRAINING: told} if told else Problem(what=f"{path} tells nothing of a training", allowed=_ALLOWED)
    try:
        content = path.read_bytes()
    except OSError as error:
        return Problem(what=f"training: {path} cannot be read: {error.strerror}", allowed=_ALLOWED)
    return _read_job(content) or Problem(what=f"{path} tells nothing of a training", allowed=_ALLOWED)


def _read_job(content: bytes) -> dict[str, dict[str, Json]] | None:
    """A job as the API gives it, or its results file."""
    from evalkit.models.openai.job_facts import read_job
    from evalkit.models.openai.job_results import last_values, loss_curves, read_results_file

    try:
        found = json.loads(content)
    except ValueError:
        rows = read_results_file(content)
        if not rows:
            return None
        curves = {name: [list(point) for point in points] for name, points in loss_curves(rows).items() if points}
        return {FINE_TUNING: {"results": last_values(rows), **curves}}
    job = read_job(found, asked=str(found.get("id", ""))) if isinstance(found, Mapping) else None
    return {FINE_TUNING: {"job": job.id, **job.tell()}} if job is not None else None
