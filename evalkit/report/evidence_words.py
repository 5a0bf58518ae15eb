"""The sentences of the evidence page, in English and Japanese; figures only, and what they cannot tell."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from evalkit.report.sentences.language import Language

LIMITS = ("tags", "why", "level", "time", "law", "many")
"""Sentences under what the page cannot tell, in their order"""
BLANKS = ("purpose", "who_chose", "consulted", "oversight", "again", "signed")
"""What people fill in"""


@cache
def words_in(language: Language) -> Mapping[str, str]:
    """Return the sentences of a language by their keys."""
    asset = files("evalkit.report.renderers").joinpath("assets", f"evidence.{language}.json")
    found: Mapping[str, str] = json.loads(asset.read_text(encoding="utf-8"))
    return found
