"""The Batch API: upload, wait, collect; half the price, no latency, and a restart continues where it was."""

from __future__ import annotations

import asyncio
import hashlib
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from evalkit.core.errors import ModelError, Problem
from evalkit.core.exchange import Failure, Request, Response
from evalkit.models.openai.adapt import Adaptation
from evalkit.models.openai.answer import Circumstances, respond, until, without
from evalkit.models.openai.apis import Api
from evalkit.models.openai.ask_chat import stops
from evalkit.models.openai.batch_lines import FILE_LINES, Line, Result, files_of, lines_of, read_results, split_lines
from evalkit.models.openai.batch_paid import Spare, note_of, noted_lines
from evalkit.models.openai.batch_state import Sent, SentBatches
from evalkit.models.openai.failures import HOPELESS, read_failure
from evalkit.models.openai.secrets import Redactor
from evalkit.models.openai.transport import connection_failure
from evalkit.suite.spec import ModelSpec

if TYPE_CHECKING:
    from openai import AsyncOpenAI

_RUNNING = ("validating", "in_progress", "finalizing", "cancelling")
_FIRST_POLL_S, _LONGEST_POLL_S = 2.0, 60.0
_ENQUEUED = "enqueued token limit"
"""What the vendor says where batches that are not done yet hold too many tokens"""
_ROUNDS = 4
"""A server may refuse this many parameters, one after the other, before its refusal is final"""
DEADLINE_S = 26 * 3600.0
"""The vendor promises 24 hours; after this the run ends, and a later one collects"""


