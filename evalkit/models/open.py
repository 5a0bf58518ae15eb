"""A name and its spec become a model that answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from evalkit.core.errors import ModelError
from evalkit.core.ports import Model
from evalkit.models import PROVIDERS
from evalkit.models.context import Context
from evalkit.suite.spec import ModelSpec

Open = Callable[[str, ModelSpec, Context], Model]


def open_model(name: str, spec: ModelSpec, context: Context) -> Model:
    """Open the model called `name` as `spec` describes it; nothing heavy is loaded and no call is made yet.

    Raises ModelError for a provider that does not exist or a spec that the provider cannot use.
    """
    if spec.provider not in PROVIDERS:
        raise ModelError(PROVIDERS.problem(spec.provider))
    opener = cast(Open, PROVIDERS.load(spec.provider))
    return opener(name, spec, context)
