"""No sentence is without its Japanese: the source is walked, and each missing key is named with its place."""

from __future__ import annotations

import pytest
from sentence_source import (
    HOUSE,
    LEFT_OUT,
    NO_SENTENCES,
    ROOMS,
    known_sentences,
    missing_sentences,
    pieces_of,
    strings,
    told_by_help,
)

from evalkit.cli.help import help_sentences


@pytest.mark.parametrize("room", ROOMS)
def test_every_sentence_has_its_japanese(room: str) -> None:
    missing = missing_sentences(room, known_sentences())
    assert not missing, "add a line to evalkit/report/sentences/catalogue/ for each: " + "; ".join(missing)


def test_what_is_left_out_is_there() -> None:
    assert all((HOUSE / name).is_file() for name in NO_SENTENCES)
    assert all((HOUSE / name).is_dir() for name in LEFT_OUT)
    assert len(ROOMS) > 18


def test_a_sentence_without_japanese_would_be_found() -> None:
    pieces = [piece for _, text in strings("f'the {name} of a wholly new sentence'") for piece in pieces_of(text)]
    assert pieces == ["of a wholly new sentence"]
    assert pieces[0] not in known_sentences()


def test_all_help_has_its_japanese_and_no_japanese_is_left_over() -> None:
    told = told_by_help()
    assert sorted(told - {*help_sentences()}) == [], "add a line to evalkit/cli/help.ja.json for each"
    assert sorted({*help_sentences()} - told) == [], "take these out of evalkit/cli/help.ja.json"
