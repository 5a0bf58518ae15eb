"""Sampling of one arm, parameters and headers that evalkit has no word for: sent, told, kept apart, never leaked."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

import pytest
from api_world import CANARY, SUITE, World, answers, model_of
from openai_loopback import Call, Reply, error_body

SECRET = "org-secret-5f0c1d-never-written"


def refuses_temperature(call: Call) -> Reply:
    """A reasoning successor: it takes no temperature."""
    if call.method == "POST" and model_of(call) == "tuned" and "temperature" in call.body:
        message = "Unsupported parameter: 'temperature' is not supported with this model."
        return Reply(status=400, body=error_body(message, code="unsupported_parameter", param="temperature"))
    return answers(call)


def reasons(verdict: Mapping[str, Any]) -> str:
    return " ".join(verdict["suites"][0].get("notes", ())) + str(verdict["because"])


def test_a_successor_that_refuses_temperature_gets_a_verdict_and_the_difference_is_told(world: World) -> None:
    world.script = refuses_temperature
    world.models(tuned={"generate": {"temperature": None}})
    code, verdict = world.compare("--markdown", "comment.md")
    assert code == 0
    assert verdict["outcome"] == "PASS"
    assert not any("temperature" in call.body for call in world.chats if model_of(call) == "tuned")
    assert all(call.body["temperature"] == 0.0 for call in world.chats if model_of(call) == "base")
    told = "base and tuned were asked differently, as allowed: temperature 0.0 and left out"
    for name in ("verdict.json", "page/index.html", "comment.md"):
        assert told in (world.folder / name).read_text(encoding="utf-8"), name


def test_what_only_a_server_refused_is_invalid_until_the_policy_names_it(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.script = refuses_temperature
    code, verdict = world.compare()
    assert (code, verdict["outcome"]) == (4, "INVALID")
    assert "policy: {sampling_may_differ: [temperature]}" in capsys.readouterr().out.replace("\n", " ").replace(
        "  ", " "
    )
    world.suite(SUITE + "policy: {sampling_may_differ: [temperature]}\n")
    code, verdict = world.compare()
    assert (code, verdict["outcome"]) == (0, "PASS")
    assert "temperature sent as asked and left out: a server refused it" in json.dumps(verdict)


def test_recordings_of_other_sampling_are_invalid_until_the_policy_names_it(world: World) -> None:
    world.models(tuned={"generate": {"top_p": 0.5}})
    for arm in ("base", "tuned"):
        assert world.run("record", arm, "-o", f"{arm}.jsonl") == 0
    words = ["compare", "base.jsonl", "tuned.jsonl", "--json", "v.json"]
    assert world.run(*words) == 4
    assert "sampling_may_differ: [top_p]" in (world.folder / "v.json").read_text(encoding="utf-8")
    world.suite(SUITE + "policy: {sampling_may_differ: [top_p]}\n")
    assert world.run(*words) == 0
    assert "top_p left out and 0.5" in (world.folder / "v.json").read_text(encoding="utf-8")


def test_what_decides_answers_is_asked_again_and_what_does_not_is_not(world: World) -> None:
    both = {"generate": {"service_tier": "flex", "metadata": {"team": "a"}, "prompt_cache_key": "k"}}
    world.models(base=both, tuned=both)
    assert world.compare()[0] == 0
    calls = len(world.chats)
    assert all((call.body["service_tier"], call.body["metadata"]) == ("flex", {"team": "a"}) for call in world.chats)
    other = {"generate": {"service_tier": "default"}, "headers": {"traceparent": "00-1-2-00"}}
    world.models(base=other, tuned=other)
    assert world.compare()[0] == 0
    assert len(world.chats) == calls, "a tier or a tracing header asked again"
    other = {"extra_body": {"guided_decoding_backend": "xgrammar"}}
    world.models(base=other, tuned=other)
    assert world.compare()[0] == 0
    assert len(world.chats) == 2 * calls
    assert world.chats[-1].body["guided_decoding_backend"] == "xgrammar"


def test_headers_are_sent_and_stand_nowhere(world: World) -> None:
    headers = {"X-Org-Key": {"env": "ORG_KEY"}, "anthropic-beta": "context-1m", "traceparent": "00-4bf92f-00"}
    world.models(base={"headers": headers}, tuned={"headers": headers})

    def echoes(call: Call) -> Reply:
        if call.method == "POST" and "What is 7 " in json.dumps(call.body):
            said = f"bad tenant {call.headers.get('x-org-key')}"
            return Reply(status=400, body=error_body(said, code="bad_request", param=None))
        return answers(call)

    world.script = echoes
    world.suite(SUITE + "policy: {max_error_rate: 0.5}\n")
    done = run(world, "compare", "base", "tuned", "--report", "page", "--json", "v.json", ORG_KEY=SECRET)
    assert done.returncode == 0, done.stdout + done.stderr
    assert {call.headers["x-org-key"] for call in world.chats} == {SECRET}
    assert {call.headers["anthropic-beta"] for call in world.chats} == {"context-1m"}
    assert SECRET not in done.stdout + done.stderr
    for path, content in world.written():
        assert SECRET.encode() not in content, path


def test_a_header_whose_variable_is_not_set_is_told_before_any_call(world: World) -> None:
    world.models(base={"headers": {"X-Org-Key": {"env": "ORG_KEY_THAT_IS_NOT_SET"}}})
    done = run(world, "compare", "base", "tuned")
    assert done.returncode == 2
    assert "ORG_KEY_THAT_IS_NOT_SET is not set" in " ".join(done.stderr.split())
    assert not world.chats


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("headers", {"Authorization": "Bearer abc"}, "the header 'Authorization' holds a secret"),
        ("headers", {"api-key": "0123456789abcdef"}, "the header 'api-key' holds a secret"),
        ("headers", {"X-Tenant": "sk-abcdefghijklmnop"}, "the header 'X-Tenant' holds a secret"),
        ("headers", {"X-Tenant": "Zm9vYmFyYmF6cXV4MTIzNDU2Nzg5MGFiY2RlZg=="}, "the header 'X-Tenant' holds a secret"),
        ("headers", {"Content-Type": "text/plain"}, "the header 'Content-Type' belongs to the client"),
        ("headers", {"bad name": "x"}, "'bad name' is no name of a header"),
        ("headers", {"X-Note": "line\nbreak"}, "characters that no header can carry"),
        ("extra_body", {"model": "other"}, "extra_body cannot set 'model'"),
        ("extra_body", {"messages": []}, "extra_body cannot set 'messages'"),
        ("extra_body", {"n": 3}, "extra_body cannot set 'n'"),
        ("extra_body", {"stream": True}, "extra_body cannot set 'stream'"),
        ("extra_body", {"temperature": 1}, "extra_body cannot set 'temperature'"),
        ("extra_body", {"auth": {"api_key": "abc"}}, "extra_body holds a secret under 'api_key'"),
        ("generate", {"choices": "letters"}, "`choices` cannot be said of one model"),
    ],
)
def test_what_may_not_stand_in_the_file_is_refused_with_its_place(
    world: World, capsys: pytest.CaptureFixture[str], key: str, value: Mapping[str, Any], said: str
) -> None:
    world.models(base={key: value})
    assert world.run("compare", "base", "tuned") == 2
    told = " ".join(capsys.readouterr().err.split())
    assert said in told
    assert "suites/models.yaml:1:" in told
    assert "sk-abcdefghijklmnop" not in told
    assert not world.chats


def test_a_provider_that_posts_nothing_takes_no_header(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.write(
        "suites/models.yaml", json.dumps({"models": {"a": {"provider": "local", "model": "x", "headers": {"A": "b"}}}})
    )
    assert world.run("compare", "a", "a") == 2
    assert "headers is for models behind an API" in " ".join(capsys.readouterr().err.split())


def run(world: World, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "evalkit", *words, "--root", "."],
        cwd=world.folder,
        env={**os.environ, "OPENAI_API_KEY": CANARY, **environ},
        capture_output=True,
        text=True,
        check=False,
    )


def test_kept_answers_know_their_age_and_old_ones_are_asked_again(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    assert world.compare()[0] == 0
    calls = len(world.chats)
    db = sqlite3.connect(world.folder / ".evalkit" / "ledger.sqlite")
    db.execute("UPDATE answer SET created = created - 9 * 86400")
    db.commit()
    db.close()
    capsys.readouterr()
    assert world.compare()[0] == 0
    assert "the oldest kept answer of this run is 9 days old" in capsys.readouterr().err
    assert len(world.chats) == calls
    assert world.compare("--max-age", "10d")[0] == 0
    assert len(world.chats) == calls
    assert world.compare("--max-age", "7d")[0] == 0
    assert len(world.chats) == 2 * calls
    with pytest.raises(SystemExit, match="2"):
        world.run("compare", "base", "tuned", "--max-age", "soon")
    assert "a time such as 7d" in capsys.readouterr().err
