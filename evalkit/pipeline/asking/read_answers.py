"""Every answer is read once, the way its suite says, between whoever gave it and the scorers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from evalkit.core.exchange import Response
from evalkit.reading.response import Reading, mark_pair, read_response
from evalkit.suite.spec import ReadingSpec


def read_answers(responses: Iterable[Response], spec: ReadingSpec) -> Iterator[Response]:
    """Split the responses, as they come, into thought, answer and ending.

    What was kept years ago is read by today's rules.
    """
    how = reading_of(spec)
    return (read_response(response, how) for response in responses)


def reading_of(spec: ReadingSpec) -> Reading:
    """Return how a suite reads answers."""
    return Reading(
        keep=spec.thoughts == "keep",
        marks=tuple(mark_pair(mark) for mark in spec.marks),
        filtered_refuses=spec.filtered == "refusal",
    )
