"""What cannot be computed rightly is refused, and the message names the cause."""

from __future__ import annotations

import errno
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from local_tiny import HEADS, HIDDEN, VOCABULARY, ask, save_tokenizer

from evalkit.core.errors import ModelError
from evalkit.models.local import LocalModel
from evalkit.models.local.failures import cause
from evalkit.models.local.weights import check_whole

Opener = Callable[..., LocalModel]
Change = Callable[[dict[str, Any]], object]


@pytest.fixture
def copied(local_files: Path) -> Callable[[str, Change], str]:
    """Copy `tiny` under a name with its weights changed."""

    def copy(name: str, change: Change) -> str:
        from safetensors.torch import load_file, save_file

        folder = local_files / name
        shutil.copytree(local_files / "tiny", folder)
        weights = load_file(folder / "model.safetensors")
        change(weights)
        save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
        return name

    return copy


def configured(folder: Path, **changes: Any) -> None:
    path = folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def told(model: LocalModel) -> str:
    with pytest.raises(ModelError) as error:
        list(model.answer([ask("x")]))
    assert error.value.exit_code == 2
    return str(error.value)


def test_missing_weights_are_refused_by_name_and_never_random(arm: Opener, copied: Callable[..., str]) -> None:
    headless = copied("headless", lambda weights: weights.pop("lm_head.weight"))
    said = told(arm(headless))
    assert "1 weights" in said
    assert "missing and would be random: lm_head.weight" in said


def test_a_layer_too_few_and_a_layer_too_many_are_told_together(arm: Opener, copied: Callable[..., str]) -> None:
    import torch

    def change(weights: dict[str, Any]) -> None:
        del weights["model.layers.1.mlp.up_proj.weight"]
        weights["model.layers.7.mlp.up_proj.weight"] = torch.zeros(2, 2)

    said = told(arm(copied("mixed", change)))
    assert "missing and would be random: model.layers.1.mlp.up_proj.weight" in said
    assert "belong to no part of the model that config.json describes: model.layers.7.mlp.up_proj.weight" in said


def test_weights_of_another_shape_are_refused_with_both_shapes(arm: Opener, copied: Callable[..., str]) -> None:
    import torch

    wide = copied("wider", lambda weights: weights.update({"lm_head.weight": torch.zeros(300, HIDDEN)}))
    said = told(arm(wide))
    assert "lm_head.weight (300, 32) instead of (260, 32)" in said


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"architectures": ["BertForMaskedLM"]}, "an encoder"),
        ({"architectures": ["LlamaForSequenceClassification"]}, "a classifier or reward model"),
        ({"architectures": ["T5ForConditionalGeneration"], "is_encoder_decoder": True}, "an encoder-decoder model"),
        ({"architectures": ["ViTForImageClassification"]}, "a model of images or sounds"),
        ({"architectures": ["Wav2Vec2ForCTC"]}, "a model of images or sounds"),
    ],
)
def test_a_model_that_does_not_write_text_is_refused_without_torch(
    arm: Opener, local_files: Path, changes: dict[str, Any], sentence: str
) -> None:
    name = f"no-writer-{changes['architectures'][0]}"
    shutil.copytree(local_files / "tiny", local_files / name)
    configured(local_files / name, **changes)
    with pytest.raises(ModelError, match=rf"{name} \({changes['architectures'][0]}\) is {sentence}"):
        _ = arm(name).identity


def test_an_encoder_that_passes_for_a_causal_model_is_refused(arm: Opener, local_files: Path) -> None:
    import torch
    from transformers import BertConfig, BertLMHeadModel

    torch.manual_seed(0)
    save_tokenizer(local_files / "bert")
    config = BertConfig(
        vocab_size=VOCABULARY, hidden_size=HIDDEN, num_hidden_layers=1, num_attention_heads=HEADS,
        intermediate_size=64, max_position_embeddings=128, is_decoder=False, initializer_range=0.25,
    )  # fmt: skip
    BertLMHeadModel(config).save_pretrained(local_files / "bert")
    assert "it is an encoder and cannot write answers" in told(arm("bert"))


