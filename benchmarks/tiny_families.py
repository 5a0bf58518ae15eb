"""Tiny models of many families, made offline: a config, seeded random weights, a byte tokenizer, a chat template."""

from __future__ import annotations

from pathlib import Path
from typing import Any

VOCABULARY, WINDOW = 260, 48
TEMPLATE = (
    "{{ bos_token }}{% for message in messages %}[{{ message['role'] }}]{{ message['content'] }}{% endfor %}"
    "{% if add_generation_prompt %}[assistant]{% endif %}"
)
COMMON: dict[str, Any] = {
    "vocab_size": VOCABULARY, "hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2,
    "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 8, "max_position_embeddings": 512,
    "bos_token_id": 0, "eos_token_id": 1, "pad_token_id": 2,
}  # fmt: skip
EXPERTS: dict[str, Any] = {"num_experts": 4, "num_local_experts": 4, "num_experts_per_tok": 2}
SLIDING, FULL = "sliding_attention", "full_attention"
HALF_WINDOWED: dict[str, Any] = {"sliding_window": WINDOW, "layer_types": [SLIDING, FULL]}
GPT: dict[str, Any] = {"n_embd": 32, "n_layer": 2, "n_head": 4, "n_positions": 512, "n_inner": 64}
LATENT: dict[str, Any] = {
    "kv_lora_rank": 8, "q_lora_rank": 8, "qk_rope_head_dim": 8, "qk_nope_head_dim": 8, "v_head_dim": 8,
    "num_key_value_heads": 4, "n_routed_experts": 4, "num_experts_per_tok": 2, "n_group": 1, "topk_group": 1,
    "n_shared_experts": 1, "moe_intermediate_size": 16, "first_k_dense_replace": 1,
}  # fmt: skip
FAMILIES: dict[str, dict[str, Any]] = {
    "llama": {},
    "apertus": {},
    "arcee": {},
    "bamba": {
        "mamba_n_heads": 8, "mamba_d_head": 8, "mamba_d_state": 8, "mamba_n_groups": 1, "mamba_chunk_size": 16,
        "attn_layer_indices": [1],
    },
    "biogpt": {},
    "bitnet": {},
    "bloom": {"n_head": 4, "n_layer": 2},
    "codegen": {**GPT, "rotary_dim": 4},
    "cohere": {},
    "cohere2": {**HALF_WINDOWED},
    "dbrx": {
        "d_model": 32, "n_heads": 4, "n_layers": 2, "max_seq_len": 512,
        "attn_config": {"kv_n_heads": 2, "clip_qkv": 8.0, "rope_theta": 10000.0},
        "ffn_config": {"ffn_hidden_size": 64, "moe_num_experts": 4, "moe_top_k": 2, "hidden_size": 32},
    },
    "deepseek_v2": {**LATENT, "topk_method": "greedy"},
    "deepseek_v3": {**LATENT},
    "diffllama": {},
    "ernie4_5": {},
    "exaone4": {**HALF_WINDOWED},
    "falcon": {"head_dim": None, "multi_query": True, "ffn_hidden_size": 64},
    "falcon (alibi)": {"head_dim": None, "multi_query": True, "ffn_hidden_size": 64, "alibi": True},
    "falcon_h1": {"mamba_d_ssm": 32, "mamba_n_heads": 4, "mamba_d_head": 8, "mamba_d_state": 8, "mamba_n_groups": 1},
    "falcon_mamba": {"state_size": 8},
    "gemma": {},
    "gemma2": {**HALF_WINDOWED, "query_pre_attn_scalar": 8},
    "gemma3 (nested)": {
        "text_config": {**HALF_WINDOWED, "query_pre_attn_scalar": 8},
        "vision_config": {
            "hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2,
            "image_size": 28, "patch_size": 14,
        },
        "mm_tokens_per_image": 4, "image_token_index": 255, "boi_token_index": 254, "eoi_token_index": 253,
    },
    "gemma3_text": {**HALF_WINDOWED, "query_pre_attn_scalar": 8},
    "glm": {"partial_rotary_factor": 0.5},
    "glm4": {"partial_rotary_factor": 0.5},
    "gpt2": {**GPT},
    "gpt_bigcode": {**GPT},
    "gpt_neo": {
        "num_layers": 2, "num_heads": 4, "attention_types": [[["global", "local"], 1]], "window_size": WINDOW,
    },
    "gpt_neox": {"rotary_pct": 0.5},
    "gpt_oss": {**HALF_WINDOWED, **EXPERTS},
    "gptj": {**GPT, "rotary_dim": 4},
    "granite": {},
    "granitemoe": {**EXPERTS},
    "granitemoehybrid": {
        **EXPERTS, "mamba_n_heads": 8, "mamba_d_head": 8, "mamba_d_state": 8, "mamba_n_groups": 1,
        "mamba_chunk_size": 16, "layer_types": ["mamba", "attention"], "shared_intermediate_size": 32,
    },
    "helium": {},
    "hunyuan_v1_dense": {},
    "jamba": {
        **EXPERTS, "attn_layer_period": 2, "attn_layer_offset": 1, "expert_layer_period": 2, "expert_layer_offset": 1,
        "mamba_d_state": 8, "mamba_d_conv": 4, "mamba_expand": 2, "mamba_dt_rank": 4, "use_mamba_kernels": False,
    },
    "lfm2": {"layer_types": ["conv", "full_attention"], "block_auto_adjust_ff_dim": False},
    "llama4_text": {
        **EXPERTS, "attention_chunk_size": WINDOW, "intermediate_size_mlp": 64,
        "layer_types": ["chunked_attention", "full_attention"], "no_rope_layers": [1, 0],
    },
    "mamba": {"state_size": 8, "conv_kernel": 4, "expand": 2, "time_step_rank": 4},
    "mamba2": {"state_size": 8, "num_heads": 8, "head_dim": 8, "expand": 2, "n_groups": 1, "chunk_size": 16},
    "ministral": {**HALF_WINDOWED},
    "mistral": {"sliding_window": WINDOW},
    "mixtral": {**EXPERTS, "sliding_window": WINDOW},
    "minimax": {**EXPERTS, "layer_types": ["linear_attention", "full_attention"], "block_size": 16},
    "minicpm3": {**LATENT},
    "mpt": {"d_model": 32, "n_heads": 4, "n_layers": 2, "max_seq_len": 512, "expansion_ratio": 2},
    "nemotron": {},
    "nemotron_h": {
        "mamba_num_heads": 8, "mamba_head_dim": 8, "ssm_state_size": 8, "n_groups": 1, "chunk_size": 16,
        "hybrid_override_pattern": "M*-", "num_hidden_layers": 3,
    },
    "olmo": {},
    "olmo2": {},
    "olmo3": {**HALF_WINDOWED},
    "olmoe": {**EXPERTS},
    "opt": {"ffn_dim": 64, "word_embed_proj_dim": 32, "do_layer_norm_before": True},
    "persimmon": {"num_key_value_heads": 4},
    "phi": {"num_key_value_heads": 4},
    "phi3": {"sliding_window": WINDOW},
    "phi3 (longrope)": {
        "sliding_window": None, "original_max_position_embeddings": WINDOW,
        "rope_parameters": {
            "rope_type": "longrope", "rope_theta": 10000.0, "short_factor": [1.0] * 4, "long_factor": [4.0] * 4,
            "original_max_position_embeddings": WINDOW,
        },
    },
    "llama (dynamic rope)": {
        "rope_parameters": {
            "rope_type": "dynamic", "rope_theta": 10000.0, "factor": 4.0, "original_max_position_embeddings": WINDOW,
        },
    },
    "phimoe": {**EXPERTS, "sliding_window": WINDOW},
    "qwen2": {},
    "qwen2 (windowed)": {**HALF_WINDOWED, "use_sliding_window": True, "max_window_layers": 0},
    "qwen2_moe": {**EXPERTS, "moe_intermediate_size": 16, "shared_expert_intermediate_size": 16},
    "qwen3": {},
    "qwen3_moe": {**EXPERTS, "moe_intermediate_size": 16},
    "qwen3_next": {
        **EXPERTS, "moe_intermediate_size": 16, "shared_expert_intermediate_size": 16, "linear_num_value_heads": 4,
        "linear_num_key_heads": 2, "linear_key_head_dim": 8, "linear_value_head_dim": 8,
        "layer_types": ["linear_attention", "full_attention"],
    },
    "recurrent_gemma": {
        "attention_window_size": WINDOW, "lru_width": 32, "block_types": ["recurrent", "attention"],
        "num_hidden_layers": 2,
    },
    "rwkv": {"attention_hidden_size": 32, "context_length": 512},
    "seed_oss": {},
    "smollm3": {"no_rope_layers": [1, 0]},
    "stablelm": {},
    "starcoder2": {"sliding_window": WINDOW},
    "xglm": {"d_model": 32, "ffn_dim": 64, "num_layers": 2, "attention_heads": 4},
    "zamba2": {
        "mamba_d_state": 8, "mamba_headdim": 8, "n_mamba_heads": 8, "mamba_ngroups": 1,
        "layers_block_type": ["mamba", "hybrid"],
        "num_mem_blocks": 1, "use_shared_attention_adapter": False, "adapter_rank": 4, "use_mem_rope": True,
        "attention_hidden_size": 64, "attention_head_dim": 16, "chunk_size": 16,
    },
}  # fmt: skip


