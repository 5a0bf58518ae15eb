"""Checks that are the same in English and Japanese."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from evalkit.scorers.instructions.nouns import BadInstruction, InstructionArguments
from evalkit.text.language import CODES, tell_languages

_DIVIDER = re.compile(r"\s?\*\*\*\s?")
_PLACEHOLDER = re.compile(r"\[.*?\]")
_FILLED = re.compile(r"[\[［【][^\]］】\n]*[^\]］】\s][^\]］】\n]*[\]］】]")
_RARER = frozenset({"bn", "ur", "ta", "te", "ne", "sw", "kn", "mr", "gu", "pa", "ml"})
"""Languages of IFEval that only py3langid tells"""
_FENCE = ("```json", "```Json", "```JSON", "```")


def speaks_language(text: str, given: InstructionArguments) -> bool:
    """Tell whether the whole answer is in the language named.

    Official: langdetect, unseeded, and a text that it cannot tell passes; here the rules of the scorer `language`, and
    py3langid for the languages that those do not know: always alike.
    """
    wanted = given.text("language").lower().partition("-")[0]
    if wanted not in CODES and wanted not in _RARER:
        raise BadInstruction(f"language {wanted!r} is none that can be told")
    return is_language(text, wanted, unsure=given.compat)


def is_language(text: str, wanted: str, *, unsure: bool) -> bool:
    """Tell whether most letters of a text are of a language.

    `unsure` is the answer where it has none.
    """
    if wanted in CODES:
        main = tell_languages(text, expect=wanted).main
        return unsure if main is None else main == wanted
    if not any(mark.isalpha() for mark in text):
        return unsure
    import py3langid

    return bool(py3langid.classify(text)[0] == wanted)


def has_placeholders(text: str, given: InstructionArguments) -> bool:
    """Tell whether there are at least so many placeholders in brackets."""
    pattern = _PLACEHOLDER if given.compat else _FILLED
    return len(pattern.findall(text)) >= given.count("num_placeholders")


def has_paragraphs(text: str, given: InstructionArguments) -> bool:
    """Tell whether `***` divides the text into exactly so many paragraphs."""
    pieces = _DIVIDER.split(text)
    if any(not piece.strip() for piece in pieces[1:-1]):
        return False
    return sum(bool(piece.strip()) for piece in pieces) == given.count("num_paragraphs")


def is_json(text: str, given: InstructionArguments) -> bool:
    """Tell whether the whole answer is JSON, a fence around it aside."""
    whole = text.strip()
    for opening in _FENCE:
        if whole.startswith(opening):
            whole = whole[len(opening) :]
            break
    try:
        json.loads(whole.removesuffix("```").strip())
    except ValueError:
        return False
    return True


def has_two_answers(text: str, given: InstructionArguments) -> bool:
    """Tell whether `******` divides the text into two different answers."""
    pieces = text.split("******")
    if any(not piece.strip() for piece in pieces[1:-1]):
        return False
    said = [piece.strip() for piece in pieces if piece.strip()]
    return len(said) == 2 and said[0] != said[1]


def has_postscript(text: str, given: InstructionArguments) -> bool:
    """Tell whether a postscript with this marker is there.

    By default it begins a line.
    """
    marker = given.text("postscript_marker").strip()
    spelled = {"P.P.S": r"p\.\s?p\.\s?s", "P.S.": r"p\.\s?s\."}.get(marker, re.escape(marker))
    begins = r"\s*" if given.compat else r"^\W*"
    return re.search(begins + spelled + r".*$", text, re.IGNORECASE | re.MULTILINE) is not None


def find_paragraph(text: str, given: InstructionArguments) -> str | None:
    """Find the paragraph that is asked about.

    None where there are not exactly as many as there should be. Paragraphs stand between
    blank lines. In compat mode the one asked about is taken by its place among all pieces, empty ones too.
    """
    pieces = text.split("\n\n")
    filled = [piece for piece in pieces if piece.strip()]
    which, many = given.count("nth_paragraph"), given.count("num_paragraphs")
    if len(filled) != many or not 1 <= which <= many:
        return None
    found = (pieces if given.compat else filled)[which - 1].strip()
    return found or None


def list_variants(text: str) -> Sequence[str]:
    """List the eight texts that loose scoring tries.

    Without the first line, the last one, both, and without asterisks.
    """
    lines = text.split("\n")
    cut = [text, "\n".join(lines[1:]).strip(), "\n".join(lines[:-1]).strip(), "\n".join(lines[1:-1]).strip()]
    return [*cut, *(one.replace("*", "") for one in cut)]
