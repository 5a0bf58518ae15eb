"""What evalkit says, in English and Japanese.

A sentence is made in English where its figures are known, and is kept so: in the verdict, in `--json`, in a kept run.
`catalogue/` holds every one of them as a key with holes for the figures, and its Japanese with the same holes. A
renderer that speaks Japanese finds the key that an English sentence was made from, takes the figures out of it and
writes them into the Japanese. So a run that was kept before speaks Japanese as well, and no figure is computed twice.
`glossary.json` has one Japanese word for each thing.
"""

from __future__ import annotations

from evalkit.report.sentences.book import Speaker, in_japanese, is_whole, speaker
from evalkit.report.sentences.language import LANGUAGES, Language, language_of, read_language
from evalkit.report.sentences.titles import title_speaker

__all__ = [
    "LANGUAGES",
    "Language",
    "Speaker",
    "in_japanese",
    "is_whole",
    "language_of",
    "read_language",
    "speaker",
    "title_speaker",
]
