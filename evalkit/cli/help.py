"""Help in the command's language: sentences from a table of their own, lines broken by what a terminal shows."""

from __future__ import annotations

import argparse
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

from evalkit.cli.language import current_language

_NEVER_FIRST = frozenset("、。,.:;!?)]}」』】〉》〕・ーぁぃぅぇぉっゃゅょァィゥェォッャュョ々")
_NEVER_LAST = frozenset("([{「『【〈《〔")
_WIDE = ("W", "F", "A")


@cache
def help_sentences() -> Mapping[str, str]:
    """Return what `--help` says: English -> Japanese."""
    import json
    from importlib.resources import files

    told: dict[str, str] = json.loads(files("evalkit.cli").joinpath("help.ja.json").read_text(encoding="utf-8"))
    return told


def say_help(text: str) -> str:
    """Say a piece of help in the command's language.

    What the table does not know stays as it is.
    """
    return text if current_language() == "en" else help_sentences().get(text, text)


def help_formatter() -> type[argparse.HelpFormatter]:
    """Return the formatter of the command's language."""
    return argparse.RawDescriptionHelpFormatter if current_language() == "en" else JapaneseHelp


class JapaneseHelp(argparse.RawDescriptionHelpFormatter):
    """Writes argparse's help in Japanese.

    A kanji takes two columns of a terminal, and a line may end behind any of them.
    """

    def add_usage(self, usage: str | None, actions: Any, groups: Any, prefix: str | None = None) -> None:
        """Add the usage under its Japanese name."""
        super().add_usage(usage and say_help(usage), actions, groups, say_help("usage: ") if prefix is None else prefix)

    def _format_usage(self, *args: Any) -> str:
        first, *rest = super()._format_usage(*args).split("\n")
        wider = " " * (_columns(say_help("usage: ")) - len(say_help("usage: ")))
        return "\n".join([first, *(wider + line if line.startswith(" ") else line for line in rest)])

    def start_section(self, heading: str | None) -> None:
        """Begin a section under its Japanese heading."""
        super().start_section(heading and say_help(heading))

    def add_text(self, text: str | None) -> None:
        """Add a description or an epilog."""
        super().add_text(text and say_help(text))

    def _get_help_string(self, action: argparse.Action) -> str | None:
        told = super()._get_help_string(action)
        return told and say_help(told)

    def _split_lines(self, text: str, width: int) -> list[str]:
        return list(wrap_columns(text, width))


def wrap_columns(text: str, width: int) -> Iterator[str]:
    """Break a text into lines of so many columns of a terminal.

    A line ends at a blank or behind a Japanese character, never before a mark that may not begin one.

    >>> list(wrap_columns("総合判定のデータ(- で標準出力)", 17))
    ['総合判定のデータ', '(- で標準出力)']
    """
    line = ""
    for piece in _pieces(text):
        if line and _columns(line + piece.rstrip()) > width:
            yield line.rstrip()
            line = piece.lstrip()
        else:
            line += piece
    if line.strip():
        yield line.rstrip()


def _pieces(text: str) -> Iterator[str]:
    """Pieces that a line is not broken within: words, and Japanese characters with the marks around them."""
    piece = ""
    for mark in " ".join(text.split()):
        breaks = bool(piece) and (piece[-1] == " " or _is_wide(piece[-1]) or _is_wide(mark) or mark in _NEVER_LAST)
        if breaks and mark != " " and mark not in _NEVER_FIRST and piece[-1] not in _NEVER_LAST:
            yield piece
            piece = ""
        piece += mark
    if piece:
        yield piece


def _is_wide(mark: str) -> bool:
    return unicodedata.east_asian_width(mark) in _WIDE


def _columns(text: Iterable[str]) -> int:
    return sum(2 if _is_wide(mark) else 1 for mark in text)
