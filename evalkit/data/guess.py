"""Which format a file is in, told from the keys of its first rows, with a sentence on what was guessed and why."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from evalkit.core.errors import DataError, Problem, count_of
from evalkit.core.exchange import Json
from evalkit.data.fields import decode_json_text
from evalkit.data.formats.alpaca import ANSWERS, QUESTIONS
from evalkit.data.formats.openai import marker
from evalkit.data.problems import is_table
from evalkit.data.rows import Row, rows
from evalkit.data.source import files

LOOKED_AT = 50
"""Rows that a guess is made from"""
ASKS = (
    "question", "Question", "query", "prompt", "instruction", "user_input", "input", "text", "utterance", "sentence",
    "problem", "質問", "問題", "入力",
)  # fmt: skip
"""Names of what is asked, the likeliest first"""
EXPECTS = (
    "ground_truth", "reference_answer", "reference", "expected", "expected_output", "ideal", "answer", "target",
    "label", "intent", "Answer", "output", "response", "completion", "solution", "ModelAnswer", "回答", "正解", "解答",
    "出力", "category",
)  # fmt: skip
"""Names of what is expected, the likeliest first"""
_ALONE = ("question", "Question", "query", "prompt", "instruction", "user_input", "質問", "問題")
"""Names that ask where nothing is expected beside them"""
_CHOICE = re.compile(r"(?:choice|option|answer|ans|opt)[_ ]?(?:\d|[a-h])|[A-H]|選択肢\d", re.IGNORECASE)
_BBQ = ("context", "question", "ans0", "ans1", "ans2")
_PAIRS = ("chosen", "rejected", "chosen_messages", "rejected_messages")
_PREFERENCE = ("preferred_output", "non_preferred_output", "preferred_completion", "non_preferred_completion")
_OWN = ("target", "choices", "turns", "checks", "cluster", "tags")


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """A format, the columns to read it by, and why."""

    format: str
    columns: Mapping[str, str] = field(default_factory=dict)
    why: str = ""
    """Empty where nothing but the default was found"""

    def sentence(self, path: str | Path) -> str:
        """Say what was guessed, why, and how to say otherwise."""
        named = ",".join(f"{name}={column.replace(', ', '|')}" for name, column in self.columns.items())
        by = f" with --columns {named}" if named else ""
        otherwise = "--format or --columns" if named else "--format"
        return f"{path} is read as {self.format}{by}: {self.why} (say otherwise: {otherwise})"


def guess_format(
    path: str | Path,
    *,
    format: str | None = None,
    encoding: str | None = None,
    columns: Mapping[str, str] | None = None,
) -> Guess:
    """Guess the format of a file or folder from its first rows.

    Where a `format` or `columns` are named they stay; a guess then only adds what is missing. Raises DataError for a
    file that holds something else than rows: a recording of answers, plain text.
    """
    given = dict(columns or {})
    if format is not None:
        return Guess(format=format, columns=given)
    default = "csv" if _is_table(path) else "evalkit"
    found = _first_rows(path, encoding, header=not given or not all(name.isdecimal() for name in given.values()))
    if given or not found:
        return Guess(format=default, columns=given)
    if default == "csv":
        return _of_table(found[0]) or Guess(format="csv")
    _refuse_other(path, found[0])
    return _of_rows(found) or Guess(format="evalkit")


def _is_table(path: str | Path) -> bool:
    """A table by its name; a folder of tables alone is one too."""
    if not Path(path).is_dir():
        return is_table(str(path))
    return all(is_table(file) for file in files(path))


def _first_rows(path: str | Path, encoding: str | None, *, header: bool) -> list[Row]:
    """The first rows, the same number of each file; what is wrong with others is told when all is read."""
    kind = "csv" if _is_table(path) else ""
    named = files(path)
    most = max(LOOKED_AT // len(named), 1)
    found: list[Row] = []
    for file in named[:LOOKED_AT]:
        try:
            found += [row for _, row in islice(rows(file, [], kind=kind, header=header, encoding=encoding), most)]
        except DataError:
            continue
    return found


def _refuse_other(path: str | Path, row: Row) -> None:
    """Raise DataError for rows that are no examples of anything."""
    if "evalkit_recording" in row:
        what = f"{path} is a recording of answers, not a data set"
        raise DataError(Problem(what=what, todo="name the file that holds the questions"))
    keys = {key for key, value in row.items() if value is not None}
    if "text" in keys and not keys & {*EXPECTS, "messages", "prompt", "input", "instruction"} and len(keys) <= 3:
        what = f"{path} holds plain texts (`text`) to go on from: no question and no answer"
        raise DataError(Problem(what=what, todo="say what is asked: --columns input=text"))


def _of_rows(found: Sequence[Row]) -> Guess | None:
    """The first format whose keys all rows have."""
    for format, test, why in _SHAPES:
        count = sum(test(row) for row in found)
        if count == len(found):
            return Guess(format=format, why=_why(why, found) if why else "")
    legacy = _of_completions(found)
    return legacy or _of_columns(found) or _of_items(found) or _of_most(found)


def _of_most(found: Sequence[Row]) -> Guess | None:
    """The format of most rows; the others are told when they are read."""
    best = max(_SHAPES, key=lambda shape: sum(shape[1](row) for row in found))
    count = sum(best[1](row) for row in found)
    if 2 * count <= len(found) or not best[2]:
        return None
    why = f"{count} of its first {count_of(len(found), 'row')} have {best[2]}, the others do not"
    return Guess(format=best[0], why=why)


def _why(what: str, found: Sequence[Row]) -> str:
    return f"its first {count_of(len(found), 'row')} have {what}" if len(found) > 1 else f"its row has {what}"


def _has(*names: str) -> Callable[[Row], bool]:
    return lambda row: any(row.get(name) is not None for name in names)


def _turns(row: Row, key: str) -> list[Json]:
    value = decode_json_text(row.get(key))
    whole = isinstance(value, list) and value and all(isinstance(turn, Mapping) for turn in value)
    return value if whole else []


def _is_chat(row: Row) -> bool:
    return bool(_turns(row, "messages")) and not _has(*_OWN)(row) and not _is_kto(row)


def _is_kto(row: Row) -> bool:
    return isinstance(row.get("label"), bool) and _has("messages", "prompt")(row)


def _is_alpaca(row: Row) -> bool:
    answered = _has(*ANSWERS, "chosen")(row)
    return answered and _has("instruction", "Instruction")(row) and not _turns(row, "messages")


def _is_pair(row: Row) -> bool:
    """A preference, with its prompt or without."""
    return _has(*_PAIRS)(row) and not _has("conversations", "conversation", *QUESTIONS[:2])(row)


_SHAPES: tuple[tuple[str, Callable[[Row], bool], str], ...] = (
    ("bbq", lambda row: all(name in row for name in _BBQ), "`context`, `question` and `ans0` to `ans2`"),
    ("crows-pairs", lambda row: "sent_more" in row and "sent_less" in row, "`sent_more` and `sent_less`"),
    ("stereoset", lambda row: "context" in row and isinstance(row.get("sentences"), list), "`context`, `sentences`"),
    ("openai-preference", _has(*_PREFERENCE), "`preferred_output` and `non_preferred_output`"),
    ("sharegpt", _has("conversations", "conversation"), "`conversations`"),
    ("alpaca", _is_alpaca, "`instruction` and an answer"),
    ("trl", _is_pair, "a pair of answers, chosen and rejected"),
    ("trl", _is_kto, "a `label` that is true or false"),
    ("trl", lambda row: bool(_turns(row, "prompt")), "a `prompt` of turns"),
    ("openai-chat", _is_chat, "`messages`, as files for fine-tuning have them"),
    ("evalkit", lambda row: _has("input", "messages")(row) and _has(*_OWN)(row), ""),
)
"""(format, whether a row is in it, the keys that say so), the surest first"""


def _of_completions(found: Sequence[Row]) -> Guess | None:
    """Texts that are gone on from: legacy where they carry separators, else TRL's."""
    if not all(isinstance(row.get("prompt"), str) and isinstance(row.get("completion"), str) for row in found):
        return None
    legacy = marker([row["prompt"] for row in found]) or all(row["completion"].startswith(" ") for row in found)
    marked = ", with a separator or a leading blank that all share" if legacy else ""
    why = _why(f"`prompt` and `completion`{marked}", found)
    return Guess(format="openai-completion" if legacy else "trl", why=why)


