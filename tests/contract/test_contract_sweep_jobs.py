"""The checkpoints of a fine-tuning job, asked one after the other at the server that has them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from api_world import World
from job_server import BASE, JOB, SUITE, TUNED, JobServer
from openai_loopback import Call, Reply, chat_body

POINTS = [f"{TUNED}:ckpt-step-{step}" for step in (30, 60, 90)]


class Overfits(JobServer):
    """The second checkpoint is the best one, the third has forgotten most."""

    def __call__(self, call: Call) -> Reply:
        if not call.path.endswith("/chat/completions"):
            return super().__call__(call)
        number = int(str(call.body["messages"][-1]["content"]).split()[1].rstrip("?"))
        right = {BASE: 40, POINTS[0]: 44, POINTS[1]: 60, POINTS[2]: 12}[call.body["model"]]
        return Reply(body=chat_body("yes" if number < right else "no", model=call.body["model"]))


@pytest.fixture
def shop(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    world.suite(SUITE)
    rows = [{"id": f"q{n}", "input": f"Question {n}?", "target": "yes"} for n in range(60)]
    world.write("suites/data.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    (world.folder / "suites" / "models.yaml").unlink()
    monkeypatch.setenv("OPENAI_BASE_URL", world.server.url)
    world.script = Overfits()
    return world


def sweep(world: World, *words: str) -> tuple[int, dict[str, Any]]:
    code = world.run("sweep", "base", *words, "--json", "v.json", "--report", "page")
    return code, json.loads((world.folder / "v.json").read_text())


def test_every_checkpoint_of_a_job_is_asked_once_beside_its_base(shop: World) -> None:
    code, found = sweep(shop, "ftjob-abc")
    assert (code, found["best"]) == (0, "ftjob-abc:ckpt-step-60")
    assert {call.body["model"] for call in shop.chats} == {BASE, *POINTS}
    assert len(shop.chats) == 4 * 60
    assert len(shop.server.asked("/fine_tuning/jobs/ftjob-abc")) == 1
    points = found["sweep"]["checkpoints"]
    assert [one["step"] for one in points] == [30, 60, 90]
    assert [one["train_loss"] for one in points] == pytest.approx([1 / 30, 1 / 60, 1 / 90])
    assert {one["eval_loss"] for one in points} == {0.5}
    fall = found["sweep"]["curves"][0]["fall"]
    assert (fall["best"], fall["since"]) == ("ftjob-abc:ckpt-step-60", "ftjob-abc:ckpt-step-90")
    assert fall["overfits"] is True


def test_a_sweep_of_a_job_is_replayed_without_a_server(shop: World, monkeypatch: pytest.MonkeyPatch) -> None:
    code, found = sweep(shop, "openai:ftjob-abc", "--steps", "30-60")
    assert found["candidates"] == ["ftjob-abc:ckpt-step-30", "ftjob-abc:ckpt-step-60"]
    shop.server.stop()
    monkeypatch.delenv("OPENAI_API_KEY")
    assert sweep(shop, "openai:ftjob-abc", "--steps", "30-60", "--replay") == (code, found)


def test_a_name_of_models_yaml_brings_its_server_and_its_settings(shop: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_BASE_URL")
    server = f"base_url: {shop.server.url}"
    shop.write(
        "suites/models.yaml",
        f"models:\n  base: {{provider: openai, model: {BASE}, {server}}}\n"
        f"  tuned: {{provider: openai, model: ftjob-abc, {server}, extra_body: {{user: sweep}}}}\n",
    )
    code, found = sweep(shop, "tuned")
    assert (code, found["best"]) == (0, "ftjob-abc:ckpt-step-60")
    assert {call.body.get("user") for call in shop.chats if call.body["model"] in POINTS} == {"sweep"}


def test_a_job_without_checkpoints_is_told(shop: World, capsys: pytest.CaptureFixture[str]) -> None:
    shop.script = JobServer(steps=())
    assert shop.run("sweep", "base", "ftjob-abc") == 2
    assert "ftjob-abc has no checkpoints: its status is succeeded" in capsys.readouterr().err
    assert shop.chats == []


def test_a_job_that_still_runs_is_swept_as_far_as_it_is(shop: World) -> None:
    overfits = Overfits(job=JOB | {"status": "running", "fine_tuned_model": None, "finished_at": None}, steps=(30, 60))
    shop.script = overfits
    assert sweep(shop, "ftjob-abc")[1]["candidates"] == ["ftjob-abc:ckpt-step-30", "ftjob-abc:ckpt-step-60"]
    overfits.steps = (30, 60, 90)
    assert len(sweep(shop, "ftjob-abc")[1]["candidates"]) == 3
