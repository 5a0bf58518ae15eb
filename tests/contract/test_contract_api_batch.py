"""A batch through the whole program: sent by one run, killed, collected by a smaller one, kept for the big one."""

import pytest
from api_world import World
from openai_batch_server import BatchServer
from openai_loopback import chat_body

from evalkit.models.openai import batch


def script() -> BatchServer:
    def answer(body):
        number = int(body["messages"][-1]["content"].split()[2])
        return 200, chat_body(str(number + 1), model=body["model"])

    return BatchServer(polls=10_000, answer=answer)


def test_a_killed_run_of_all_cases_is_paid_once_though_a_smaller_run_collects_it(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(batch, "_FIRST_POLL_S", 0.01)
    server = script()
    world.script = server
    world.data(40)
    world.models(base={"api": "batch"}, tuned={"api": "batch"})
    process = world.start("run", "tuned")
    while not server.created and process.poll() is None:
        pass
    noted = world.folder / ".evalkit" / "batches"
    while not list(noted.glob("*.json")) and process.poll() is None:
        pass
    process.kill()
    process.communicate()
    server.polls = 0
    for kept in server.batches.values():
        kept["left"] = 0
    assert world.run("run", "tuned", "--limit", "5") == 0
    assert world.run("run", "tuned", "--replay") == 0
    assert "40 asked" in capsys.readouterr().out
    assert world.run("run", "tuned") == 0
    assert server.created == 1
    assert list(noted.iterdir()) == []
