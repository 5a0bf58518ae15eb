"""Whose answers are compared: the server's own word for its model, and on Azure the deployment."""

import pytest
from api_world import CANARY, World, answers, model_of
from openai_loopback import Call, Reply, chat_body, error_body

from evalkit.core.exchange import Json


def served(name_of):
    """As `answers`, under the name that `name_of(call, number of the call)` gives the model."""

    def script(call: Call) -> Reply:
        reply = answers(call)
        if call.method == "GET":
            return reply
        script.calls += 1
        return Reply(body={**reply.body, "model": name_of(call, script.calls)})

    script.calls = 0
    return script


def test_an_arm_whose_name_came_to_mean_another_model_is_no_arm(world: World) -> None:
    """The alias moves to a new snapshot after 50 answers of the base."""
    world.script = served(lambda call, n: "snapshot-old" if n <= 50 else "snapshot-new")
    code, verdict = world.compare()
    assert (code, verdict["outcome"]) == (4, "INVALID")
    said = str(verdict["suites"][0]["findings"])
    assert "the answers of base come from 2 models: snapshot-old (50), snapshot-new (50)" in said
    assert "--refresh" in said

    code, verdict = world.compare("--refresh")
    assert (code, verdict["outcome"]) == (0, "PASS")


def test_kept_answers_of_an_older_snapshot_are_not_mixed_with_new_ones_in_silence(world: World) -> None:
    world.script = served(lambda call, n: "snapshot-old")
    assert world.compare()[0] == 0
    world.data(130)
    world.script = served(lambda call, n: "snapshot-new")
    code, verdict = world.compare()
    assert code == 4
    assert "snapshot-old (100), snapshot-new (30)" in str(verdict["suites"][0]["findings"])


def test_a_server_that_ignores_the_model_it_is_asked_for_is_pointed_out(world: World) -> None:
    world.script = served(lambda call, n: "the-only-one")
    code, verdict = world.compare()
    assert code == 0
    assert "both answers come from the-only-one" in str(verdict["suites"][0]["notes"])


def test_two_models_that_are_served_under_their_own_names_need_no_note(world: World) -> None:
    code, verdict = world.compare()
    assert code == 0
    assert verdict["suites"][0]["notes"] == []


AZURE = {"api_key_env": "OPENAI_API_KEY", "model": "gpt-4o-mini"}


def deployed(world: World, name: str, api: str) -> dict[str, Json]:
    url = world.server.url.removesuffix("/v1")
    return {**AZURE, "base_url": url, "api": api, "azure": {"api_version": "2024-10-21", "deployment": name}}


@pytest.mark.parametrize("api", ["chat", "completions", "responses"])
def test_each_arm_of_azure_asks_its_own_deployment(world: World, api: str) -> None:
    """Two deployments of one base model: the path names them, or, where it does not, the body must."""

    def script(call: Call) -> Reply:
        if call.method == "GET":
            return Reply(status=404, body=error_body("no such endpoint"))
        named = next((name for name in ("stock", "tuned") if f"/deployments/{name}/" in call.path), model_of(call))
        if api == "chat":
            return Reply(body=chat_body(named))
        if api == "completions":
            return Reply(body={"model": "gpt-4o-mini", "choices": [{"text": named, "finish_reason": "stop"}]})
        content = [{"type": "output_text", "text": named}]
        output = [{"type": "message", "content": content}]
        return Reply(body={"status": "completed", "model": "gpt-4o-mini", "output": output})

    world.script = script
    world.models(base=deployed(world, "stock", api), tuned=deployed(world, "tuned", api))
    world.compare()
    for arm, deployment in (("base", "stock"), ("tuned", "tuned")):
        assert world.run("record", arm, "-o", f"{arm}.jsonl") == 0
        assert f'"text":"{deployment}"' in (world.folder / f"{arm}.jsonl").read_text(encoding="utf-8")
    asked = [call for call in world.server.calls if call.method == "POST"]
    assert {call.headers["api-key"] for call in asked} == {CANARY}
    assert {call.path.partition("?")[2] for call in asked} == {"api-version=2024-10-21"}
