"""An arm out of a recording: the model may be gone, its answers are still here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from evalkit.core.errors import ModelError, Problem
from evalkit.core.nouns import Failure, ModelIdentity, Request, Response
from evalkit.core.recording import Recording
from evalkit.models.context import Context
from evalkit.suite.spec import ModelSpec

Kept = Mapping[tuple[str, int], tuple[Response, ...]]


class ReplayModel:
    """Answers each request with what was kept for its id and repeat, or with a failure of kind `missing`.

    A response keeps the `prompt_sha256` of its row (None where the recording has none), so that whoever compares can
    prove that the model saw this very prompt. Where several suites are in one file a row is taken from `suite`, and
    without one from the row whose prompt is the one asked.
    """

    def __init__(self, recording: Recording, *, name: str, source: str, suite: str | None = None) -> None:
        self._recording = recording
        self._source = source
        self._suite = suite
        self._kept = _by_id(recording.responses, suite)
        self._asked: set[tuple[str, int]] = set()
        self._missing = 0
        self._unproven = 0
        details = {**recording.model.details, "recording": source, "recording_sha256": recording.sha256}
        if recording.created:
            details["recorded"] = recording.created
        self._identity = replace(recording.model, name=name, details=details)

    @property
    def identity(self) -> ModelIdentity:
        """Who was recorded: the header's model, or the digest of the rows where the header proves none."""
        return self._identity

    @property
    def recording(self) -> Recording:
        """The recording behind this arm."""
        return self._recording

    @property
    def scores_choices(self) -> bool:
        """Whether the recorded model chose by log-likelihood."""
        return any(r.choice_scores for rows in self._kept.values() for r in rows)

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader should know after the answers were drawn: surplus rows, missing ones, prompts not provable."""
        surplus = len(self._kept.keys() - self._asked)
        found = [
            (surplus, f"{surplus} answers of {self._source} belong to no example that was asked"),
            (self._missing, f"{self._missing} examples have no answer in {self._source}"),
            (self._unproven, f"{self._unproven} answers of {self._source} do not say which prompt they answer"),
        ]
        return tuple(sentence for count, sentence in found if count)

    def for_suite(self, suite: str) -> ReplayModel:
        """The same arm, answering only from the rows of this suite (and from rows that name none)."""
        return ReplayModel(self._recording, name=self._identity.name, source=self._source, suite=suite)

    def answer(self, requests: Iterable[Request]) -> Iterator[Response]:
        """One response a request, in the order asked."""
        for request in requests:
            yield self._answer(request)

    def close(self) -> None:
        """Nothing is open."""

    def _answer(self, request: Request) -> Response:
        place = (request.example_id, request.repeat)
        self._asked.add(place)
        rows = self._kept.get(place, ())
        if not rows:
            self._missing += 1
            message = f"{self._source} has no answer to {request.example_id!r} (repeat {request.repeat})"
            failure = Failure(kind="missing", message=message)
            return Response(example_id=request.example_id, repeat=request.repeat, failure=failure)
        response = next((row for row in rows if row.prompt_sha256 == request.prompt_sha256), rows[0])
        self._unproven += response.prompt_sha256 is None
        return response


def open_replay(name: str, spec: ModelSpec, context: Context) -> ReplayModel:
    """The arm of the recording that `recording` (or `model`) names; ModelError where the spec names none."""
    source = spec.recording or spec.model
    if source is None:
        todo = "recording: PATH of a .jsonl or .jsonl.gz file"
        raise ModelError(Problem(what=f"model {name!r} is a replay, but names no recording", todo=todo))
    return ReplayModel(Recording.read(context.path(source)), name=name, source=Path(source).name)


def _by_id(responses: Iterable[Response], suite: str | None) -> Kept:
    """(id, repeat) -> the rows that may answer it, those of the named suite before those that name none."""
    kept: dict[tuple[str, int], tuple[Response, ...]] = {}
    for response in responses:
        if suite is None or response.suite in (suite, None):
            place = (response.example_id, response.repeat)
            kept[place] = (*kept.get(place, ()), response)
    if suite is not None:
        return {place: tuple(sorted(rows, key=lambda r: r.suite is None)) for place, rows in kept.items()}
    return kept
