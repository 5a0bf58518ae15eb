from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from openai_loopback import CANARY, Loopback, Script

from evalkit.core.exchange import Message, Request, Sampling
from evalkit.models.context import Context
from evalkit.models.open import open_model
from evalkit.models.openai.model import OpenAIModel
from evalkit.suite.spec import Limits, ModelSpec


@pytest.fixture
def serve() -> Iterator[Callable[[Script], Loopback]]:
    """Starts loopback servers; they end with the test."""
    servers: list[Loopback] = []

    def start(script: Script) -> Loopback:
        servers.append(Loopback(script))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


@pytest.fixture
def model_at(tmp_path: Path) -> Callable[..., OpenAIModel]:
    """Opens a model at a loopback server: `model_at(server, api="chat", limits={...}, progress=list.append)`."""

    def start(
        server: Loopback,
        *,
        limits: dict[str, Any] | None = None,
        progress: Any = None,
        now: float | None = None,
        **spec: Any,
    ) -> OpenAIModel:
        said = progress if progress is not None else (lambda _: None)
        context = Context(root=tmp_path, environ={"OPENAI_API_KEY": CANARY}, progress=said)
        if now is not None:
            context = Context(root=tmp_path, environ=context.environ, progress=said, now=lambda: now)
        merged = {"provider": "openai", "model": "gpt-test", "base_url": server.url, **spec}
        opened = open_model("m", ModelSpec(**merged, limits=Limits(**(limits or {}))), context)
        assert isinstance(opened, OpenAIModel)
        return opened

    return start


@pytest.fixture
def ask() -> Callable[..., Request]:
    """Writes a request: `ask("text", id="1", tools=..., **sampling)`."""

    def build(text: str, *, id: str = "1", tools: tuple[Any, ...] = (), repeat: int = 0, **sampling: Any) -> Request:
        message = Message(role="user", content=text)
        return Request(example_id=id, messages=(message,), tools=tools, repeat=repeat, sampling=Sampling(**sampling))

    return build
