"""Whatever its attention, cache or positions are like, a model answers as an uncached pass of one text does."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from local_tiny import HEADS, HIDDEN, VOCABULARY, save_tokenizer

from evalkit.models.local import LocalModel
from evalkit.models.local.ways import Ways, context_length, stretch_length, window

sys.path.insert(0, str(Path(__file__).parents[4] / "benchmarks"))

Opener = Callable[..., LocalModel]
WAYS = {
    "llama": "fast",
    "mistral": "in batches of whole texts, for texts of more than 48 tokens",
    "gemma3 (nested)": "in batches of whole texts, for texts of more than 48 tokens",
    "llama4_text": "in batches of whole texts, for texts of more than 48 tokens",
    "cohere2": "in batches of whole texts, for texts of more than 48 tokens",
    "phi3": "in batches of whole texts, for texts of more than 48 tokens",
    "phi3 (longrope)": "one request at a time, for texts of more than 48 tokens",
    "gpt_oss": "in batches of whole texts, for texts of more than 48 tokens",
    "bloom": "in batches of whole texts",
    "mamba": "one request at a time",
    "rwkv": "one request at a time",
    "lfm2": "in batches of whole texts",
}


@pytest.mark.slow
@pytest.mark.parametrize("name", WAYS)
def test_a_family_answers_as_an_uncached_pass_does(name: str, tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="local models need the extra `local`")
    from families import measure
    from tiny_families import save_family

    save_family(name, tmp_path)
    line = measure(name, tmp_path)
    assert line.right, line
    assert line.way == WAYS[name]


def test_a_window_is_used_up_to_its_length_and_whole_texts_behind_it(arm: Opener, local_files: Path) -> None:
    save_window(local_files / "reaching", sliding_window=40)
    model = arm("reaching", chat_template="plain")
    assert model.engine().ways == Ways(reach=40, batches=True, caches=True)
    window_less = arm("tiny", chat_template="plain").engine().ways
    assert window_less == Ways(reach=None)


def save_window(folder: Path, **settings: Any) -> None:
    import torch
    from transformers import MistralConfig, MistralForCausalLM

    torch.manual_seed(4)
    save_tokenizer(folder)
    config = MistralConfig(
        vocab_size=VOCABULARY, hidden_size=HIDDEN, intermediate_size=64, num_hidden_layers=2, num_attention_heads=HEADS,
        num_key_value_heads=2, max_position_embeddings=512, initializer_range=0.25, **settings,
    )  # fmt: skip
    MistralForCausalLM(config).save_pretrained(folder)


def test_a_window_that_the_config_hides_is_found_by_the_probe(arm: Opener, local_files: Path) -> None:
    """The window lies in the model alone: its config, read again, names none."""
    from evalkit.models.local.probe import probe_ways

    save_window(local_files / "hidden", sliding_window=40)
    engine = arm("hidden").engine()
    config = engine.model.config
    shown = config.to_dict()
    config.to_dict = lambda: {**shown, "sliding_window": None}
    assert window(config) is None
    assert probe_ways(engine).reach == 0


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({"sliding_window": 4096}, 4096),
        ({"sliding_window": None}, None),
        ({"sliding_window": 4096, "use_sliding_window": False}, None),
        ({"sliding_window": 4096, "use_sliding_window": False, "attention_chunk_size": 8}, 8),
        ({"sliding_window": 4096, "layer_types": ["full_attention"] * 2}, None),
        ({"attention_chunk_size": 8192, "floor_scale": 4096}, 4096),
        ({"text_config": {"sliding_window": 512, "layer_types": ["sliding_attention"]}}, 512),
        ({"local_attention": 128, "index_topk": 2048}, 128),
        ({"vision_config": {"window_size": 8}}, None),
        ({"window_size": 256, "attention_types": [[["global", "local"], 1]]}, 256),
        ({"max_window_layers": 28, "sliding_window_pattern": 6, "chunk_size_feed_forward": 0}, None),
    ],
)
def test_a_window_is_read_wherever_a_config_writes_it(config: dict[str, Any], expected: int | None) -> None:
    assert window(config) == expected


def test_the_context_length_is_read_from_nested_configs_and_never_from_vision() -> None:
    assert context_length({"max_position_embeddings": 8, "text_config": {"max_position_embeddings": 9}}) == 8
    assert context_length({"text_config": {"max_position_embeddings": 9}, "vision_config": {"n_positions": 3}}) == 9
    assert context_length({"max_seq_len": 2048}) == 2048
    assert context_length({"hidden_size": 8}) is None


def test_a_text_is_computed_the_quickest_way_that_is_right_for_its_length() -> None:
    windowed = Ways(reach=48)
    assert [windowed.how(40, whole) for whole in (48, 49)] == ["fast", "batch"]
    assert Ways(reach=0, batches=False).how(1, 2) == "alone"
    assert Ways(reach=0, batches=False, caches=False).how(1, 2) == "anew"
    turning = Ways(reach=None, turn=100)
    assert [turning.how(*size) for size in ((90, 100), (90, 101), (101, 110))] == ["fast", "anew", "alone"]
    assert Ways(reach=None, turn=100, dynamic=True).how(101, 110) == "anew"
    assert Ways(reach=None).how(4, 5, deterministic=True) == "alone"
    assert stretch_length({"rope_scaling": {"type": "dynamic"}, "max_position_embeddings": 64}) == (64, True)


def test_the_room_of_a_token_is_what_its_keys_and_values_take(arm: Opener) -> None:
    layers, sides, heads, size, number = 2, 2, 2, HIDDEN // HEADS, 4
    assert arm("tiny").engine().token_bytes == layers * sides * heads * size * number
