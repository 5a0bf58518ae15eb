"""Answers of a batch that this run did not ask for: they are paid, and kept for the run that will."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from evalkit.core.exchange import EMPTY, Json, Request, Response, Sampling
from evalkit.core.fingerprint import plain
from evalkit.models.openai.batch_lines import Line
from evalkit.models.openai.batch_state import Sent


@dataclass(slots=True, kw_only=True)
class Spare:
    """Answers that wait to be kept, each with its line's id.

    They are put in on the loop's thread and taken on another.
    """

    _waiting: deque[tuple[str, Request, Response]] = field(default_factory=deque)
    _taken: set[str] = field(default_factory=set)

    def add(self, identity: str, request: Request, response: Response) -> None:
        """Let an answer wait."""
        self._waiting.append((identity, request, response))

    def take(self) -> list[tuple[Request, Response]]:
        """Hand over everything that waits."""
        found: list[tuple[Request, Response]] = []
        while self._waiting:
            identity, request, response = self._waiting.popleft()
            self._taken.add(identity)
            found.append((request, response))
        return found

    def has_handed_over(self, identity: str) -> bool:
        """Tell whether the answer of a line was taken."""
        return identity in self._taken


def note_of(lines: Sequence[Line]) -> dict[str, Json]:
    """Write down what it takes to keep answers: requests and their `ways`.

    A request is [key, prompt_sha256, repeat, example id, number of its way]; requests without a key are left out.
    """
    ways: list[Json] = []
    numbers: dict[str, int] = {}
    requests: dict[str, Json] = {}
    for line in lines:
        asked = line.request
        if not asked.key:
            continue
        way = {"sampling": plain(asked.sampling), "adapted": dict(line.adapted)}
        number = numbers.setdefault(repr(way), len(ways))
        if number == len(ways):
            ways.append(way)
        requests[line.id] = [asked.key, asked.prompt_sha256, asked.repeat, asked.example_id, number]
    return {"requests": requests, "ways": ways}


def noted_lines(sent: Sent, *, but: Collection[str]) -> Iterator[Line]:
    """Yield the noted lines that are not among `but`, without their messages.

    A line whose note cannot be read is left out: it stays noted.
    """
    for identity, asked in sent.requests.items():
        if identity not in but:
            try:
                key, prompt, repeat, example, number = (
                    str(asked[0]),
                    str(asked[1]),
                    int(asked[2]),
                    str(asked[3]),
                    asked[4],
                )
                way = sent.ways[number]
                sampling = _sampling(way["sampling"])
                adapted: Mapping[str, Json] = way["adapted"] or EMPTY
            except (TypeError, ValueError, KeyError, IndexError):
                continue
            request = Request(
                example_id=example, messages=(), sampling=sampling, repeat=repeat, key=key, prompt_sha256=prompt
            )
            yield Line(id=identity, request=request, body={}, adapted=adapted)


def _sampling(row: Mapping[str, Json]) -> Sampling:
    return Sampling(**{**row, "stop": tuple(row["stop"])})
