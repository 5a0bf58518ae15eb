"""The checkpoints of a fine-tuning job, with the losses that the server measured at each of them."""

from __future__ import annotations

from collections.abc import Mapping

from evalkit.core.errors import ModelError, Problem
from evalkit.core.sweep import CheckpointFacts
from evalkit.models.context import Context
from evalkit.models.openai.client import open_sync_client
from evalkit.models.openai.endpoint import endpoint_of
from evalkit.models.openai.job_facts import JobFacts
from evalkit.models.openai.jobs import JobDesk
from evalkit.models.openai.names import JobName, read_job_name
from evalkit.models.openai.secrets import Redactor
from evalkit.models.training import Training
from evalkit.suite.spec import ModelSpec

TRAIN, HELD_OUT = ("train_loss",), ("full_valid_loss", "valid_loss")
"""Names of losses, the better one first"""


def find_in_job(name: str, spec: ModelSpec, base: ModelSpec | None, context: Context) -> Training | None:
    """Find the checkpoints of the job that a spec names."""
    named = read_job_name(spec.model or "")
    if named is None:
        return None
    facts = _look_up(name, spec, named.job, context)
    if not facts.checkpoints:
        why = "the server tells none" if facts.checkpoints is None else f"its status is {facts.status or 'unknown'}"
        todo = f"compare the model that it made: evalkit compare BASE {named.job}" if facts.model else None
        raise ModelError(Problem(what=f"{named.job} has no checkpoints: {why}", todo=todo))
    return Training(
        source=name,
        checkpoints=tuple(
            (
                CheckpointFacts(
                    name=f"{named.job}:ckpt-step-{one.step}",
                    step=one.step,
                    train_loss=_first(one.metrics, TRAIN),
                    eval_loss=_first(one.metrics, HELD_OUT),
                ),
                spec.model_copy(update={"model": f"{named.job}:ckpt-step-{one.step}", "recording": None}),
            )
            for one in facts.checkpoints
        ),
    )


def _look_up(name: str, spec: ModelSpec, job: str, context: Context) -> JobFacts:
    """All that is known of a job, its last checkpoint included: one that still runs is asked for again."""
    endpoint = endpoint_of(name, spec, context.environ)
    client = open_sync_client(endpoint) if endpoint.key else None
    try:
        desk = JobDesk(shown=endpoint.shown, root=context.root, client=client, redact=Redactor(endpoint.secrets()))
        return desk.look_up(JobName(job=job))
    finally:
        if client is not None:
            client.close()


def _first(metrics: Mapping[str, float], names: tuple[str, ...]) -> float | None:
    return next((metrics[name] for name in names if name in metrics), None)
