"""A name and its spec become a model that answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from evalkit.core.errors import ModelError, Problem, join_allowed
from evalkit.core.ports import Model
from evalkit.models import PROVIDERS
from evalkit.models.context import Context
from evalkit.suite.spec import ModelSpec

_NEEDED = {"openai": "the name the API knows", "scripted": "echo, nothing or constant:TEXT"}
_READ_FOLDERS = frozenset({"local"})
Open = Callable[[str, ModelSpec, Context], Model]


def open_model(name: str, spec: ModelSpec, context: Context) -> Model:
    """Open the model called `name` as `spec` describes it.

    Nothing heavy is loaded and no call is made yet.

    Raises ModelError for a provider that does not exist or a spec that the provider cannot use.
    """
    if spec.provider not in PROVIDERS:
        raise ModelError(PROVIDERS.problem(spec.provider))
    wrong = check_options(spec)
    if wrong:
        raise ModelError(Problem(what=f"model {name!r}: {what}") for what in wrong)
    opener = cast(Open, PROVIDERS.load(spec.provider))
    return opener(name, spec, context)


def needed_model(spec: ModelSpec) -> str | None:
    """Return what `model` must name where a spec lacks what its provider needs.

    It is None where all is well.
    """
    deployed = spec.azure is not None and "deployment" in spec.azure
    return None if spec.model is not None or deployed else _NEEDED.get(spec.provider)


def reads_folders(spec: ModelSpec) -> bool:
    """Return whether `model` and `adapter` of a spec may name folders on this machine.

    It is told before anything is opened.
    """
    return spec.provider in _READ_FOLDERS


def check_options(spec: ModelSpec) -> tuple[str, ...]:
    """Say what is wrong with a spec's `options`, by its provider's word.

    A provider says what it takes: its opener has a function `check_options(options)` that returns sentences, empty when
    all is well. Of those that ship here one without it takes none.
    """
    if not spec.options or spec.provider not in PROVIDERS:
        return ()
    check = getattr(PROVIDERS.load(spec.provider), "check_options", None)
    if check is None and PROVIDERS.is_own(spec.provider):
        return (f"provider {spec.provider!r} takes no `options`: {join_allowed(list(spec.options))}",)
    return () if check is None else tuple(check(dict(spec.options)))
