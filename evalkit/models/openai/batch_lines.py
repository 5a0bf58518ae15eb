"""The lines of a batch: requests on their way up, answers on their way down."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from evalkit.core.exchange import Failure, Json, Request
from evalkit.core.fingerprint import digest
from evalkit.core.rows import dump
from evalkit.models.openai.adapt import Adaptation
from evalkit.models.openai.answer import Answer
from evalkit.models.openai.apis import Api
from evalkit.models.openai.body_limit import LIMIT
from evalkit.models.openai.failures import parameter_of, read_failure
from evalkit.models.openai.malformed_call import malformed_call
from evalkit.models.openai.read_body import SHAPE, read_parsed
from evalkit.models.openai.read_values import parse_json, text_of
from evalkit.suite.spec import ModelSpec

FILE_BYTES = 100_000_000
"""A batch file holds at most so much (the vendor's limit is 200 MB)"""
FILE_LINES = 50_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One request of a batch.

    `id` is made of its content, so that a later run recognises it.
    """

    id: str
    request: Request
    body: Mapping[str, Json]
    adapted: Mapping[str, Json]


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One answered line.

    `again`: it is to be asked once more, for the server's own 400 taught how to ask differently, or was a 429 or a 500.
    """

    id: str
    said: Answer | Failure
    request_id: str | None = None
    again: bool = False


def lines_of(
    requests: Sequence[Request], *, api: Api, model: str, spec: ModelSpec, adaptation: Adaptation
) -> list[Line]:
    """Return a line a request; tell equal bodies apart by counting them."""
    seen: Counter[str] = Counter()
    lines = []
    for request in requests:
        body = api.ask(request, model=model, spec=spec)
        body.pop("stream", None)
        body.pop("stream_options", None)
        adapted = adaptation.apply(body)
        content = digest([body, request.repeat])[:40]
        lines.append(Line(id=f"{content}-{seen[content]}", request=request, body=body, adapted=adapted))
        seen[content] += 1
    return lines


def files_of(lines: Sequence[Line], *, url: str) -> Iterator[tuple[list[Line], bytes]]:
    """Cut the lines into files that the vendor accepts."""
    part: list[Line] = []
    rows: list[bytes] = []
    size = 0
    for line in lines:
        row = {"custom_id": line.id, "method": "POST", "url": url, "body": line.body}
        text = dump(row) + b"\n"  # half of a surrogate pair is escaped: one odd prompt spoils no file
        if part and (size + len(text) > FILE_BYTES or len(part) >= FILE_LINES):
            yield part, b"".join(rows)
            part, rows, size = [], [], 0
        part.append(line)
        rows.append(text)
        size += len(text)
    if part:
        yield part, b"".join(rows)


async def split_lines(pieces: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
    """Yield the lines of a file that arrives in pieces.

    A line longer than an answer may be is left out, and never held whole.
    """
    held, skipping = b"", False
    async for piece in pieces:
        *whole, held = (held + piece).split(b"\n")
        for line in whole:
            if not skipping and line.strip():
                yield line
            skipping = False
        if len(held) > LIMIT:
            held, skipping = b"", True
    if held.strip() and not skipping:
        yield held


def read_results(
    lines: Iterable[bytes], *, api: Api, adaptation: Adaptation, sent: Mapping[str, Line]
) -> Iterator[Result]:
    """Yield the results in the lines of an output or error file.

    A line that is no JSON is skipped; its request then counts as missing.

    A line of a shape nobody knows is malformed, and spoils no other line.
    """
    for text in lines:
        try:
            row = parse_json(text)
        except ValueError:
            continue
        if isinstance(row, Mapping) and isinstance(row.get("custom_id"), str):
            try:
                yield _result(row, api, adaptation, sent.get(row["custom_id"]))
            except SHAPE as error:
                what = f"the line has an unknown shape ({type(error).__name__}: {error})"
                yield Result(id=row["custom_id"], said=Failure(kind="malformed", message=what))


def _result(row: Mapping[str, Json], api: Api, adaptation: Adaptation, line: Line | None) -> Result:
    identity, reply = row["custom_id"], row.get("response")
    if not isinstance(reply, Mapping):
        error = row.get("error") or {}
        expired = isinstance(error, Mapping) and error.get("code") == "batch_expired"
        failure = read_failure({"error": error})
        if expired:
            failure = Failure(kind="timeout", message=failure.message)
        return Result(id=identity, said=failure)
    status, body = reply.get("status_code"), reply.get("body")
    if status == 200:
        return Result(id=identity, said=read_parsed(api, body), request_id=text_of(reply.get("request_id")))
    attempted = malformed_call(body)
    if attempted is not None:
        return Result(id=identity, said=attempted, request_id=text_of(reply.get("request_id")))
    failure = read_failure(body, status=status)
    learned = line is not None and adaptation.learn(failure.message, param=parameter_of(body), sent=line.body)
    again = learned or failure.kind in ("rate_limit", "server")
    return Result(id=identity, said=failure, request_id=text_of(reply.get("request_id")), again=again)
