"""An arm out of a recording: the model may be gone, its answers are still here."""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from evalkit.core.errors import ModelError, Problem
from evalkit.core.exchange import Failure, ModelIdentity, Request, Response, Turn
from evalkit.core.notes import Note
from evalkit.core.ports import ModelFacts
from evalkit.core.recording import Recording
from evalkit.models.context import Context
from evalkit.suite.spec import ModelSpec

PROVIDER = "replay"
_IDS = 3
"""How many of its ids a recording shows where a suite asks for others"""


class ReplayModel:
    """A model that answers from a recording.

    It answers each request with what was kept for its id and repeat, or with a failure of kind `missing`.

    A response keeps the `prompt_sha256` of its row (None where the recording has none), so that whoever compares can
    prove that the model saw this very prompt. Where a recording holds several suites a row answers only requests of
    its own suite; a row or a request that names none fits all, and then the row whose prompt is asked comes first.
    """

    def __init__(self, recording: Recording, *, name: str, source: str) -> None:
        self._recording = recording
        self._source = source
        self._kept: dict[str, Response | list[Response]] = {}
        for row in recording.responses:
            _add(self._kept, row)
        self._served: set[int] = set()
        self._suites: set[str | None] = {None}
        self._any_suite = False
        self._missing = 0
        self._unproven = 0
        details = {
            **recording.model.details,
            "recording": source,
            "recording_sha256": recording.sha256,
            "recorded_from": f"{recording.model.provider}:{recording.model.model}",
            "recorded_generate": dict(recording.generate),
            "recorded_ids": sorted({row.example_id for row in recording.responses})[:_IDS],
        }
        if recording.created:
            details["recorded"] = recording.created
        self._identity = replace(recording.model, name=name, provider=PROVIDER, details=details)

    @property
    def identity(self) -> ModelIdentity:
        """Who was recorded, under the header's fingerprint.

        It is the digest of the rows where the header proves none.
        """
        return self._identity

    @property
    def facts(self) -> ModelFacts:
        """Recorded: nothing is asked, nothing is kept twice."""
        return ModelFacts(
            metered=False,
            recorded=True,
            kept=False,
            measures_text=self.scores_choices,
            continues=self._recording.model.provider == "local",
        )

    @property
    def recording(self) -> Recording:
        """The recording behind this arm."""
        return self._recording

    @property
    def scores_choices(self) -> bool:
        """Whether the recorded model chose by log-likelihood."""
        return any(row.choice_scores for row in self._recording.responses)

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader should know once the answers are drawn.

        It tells of surplus rows, missing ones, prompts not provable.

        Rows of suites that were not asked are not surplus.
        """
        rows = (row for row in self._recording.responses if self._any_suite or row.suite in self._suites)
        surplus = sum(id(row) not in self._served for row in rows)
        left_over = f"answers of {self._source} that belong to no example that was asked: {surplus}"
        lacking = f"examples without an answer in {self._source}: {self._missing}"
        unproven = f"answers of {self._source} that do not say which prompt they answer: {self._unproven}"
        found = [
            (surplus, Note(left_over, kind="surplus_answers")),
            (self._missing, Note(lacking, kind="missing_answers")),
            (self._unproven, Note(unproven)),
        ]
        return tuple(sentence for count, sentence in found if count)

    def answer(self, requests: Iterable[Request]) -> Iterator[Response]:
        """Yield one response a request, in the order asked."""
        for request in requests:
            yield self._answer(request)

    def close(self) -> None:
        """Close nothing, for nothing is open."""

    def _answer(self, request: Request) -> Response:
        self._suites.add(request.suite)
        self._any_suite |= request.suite is None
        rows = self._rows_for(request)
        if not rows:
            self._missing += request.turn is None or (request.turn.step == 1 and request.turn.number == request.turn.of)
            message = f"{self._source} has no answer to {request.example_id!r} (repeat {request.repeat})"
            failure = Failure(kind="missing", message=message)
            return Response(example_id=request.example_id, repeat=request.repeat, failure=failure)
        response = next((row for row in rows if row.prompt_sha256 == request.prompt_sha256), rows[0])
        self._served.add(id(response))
        self._unproven += response.prompt_sha256 is None
        return response

    def _rows_for(self, request: Request) -> list[Response]:
        """The rows of this id and repeat, those of the request's own suite before those that name none."""
        found = self._kept.get(request.example_id, [])
        rows = [row for row in (found if isinstance(found, list) else [found]) if row.repeat == request.repeat]
        rows = _of_turn(rows, request.turn)
        if request.suite is None or (len(rows) == 1 and rows[0].suite == request.suite):
            return rows
        return sorted((row for row in rows if row.suite in (request.suite, None)), key=lambda row: row.suite is None)


def _of_turn(rows: list[Response], turn: Turn | None) -> list[Response]:
    """The rows that answer this call; one without a turn answers all of its row, and so the last turn."""
    if turn is None:
        return [row for row in rows if row.turn is None]
    exact = [row for row in rows if row.turn == turn.number and (row.step or 1) == turn.step]
    if exact or turn.number < turn.of or turn.step > 1:
        return exact
    return [row for row in rows if row.turn is None]


def _add(kept: dict[str, Response | list[Response]], row: Response) -> None:
    """Keep a row under its id; by itself where it is the only one, for a list takes more room than most answers."""
    known = kept.get(row.example_id)
    if known is None:
        kept[row.example_id] = row
    elif isinstance(known, list):
        known.append(row)
    else:
        kept[row.example_id] = [known, row]


def as_replay(spec: ModelSpec) -> ModelSpec:
    """Return the spec with its recording in the model's place."""
    return spec.model_copy(update={"provider": PROVIDER, "options": {}})


def replay_spec(path: Path) -> ModelSpec:
    """Return the spec of the arm that a recording is."""
    return ModelSpec(provider=PROVIDER, recording=str(path))


def is_recording(path: Path) -> bool:
    """Tell whether a file begins as a recording does."""
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            return b'"evalkit_recording"' in file.readline(65_536)
    except (OSError, EOFError):
        return True  # a damaged recording is told as one, not left out


def recording_of(spec: ModelSpec) -> str | None:
    """Return the recording that answers for a spec; None where a model does."""
    return spec.recording if spec.provider == PROVIDER else None


def open_replay(name: str, spec: ModelSpec, context: Context) -> ReplayModel:
    """Open the arm of the recording that `recording` (or `model`) names.

    Raises ModelError where the spec names none.
    """
    source = spec.recording or spec.model
    if source is None:
        todo = "recording: PATH of a .jsonl or .jsonl.gz file"
        raise ModelError(Problem(what=f"model {name!r} is a replay, but names no recording", todo=todo))
    path, here = context.path(source), Path.cwd()
    shown = path.relative_to(here) if path.is_relative_to(here) else path  # as it is typed, in what is told of it
    return ReplayModel(Recording.read(shown), name=name, source=Path(source).name)
