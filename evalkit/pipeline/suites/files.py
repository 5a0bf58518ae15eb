"""The files that a suite reads beside its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from evalkit.core.errors import EvalkitError
from evalkit.data.source import files
from evalkit.suite.load import Suite


def files_of_suite(suite: Suite) -> Iterator[Path]:
    """List what a suite reads; some may not be there.

    That is its data and training data, and the files that its families and scorers name.
    """
    data = suite.spec.dataset
    with suppress(EvalkitError):
        yield from map(Path, files(suite.beside(data.path.removeprefix("file://"))))
    yield from map(suite.beside, data.trained_on)
    yield from map(suite.beside, suite.spec.training.files if suite.spec.training else ())
    if suite.spec.families is not None:
        named = (*suite.spec.families.swap, *suite.spec.families.slots.values())
        yield from (suite.beside(name) for name in named if name.endswith((".yaml", ".yml")))
    for scorer in suite.spec.scorers.values():
        yield from map(suite.beside, _texts(scorer.options))


def _texts(value: object) -> Iterator[str]:
    """Every text in an option: any may be the name of a file."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
