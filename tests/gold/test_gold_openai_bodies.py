"""Every recorded body of the OpenAI and Azure APIs is read, and read as the official client reads it."""

from __future__ import annotations

import gzip
import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from evalkit.core.exchange import Failure
from evalkit.core.exchange import Request as EvalRequest
from evalkit.models.openai.answer import Answer, Circumstances, respond
from evalkit.models.openai.failures import read_failure
from evalkit.models.openai.read_chat import read_chat, read_completion
from evalkit.models.openai.read_responses import read_responses
from evalkit.models.openai.read_sse import read_events, whole_chat, whole_response

SHARED = Path(os.environ.get("EVALKIT_SHARED_DATA", Path(__file__).parents[2].parent / "shared" / "data"))
FOLDER = SHARED / "openai_bodies"
pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="the recorded OpenAI bodies of ../shared/data are not here")

READERS = {"chat": read_chat, "completions": read_completion, "responses": read_responses}
NOT_ANSWERS = ("/threads", "/assistants", "/files", "/embeddings", "/images", "/vector_stores", "/conversations",
               "/responses/compact", "/responses/input_tokens")  # fmt: skip


def interactions() -> list[dict[str, Any]]:
    return [json.loads(line) for line in gzip.open(FOLDER / "interactions.jsonl.gz", "rt", encoding="utf-8")]


def api_of(path: str) -> str | None:
    """The API whose answers a path gives; None for endpoints that are no model answers."""
    if any(part in path for part in NOT_ANSWERS):
        return None
    path = path.split("?")[0]
    if path.endswith("/chat/completions"):
        return "chat"
    if path.endswith("/completions"):
        return "completions"
    return "responses" if "/responses" in path else None


def body_of(api: str, body: Any) -> Any:
    """The body a stream adds up to, or the body itself."""
    if not isinstance(body, str):
        return body
    return whole_response(read_events(body)) if api == "responses" else whole_chat(read_events(body))


def said_by(row: dict[str, Any], api: str) -> Answer | Failure:
    reply = row["response"]
    if reply["status"] != 200:
        return read_failure(reply["body"], status=reply["status"])
    return READERS[api](body_of(api, reply["body"]))


def test_every_recorded_body_becomes_a_response_or_a_named_failure():
    outcomes, skipped = Counter(), Counter()
    for row in interactions():
        api = api_of(row["request"]["path"])
        if api is None:
            skipped["no model answers"] += 1
            continue
        said = said_by(row, api)
        response = respond(EvalRequest(example_id="x", messages=()), said, circumstances=Circumstances())
        answered = response.text is not None or response.tool_calls or response.refusal is not None
        assert bool(answered) != (response.failure is not None), row["source"]
        outcomes[f"failure {said.kind}" if isinstance(said, Failure) else f"{api} {said.finish}"] += 1
    assert sum(outcomes.values()) + sum(skipped.values()) == 408
    assert skipped == {"no model answers": 72}
    failed = {kind: count for kind, count in outcomes.items() if kind.startswith("failure")}
    assert failed == {
        "failure content_filter": 2,  # a choice without a message, and an error under HTTP 200
        "failure not_found": 2,
        "failure bad_request": 3,
        "failure auth": 1,
        "failure other": 3,  # background responses that are queued or in progress
    }
    assert not any("malformed" in kind for kind in outcomes)


def test_no_reader_raises_on_any_body_of_any_endpoint():
    documented = dict(json.loads((FOLDER / "documented_examples.json").read_text(encoding="utf-8")))
    bodies = [row["response"]["body"] for row in interactions()] + list(documented.values())
    assert len(bodies) == 408 + 55
    for body in bodies:
        for api, read in READERS.items():
            assert isinstance(read(body_of(api, body)), Answer | Failure)
        assert isinstance(read_failure(body, status=500), Failure)


def test_every_documented_chat_completion_is_an_answer():
    documented = dict(json.loads((FOLDER / "documented_examples.json").read_text(encoding="utf-8")))
    chats = [body for body in documented.values() if isinstance(body, dict) and body.get("object") == "chat.completion"]
    assert len(chats) == 7
    for body in chats:
        assert isinstance(read_chat(body), Answer)
        check_chat(body)


def test_the_recorded_errors_are_told_apart():
    rows = [json.loads(line) for line in (FOLDER / "error_bodies.jsonl").read_text(encoding="utf-8").splitlines()]
    kinds = [read_failure(row["body"], status=row["status"]).kind for row in rows]
    assert kinds == ["rate_limit", "quota", "quota", "server", "auth"]


