"""The questions of a training file, whatever its format: what a held-out example must not be found in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from evalkit.core.errors import Location, Problem
from evalkit.core.exchange import Example, Json, Message
from evalkit.data.draft import plain_content
from evalkit.data.fields import UnreadableRow, decode_json_text, messages
from evalkit.data.formats import alpaca, sharegpt
from evalkit.data.rows import Row, rows
from evalkit.data.source import files

_ASKS = ("prompt", "question", "query", "instruction", "input", "text")


def question(turns: Sequence[Message]) -> str:
    """What was asked, as one text: every turn but system and developer turns, one a line."""
    said = [plain_content(turn) for turn in turns if turn.role not in ("system", "developer")]
    return "\n".join(text for text in said if text)


def question_of(example: Example) -> str:
    """The question of an example."""
    return question(example.messages)


def training_questions(path: str | Path, problems: list[Problem]) -> Iterator[tuple[Location, str]]:
    """Every question a training file teaches an answer to, with its place.

    The format is told row by row from its keys. A conversation gives one question for each assistant turn that is
    trained on; a row of an unknown shape gives each of its texts.
    """
    for file in files(path):
        for where, row in rows(file, problems):
            for text in _questions(row):
                if text.strip():
                    yield where, text


def _questions(row: Row) -> Iterator[str]:
    try:
        if row.get("messages") is not None:
            yield from _taught(row["messages"])
        elif isinstance(row.get("input"), Mapping) and "messages" in row["input"]:
            yield question(messages(row["input"]["messages"]))
        elif row.get("conversations") is not None:
            yield question(sharegpt.read(row).messages)
        elif isinstance(row.get("instruction"), str):
            yield question(alpaca.read(row).messages)
        else:
            yield from _by_name(row)
    except UnreadableRow:
        yield from _by_name(row)


def _taught(values: Json) -> Iterator[str]:
    values = decode_json_text(values)
    if not isinstance(values, list):
        return
    turns = messages(values)
    taught = [i for i, turn in enumerate(turns) if turn.role == "assistant" and values[i].get("weight", 1) != 0]
    for index in taught:
        yield question(turns[:index])
    if not taught or turns[-1].role != "assistant":
        yield question(turns)


def _by_name(row: Row) -> Iterator[str]:
    for name in _ASKS:
        value = decode_json_text(row.get(name))
        if isinstance(value, str):
            yield value
            return
        if isinstance(value, list):
            yield question(messages(value, key=name))
            return
    yield from (value for value in row.values() if isinstance(value, str))
