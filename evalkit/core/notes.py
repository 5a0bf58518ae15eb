"""Notes: sentences for the reader, each of a kind, so that nobody looks for words in them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, get_args

NoteKind = Literal[
    "general",
    "surplus_answers",
    "missing_answers",
    "prompts_not_proven",
    "prompts_differ",
    "sampling_differs",
    "left_out",
    "not_taken",
    "letter_of_another",
    "turns",
]

NOTE_KINDS: Mapping[NoteKind, tuple[str, str]] = {
    "general": ("what else a reader should know", "notes of the suite"),
    "surplus_answers": ("a recording holds answers to cases that were not asked", "also beside the verdict"),
    "missing_answers": ("a recording lacks answers to cases that were asked", "also beside the verdict"),
    "prompts_not_proven": ("answers do not say which prompt they were given to", "also beside the verdict"),
    "sampling_differs": ("the arms were asked with other parameters, as somebody wrote", "also beside the verdict"),
    "prompts_differ": ("the arms have prompts of their own, which are meant to differ", "also beside the verdict"),
    "left_out": ("rows in which group words were not swapped, and why", "also beside the verdict, `validate`"),
    "not_taken": ("rows marked as no gold, files of the folder that are not read", "`validate`, notes of the suite"),
    "turns": ("rows of several turns: what is asked at once, what is not shown", "`validate`, notes of the suite"),
    "letter_of_another": ("a target is the text of one choice and the letter of another", "`validate`, `data check`"),
}
"""Kind -> what it says, where it is shown"""

BESIDE_THE_VERDICT: tuple[NoteKind, ...] = (
    "surplus_answers",
    "missing_answers",
    "prompts_not_proven",
    "sampling_differs",
    "prompts_differ",
    "left_out",
)
"""Kinds without which a verdict is not to be read"""


class Note(str):
    """A sentence with its kind.

    A plain str is a note of the kind "general".

    >>> Note("3 answers are left over", kind="surplus_answers").kind
    'surplus_answers'
    """

    kind: NoteKind

    def __new__(cls, text: str, *, kind: NoteKind = "general") -> Note:
        """The sentence itself is the string."""
        note = super().__new__(cls, text)
        note.kind = kind
        return note

    def __reduce__(self) -> tuple[object, ...]:
        """With its kind, also for another process."""
        return (read_note, ({"kind": self.kind, "text": str(self)},))


def kind_of(note: str) -> NoteKind:
    """Return the kind of a note, plain sentences included."""
    return note.kind if isinstance(note, Note) else "general"


def note_json(note: str) -> str | dict[str, str]:
    """Turn a note into what is kept of it.

    That is a plain sentence, or its kind and its text.
    """
    kind = kind_of(note)
    return str(note) if kind == "general" else {"kind": kind, "text": str(note)}


def read_note(value: str | Mapping[str, str]) -> str:
    """Read the note that `note_json` made.

    An unknown kind (of a later version) is general.
    """
    if isinstance(value, str):
        return value
    kinds: tuple[NoteKind, ...] = get_args(NoteKind)
    kind: NoteKind = next((known for known in kinds if known == value["kind"]), "general")
    return Note(value["text"], kind=kind)
