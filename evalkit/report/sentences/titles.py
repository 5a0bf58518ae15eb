"""Titles of tables on a terminal and in Markdown: words too short to be looked up as sentences."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from evalkit.report.sentences.book import Speaker, in_japanese
from evalkit.report.sentences.language import Language


@cache
def titles() -> Mapping[str, str]:
    """Return the titles: English -> Japanese."""
    told: dict[str, str] = json.loads(
        files("evalkit.report.sentences").joinpath("titles.ja.json").read_text(encoding="utf-8")
    )
    return told


def title_speaker(language: Language) -> Speaker:
    """Return what says a title, or a sentence below it, in a language."""
    return str if language == "en" else _say


def _say(text: str) -> str:
    return titles().get(text) or in_japanese(text)
