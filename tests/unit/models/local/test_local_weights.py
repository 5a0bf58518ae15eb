"""Weights as teams have them: quantised, merged, pickled, GGUF, placed on several devices; right, or refused first."""

from __future__ import annotations

import json
import shutil
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from local_tiny import ask, save_adapter, save_model, save_tokenizer
from tiny_gguf import write_gguf

from evalkit.cli import main
from evalkit.core.errors import ModelError
from evalkit.models.context import Context
from evalkit.models.local import LocalModel, loading
from evalkit.models.local.export import export_model
from evalkit.models.local.quantize import PACKAGES
from evalkit.suite.spec import ModelSpec

Opener = Callable[..., LocalModel]
QUESTIONS = [ask(word, id=word) for word in ("red", "green", "blue", "tall old house", "late")]


def texts(model: LocalModel) -> list[str | None]:
    found = {response.example_id: response.text for response in model.answer(QUESTIONS)}
    return [found[request.example_id] for request in QUESTIONS]


def told(error: ModelError) -> str:
    return " ".join(str(problem) for problem in error.problems)


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> Any:
        raise AssertionError("a socket was opened while a model was loaded")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.mark.parametrize("method", ["bnb-4bit", "bnb-8bit", "torchao"])
@pytest.mark.usefixtures("no_network")
def test_weights_are_quantised_while_loading_and_nothing_is_fetched(arm: Opener, method: str) -> None:
    for package in PACKAGES[method]:
        pytest.importorskip(package, reason=f"{method} needs the package {package}")
    full, quantised = arm("wide"), arm("wide", quantization=method)
    assert full.identity.fingerprint != quantised.identity.fingerprint
    assert quantised.identity.details["quantization"]["method"] == method
    answers = texts(quantised)
    assert answers == texts(arm("wide", quantization=method))
    kinds = {type(layer).__name__ for layer in quantised.engine().model.modules()}
    weight = quantised.engine().model.model.layers[0].mlp.down_proj.weight
    assert kinds & {"Linear4bit", "Linear8bitLt"} or type(weight).__module__.startswith("torchao")
    assert full.arm.key != quantised.arm.key  # two engines: the full weights are not the quantised ones
    assert texts(full)
    assert full.engine() is not quantised.engine()


def test_a_quantised_model_computes_nearly_what_the_full_one_does(arm: Opener) -> None:
    pytest.importorskip("bitsandbytes", reason="needs the package bitsandbytes")
    import torch

    ids = torch.tensor([[0, 9, 80, 33, 120, 7]])
    with torch.inference_mode():
        logits = [
            arm("wide", **spec).engine().model(input_ids=ids).logits
            for spec in ({}, {"quantization": "bnb-8bit"}, {"quantization": "bnb-4bit"})
        ]
    eight, four = (float((one - logits[0]).abs().mean() / logits[0].abs().mean()) for one in logits[1:])
    assert 0 < eight < 0.1 < four < 1


def test_adapters_are_switched_on_a_quantised_base(arm: Opener, local_files: Path) -> None:
    pytest.importorskip("bitsandbytes", reason="needs the package bitsandbytes")
    save_adapter(local_files / "wide-tuned", base=local_files / "wide", seed=8)
    base = arm("wide", quantization="bnb-4bit")
    tuned = arm("wide", adapter="wide-tuned", quantization="bnb-4bit")
    before = texts(base)
    assert texts(tuned) != before
    assert texts(base) == before
    assert base.engine() is tuned.engine()


@pytest.mark.parametrize("method", ["gptq", "awq"])
def test_methods_of_weights_that_are_quantised_already_refuse_others(arm: Opener, method: str) -> None:
    with pytest.raises(ModelError) as found:
        assert arm("tiny", quantization=method).identity
    assert f"quantization: {method} reads weights that were quantised so" in told(found.value)
    assert "bnb-4bit" in told(found.value)


