"""A key is in no file that a run writes and in nothing it prints, on good days and on bad ones."""

import contextlib
import gzip
import zlib

import pytest
from api_world import CANARY, World, answers, model_of
from openai_loopback import Call, Reply, chat_body, error_body
from pages import unpacked

SECRET = CANARY.encode()


def seen_in(name: str, content: bytes) -> bool:
    """Whether the key is in a file: as it is, or under the compression that the file or its rows are in."""
    if SECRET in content:
        return True
    if name.endswith(".gz"):
        return SECRET in gzip.decompress(content)
    if name.endswith(".html"):
        return CANARY in unpacked(content.decode())
    return any(SECRET in inner for inner in deflated(content))


def deflated(content: bytes) -> list[bytes]:
    """Every zlib stream within a file, such as the long rows of a ledger."""
    found, at = [], content.find(b"\x78\x9c")
    while at >= 0:
        with contextlib.suppress(zlib.error):
            found.append(zlib.decompressobj().decompress(content[at:]))
        at = content.find(b"\x78\x9c", at + 1)
    return found


def assert_secret(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    printed = capsys.readouterr()
    assert CANARY not in printed.out
    assert CANARY not in printed.err
    files = list(world.written())
    assert [str(path) for path, content in files if seen_in(path.name, content)] == []


def test_the_key_reaches_the_server_and_no_file(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--junit", "out/j.xml", "--markdown", "out/s.md"]
    code, _ = world.compare(*words)
    assert code == 0
    assert world.run("record", "tuned", "-o", "tuned.jsonl") == 0
    assert world.run("record", "tuned", "-o", "tuned.jsonl.gz") == 0
    assert world.run("plan", "base", "tuned", "--json", "out/plan.json") == 0
    assert world.run("ledger", "export", "-o", "out/kept.jsonl") == 0
    assert all(call.headers["authorization"] == f"Bearer {CANARY}" for call in world.chats)
    written = {path.name for path, _ in world.written()}
    assert {"ledger.sqlite", "verdict.json", "index.html", "j.xml", "s.md", "tuned.jsonl", "kept.jsonl"} <= written
    assert_secret(world, capsys)


def test_a_server_that_echoes_the_key_in_its_errors_does_not_spread_it(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    """Some calls fail with the key in the error; a filter's refusal, which is kept, holds it, too."""

    def script(call: Call) -> Reply:
        if call.method == "POST" and model_of(call) == "tuned":
            key = call.headers["authorization"]
            number = len(world.chats)
            if number % 3 == 0:
                return Reply(status=400, body=error_body(f"Invalid request with {key}"))
            if number % 3 == 1:
                return Reply(status=400, body=error_body(f"filtered {key}", code="content_filter"))
        return answers(call)

    world.script = script
    code, verdict = world.compare("--junit", "out/j.xml", "--markdown", "out/s.md")
    assert code == 4
    assert "bad_request" in str(verdict["suites"][0]["findings"])
    world.run("record", "tuned", "-o", "tuned.jsonl")
    assert_secret(world, capsys)


def test_a_server_that_echoes_the_key_in_its_answers_does_not_spread_it(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    """In the text, in a tool call, and as the request's id; what only looks like a key is an answer and stays."""

    def script(call: Call) -> Reply:
        if call.method == "GET":
            return answers(call)
        key = call.headers["authorization"]
        made = [{"id": "c1", "type": "function", "function": {"name": "f", "arguments": f'{{"a": "{key}"}}'}}]
        calls = {"tool_calls": made} if len(world.chats) % 2 else {}
        body = chat_body(f"sk-abcdefgh and {key}", model=model_of(call), **calls)
        return Reply(body=body, headers={"x-request-id": CANARY})

    world.script = script
    world.compare("--junit", "out/j.xml", "--markdown", "out/s.md")
    world.run("record", "tuned", "-o", "tuned.jsonl")
    world.run("ledger", "export", "-o", "out/kept.jsonl")
    text = (world.folder / "tuned.jsonl").read_text(encoding="utf-8")
    assert "sk-abcdefgh and Bearer [redacted]" in text
    assert_secret(world, capsys)


def test_a_refused_key_is_not_printed(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    def script(call: Call) -> Reply:
        key = call.headers["authorization"].removeprefix("Bearer ")
        return Reply(status=401, body=error_body(f"Incorrect API key provided: {key}.", code="invalid_api_key"))

    world.script = script
    code, _ = world.compare()
    assert code == 2
    assert_secret(world, capsys)


@pytest.mark.slow
def test_a_killed_run_leaves_no_key_in_the_log_of_the_ledger(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.script = lambda call: Reply(body=answers(call).body, delay=0.02)
    process = world.start_compare()
    while len(world.chats) < 40 and process.poll() is None:
        pass
    process.kill()
    out, err = process.communicate()
    assert CANARY not in out + err
    assert (world.folder / ".evalkit" / "ledger.sqlite-wal").stat().st_size > 0
    assert_secret(world, capsys)


def test_the_state_of_a_batch_holds_no_key(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """The upload is taken, then polling is refused: what was sent stays noted on disk for the next run."""
    world.models(base={"api": "batch"}, tuned={"api": "batch"})

    def script(call: Call) -> Reply:
        if call.method == "POST" and call.path.endswith("/files"):
            return Reply(body={"id": "file-1", "object": "file", "bytes": 1, "created_at": 1, "filename": "b.jsonl",
                               "purpose": "batch", "status": "processed"})  # fmt: skip
        if call.method == "POST" and call.path.endswith("/batches"):
            named = {"id": "batch-1", "object": "batch", "input_file_id": "file-1", "status": "validating"}
            about = {"endpoint": "/v1/chat/completions", "created_at": 1, "completion_window": "24h"}
            return Reply(body={**named, **about})
        return Reply(status=401, body=error_body(f"bad key {call.headers['authorization']}", code="invalid_api_key"))

    world.script = script
    code, _ = world.compare()
    assert code in (2, 4)
    assert any(path.parent.name == "batches" for path, _ in world.written()), "no state was kept"
    assert_secret(world, capsys)
