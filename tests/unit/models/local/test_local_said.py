"""What a person hears while local models are loaded: evalkit's own lines, each true, and nobody else's."""

from __future__ import annotations

import contextlib
import json
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from evalkit.cli import main
from evalkit.models.local import LocalModel, loading
from evalkit.models.local.quiet import quiet, quiet_gguf

Opener = Callable[..., LocalModel]
SUITE = """\
evalkit: 1
name: small
dataset: {path: data.jsonl}
generate: {max_tokens: 2}
scorers: {answer: {type: exact}}
gates: [{type: no_regression, metric: answer, margin: 0.5}]
"""


def test_only_the_arm_that_loads_weights_says_so(arm: Opener, said: list[str]) -> None:
    base, tuned, other = arm("tiny"), arm("tiny", adapter="tuned"), arm("tiny", adapter="other")
    for model in (base, tuned, other):
        model.engine()
        model.engine()
    assert said == [
        "Loading tiny on cpu",
        "Using tiny with the adapter tuned",
        "Using tiny with the adapter other",
    ]
    for model in (base, tuned, other):
        model.close()
    said.clear()
    base.engine()
    assert said == ["Loading tiny on cpu"]


def test_a_comparison_of_a_base_with_its_adapter_loads_the_weights_once(
    local_files: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("EVALKIT_CACHE", str(tmp_path / "cache"))
    tiny = f"provider: local, device: cpu, model: {local_files / 'tiny'}"
    models = f"models:\n  base: {{{tiny}}}\n  tuned: {{{tiny}, adapter: {local_files / 'tuned'}}}\n"
    Path("models.yaml").write_text(models, encoding="utf-8")
    Path("suite.yaml").write_text(SUITE, encoding="utf-8")
    rows = [{"id": f"q{i}", "input": f"{i}?", "target": "a", "tags": {}} for i in range(4)]
    Path("data.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    loads, load = [], loading.load

    def counted(*args: Any, **kwargs: Any) -> Any:
        loads.append(args)
        return load(*args, **kwargs)

    monkeypatch.setattr(loading, "load", counted)
    assert main(["compare", "base", "tuned", "--suite", "suite.yaml"]) in (0, 1, 3)
    told = capfd.readouterr().err
    assert len(loads) == 1
    assert told.count("Loading ") == 1
    assert "Warning" not in told


def test_what_libraries_tell_each_other_is_silent_while_an_adapter_is_put_on(
    arm: Opener, capfd: pytest.CaptureFixture[str]
) -> None:
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        arm("tiny", adapter="tuned").engine()
    assert not [str(one.message) for one in heard if "is_gradient_checkpointing" in str(one.message)]
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("silence", [quiet, quiet_gguf])
def test_other_warnings_are_heard_and_all_of_them_again_afterwards(silence: Callable[[], Any]) -> None:
    pytest.importorskip("torch", reason="local models need the extra `local`")
    among = "`is_gradient_checkpointing` is deprecated and will be removed"
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        with silence():
            warnings.warn(among, FutureWarning, stacklevel=1)
            warnings.warn("this weight is new", FutureWarning, stacklevel=1)
            warnings.warn("this may be slow", UserWarning, stacklevel=1)
        warnings.warn(among, FutureWarning, stacklevel=1)
    assert [str(one.message) for one in heard] == ["this weight is new", "this may be slow", among]


def test_the_bar_of_the_gguf_reader_is_silent_inside_and_comes_back(capfd: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("torch", reason="local models need the extra `local`")
    from transformers import modeling_gguf_pytorch_utils as reader

    usual = reader.tqdm
    with quiet_gguf():
        assert list(reader.tqdm(range(3), desc="Converting")) == [0, 1, 2]
    assert capfd.readouterr().err == ""
    assert reader.tqdm is usual
    with contextlib.suppress(OSError), quiet_gguf():
        raise OSError("no space")
    assert reader.tqdm is usual
    assert list(reader.tqdm(range(3), desc="Converting")) == [0, 1, 2]
    assert "Converting" in capfd.readouterr().err


def test_what_a_model_is_asked_with_stands_beside_the_verdict_also_when_answers_are_kept(
    local_files: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("EVALKIT_CACHE", str(tmp_path / "cache"))
    tiny = f"provider: local, device: cpu, model: {local_files / 'tiny'}"
    models = f"models:\n  base: {{{tiny}}}\n  half: {{{tiny}, dtype: bfloat16}}\n"
    Path("models.yaml").write_text(models, encoding="utf-8")
    Path("suite.yaml").write_text(SUITE.replace("max_tokens: 2", "max_tokens: 2, temperature: null"), encoding="utf-8")
    rows = [{"id": f"q{i}", "input": f"{i}?", "target": "a"} for i in range(4)]
    Path("data.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    seen = []
    for _ in range(2):
        assert main(["compare", "base", "half", "--suite", "suite.yaml", "--json", "verdict.json"]) in (0, 1, 3)
        seen.append(Path("verdict.json").read_text(encoding="utf-8"))
    assert "half computes in bfloat16: an answer may depend on what is asked beside it" in seen[0]
    assert seen[0] == seen[1]
    assert capfd.readouterr().err.count("made-up answers") == 1
