"""Fields that stand under another name: columns of a table, keys of a row, members of objects in it."""

from __future__ import annotations

from collections.abc import Mapping

from evalkit.core.errors import did_you_mean
from evalkit.core.exchange import Json
from evalkit.data.fields import UnreadableRow
from evalkit.data.rows import Row


class MissingColumn(UnreadableRow):
    """A row without a column that `columns` names."""

    def __init__(self, column: str, row: Row) -> None:
        super().__init__(f"there is no column {column!r}{did_you_mean(column, row)}")
        self.column = column


def rename_columns(row: Row, columns: Mapping[str, str]) -> dict[str, Json]:
    """Return the row with its columns under the names of the fields they hold."""
    out = dict(row)
    tags: dict[str, Json] = {}
    for name, column in columns.items():
        several = [part.strip() for part in column.split(",")] if name == "choices" and column not in row else [column]
        values = [value_at(row, part) for part in several]
        value: Json = values[0] if several == [column] else values
        for part in several:
            out.pop(part, None)
        if name.startswith("tags."):
            tags[name.removeprefix("tags.")] = value
        else:
            out[name] = value
    if tags:
        given = out.get("tags")
        out["tags"] = {**(given if isinstance(given, Mapping) else {}), **tags}
    return out


def value_at(row: Row, column: str) -> Json:
    """Return what stands in a column, or below it: `doc.question`.

    Raises MissingColumn where nothing does.
    """
    if column in row:
        return row[column]
    value: Json = row
    for part in column.split("."):
        if not isinstance(value, Mapping) or part not in value:
            raise MissingColumn(column, row)
        value = value[part]
    return value


def cells_as_tags(row: Row, keys: tuple[str, ...]) -> dict[str, Json]:
    """Return a CSV row as a row of fields.

    Empty cells are missing, an index is a number, and every column that is no field (`keys`) is a tag.
    """
    fields = (*keys, "id", "cluster", "choices", "tools", "tags", "extra")
    out: dict[str, Json] = {key: value for key, value in row.items() if key in fields and value != ""}
    given = out.get("tags")
    judged = _for_scorers(row)
    tags = {key: value for key, value in row.items() if key not in {*fields, *judged} and value != ""}
    out["tags"] = {**tags, **(given if isinstance(given, Mapping) else {})}
    out |= judged
    target = out.get("target")
    offered = out.get("choices")
    if offered and isinstance(target, str) and target.isdecimal() and target not in offered:
        out["target"] = int(target)
    return out


def _for_scorers(row: Row) -> dict[str, Json]:
    """The checks of a CSV row, a list as JSON text, and the threshold beside them; a tag may be called so, too."""
    checks, threshold = row.get("checks"), row.get("threshold")
    if not isinstance(checks, str) or not checks.lstrip().startswith("["):
        return {}
    if not isinstance(threshold, str) or not threshold.strip():
        return {"checks": checks}
    try:
        return {"checks": checks, "threshold": float(threshold)}
    except ValueError:  # told by the scorer, with the row's line
        return {"checks": checks, "threshold": threshold}
