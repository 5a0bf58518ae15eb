"""promptfoo's providers as entries of models.yaml; those that evalkit does not ask are named."""

from __future__ import annotations

from collections.abc import Mapping

from evalkit.core.exchange import Json
from evalkit.foreign.nouns import as_object

_APIS = {"chat": "chat", "responses": "responses", "completion": "completions"}
_SAMPLING = {"temperature": "temperature", "max_tokens": "max_tokens", "top_p": "top_p", "seed": "seed", "stop": "stop"}
_SERVERS = {"ollama": "http://localhost:11434/v1", "localai": "http://localhost:8080/v1",
            "openrouter": "https://openrouter.ai/api/v1"}  # fmt: skip
_KEYS = {"openrouter": "OPENROUTER_API_KEY"}


def read_providers(
    config: Mapping[str, Json], left_out: list[str]
) -> tuple[dict[str, dict[str, Json]], dict[str, Json]]:
    """Return models by the names of arms.

    Beside them the sampling that all of them share. What is not carried over is added to `left_out`.
    """
    raw = config.get("providers", config.get("targets"))
    models: dict[str, dict[str, Json]] = {}
    sampling: list[dict[str, Json]] = []
    for one in raw if isinstance(raw, list) else [raw] if raw else []:
        name, ident, options = _read_provider(one)
        spec = _model(ident, options) if ident else None
        if spec is None:
            why = "evalkit asks OpenAI-compatible APIs and local models, or reads recorded answers"
            left_out.append(f"provider {name or ident or str(one)[:60]}: {why}")
            continue
        models[name] = spec
        sampling.append(
            {ours: options[theirs] for theirs, ours in _SAMPLING.items() if options.get(theirs) is not None}
        )
        more = [key for key in options if key not in (*_SAMPLING, "apiBaseUrl", "apiHost", "apiKeyEnvar", "apiKey")]
        left_out += [f"provider {name}: {key} is not carried over" for key in more]
        if options.get("apiKey"):
            left_out.append(f"provider {name}: apiKey, since keys stand in the environment: name it in api_key_env")
    return models, _keep_shared(sampling, left_out)


def _read_provider(one: Json) -> tuple[str, str, dict[str, Json]]:
    """The name of an arm, the id of its provider, and its options."""
    if isinstance(one, str):
        return one, one, {}
    if not isinstance(one, dict):
        return "", "", {}
    if "id" not in one and len(one) == 1:
        ((ident, about),) = one.items()
        about = as_object(about)
        return str(about.get("label") or ident), str(ident), as_object(about.get("config"))
    ident = str(one.get("id") or "")
    return str(one.get("label") or ident), ident, as_object(one.get("config"))


def _model(ident: str, options: Mapping[str, Json]) -> dict[str, Json] | None:
    kind, _, rest = ident.partition(":")
    if kind == "huggingface":
        return (
            None if not rest.startswith("text-generation:") else {"provider": "local", "model": rest.partition(":")[2]}
        )
    if kind != "openai" and kind not in _SERVERS:
        return None
    first, _, model = rest.partition(":")
    api, model = (_APIS[first], model) if first in _APIS and model else ("chat", rest)
    if not model or first in ("embedding", "embeddings", "image", "moderation", "realtime", "assistant"):
        return None
    spec: dict[str, Json] = {"provider": "openai", "model": model}
    spec |= {"api": api} if api != "chat" else {}
    url = options.get("apiBaseUrl") or (f"https://{options['apiHost']}/v1" if options.get("apiHost") else None)
    url = url or _SERVERS.get(kind)
    spec |= {"base_url": url} if url else {}
    key = options.get("apiKeyEnvar") or _KEYS.get(kind)
    return {**spec, "api_key_env": str(key)} if key else spec


def _keep_shared(sampling: list[dict[str, Json]], left_out: list[str]) -> dict[str, Json]:
    """What all ask alike: the suite's `generate`; what differs is named."""
    if not sampling:
        return {}
    first, *others = sampling
    same = {key: value for key, value in first.items() if all(one.get(key) == value for one in others)}
    differ = sorted({key for one in sampling for key in one} - set(same))
    left_out += [f"{key} differs between providers: set it in models.yaml or in the suite's generate" for key in differ]
    if isinstance(same.get("stop"), str):
        same["stop"] = [same["stop"]]
    return same
