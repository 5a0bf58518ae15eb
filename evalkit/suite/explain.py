"""pydantic's errors as Problems: which key, where in the file, what is allowed, what was probably meant."""

from __future__ import annotations

import datetime as dt
import types
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Annotated, Any, Literal, Union, cast, get_args, get_origin

from pydantic import BaseModel, ValidationError

from evalkit.core.errors import Location, Problem, did_you_mean, join_allowed
from evalkit.suite.gate_spec import GateSpec, gate_kind

Loc = tuple[int | str, ...]
Locate = Callable[[Loc], Location | None]
"""The place in the file of a key path; None where there is no file."""


def problems_of(
    error: ValidationError,
    *,
    document: object,
    locate: Locate,
    known_keys: Callable[[Loc], Sequence[str]],
) -> tuple[Problem, ...]:
    """Write one Problem a mistake, in the order of the file.

    `document` is the value that was validated; `known_keys(loc)` lists the keys allowed where an unknown one stood.
    Branches of a union that failed for the same value are told as one problem.
    """
    grouped: dict[Loc, list[Mapping[str, Any]]] = {}
    for item in error.errors(include_url=False):
        path = existing_path(document, item["loc"])
        if item["type"] in ("missing", "union_tag_not_found"):
            path = (*path, _last_name(item))
        grouped.setdefault(path, []).append({**item, "path": path})
    problems = [
        _tell(items, locate=locate, known_keys=known_keys)
        for path, items in grouped.items()
        if not _is_other_branch(path, items, grouped) and not _is_misspelt(path, items, grouped, known_keys)
    ]
    return in_file_order(problems)


def in_file_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Sort the problems of one file by their place in it."""
    return tuple(sorted(problems, key=_in_file_order))


def existing_path(document: object, loc: Iterable[int | str]) -> Loc:
    """Keep the parts of a `loc` that are real keys and indices.

    The `loc` is pydantic's; the keys and indices are those of the document.

    >>> existing_path({"gates": [{"margin": "x"}]}, ("gates", 0, "no_regression", "margin", "float"))
    ('gates', 0, 'margin')
    """
    path: list[int | str] = []
    here = document
    for step in loc:
        if isinstance(here, Mapping):
            inside = step in here
        else:
            inside = isinstance(here, (list, tuple)) and isinstance(step, int) and step < len(here)
        if inside:
            here = cast(Any, here)[step]
            path.append(step)
    return tuple(path)


def model_keys(model: type[BaseModel], loc: Iterable[int | str]) -> list[str]:
    """List the keys a shape allows where the last step of `loc` stands.

    They are those of the mapping that holds the step.
    """
    here: Any = model
    for step in tuple(loc)[:-1]:
        here = _inside(here, step)
    return sorted(field.alias or name for name, field in here.model_fields.items()) if _is_model(here) else []


def kind_of(value: object) -> str:
    """Name what a YAML value is, in plain words.

    >>> kind_of(3), kind_of([1]), kind_of(None)
    ('a whole number (3)', 'a list', 'nothing')
    """
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return f"{'true' if value else 'false'}"
    if isinstance(value, int):
        return f"a whole number ({value})"
    if isinstance(value, float):
        return f"a number ({value})"
    if isinstance(value, str):
        return f"the text {value[:40]!r}"
    if isinstance(value, dt.datetime):
        return f"a date with a time ({value})"
    if isinstance(value, dt.date):
        return f"a date ({value}; quote it to make it text)"
    return "a mapping" if isinstance(value, Mapping) else "a list"


_WANTED = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "list_type": "a list",
    "tuple_type": "a list",
    "dict_type": "a mapping",
    "mapping_type": "a mapping",
    "model_type": "a mapping",
    "typed_dict_type": "a mapping",
    "model_attributes_type": "a mapping",
    "date_type": "a date such as 2027-01-31",
    "path_type": "a path",
    "none_required": "nothing",
}


def _tell(items: Sequence[Mapping[str, Any]], *, locate: Locate, known_keys: Callable[[Loc], Sequence[str]]) -> Problem:
    path: Loc = items[0]["path"]
    where = locate(path)
    name = _dot(path)
    wanted = [_WANTED[i["type"]] for i in items if i["type"] in _WANTED]
    if wanted and len(wanted) == len(items):
        return Problem(
            what=f"{name} must be {' or '.join(dict.fromkeys(wanted))}, not {kind_of(items[0]['input'])}", where=where
        )
    item = next((i for i in items if i["type"] not in _WANTED), items[0])
    kind, context = item["type"], item.get("ctx", {})
    last = str(path[-1]) if path else ""
    if kind == "extra_forbidden":
        allowed = list(known_keys(item["loc"]))
        inside = f" in {_dot(path[:-1])}" if len(path) > 1 else ""
        return Problem(
            what=f"unknown key {last!r}{inside}{did_you_mean(last, allowed)}",
            where=where,
            allowed=join_allowed(allowed) or None,
        )
    if kind in ("missing", "union_tag_not_found"):
        inside = f" in {_dot(path[:-1])}" if len(path) > 1 else ""
        return Problem(what=f"the key {last!r} is missing{inside}", where=where)
    if kind == "union_tag_invalid":
        tags = _read_quoted(str(context.get("expected_tags", "")))
        tag = str(context.get("tag", ""))
        return Problem(
            what=f"unknown {name}.type {tag!r}{did_you_mean(tag, tags)}",
            where=locate((*path, "type")),
            allowed=join_allowed(tags),
        )
    if kind == "literal_error":
        choices = _read_quoted(str(context.get("expected", "")))
        got = item["input"]
        near = did_you_mean(got, choices) if isinstance(got, str) and got not in choices else ""
        told = f"{got}" if isinstance(got, (int, float)) and not isinstance(got, bool) else kind_of(got)
        return Problem(what=f"{name} cannot be {told}{near}", where=where, allowed=", ".join(choices))
    sentence = _sentence(item)
    return Problem(what=f"{name}{' ' if sentence.startswith('must') else ': '}{sentence}", where=where)


def _is_other_branch(path: Loc, items: Sequence[Mapping[str, Any]], grouped: Iterable[Loc]) -> bool:
    """Whether these only say that a value is none of the other kinds, while a mistake inside it is told as well."""
    deeper = any(len(other) > len(path) and other[: len(path)] == path for other in grouped)
    return deeper and isinstance(items[0]["input"], (Mapping, list)) and all(i["type"] in _WANTED for i in items)


def _is_misspelt(
    path: Loc,
    items: Sequence[Mapping[str, Any]],
    grouped: Mapping[Loc, Sequence[Mapping[str, Any]]],
    known_keys: Callable[[Loc], Sequence[str]],
) -> bool:
    """Whether these only say that a key is missing which stands beside, misspelt: that is told there."""
    mark = path == ("evalkit",)  # without it the file may be none of ours: told in any case
    return (
        items[0]["type"] == "missing"
        and not mark
        and any(
            repr(path[-1]) in did_you_mean(str(other[-1]), known_keys(found[0]["loc"]))
            for other, found in grouped.items()
            if found[0]["type"] == "extra_forbidden" and other[:-1] == path[:-1]
        )
    )


def _sentence(item: Mapping[str, Any]) -> str:
    context = item.get("ctx", {})
    given = item["input"]
    # a bound is about the value: what kind it is of needs no telling
    got = str(given) if isinstance(given, (int, float)) and not isinstance(given, bool) else kind_of(given)
    for kind, words in (
        ("greater_than_equal", f"must be at least {context.get('ge')}"),
        ("greater_than", f"must be more than {context.get('gt')}"),
        ("less_than_equal", f"must be at most {context.get('le')}"),
        ("less_than", f"must be less than {context.get('lt')}"),
        ("finite_number", "must be a finite number"),
    ):
        if item["type"] == kind:
            return f"{words}, not {got}"
    if item["type"] == "invalid_key":
        return "must have text as its key"
    if item["type"] in ("too_short", "string_too_short"):
        return "must not be empty"
    message = str(item["msg"])
    return message.removeprefix("Value error, ")


def _last_name(item: Mapping[str, Any]) -> str:
    return "type" if item["type"] == "union_tag_not_found" else str(item["loc"][-1])


def _dot(path: Loc) -> str:
    """``gates[0].margin``."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text or "the file"


