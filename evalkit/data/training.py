"""The texts of a training file, whatever its format: what a held-out example must not be found in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from evalkit.core.errors import Location, Problem
from evalkit.core.exchange import Example, Json, Message
from evalkit.data.draft import plain_content
from evalkit.data.fields import decode_json_text
from evalkit.data.formats.sharegpt import ROLES
from evalkit.data.gold_marks import is_learned
from evalkit.data.rows import Row, rows

_ASKS = frozenset((
    "prompt", "question", "query", "instruction", "input", "text", "sentence", "utterance", "message", "body",
))  # fmt: skip
"""Fields that hold a whole question"""
_NO_TEXT = frozenset((
    "id", "role", "from", "name", "type", "tool_call_id", "tools", "functions", "tool_calls", "function_call", "tags",
    "cluster", "speaker",
))  # fmt: skip
"""Keys whose values say nothing that could be asked"""
_SAID = ("content", "value", "text")
_ASKING = ("user", "human")
_BEFORE = ("system", "developer")


@dataclass(frozen=True, slots=True)
class TrainingRow:
    """The texts of one training row.

    They are every turn, field and document, in the order of the row; none is blank.
    """

    where: Location
    texts: tuple[str, ...]
    asks: frozenset[int]
    """Which of the texts are a whole question, not one turn of many, an answer or a label"""


def question(turns: Sequence[Message]) -> str:
    """Return what was asked, as one text.

    It has every turn but system and developer turns, one a line.
    """
    said = [plain_content(turn) for turn in turns if turn.role not in ("system", "developer")]
    return "\n".join(text for text in said if text)


def question_of(example: Example) -> str:
    """Return the question of an example."""
    return question(example.messages)


def training_rows(file: str, problems: list[Problem]) -> Iterator[TrainingRow]:
    """Yield every row of a training file that has a text, whatever its format.

    What cannot be read becomes a problem.
    """
    for where, row in rows(file, problems):
        texts: list[str] = []
        asks: set[int] = set()
        _collect(row, texts, asks)
        if texts:
            yield TrainingRow(where, tuple(texts), frozenset(asks))


def _collect(row: Row, texts: list[str], asks: set[int]) -> None:
    """The texts of an object, those of objects and lists in it as well."""
    for key, value in row.items():
        if key in _NO_TEXT or value is None:
            continue
        if isinstance(value, str):
            _text(value, texts, asks, asking=key in _ASKS)
        elif isinstance(value, Mapping):
            _collect(value, texts, asks)
        elif isinstance(value, list):
            _list(value, texts, asks)


def _text(value: str, texts: list[str], asks: set[int], *, asking: bool) -> None:
    if value[:1] in "[{ \n":
        inner = decode_json_text(value)
        if isinstance(inner, Mapping):
            return _collect(inner, texts, asks)
        if isinstance(inner, list):
            return _list(inner, texts, asks)
    if value and not value.isspace():
        if asking:
            asks.add(len(texts))
        texts.append(value)
    return None


def _list(values: Sequence[Json], texts: list[str], asks: set[int]) -> None:
    """Turns of a conversation, pairs of a history, documents."""
    speakers = [_speaker(value) for value in values]
    whole = _whole_question(values, speakers)
    for position, (value, speaker) in enumerate(zip(values, speakers, strict=True)):
        if speaker:
            said = value.get("content")
            if type(said) is str and len(value) == 2:
                _text(said, texts, asks, asking=position == whole)
            else:
                _turn(value, texts, asks, asking=position == whole)
        elif isinstance(value, str):
            _text(value, texts, asks, asking=False)
        elif isinstance(value, list):
            _list(value, texts, asks)
        elif isinstance(value, dict):
            _collect(value, texts, asks)


def _whole_question(values: Sequence[Json], speakers: Sequence[str]) -> int:
    """The place of the turn that is all that was asked: the first, where its answer or none is trained on; else -1."""
    first = next((place for place, speaker in enumerate(speakers) if speaker not in _BEFORE), -1)
    if first < 0 or speakers[first] not in _ASKING:
        return -1
    answers = [place for place, speaker in enumerate(speakers) if speaker == "assistant"]
    taught = [place for place in answers if is_learned(values[place])]
    return first if not taught or first + 1 in taught or first + 1 == len(values) else -1


def _turn(turn: Mapping[str, Json], texts: list[str], asks: set[int], *, asking: bool) -> None:
    for name, said in turn.items():
        if isinstance(said, str) and name in _SAID:
            _text(said, texts, asks, asking=asking)
        elif isinstance(said, list) and name not in _NO_TEXT:
            whole = "".join(part if isinstance(part, str) else _part(part) for part in said)
            _text(whole, texts, asks, asking=asking)
        elif name not in _NO_TEXT and isinstance(said, Mapping):
            _collect(said, texts, asks)
        elif name not in _NO_TEXT and isinstance(said, str):
            _text(said, texts, asks, asking=False)


def _part(part: Json) -> str:
    """The text of a content part, under any of its names."""
    if not isinstance(part, Mapping):
        return ""
    return next((said for name in _SAID if isinstance(said := part.get(name), str)), "")


def _speaker(value: Json) -> str:
    """The role of a turn; empty for what is no turn."""
    if not isinstance(value, dict):
        return ""
    said = value.get("role") or value.get("from") or value.get("speaker")
    return ROLES.get(said, said) if isinstance(said, str) else ""