def _of_table(row: Row) -> Guess | None:
    if "input" in row or "messages" in row:
        return None
    if "sent_more" in row and "sent_less" in row:
        return Guess(format="crows-pairs", why="its header has `sent_more` and `sent_less`")
    columns = _columns_of([row], text_only=False)
    return Guess(format="csv", columns=columns, why="its header has columns of these names") if columns else None


def _of_columns(found: Sequence[Row]) -> Guess | None:
    """Rows whose question and answer stand under names that other tools use."""
    if any(_has("messages")(row) for row in found):
        return None
    columns = _columns_of(found, text_only=True)
    return Guess(format="evalkit", columns=columns, why=_why("keys of these names", found)) if columns else None


def _of_items(found: Sequence[Row]) -> Guess | None:
    """Rows of evals whose fields stand under `item`."""
    inner = [row.get("item") for row in found]
    if not all(isinstance(one, Mapping) for one in inner):
        return None
    columns = {name: f"item.{key}" for name, key in _columns_of([one for one in inner if one], text_only=True).items()}
    return Guess(format="evalkit", columns=columns, why=_why("an `item` with keys of these names", found))


def _columns_of(found: Sequence[Row], *, text_only: bool) -> dict[str, str]:
    """The columns of question and answer, else nothing; an id of another name goes along."""
    names = {key for key in found[0] if all(row.get(key) is not None for row in found)} if text_only else {*found[0]}
    asks = next((name for name in _in_order(ASKS, names) if _may_ask(found, name) or not text_only), None)
    if asks is None:
        return {}
    turned = any(_turns(row, asks) for row in found)
    columns = {"messages" if turned else "input": asks} if turned or asks != "input" else {}
    expects = next((name for name in _in_order(EXPECTS, names) if name != asks), None)
    if expects is not None:
        columns["target"] = expects
    own = next((name for name in ("ID", "Id", "uid", "uuid") if name in names and "id" not in names), None)
    if own is not None:
        columns["id"] = own
    offered = [name for name in found[0] if name in names and name != expects and _CHOICE.fullmatch(name)]
    if expects is not None and len(offered) > 1:
        columns["choices"] = ", ".join(offered)
    return columns if expects is not None or turned or asks in _ALONE else {}


def _in_order(wanted: Sequence[str], names: set[str]) -> Iterator[str]:
    return (name for name in wanted if name in names)


def _may_ask(found: Sequence[Row], name: str) -> bool:
    return all(isinstance(row[name], str) or _turns(row, name) for row in found)