@dataclass(slots=True, kw_only=True)
class BatchEngine:
    """An engine of the relay that sends requests in batches.

    It sends as few batches as the vendor's limits allow.
    """

    open: Callable[[], Awaitable[AsyncOpenAI]]
    close: Callable[[], Awaitable[None]]
    api: Api
    url: str
    model: str
    fingerprint: str
    spec: ModelSpec
    sent: SentBatches
    adaptation: Adaptation
    redact: Redactor
    clock: Callable[[], float]
    sleep: Callable[[float], Awaitable[None]]
    progress: Callable[[str], None]
    deadline_s: float = DEADLINE_S
    ahead: int = FILE_LINES
    _pending: list[Request] = field(default_factory=list)
    _ended: bool = False
    _due: asyncio.Event = field(default_factory=asyncio.Event)
    _collected: dict[str, tuple[Sent, set[str]]] = field(default_factory=dict)
    """Content of a batch -> the batch, and the lines of it that were asked for or that nobody paid for"""
    spare: Spare = field(default_factory=Spare)
    """Answers that this run did not ask for"""
    _looked: bool = False

    def accept(self, requests: list[Request]) -> None:
        """Take more requests from the relay."""
        self._pending += requests
        if len(self._pending) >= self.ahead:
            self._due.set()

    def acknowledge(self, count: int) -> None:
        """Do nothing: the server keeps a batch's answers until it is forgotten."""

    def no_more(self) -> None:
        """Note that the source of requests is dry."""
        self._ended = True
        self._due.set()

    async def run(self, emit: Callable[[list[Response]], None]) -> None:
        """Send and collect until everything is answered.

        Raises ModelError when the server takes no batch at all.
        """
        client = await self.open()
        try:
            while True:
                await self._due.wait()
                self._due.clear()
                requests, self._pending = self._pending, []
                if requests:
                    await self._answer(client, requests, emit)
                if self._ended and not self._pending:
                    return
        finally:
            await self.close()

    def forget_collected(self) -> None:
        """Forget the notes of collected batches, as far as their answers were taken.

        It is called when the last answer was taken. Lines whose answer nobody kept stay noted: they are paid.
        """
        for sent, settled in self._collected.values():
            rest = [one for one in sent.lines if one not in settled and not self.spare.has_handed_over(one)]
            self.sent.forget(sent)
            if rest:
                left = {one: sent.requests[one] for one in rest if one in sent.requests}
                self.sent.keep(replace(sent, lines=tuple(rest), requests=left))
        self._collected.clear()

    async def _answer(
        self, client: AsyncOpenAI, requests: Sequence[Request], emit: Callable[[list[Response]], None]
    ) -> None:
        for round_left in reversed(range(_ROUNDS)):
            lines = lines_of(requests, api=self.api, model=self.model, spec=self.spec, adaptation=self.adaptation)
            results = await self._results(client, lines)
            again = [line for line in lines if round_left and line.id in results and results[line.id].again]
            later = {line.id for line in again}
            emit([self._response(line, results.get(line.id)) for line in lines if line.id not in later])
            if not again:
                return
            requests = [line.request for line in again]

    async def _results(self, client: AsyncOpenAI, lines: Sequence[Line]) -> dict[str, Result]:
        """Results by line id: from batches sent earlier where they hold a line, else from new ones."""
        by_id = {line.id: line for line in lines}
        waiting = [sent for sent in self.sent.of_model(self.fingerprint) if sent.content not in self._collected]
        batches = [sent for sent in waiting if not by_id.keys().isdisjoint(sent.lines)]
        await self._collect_others(client, [sent for sent in waiting if by_id.keys().isdisjoint(sent.lines)])
        known = {identity for batch in batches for identity in batch.lines}
        if batches:
            self.progress(f"continuing {len(batches)} batches sent earlier ({len(known & by_id.keys())} answers)")
        results: dict[str, Result] = {}
        refused: deque[Sequence[Line]] = deque()
        for part, content in files_of([line for line in lines if line.id not in known], url=self.url):
            sent = await self._send(client, part, content)
            if sent is None:
                refused.append(part)
            else:
                batches.append(sent)
        for batch in batches:
            found = await self._collect(client, batch, by_id)
            if found is None:
                refused.append([by_id[identity] for identity in batch.lines if identity in by_id])
            results |= {result.id: result for result in found or () if result.id in by_id}
        return results | await self._send_less(client, refused, by_id)

    async def _send_less(
        self, client: AsyncOpenAI, refused: deque[Sequence[Line]], by_id: Mapping[str, Line]
    ) -> dict[str, Result]:
        """Send what was too much at once in halves, one after the other; wait where one line alone is too much."""
        results: dict[str, Result] = {}
        started = self.clock()
        while refused:
            part = refused.popleft()
            if self.clock() - started > self.deadline_s:
                full = Failure(kind="rate_limit", message="the server's limit of tokens in batches stayed reached")
                results |= {line.id: Result(id=line.id, said=full) for line in part}
                continue
            middle = (len(part) + 1) // 2
            for half in filter(None, (part[:middle], part[middle:])):
                for lines, content in files_of(half, url=self.url):
                    sent = await self._send(client, lines, content)
                    found = None if sent is None else await self._collect(client, sent, by_id)
                    if found is None:
                        refused.append(lines)
                        self.progress("the server's limit of tokens in batches is reached: smaller ones, later")
                        await self.sleep(_LONGEST_POLL_S)
                    results |= {result.id: result for result in found or ()}
        return results

    async def _send(self, client: AsyncOpenAI, lines: Sequence[Line], content: bytes) -> Sent | None:
        """Upload and start a batch, or find the one that an interrupted run had just started with this very file.

        None where the server takes no more tokens for now.
        """
        name = hashlib.sha256(content).hexdigest()
        try:
            batch_id = None if name in self._collected else await self._find_started(client, name)
            if batch_id is None:
                upload = await client.files.create(file=(f"{name[:16]}.jsonl", content), purpose="batch")
                batch = await client.batches.create(
                    input_file_id=upload.id,
                    endpoint=self.url,  # type: ignore[arg-type]  # Azure's path lacks the /v1
                    completion_window="24h",
                    metadata={"evalkit_content": name},
                )
                batch_id = batch.id
        except Exception as error:
            failure = self._failure(error)
            if _ENQUEUED in failure.message.lower():
                return None
            raise self._unusable(failure) from None
        self.progress(f"batch {batch_id}: {len(lines)} requests sent")
        asked = tuple(line.id for line in lines)
        return self.sent.keep(
            Sent(content=name, batch_id=batch_id, model=self.fingerprint, lines=asked, **note_of(lines))
        )

    async def _collect_others(self, client: AsyncOpenAI, batches: Sequence[Sent]) -> None:
        """Take what batches of other questions have brought by now, once a run, and wait for none."""
        if self._looked:
            return
        self._looked = True
        for sent in batches:
            try:
                done = (await client.batches.retrieve(sent.batch_id)).status not in _RUNNING
            except Exception:  # one that cannot be looked at stays noted
                done = False
            if done and sent.requests:
                await self._collect(client, sent, {})

    def _keep_unasked(self, sent: Sent, results: Sequence[Result], lines: Mapping[str, Line]) -> set[str]:
        """Let answers that this run did not ask for wait to be kept; return the lines that brought none."""
        noted = {line.id: line for line in noted_lines(sent, but=lines)}
        brought = {
            result.id: result for result in results if result.id in noted and not isinstance(result.said, Failure)
        }
        for identity, result in brought.items():
            line = noted[identity]
            self.spare.add(identity, line.request, self._response(line, result))
        return noted.keys() - brought.keys()

    async def _find_started(self, client: AsyncOpenAI, name: str) -> str | None:
        try:
            page = await client.batches.list(limit=100)
        except Exception:  # servers without a list have nothing to find
            return None
        found = (b for b in page.data or () if (b.metadata or {}).get("evalkit_content") == name)
        return next((b.id for b in found if b.status in (*_RUNNING, "completed")), None)

    async def _collect(self, client: AsyncOpenAI, sent: Sent, lines: Mapping[str, Line]) -> list[Result] | None:
        """Wait for a batch to end, then read what it has; what is missing is named by why.

        None where the server took none of it, for it holds too many tokens already.
        """
        try:
            batch = await self._await_end(client, sent)
            results: list[Result] = []
            for file_id in (batch.output_file_id, batch.error_file_id):
                if file_id:
                    results += await self._read_file(client, file_id, lines)
        except TimeoutError:
            late = Failure(kind="timeout", message=f"batch {sent.batch_id} is not done yet; a later run collects it")
            return [Result(id=identity, said=late) for identity in sent.lines]
        except Exception as error:
            failure = self._failure(error)
            return [Result(id=identity, said=failure) for identity in sent.lines]
        _, settled = self._collected.get(sent.content, (sent, set()))
        settled |= {identity for identity in sent.lines if identity in lines}
        self._collected[sent.content] = (sent, settled | self._keep_unasked(sent, results, lines))
        if batch.status == "failed":
            first = next(iter((batch.errors.data if batch.errors else None) or ()), None)
            failure = read_failure(
                {"error": {"code": getattr(first, "code", ""), "message": getattr(first, "message", "")}}
            )
            if _ENQUEUED in failure.message.lower():
                self._collected.pop(sent.content)
                self.sent.forget(sent)
                return None
            if failure.kind in HOPELESS:
                raise self._unusable(failure)
            return [Result(id=identity, said=failure) for identity in sent.lines]
        answered = {result.id for result in results}
        lost = Failure(
            kind="timeout" if batch.status == "expired" else "interrupted",
            message=f"batch {sent.batch_id} ended as {batch.status} without this answer",
        )
        return results + [Result(id=identity, said=lost) for identity in sent.lines if identity not in answered]

    async def _read_file(self, client: AsyncOpenAI, file_id: str, lines: Mapping[str, Line]) -> list[Result]:
        """Read a result file line by line, as it arrives."""
        found: list[Result] = []
        async with client.files.with_streaming_response.content(file_id) as reply:
            async for line in split_lines(reply.iter_bytes()):
                found += read_results([line], api=self.api, adaptation=self.adaptation, sent=lines)
        return found

    async def _await_end(self, client: AsyncOpenAI, sent: Sent) -> Any:
        started, pause, told = self.clock(), _FIRST_POLL_S, ""
        while True:
            batch = await client.batches.retrieve(sent.batch_id)
            if batch.status not in _RUNNING:
                return batch
            counts = batch.request_counts
            news = f"batch {batch.id}: {batch.status}" + (f", {counts.completed} of {counts.total}" if counts else "")
            if news != told:
                self.progress(told := news)
            if self.clock() - started + pause > self.deadline_s:
                raise TimeoutError
            await self.sleep(pause)
            pause = min(_LONGEST_POLL_S, pause * 1.5)

    def _response(self, line: Line, result: Result | None) -> Response:
        said = result.said if result else Failure(kind="interrupted", message="the batch holds no such line")
        if isinstance(said, Failure):
            said = Failure(kind=said.kind, message=self.redact(said.message), status=said.status)
        else:
            said = until(without(said, self.redact.redact_known), stops(line.request, self.spec))
        around = Circumstances(request_id=result.request_id if result else None, adapted=line.adapted)
        return respond(line.request, said, circumstances=around)

    def _failure(self, error: Exception) -> Failure:
        reply = getattr(error, "response", None)
        if reply is None:
            failure, _ = connection_failure(error)
        else:
            failure = read_failure(getattr(error, "body", None) or reply.text, status=reply.status_code)
        return Failure(kind=failure.kind, message=self.redact(failure.message), status=failure.status)

    def _unusable(self, failure: Failure) -> ModelError:
        return ModelError(Problem(what=f"{self.model} takes no batch ({failure.kind}): {self.redact(failure.message)}"))
