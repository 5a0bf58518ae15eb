"""A sweep over adapters loads their base once; whole models give their memory back one after the other."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from local_tiny import save_model, save_tokenizer

from evalkit.cli import main
from evalkit.models.local import loading

SUITE = """\
evalkit: 1
name: clerk
dataset: {path: data.jsonl}
generate: {max_tokens: 6}
scorers:
  answer: {type: length, min: 1}
gates:
  - {type: no_regression, metric: answer, margin: 0.5}
"""


@pytest.fixture
def desk(local_files: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("EVALKIT_CACHE", str(tmp_path / "cache"))
    (tmp_path / "suites").mkdir()
    rows = [{"id": f"q{n}", "input": f"Question {n}?", "target": "yes"} for n in range(12)]
    (tmp_path / "suites/data.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (tmp_path / "suites/clerk.yaml").write_text(SUITE)
    (tmp_path / "suites/models.yaml").write_text(
        f"models: {{base: {{provider: local, model: {local_files / 'tiny'}, device: cpu}}}}"
    )
    for step, adapter in ((10, "tuned"), (20, "other")):
        shutil.copytree(local_files / adapter, tmp_path / f"out/checkpoint-{step}")
    return tmp_path


@pytest.fixture
def loads(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """The folder of every load, and how many bases were in memory before it."""
    found: list[tuple[str, int]] = []
    load: Callable[..., Any] = loading.load

    def counted(folder: Path, **options: Any) -> Any:
        found.append((folder.name, len(loading._ENGINES)))
        return load(folder, **options)

    monkeypatch.setattr(loading, "load", counted)
    return found


def sweep(folder: Path, *words: str) -> dict[str, Any]:
    main(["sweep", "base", "out", *words, "--json", "v.json"])
    found: dict[str, Any] = json.loads((folder / "v.json").read_text())
    return found


def answers(found: dict[str, Any], place: int) -> Any:
    return found["verdicts"][place]["models"]["candidate"]


def test_adapters_are_put_on_the_base_that_is_compared_with(desk: Path, loads: list[tuple[str, int]]) -> None:
    found = sweep(desk)
    assert found["candidates"] == ["checkpoint-10", "checkpoint-20"]
    assert loads == [("tiny", 0)]
    details = [answers(found, place)["details"] for place in range(2)]
    assert details[0]["base"] == details[1]["base"]
    assert details[0]["adapter"] != details[1]["adapter"]


def test_answers_that_are_kept_load_nothing(desk: Path, loads: list[tuple[str, int]]) -> None:
    first = sweep(desk)
    loads.clear()
    assert sweep(desk) == first
    assert loads == []


def test_a_base_that_nobody_names_is_that_of_the_adapters(desk: Path, local_files: Path) -> None:
    (desk / "suites/models.yaml").unlink()
    for config in desk.glob("out/*/adapter_config.json"):
        told = json.loads(config.read_text()) | {"base_model_name_or_path": str(local_files / "tiny")}
        config.write_text(json.dumps(told))
    found = sweep(desk)
    models = found["verdicts"][0]["models"]
    assert [models[arm]["model"] for arm in ("base", "candidate")] == [str(local_files / "tiny")] * 2


def test_whole_models_are_in_memory_one_at_a_time_beside_the_base(desk: Path, loads: list[tuple[str, int]]) -> None:
    shutil.rmtree(desk / "out")
    for step in (1, 2, 3):
        save_tokenizer(desk / f"out/checkpoint-{step}")
        save_model(desk / f"out/checkpoint-{step}", seed=step)
    found = sweep(desk)
    assert len({answers(found, place)["fingerprint"] for place in range(3)}) == 3
    assert loads == [("tiny", 0), ("checkpoint-1", 1), ("checkpoint-2", 1), ("checkpoint-3", 1)]
    assert loading._ENGINES == {}


def test_settings_of_models_yaml_hold_for_every_checkpoint(desk: Path, local_files: Path) -> None:
    tiny = f"provider: local, model: {local_files / 'tiny'}, device: cpu"
    (desk / "suites/models.yaml").write_text(
        f"models:\n  base: {{{tiny}}}\n  tuned: {{{tiny}, adapter: ../out, system: Be brief.}}\n"
    )
    main(["sweep", "base", "tuned", "--json", "v.json"])
    found = json.loads((desk / "v.json").read_text())
    assert [answers(found, place)["details"]["system"] for place in range(2)] == ["Be brief."] * 2


def test_an_adapter_of_another_base_is_refused_by_name(
    desk: Path, local_files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(local_files / "stranger", desk / "out/checkpoint-30")
    assert main(["sweep", "base", "out"]) == 2
    assert "checkpoint-30" in capsys.readouterr().err


def test_a_checkpoint_that_was_cut_off_is_named_and_the_others_are_judged(
    desk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    weights = desk / "out/checkpoint-20/adapter_model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-100])
    found = sweep(desk)
    assert found["candidates"] == ["checkpoint-10"]
    (said,) = [note for note in found["sweep"]["notes"] if "checkpoint-20" in note]
    assert said.startswith("checkpoint-20 is not judged: ")
    assert "is not a whole safetensors file" in said
    shutil.rmtree(desk / "out/checkpoint-10")
    capsys.readouterr()
    assert main(["sweep", "base", "out"]) == 2
    assert "is not a whole safetensors file" in capsys.readouterr().err
