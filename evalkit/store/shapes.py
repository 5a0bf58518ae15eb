"""Nouns to JSON and back, led by their type hints: what a field's type says is what is read."""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from evalkit.core.exchange import Json

T = TypeVar("T")
Reader = Callable[[Json], Any]
_PLAIN = frozenset({str, int, float, bool, type(None)})


def to_json(value: Any) -> Json:
    """Turn a noun into JSON without the fields that have their default.

    So a million rows stay small.
    """
    kind: Any = type(value)
    if kind in _PLAIN:
        return value
    if kind is dict:
        return {str(key): item if type(item) in _PLAIN else to_json(item) for key, item in value.items()}
    if kind is tuple or kind is list:
        return [item if type(item) in _PLAIN else to_json(item) for item in value]
    defaults = _defaults(kind)
    if defaults is not None:
        fields = ((name, getattr(value, name), default) for name, default in defaults)
        return {name: to_json(item) for name, item, default in fields if item is not default and item != default}
    if isinstance(value, Mapping):
        return to_json(dict(value))
    return to_json(list(value)) if isinstance(value, (list, tuple)) else value


def from_json(kind: type[T], value: Json) -> T:
    """Read the noun of type `kind` that `to_json` wrote.

    TypeError or KeyError where the JSON has another shape.
    """
    shape: Any = kind
    result: T = _reader(shape)(value)
    return result


@cache
def _defaults(kind: Any) -> tuple[tuple[str, object], ...] | None:
    """The fields of a noun with their defaults; None where `kind` is no noun."""
    if not dataclasses.is_dataclass(kind):
        return None
    out = []
    for field in dataclasses.fields(kind):
        default = field.default
        if field.default_factory is not dataclasses.MISSING:
            default = field.default_factory()
        out.append((field.name, default))
    return tuple(out)


@cache
def _reader(kind: Any) -> Reader:
    """How a value of this type is read; made once a type."""
    origin, arguments = get_origin(kind), get_args(kind)
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        return _noun_reader(kind)
    if origin in (Union, types.UnionType):
        return _union_reader(arguments)
    if origin is tuple:
        return _tuple_reader(arguments)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return _mapping_reader(arguments[1])
    if origin in (Sequence, Iterable):
        return _tuple_reader((arguments[0], Ellipsis))
    if origin is Literal or kind in (Any, str, int, bool):
        return _as_is
    if kind is float:
        return float
    raise TypeError(f"no way to read a {kind!r} from JSON")


def _as_is(value: Json) -> Json:
    return value


def _noun_reader(kind: Any) -> Reader:
    hints = get_type_hints(kind)
    readers = {field.name: _reader(hints[field.name]) for field in dataclasses.fields(kind)}
    return lambda value: kind(**{name: readers[name](item) for name, item in value.items()})


def _union_reader(arguments: tuple[Any, ...]) -> Reader:
    """`X | None`, `str | tuple[...]` told apart by whether the JSON is a list, and one of several nouns."""
    rest = [argument for argument in arguments if argument is not type(None)]
    if len(rest) > 1 and all(map(dataclasses.is_dataclass, rest)):
        return _noun_of_several_reader(rest)
    listed = [argument for argument in rest if get_origin(argument) is tuple]
    single = [argument for argument in rest if get_origin(argument) is not tuple]
    read_list = _reader(listed[0]) if listed else _as_is
    read_single = _reader(single[0]) if single else _as_is

    def read(value: Json) -> Any:
        if value is None:
            return None
        return read_list(value) if isinstance(value, list) and listed else read_single(value)

    return read


def _noun_of_several_reader(kinds: list[Any]) -> Reader:
    """The noun that needs most of what is there: fields without a default are always written."""
    needed = {
        kind: {
            field.name
            for field in dataclasses.fields(kind)
            if field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
        }
        for kind in kinds
    }
    most_first = sorted(kinds, key=lambda kind: -len(needed[kind]))
    return lambda value: _reader(next(kind for kind in most_first if needed[kind] <= value.keys()))(value)


def _tuple_reader(arguments: tuple[Any, ...]) -> Reader:
    if len(arguments) == 2 and arguments[1] is Ellipsis:
        each = _reader(arguments[0])
        return lambda value: tuple(each(item) for item in value)
    readers = [_reader(argument) for argument in arguments]
    return lambda value: tuple(read(item) for read, item in zip(readers, value, strict=True))


def _mapping_reader(argument: Any) -> Reader:
    read = _reader(argument)
    if read is _as_is:
        return dict
    return lambda value: {key: read(item) for key, item in value.items()}