@pytest.mark.parametrize(("method", "packages"), [("gptq", "gptqmodel"), ("awq", "gptqmodel")])
def test_a_missing_package_is_named_before_weights_are_read(
    arm: Opener, local_files: Path, method: str, packages: str
) -> None:
    if all(loading.need_packages.__globals__["find_spec"](name) for name in PACKAGES[method]):
        pytest.skip(f"{packages} is installed")
    folder = local_files / f"by-{method}"
    shutil.copytree(local_files / "tiny", folder, dirs_exist_ok=True)
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"quantization_config": {"quant_method": method}}))
    with pytest.raises(ModelError) as found:
        texts(arm(f"by-{method}", quantization=method))
    assert f"needs the package {packages}" in told(found.value)
    assert "pip install" in told(found.value)
    with pytest.raises(ModelError) as found:
        assert arm(f"by-{method}", quantization="bnb-4bit").identity
    assert f"is quantised already: its config.json says {method}" in told(found.value)


@pytest.mark.parametrize(
    ("keys", "sentence"),
    [
        ("quantization: bnb-3bit", "bnb-4bit"),
        ("dtype: float8", "float16"),
        ("device_map: everywhere", "there is no device_map 'everywhere'"),
        ("device_map: auto, device: cpu", "two answers to where it computes"),
        ("device_map: {}", "device_map is an empty mapping"),
        ('device_map: {"": disk}', "on disk"),
        ("allow_pickle: perhaps", "allow_pickle"),
        ("quantisation: bnb-4bit", "did you mean 'quantization'"),
    ],
)
def test_values_that_mean_nothing_end_before_any_load(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], keys: str, sentence: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "models.yaml").write_text(f"models:\n  one: {{provider: local, model: nowhere/at-all, {keys}}}\n")
    assert main(["models", "fingerprint", "one"]) == 2
    said = capsys.readouterr().err
    assert sentence in said
    assert "models.yaml:2" in said


def test_an_api_takes_none_of_these_keys(tmp_path: Path, monkeypatch: Any, capsys: Any) -> None:
    monkeypatch.chdir(tmp_path)
    text = "models: {one: {provider: openai, model: m, quantization: awq, device_map: auto, allow_pickle: true}}"
    (tmp_path / "models.yaml").write_text(text)
    assert main(["models", "fingerprint", "one"]) == 2
    said = capsys.readouterr().err
    assert all(f"{key} is for provider local" in said for key in ("quantization", "device_map", "allow_pickle"))


def test_a_device_map_gives_the_answers_and_the_name_of_one_device(arm: Opener) -> None:
    whole = arm("tiny")
    placed = [arm("tiny", device=None, device_map=plan) for plan in ("auto", {"": "cpu"})]
    assert {texts(one) == texts(whole) for one in placed} == {True}
    assert {one.identity.fingerprint for one in placed} == {whole.identity.fingerprint}


def test_a_merged_adapter_answers_as_the_adapter_does(arm: Opener, local_files: Path, context: Context) -> None:
    spec = ModelSpec(provider="local", model="tiny", adapter="tuned")
    export_model("tuned", spec, local_files / "merged", context)
    assert texts(arm("merged")) == texts(arm("tiny", adapter="tuned")) != texts(arm("tiny"))
    with pytest.raises(ModelError, match="holds something already"):
        export_model("tuned", spec, local_files / "merged", context)


def pickle_weights(folder: Path, name: str = "pytorch_model.bin") -> None:
    import torch
    from safetensors.torch import load_file

    (source,) = folder.glob("*.safetensors")
    torch.save(load_file(source), folder / name)
    source.unlink()


def test_pickled_weights_are_read_after_an_explicit_word_alone(
    arm: Opener, local_files: Path, context: Context
) -> None:
    shutil.copytree(local_files / "tiny", local_files / "pickled")
    pickle_weights(local_files / "pickled")
    torch_file = local_files / "pickled" / "training_args.bin"
    torch_file.write_bytes(b"of the trainer")
    with pytest.raises(ModelError) as found:
        assert arm("pickled").identity
    assert "pytorch_model.bin: a pickle can run code" in told(found.value)
    assert "evalkit models convert" in told(found.value)
    assert texts(arm("pickled", allow_pickle=True)) == texts(arm("tiny"))
    spec = ModelSpec(provider="local", model="pickled", allow_pickle=True)
    export_model("pickled", spec, local_files / "unpickled", context)
    assert texts(arm("unpickled")) == texts(arm("tiny"))


