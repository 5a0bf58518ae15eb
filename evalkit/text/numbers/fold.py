"""One spelling before numbers are read: widths, digits of all scripts, dashes, separators, LaTeX, Markdown."""

from __future__ import annotations

import re
import unicodedata

_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻", "0123456789+-")
_RAISED = re.compile(r"(?<=[\d)])([⁺⁻]?[⁰¹²³⁴-⁹]{1,8})|[⁰¹²³⁴-⁹⁺⁻]+")
_UNDERSCORE = re.compile(r"(?<![A-Za-z0-9])_(?=[-$]?\d)|(?<=\d)_(?![A-Za-z0-9])")
_ZERO = re.compile(r"ゼロ(?=です|で[あは]|だ|[。、円個人回点%]|\s|$)")
_VULGAR = re.compile(r"(?<=\d)(?=[¼-¾⅐-⅞])")
_CIRCLED = re.compile(r"[①-⑳❶-❿➀-➓㊀-㊉]")
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−﹣－", "-") | {"〜": "~", "∼": "~", "⁄": "/", "∕": "/", "÷": "/"})
_LONG_MARK = re.compile(r"(?<![ァ-ヶーぁ-ん一-鿿])ー(?=\d)")
_STRONG_SPACE = re.compile(r"(?<=\d)[\u00a0\u2007\u2008\u2009\u202f\u066c](?=\d{3}(?!\d))")
_QUOTED = re.compile(r"(?<=\d)['’](?=\d{3}(?!\d))")
_OTHER_DIGITS = re.compile(r"[^\x00-\x7f]")
_CALCULATOR = re.compile(r"<<[^<>\n]{0,200}>>")
_STRUCK = re.compile(r"~~[^~\n]{1,200}~~")
_FRACTION = re.compile(r"\\[dt]?frac\s?(?:\{\s?(-?[\d.,]{1,30})\s?\}\s?\{\s?(-?[\d.,]{1,30})\s?\}|(\d)(\d))")
_WRAPPED = re.compile(r"\\(?:text|mathrm|mathbf|textbf|operatorname|boxed|fbox|mbox)\s?\{")
_POWER = re.compile(r"\^\s?\{\s?([-+]?\d{1,8})\s?\}")
_STARS = re.compile(r"(?<=\d)\s?\*\*\s?(?=-?\d)")
_MARKS = re.compile(r"\*\*|__|`|\\[()\[\]]|\\(?:left|right|displaystyle|quad)\b|[\u200b-\u200d\u2060\ufeff]")
_LATEX = {
    r"{,}": ",", r"\,": "\N{THIN SPACE}", r"\!": "", r"\;": " ", r"\:": " ", r"\ ": " ", r"\times": "×",
    r"\cdot": "×", r"\div": "/", r"\$": "$", r"\%": "%", r"^\circ": "°", r"^{\circ}": "°", r"\pi": "π", r"\sqrt": "√",
    r"\approx": "≈", r"\neq": "≠",
}  # fmt: skip
_LATEX_PATTERN = re.compile("|".join(re.escape(key) for key in sorted(_LATEX, key=len, reverse=True)))


def fold(text: str) -> str:
    """Spell a text in the one way that the grammar of numbers knows.

    >>> fold("$9{,}500 is **2½** × 10⁸")
    '$9,500 is 2 1/2 × 10^8'
    >>> fold("−５％ of ٤٢")
    '-5% of 42'
    """
    text = _CALCULATOR.sub("", text)
    if "\\" in text or "{,}" in text:
        text = _latex(text)
    text = _UNDERSCORE.sub("", _POWER.sub(r"^\1", _STARS.sub("^", text)))
    text = _QUOTED.sub(",", _MARKS.sub("", _STRUCK.sub(" ", text)))
    if text.isascii():
        return text
    text = _ZERO.sub("0", text)
    text = _VULGAR.sub(" ", text)
    text = _RAISED.sub(lambda one: f"^{one[1].translate(_SUPERSCRIPTS)}" if one[1] else " ", text)
    text = _STRONG_SPACE.sub(",", text)
    bare = text.strip()
    if len(bare) > 1:
        text = _CIRCLED.sub(" ", text)
    text = unicodedata.normalize("NFKC", text).translate(_DASHES)
    text = _LONG_MARK.sub("-", text)
    return _OTHER_DIGITS.sub(lambda one: _digit(one.group()), text)


def _digit(mark: str) -> str:
    if mark == "٫":
        return "."
    if mark == "٬":
        return ","
    return str(unicodedata.decimal(mark)) if mark.isdecimal() else mark


def _latex(text: str) -> str:
    text = _LATEX_PATTERN.sub(lambda one: _LATEX[one.group()], text)
    text = _FRACTION.sub(lambda one: f" {one[1] or one[3]}/{one[2] or one[4]} ", text)
    text = re.sub(r"-\s+(?=\d+/\d)", "-", text)
    return _WRAPPED.sub(" ", text)
