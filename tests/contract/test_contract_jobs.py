"""Fine-tuning jobs as arms: the model, its checkpoints and its base, found at the server once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from api_world import World
from job_server import BASE, JOB, SUITE, TUNED, JobServer
from openai_loopback import Reply, error_body
from pages import read_page
from project import Project, told

from evalkit.cli import main
from evalkit.store.runs import load_run


@pytest.fixture
def shop(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """No models.yaml: the server stands in the environment, the arms on the command line."""
    world.suite(SUITE)
    rows = [{"id": f"q{n}", "input": f"Question {n}?", "target": "yes"} for n in range(30)]
    world.write("suites/data.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    (world.folder / "suites" / "models.yaml").unlink()
    monkeypatch.setenv("OPENAI_BASE_URL", world.server.url)
    world.script = JobServer()
    return world


def asked_models(world: World) -> set[str]:
    return {call.body["model"] for call in world.chats}


def compare(world: World, *words: str) -> tuple[int, dict[str, Any]]:
    code = world.run("compare", *words, "--json", "v.json", "--report", "page")
    return code, json.loads((world.folder / "v.json").read_text())


@pytest.mark.parametrize("arm", ["ftjob-abc", "openai:ftjob-abc", TUNED])
def test_a_job_or_its_model_alone_finds_both_arms(shop: World, arm: str) -> None:
    code, verdict = compare(shop, "base", arm)
    assert (code, verdict["outcome"]) == (0, "PASS")
    assert asked_models(shop) == {BASE, TUNED}


def test_a_job_is_looked_up_once_and_replayed_without_a_server(shop: World, monkeypatch: pytest.MonkeyPatch) -> None:
    code, verdict = compare(shop, "base", "ftjob-abc")
    lookups = len(shop.server.asked("/fine_tuning/jobs/ftjob-abc"))
    assert lookups == 1
    shop.server.stop()
    monkeypatch.delenv("OPENAI_API_KEY")
    assert compare(shop, "base", "ftjob-abc", "--replay") == (code, verdict)


def test_what_the_server_says_of_the_job_stands_in_the_kept_run_and_on_the_page(shop: World) -> None:
    compare(shop, "base", "ftjob-abc")
    details = load_run(Path(), "latest").comparisons[0].candidate.details
    found = details["fine_tuning"]
    assert details["job"] == "ftjob-abc"
    assert (found["base"], found["suffix"], found["method"]) == (BASE, "support", "supervised")
    assert found["hyperparameters"] == {"n_epochs": 3, "batch_size": "auto", "learning_rate_multiplier": 1.8}
    assert (found["training_file"], found["validation_file"]) == ("file-train", "file-valid")
    assert (found["created"], found["finished"]) == (JOB["created_at"], JOB["finished_at"])
    assert found["checkpoints"] == [30, 60, 90]
    assert (found["results"]["train_loss"], found["results"]["valid_loss"]) == (0.3, 0.6)
    page = read_page(shop.folder / "page" / "index.html")
    assert "fine-tuning: hyperparameters" in page
    assert "2025-10-09 08:53 UTC" in page


def test_a_checkpoint_is_an_arm(shop: World) -> None:
    compare(shop, "ftjob-abc", "ftjob-abc:ckpt-step-60")
    assert asked_models(shop) == {TUNED, f"{TUNED}:ckpt-step-60"}


def test_a_checkpoint_that_is_not_there_is_told_with_those_that_are(
    shop: World, capsys: pytest.CaptureFixture[str]
) -> None:
    assert shop.run("compare", "base", "ftjob-abc:ckpt-step-61") == 2
    said = capsys.readouterr().err
    assert "ftjob-abc has no checkpoint at step 61" in said
    assert "ftjob-abc:ckpt-step-30, ftjob-abc:ckpt-step-60, ftjob-abc:ckpt-step-90" in said


def test_a_running_job_names_its_checkpoints(shop: World, capsys: pytest.CaptureFixture[str]) -> None:
    server = JobServer(job={**JOB, "status": "running", "fine_tuned_model": None, "finished_at": None})
    shop.script = server
    assert shop.run("compare", "base", "ftjob-abc") == 2
    assert "wait, or name a checkpoint: ftjob-abc:ckpt-step-90" in capsys.readouterr().err
    assert shop.run("compare", "base", "ftjob-abc:ckpt-step-90") == 0
    server.job = dict(JOB)
    assert shop.run("compare", "base", "ftjob-abc") == 0, "a job that was running is looked at again"


@pytest.mark.parametrize(
    "broken",
    [
        Reply(status=404, body=error_body("no such path")),
        Reply(body=b"<html>sorry</html>"),
        Reply(body={"data": "none", "has_more": True, "last_id": 7}),
        Reply(body={"data": [7, {"step_number": "x"}, {"step_number": True}, {}], "has_more": True, "last_id": "a"}),
        Reply(body=b"{", fault="truncate"),
    ],
)
def test_a_server_without_checkpoints_and_files_still_has_the_model(shop: World, broken: Reply) -> None:
    shop.script = JobServer(over={"/checkpoints": broken, "/content": broken})
    code, _ = compare(shop, "base", "ftjob-abc")
    assert code == 0


@pytest.mark.parametrize(
    "job",
    [
        {**JOB, "hyperparameters": "auto", "method": [1], "result_files": ["../../etc", 7, None], "created_at": "then"},
        {**JOB, "hyperparameters": {"n_epochs": True, "beta": [1]}, "method": {"type": 7}, "result_files": "file-x"},
        {
            **JOB,
            "created_at": 1e300,
            "finished_at": -1,
            "trained_tokens": "many",
            "model": 7,
            "error": "none",
            "seed": {},
        },
        {"status": "succeeded", "fine_tuned_model": TUNED},
    ],
)
def test_a_job_of_any_shape_is_read(shop: World, job: dict[str, Any]) -> None:
    shop.script = JobServer(job=job)
    assert shop.run("run", "ftjob-abc") == 0
    assert asked_models(shop) == {TUNED}


@pytest.mark.parametrize("body", [b"<html></html>", b"[]", b"null", b'"x"', {"error": {"message": "no"}}])
def test_what_is_no_job_is_told(shop: World, body: Any, capsys: pytest.CaptureFixture[str]) -> None:
    shop.script = JobServer(over={"/ftjob-abc": Reply(body=body)})
    assert shop.run("compare", "base", "ftjob-abc") == 2
    said = capsys.readouterr().err
    assert any(words in said for words in ("ftjob-abc cannot be looked up", "is no fine-tuning job"))


def test_a_job_in_models_yaml_finds_its_base_at_the_same_server(shop: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_BASE_URL")
    arm = {"provider": "openai", "model": "ftjob-abc", "base_url": shop.server.url, "limits": {"concurrency": 4}}
    shop.write("suites/models.yaml", json.dumps({"models": {"support": arm}}))
    code, _ = compare(shop, "base", "support")
    assert code == 0
    assert asked_models(shop) == {BASE, TUNED}


def test_one_name_for_two_bases_is_told(shop: World, capsys: pytest.CaptureFixture[str]) -> None:
    other = "ft:gpt-4.1-2025-04-14:acme::X"
    assert shop.run("compare", "base", TUNED, other) == 2
    said = capsys.readouterr().err
    assert "'base' may be one of 2 models" in said
    assert f"openai:{BASE}" in said


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("ftjob-abc:step-3", "ftjob-ID:ckpt-step-N (a checkpoint)"),
        ("ftjob", "names no fine-tuning job"),
        ("ft:gpt-4o-mini", "ft:BASE:ORGANIZATION:SUFFIX:ID"),
        ("ftckpt_1", "name it ftjob-ID:ckpt-step-N"),
        (
            "gpt-4o-mini-2024-07-18.ft-0e208cf33a6a466994aff31a08aba678-support",
            "model: gpt-4o-mini-2024-07-18.ft-0e208cf33a6a466994aff31a08aba678-support, base_url: https://RESOURCE",
        ),
    ],
)
def test_a_name_that_cannot_be_asked_is_answered_with_what_to_type(
    shop: World, name: str, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert shop.run("compare", "base", name) == 2
    assert sentence in capsys.readouterr().err


def weights(folder: Path, *, adapter: bool) -> None:
    folder.mkdir(parents=True)
    if adapter:
        (folder / "adapter_config.json").write_text(json.dumps({"base_model_name_or_path": "./nowhere-base"}))
    else:
        (folder / "config.json").write_text("{}")
        (folder / "model.safetensors").write_bytes(b"")


def test_folders_of_weights_say_what_they_are(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    weights(project.folder / "out" / "checkpoint-500", adapter=True)
    weights(project.folder / "out" / "checkpoint-1000", adapter=True)
    weights(project.folder / "full", adapter=False)
    assert told(capsys, "compare", "base", "out") == ["out holds 2 checkpoints and no model of its own"]
    assert main(["compare", "base", "out"]) == 2
    assert "name one of them: out/checkpoint-1000" in capsys.readouterr().err
    (project.folder / "suites" / "models.yaml").unlink()
    assert main(["compare", "base", "out/checkpoint-500"]) == 2
    said = capsys.readouterr().err
    assert "nowhere-base" in said, "the base that the adapter names is what `base` means"
    assert "unknown model" not in said
    assert main(["compare", "full", "full"]) == 2
    assert "unknown model" not in capsys.readouterr().err
