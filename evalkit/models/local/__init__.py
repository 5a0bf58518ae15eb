"""Answers from weights on this machine: any transformers model, a base and its adapters as one engine."""

from __future__ import annotations

from evalkit.models.context import Context
from evalkit.models.local.model import LocalModel
from evalkit.suite.spec import ModelSpec

__all__ = ["LocalModel", "open_local"]


def open_local(name: str, spec: ModelSpec, context: Context) -> LocalModel:
    """Open a model of provider ``local``.

    Weights are found, hashed and loaded when first needed.

    `spec.model` is ``embedded:SmolLM2-135M-Instruct``, a folder (relative to `context.root`), or a hub id; a folder or
    hub id of a PEFT adapter alone brings its base with it. `spec.adapter` is a folder or hub id. Raises ModelError for
    a spec that cannot be used.
    """
    return LocalModel(name, spec, context)
