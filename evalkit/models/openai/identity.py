"""Who answers, by all that decides the answers: two models never share a fingerprint."""

from __future__ import annotations

from urllib.parse import urlsplit

from evalkit.core.exchange import Json, ModelIdentity
from evalkit.core.fingerprint import digest
from evalkit.models.openai.endpoint import Endpoint
from evalkit.suite.spec import ModelSpec


def identity_of(
    name: str, spec: ModelSpec, *, endpoint: Endpoint, model: str, details: dict[str, Json] | None = None
) -> ModelIdentity:
    """Return the identity of an API model.

    It is provider, host and path, model, api, Azure deployment, separator, stop, system.

    The scheme, credentials and Azure's api_version are left out: they do not change who answers.
    """
    parts = urlsplit(endpoint.shown)
    shown: dict[str, Json] = {
        "host": parts.netloc,
        "path": parts.path,
        "api": spec.api,
        "deployment": endpoint.deployment,
        "separator": spec.separator,
        "stop": list(spec.stop),
        "system": spec.system,
    }
    return ModelIdentity(
        name=name,
        provider="openai",
        model=model,
        fingerprint=digest({"provider": "openai", "model": model, **shown}),
        details={**{key: value for key, value in shown.items() if value not in (None, [])}, **(details or {})},
    )
