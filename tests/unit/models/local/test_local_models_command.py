"""`evalkit models`: what can be asked here, who it is, what it takes on disk; convert and remove."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from local_tiny import save_model, save_tokenizer
from tiny_gguf import write_gguf

from evalkit.cli import main


@pytest.fixture
def place(local_files: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("EVALKIT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hub"))
    for name in ("tiny", "tuned"):
        shutil.copytree(local_files / name, tmp_path / name)
    (tmp_path / "models.yaml").write_text(
        "models:\n"
        "  base: {provider: local, model: ./tiny, device: cpu}\n"
        "  ft: {provider: local, model: ./tiny, adapter: ./tuned, device: cpu, recording: ft.jsonl}\n"
        "  far: {provider: local, model: someone/far-away}\n"
        "  api: {provider: openai, model: gpt-4o-mini}\n"
    )
    return tmp_path


def data(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    capsys.readouterr()
    assert main(["models", *words, "--json"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def add_gguf(folder: Path) -> None:
    save_tokenizer(folder / "whole")
    save_model(folder / "whole", seed=9)
    write_gguf(folder / "whole/own.gguf", folder / "whole")
    text = (folder / "models.yaml").read_text() + "  gguf: {provider: local, model: whole/own.gguf, device: cpu}\n"
    (folder / "models.yaml").write_text(text)


def test_the_list_says_where_every_model_is_and_fetches_none(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = data(capsys)
    assert found["holds"] == "models"
    rows = {row["name"]: row for row in found["models"]}
    assert [*rows] == ["base", "ft", "far", "api", "local:embedded:SmolLM2-135M-Instruct"]
    weights = sum(path.stat().st_size for path in (place / "tiny").iterdir())
    assert rows["base"]["files"] == [{"where": str(place / "tiny"), "bytes": weights, "here": True}]
    assert len(rows["ft"]["files"]) == 2
    assert rows["far"]["files"][0]["here"] is False
    assert rows["api"]["files"] == []
    assert main(["models"]) == 0
    said = capsys.readouterr().out
    assert "not here" in said
    assert "recording ft.jsonl" in said
    assert not (place / "cache").exists()


def test_a_models_file_that_is_wrong_is_told(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (place / "models.yaml").write_text("models: {base: {provider: local, model: ./tiny, quantise: bnb-4bit}}")
    assert main(["models"]) == 2
    assert "quantise" in capsys.readouterr().err


def test_fingerprints_are_those_that_answers_are_kept_under(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = data(capsys, "fingerprint", "base", "ft")["models"]
    assert found["base"]["base"] == found["ft"]["base"]
    assert found["base"]["fingerprint"] != found["ft"]["fingerprint"]
    shutil.copytree(place / "tiny", place / "elsewhere")
    alone = data(capsys, "fingerprint", "local:elsewhere")["models"]
    assert alone["local:elsewhere"]["fingerprint"] == found["base"]["fingerprint"]
    assert main(["models", "fingerprint", "base"]) == 0
    assert found["base"]["fingerprint"] in capsys.readouterr().out


def test_a_model_is_converted_into_a_folder_of_its_own(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "convert", "ft", "-o", "merged"]) == 0
    assert (place / "merged/model.safetensors").is_file()
    assert (place / "merged/tokenizer.json").is_file()
    assert not (place / "merged/adapter_config.json").exists()
    assert data(capsys, "fingerprint", "local:merged")["models"]
    assert main(["models", "convert", "ft", "-o", "merged"]) == 2
    assert "holds something already" in capsys.readouterr().err
    assert [path.name for path in place.iterdir() if path.name.startswith(".draft")] == []


def test_what_was_converted_is_listed_counted_and_removed(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    add_gguf(place)
    first = data(capsys, "fingerprint", "gguf")["models"]["gguf"]["fingerprint"]
    (made,) = data(capsys)["converted"]
    assert made["name"].startswith("own-")
    assert made["sound"] is True
    assert data(capsys, "disk")["bytes"]["converted models"] == made["bytes"] > 0
    (Path(made["folder"]) / "config.json").write_text("{}")
    assert data(capsys)["converted"][0]["sound"] is False
    assert main(["models", "remove", "own"]) == 0
    assert data(capsys)["converted"] == []
    assert (place / "whole/own.gguf").is_file()
    assert data(capsys, "fingerprint", "gguf")["models"]["gguf"]["fingerprint"] == first


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["remove"], "there is nothing to remove"),
        (["remove", "tiny"], "no converted model 'tiny'"),
        (["remove", "../tiny"], "no converted model '../tiny'"),
        (["convert", "base"], "one model and one folder are needed"),
        (["convert", "api", "-o", "out"], "has no weights on this machine"),
        (["convert", "nothing", "-o", "out"], "unknown model 'nothing'"),
        (["convert", "base", "-o", "tiny"], "holds something already"),
        (["list", "base"], "takes no names"),
        (["list", "-o", "out"], "writes nothing"),
        (["fingerprint", "bass"], "did you mean 'base'"),
    ],
)
def test_what_cannot_be_done_is_told(
    place: Path, capsys: pytest.CaptureFixture[str], words: list[str], sentence: str
) -> None:
    before = sorted(path.name for path in place.iterdir())
    assert main(["models", *words]) == 2
    assert sentence in capsys.readouterr().err
    assert [name for name in sorted(path.name for path in place.iterdir()) if name != "cache"] == before
