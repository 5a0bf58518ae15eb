"""The door of provider `openai`."""

from __future__ import annotations

from evalkit.models.context import Context
from evalkit.models.openai.endpoint import endpoint_of
from evalkit.models.openai.model import OpenAIModel
from evalkit.suite.spec import ModelSpec


def open_openai(name: str, spec: ModelSpec, context: Context) -> OpenAIModel:
    """Open a model of OpenAI, Azure or any compatible server.

    No call is made and the key is not needed yet.

    Raises ModelError, with every problem, for a spec that cannot be used.
    """
    return OpenAIModel(name=name, spec=spec, endpoint=endpoint_of(name, spec, context.environ), context=context)
