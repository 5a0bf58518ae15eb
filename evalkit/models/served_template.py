"""How a server writes a conversation before its model reads it: llama.cpp's and vLLM's own endpoints."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from evalkit.core.errors import ModelError, Problem
from evalkit.core.exchange import Json, Message

_TIMEOUT_S = 30.0
_ABSENT = (404, 405, 501)


class ServedTemplate:
    """Asks a server for the prompt that it makes of messages; nothing is generated.

    llama.cpp answers `/apply-template` with the text, and `/tokenize` tells whether it puts a token in front. vLLM's
    `/tokenize` takes messages and answers with ids; `decode` makes a text of them. Raises ModelError for a server that
    cannot be reached or offers neither.
    """

    def __init__(
        self,
        url: str,
        *,
        decode: Callable[[list[int]], str],
        bos: str = "",
        model: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.root = url.rstrip("/").removesuffix("/v1")
        self.label = url
        self._decode, self._bos, self._model = decode, bos, model
        self._headers = {"Content-Type": "application/json", **(headers or {})}
        self._way: Callable[[dict[str, Json]], str] | None = None

    def write(self, messages: Sequence[Message], tools: Sequence[Mapping[str, Json]]) -> str:
        """Write the prompt of a conversation; raise ValueError where the server refuses it."""
        said = [message.wire() for message in messages]
        body: dict[str, Json] = {"messages": [dict(one) for one in said]}
        if tools:
            body["tools"] = [dict(tool) for tool in tools]
        if self._way is None:
            return self._find_way(body)
        return self._way(body)

    def _find_way(self, body: dict[str, Json]) -> str:
        for way in (self._llama, self._vllm):
            try:
                text = way(body)
            except _NotThereError:
                continue
            self._way = way
            return text
        raise ModelError(
            Problem(
                what=f"{self.label} tells no prompt: it has no /apply-template, and no /tokenize that takes messages",
                allowed="a server of llama.cpp (llama-server --jinja) or vLLM; or a template file, or a local model",
            )
        )

    def _llama(self, body: dict[str, Json]) -> str:
        told = self._post("/apply-template", body)
        prompt = told.get("prompt")
        if not isinstance(prompt, str):
            raise _NotThereError
        return self._front(prompt) + prompt

    def _front(self, prompt: str) -> str:
        """What the server puts in front of a prompt: llama.cpp adds a BOS where the model wants one."""
        if not self._bos:
            return ""
        try:
            told = self._post("/tokenize", {"content": prompt, "add_special": True, "parse_special": True})
        except _NotThereError:
            return ""
        ids = told.get("tokens")
        if not isinstance(ids, list) or not all(isinstance(one, int) for one in ids):
            return ""
        read = self._decode(list(ids[:4]))
        return self._bos * max(_count_front(read, self._bos) - _count_front(prompt, self._bos), 0)

    def _vllm(self, body: dict[str, Json]) -> str:
        more: dict[str, Json] = {"add_generation_prompt": True}
        if self._model is None:
            self._model = self._first_model()
        told = self._post("/tokenize", {"model": self._model, **body, **more})
        ids = told.get("tokens")
        if not isinstance(ids, list) or not all(isinstance(one, int) for one in ids):
            raise _NotThereError
        return self._decode(list(ids))

    def _first_model(self) -> str:
        listed = self._ask("/v1/models", None).get("data")
        first = listed[0] if isinstance(listed, list) and listed else {}
        return str(first.get("id", "")) if isinstance(first, Mapping) else ""

    def _post(self, path: str, body: Mapping[str, Json]) -> dict[str, Any]:
        return self._ask(path, json.dumps(body).encode("utf-8"))

    def _ask(self, path: str, data: bytes | None) -> dict[str, Any]:
        request = urllib.request.Request(self.root + path, data=data, headers=self._headers)
        try:
            with urllib.request.urlopen(request, timeout=_TIMEOUT_S) as answer:
                told = json.loads(answer.read())
        except urllib.error.HTTPError as error:
            if error.code in _ABSENT:
                raise _NotThereError from None
            why = error.read(2_000).decode("utf-8", "replace")
            if error.code in (400, 422, 500):
                raise ValueError(f"{self.label} refused the messages: {error.code} {why}") from None
            raise ModelError(Problem(what=f"{self.label} answers {error.code} to {path}: {why[:200]}")) from None
        except (OSError, ValueError) as error:
            todo = "start the server, and name its address, e.g. http://127.0.0.1:8080"
            raise ModelError(Problem(what=f"{self.label} cannot be asked: {error}", todo=todo)) from None
        return told if isinstance(told, dict) else {}


def _count_front(text: str, mark: str) -> int:
    """How often a text begins with a mark."""
    count = 0
    while text.startswith(mark, count * len(mark)):
        count += 1
    return count


class _NotThereError(Exception):
    """An endpoint that the server does not have."""