@pytest.mark.parametrize("kind", ["cut", "pointer", "shard", "none"])
def test_damaged_files_are_named_before_anything_is_loaded(arm: Opener, local_files: Path, kind: str) -> None:
    folder = local_files / f"damaged-{kind}"
    shutil.copytree(local_files / "tiny", folder)
    weights = folder / "model.safetensors"
    data = weights.read_bytes()
    if kind == "cut":
        weights.write_bytes(data[:-100])
        expected = f"it has {len(data) - 100:,} bytes, its header promises {len(data):,}"
    elif kind == "pointer":
        weights.write_text("version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 9\n")
        expected = "a pointer of Git LFS"
    elif kind == "shard":
        index = {"weight_map": {"a": "model.safetensors", "b": "model-00002-of-00002.safetensors"}}
        (folder / "model.safetensors.index.json").write_text(json.dumps(index))
        expected = "1 of 2 files of weights are missing in .*: model-00002-of-00002"
    else:
        (folder / "config.json").unlink()
        expected = "no config.json"
    with pytest.raises(ModelError, match=expected):
        _ = arm(folder.name).identity


def test_all_damaged_files_are_told_at_once(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / f"{name}.safetensors").write_bytes(b"\xff" * 30)
    with pytest.raises(ModelError) as error:
        check_whole(tmp_path)
    assert len(error.value.problems) == 2


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried"), "memory runs out on cpu"),
        (MemoryError(), "memory runs out on cpu"),
        (OSError(errno.ENOSPC, "No space left on device"), "the disk is full"),
        (ImportError("requires bitsandbytes"), "a package that it needs is not installed: requires bitsandbytes"),
        (ValueError("model type `x` but Transformers does not recognize this architecture."), "a newer transformers"),
        (ValueError("Please pass the argument `trust_remote_code=True`"), "trust_remote_code: true"),
        (KeyError("rope"), "KeyError: 'rope'"),
    ],
)
def test_a_load_failure_names_its_cause(tmp_path: Path, error: BaseException, expected: str) -> None:
    said = str(cause(error, tmp_path, dtype="float32", device="cpu"))
    assert expected in said
    assert "must be a causal language model" not in said


def test_a_quantised_model_names_the_package_that_it_needs(arm: Opener, local_files: Path) -> None:
    shutil.copytree(local_files / "tiny", local_files / "gptq")
    configured(local_files / "gptq", quantization_config={"quant_method": "gptq", "bits": 4})
    assert "a package that it needs is not installed" in told(arm("gptq"))


CODE = """
from transformers import LlamaConfig, LlamaForCausalLM
class OwnConfig(LlamaConfig):
    model_type = "own-llama"
class OwnModel(LlamaForCausalLM):
    config_class = OwnConfig
"""


def save_code(folder: Path, tiny: Path) -> None:
    shutil.copytree(tiny, folder)
    (folder / "own.py").write_text(CODE)
    configured(folder, model_type="own-llama", architectures=["OwnModelForCausalLM"],
               auto_map={"AutoConfig": "own.OwnConfig", "AutoModelForCausalLM": "own.OwnModel"})  # fmt: skip


def test_code_of_a_model_runs_only_where_models_yaml_says_so(
    arm: Opener, local_files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def asked(*_: object) -> str:
        raise AssertionError("the terminal was asked")

    monkeypatch.setattr("builtins.input", asked)
    save_code(local_files / "coded", local_files / "tiny")
    assert "trust_remote_code: true" in told(arm("coded"))
    trusted = arm("coded", trust_remote_code=True)
    assert [r.text for r in trusted.answer([ask("red")])] == [r.text for r in arm("tiny").answer([ask("red")])]
    before = trusted.identity.fingerprint
    (local_files / "coded" / "own.py").write_text(CODE + "# another\n")
    assert arm("coded", trust_remote_code=True).identity.fingerprint != before


@pytest.mark.parametrize("revision", [None, "main", "abc123"])
def test_code_from_the_hub_needs_a_pinned_commit(arm: Opener, revision: str | None) -> None:
    with pytest.raises(ModelError, match="40 hexadecimal digits"):
        _ = arm("someone/coded", trust_remote_code=True, revision=revision).identity


def test_a_disk_that_fills_up_while_downloading_is_told_as_such(arm: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    hub = pytest.importorskip("huggingface_hub")

    def full(*_: object, **__: object) -> str:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(hub, "snapshot_download", full)
    with pytest.raises(ModelError, match=r"the disk is full"):
        _ = arm("someone/model").identity
