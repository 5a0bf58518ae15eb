"""Evalkit's own rows and tables, written from any format: what they have no other place for stands in `extra`."""

from __future__ import annotations

from collections.abc import Mapping

from evalkit.core.exchange import Example, Json, Message
from evalkit.data.conversion.readers import JSON_TARGET, TRAINING, digest_of, read_native
from evalkit.data.conversion.record import CannotHold, TrainingRecord, Values, dump, plain_text, without_marks
from evalkit.data.draft import COMMON
from evalkit.data.fields import decode_json_text
from evalkit.data.rows import Row


def example_row(example: Example, *, named: bool = True) -> Values:
    """Return an example as evalkit's own row, with its id where it is `named`."""
    row: Values = {"messages": [_wire(turn) for turn in example.messages]}
    if example.choices:
        row["choices"] = list(example.choices)
    if example.target is not None:
        row["target"] = example.target
    if named:
        row["id"] = example.id
    if example.tools:
        row["tools"] = [dict(tool) for tool in example.tools]
    if example.tags:
        row["tags"] = dict(example.tags)
    if example.cluster is not None:
        row["cluster"] = example.cluster
    if example.extra:
        row["extra"] = dict(example.extra)
    return row


def _wire(turn: Message) -> Values:
    row = turn.wire()
    return row if row["content"] is not None or turn.tool_calls else {**row, "content": ""}


def write_own(record: TrainingRecord, example: Example, *, named: bool) -> Values:
    """Write evalkit's own row of a row in another format.

    What is asked and expected is what the format's reader says. What else the row taught (weights, later turns, the
    other answer, ids of calls) is kept in `extra.training` where it would be lost, for the way back.
    """
    row = example_row(example, named=named)
    extra = dict(row.pop("extra", {}))
    extra = {key: value for key, value in extra.items() if record.label is None or key not in ("label", "kto_tag")}
    if JSON_TARGET in extra and row.get("target") == dump(extra[JSON_TARGET]):
        row["target"] = extra.pop(JSON_TARGET)
        return {**row, "extra": extra} if extra else row
    moved = [key for key in record.rest if key not in COMMON]
    extra |= {key: record.rest[key] for key in moved if key not in extra}
    again = read_native(row)
    kept: Values = {"row_keys": moved} if moved else {}
    if not _is_same(again, record):
        if record.begin is None and record.rejected is None and _is_same(_all_learned(again), record):
            kept["answers"] = "all"
        else:
            kept |= {"turns": [dict(turn) for turn in record.turns], "begin": record.begin, "label": record.label}
            kept["rejected"] = [dict(turn) for turn in record.rejected] if record.rejected is not None else None
    if kept:
        extra[TRAINING] = {"of": digest_of(row), **kept}
    return {**row, "extra": extra} if extra else row


def _all_learned(record: TrainingRecord) -> TrainingRecord:
    return TrainingRecord(turns=record.turns, tools=record.tools, rest=record.rest)


def _is_same(one: TrainingRecord, other: TrainingRecord) -> bool:
    """Whether two records teach the same."""
    if one.choices:
        good, bad = one.choices[one.right or 0], [text for at, text in enumerate(one.choices) if at != one.right]
        pair = ((*one.turns, {"role": "assistant", "content": good}), ({"role": "assistant", "content": bad[0]},))
        return len(bad) == 1 and (other.turns, other.rejected) == pair and other.label is None
    return (
        [_drop_nulls(turn) for turn in one.turns] == [_drop_nulls(turn) for turn in other.turns]
        and one.learned_turns() == other.learned_turns()
        and one.rejected == other.rejected
        and one.label == other.label
    )


def _drop_nulls(turn: Mapping[str, Json]) -> Values:
    return {key: value for key, value in turn.items() if value is not None}


def write_table(record: TrainingRecord) -> Values:
    """Write a row of a table.

    It has one question and one answer as text; choices and what else there is are JSON text.
    """
    if record.rejected is not None:
        raise CannotHold("its rejected answer has no place: write openai-preference, trl, sharegpt or alpaca")
    if record.label is not None:
        raise CannotHold(f"its label {str(record.label).lower()} has no place: write trl, sharegpt or alpaca")
    asked = record.turns if record.choices else record.asked
    if [turn.get("role") for turn in asked] != ["user"]:
        raise CannotHold("it is more than one user message")
    row: Values = {"id": record.rest["id"]} if "id" in record.rest else {}
    row["input"] = plain_text(asked[0], what="its question")
    if record.choices:
        row |= {"target": record.choices[record.right or 0], "choices": dump(list(record.choices))}
    elif record.answers:
        if len(record.answers) > 1 or not record.learned_turns()[-1]:
            raise CannotHold("it has more than one answer, or one that is not to be trained on")
        row["target"] = plain_text(without_marks(record.answers[0]), what="its target")
    else:
        raise CannotHold("it has no target")
    row |= {"tools": dump([dict(tool) for tool in record.tools])} if record.tools else {}
    return row | _cells(record.rest)


def _cells(rest: Row) -> Values:
    """The rest of a row as cells: tags by their names, objects as JSON text where they are read as such again."""
    out: Values = {"cluster": rest["cluster"]} if rest.get("cluster") is not None else {}
    tags = decode_json_text(rest.get("tags"))
    for key, value in {**(tags if isinstance(tags, Mapping) else {}), **rest}.items():
        if key in ("id", "tags", "cluster"):
            continue
        if isinstance(value, (list, Mapping)) and key != "extra":
            raise CannotHold(f"`{key}` is {'a list' if isinstance(value, list) else 'an object'}, and a cell is a text")
        if key in ("input", "target", "messages", "choices", "tools", "system"):
            raise CannotHold(f"`{key}` means something else in a table")
        out[key] = value if isinstance(value, str) else dump(value)
    return out
