"""A file that breaks its shape, as far as it can be read: what is wrong is left out, the rest is checked too."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar, cast

from pydantic import BaseModel, ValidationError
from ruamel.yaml.nodes import MappingNode, Node, SequenceNode

from evalkit.suite.explain import Loc, existing_path
from evalkit.suite.yaml_file import YamlFile

_Shape = TypeVar("_Shape", bound=BaseModel)
_ROUNDS = 20
_MOST = 100_000
"""Values of a file whose aliases are written out; beyond this nothing is mended"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mended(Generic[_Shape]):
    """What is left of a file.

    `source` locates what is left where it was written.
    """

    spec: _Shape
    source: YamlFile
    dropped: frozenset[Loc]
    """Paths that were left out, as they are written in the file, and those of top-level keys that are not there"""
    incomplete: frozenset[Loc]
    """Mappings, by their place in `spec`, that lost a key: what they lack may be what was misspelt"""


def recover(source: YamlFile, shape: type[_Shape], stand_ins: Mapping[str, Any]) -> Mended[_Shape] | None:
    """Return the file without what breaks `shape`.

    None where too little is left, or where an alias stands in its own anchor. `stand_ins` are values for top-level keys
    that must be there; the caller takes them out again.
    """
    try:
        data, node = _Tree().of(source.data), _Tree().of(source.node)
    except (_NoTree, RecursionError):
        return None
    dropped: set[Loc] = set()
    incomplete: list[Any] = []
    places = _Places()
    for _ in range(_ROUNDS):
        try:
            spec = shape.model_validate(data)
        except ValidationError as error:
            wrong: set[Loc] = set()
            for item in error.errors(include_url=False):
                path = existing_path(data, item["loc"])
                if path or item["type"] != "missing":
                    wrong.add(path)
                    continue
                key = str(item["loc"][-1])
                if key not in stand_ins:
                    return None
                data[key] = copy.deepcopy(stand_ins[key])
                dropped.add((key,))
            if () in wrong:
                return None
            innermost = [
                path for path in wrong if not any(len(o) > len(path) and o[: len(path)] == path for o in wrong)
            ]
            for path in sorted(innermost, key=lambda path: tuple(map(_order, path)), reverse=True):
                dropped.add(places.path_in_file(path))
                incomplete.append(_take_out(data, node, path))
                places.move_up(path)
            continue
        ids = {id(item) for item in incomplete}
        found = frozenset(_paths_of(data, ids)) if ids else frozenset()
        return Mended(
            spec=spec, source=replace(source, data=data, node=node), dropped=frozenset(dropped), incomplete=found
        )
    return None


class _NoTree(Exception):
    """Written out, it would have no end, or none in reach."""


class _Tree:
    """Copies of values and nodes in which every alias has a copy of its own: one may lose what another keeps."""

    def __init__(self) -> None:
        self._left = _MOST
        self._above: set[int] = set()

    def of(self, value: Any) -> Any:
        """The copy; what is neither a mapping nor a list is never altered, so it is taken as it is."""
        if not isinstance(value, (dict, list, tuple, MappingNode, SequenceNode)):
            return value
        inside = value.value if isinstance(value, Node) else value
        self._left -= 1 + len(inside)
        if self._left < 0 or id(value) in self._above:
            raise _NoTree
        self._above.add(id(value))
        copied: Any
        if isinstance(value, dict):
            copied = {key: self.of(item) for key, item in value.items()}
        elif isinstance(value, MappingNode):
            copied = copy.copy(value)
            copied.value = [(key, self.of(item)) for key, item in inside]
        elif isinstance(value, SequenceNode):
            copied = copy.copy(value)
            copied.value = [self.of(item) for item in inside]
        else:
            copied = [self.of(item) for item in inside]
        self._above.discard(id(value))
        return copied


class _Places:
    """Where the items of lists stood before others were taken out of them."""

    def __init__(self) -> None:
        self._gone: list[Loc] = []

    def path_in_file(self, path: Loc) -> Loc:
        """The path as the file has it."""
        for gone in reversed(self._gone):
            depth = len(gone) - 1
            last, here = gone[depth], path[depth] if len(path) > depth else None
            if path[:depth] == gone[:depth] and isinstance(here, int) and isinstance(last, int) and here >= last:
                path = (*path[:depth], here + 1, *path[depth + 1 :])
        return path

    def move_up(self, path: Loc) -> None:
        """An item was taken out: those behind it move up."""
        if isinstance(path[-1], int):
            self._gone.append(path)


def _order(step: int | str) -> tuple[int, str]:
    return (step, "") if isinstance(step, int) else (-1, str(step))


def _take_out(data: Any, node: Node | None, path: Loc) -> Any:
    """Take the value at a path out of the data and the nodes alike; what held it comes back."""
    for step in path[:-1]:
        data, node = data[step], _below(node, step)
    last = path[-1]
    del data[last]
    if isinstance(node, MappingNode):
        node.value = [pair for pair in node.value if pair[0].value != str(last)]
    elif isinstance(node, SequenceNode) and isinstance(last, int):
        node.value = [item for index, item in enumerate(node.value) if index != last]
    return data


def _below(node: Node | None, step: int | str) -> Node | None:
    if isinstance(node, MappingNode):
        return next((cast(Node, value) for name, value in node.value if name.value == str(step)), None)
    if isinstance(node, SequenceNode) and isinstance(step, int) and step < len(node.value):
        return cast(Node, node.value[step])
    return None


def _paths_of(data: Any, ids: set[int], path: Loc = ()) -> list[Loc]:
    found = [path] if id(data) in ids else []
    inside = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for step, value in inside:
        found += _paths_of(value, ids, (*path, step))
    return found
