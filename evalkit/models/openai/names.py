"""Names of what fine-tuning made, at OpenAI and Azure: jobs, models, checkpoints, and the base in each of them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from evalkit.core.errors import Problem
from evalkit.suite.spec import ModelSpec

_JOB = re.compile(r"(?P<job>ftjob-[\w-]+)(?::(?:ckpt-step-(?P<step>\d{1,9})|(?P<base>base)))?")
_MODEL = re.compile(
    r"ft:(?P<base>[^:\s]+):(?P<org>[^:\s]*):(?P<suffix>[^:\s]*):(?P<id>[^:\s]+)(?::ckpt-step-(?P<step>\d{1,9}))?"
)
_AZURE = re.compile(
    r"(?P<base>[\w.-]+?)\.ft-(?P<id>[0-9a-f]{32})(?:-(?P<suffix>[\w.-]+?))?(?::ckpt-step-(?P<step>\d{1,9}))?"
)
_LEGACY = re.compile(r"(?P<base>[\w.-]+):(?P<id>ft-[\w.-]+)")
"""Of the first fine-tunes: davinci:ft-acme-2023-03-01-12-00-00"""
JOB_NAMES = "ftjob-ID, ftjob-ID:ckpt-step-N (a checkpoint), ftjob-ID:base (what it was trained on)"
_OF_SPEC = ("api", "base_url", "api_key_env", "headers", "limits", "extra_body", "chat_template_kwargs")
"""How a server is spoken to: the same for a base and what was made of it"""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobName:
    """A fine-tuning job, for its model, a checkpoint or the base it started from."""

    job: str
    step: int | None = None
    base: bool = False


def is_job(model: str) -> bool:
    """Return whether a model is named by the job that made it."""
    return model.startswith("ftjob-")


def read_job_name(model: str) -> JobName | None:
    """Read a name such as ftjob-abc:ckpt-step-88; None where it is none.

    >>> read_job_name("ftjob-abc:ckpt-step-88")
    JobName(job='ftjob-abc', step=88, base=False)
    """
    found = _JOB.fullmatch(model)
    if found is None:
        return None
    step = found["step"]
    return JobName(job=found["job"], step=None if step is None else int(step), base=found["base"] is not None)


def tell_model_name(model: str) -> dict[str, str | int]:
    """Tell what the id of a fine-tuned model says; nothing of other models.

    >>> tell_model_name("ft:gpt-4o-mini-2024-07-18:acme::AbC:ckpt-step-88")
    {'base': 'gpt-4o-mini-2024-07-18', 'organization': 'acme', 'step': 88}
    >>> tell_model_name("gpt-4o-mini-2024-07-18.ft-0e208cf33a6a466994aff31a08aba678-support")
    {'base': 'gpt-4o-mini-2024-07-18', 'suffix': 'support'}
    """
    found = _MODEL.fullmatch(model) or _AZURE.fullmatch(model) or _LEGACY.fullmatch(model)
    if found is None:
        return {}
    parts = found.groupdict()
    told: dict[str, str | int] = {"base": parts["base"]}
    told |= {name: parts[key] for name, key in (("organization", "org"), ("suffix", "suffix")) if parts.get(key)}
    if parts.get("step"):
        told["step"] = int(parts["step"])
    return told


def read_bare_name(name: str) -> ModelSpec | Problem | None:
    """Read an arm that is named by a job or a fine-tuned model alone.

    A Problem says what to type instead; None where the name is nothing of the kind.
    """
    if name.startswith("ftjob"):
        if read_job_name(name) is not None:
            return ModelSpec(provider="openai", model=name)
        return Problem(what=f"{name!r} names no fine-tuning job", allowed=JOB_NAMES)
    if _MODEL.fullmatch(name) or _LEGACY.fullmatch(name):
        return ModelSpec(provider="openai", model=name)
    if name.startswith("ft:"):
        allowed = "ft:BASE:ORGANIZATION:SUFFIX:ID (the suffix may be empty), with :ckpt-step-N for a checkpoint"
        return Problem(what=f"{name!r} is no id of a fine-tuned model", allowed=allowed)
    if name.startswith("ftckpt"):
        return Problem(what=f"{name!r} is the number of a checkpoint", todo="name it ftjob-ID:ckpt-step-N")
    if _AZURE.fullmatch(name):
        return Problem(
            what=f"{name!r} is a fine-tuned model of Azure, which answers through a deployment alone",
            todo="write it into models.yaml and compare its name there: "
            f"NAME: {{provider: openai, model: {name}, base_url: https://RESOURCE.openai.azure.com, "
            'api_key_env: AZURE_OPENAI_API_KEY, azure: {deployment: DEPLOYMENT, api_version: "2024-10-21"}}',
        )
    return None


def base_of(spec: ModelSpec) -> ModelSpec | None:
    """Return the base of a fine-tuned model, asked at the same server.

    None where its name does not say it, and on Azure, where the base is another deployment.
    """
    named = spec.model or ""
    job = read_job_name(named)
    if spec.azure is not None or _AZURE.fullmatch(named) or (job is not None and job.base):
        return None
    base = f"{job.job}:base" if job is not None else tell_model_name(named).get("base")
    if base is None:
        return None
    same = {key: getattr(spec, key) for key in _OF_SPEC if key in spec.model_fields_set}
    return ModelSpec(provider=spec.provider, model=str(base), **same)
