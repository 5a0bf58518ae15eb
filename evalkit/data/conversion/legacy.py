"""Separators and stops of legacy files, which only all rows together tell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from evalkit.core.exchange import Json
from evalkit.data.conversion.record import Values
from evalkit.data.formats.openai import marker
from evalkit.data.rows import Row

MARKS = ("separator", "stop", "lead")
"""Keys of `extra` that keep what was taken off"""


class SharedEnd:
    """The end that all texts share, told one by one."""

    def __init__(self) -> None:
        self._end: str | None = None
        self._texts = 0

    def add(self, text: str) -> None:
        """Look at the next text."""
        self._texts += 1
        if self._end is None:
            self._end = text
        elif not text.endswith(self._end):
            size = min(len(text), len(self._end))
            same = next((at for at in range(size) if text[-1 - at] != self._end[-1 - at]), size)
            self._end = self._end[len(self._end) - same :]

    def sign(self) -> str:
        """Return the end, as far as it is a sign and not language.

        It is empty for a single text.
        """
        return marker([self._end or ""] * 2) if self._texts > 1 else ""


@dataclass(frozen=True, slots=True)
class LegacyMarks:
    """What all prompts end with, and all completions."""

    separator: str = ""
    stop: str = ""

    def take_off(self, row: Row) -> Values:
        """Return a row without its marks; they stand in its `extra`."""
        prompt, completion = str(row["prompt"]), str(row["completion"])
        answer = completion.removesuffix(self.stop)
        lead = " " if answer.startswith(" ") else ""
        found: Mapping[str, str] = {"separator": self.separator, "stop": self.stop, "lead": lead}
        marks: dict[str, Json] = {name: mark for name, mark in found.items() if mark}
        given = row.get("extra")
        extra = {**(given if isinstance(given, Mapping) else {}), **marks}
        out = {**row, "prompt": prompt.removesuffix(self.separator), "completion": answer.removeprefix(lead)}
        return {**out, "extra": extra} if extra else out


def without_marks_in_extra(rest: Row) -> Values:
    """Return the rest of a row whose marks stand in its texts again."""
    extra = rest.get("extra")
    if not isinstance(extra, Mapping):
        return dict(rest)
    left = {key: value for key, value in extra.items() if key not in MARKS}
    out = {key: value for key, value in rest.items() if key != "extra"}
    return {**out, "extra": left} if left else out
