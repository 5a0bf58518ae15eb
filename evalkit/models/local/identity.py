"""Who a local model is: the content of its files, never their names. Nothing heavy is loaded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from evalkit.core.errors import ModelError, Problem
from evalkit.core.exchange import Json
from evalkit.core.fingerprint import digest
from evalkit.models.local.cache import remembered_digest
from evalkit.models.local.embedded import GGUF_SHA256, LAYOUT, NAME, PREFIX
from evalkit.models.local.source import Source
from evalkit.models.local.weights import check_whole, list_pickled

PASSING = ("transformers_version", "_name_or_path", "_commit_hash", "torch_dtype", "dtype")
"""Keys of a config that say how a file was made or loaded, not what the model computes"""
TOKENIZER_FILES = (
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "tokenizer.model",
    "vocab.json",
    "merges.txt",
    "added_tokens.json",
    "chat_template.jinja",
    "chat_template.json",
    "additional_chat_templates/*.jinja",
    "vocab.txt",
    "*.tiktoken",
    "spiece.model",
    "sentencepiece*.model",
    "tekken.json",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fingerprint:
    """The identity of an arm.

    `weights` is the identity of the base alone (arms that share it share an engine); `parts` is shown to readers.
    """

    weights: str
    parts: Mapping[str, Json]

    @property
    def whole(self) -> str:
        """The identity of base, adapter, tokenizer, template and number type together."""
        return digest(self.parts)


def base_parts(source: Source, cache: Path, *, code: bool = False) -> dict[str, Json]:
    """Return the identity of a base.

    The embedded model is known by its GGUF, so its folder need not be there.

    `code` adds the Python files that the model brings.
    """
    if source.label == PREFIX + NAME:
        return {"gguf_sha256": GGUF_SHA256, "layout": LAYOUT}
    scripts = {"code": _files(source.folder, ("*.py",), cache)} if code else {}
    return {
        **scripts,
        "weights": _weights(source, cache),
        "config": digest({k: v for k, v in source.read_json("config.json").items() if k not in PASSING}),
        "generation": digest({k: v for k, v in source.read_json("generation_config.json").items() if k not in PASSING}),
        "tokenizer": _files(source.folder, TOKENIZER_FILES, cache),
    }


def adapter_parts(source: Source, cache: Path) -> dict[str, Json]:
    """Return the identity of an adapter.

    It is its weights, what decides their use, and a tokenizer and chat template that it brings.
    """
    config = source.read_json("adapter_config.json")
    ignored = ("base_model_name_or_path", "revision", "inference_mode", "auto_mapping", "peft_version")
    tokenizer = _files(source.folder, tuple(name for name in TOKENIZER_FILES if name != "chat_template.jinja"), cache)
    return {
        "weights": _weights(source, cache),
        "config": digest({k: v for k, v in config.items() if k not in ignored}),
        "template": _files(source.folder, ("chat_template.jinja",), cache),
        **({"tokenizer": tokenizer} if tokenizer else {}),
    }


def _weights(source: Source, cache: Path) -> Json:
    pickled = list_pickled(source.folder)
    if pickled and not source.pickle:
        names = ", ".join(path.name for path in pickled[:3])
        raise ModelError(
            Problem(
                what=f"{source.folder} keeps its weights as {names}: a pickle can run code when it is read",
                todo=f"`evalkit models convert {source.folder} -o FOLDER` writes them as safetensors; or write "
                "`allow_pickle: true` for this model in models.yaml, if you trust who made them",
            )
        )
    files = [*source.folder.glob("*.safetensors"), *pickled]
    found = {path.name: remembered_digest(path, cache) for path in sorted(files)}
    if not found:
        raise ModelError(
            Problem(
                what=f"{source.folder} holds no .safetensors weights",
                todo="save the model with save_pretrained(..., safe_serialization=True)",
            )
        )
    check_whole(source.folder)
    return found


def _files(folder: Path, patterns: tuple[str, ...], cache: Path) -> dict[str, Json]:
    """Digests by name (relative to the folder) of the files that match."""
    found = {path for pattern in patterns for path in folder.glob(pattern) if path.is_file()}
    return {path.relative_to(folder).as_posix(): remembered_digest(path, cache) for path in sorted(found)}
