"""The right choice of a row: an index, its text, or its letter."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from evalkit.core.errors import did_you_mean
from evalkit.core.exchange import Json
from evalkit.core.notes import Note
from evalkit.data.fields import UnreadableRow, name_kind

_LETTER = re.compile(r"\(?([A-Z])[).]?")


def read_choice_target(target: Json, offered: Sequence[str]) -> tuple[int | list[int], tuple[str, ...]]:
    """Return the index of the right choice, with notes on what is ambiguous.

    A target with several right choices gives a list.

    A whole number is an index. A text is looked for among the choices, and only then taken as a letter (A is the
    first); digits in quotes are a text. Raises UnreadableRow.

    >>> read_choice_target("B", ["London", "Paris"]), read_choice_target("Paris", ["London", "Paris"])
    ((1, ()), (1, ()))
    """
    if isinstance(target, list) and target:
        read = [_read_one(one, offered) for one in target]
        return sorted({index for index, _ in read}), tuple(note for _, note in read if note)
    index, note = _read_one(target, offered)
    return index, (note,) if note else ()


def _read_one(target: Json, offered: Sequence[str]) -> tuple[int, str]:
    if isinstance(target, int) and not isinstance(target, bool):
        if 0 <= target < len(offered):
            return target, ""
        if str(target) not in offered:
            raise UnreadableRow(
                f"`target` {target} is no index of the {len(offered)} choices (0 to {len(offered) - 1})"
            )
    text = str(target) if isinstance(target, (int, float)) and not isinstance(target, bool) else target
    if not isinstance(text, str):
        raise UnreadableRow(f"with `choices`, `target` must be an index or one of the texts, not {name_kind(target)}")
    letter = _LETTER.fullmatch(unicodedata.normalize("NFKC", text).strip())
    by_letter = None if letter is None else ord(letter[1]) - ord("A")
    if text in offered:
        index = offered.index(text)
        other = by_letter is not None and by_letter < len(offered) and by_letter != index
        note = f"the target {text!r} is a choice's text and the letter of another: it is taken as the text"
        return index, Note(note, kind="letter_of_another") if other else ""
    if by_letter is not None:
        if by_letter < len(offered):
            return by_letter, ""
        last = chr(ord("A") + len(offered) - 1)
        raise UnreadableRow(f"`target` {text!r} is a letter beyond the {len(offered)} choices (A to {last})")
    quoted = " (digits in quotes are a text; an index is written without)" if text.strip().isdecimal() else ""
    raise UnreadableRow(f"`target` {text[:60]!r} is not among the choices{did_you_mean(text, offered)}{quoted}")
