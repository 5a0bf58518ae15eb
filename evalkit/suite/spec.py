"""The shapes a suite file may take (contract: version 1). Reading and locating errors is `evalkit.suite.load`'s job."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Share = Annotated[float, Field(ge=0, le=1)]
Margin = Annotated[float, Field(gt=0, le=1)]
Positive = Annotated[float, Field(gt=0)]
Count = Annotated[int, Field(ge=1)]
Name = Annotated[str, Field(min_length=1)]


class Strict(BaseModel):
    """Base of every shape: unknown keys are errors, nothing is coerced, nothing changes after reading."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class DatasetSpec(Strict):
    """Where the held-out examples are. `limit` draws a seeded sample, never the first N."""

    path: Name
    format: Literal[
        "evalkit", "openai-chat", "openai-completion", "openai-preference", "trl", "sharegpt", "alpaca", "csv"
    ] = "evalkit"
    limit: Count | None = None
    seed: int = 0
    trained_on: list[Name] = []
    columns: dict[str, str] = {}
    """For csv: evalkit field -> column name, e.g. {input: question, target: label}"""


class PromptSpec(Strict):
    """What is put around an example's messages. Texts are jinja2 templates over the example, sandboxed."""

    system: str | None = None
    user: str | None = None
    """Replaces the last user message; {{ input }} is its text"""


class GenerateSpec(Strict):
    """How answers are drawn; unset is the default of evalkit (greedy), never of a server."""

    temperature: Annotated[float, Field(ge=0, le=2)] = 0.0
    max_tokens: Count = 256
    top_p: Annotated[float, Field(gt=0, le=1)] | None = None
    seed: int | None = None
    stop: list[str] = []
    choices: Literal["auto", "likelihood", "letters"] = "auto"
    tool_choice: Any = None
    parallel_tool_calls: bool | None = None
    response_format: dict[str, Any] | None = None
    reasoning_effort: str | None = None
    logprobs: bool | None = None
    stream: bool = False


class ScorerSpec(BaseModel):
    """A scorer by type; every other key is an option that the scorer itself checks."""

    model_config = ConfigDict(extra="allow", strict=True, frozen=True)
    type: Name

    @property
    def options(self) -> dict[str, Any]:
        """All keys but `type`."""
        return dict(self.__pydantic_extra__ or {})


class SliceFairness(Strict):
    """Short for a fairness gate on this slice."""

    metrics: list[Name]
    max_change: Margin = 0.05
    max_gap: Margin | None = None


class SliceSpec(Strict):
    """A tag (or several, for intersections) to cut by."""

    by: Name | list[Name]
    min_n: Count = 30
    fairness: SliceFairness | None = None

    @property
    def name(self) -> str:
        """The tag, or the tags joined with ``*``."""
        return self.by if isinstance(self.by, str) else "*".join(self.by)


class MustImprove(Strict):
    """The candidate must be proven better on this metric (low > 0, or low > min_gain)."""

    type: Literal["must_improve"]
    metric: Name
    min_gain: Share = 0.0


class NoRegression(Strict):
    """Non-inferiority within a margin; with `slices`, one finding a slice value.

    `mode: alarm` (the default for slices): a slice fails only by a regression proven under the correction;
    `mode: require`: each slice must be non-inferior by itself.
    """

    type: Literal["no_regression"]
    metric: Name | list[Name]
    margin: Margin = 0.02
    slices: list[Name] = []
    mode: Literal["alarm", "require"] = "alarm"
    min_n: Count = 30


class Floor(Strict):
    """An absolute minimum for the candidate (or `max` for metrics where lower is better)."""

    type: Literal["floor"]
    metric: Name
    min: float | None = None
    max: float | None = None
    basis: Literal["point", "proven"] = "point"
    slices: list[Name] = []


