"""What answers: one package or module a provider, each behind the `Model` socket of `evalkit.core.ports`.

| provider | answers from |
|---|---|
| local | weights on this machine (transformers, adapters, GGUF) |
| openai | OpenAI, Azure, or any compatible server |
| replay | a recording kept earlier |
| scripted | a table of answers, for tests |

A provider is a function ``open(name, spec, context) -> Model``; others are found as entry points ``evalkit.models``.
"""

from __future__ import annotations

from evalkit.core.registry import Registry

TABLE = {
    "local": "evalkit.models.local:open_local",
    "openai": "evalkit.models.openai:open_openai",
    "replay": "evalkit.models.replay:open_replay",
    "scripted": "evalkit.models.scripted:open_scripted",
}

PROVIDERS = Registry("provider", TABLE, group="evalkit.models")

__all__ = ["PROVIDERS", "TABLE"]
