"""Answers that are known beforehand: for tests, and as baselines that any model must beat."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterable, Iterator, Mapping

from evalkit.core.errors import ModelError, Problem
from evalkit.core.exchange import Failure, ModelIdentity, Request, Response
from evalkit.core.fingerprint import digest
from evalkit.core.ports import ModelFacts
from evalkit.models.context import Context
from evalkit.suite.spec import ModelSpec

Answer = str | Response
Script = Mapping[str, Answer] | Callable[[Request], Answer]

_ALLOWED = "echo, nothing, constant:TEXT"
_serial = itertools.count()


class ScriptedModel:
    """A model that answers from a mapping of ids, or from a function.

    The function is called with the request.

    An id that the mapping lacks is a failure of kind `missing`. A function's identity cannot be seen from outside, so
    each ScriptedModel over one is a model of its own unless `fingerprint` says otherwise.
    """

    def __init__(self, answers: Script, *, name: str = "scripted", fingerprint: str | None = None) -> None:
        self._answers = answers
        if fingerprint is None:
            seen = f"{os.getpid()}-{next(_serial)}" if callable(answers) else dict(answers)
            fingerprint = digest(["scripted", seen])
        self._identity = ModelIdentity(name=name, provider="scripted", model=name, fingerprint=fingerprint)

    @property
    def identity(self) -> ModelIdentity:
        """Who answers."""
        return self._identity

    @property
    def facts(self) -> ModelFacts:
        """Free; an answer is where it was before, in the script."""
        return ModelFacts(metered=False, kept=False)

    @property
    def scores_choices(self) -> bool:
        """Never: a script writes text."""
        return False

    def answer(self, requests: Iterable[Request]) -> Iterator[Response]:
        """Yield one response a request, in the order asked."""
        for request in requests:
            yield self._answer(request)

    def close(self) -> None:
        """Close nothing, for nothing is open."""

    def _answer(self, request: Request) -> Response:
        if callable(self._answers):
            answer: object = self._answers(request)
        else:
            answer = self._answers.get(request.example_id)
        if isinstance(answer, Response):
            return answer
        if answer is None:
            failure = Failure(kind="missing", message=f"the script has no answer to {request.example_id!r}")
            return Response(example_id=request.example_id, repeat=request.repeat, failure=failure)
        if not isinstance(answer, str):
            what = f"the function of {self._identity.name!r} answered {request.example_id!r} with {answer!r:.60}"
            raise ModelError(Problem(what=what, allowed="text, an evalkit.Response, or None where it has no answer"))
        return Response(
            example_id=request.example_id,
            repeat=request.repeat,
            text=answer,
            finish="stop",
            prompt_sha256=request.prompt_sha256 or None,
        )


def open_scripted(name: str, spec: ModelSpec, context: Context) -> ScriptedModel:
    """Open a scripted model by its name.

    `echo` repeats the last user message, `nothing` is silent, `constant:TEXT` always says TEXT.
    """
    kind, _, text = (spec.model or "").partition(":")
    scripts: dict[str, Callable[[Request], Answer]] = {
        "echo": _echo,
        "nothing": lambda _: "",
        "constant": lambda _: text,
    }
    if kind not in scripts or (text and kind != "constant"):
        what = f"model {name!r}: there is no script {spec.model!r}"
        raise ModelError(Problem(what=what, allowed=_ALLOWED, todo="model: constant:yes"))
    return ScriptedModel(scripts[kind], name=name, fingerprint=digest(["scripted", kind, text]))


def _echo(request: Request) -> str:
    """The text of the last user message; of several parts the text ones, joined."""
    for message in reversed(request.messages):
        if message.role == "user":
            if isinstance(message.content, tuple):
                return "".join(str(part.get("text", "")) for part in message.content)
            return message.content or ""
    return ""
