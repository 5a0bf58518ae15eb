"""GGUF to an ordinary transformers folder, float32."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from evalkit.core.errors import ModelError, Problem
from evalkit.models.local.quiet import quiet_gguf


def convert(source: Path, folder: Path) -> None:
    """Write config, safetensors, tokenizer and chat template of a GGUF into an existing folder.

    A model loaded from GGUF refuses ``save_pretrained``, so its state dict moves into a fresh model of the same config.
    """
    with quiet_gguf():
        try:
            _convert(source, folder)
        except OSError:
            raise
        except Exception as error:  # each library behind it raises its own
            what = f"{source} cannot be read as a model: {type(error).__name__}: {error}"
            todo = "give the original folder, or serve the file (llama.cpp) and ask it with provider openai"
            raise ModelError(Problem(what=what, todo=todo)) from error
    for name in ("config.json", "generation_config.json", "tokenizer_config.json"):
        if (folder / name).is_file():
            _settle(folder / name)


def _convert(source: Path, folder: Path) -> None:
    import torch
    from transformers import AutoModelForCausalLM, GenerationConfig

    tokenizer = _tokenizer(source)
    read = AutoModelForCausalLM.from_pretrained(source.parent, gguf_file=source.name, dtype=torch.float32)
    config = read.config
    config.__dict__.pop("quantization_config", None)
    tokenizer.model_max_length = getattr(config, "max_position_embeddings", None) or tokenizer.model_max_length
    tokenizer.save_pretrained(folder)
    with torch.device("meta"):
        fresh = type(read)(config)
    fresh.load_state_dict(read.state_dict(), strict=True, assign=True)
    fresh.tie_weights()
    fresh.generation_config = GenerationConfig.from_model_config(config)
    fresh.save_pretrained(folder)
    _verify(folder, fresh.state_dict())


def _tokenizer(source: Path) -> Any:
    """The tokenizer that lies beside the file, or else what the file says of one.

    Of ``tokenizer.ggml.pre = smollm`` the reader leaves the first rule out: digits are split one by one before the
    byte-level rule, and without it white space before a number is tokenised differently.
    """
    from transformers import AutoTokenizer

    if (source.parent / "tokenizer.json").is_file():
        tokenizer = AutoTokenizer.from_pretrained(source.parent, local_files_only=True)
    else:
        tokenizer = AutoTokenizer.from_pretrained(source.parent, gguf_file=source.name)
        if _rule(source) == "smollm":
            _split_digits(tokenizer)
    tokenizer.padding_side = "left"
    return tokenizer


def _rule(source: Path) -> str | None:
    """How text is split before the vocabulary is looked at, by the file's own word."""
    from gguf import GGUFReader

    field = GGUFReader(str(source)).fields.get("tokenizer.ggml.pre")
    return None if field is None else str(field.contents())


def _split_digits(tokenizer: Any) -> None:
    from tokenizers import pre_tokenizers

    tokenizer.backend_tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Digits(individual_digits=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False, trim_offsets=True, use_regex=True),
        ]
    )


def _verify(folder: Path, expected: dict[str, Any]) -> None:
    """Read the weights back: every number must be the one that was dequantised."""
    import torch
    from safetensors.torch import load_file

    written = {name: tensor for path in folder.glob("*.safetensors") for name, tensor in load_file(path).items()}
    for name, tensor in written.items():
        if not torch.equal(tensor, expected[name]):
            raise OSError(f"the tensor {name} came back from {folder} with other numbers")


def _settle(path: Path) -> None:
    """Drop what only says how the file was made, so that its bytes do not depend on the machine or the library."""
    config = json.loads(path.read_text("utf-8"))
    for name in ("transformers_version", "_model_name_or_path", "_from_model_config", "is_local", "local_files_only"):
        config.pop(name, None)
    path.write_text(json.dumps(config, indent=2, sort_keys=True) + "\n", "utf-8")
