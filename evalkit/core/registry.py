"""Names to things: "exact" -> "evalkit.scorers.exact:Exact", loaded when asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import cast

from evalkit.core.errors import EvalkitError, Problem, UsageError, did_you_mean, join_allowed

Check = Callable[[str, object], str | None]
"""What is wrong with a thing that a user brings under a name; None if nothing is"""

REGISTRIES: Mapping[str, str] = {
    "gate": "evalkit.gates.kinds:GATES",
    "importer": "evalkit.foreign.kinds:IMPORTERS",
    "provider": "evalkit.models:PROVIDERS",
    "scorer": "evalkit.scorers.table:SCORERS",
    "section": "evalkit.report.kinds:SECTIONS",
    "tracker": "evalkit.publish.kinds:TRACKERS",
}
"""What users can bring, and where its table stands: rooms below a table find it here"""


class Registry:
    """A table of names and the things behind them.

    What it lacks is looked for among what was registered, then in the entry points of `group`. `check` says what is
    wrong with a thing that did not come from the table.

    >>> Registry("gate", {"floor": "evalkit.core.errors:Problem"}, group="none").load("flor")
    Traceback (most recent call last):
    ...
    evalkit.core.errors.UsageError: unknown gate 'flor' (did you mean 'floor'?)
        allowed: floor
    """

    def __init__(self, kind: str, table: Mapping[str, str], *, group: str, check: Check | None = None) -> None:
        self.kind = kind
        self.group = group
        self._table = dict(table)
        self._registered: dict[str, object] = {}
        self._check = check

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._table))

    def __contains__(self, name: object) -> bool:
        return name in self._table or name in self._registered or name in self._points()

    def names(self) -> tuple[str, ...]:
        """List every name: those of the table first, then those of users.

        The table's stand in its order, those that users brought by name.
        """
        return (*self._table, *sorted({*self._registered, *self._points()} - {*self._table}))

    def is_own(self, name: str) -> bool:
        """Tell whether evalkit itself brings the thing."""
        return name in self._table

    def register(self, name: str, thing: object) -> None:
        """Add a thing for this process.

        A later one of the same name takes its place. UsageError for a name that evalkit has itself, or a thing that
        cannot be one of the kind.
        """
        if name in self._table:
            todo = f"register it under another name; evalkit's own are: {join_allowed(list(self._table))}"
            raise UsageError(Problem(what=f"{self.kind} {name!r} is evalkit's own", todo=todo))
        self._refuse(name, thing, brought="registered")
        self._registered[name] = thing

    def forget(self, name: str) -> None:
        """Take back what was registered under a name; nothing happens where nothing was."""
        self._registered.pop(name, None)

    def load(self, name: str) -> object:
        """Load the thing behind a name.

        UsageError with the nearest name where there is none.
        """
        target = self._table.get(name)
        if target is not None:
            module, _, attribute = target.partition(":")
            found = import_module(module)
            return getattr(found, attribute) if attribute else found
        if name in self._registered:
            return self._registered[name]
        point = self._points().get(name)
        if point is None:
            raise UsageError(self.problem(name))
        return self._load_brought(point)

    def problem(self, name: str) -> Problem:
        """Write the sentence about a name that does not exist."""
        known = self.names()
        near = did_you_mean(name, known)
        elsewhere = (
            f"one that a conftest.py or a notebook registers is known there alone; a package brings a {self.kind} to "
            f"every command by the entry point {self.group}"
        )
        return Problem(
            what=f"unknown {self.kind} {name!r}{near}", allowed=join_allowed(known), todo=None if near else elsewhere
        )

    def _points(self) -> dict[str, EntryPoint]:
        return {point.name: point for point in entry_points(group=self.group)}

    def _load_brought(self, point: EntryPoint) -> object:
        """What a package brings; UsageError with its entry point where that cannot be loaded."""
        try:
            thing: object = point.load()
        except EvalkitError:
            raise
        except (Exception, SystemExit) as error:
            what = f"{self.kind} {point.name!r} cannot be loaded: {type(error).__name__}: {error}"
            todo = f"mend the entry point {self.group} {point.name} = {point.value}, or remove its package"
            raise UsageError(Problem(what=what, todo=todo)) from error
        self._refuse(point.name, thing, brought=f"entry point {point.value}")
        return thing

    def _refuse(self, name: str, thing: object, *, brought: str) -> None:
        why = self._check(name, thing) if self._check is not None else None
        if why is not None:
            raise UsageError(Problem(what=f"{self.kind} {name!r} ({brought}): {why}"))


def registry_of(kind: str) -> Registry:
    """Return the table of one kind of thing that users can bring.

    It comes from the room that has it.

    >>> "exact" in registry_of("scorer")
    True
    """
    module, _, attribute = REGISTRIES[kind].partition(":")
    return cast(Registry, getattr(import_module(module), attribute))


def register_gate(name: str, gate: type) -> None:
    """Add a gate class for this process.

    Suites give its name as `type`. UsageError for a name that evalkit has itself, or a class that is no gate.
    """
    register("gate", name, gate)


def register_importer(name: str, importer: object) -> None:
    """Add an importer of results or suites for this process.

    UsageError for a name that evalkit has itself, or a thing that is no importer.
    """
    register("importer", name, importer)


def register_provider(name: str, opener: Callable[..., object]) -> None:
    """Add a provider, which opens models, for this process.

    It is a function (name, spec, context) that opens a model. UsageError for a name that evalkit has itself.
    """
    register("provider", name, opener)


def register_scorer(name: str, scorer: object) -> None:
    """Add a scorer for this process.

    It is a frozen dataclass, a scorer object, or a function under `@evalkit.scorer`. UsageError for a name that evalkit
    has itself, or a thing that is no scorer.
    """
    register("scorer", name, scorer)


def register_section(name: str, section: object) -> None:
    """Add a section of the report for this process: an object with blocks(comparison, verdict).

    UsageError for a name that evalkit has itself, or a thing that is no section.
    """
    register("section", name, section)


def register_tracker(name: str, tracker: object) -> None:
    """Add a tracker, where verdicts are published, for this process.

    UsageError for a name that evalkit has itself, or a thing that is no tracker.
    """
    register("tracker", name, tracker)


def register(kind: str, name: str, thing: object) -> None:
    """Add a gate, importer, provider, scorer, section or tracker for this process.

    It is what notebooks and conftest files do. UsageError for a kind that does not exist, a name that evalkit has
    itself, a thing that cannot be of the kind.
    """
    if kind not in REGISTRIES:
        what = f"nothing of the kind {kind!r} can be registered{did_you_mean(kind, REGISTRIES)}"
        raise UsageError(Problem(what=what, allowed=join_allowed(list(REGISTRIES))))
    registry_of(kind).register(name, thing)
