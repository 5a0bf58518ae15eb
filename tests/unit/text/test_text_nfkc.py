"""The quick way of NFKC is NFKC."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from evalkit.text.normalize import nfkc


def test_every_character_alone_and_between_kana_is_as_unicodedata_says() -> None:
    marks = [chr(code) for code in range(0x110000) if not 0xD800 <= code < 0xE000]
    assert [mark for mark in marks if nfkc(f"あ{mark}い") != unicodedata.normalize("NFKC", f"あ{mark}い")] == []


@given(st.text(alphabet="aあア漢！ｱﾞ゙\u3000①é゛Ａ", max_size=12))
def test_any_mixture_is_as_unicodedata_says(text: str) -> None:
    assert nfkc(text) == unicodedata.normalize("NFKC", text)
