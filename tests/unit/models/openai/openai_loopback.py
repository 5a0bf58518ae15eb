"""A loopback server for tests: answers like an OpenAI-compatible API, with faults on request. Standard library only."""

from __future__ import annotations

import asyncio
import hashlib
import json
import random
import socket
import struct
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Call:
    """One request as the server saw it. `attempt` counts from 0 for calls with the same body."""

    method: str
    path: str
    headers: Mapping[str, str]
    content: bytes
    attempt: int

    @property
    def body(self) -> Any:
        return json.loads(self.content) if self.content else None


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What to send. `fault`: reset (RST), truncate (half the body, then close), stall (say nothing for `delay` s),
    drip (in small pieces), raw (these very bytes, then close)."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0.0
    fault: str = ""


Script = Callable[[Call], Reply]

CANARY = "sk-canary-3f9a81c2d7e64b50-do-not-leak"
"""The key of the arms under test: it may stand nowhere but in the headers of a call"""


class Loopback:
    """Serves a script on 127.0.0.1 in a thread of its own; `calls` holds everything it was asked."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.calls: list[Call] = []
        self.in_flight = 0
        self.most_in_flight = 0
        self._attempts: Counter[str] = Counter()
        self._writers: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.new_event_loop()
        ready = threading.Event()
        self._thread = threading.Thread(target=self._serve, args=(ready,), daemon=True)
        self._thread.start()
        ready.wait(10)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def asked(self, path: str) -> list[Call]:
        """The calls to one path (without /v1)."""
        return [call for call in self.calls if call.path.split("?")[0].endswith(path)]

    def stop(self) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(10)

    def _serve(self, ready: threading.Event) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._connected, "127.0.0.1", 0, backlog=1024))
        self.port = server.sockets[0].getsockname()[1]
        ready.set()
        self._loop.run_forever()
        server.close()
        for writer in self._writers:
            writer.transport.abort()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0))
        self._loop.close()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            while await self._exchange(reader, writer):
                pass
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            self._writers.discard(writer)
            writer.close()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        method, path, _ = head[0].split(" ")
        headers = {k.lower(): v for k, _, v in (line.partition(": ") for line in head[1:] if line)}
        content = await reader.readexactly(int(headers.get("content-length", 0)))
        key = hashlib.sha256(path.encode() + content).hexdigest()
        call = Call(method=method, path=path, headers=headers, content=content, attempt=self._attempts[key])
        self._attempts[key] += 1
        self.calls.append(call)
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            reply = self.script(call)
            if reply.delay:
                await asyncio.sleep(reply.delay)
            return await self._send(writer, reply, number=len(self.calls))
        finally:
            self.in_flight -= 1

    async def _send(self, writer: asyncio.StreamWriter, reply: Reply, *, number: int) -> bool:
        if reply.fault == "reset":
            linger = struct.pack("ii", 1, 0)
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            writer.transport.abort()
            return False
        if reply.fault == "raw":
            writer.write(reply.body)
            await writer.drain()
            return False
        body = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
        kind = "text/event-stream" if body.startswith((b"data:", b"event:")) else "application/json"
        lines = [f"HTTP/1.1 {reply.status} X", f"content-type: {kind}", f"content-length: {len(body)}"]
        lines += [f"x-request-id: req_{number}", *(f"{k}: {v}" for k, v in reply.headers.items()), "", ""]
        writer.write("\r\n".join(lines).encode())
        if reply.fault == "truncate":
            writer.write(body[: len(body) // 2])
            await writer.drain()
            return False
        if reply.fault == "drip":
            for at in range(0, len(body), 7):
                writer.write(body[at : at + 7])
                await writer.drain()
                await asyncio.sleep(0.002)
            return True
        writer.write(body)
        await writer.drain()
        return True


def chat_body(text: str, *, model: str = "gpt-test-2026-01-01", **message: Any) -> dict[str, Any]:
    """A chat completion that says `text`."""
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": model,
        "system_fingerprint": "fp_1",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": text, "refusal": None, **message},
                "finish_reason": "tool_calls" if message.get("tool_calls") else "stop",
                "logprobs": None,
            }
        ],
        "usage": {"prompt_tokens": 10, "completion_tokens": 3, "total_tokens": 13},
    }


def error_body(
    message: str, *, code: str | None = None, kind: str = "invalid_request_error", param: str | None = None
) -> dict[str, Any]:
    """An error body."""
    return {"error": {"message": message, "type": kind, "param": param, "code": code}}


def echo(call: Call) -> Reply:
    """Answers every chat call with its last message."""
    if call.method == "GET":
        return Reply(status=404, body=error_body("no such endpoint"))
    return Reply(body=chat_body(f"echo: {call.body['messages'][-1]['content']}"))


def faulty(seed: int, *, shares: Mapping[str, float], stall_s: float = 5.0, then: Script = echo) -> Script:
    """Wraps a script: each call meets each fault with its share, drawn from the seed, its content and its attempt."""

    def script(call: Call) -> Reply:
        if call.method == "GET":
            return then(call)
        number = random.Random(f"{seed} {call.content!r} {call.attempt}").random()
        for fault, share in shares.items():
            if number < share:
                return _fault(fault, then(call), stall_s)
            number -= share
        return then(call)

    return script


def _fault(fault: str, good: Reply, stall_s: float) -> Reply:
    if fault == "429":
        return Reply(
            status=429,
            body=error_body("Rate limit reached", code="rate_limit_exceeded", kind="requests"),
            headers={"retry-after": "0.02"},
        )
    if fault == "500":
        return Reply(status=500, body=error_body("The server had an error", kind="server_error"))
    if fault == "malformed":
        whole = json.dumps(good.body).encode()
        return Reply(body=whole[: len(whole) // 2] + b"}]<html>")
    if fault == "stall":
        return Reply(body=good.body, delay=stall_s)
    return Reply(body=good.body, fault=fault)
