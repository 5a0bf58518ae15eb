"""Label Studio's JSON export: tasks with their annotations."""

from __future__ import annotations

from collections.abc import Sequence

from evalkit.core.exchange import Json
from evalkit.foreign.labels.nouns import Label, LabelValue, ReadLabels
from evalkit.foreign.nouns import as_list, as_object


def is_label_studio(rows: Sequence[Json]) -> bool:
    """Tell whether these are tasks: objects with `data` and `annotations`."""
    first = as_object(rows[0]) if rows else {}
    return "data" in first and ("annotations" in first or "completions" in first)


def read_tasks(rows: Sequence[Json]) -> ReadLabels:
    """Read every label of every annotation that was not cancelled."""
    found = ReadLabels()
    for task in map(as_object, rows):
        data = as_object(task.get("data"))
        case = data.get("id")
        if case is None:
            found.leave_out("tasks without the `id` of a case in their data")
            continue
        for annotation in map(as_object, as_list(task.get("annotations", task.get("completions")))):
            if annotation.get("was_cancelled") or annotation.get("skipped"):
                found.leave_out("annotations that were skipped or cancelled")
                continue
            for item in map(as_object, as_list(annotation.get("result"))):
                value = _value(item)
                if value is None:
                    found.leave_out(f"answers of the type {item.get('type')!r}, which are no label")
                    continue
                suite = data.get("suite")
                label = Label(
                    case=str(case),
                    name=str(item.get("from_name")),
                    annotator=_annotator(annotation.get("completed_by")),
                    value=value,
                    suite=str(suite) if suite is not None else None,
                )
                found.labels.append(label)
    return found


def _value(item: dict[str, Json]) -> LabelValue | None:
    """A choice, several joined, a rating or a number; free text is none."""
    value = as_object(item.get("value"))
    if "choices" in value:
        return ", ".join(sorted(map(str, as_list(value["choices"])))) or None
    number = value.get("rating", value.get("number"))
    return float(number) if isinstance(number, (int, float)) and not isinstance(number, bool) else None


def _annotator(who: Json) -> str:
    """The number of a user, or their address where the export has it."""
    if isinstance(who, dict):
        return str(who.get("email") or who.get("username") or who.get("id"))
    return "unknown" if who is None else str(who)
