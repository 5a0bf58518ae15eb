"""GGUF to an ordinary transformers folder, float32."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from evalkit.models.local.quiet import quiet_gguf


def convert(source: Path, folder: Path) -> None:
    """Write config, safetensors, tokenizer and chat template of a GGUF into an existing folder.

    A model loaded from GGUF refuses ``save_pretrained``, so its state dict moves into a fresh model of the same config.
    """
    with quiet_gguf():
        _convert(source, folder)
    for name in ("config.json", "generation_config.json", "tokenizer_config.json"):
        _settle(folder / name)


def _convert(source: Path, folder: Path) -> None:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer, GenerationConfig

    tokenizer = _tokenizer(AutoTokenizer.from_pretrained(source.parent, gguf_file=source.name))
    read = AutoModelForCausalLM.from_pretrained(source.parent, gguf_file=source.name, dtype=torch.float32)
    config = read.config
    config.__dict__.pop("quantization_config", None)
    tokenizer.model_max_length = config.max_position_embeddings
    tokenizer.save_pretrained(folder)
    with torch.device("meta"):
        fresh = type(read)(config)
    fresh.load_state_dict(read.state_dict(), strict=True, assign=True)
    fresh.tie_weights()
    fresh.generation_config = GenerationConfig.from_model_config(config)
    fresh.save_pretrained(folder)
    _verify(folder, fresh.state_dict())


def _tokenizer(tokenizer: Any) -> Any:
    """Split digits one by one before the byte-level rule, as the model was trained (``tokenizer.ggml.pre = smollm``).

    The GGUF reader leaves that rule out, which tokenises white space before a number differently.
    """
    from tokenizers import pre_tokenizers

    tokenizer.backend_tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Digits(individual_digits=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False, trim_offsets=True, use_regex=True),
        ]
    )
    tokenizer.padding_side = "left"
    return tokenizer


def _verify(folder: Path, expected: dict[str, Any]) -> None:
    """Read the weights back: every number must be the one that was dequantised."""
    import torch
    from safetensors.torch import load_file

    written = load_file(folder / "model.safetensors")
    for name, tensor in written.items():
        if not torch.equal(tensor, expected[name]):
            raise OSError(f"the tensor {name} came back from {folder} with other numbers")


def _settle(path: Path) -> None:
    """Drop what only says how the file was made, so that its bytes do not depend on the machine or the library."""
    config = json.loads(path.read_text("utf-8"))
    for name in ("transformers_version", "_model_name_or_path", "_from_model_config", "is_local", "local_files_only"):
        config.pop(name, None)
    path.write_text(json.dumps(config, indent=2, sort_keys=True) + "\n", "utf-8")
