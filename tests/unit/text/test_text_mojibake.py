"""Text read in the wrong encoding is known, and what only looks like it is left alone."""

from __future__ import annotations

import pytest

from evalkit.text.mojibake import find_mojibake


@pytest.mark.parametrize(
    ("written", "read"),
    [
        *(("utf-8", "cp932"), ("utf-8", "cp1252"), ("utf-8", "latin-1"), ("utf-8", "cp1251"), ("utf-8", "mac_roman")),
        *(("cp932", "latin-1"), ("cp932", "cp1252"), ("euc_jp", "latin-1")),
    ],
)
def test_japanese_read_in_any_of_these_encodings_is_known(written: str, read: str) -> None:
    found = find_mojibake("返品の手続きについて教えてください。".encode(written).decode(read, "replace"))
    assert found is not None
    assert "について" in found[1] or "手続き" in found[1]


@pytest.mark.parametrize(
    "text",
    [
        "„Ä“ und É…",
        "縺れた糸が縺れる",
        "São Paulo à noite",
        "Привет, как дела? РСФСР, СССР.",
        "繧繝彩色",
        "naïve café «é»",
        "¥1,000 ¤",
        "Ça “va” – très bien…",
        "👨‍👩‍👧 やった！",
        "Ångström „Åse“ ÊÁË",
    ],
)
def test_what_only_looks_like_damage_is_none(text: str) -> None:
    assert find_mojibake(text) is None
