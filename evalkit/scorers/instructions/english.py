"""The kinds of IFEval (Zhou et al. 2023), 25 of them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

from evalkit.scorers.instructions import shared
from evalkit.scorers.instructions.nouns import BadInstruction, Check, InstructionArguments
from evalkit.text.sentences import sentences

_STARRED = re.compile(r"^\s*\*[^*].*$", re.MULTILINE), re.compile(r"^\s*-.*$", re.MULTILINE)
_BULLET = re.compile(r"^\s*(?:[-*+•‣◦]|\u2013)\s+\S.*$", re.MULTILINE)
_HIGHLIGHT = re.compile(r"\*[^\n*]*\*"), re.compile(r"\*\*[^\n*]*\*\*")
_ANSWERS = ("My answer is yes.", "My answer is no.", "My answer is maybe.")
_WORD = re.compile(r"\w+")
_CAPITAL_WORD = re.compile(r"[A-Za-z]+(?:[-'’.][A-Za-z]+)*\.?|\d+\w*")


def _existence(text: str, given: InstructionArguments) -> bool:
    return all(_times(text, word, given) for word in given.texts("keywords"))


def _frequency(text: str, given: InstructionArguments) -> bool:
    return given.holds(_times(text, given.text("keyword").strip(), given), "frequency")


def _times(text: str, word: str, given: InstructionArguments) -> int:
    """How often a keyword stands there: officially as a pattern anywhere, by default as whole words."""
    if not given.compat:
        return len(re.findall(rf"(?<!\w){re.escape(word)}(?!\w)", text, re.IGNORECASE))
    try:
        return len(re.findall(word, text, re.IGNORECASE))
    except re.error:
        return len(re.findall(re.escape(word), text, re.IGNORECASE))


def _forbidden(text: str, given: InstructionArguments) -> bool:
    words = given.texts("forbidden_words")
    return not any(re.search(rf"\b{re.escape(word)}\b", text, re.IGNORECASE) for word in words)


def _letters(text: str, given: InstructionArguments) -> bool:
    letter = given.text("letter").strip().lower()
    if len(letter) != 1:
        raise BadInstruction("letter must be one character")
    return given.holds(Counter(text.lower())[letter], "let_frequency", relation="let_relation")


def _sentences(text: str, given: InstructionArguments) -> bool:
    return given.holds(len(sentences(text)), "num_sentences")


def _words(text: str, given: InstructionArguments) -> bool:
    return given.holds(len(_WORD.findall(text)), "num_words")


def _first_word(text: str, given: InstructionArguments) -> bool:
    found = shared.find_paragraph(text, given)
    if found is None:
        return False
    first = re.split(r"[.,?!'\"]", found.split()[0].lstrip("'").lstrip('"'), maxsplit=1)[0]
    return first.lower() == given.text("first_word").lower()


def _bullets(text: str, given: InstructionArguments) -> bool:
    if given.compat:
        return sum(len(pattern.findall(text)) for pattern in _STARRED) == given.count("num_bullets")
    return len(_BULLET.findall(text)) == given.count("num_bullets")


def _one_of(text: str, given: InstructionArguments) -> bool:
    said = text.strip()
    return any(one in said for one in _ANSWERS) if given.compat else said in _ANSWERS


def _highlights(text: str, given: InstructionArguments) -> bool:
    once, twice = (pattern.findall(text) for pattern in _HIGHLIGHT)
    many = sum(bool(one.strip("*").strip()) for one in once)
    if given.compat:
        many += sum(bool(one.removeprefix("**").removesuffix("**").strip()) for one in twice)
    else:
        bare = _HIGHLIGHT[1].sub("", text)
        many = sum(bool(one.strip("*").strip()) for one in (*twice, *_HIGHLIGHT[0].findall(bare)))
    return many >= given.count("num_highlights")


def _sections(text: str, given: InstructionArguments) -> bool:
    marker = given.text("section_spliter").strip()
    if given.compat:
        return len(re.split(rf"\s?{marker}\s?\d+\s?", text)) - 1 >= given.count("num_sections")
    found = re.findall(rf"(?<!\w){re.escape(marker)}\s?\d+", text, re.IGNORECASE)
    return len(found) >= given.count("num_sections")


def _title(text: str, given: InstructionArguments) -> bool:
    return any(one.lstrip("<").rstrip(">").strip() for one in re.findall(r"<<[^\n]+>>", text))


def _repeats(text: str, given: InstructionArguments) -> bool:
    return text.strip().lower().startswith(given.text("prompt_to_repeat").strip().lower())


def _ends(text: str, given: InstructionArguments) -> bool:
    return text.strip().strip('"').lower().endswith(given.text("end_phrase").strip().lower())


def _is_quoted(text: str, given: InstructionArguments) -> bool:
    said = text.strip()
    pairs = {('"', '"')} if given.compat else {('"', '"'), ("“", "”")}
    return len(said) > 1 and (said[0], said[-1]) in pairs


def _capital_words(text: str, given: InstructionArguments) -> bool:
    many = sum(one.isupper() for one in _CAPITAL_WORD.findall(text))
    return given.holds(many, "capital_frequency", relation="capital_relation")


def _all_capital(text: str, given: InstructionArguments) -> bool:
    return text.isupper() and shared.is_language(text.lower(), "en", unsure=given.compat)


def _all_lower(text: str, given: InstructionArguments) -> bool:
    return text.islower() and shared.is_language(text, "en", unsure=given.compat)


def _no_comma(text: str, given: InstructionArguments) -> bool:
    return not any(mark in text for mark in ("," if given.compat else ",，、"))


CHECKS: Mapping[str, Check] = {
    "keywords:existence": _existence,
    "keywords:frequency": _frequency,
    "keywords:forbidden_words": _forbidden,
    "keywords:letter_frequency": _letters,
    "language:response_language": shared.speaks_language,
    "length_constraints:number_sentences": _sentences,
    "length_constraints:number_paragraphs": shared.has_paragraphs,
    "length_constraints:number_words": _words,
    "length_constraints:nth_paragraph_first_word": _first_word,
    "detectable_content:number_placeholders": shared.has_placeholders,
    "detectable_content:postscript": shared.has_postscript,
    "detectable_format:number_bullet_lists": _bullets,
    "detectable_format:constrained_response": _one_of,
    "detectable_format:number_highlighted_sections": _highlights,
    "detectable_format:multiple_sections": _sections,
    "detectable_format:json_format": shared.is_json,
    "detectable_format:title": _title,
    "combination:two_responses": shared.has_two_answers,
    "combination:repeat_prompt": _repeats,
    "startend:end_checker": _ends,
    "startend:quotation": _is_quoted,
    "change_case:capital_word_frequency": _capital_words,
    "change_case:english_capital": _all_capital,
    "change_case:english_lowercase": _all_lower,
    "punctuation:no_comma": _no_comma,
}
