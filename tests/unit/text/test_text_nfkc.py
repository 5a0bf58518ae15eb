"""The quick way of NFKC is NFKC."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from evalkit.text.marks import drop_invisible, is_blank
from evalkit.text.normalize import STEPS, Step, nfkc, normalize


def test_every_character_alone_and_between_kana_is_as_unicodedata_says() -> None:
    marks = [chr(code) for code in range(0x110000) if not 0xD800 <= code < 0xE000]
    assert [mark for mark in marks if nfkc(f"あ{mark}い") != unicodedata.normalize("NFKC", f"あ{mark}い")] == []


@given(st.text(alphabet="aあア漢！ｱﾞ゙\u3000①é゛Ａ", max_size=12))
def test_any_mixture_is_as_unicodedata_says(text: str) -> None:
    assert nfkc(text) == unicodedata.normalize("NFKC", text)


@given(
    st.text(alphabet="aA あア漢！Ａ＂＇〝\u3000①\u200b“0.。", max_size=12),
    st.lists(st.sampled_from(sorted(STEPS)), max_size=6),
)
def test_several_steps_are_one_after_the_other(text: str, steps: list[Step]) -> None:
    changed = text
    for step in steps:
        changed = STEPS[step](changed)
    assert normalize(text, steps) == changed


def test_a_text_is_blank_when_nothing_is_left_that_can_be_seen() -> None:
    for code in range(0x110000):
        mark = chr(code)
        assert is_blank(mark) == (not drop_invisible(mark).replace("\u2800", "").strip()), hex(code)
