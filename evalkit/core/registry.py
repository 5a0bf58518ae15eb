"""Names to things: "exact" -> "evalkit.scorers.exact:Exact", loaded when asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from importlib.metadata import entry_points

from evalkit.core.errors import Problem, UsageError, did_you_mean, join_allowed


class Registry:
    """A table of names. On a miss the installed entry points of `group` are asked before giving up.

    >>> Registry("gate", {"floor": "evalkit.core.errors:Problem"}, group="none").load("flor")
    Traceback (most recent call last):
    ...
    evalkit.core.errors.UsageError: unknown gate 'flor' (did you mean 'floor'?)
        allowed: floor
    """

    def __init__(self, kind: str, table: Mapping[str, str], *, group: str) -> None:
        self.kind = kind
        self.group = group
        self._table = dict(table)

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._table))

    def __contains__(self, name: object) -> bool:
        return name in self._table or any(point.name == name for point in entry_points(group=self.group))

    def load(self, name: str) -> object:
        """The thing behind a name; UsageError with the nearest name otherwise."""
        target = self._table.get(name)
        if target is not None:
            module, _, attribute = target.partition(":")
            return getattr(import_module(module), attribute)
        for point in entry_points(group=self.group):
            if point.name == name:
                return point.load()
        names = {*self._table, *(point.name for point in entry_points(group=self.group))}
        raise UsageError(self.problem(name, names))

    def problem(self, name: str, names: set[str] | None = None) -> Problem:
        """The sentence about a name that does not exist."""
        known = names if names is not None else set(self._table)
        return Problem(
            what=f"unknown {self.kind} {name!r}{did_you_mean(name, known)}", allowed=join_allowed(list(known))
        )
