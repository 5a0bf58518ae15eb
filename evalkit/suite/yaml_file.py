"""A YAML 1.2 file as plain values, with the place of every key."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from evalkit.core.encoding import foreign
from evalkit.core.errors import Location, Problem, SuiteError
from evalkit.core.lookalikes import LOOKALIKES

_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'|(?:^|\s)#.*")
"""What stands in quotes or in a comment"""


@dataclass(frozen=True, slots=True, kw_only=True)
class YamlFile:
    """The values of a file (`data`), its bytes, and where each of them stands."""

    path: Path
    data: Any
    raw: bytes = field(repr=False)
    node: Node | None = field(default=None, repr=False)

    def locate(self, *keys: int | str) -> Location:
        """Locate a key path in the file.

        Its nearest parent where the path ends early; the file where nothing fits.
        """
        mark = self.node.start_mark if self.node is not None else None
        here = self.node
        for key in keys:
            step = _step(here, key)
            if step is None:
                break
            mark, here = step
        if mark is None:
            return Location(file=str(self.path))
        return Location(file=str(self.path), line=mark.line + 1, column=mark.column + 1)

    def endless(self) -> tuple[Problem, ...]:
        """Find aliases that stand inside what they name.

        Such a value has no end.
        """
        return tuple(_endless(self.node, self.path, set(), set()))


def read_yaml(path: Path, raw: bytes | None = None) -> YamlFile:
    """Read one document; build only plain YAML values.

    Nothing in the file is ever executed. `raw` are the bytes where there is no file. Raises SuiteError: no such file,
    not UTF-8, broken YAML, a key written twice (all of them at once).
    """
    try:
        raw = path.read_bytes() if raw is None else raw
    except OSError as error:
        raise SuiteError(Problem(what=f"cannot read {path}: {error.strerror or error}")) from None
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        known = foreign(str(path), raw)
        if known is not None:
            raise SuiteError(replace(known, what=f"the file is {known.what}")) from None
        raise SuiteError(
            Problem(
                what=f"the file is not UTF-8 (byte {raw[error.start]:#04x})",
                where=Location(file=str(path), line=line),
                todo="save it as UTF-8",
            )
        ) from None
    yaml = YAML(typ="safe", pure=True)
    node: Node | None = None
    try:
        node = yaml.compose(text)
        twice = tuple(_keys_written_twice(node, path))
        if twice:
            raise SuiteError(twice)
        data = yaml.constructor.construct_document(node) if node is not None else None
    except MarkedYAMLError as error:
        raise SuiteError(_yaml_problem(error, path, text)) from None
    except (YAMLError, ValueError, RecursionError) as error:
        where = _find_breaking(node, path) or Location(file=str(path))
        raise SuiteError(Problem(what=f"not valid YAML: {error}", where=where)) from None
    return YamlFile(path=path, data=data, raw=raw, node=node)


def _step(node: Node | None, key: int | str) -> tuple[Any, Node] | None:
    """The mark and the value node behind one key or index."""
    if isinstance(node, MappingNode):
        for name, value in node.value:
            if name.value == str(key):
                return name.start_mark, value
    if isinstance(node, SequenceNode) and isinstance(key, int) and key < len(node.value):
        return node.value[key].start_mark, node.value[key]
    return None


def _keys_written_twice(node: Node | None, path: Path, seen: set[int] | None = None) -> Iterator[Problem]:
    seen = set() if seen is None else seen
    if node is None or id(node) in seen:
        return
    seen.add(id(node))
    if isinstance(node, MappingNode):
        first: dict[str, int] = {}
        for name, value in node.value:
            word = str(name.value) if not isinstance(name.value, list) else ""
            if word and word in first and word != "<<":
                mark = name.start_mark
                yield Problem(
                    what=f"the key {word!r} is written twice (first in line {first[word]})",
                    where=Location(file=str(path), line=mark.line + 1, column=mark.column + 1),
                )
            first.setdefault(word, name.start_mark.line + 1)
            yield from _keys_written_twice(value, path, seen)
    elif isinstance(node, SequenceNode):
        for item in node.value:
            yield from _keys_written_twice(item, path, seen)


def _endless(node: Node | None, path: Path, above: set[int], seen: set[int]) -> Iterator[Problem]:
    if not isinstance(node, (MappingNode, SequenceNode)) or id(node) in seen:
        return
    seen.add(id(node))
    above.add(id(node))
    pairs = node.value if isinstance(node, MappingNode) else [(node, item) for item in node.value]
    for place, value in pairs:
        if id(value) in above:
            mark = place.start_mark
            yield Problem(
                what=f"the alias *{value.anchor} stands inside what it names: it would have no end",
                where=Location(file=str(path), line=mark.line + 1, column=mark.column + 1),
            )
        yield from _endless(value, path, above, seen)
    above.discard(id(node))


def _find_breaking(node: Node | None, path: Path, seen: set[int] | None = None) -> Location | None:
    """The first plain value that looks like a date or a number and is none (a 31st of February)."""
    seen = set() if seen is None else seen
    if node is None or id(node) in seen:
        return None
    seen.add(id(node))
    if isinstance(node, ScalarNode):
        try:
            YAML(typ="safe", pure=True).constructor.construct_object(node)
        except ValueError:
            return Location(file=str(path), line=node.start_mark.line + 1, column=node.start_mark.column + 1)
        return None
    parts = [part for pair in node.value for part in pair] if isinstance(node, MappingNode) else node.value
    return next((found for part in parts if (found := _find_breaking(part, path, seen))), None)


def _yaml_problem(error: MarkedYAMLError, path: Path, text: str) -> Problem:
    mark = error.problem_mark or error.context_mark
    where = Location(file=str(path), line=mark.line + 1, column=mark.column + 1) if mark else Location(file=str(path))
    words = " ".join(part for part in (error.context, error.problem) if part)
    begin = error.context_mark.line if error.context_mark else where.line - 2 if where.line else 0
    return Problem(what=f"not valid YAML: {words}", where=where, todo=_lookalike(text, begin, where.line or 0))


def _lookalike(text: str, begin: int, end: int) -> str | None:
    """About the first full-width or typographic mark in lines [begin, end), outside of quotes and comments."""
    lines = text.splitlines()
    for number in range(max(0, begin), min(end, len(lines))):
        bare = _QUOTED.sub("", lines[number])
        mark = next((mark for mark in bare if mark in LOOKALIKES), None)
        if mark is not None:
            return (
                f"a full-width or typographic {mark} stands in line {number + 1}; YAML reads {LOOKALIKES[mark]} alone"
            )
    return None
