"""JSON Schema validation with compiled schemas kept, formats checked, and no network: jsonschema, or jsonschema-rs."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from evalkit.core.errors import MissingExtra
from evalkit.core.exchange import Json
from evalkit.scorers.schemas.accept import acceptor
from evalkit.scorers.schemas.ecma import BadPattern
from evalkit.scorers.schemas.formats import FORMATS
from evalkit.scorers.schemas.keywords import (
    additional_properties,
    dependencies,
    multiple_of,
    pattern,
    pattern_properties,
    properties,
)
from evalkit.scorers.schemas.patterns import TookTooLong, compile_pattern, only_pythons_where_unevaluated
from evalkit.scorers.schemas.plain import is_plainly_good
from evalkit.scorers.schemas.references import BadReference, follow_references, place_of_fault, readable

Backend = Literal["jsonschema", "jsonschema-rs"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """One way a value breaks its schema.

    Pointers are JSON pointers: into the value, and into the schema.
    """

    keyword: str
    pointer: str
    schema_pointer: str
    message: str


class BadSchema(ValueError):
    """The schema is not valid JSON Schema, or refers to what is missing."""


Check = Callable[[Json], tuple[Violation, ...]]


def checker(schema: Json, *, backend: Backend = "jsonschema") -> Check:
    """Return a function from a value to its violations (none: valid).

    Compiled once a schema and kept.

    The dialect is the schema's `$schema`, else 2020-12. References outside the schema are never fetched. A schema must
    not be changed once it was used.
    Raises BadSchema for what is no schema, MissingExtra where jsonschema-rs is asked for and absent.
    """
    recent = _RECENT.get((id(schema), backend))
    if recent is not None and recent[0] is schema:
        return recent[1]
    try:
        text = json.dumps(schema, ensure_ascii=False)
    except (RecursionError, ValueError, TypeError) as error:
        raise BadSchema(f"a schema must be JSON: {error}") from None
    check = _compile(text, backend)
    if len(_RECENT) >= _MOST_RECENT:
        _RECENT.clear()
    _RECENT[id(schema), backend] = (schema, check)
    return check


# Writing a schema as JSON to find its compiled form costs more than validating. The schema is kept beside its id, so
# that no other object can come to bear that id.
_RECENT: dict[tuple[int, Backend], tuple[Json, Check]] = {}
_MOST_RECENT = 4096


@lru_cache(maxsize=4096)
def _compile(text: str, backend: Backend) -> Check:
    schema = json.loads(text)
    if not isinstance(schema, (dict, bool)):
        raise BadSchema(f"a schema is an object or a boolean, not {text[:40]}")
    if isinstance(schema, dict) and not isinstance(schema.get("$schema", ""), str):
        raise BadSchema(f"/$schema: {json.dumps(schema['$schema'])[:40]} is no text")
    build = _rust if backend == "jsonschema-rs" else _python
    try:
        return build(schema)
    except (BadSchema, MissingExtra):
        raise
    except RecursionError:
        raise BadSchema("nested too deeply") from None
    except Exception as error:  # what a library did not foresee is a fault of the schema, and has a place in it
        place = place_of_fault(schema, build)
        raise BadSchema(f"{place or '/'}: {backend} cannot compile this: {type(error).__name__}: {error}") from None


def _python(schema: Any) -> Check:
    """Everyday schemas say yes by themselves; the library is asked about the rest, and why."""
    from referencing.exceptions import Unresolvable

    accepts = acceptor(schema)
    found: list[Any] = []  # the validator, once it is needed

    def check(value: Json) -> tuple[Violation, ...]:
        try:
            if accepts is not None and accepts(value):
                return ()
            if not found:
                found.append(_validator(schema, everyday=accepts is not None))
            return tuple(_violation(error) for error in found[0].iter_errors(value))
        except Unresolvable as error:
            raise BadSchema(f"a reference leads nowhere: {error}") from None
        except RecursionError:
            raise BadSchema("a reference leads back to itself, or schema and value are nested too deeply") from None

    if accepts is None:
        _accept(schema)
        check(None)
    return check


def _validator(schema: Any, *, everyday: bool) -> Any:
    from jsonschema_specifications import REGISTRY  # type: ignore[import-untyped]

    schema = schema if everyday else readable(schema)
    return _dialect(schema, everyday=everyday)(schema, format_checker=_format_checker(), registry=REGISTRY)


def _accept(schema: Any) -> None:
    """Nothing, or BadSchema with the place: what is no schema of its dialect, and references that lead nowhere."""
    from jsonschema.exceptions import SchemaError

    if is_plainly_good(schema):
        return
    kind = _dialect(schema)
    try:
        kind.check_schema(schema, format_checker=_pattern_checker())
        only_pythons_where_unevaluated(schema)
        follow_references(readable(schema), kind.META_SCHEMA.get("$id") or kind.META_SCHEMA.get("id"))
    except SchemaError as error:
        message = str(error.cause) if isinstance(error.cause, BadPattern) else error.message
        raise BadSchema(f"{_pointer(error.absolute_path) or '/'}: {message}") from None
    except (BadReference, BadPattern) as error:
        raise BadSchema(str(error)) from None


@lru_cache(maxsize=16)
def _extend(base: Any, *, everyday: bool) -> Any:
    from jsonschema.validators import extend

    own = {
        "multipleOf": multiple_of,
        "pattern": pattern,
        "patternProperties": pattern_properties,
        "additionalProperties": additional_properties,
    }
    if "dependencies" not in base.VALIDATORS:  # gone from newer drafts, and written all the same
        own["dependencies"] = dependencies
    if everyday:
        own["properties"] = properties
    return extend(base, own)  # type: ignore[no-untyped-call]


def _dialect(schema: Any, *, everyday: bool = False) -> Any:
    from jsonschema.validators import Draft202012Validator, validator_for

    return _extend(validator_for(schema, default=Draft202012Validator), everyday=everyday)


@lru_cache(maxsize=1)
def _format_checker() -> Any:
    from jsonschema import FormatChecker

    found = FormatChecker(formats=())
    for name, holds in FORMATS.items():
        found.checks(name)(lambda value, holds=holds: not isinstance(value, str) or holds(value))
    return found


@lru_cache(maxsize=1)
def _pattern_checker() -> Any:
    """The one format of a schema that it takes more than its meta-schema to check."""
    from jsonschema import FormatChecker

    found = FormatChecker(formats=())
    found.checks("regex", raises=BadPattern)(lambda value: not isinstance(value, str) or bool(compile_pattern(value)))
    return found


def _violation(error: Any) -> Violation:
    return Violation(
        keyword=str(error.validator),
        pointer=_pointer(error.absolute_path),
        schema_pointer=_pointer(error.absolute_schema_path),
        message=error.message[:300],
    )


def _rust(schema: Any) -> Check:
    try:
        import jsonschema_rs
    except ImportError:
        raise MissingExtra("jsonschema-rs", "schema-fast", "the scorer option `backend: jsonschema-rs`") from None

    def refuse(uri: str) -> Json:
        raise BadSchema(f"a reference leads outside the schema: {uri}")

    known = _in_known_dialect(schema)
    try:
        validator = jsonschema_rs.validator_for(known, validate_formats=True, formats=_rust_formats(), retriever=refuse)
    except (ValueError, TypeError) as error:
        _accept(schema)  # tells in the words of the other backend, and with the place
        raise BadSchema(f"{_pointer(getattr(error, 'instance_path', ())) or '/'}: {_first_line(error)}") from None

    def check(value: Json) -> tuple[Violation, ...]:
        if validator.is_valid(value):
            return ()
        return tuple(_rust_violation(error) for error in validator.iter_errors(value))

    return check


_RUST_DIALECTS = (
    "draft-04/schema",
    "draft-06/schema",
    "draft-07/schema",
    "draft/2019-09/schema",
    "draft/2020-12/schema",
)


def _in_known_dialect(schema: Any) -> Any:
    """The schema as 2020-12 where its `$schema` is no dialect that jsonschema knows, as that backend has it too."""
    dialect = schema.get("$schema", "") if isinstance(schema, dict) else ""
    if not dialect or dialect.rstrip("#").endswith(_RUST_DIALECTS):
        return schema
    if dialect.rstrip("#").endswith("draft-03/schema"):
        raise BadSchema("/$schema: draft-03 takes `backend: jsonschema`")
    return {key: inner for key, inner in schema.items() if key != "$schema"}


@lru_cache(maxsize=1)
def _rust_formats() -> dict[str, Callable[[str], bool]]:
    """Our own formats, in every draft; those that we do not have are annotations here too."""
    return {**dict.fromkeys(("idn-email", "idn-hostname"), lambda text: True), **FORMATS}


def _first_line(error: Exception) -> str:
    return str(getattr(error, "message", "") or error).splitlines()[0]


def _rust_violation(error: Any) -> Violation:
    if type(error.kind).__name__ in ("BacktrackLimitExceeded", "RegexEngineFailure"):
        raise TookTooLong(f"{_pointer(error.schema_path)}: {error.message}")
    return Violation(
        keyword=next((str(step) for step in reversed(error.schema_path) if isinstance(step, str)), ""),
        pointer=_pointer(error.instance_path),
        schema_pointer=_pointer(error.schema_path),
        message=error.message[:300],
    )


def _pointer(path: Any) -> str:
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)
