"""What a suite asks of the API with `response_format`, held against what the API takes before anything is spent."""

from __future__ import annotations

from collections.abc import Mapping

from evalkit.core.errors import did_you_mean, join_allowed
from evalkit.core.exchange import Json
from evalkit.scorers.schemas.strict_subset import is_tool_name, strict_faults
from evalkit.scorers.schemas.validate import BadSchema, checker

_TYPES = ("text", "json_object", "json_schema")


def response_format_faults(asked: Mapping[str, Json], *, fine_tuned: bool = False) -> tuple[str, ...]:
    """Find every reason why an API would refuse this `response_format`.

    Or (fine-tuned models) ignore a part of it.

    Where it says ``strict: true`` its schema is held against OpenAI's subset and limits, as tools are.

    >>> response_format_faults({"type": "json_schema", "json_schema": {"name": "a", "strict": True, "schema": {}}})[0]
    'json_schema.schema /: the root must be an object'
    """
    kind = asked.get("type")
    if kind not in _TYPES:
        hint = did_you_mean(kind, _TYPES) if isinstance(kind, str) else ""
        return (f"type is {kind!r}{hint}; allowed: {join_allowed(_TYPES)}",)
    if kind != "json_schema":
        return ()
    body = asked.get("json_schema")
    if not isinstance(body, Mapping):
        flat = "; name, strict and schema stand under `json_schema`" if "schema" in asked else ""
        return (f"json_schema is missing{flat}",)
    found = []
    if not is_tool_name(str(body.get("name", ""))):
        found.append(f"json_schema.name {body.get('name', '')!r}: a name is 1 to 64 of A-Z a-z 0-9 _ -")
    schema = body.get("schema")
    if not isinstance(schema, Mapping):
        return (*found, "json_schema.schema is missing: it is the JSON Schema of the answer")
    try:
        checker(schema)
    except BadSchema as error:
        return (*found, f"json_schema.schema {error}")
    if body.get("strict") is True:
        found += [f"json_schema.schema {fault}" for fault in strict_faults(schema, fine_tuned=fine_tuned)]
    return tuple(found)
