"""A GGUF file of a tiny Llama, as llama.cpp's converter writes one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

NAMES = {
    "input_layernorm": "attn_norm", "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v", "self_attn.o_proj": "attn_output", "post_attention_layernorm": "ffn_norm",
    "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up", "mlp.down_proj": "ffn_down",
}  # fmt: skip


def write_gguf(path: Path, folder: Path, *, rule: str = "smollm") -> None:
    """`folder` holds the model and its tokenizer; `rule` is how text is split before the vocabulary is looked at."""
    from gguf import GGUFWriter
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(folder)
    config = model.config
    writer = GGUFWriter(path, "llama")
    writer.add_block_count(config.num_hidden_layers)
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_rope_freq_base(10_000.0)
    writer.add_rope_dimension_count(config.hidden_size // config.num_attention_heads)
    writer.add_vocab_size(config.vocab_size)
    _add_tokenizer(writer, folder, rule=rule)
    for name, weight in model.state_dict().items():
        place, turned = _place(name), weight
        if place is not None:
            heads = {"attn_q": config.num_attention_heads, "attn_k": config.num_key_value_heads}.get(
                place.split(".")[-2], 0
            )
            turned = _turn(weight, heads) if heads else weight
            writer.add_tensor(place, turned.numpy().copy())
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _place(name: str) -> str | None:
    outer = {"model.embed_tokens.weight": "token_embd.weight", "model.norm.weight": "output_norm.weight",
             "lm_head.weight": "output.weight"}  # fmt: skip
    if name in outer:
        return outer[name]
    _, _, number, rest = name.split(".", 3)
    return f"blk.{number}.{NAMES[rest.removesuffix('.weight')]}.weight"


def _turn(weight: Any, heads: int) -> Any:
    """Rows of queries and keys in the order that llama.cpp rotates them."""
    wide = weight.shape[0] // heads // 2
    return weight.reshape(heads, 2, wide, weight.shape[1]).swapaxes(1, 2).reshape(weight.shape)


def _add_tokenizer(writer: Any, folder: Path, *, rule: str) -> None:
    told = json.loads((folder / "tokenizer.json").read_text("utf-8"))
    vocabulary = told["model"]["vocab"]
    special = {one["content"] for one in told["added_tokens"]}
    tokens = sorted(vocabulary, key=vocabulary.get)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(rule)
    writer.add_token_list(tokens)
    writer.add_token_types([3 if token in special else 1 for token in tokens])
    writer.add_token_merges([])
    writer.add_bos_token_id(0)
    writer.add_eos_token_id(1)
    writer.add_pad_token_id(2)
    template = folder / "chat_template.jinja"
    writer.add_chat_template(template.read_text("utf-8"))
