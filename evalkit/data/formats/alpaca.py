"""Alpaca rows under their usual names, with a context (Dolly), a history, and pairs of answers (LLaMA-Factory)."""

from __future__ import annotations

from evalkit.core.exchange import Json, Message
from evalkit.data.draft import Asked
from evalkit.data.fields import UnreadableRow, name_kind, require_list, text_of
from evalkit.data.formats.openai import two_choices
from evalkit.data.media import refuse_media
from evalkit.data.rows import Row

QUESTIONS = ("instruction", "Instruction", "prompt", "question")
CONTEXTS = ("input", "Input", "context", "query")
ANSWERS = ("output", "Output", "response", "answer", "completion")
"""Names of what is asked, what it is asked about, and the answer: the first that is there counts"""
KEYS = (*QUESTIONS, *CONTEXTS, *ANSWERS, "system", "system_prompt", "history", "chosen", "rejected")


def read(row: Row) -> Asked:
    """Read an instruction row; `output` is the target.

    `instruction` is asked, with `input` behind a blank line where it is not empty. With `chosen` and `rejected` it is a
    choice of two.
    """
    refuse_media(row)
    asked, context, answer = (find_name(row, names) for names in (QUESTIONS, CONTEXTS, ANSWERS))
    question = text_of(row, asked or QUESTIONS[0])
    beside = row.get(context) if context else None
    if isinstance(beside, str) and beside.strip():
        question = f"{question}\n\n{beside}"
    elif beside is not None and not isinstance(beside, str):
        raise UnreadableRow(f"`{context}` must be text, not {name_kind(beside)}")
    turns = (*_before(row), Message(role="user", content=question))
    others = (*QUESTIONS, *CONTEXTS, *ANSWERS)
    left = {key: row[key] for key in others if row.get(key) is not None and key not in (asked, context, answer)}
    if row.get("chosen") is not None or row.get("rejected") is not None:
        pair = two_choices(turns, good=text_of(row, "chosen"), bad=text_of(row, "rejected"))
        return Asked(messages=turns, target=pair.target, choices=pair.choices, extra=left)
    return Asked(messages=turns, target=None if answer is None else text_of(row, answer), extra=left)


def find_name(row: Row, names: tuple[str, ...]) -> str | None:
    """Return the first of several names under which a row holds something, else None."""
    return next((name for name in names if row.get(name) is not None), None)


def _before(row: Row) -> list[Message]:
    """The system message and the earlier questions with their answers."""
    turns: list[Message] = []
    system: Json = row.get("system") or row.get("system_prompt")
    if isinstance(system, str) and system:
        turns.append(Message(role="system", content=system))
    for index, pair in enumerate(require_list(row, "history") if row.get("history") else ()):
        if not isinstance(pair, list) or len(pair) != 2 or not all(isinstance(text, str) for text in pair):
            raise UnreadableRow(f"history[{index}] must be a question and its answer")
        turns += [Message(role="user", content=pair[0]), Message(role="assistant", content=pair[1])]
    return turns