def test_our_reader_and_the_clients_typed_objects_agree():
    checked = Counter()
    for row in interactions():
        api = api_of(row["request"]["path"])
        body = row["response"]["body"]
        if api is None or row["response"]["status"] != 200:
            continue
        if isinstance(body, str):
            STREAMS[api](body)
            checked[f"{api} stream"] += 1
        elif isinstance(said_by(row, api), Answer):
            BODIES[api](body)
            checked[api] += 1
    assert checked == {
        "chat": 143, "chat stream": 42, "completions": 17, "completions stream": 10,
        "responses": 88, "responses stream": 25,
    }  # fmt: skip


def check_chat(body: dict[str, Any]) -> None:
    from openai.types.chat import ChatCompletion

    same_chat(read_chat(body), ChatCompletion.construct(**body))


def check_chat_stream(text: str) -> None:
    """The client's own accumulator over typed chunks against our own."""
    from openai.lib.streaming.chat import ChatCompletionStreamState
    from openai.types.chat import ChatCompletionChunk

    state = ChatCompletionStreamState()
    chunks = [ChatCompletionChunk.construct(**event) for event in read_events(text)]
    for chunk in chunks:
        state.handle_chunk(chunk)
    whole = state.current_completion_snapshot
    # the client keeps the first chunk's name, which Azure leaves empty
    whole.model = whole.model or next(chunk.model for chunk in chunks if chunk.model)
    # and forgets the usage when a moderation chunk comes behind it
    whole.usage = whole.usage or next((chunk.usage for chunk in reversed(chunks) if chunk.usage), None)
    whole.system_fingerprint = whole.system_fingerprint or None
    same_chat(read_chat(whole_chat(read_events(text))), whole)


def same_chat(said: Answer | Failure, typed: Any) -> None:
    assert isinstance(said, Answer)
    message = typed.choices[0].message
    calls = [
        (c.id, c.custom.name, c.custom.input) if c.type == "custom" else (c.id, c.function.name, c.function.arguments)
        for c in message.tool_calls or ()
    ]
    legacy = getattr(message, "function_call", None)
    if legacy is not None:
        calls.append((None, legacy.name, legacy.arguments))
    assert [(c.id, c.name, c.arguments) for c in said.tool_calls] == calls
    assert said.text == message.content or (not said.text and not message.content)
    assert said.refusal == getattr(message, "refusal", None)
    assert said.finish == typed.choices[0].finish_reason
    same_frame(said, typed, ("prompt_tokens", "completion_tokens"))


def same_frame(said: Answer, typed: Any, names: tuple[str, str]) -> None:
    assert said.served_model == typed.model
    assert said.system_fingerprint == getattr(typed, "system_fingerprint", None)
    usage = typed.usage
    if usage is None:
        assert said.usage is None
        return
    into = getattr(usage, f"{names[0]}_details", None)
    out = getattr(usage, f"{names[1]}_details", None)
    assert said.usage is not None
    assert said.usage.input == getattr(usage, names[0])
    assert said.usage.output == getattr(usage, names[1])
    assert said.usage.cached_input == getattr(into, "cached_tokens", None)
    assert said.usage.reasoning == getattr(out, "reasoning_tokens", None)


def check_completion(body: dict[str, Any]) -> None:
    from openai.types import Completion

    said, typed = read_completion(body), Completion.construct(**body)
    assert isinstance(said, Answer)
    assert (said.text, said.finish) == (typed.choices[0].text, typed.choices[0].finish_reason)
    same_frame(said, typed, ("prompt_tokens", "completion_tokens"))


def check_completion_stream(text: str) -> None:
    from openai.types import Completion

    said = read_completion(whole_chat(read_events(text)))
    parts = [
        choice for event in read_events(text) for choice in Completion.construct(**event).choices if choice.index == 0
    ]
    assert isinstance(said, Answer)
    assert said.text == "".join(part.text for part in parts)
    assert said.finish == parts[-1].finish_reason


def check_responses(body: dict[str, Any]) -> None:
    from openai.types.responses import Response

    same_response(read_responses(body), Response.construct(**body))


def check_responses_stream(text: str) -> None:
    """Our reading of the final event against the text and arguments that the typed deltas add up to."""
    from openai.types.responses import Response

    whole = whole_response(read_events(text))
    said = read_responses(whole)
    same_response(said, Response.construct(**whole))
    deltas = "".join(e["delta"] for e in read_events(text) if e.get("type") == "response.output_text.delta")
    assert isinstance(said, Answer)
    assert (said.text or "") == deltas


def same_response(said: Answer | Failure, typed: Any) -> None:
    assert isinstance(said, Answer)
    assert (said.text or "") == typed.output_text
    calls = [(o.call_id, o.name, o.arguments) for o in typed.output if o.type == "function_call"]
    assert [(c.id, c.name, c.arguments) for c in said.tool_calls] == calls
    same_frame(said, typed, ("input_tokens", "output_tokens"))


BODIES = {"chat": check_chat, "completions": check_completion, "responses": check_responses}
STREAMS = {"chat": check_chat_stream, "completions": check_completion_stream, "responses": check_responses_stream}