def test_a_pickle_that_runs_code_runs_none(arm: Opener, local_files: Path, tmp_path: Path) -> None:
    import pickle

    class Evil:
        def __reduce__(self) -> Any:
            return (Path(tmp_path / "it-ran").touch, ())

    shutil.copytree(local_files / "tiny", local_files / "evil")
    next((local_files / "evil").glob("*.safetensors")).unlink()
    (local_files / "evil" / "pytorch_model.bin").write_bytes(pickle.dumps({"model.norm.weight": Evil()}))
    with pytest.raises(ModelError, match="cannot be loaded"):
        texts(arm("evil", allow_pickle=True))
    assert not (tmp_path / "it-ran").exists()


def test_a_pickled_adapter_needs_the_word_too(arm: Opener, local_files: Path) -> None:
    shutil.copytree(local_files / "tuned", local_files / "tuned-bin")
    pickle_weights(local_files / "tuned-bin", "adapter_model.bin")
    with pytest.raises(ModelError, match=r"adapter_model\.bin"):
        assert arm("tiny", adapter="tuned-bin").identity
    assert texts(arm("tiny", adapter="tuned-bin", allow_pickle=True)) == texts(arm("tiny", adapter="tuned"))


def test_pickled_weights_that_are_pointers_or_lack_a_shard_are_told(arm: Opener, local_files: Path) -> None:
    shutil.copytree(local_files / "tiny", local_files / "half")
    next((local_files / "half").glob("*.safetensors")).unlink()
    (local_files / "half/pytorch_model-1.bin").write_text("version https://git-lfs.github.com/spec/v1\n")
    index = {"weight_map": {"a": "pytorch_model-1.bin", "b": "pytorch_model-2.bin"}}
    (local_files / "half/pytorch_model.bin.index.json").write_text(json.dumps(index))
    with pytest.raises(ModelError) as found:
        assert arm("half", allow_pickle=True).identity
    assert "pointer of Git LFS" in told(found.value)
    assert "1 of 2 files of weights are missing" in told(found.value)


def test_a_gguf_of_ones_own_is_the_model_that_it_was_made_of(
    arm: Opener, local_files: Path, said: list[str], tmp_path: Path
) -> None:
    save_tokenizer(tmp_path / "whole")
    save_model(tmp_path / "whole", seed=9)
    shutil.copytree(tmp_path / "whole", local_files / "gguf-whole")
    for name in ("tokenizer.json", "tokenizer_config.json", "chat_template.jinja"):
        (local_files / "gguf").mkdir(exist_ok=True)
        shutil.copy(tmp_path / "whole" / name, local_files / "gguf" / name)
    write_gguf(local_files / "gguf/own.gguf", tmp_path / "whole")
    own = arm("gguf/own.gguf")
    assert texts(own) == texts(arm("gguf-whole"))
    assert sum("Converting own.gguf" in sentence for sentence in said) == 1
    again = arm("gguf/own.gguf")
    assert again.identity.fingerprint == own.identity.fingerprint
    assert sum("Converting own.gguf" in sentence for sentence in said) == 1  # once
    shutil.copy(local_files / "gguf/own.gguf", local_files / "gguf/renamed.gguf")
    assert arm("gguf/renamed.gguf").identity.fingerprint == own.identity.fingerprint


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("no.gguf", b"not one", "is no GGUF file"),
        ("cut.gguf", b"GGUF\x03\x00\x00\x00", "cannot be read as a model"),
        ("big-00001-of-00003.gguf", b"GGUF", "is one part of a model"),
        ("gone.gguf", None, "there is no folder"),
    ],
)
def test_a_gguf_that_cannot_be_read_is_told(
    arm: Opener, local_files: Path, name: str, content: bytes | None, sentence: str
) -> None:
    if content is not None:
        (local_files / name).write_bytes(content)
    with pytest.raises(ModelError, match=sentence):
        assert arm(f"./{name}").identity


@pytest.mark.parametrize("method", ["torchao", "bnb-4bit"])
def test_a_method_without_its_package_ends_with_what_to_install(
    arm: Opener, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    from evalkit.models.local import quantize

    package = PACKAGES[method][0]
    find = quantize.find_spec
    monkeypatch.setattr(quantize, "find_spec", lambda name: None if name == package else find(name))
    with pytest.raises(ModelError) as found:
        texts(arm("tiny", quantization=method))
    assert told(found.value) == (
        f"quantization: {method} needs the package {package}, which is not installed\n    to do: pip install {package}"
    )
