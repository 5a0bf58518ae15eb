"""One attempt: post a body, read what comes back, name what went wrong. Never raises for what a server can do."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from evalkit.core.exchange import Failure, Json, Request, Response
from evalkit.models.openai.adapt import Adaptation
from evalkit.models.openai.answer import Answer, Circumstances, respond, until, without
from evalkit.models.openai.apis import Api
from evalkit.models.openai.ask_chat import stops
from evalkit.models.openai.body_limit import within_limit
from evalkit.models.openai.failures import parameter_of, read_failure
from evalkit.models.openai.malformed_call import malformed_call
from evalkit.models.openai.read_body import read_body, read_events_of
from evalkit.models.openai.read_sse import EventLines, carries_output
from evalkit.models.openai.read_values import parse_json
from evalkit.models.openai.secrets import Redactor
from evalkit.models.openai.transport import connection_failure
from evalkit.suite.spec import ModelSpec

if TYPE_CHECKING:
    from openai import AsyncOpenAI

Headers = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptResult:
    """What one attempt brought. `headers` are the server's, empty where none came.

    `unreachable`: no connection could be made at all. `adapted`: refused for a parameter that is now sent differently.
    """

    response: Response
    headers: Headers
    unreachable: bool = False
    adapted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """All that one attempt needs; shared by every call of a model."""

    client: AsyncOpenAI
    raw: type[Any]
    url: str
    options: Any
    transport_errors: tuple[type[Exception], ...]
    api: Api
    model: str
    spec: ModelSpec
    adaptation: Adaptation
    redact: Redactor
    clock: Callable[[], float]

    async def attempt(self, request: Request) -> AttemptResult:
        """Ask once."""
        body = self.api.ask(request, model=self.model, spec=self.spec)
        adapted = self.adaptation.apply(body)
        started = self.clock()
        try:
            async with asyncio.timeout(self.spec.limits.timeout_s):
                if body.get("stream"):
                    said, headers, first = await self._read_stream(body, started)
                else:
                    reply = await self.client.post(self.url, cast_to=self.raw, body=body, options=self.options)
                    said, headers, first = read_body(self.api, reply.content), _plain(reply.headers), None
        except TimeoutError:
            said, headers, first = self._too_slow(), {}, None
        except UnicodeEncodeError as error:  # of the body: headers are ASCII before a client is opened
            what = f"the prompt cannot be sent, {error.object[error.start]!r} is half of a surrogate pair"
            said, headers, first = Failure(kind="bad_request", message=what), {}, None
        except self.transport_errors as error:
            return self._name_failure(request, error, body, adapted=adapted, taken=self.clock() - started)
        taken = self.clock() - started
        return AttemptResult(
            response=respond(
                request,
                self._cut(request, said) if isinstance(said, Answer) else self._clean(said),
                circumstances=Circumstances(
                    latency_s=taken,
                    first_token_s=first,
                    request_id=self._id_of(headers),
                    adapted=adapted,
                ),
            ),
            headers=headers,
        )

    async def _read_stream(
        self, body: dict[str, Json], started: float
    ) -> tuple[Answer | Failure, Headers, float | None]:
        """Read a stream event by event; the seconds to the first that carries output."""
        from openai import AsyncStream

        reply: Any = await self.client.post(
            self.url,
            cast_to=self.raw,
            body=body,
            options=self.options,
            stream=True,
            stream_cls=AsyncStream[object],
        )
        lines, first, head, size = EventLines(), None, b"", 0
        events: list[Json] = []
        try:
            async for piece in reply.aiter_bytes():
                size = within_limit(size + len(piece))
                head = b"" if events else head + piece
                for data in lines.feed(piece):
                    event = parse_json(data)
                    events.append(event)
                    if first is None and carries_output(event):
                        first = self.clock() - started
            events += [parse_json(data) for data in lines.close()]
        except ValueError:
            return Failure(kind="malformed", message="an event of the stream is not JSON"), _plain(reply.headers), None
        finally:
            await reply.aclose()
        if not events and not lines.done and head.strip():  # a server that does not stream: one body, as ever
            return read_body(self.api, head), _plain(reply.headers), None
        return read_events_of(self.api, events, done=lines.done), _plain(reply.headers), first

    def _name_failure(
        self, request: Request, error: Exception, body: dict[str, Json], *, adapted: Mapping[str, Json], taken: float
    ) -> AttemptResult:
        """Name an exception of the client: an error status with its body, or a connection that did not hold."""
        reply = getattr(error, "response", None)
        if reply is None:
            failure, unreachable = connection_failure(error)
            return AttemptResult(response=self._answer_with(request, failure), headers={}, unreachable=unreachable)
        try:
            content = parse_json(reply.content)
        except ValueError:
            content = reply.text
        attempted = malformed_call(content)
        if attempted is not None:
            headers = _plain(reply.headers)
            known = Circumstances(latency_s=taken, request_id=self._id_of(headers), adapted=adapted)
            return AttemptResult(
                response=respond(request, self._cut(request, attempted), circumstances=known), headers=headers
            )
        failure = read_failure(content, status=reply.status_code)
        learned = reply.status_code in (400, 422) and self.adaptation.learn(
            failure.message, param=parameter_of(content), sent=body
        )
        headers = _plain(reply.headers)
        return AttemptResult(
            response=self._answer_with(request, failure, self._id_of(headers)), headers=headers, adapted=learned
        )

    def _answer_with(self, request: Request, failure: Failure, request_id: str | None = None) -> Response:
        return respond(request, self._clean(failure), circumstances=Circumstances(request_id=request_id))

    def _cut(self, request: Request, said: Answer) -> Answer:
        return until(without(said, self.redact.redact_known), stops(request, self.spec))

    def _id_of(self, headers: Headers) -> str | None:
        found = headers.get("x-request-id")
        return None if found is None else self.redact.redact_known(found)

    def _clean(self, failure: Failure) -> Failure:
        return Failure(kind=failure.kind, message=self.redact(failure.message), status=failure.status)

    def _too_slow(self) -> Failure:
        return Failure(kind="timeout", message=f"no whole answer within {self.spec.limits.timeout_s:g} s")


def _plain(headers: Any) -> Headers:
    """Headers as a plain dict in lower case: the client's own mapping decodes all of them at every look."""
    return {name.lower().decode("latin-1"): value.decode("latin-1") for name, value in headers.raw}
