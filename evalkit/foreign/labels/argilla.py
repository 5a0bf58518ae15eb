"""Argilla's records as JSON: fields, metadata, and the responses of every user."""

from __future__ import annotations

from collections.abc import Sequence

from evalkit.core.exchange import Json
from evalkit.foreign.labels.nouns import Label, LabelValue, ReadLabels
from evalkit.foreign.nouns import as_list, as_object


def is_argilla(rows: Sequence[Json]) -> bool:
    """Tell whether these are records: objects with `fields` and `responses`."""
    first = as_object(rows[0]) if rows else {}
    return "fields" in first and "responses" in first


def read_records(rows: Sequence[Json]) -> ReadLabels:
    """Read every response that was not discarded."""
    found = ReadLabels()
    for record in map(as_object, rows):
        about = as_object(record.get("metadata"))
        case, suite = about.get("case", record.get("id")), about.get("suite")
        for question, answers in as_object(record.get("responses")).items():
            for answer in map(as_object, as_list(answers)):
                value = _value(answer.get("value"))
                if answer.get("status") == "discarded" or value is None:
                    found.leave_out("responses that were discarded, or are no label")
                    continue
                who = str(answer.get("user_id", "unknown"))
                name = question.replace("__", ".", 1)
                label = Label(case=str(case), name=name, annotator=who, value=value, suite=suite)
                found.labels.append(label)
    return found


def _value(value: Json) -> LabelValue | None:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value)
    if isinstance(value, list):
        return ", ".join(sorted(map(str, value))) if value and all(isinstance(one, str) for one in value) else None
    return value if isinstance(value, str) and value else None
