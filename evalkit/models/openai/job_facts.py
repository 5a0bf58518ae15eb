"""What a server says of a fine-tuning job, kept under ``.evalkit``: it never changes once the job has ended."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from evalkit.core.exchange import Json

_FILE = re.compile(r"[\w-]{1,200}")
_DONE = ("succeeded", "failed", "cancelled")
_CURVES = ("train_losses", "eval_losses")
_COUNTED = ("n_epochs", "batch_size", "learning_rate_multiplier", "beta", "reasoning_effort", "compute_multiplier",
            "eval_interval", "eval_samples")  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """A checkpoint of a job: step, model, and what was measured there."""

    step: int
    model: str
    metrics: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class JobFacts:
    """A fine-tuning job.

    Dates are seconds since 1970, files are ids. `checkpoints` is None where nobody could tell them; `results` are the
    last values of the results file. What the server did not say is None, or not there.
    """

    id: str
    model: str | None = None
    base: str | None = None
    status: str = ""
    error: str = ""
    created: int | None = None
    finished: int | None = None
    method: str | None = None
    hyperparameters: Mapping[str, Json] = field(default_factory=dict)
    training_file: str | None = None
    validation_file: str | None = None
    result_files: tuple[str, ...] = ()
    trained_tokens: int | None = None
    seed: int | None = None
    checkpoints: tuple[Checkpoint, ...] | None = None
    results: Mapping[str, float] = field(default_factory=dict)
    train_losses: tuple[tuple[float, float], ...] = ()
    """(step, loss) of the results file, thinned where there are many"""
    eval_losses: tuple[tuple[float, float], ...] = ()

    @property
    def has_ended(self) -> bool:
        """Whether nothing of it will change any more."""
        return self.status in _DONE or (self.status == "" and self.model is not None)

    def tell(self) -> dict[str, Json]:
        """Return what stands in reports, recordings and kept runs."""
        row = asdict(self)
        for name in ("id", "model", "status", "error"):
            del row[name]
        row["checkpoints"] = [one.step for one in self.checkpoints or ()]
        row["result_files"] = list(self.result_files)
        for name in _CURVES:
            row[name] = [list(point) for point in row[name]]
        return {name: value for name, value in row.items() if value not in (None, "", [], {})}


def read_job(found: Json, *, asked: str) -> JobFacts | None:
    """Read a job as a server sends it; None where that is no job."""
    if not isinstance(found, Mapping) or not ({"fine_tuned_model", "status"} & {*found}):
        return None
    error = found.get("error")
    method = found.get("method")
    return JobFacts(
        id=asked,
        model=_text(found.get("fine_tuned_model")),
        base=_text(found.get("model")),
        status=_text(found.get("status")) or "",
        error=(_text(error.get("message")) or "") if isinstance(error, Mapping) else "",
        created=_count(found.get("created_at")),
        finished=_count(found.get("finished_at")),
        method=_text(method.get("type")) if isinstance(method, Mapping) else None,
        hyperparameters=_hyperparameters(found),
        training_file=_text(found.get("training_file")),
        validation_file=_text(found.get("validation_file")),
        result_files=tuple(
            one for one in _list(found.get("result_files")) if isinstance(one, str) and _FILE.fullmatch(one)
        ),
        trained_tokens=_count(found.get("trained_tokens")),
        seed=_count(found.get("seed")),
    )


def read_checkpoints(found: Json) -> tuple[Checkpoint, ...]:
    """Read a page of checkpoints; what is none is left out."""
    rows = _list(found.get("data")) if isinstance(found, Mapping) else []
    read = [(_count(row.get("step_number")), _text(row.get("fine_tuned_model_checkpoint")), row.get("metrics"))
            for row in rows if isinstance(row, Mapping)]  # fmt: skip
    return tuple(
        Checkpoint(step=step, model=model, metrics=_numbers(metrics))
        for step, model, metrics in read
        if step is not None and model is not None
    )


class KnownJobs:
    """The file ``.evalkit/jobs.json``: server and job -> what is known of it."""

    def __init__(self, root: Path) -> None:
        self.path = root / ".evalkit" / "jobs.json"

    def find(self, key: str) -> JobFacts | None:
        """Find a job.

        None for one that was never looked up, or whose note cannot be read.
        """
        kept = self._read().get(key)
        if isinstance(kept, str):  # as an older evalkit wrote it
            return JobFacts(id=key.rpartition(" ")[2], model=kept)
        try:
            return _facts_of(kept) if isinstance(kept, dict) else None
        except (TypeError, KeyError, ValueError):
            return None

    def keep(self, key: str, facts: JobFacts) -> None:
        """Keep a job, whole or not at all."""
        known = {**self._read(), key: asdict(facts)}
        self.path.parent.mkdir(parents=True, exist_ok=True)
        half = self.path.with_name(f".jobs.{os.getpid()}")
        half.write_text(json.dumps(known, indent=1, sort_keys=True), encoding="utf-8")
        half.replace(self.path)

    def _read(self) -> dict[str, Any]:
        try:
            found = json.loads(self.path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}


def _facts_of(row: Mapping[str, Any]) -> JobFacts:
    points = row.get("checkpoints")
    read = None if points is None else tuple(Checkpoint(**one) for one in points)
    curves = {name: tuple((step, loss) for step, loss in row.get(name) or ()) for name in _CURVES}
    return JobFacts(**{**row, **curves, "checkpoints": read, "result_files": tuple(row.get("result_files") or ())})


def _hyperparameters(found: Mapping[str, Json]) -> dict[str, Json]:
    """Those of the method, else those that older jobs have at the top; numbers, or "auto"."""
    method = found.get("method")
    kind = method.get("type") if isinstance(method, Mapping) else None
    inner = method.get(kind) if isinstance(method, Mapping) and isinstance(kind, str) else None
    own = inner.get("hyperparameters") if isinstance(inner, Mapping) else None
    said = {**_mapping(found.get("hyperparameters")), **_mapping(own)}
    return {name: said[name] for name in _COUNTED if _is_setting(said.get(name))}


def _is_setting(value: Json) -> bool:
    if isinstance(value, str):
        return True
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 1e300


def _mapping(value: Json) -> Mapping[str, Json]:
    return value if isinstance(value, Mapping) else {}


def _list(value: Json) -> Sequence[Json]:
    return value if isinstance(value, list) else []


def _text(value: Json) -> str | None:
    return value if isinstance(value, str) and value else None


def _count(value: Json) -> int | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return int(value) if 0 <= value < 2**53 else None


def _numbers(value: Json) -> dict[str, float]:
    found = value.items() if isinstance(value, Mapping) else ()
    return {
        str(name): float(number)
        for name, number in found
        if isinstance(number, (int, float)) and not isinstance(number, bool) and abs(number) < 1e300
    }
