"""`ftjob-...`: the fine-tuning job becomes the model it made, one of its checkpoints, or the base it started from.

A job that has ended never changes, so it is asked for once.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evalkit.core.errors import ModelError, Problem, join_allowed
from evalkit.core.exchange import Json
from evalkit.models.openai.body_limit import within_limit
from evalkit.models.openai.job_facts import Checkpoint, JobFacts, KnownJobs, read_checkpoints, read_job
from evalkit.models.openai.job_results import last_values, loss_curves, read_results_file
from evalkit.models.openai.names import JobName
from evalkit.models.openai.patience import within_seconds
from evalkit.models.openai.secrets import Redactor

if TYPE_CHECKING:
    from openai import OpenAI

_PAGES = 20
"""Of checkpoints: more no job has"""
_PATIENCE_S = 60.0
"""For one answer about a job, however slowly it drips"""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobDesk:
    """Where jobs are looked up: what is kept, and the server.

    Without a client no server may be asked.
    """

    shown: str
    root: Path
    client: OpenAI | None
    redact: Redactor
    patience_s: float = _PATIENCE_S

    def resolve(self, named: JobName) -> tuple[str, JobFacts]:
        """Return the model that a name means, and the job's facts.

        Raises ModelError for a job that is not there, failed or is still running, and for a checkpoint that it has not.
        """
        facts = self.look_up(named)
        if named.base:
            if facts.base is None:
                raise ModelError(f"{named.job}: {self.shown} does not say which model it was trained on")
            return facts.base, facts
        if named.step is not None:
            return _checkpoint_model(facts, named.step), facts
        return _finished_model(facts), facts

    def look_up(self, named: JobName) -> JobFacts:
        """Return what is known of a job.

        The server is asked where that is not enough.
        """
        known, key = KnownJobs(self.root), f"{self.shown} {named.job}"
        facts = known.find(key)
        if facts is not None and _is_enough(facts, named):
            return facts
        if self.client is None:
            raise ModelError(
                Problem(what=f"{named.job} was never looked up here", todo="run once with a key, without --replay")
            )
        facts = self._ask(named.job)
        known.keep(key, facts)
        return facts

    def _ask(self, job: str) -> JobFacts:
        assert self.client is not None
        jobs = self.client.fine_tuning.jobs.with_streaming_response
        try:
            facts = read_job(self._json(lambda: jobs.retrieve(job)), asked=job)
        except Exception as error:
            raise ModelError(f"{job} cannot be looked up at {self.shown}: {self.redact(str(error))}") from None
        if facts is None:
            raise ModelError(
                Problem(what="what came back is no fine-tuning job", todo="is base_url right (most end in /v1)?")
            )
        facts = replace(facts, error=self.redact(facts.error), checkpoints=self._checkpoints(job))
        for file in facts.result_files[:1]:
            facts = replace(facts, **self._results(file))
        return facts

    def _checkpoints(self, job: str) -> tuple[Checkpoint, ...] | None:
        """All pages of them by step; None where the server has none to tell."""
        assert self.client is not None
        points = self.client.fine_tuning.jobs.checkpoints.with_streaming_response
        found: dict[int, Checkpoint] = {}
        after: dict[str, str] = {}
        for _ in range(_PAGES):
            try:
                page = self._json(partial(points.list, job, limit=100, **after))  # type: ignore[arg-type]  # a text
            except Exception:  # compatible servers may not know the path: the model itself is known all the same
                return None if not found else _in_order(found)
            new = [one for one in read_checkpoints(page) if one.step not in found]
            found |= {one.step: one for one in new}
            last = page.get("last_id") if isinstance(page, dict) and page.get("has_more") is True else None
            if not new or not isinstance(last, str):
                break
            after = {"after": last}
        return _in_order(found)

    def _results(self, file: str) -> dict[str, Any]:
        """The last values and the losses by step of a results file."""
        assert self.client is not None
        files = self.client.files.with_streaming_response
        try:
            rows = read_results_file(self._read(lambda: files.content(file)))
            values = {self.redact(name): value for name, value in last_values(rows).items()}
            return {"results": values, **loss_curves(rows)}
        except Exception:  # files expire, and are context alone
            return {}

    def _json(self, ask: Callable[[], AbstractContextManager[Any]]) -> Json:
        """The body of an answer as JSON, without keys that it sends back."""
        return json.loads(self.redact.redact_known(self._read(ask).decode("utf-8", "replace")))

    def _read(self, ask: Callable[[], AbstractContextManager[Any]]) -> bytes:
        """The body of an answer, within the limits of size and time, however slowly a server drips."""
        return within_seconds(self.patience_s, lambda: _body(ask))


def _body(ask: Callable[[], AbstractContextManager[Any]]) -> bytes:
    parts, size = [], 0
    with ask() as reply:
        for part in reply.iter_bytes():
            size = within_limit(size + len(part))
            parts.append(part)
    return b"".join(parts)


def _is_enough(facts: JobFacts, named: JobName) -> bool:
    if named.step is not None:
        has = any(one.step == named.step for one in facts.checkpoints or ())
        return has or (facts.has_ended and facts.checkpoints is not None)
    return facts.base is not None if named.base else facts.has_ended


def _in_order(found: dict[int, Checkpoint]) -> tuple[Checkpoint, ...]:
    return tuple(found[step] for step in sorted(found))


def _finished_model(facts: JobFacts) -> str:
    if facts.model:
        return facts.model
    why = f": {facts.error}" if facts.error else ""
    running = facts.status in ("validating_files", "queued", "running", "paused")
    todo = "wait for it to succeed" if running else None
    if running and facts.checkpoints:
        todo = f"wait, or name a checkpoint: {facts.id}:ckpt-step-{facts.checkpoints[-1].step}"
    raise ModelError(Problem(what=f"{facts.id} has made no model yet, its status is {facts.status}{why}", todo=todo))


def _checkpoint_model(facts: JobFacts, step: int) -> str:
    found = next((one.model for one in facts.checkpoints or () if one.step == step), None)
    if found is not None:
        return found
    if not facts.checkpoints:
        raise ModelError(Problem(what=f"{facts.id} has no checkpoints that the server tells"))
    names = [f"{facts.id}:ckpt-step-{one.step}" for one in facts.checkpoints]
    raise ModelError(Problem(what=f"{facts.id} has no checkpoint at step {step}", allowed=join_allowed(names)))
