"""A gate, importer, provider, scorer, section or tracker of your own for the time of a test."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from evalkit.core.registry import register, registry_of


@contextmanager
def register_temporarily(kind: str, name: str, thing: object) -> Iterator[None]:
    """Register `thing` under `name` inside the block.

    Suites know it then, as if a package had brought it. `kind` is "gate", "importer", "provider", "scorer",
    "section" or "tracker". UsageError for a name that evalkit has itself, or a thing that cannot be of the kind.
    """
    register(kind, name, thing)
    try:
        yield
    finally:
        registry_of(kind).forget(name)
