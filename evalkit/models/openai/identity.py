"""Who answers, by all that decides the answers: two models never share a fingerprint."""

from __future__ import annotations

from urllib.parse import urlsplit

from evalkit.core.exchange import Json, ModelIdentity
from evalkit.core.fingerprint import digest
from evalkit.models.openai.endpoint import Endpoint
from evalkit.suite.open_parameters import decides_answers
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
        **_open_parameters(spec),
    }
    return ModelIdentity(
        name=name,
        provider="openai",
        model=model,
        fingerprint=digest({"provider": "openai", "model": model, **shown, **_header_texts(spec)}),
        details={**{key: value for key, value in shown.items() if value not in (None, [])}, **(details or {})},
    )


def _open_parameters(spec: ModelSpec) -> dict[str, Json]:
    """What models.yaml adds to every call, where it adds anything; of headers the names alone may be shown."""
    headers = sorted(name for name in spec.headers if decides_answers(name))
    added: dict[str, Json] = {
        "extra_body": dict(spec.extra_body),
        "chat_template_kwargs": dict(spec.chat_template_kwargs),
        "headers": headers,
    }
    return {name: value for name, value in added.items() if value}


def _header_texts(spec: ModelSpec) -> dict[str, Json]:
    """The texts of headers that may decide an answer, for the fingerprint alone; a secret's is its variable's name."""
    texts = {
        name.lower(): value if isinstance(value, str) else f"env:{value.env}"
        for name, value in spec.headers.items()
        if decides_answers(name)
    }
    return {"header_texts": texts} if texts else {}