def _read_quoted(text: str) -> list[str]:
    """The words of pydantic's ``'a', 'b' or 'c'``."""
    return text.split("'")[1::2] or [part.strip() for part in text.replace(" or ", ", ").split(",") if part.strip()]


def _in_file_order(problem: Problem) -> tuple[int, int]:
    where = problem.where
    return (where.line or 0, where.column or 0) if where else (0, 0)


def _is_model(kind: object) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _inside(kind: Any, step: int | str) -> Any:
    """The type behind one step of a `loc`: a field, an index, a key, or the tag of a union's branch."""
    while get_origin(kind) is Annotated:
        kind = get_args(kind)[0]
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        for branch in arguments:
            if _is_model(branch) and (step in _tags(branch) or step == branch.__name__):
                return branch
            if _is_model(branch) and step in branch.model_fields:
                return _inside(branch, step)
        plain = [branch for branch in arguments if get_origin(branch) in (list, dict)]
        return _inside(plain[0], step) if plain else None
    if kind is GateSpec:
        return gate_kind(str(step))
    if _is_model(kind):
        field = kind.model_fields.get(step)
        return _unwrap(field.annotation) if field else None
    return _unwrap(arguments[-1]) if origin in (list, dict, tuple) and arguments else None


def _unwrap(kind: Any) -> Any:
    """`X | None` as X; an Annotated union keeps its branches."""
    while get_origin(kind) is Annotated:
        kind = get_args(kind)[0]
    if get_origin(kind) in (Union, types.UnionType):
        rest = [branch for branch in get_args(kind) if branch is not type(None)]
        return rest[0] if len(rest) == 1 else kind
    return kind


def _tags(branch: type[BaseModel]) -> tuple[Any, ...]:
    field = branch.model_fields.get("type")
    return get_args(field.annotation) if field and get_origin(field.annotation) is Literal else ()
