"""Tables of the suite page, from the shapes themselves."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from evalkit.suite.load import models_schema, suite_schema
from evalkit.suite.project import ProjectSpec
from evalkit.suite.word_lists import WordList

_TABLE = re.compile(r"(<!-- table: (?P<name>[\w-]+) -->\n).*?(<!-- end -->)", re.DOTALL)


_WORDS = {"ScorerSpec": "scorer", "SliceSpec": "slice", "Waiver": "waiver", "ModelSpec": "model"}
"""What the mappings of a shape are called where they stand in lists and under names"""


def fill_tables(page: str, table: Callable[[str], str]) -> str:
    """A page with every ``<!-- table: NAME --> ... <!-- end -->`` filled with `table(NAME)`."""
    return _TABLE.sub(lambda found: f"{found[1]}\n{table(found['name']).strip()}\n\n{found[3]}", page)


def japanese_suite_table(name: str) -> str:
    """The same table under Japanese headings."""
    return suite_table(name).replace("| key | value | default | meaning |", "| キー | 値 | 既定 | 意味(英語) |", 1)


def suite_table(name: str) -> str:
    """The keys of one shape, e.g. ``DatasetSpec``; ``SuiteSpec`` and ``ModelsFile`` are the files themselves."""
    for schema in (suite_schema(), models_schema(), WordList.model_json_schema(), ProjectSpec.model_json_schema()):
        shapes = {schema["title"]: schema, **schema.get("$defs", {})}
        shapes["SuiteSpec"] = shapes.pop("evalkit suite", {})
        shapes["ModelsFile"] = shapes.pop("evalkit models.yaml", {})
        if shapes.get(name):
            return key_table(shapes[name])
    raise KeyError(name)


def key_table(shape: Mapping[str, Any], *, about: Mapping[str, str] | None = None) -> str:
    """A Markdown table of the properties of a JSON Schema; `about` explains those it does not describe itself."""
    required = shape.get("required", ())
    rows = ["| key | value | default | meaning |", "|---|---|---|---|"]
    for key, value in shape["properties"].items():
        default = "required" if key in required else _default(value)
        meaning = value.get("description") or (about or {}).get(key, "")
        cells = (f"`{key}`", kind_of_value(value), default, " ".join(meaning.split()))
        rows.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(rows)


def kind_of_value(schema: Mapping[str, Any]) -> str:
    """A JSON Schema in words.

    >>> kind_of_value({"type": "array", "items": {"enum": ["a", "b"]}})
    'list of (`a`, `b`)'
    >>> kind_of_value({"anyOf": [{"type": "integer", "minimum": 1}, {"type": "null"}]})
    'whole number from 1'
    """
    if "$ref" in schema:
        return _WORDS.get(schema["$ref"].rsplit("/", 1)[-1], "mapping")
    for union in ("anyOf", "oneOf"):
        if union in schema:
            if all("$ref" in branch for branch in schema[union]):
                return "gate"
            told = [kind_of_value(branch) for branch in schema[union] if branch.get("type") != "null"]
            return " or ".join(dict.fromkeys(told))
    if "const" in schema or "enum" in schema:
        return ", ".join(f"`{value}`" for value in schema.get("enum", [schema.get("const")]))
    kind = schema.get("type")
    if kind == "array":
        inner = kind_of_value(schema.get("items", {}))
        return f"list of ({inner})" if "," in inner else f"list of {inner}"
    if kind == "object":
        inner_schema = schema.get("additionalProperties")
        return f"mapping to {kind_of_value(inner_schema)}" if isinstance(inner_schema, Mapping) else "mapping"
    words = {"string": "text", "integer": "whole number", "number": "number", "boolean": "true or false"}
    if kind == "string" and schema.get("format") in ("date", "path"):
        return str(schema["format"])
    return words.get(str(kind), "anything") + _limits(schema)


def _limits(schema: Mapping[str, Any]) -> str:
    low, above = schema.get("minimum"), schema.get("exclusiveMinimum")
    high, below = schema.get("maximum"), schema.get("exclusiveMaximum")
    told = f" from {low:g}" if low is not None else f" above {above:g}" if above is not None else ""
    return told + (f" to {high:g}" if high is not None else f" below {below:g}" if below is not None else "")


def _default(schema: Mapping[str, Any]) -> str:
    if "default" not in schema or schema["default"] is None:
        return "none"
    value = schema["default"]
    if value in ([], {}):
        return "empty"
    return "the defaults below" if isinstance(value, dict) else f"`{json.dumps(value, ensure_ascii=False)}`"
