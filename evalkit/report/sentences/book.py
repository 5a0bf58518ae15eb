"""Says in Japanese what evalkit said in English: looks its sentences up, with their figures, in the catalogue."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from itertools import islice

from evalkit.report.sentences.language import Language
from evalkit.report.sentences.template import Hole, Template, has_holes, is_figure, read_template

Speaker = Callable[[str], str]
"""Says an English sentence of evalkit in the language it was made for"""

_LINE = re.compile(r"^(\s*)(.*?)(\s*)$", re.DOTALL)
_TOKEN = re.compile(r"[a-zA-Z]{2,}")
_PROSE = re.compile(r"(?<![\w'`\"/.=-])[a-z]+(?: [a-z]+){2,}(?![\w'`\"/=-])")
_QUOTED = re.compile(r"`[^`]*`|'[^']*'|\"[^\"]*\"|\([a-z]:[^)]*\)")
_LABEL = re.compile(r"(evalkit|note|warning|error|allowed|to do): ")
_LED = re.compile(rf"(?:{_LABEL.pattern})+(?:[^\s:]+(?::\d+)+: )?")
"""What stands before a sentence on a screen: what kind it is of, and the place in a file"""
_BRACKET = re.compile(r"[()\[\]{}.;]|(?<!`)`(?!`)")
_PAIRS = {")": "(", "]": "[", "}": "{"}
_REPR = re.compile(r"(?<!\w)(?:'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")(?!\w)")
"""What Python quotes: other people's words"""
_SPLITS = 24
_LONGEST_NAME = 400
_LEAST_WEIGHT = 7
"""So many letters of its own a sentence has at least that is believed though a part of it stays English"""
_MOST_CLAUSES = 40
"""So many parts one sentence has at most; a longer text is a list, whose items are looked up one by one"""
_LONGEST = 4_000
_STEPS = (". ", "; ")
_MARKS = (*_STEPS, ": ", " -> ")
"""What stands between parts of a sentence, and seldom in a name"""
_ENDINGS = ("す", "た", "ん", "い", "か", "る")
"""How a Japanese sentence ends, and no item of a list"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A text in Japanese; `whole` where nothing of it stayed English prose."""

    text: str
    whole: bool


@cache
def catalogue() -> Mapping[str, str]:
    """Return every sentence of evalkit: English -> Japanese, with holes."""
    folder = files("evalkit.report.sentences").joinpath("catalogue")
    told: dict[str, str] = {}
    for path in sorted(folder.iterdir(), key=lambda one: one.name):
        if path.name.endswith(".ja.json"):
            told.update(json.loads(path.read_text(encoding="utf-8")))
    return {english.replace("→", "->"): japanese for english, japanese in told.items()}


@cache
def _without_holes() -> Mapping[str, str]:
    """The sentences without a hole."""
    return {en.removesuffix("."): ja.removesuffix("。") for en, ja in catalogue().items() if not has_holes(en)}


@cache
def _by_word() -> Mapping[str, tuple[Template, ...]]:
    """The sentences with holes under their rarest word; those without a word under an empty one."""
    templates = [read_template(en, ja) for en, ja in catalogue().items() if has_holes(en)]
    common: dict[str, int] = {}
    for template in templates:
        for word in set(template.words):
            common[word] = common.get(word, 0) + 1
    found: dict[str, list[Template]] = {}
    for template in templates:
        rarest = min(template.words, key=lambda word: (common[word], word), default="")
        found.setdefault(rarest, []).append(template)
    return {word: tuple(ones) for word, ones in found.items()}


def speaker(language: Language) -> Speaker:
    """Return what says evalkit's sentences in a language."""
    return str if language == "en" else in_japanese


def in_japanese(text: str) -> str:
    """Say a text of evalkit in Japanese, line by line.

    What the catalogue does not know stays as it is.
    """
    return "\n".join(_line(line).text for line in text.split("\n"))


def is_whole(text: str) -> bool:
    """Tell whether the catalogue says all of a text."""
    return all(_line(line).whole for line in text.split("\n"))


def _line(line: str) -> Said:
    found = _LINE.match(line)
    if found is None or not found[2]:
        return Said(text=line, whole=True)
    body = found[2].replace("→", "->")
    led = _LED.match(body)
    label, rest = (led[0], body[led.end() :]) if led is not None else ("", body)
    said = _say(rest)
    if not label and said.text == body:
        return Said(text=line, whole=said.whole)
    return Said(text=f"{found[1]}{_LABEL.sub(_say_label, label)}{said.text}{found[3]}", whole=said.whole)


def _say_label(label: re.Match[str]) -> str:
    return f"{_without_holes().get(label[1], label[1])}: "


@lru_cache(maxsize=50_000)
def _say(text: str) -> Said:
    if len(text) > _LONGEST:
        return _keep(text)
    stopped = text.endswith(".") and not text.endswith(("..", " ."))
    body = text[:-1] if stopped else text
    said = _find(body)
    if said is None and stopped:
        said, stopped = _find(text), False  # a path may end in a full stop
    if said is None and body[:1].isupper():
        said = _find(body[0].lower() + body[1:])  # a clause that begins a sentence on a page
    if said is None:
        return _keep(text)
    stop = "。" if stopped and not said.text.endswith(("。", "?", "？")) else ""
    return Said(text=said.text + stop, whole=said.whole)


