"""Arms that are named by what they are alone: a job, the id of a fine-tuned model, a folder of weights."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from evalkit.core.errors import Problem
from evalkit.suite.spec import ModelSpec


class Names(NamedTuple):
    """How a provider reads names.

    `read` gives the spec of a bare name, what to type instead, or None; `base_of` the base of what was trained.
    """

    read: Callable[[str], ModelSpec | Problem | None]
    base_of: Callable[[ModelSpec], ModelSpec | None]


def _readers() -> Mapping[str, Names]:
    from evalkit.models.local import names as local
    from evalkit.models.openai import names as openai

    return {
        "openai": Names(openai.read_bare_name, openai.base_of),
        "local": Names(local.read_bare_name, local.base_of),
    }


def read_bare_name(name: str) -> ModelSpec | Problem | None:
    """Read an arm that is named without a provider.

    A Problem says what to type instead; None where no provider knows the name.
    """
    found = (one.read(name) for one in _readers().values())
    return next((one for one in found if one is not None), None)


def base_of(spec: ModelSpec) -> ModelSpec | None:
    """Return the model that a fine-tuned one was made of.

    None where nothing says it.
    """
    reader = _readers().get(spec.provider)
    return None if reader is None else reader.base_of(spec)
