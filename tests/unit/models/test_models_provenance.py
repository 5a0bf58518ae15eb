"""What files tell of a training: PEFT folders, trainers' logs, model cards, jobs and results of OpenAI's shape."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from evalkit.core.errors import ModelError
from evalkit.core.exchange import ModelIdentity
from evalkit.models.context import Context
from evalkit.models.local.arm import LocalArm
from evalkit.models.provenance import read_training_files, tell_training
from evalkit.suite.spec import ModelSpec

CONFIG = {
    "peft_type": "LORA",
    "base_model_name_or_path": "org/base",
    "r": 8,
    "lora_alpha": 16,
    "target_modules": ["q", "v"],
}
STATE = {
    "best_model_checkpoint": "out/checkpoint-20",
    "best_metric": 0.9,
    "global_step": 30,
    "log_history": [
        {"step": 10, "loss": 2.0, "epoch": 1.0},
        {"step": 20, "loss": 1.0, "epoch": 2.0},
        {"step": 20, "eval_loss": 0.9, "epoch": 2.0},
        {"step": 30, "loss": 0.2, "epoch": 3.0},
        {"step": 30, "eval_loss": 1.4, "epoch": 3.0},
    ],
}
CARD = "---\nbase_model:\n- org/base\ndatasets:\n- org/tickets\nlicense: apache-2.0\n---\n\n# A merged model\n"
RESULTS = b"step,train_loss,valid_loss\n1,2.0,\n2,1.0,1.5\n3,0.5,1.4\n"
JOB = {
    "object": "fine_tuning.job",
    "id": "ftjob-1",
    "model": "gpt-4o-mini",
    "fine_tuned_model": "ft:gpt-4o-mini:me::1",
    "status": "succeeded",
    "training_file": "file-1",
    "hyperparameters": {"n_epochs": 3},
}


def write(folder: Path, **files: object) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        text = content if isinstance(content, str) else json.dumps(content)
        (folder / name.replace("__", ".")).write_text(text, encoding="utf-8")
    return folder


def test_a_peft_folder_tells_base_method_losses_and_the_best_step(tmp_path: Path) -> None:
    folder = write(tmp_path / "out", adapter_config__json=CONFIG, README__md=CARD)
    write(folder / "checkpoint-20", trainer_state__json={**STATE, "global_step": 20, "log_history": []})
    write(folder / "checkpoint-30", trainer_state__json=STATE)
    told = read_training_files([folder])["training"]
    assert told["peft"] == CONFIG
    assert told["card"] == {"base_model": ["org/base"], "datasets": ["org/tickets"], "license": "apache-2.0"}
    trainer = told["trainer"]
    assert (trainer["steps"], trainer["best_step"], trainer["best_metric"]) == (30, 20, 0.9)
    assert (trainer["train_loss"], trainer["eval_loss"], trainer["epochs"]) == (0.2, 1.4, 3.0)
    assert trainer["eval_losses"] == [[20, 0.9], [30, 1.4]]


def test_a_long_log_is_thinned_and_keeps_its_ends(tmp_path: Path) -> None:
    rows = [{"step": step, "loss": 1 / step} for step in range(1, 5001)]
    write(tmp_path, trainer_state__json={"global_step": 5000, "log_history": rows})
    losses = read_training_files([tmp_path / "trainer_state.json"])["training"]["trainer"]["train_losses"]
    assert len(losses) == 200
    assert (losses[0][0], losses[-1][0]) == (1, 5000)


@pytest.mark.parametrize("content", [RESULTS, base64.b64encode(RESULTS), b"\xef\xbb\xbf" + RESULTS])
def test_a_results_file_tells_losses_by_step(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "step_metrics.csv"
    file.write_bytes(content)
    told = read_training_files([file])["fine_tuning"]
    assert told["results"] == {"step": 3.0, "train_loss": 0.5, "valid_loss": 1.4}
    assert told["train_losses"] == [[1.0, 2.0], [2.0, 1.0], [3.0, 0.5]]
    assert told["eval_losses"] == [[2.0, 1.5], [3.0, 1.4]]


def test_a_job_and_its_results_are_told_together(tmp_path: Path) -> None:
    write(tmp_path, job__json=JOB)
    (tmp_path / "results.csv").write_bytes(RESULTS)
    told = read_training_files([tmp_path / "job.json", tmp_path / "results.csv"])["fine_tuning"]
    assert (told["job"], told["base"], told["training_file"]) == ("ftjob-1", "gpt-4o-mini", "file-1")
    assert told["results"]["train_loss"] == 0.5


@pytest.mark.parametrize(
    "files",
    [
        {"README__md": "---\n: : [\n---\n"},
        {"README__md": "no front matter"},
        {"README__md": "---\n- a list\n---\n"},
        {"trainer_state__json": "{"},
        {"trainer_state__json": {"log_history": "none"}},
        {"adapter_config__json": "[]"},
    ],
)
def test_what_cannot_be_read_stands_in_no_verdicts_way(tmp_path: Path, files: dict[str, Any]) -> None:
    folder = write(tmp_path / "model", **files)
    with pytest.raises(ModelError, match="tells nothing of a training"):
        read_training_files([folder])


def test_all_files_that_tell_nothing_are_told_at_once(tmp_path: Path) -> None:
    write(tmp_path, notes__json={"a": 1})
    with pytest.raises(ModelError) as caught:
        read_training_files([tmp_path / "gone.csv", tmp_path / "notes.json"])
    assert [str(tmp_path / "gone.csv") in caught.value.problems[0].what, len(caught.value.problems)] == [True, 2]


def test_it_is_no_part_of_who_answers(tmp_path: Path) -> None:
    who = ModelIdentity(
        name="a", provider="openai", model="m", fingerprint="f", details={"training": {"peft": {"r": 8}}}
    )
    told = tell_training(who, {"training": {"card": {"license": "mit"}}})
    assert told.fingerprint == who.fingerprint
    assert told.details["training"] == {"peft": {"r": 8}, "card": {"license": "mit"}}


def test_an_adapter_of_the_demo_tells_its_own(tmp_path: Path) -> None:
    adapter = Path(__file__).resolve().parents[3] / "examples/finetune/adapters/ft-overfit"
    spec = ModelSpec(provider="local", model="embedded:SmolLM2-135M-Instruct", adapter=str(adapter))
    arm = LocalArm("ft", spec, Context(root=tmp_path))
    assert arm.identity.details["training"]["peft"]["r"] == 8
