"""How answers are drawn: what a suite says, what an arm says over it, and which of it decides an answer."""

from __future__ import annotations

from typing import Annotated, Any, Literal, get_args

from pydantic import Field, field_validator

from evalkit.suite.shape import Count, Strict

MayDiffer = Literal[
    "temperature",
    "max_tokens",
    "top_p",
    "seed",
    "stop",
    "tool_choice",
    "parallel_tool_calls",
    "response_format",
    "reasoning_effort",
    "verbosity",
    "presence_penalty",
    "frequency_penalty",
    "top_k",
    "min_p",
    "role",
]
"""Parameters in which arms may be asked differently where a policy says so"""
DECIDING: tuple[str, ...] = tuple(name for name in get_args(MayDiffer) if name not in ("seed", "role"))
"""What changes the distribution of answers. A seed does not: A/A runs take other ones on purpose"""
CARRIED = (*(name for name in DECIDING if name not in ("temperature", "max_tokens", "top_p", "stop")), "logprobs")
"""What goes to a server under its own name, and belongs to the identity of an answer"""
BESIDE = ("service_tier", "prompt_cache_key", "safety_identifier", "metadata")
"""What goes to a server and decides no answer: no part of an answer's identity, free to differ between arms"""
Penalty = Annotated[float, Field(ge=-2, le=2)]


class GenerateSpec(Strict):
    """How answers are drawn.

    Unset is the default of evalkit (greedy), never of a server; null leaves a parameter out.
    """

    temperature: Annotated[float, Field(ge=0, le=2)] | None = 0.0
    """0 is greedy; null leaves it to the model (its own generation config) or the server"""
    max_tokens: Count | None = 256
    """Longest answer in tokens; null leaves it to the model or the server"""
    top_p: Annotated[float, Field(gt=0, le=1)] | None = None
    """Nucleus sampling"""
    seed: int | None = None
    """Seed of the draw; repeats take the next ones"""
    stop: list[str] | None = []
    """Texts that end an answer"""
    choices: Literal["auto", "likelihood", "letters"] = "auto"
    """Multiple choice by log-likelihood, by letter, or by what the models can do"""
    tool_choice: Any = None
    """As the chat completions API names it, allowed_tools included"""
    parallel_tool_calls: bool | None = None
    response_format: dict[str, Any] | None = None
    reasoning_effort: str | None = None
    """none, minimal, low, medium, high, ...: as the model knows them"""
    verbosity: str | None = None
    """low, medium or high: how long answers are"""
    presence_penalty: Penalty | None = None
    frequency_penalty: Penalty | None = None
    top_k: Count | None = None
    """Servers other than OpenAI's: draw from this many tokens"""
    min_p: Annotated[float, Field(ge=0, le=1)] | None = None
    """Servers other than OpenAI's: draw from tokens at least so likely beside the likeliest"""
    logprobs: bool | None = None
    service_tier: str | None = None
    """auto, default, flex, priority: decides price and speed, no answer"""
    prompt_cache_key: str | None = None
    """Where a server keeps the beginning of prompts; decides no answer"""
    safety_identifier: str | None = None
    """Who asks, for the server's own checks; decides no answer"""
    metadata: dict[str, str] | None = None
    """What the server keeps beside a call; decides no answer"""
    stream: bool = False
    """Measure the time to the first token"""

    @field_validator("stop", mode="after")
    @classmethod
    def _no_stop(cls, value: list[str] | None) -> list[str]:
        return value or []


def arm_generate(suite: GenerateSpec, own: GenerateSpec | None) -> GenerateSpec:
    """Return how an arm is asked: its own words over the suite's.

    >>> arm_generate(GenerateSpec(seed=1), GenerateSpec(temperature=None)).model_dump(exclude_defaults=True)
    {'temperature': None, 'seed': 1}
    """
    if own is None:
        return suite
    return suite.model_copy(update={name: getattr(own, name) for name in own.model_fields_set})


def written_by(own: GenerateSpec | None) -> frozenset[str]:
    """Return the parameters that an arm says itself, null included."""
    return frozenset() if own is None else frozenset(own.model_fields_set)
