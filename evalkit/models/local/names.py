"""Folders of weights as arms: an adapter, a model or a checkpoint says itself what it is."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path

from evalkit.core.errors import Problem
from evalkit.models.local.gguf_file import GGUF
from evalkit.models.local.weights import list_pickled
from evalkit.suite.spec import ModelSpec

_ADAPTER, _MODEL = "adapter_config.json", "config.json"
_CHECKPOINT = re.compile(r"checkpoint-(\d+)")


def read_bare_name(name: str) -> ModelSpec | Problem | None:
    """Read an arm that is named by a folder of weights alone.

    A Problem says what to type for a folder that holds checkpoints only; None where the name is no such folder.
    """
    folder = Path(name).expanduser()
    if folder.suffix.lower() == GGUF and folder.is_file():
        return ModelSpec(provider="local", model=name)
    if not folder.is_dir():
        return None
    if holds_model(folder):
        return ModelSpec(provider="local", model=name)
    found = sorted((int(kind[1]), one.name) for one, kind in _checkpoints(folder))
    if not found:
        return None
    last = found[-1][1]
    return Problem(
        what=f"{name} holds {len(found)} checkpoints and no model of its own",
        todo=f"name one of them: {folder / last}; or compare them all: evalkit sweep BASE {name}",
        allowed=", ".join(one for _, one in found),
    )


def base_of(spec: ModelSpec) -> ModelSpec | None:
    """Return the base that an adapter is put on.

    None where there is no adapter.
    """
    if spec.adapter is not None:
        return spec.model_copy(update={"adapter": None, "recording": None, "prompt": None, "transform": None})
    if spec.model is None:
        return None
    folder = Path(spec.model).expanduser()
    try:
        config = json.loads((folder / _ADAPTER).read_text("utf-8"))
    except (OSError, ValueError):
        return None
    base = config.get("base_model_name_or_path") if isinstance(config, dict) else None
    return ModelSpec(provider=spec.provider, model=base) if isinstance(base, str) and base else None


def holds_adapter(folder: Path) -> bool:
    """Tell whether a folder is that of a PEFT adapter alone."""
    return (folder / _ADAPTER).is_file() and not (folder / _MODEL).is_file()


def holds_model(folder: Path) -> bool:
    """Tell whether a folder holds a model or an adapter."""
    if (folder / _ADAPTER).is_file():
        return True
    return (folder / _MODEL).is_file() and (any(folder.glob("*.safetensors")) or bool(list_pickled(folder)))


def _checkpoints(folder: Path) -> Iterable[tuple[Path, re.Match[str]]]:
    for one in folder.iterdir():
        kind = _CHECKPOINT.fullmatch(one.name)
        if kind is not None and one.is_dir() and holds_model(one):
            yield one, kind