def settings(own: dict[str, Any]) -> dict[str, Any]:
    """A family's config: what all have (in its text model, where that is nested) and what is its own."""
    if "text_config" in own:
        return {**own, "text_config": {**COMMON, **own["text_config"]}}
    return {key: value for key, value in {**COMMON, **own}.items() if value is not None}


def save_family(name: str, folder: Path, *, seed: int = 0) -> None:
    """Make and save one family's model, tokenizer and template."""
    import torch
    from transformers import AutoModelForCausalLM
    from transformers.models.auto.configuration_auto import CONFIG_MAPPING

    config = CONFIG_MAPPING[name.split(" ")[0]](**settings(FAMILIES[name]))
    torch.manual_seed(seed)
    model = AutoModelForCausalLM.from_config(config)
    with torch.no_grad():
        for label, weight in model.named_parameters():
            if weight.ndim >= 2 and not any(part in label for part in ("A_log", "conv", "rg_lru")):
                weight.normal_(0.0, 0.2)
    model.save_pretrained(folder)
    save_tokenizer(folder)


def save_tokenizer(folder: Path) -> None:
    """A tokenizer of single bytes with BOS, EOS, PAD and UNK."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    special = ["<s>", "</s>", "<pad>", "<unk>"]
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokenizer = Tokenizer(models.BPE(vocab={t: i for i, t in enumerate([*special, *letters])}, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens(special)
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token="<s>", eos_token="</s>", pad_token="<pad>", unk_token="<unk>"
    )
    fast.chat_template = TEMPLATE
    fast.save_pretrained(folder)