def _keep(text: str) -> Said:
    """A text that the catalogue does not know: whole where it is no prose (a name, a figure, code)."""
    return Said(text=text, whole=not _is_prose(text))


def _is_prose(text: str) -> bool:
    return _PROSE.search(_QUOTED.sub("", text)) is not None


@lru_cache(maxsize=50_000)
def _find(text: str) -> Said | None:
    """One sentence, or several; None where the catalogue knows none of it."""
    steps = _say_steps(text)
    if steps is not None and steps.whole:
        return steps
    return steps if _is_list(text) else _look_up(text) or steps


def _is_list(text: str) -> bool:
    """Whether more clauses stand in a text than in any sentence; what it quotes is one."""
    return text.count(": ") > _MOST_CLAUSES and _QUOTED.sub("", text).count(": ") > _MOST_CLAUSES


def _look_up(text: str) -> Said | None:
    """The sentence of the catalogue that explains most of a text, a whole one before others."""
    if text in _without_holes():
        return Said(text=_without_holes()[text], whole=True)
    best: Said | None = None
    for template in _candidates(text):
        for values in islice(template.splits(text), min(_SPLITS, 2 * template.weight)):
            said = _fill(template, values)
            if said is not None and said.whole:
                return said
            if template.weight >= _LEAST_WEIGHT:
                best = best or said
    return best


def _candidates(text: str) -> list[Template]:
    words = {"", *_TOKEN.findall(text)}
    known = _by_word()
    found = [template for word in words for template in known.get(word, ()) if template.fits(text)]
    return sorted(found, key=lambda template: (-template.weight, template.loose, template.japanese))


def _fill(template: Template, values: tuple[str, ...]) -> Said | None:
    told: dict[str, str] = {}
    whole = True
    for hole, value in zip(template.holes, values, strict=True):
        loose = hole.kind == "name" or (hole.kind == "quote" and not template.literals[0])
        if loose and " " in value and template.weight < _LEAST_WEIGHT:
            return None  # so few letters fit many a text
        said = _say_hole(hole, value)
        if said is None:
            return None
        told[hole.name] = said.text
        whole = whole and said.whole
    return Said(text=template.say(told), whole=whole)


def _say_hole(hole: Hole, value: str) -> Said | None:
    if hole.kind == "quote" or not value:
        return Said(text=value, whole=True)
    if hole.kind == "name":
        named = len(value) <= _LONGEST_NAME and not any(mark in value for mark in _MARKS)
        return Said(text=value, whole=not _is_prose(value)) if named else None
    if hole.kind == "figure":
        return Said(text=say_figure(value), whole=True)
    body = value.strip()
    if is_figure(body):
        return Said(text=value.replace(body, say_figure(body)), whole=True)
    if hole.kind == "sentence":
        said = _find(body)
        return said if said is not None and said.whole else None
    return _say(value) if " " in body else Said(text=value, whole=True)


def say_figure(figure: str) -> str:
    """Write a figure as Japanese readers do.

    >>> say_figure("+2.9 points"), say_figure("-3 pp"), say_figure("84.2%"), say_figure("0.4 s")
    ('+2.9ポイント', '-3ポイント', '84.2%', '0.4秒')
    """
    number, space, _ = figure.partition(" p")
    return f"{number}ポイント" if space else figure.replace(" s", "秒")


def _say_steps(text: str) -> Said | None:
    """A text of several sentences, each by itself; None where it is one, or none of them is known."""
    for step in _STEPS:
        parts = _parts(text, step)
        if len(parts) > 1:
            said = [_say(part) for part in parts]
            known = [one.text != part for one, part in zip(said, parts, strict=True)]
            if any(known):
                return Said(text=_join(said, known, step), whole=all(one.whole for one in said))
    return None


def _parts(text: str, step: str) -> list[str]:
    """Cut at a separator, not within brackets or quotes."""
    if step not in text:
        return [text]
    parts, start, quoted = [], 0, ""
    opened: list[str] = []
    for found in _BRACKET.finditer(_REPR.sub(lambda one: "_" * len(one[0]), text)):
        mark, at = found[0], found.start()
        if quoted:
            quoted = "" if mark == quoted else quoted
        elif mark == "`" and "`" in text[at + 1 :]:
            quoted = mark
        elif mark in ".;":
            if not opened and text.startswith(step, at):
                parts.append(text[start:at])
                start = at + len(step)
        else:
            _count_bracket(opened, mark)
    return [*parts, text[start:]]


def _count_bracket(opened: list[str], mark: str) -> None:
    """Open or close a bracket; what was cut off within it never closes."""
    if mark in _PAIRS.values():
        opened.append(mark)
    elif _PAIRS[mark] in opened:
        while opened.pop() != _PAIRS[mark]:
            pass


def _join(parts: Sequence[Said], known: Sequence[bool], step: str) -> str:
    """Japanese sentences end in a full stop, items of a list in a comma; names keep what stood between them."""
    out = ""
    for at, part in enumerate(parts):
        out += part.text
        if at < len(parts) - 1 and not part.text.endswith("。"):
            closed = step == ". " or part.text.endswith(_ENDINGS) or ": " in part.text
            out += ("。" if closed else "、") if known[at + 1] else step
    return out
