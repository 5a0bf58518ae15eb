"""The Japanese kinds of M-IFEval (Dussolle et al. 2025), 33 of them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from evalkit.scorers.instructions import shared
from evalkit.scorers.instructions.japanese_words import cut_words, ends_with_noun, has_noun_before_stop, split_sentences
from evalkit.scorers.instructions.nouns import BadInstruction, Check, InstructionArguments
from evalkit.text.script import HAN
from evalkit.text.sentences import sentences

_ANSWERS = ("はい、そうです。", "いいえ、違います。", "どちらとも言えません。")
_DOT = re.compile(r"^\s*・[^・].*$", re.MULTILINE)
_BULLET = re.compile(r"^\s*(?:[・●○◦•◆■]|[-*+]\s)\s*\S.*$", re.MULTILINE)
_NUMBERED = re.compile(r"^\s*\d+\.\s.*$", re.MULTILINE)
_ANY_NUMBERED = re.compile(r"^\s*(?:[(（]?\d+[.．)）、:：]\s*|[①-⑳]\s*)\S.*$", re.MULTILINE)
_HIGHLIGHT = re.compile(r"《[^\n《》]*》")
_QUOTED = re.compile(r"「.*?」|『.*?』")
_KANJI = re.compile(r"[\u4e00-\u9faf]")
_KANJI_RUN = re.compile(r"[\u4e00-\u9faf]+")
_READ = re.compile(r"[\u4e00-\u9faf]+（[ぁ-ん]+）")
_HAN, _HAN_RUN = re.compile(f"[{HAN}]"), re.compile(f"[{HAN}]+")
_HAN_READ = re.compile(f"[{HAN}]+[（(][ぁ-ゖァ-ヺー]+[）)]")
_STOPS, _COMMAS = ("。", "。．｡"), ("、", "、，､")
_TAIL = re.compile(r"[\s」』）)”\"♪★☆…～〜！!？?。．.]+$")


def _existence(text: str, given: InstructionArguments) -> bool:
    words = _words(text, given)
    return all(word in words for word in given.texts("keywords"))


def _frequency(text: str, given: InstructionArguments) -> bool:
    word = given.text("keyword").strip()
    return given.holds(_words(text, given).count(word), "frequency")


def _forbidden(text: str, given: InstructionArguments) -> bool:
    words = _words(text, given)
    return not any(word in words for word in given.texts("forbidden_words"))


def _words(text: str, given: InstructionArguments) -> list[str] | str:
    """What keywords are looked for in: officially the tokens of janome, by default the text."""
    return cut_words(text) if given.compat else unicodedata.normalize("NFKC", text)


def _letters(text: str, given: InstructionArguments) -> bool:
    letter = given.text("letter").strip()
    if len(letter) != 1 or not "ぁ" <= letter <= "ん":
        raise BadInstruction("letter must be one hiragana")
    many = text.count(letter) + text.count(chr(ord(letter) + 0x60))
    return given.holds(many, "let_frequency", relation="let_relation")


def _sentences(text: str, given: InstructionArguments) -> bool:
    return given.holds(len(split_sentences(text) if given.compat else sentences(text)), "num_sentences")


def _length(text: str, given: InstructionArguments) -> bool:
    return given.holds(len(text if given.compat else "".join(text.split())), "num_letters")


def _first_word(text: str, given: InstructionArguments) -> bool:
    found, wanted = shared.find_paragraph(text, given), given.text("first_word").lower()
    if found is None:
        return False
    begins = found.lstrip("「").lstrip("『") if given.compat else found.lstrip("「『*#\u3000 ").lower()
    return begins.startswith(wanted)


def _bullets(text: str, given: InstructionArguments) -> bool:
    return len((_DOT if given.compat else _BULLET).findall(text)) == given.count("num_bullets")


def _numbered_items(text: str, given: InstructionArguments) -> bool:
    return len((_NUMBERED if given.compat else _ANY_NUMBERED).findall(text)) == given.count("num_items")


def _one_of(text: str, given: InstructionArguments) -> bool:
    said = text.strip()
    return any(one in said for one in _ANSWERS) if given.compat else said in _ANSWERS


def _highlights(text: str, given: InstructionArguments) -> bool:
    found = [one for one in _HIGHLIGHT.findall(text) if one.strip("《》").strip()]
    return len(found) >= given.count("num_highlights")


def _sections(text: str, given: InstructionArguments) -> bool:
    number = r"[\d０-９]+" if given.compat else r"[\d０-９一二三四五六七八九十百]+"
    found = re.findall(rf"第{number}{re.escape(given.text('section_spliter').strip())}", text)
    return len(found) >= given.count("num_sections")


def _repeats(text: str, given: InstructionArguments) -> bool:
    return text.strip().startswith(given.text("prompt_to_repeat").strip())


def _ends(text: str, given: InstructionArguments) -> bool:
    return text.strip().strip("」』").endswith(given.text("end_phrase").strip().strip("」』"))


def _title(text: str, given: InstructionArguments) -> bool:
    return any(one.lstrip("『").rstrip("』").strip() for one in re.findall(r"『[^\n]+』", text))


def _no_stop(text: str, given: InstructionArguments) -> bool:
    return not any(mark in text for mark in _STOPS[not given.compat])


def _no_comma(text: str, given: InstructionArguments) -> bool:
    return not any(mark in text for mark in _COMMAS[not given.compat])


def _is_quoted(text: str, given: InstructionArguments) -> bool:
    said = text.strip()
    return len(said) > 1 and said[0] == "「" and said[-1] == "」"


def _furigana(text: str, given: InstructionArguments) -> bool:
    runs, read = (_KANJI_RUN, _READ) if given.compat else (_HAN_RUN, _HAN_READ)
    return len(runs.findall(text)) == len(read.findall(text))


def _kanji(text: str, given: InstructionArguments) -> bool:
    return given.holds(len((_KANJI if given.compat else _HAN).findall(text)), "kanji_limit")


def _no_hiragana(text: str, given: InstructionArguments) -> bool:
    return not re.search("[ぁ-ゖ]", text)


def _no_katakana(text: str, given: InstructionArguments) -> bool:
    return not re.search("[ァ-ヺｦ-ﾟ]", text)


def _hiragana_only(text: str, given: InstructionArguments) -> bool:
    last = "ん" if given.compat else "ゖ"
    return all("ぁ" <= mark <= last or mark == "ー" or not _is_letter(mark) for mark in text)


def _katakana_only(text: str, given: InstructionArguments) -> bool:
    last = "ン" if given.compat else "ヺ"
    return all("ァ" <= mark <= last or mark in "ー・" or "ｦ" <= mark <= "ﾟ" or not _is_letter(mark) for mark in text)


def _is_letter(mark: str) -> bool:
    return unicodedata.category(mark).startswith("L")


def _one_ending(text: str, given: InstructionArguments) -> bool:
    ending, plain = given.text("ending"), _QUOTED.sub("", text)
    if given.compat:  # what stands behind the last stop, a line end even, is a sentence as well
        return all(one.endswith(ending) for one in re.split("[。！？]", plain) if one)
    said = [_TAIL.sub("", one) for one in sentences(plain)]
    return bool(said) and all(one.endswith(ending) for one in said if one)


def _nominal(text: str, given: InstructionArguments) -> bool:
    plain = _QUOTED.sub("", text)
    many = has_noun_before_stop(plain) if given.compat else sum(ends_with_noun(one) for one in sentences(plain))
    return many >= given.count("count")


def _kansuuji(text: str, given: InstructionArguments) -> bool:
    return not re.search(r"\d", text)


CHECKS: Mapping[str, Check] = {
    "ja:keywords:existence": _existence,
    "ja:keywords:frequency": _frequency,
    "ja:keywords:forbidden_words": _forbidden,
    "ja:keywords:letter_frequency": _letters,
    "ja:language:response_language": shared.speaks_language,
    "ja:length_constraints:number_sentences": _sentences,
    "ja:length_constraints:number_paragraphs": shared.has_paragraphs,
    "ja:length_constraints:number_letters": _length,
    "ja:length_constraints:nth_paragraph_first_word": _first_word,
    "ja:detectable_content:number_placeholders": shared.has_placeholders,
    "ja:detectable_content:postscript": shared.has_postscript,
    "ja:detectable_format:number_bullet_lists": _bullets,
    "ja:detectable_format:number_numbered_lists": _numbered_items,
    "ja:detectable_format:constrained_response": _one_of,
    "ja:detectable_format:number_highlighted_sections": _highlights,
    "ja:detectable_format:multiple_sections": _sections,
    "ja:detectable_format:json_format": shared.is_json,
    "ja:detectable_format:title": _title,
    "ja:detectable_format:nominal_ending": _nominal,
    "ja:combination:two_responses": shared.has_two_answers,
    "ja:combination:repeat_prompt": _repeats,
    "ja:startend:end_checker": _ends,
    "ja:startend:quotation": _is_quoted,
    "ja:startend:sentence_unified_end": _one_ending,
    "ja:punctuation:no_period": _no_stop,
    "ja:punctuation:no_comma": _no_comma,
    "ja:letters:furigana": _furigana,
    "ja:letters:kanji": _kanji,
    "ja:letters:no_hiragana": _no_hiragana,
    "ja:letters:hiragana_only": _hiragana_only,
    "ja:letters:no_katakana": _no_katakana,
    "ja:letters:katakana_only": _katakana_only,
    "ja:letters:kansuuji": _kansuuji,
}