class Fairness(Strict):
    """No group's gap to the rest may grow by more than `max_change`; simultaneous over groups."""

    type: Literal["fairness"]
    slices: list[Name]
    metrics: list[Name] = []
    """Default: every main metric of the suite"""
    max_change: Margin = 0.05
    max_gap: Margin | None = None


class Budget(Strict):
    """Cost, latency or length as a paired ratio candidate/base, or an absolute maximum for the candidate."""

    type: Literal["budget"]
    metric: Literal[
        "latency_p50", "latency_p95", "latency_mean", "cost_usd", "tokens_in", "tokens_out", "first_token_p50"
    ]
    max_ratio: Positive | None = None
    max: Positive | None = None


class Critical(Strict):
    """Zero tolerance: every case so tagged that base passes must pass in the candidate."""

    type: Literal["critical"]
    tag: Name
    """`tag` (the tag is present and not false/no/0) or `tag=value`"""
    metrics: list[Name] = []
    """Default: every binary main metric of the suite"""


GateSpec = Annotated[MustImprove | NoRegression | Floor | Fairness | Budget | Critical, Field(discriminator="type")]


class Waiver(Strict):
    """A finding that is known and accepted until a date; after it the gate is back."""

    gate: Name
    metric: Name
    slice: dict[str, str] | None = None
    """{by: value}"""
    reason: Name
    owner: Name
    expires: dt.date


class PolicySpec(Strict):
    """How sure, and what to do when it cannot be told."""

    confidence: Annotated[float, Field(gt=0.5, lt=1)] = 0.95
    correction: Literal["holm", "max_t", "none"] = "holm"
    on_inconclusive: Literal["fail", "warn", "pass"] = "fail"
    max_error_rate: Share = 0.02
    min_pairs: Count = 1
    seed: int = 0


class SuiteSpec(Strict):
    """One suite file."""

    evalkit: Literal[1]
    name: Name
    description: str = ""
    dataset: DatasetSpec
    prompt: PromptSpec = PromptSpec()
    generate: GenerateSpec = GenerateSpec()
    repeats: Count = 1
    scorers: Annotated[dict[Name, ScorerSpec], Field(min_length=1)]
    slices: list[SliceSpec] = []
    gates: Annotated[list[GateSpec], Field(min_length=1)]
    policy: PolicySpec = PolicySpec()
    waivers: list[Waiver] = []


class Price(Strict):
    """US dollars a million tokens. What is not written is unknown, never 0."""

    input: Annotated[float, Field(ge=0)] | None = None
    output: Annotated[float, Field(ge=0)] | None = None
    cached_input: Annotated[float, Field(ge=0)] | None = None


class Limits(Strict):
    """Ceilings the user sets; the server's own are learned from its headers."""

    rpm: Count | None = None
    tpm: Count | None = None
    concurrency: Count | None = None
    connect_timeout_s: Positive = 10.0
    first_byte_timeout_s: Positive = 120.0
    timeout_s: Positive = 300.0
    deadline_s: Positive | None = None


class ModelSpec(Strict):
    """One model of models.yaml. Keys never stand here: only the names of environment variables."""

    provider: Name
    model: Name | None = None
    adapter: Name | None = None
    revision: Name | None = None
    api: Literal["chat", "responses", "batch", "completions"] = "chat"
    base_url: Name | None = None
    api_key_env: Name = "OPENAI_API_KEY"
    azure: dict[str, str] | None = None
    """{api_version: ..., deployment: ...}: use Azure's client"""
    chat_template: Name | None = None
    system: str | None = None
    dtype: Literal["auto", "float32", "float16", "bfloat16"] = "auto"
    device: Name | None = None
    separator: str | None = None
    """completions: the text a legacy fine-tune was trained to see after the prompt, e.g. "\\n\\n###\\n\\n" """
    stop: list[str] = []
    price: Price | None = None
    limits: Limits = Limits()
    recording: Name | None = None


class ModelsFile(Strict):
    """models.yaml."""

    models: dict[Name, ModelSpec]
