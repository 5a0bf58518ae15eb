"""What JavaScript makes of a value, a template and a pattern: configs of tools that are written in it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from evalkit.core.exchange import Json
from evalkit.text.sandbox import sandbox

_WORD, _DIGIT = "A-Za-z0-9_", "0-9"
_SPACE = r" \t\n\r\f\v\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
_CLASSES = {"d": _DIGIT, "w": _WORD, "s": _SPACE}
_EDGE = f"(?:(?<=[{_WORD}])(?![{_WORD}])|(?<![{_WORD}])(?=[{_WORD}]))"
_NO_EDGE = f"(?:(?<=[{_WORD}])(?=[{_WORD}])|(?<![{_WORD}])(?![{_WORD}]))"
_ANY = frozenset({r"\s\S", r"\S\s", r"\d\D", r"\D\d", r"\w\W", r"\W\w", "^"})
_TIMES = re.compile(r"\{\d+(,\d*)?\}")
_GROUP = re.compile(r"\?(?::|=|!|<=|<!|<(?P<name>[A-Za-z_]\w*)>)")


def js_text(value: Json) -> str:
    """Return what `String(value)` gives, with JSON for objects.

    >>> js_text(True), js_text(2.0), js_text(None), js_text([1, "a"])
    ('true', '2', '', '1,a')
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, list):
        return ",".join(js_text(one) for one in value)
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return str(value)


def template_renderer(*, strict: bool = False) -> Callable[[str, Mapping[str, Json]], str]:
    """Make a function that renders templates of Nunjucks.

    Its syntax is Jinja's. A name that is not there gives nothing, or is an error where it is `strict`. ValueError where
    a template cannot be rendered.
    """
    from jinja2 import StrictUndefined, Undefined

    environment = sandbox()
    environment.undefined = StrictUndefined if strict else Undefined
    environment.finalize = lambda value: value if isinstance(value, Undefined) else js_text(value)
    environment.filters["dump"] = lambda value: json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    environment.filters["safe"] = lambda value: value
    compiled = lru_cache(maxsize=1024)(environment.from_string)

    def render(text: str, values: Mapping[str, Json]) -> str:
        if "{{" not in text and "{%" not in text and "{#" not in text:
            return text
        try:
            return compiled(text).render(dict(values))
        except Exception as error:  # a template may do anything that ends in any error
            raise ValueError(f"the template {text[:60]!r} cannot be rendered: {error}") from None

    return render


def python_pattern(pattern: str) -> str:
    r"""Return the pattern as Python's `re` must write it to find what JavaScript finds.

    In JavaScript `\d`, `\w` and `\b` know ASCII alone, `$` is the very end, and `.` no line end of Unicode. ValueError,
    with the reason, where it cannot be said in Python.

    >>> python_pattern(r"^\d+$"), python_pattern("a.b")
    ('^[0-9]+\\Z', 'a[^\\n\\r\\u2028\\u2029]b')
    """
    return _Pattern(pattern).translate()


class _Pattern:
    """One pattern, read from left to right."""

    def __init__(self, text: str) -> None:
        self._text, self._at, self._out = text, 0, list[str]()
        self._names: set[str] = set()
        self._open: list[bool] = []
        """Of each open group, whether it may be repeated once it is closed: not if it looks behind"""

    def translate(self) -> str:
        repeatable = False
        while self._at < len(self._text):
            mark = self._text[self._at]
            if mark in "*+?" or (mark == "{" and _TIMES.match(self._text, self._at)):
                if not repeatable:
                    raise ValueError(f"{mark!r} repeats nothing, which is no JavaScript")
                self._quantifier(mark)
                repeatable = False
                continue
            repeatable = self._is_repeatable(mark)
            self._one(mark)
        if self._open:
            raise ValueError("a group is not closed")
        return "".join(self._out)

    def _is_repeatable(self, mark: str) -> bool:
        """Whether what begins here may be repeated; groups that open and close are kept count of."""
        if mark == "(":
            behind = self._text.startswith(("(?<=", "(?<!"), self._at)
            self._open.append(not behind)
        elif mark == ")":
            if not self._open:
                raise ValueError("a group is closed that is not open")
            return self._open.pop()
        return mark not in "(^$|" and not (mark == "\\" and self._text[self._at + 1 : self._at + 2] in ("b", "B"))

    def _take(self, length: int) -> str:
        taken = self._text[self._at : self._at + length]
        self._at += length
        return taken

    def _quantifier(self, mark: str) -> None:
        times = _TIMES.match(self._text, self._at)
        self._out.append(self._take(len(times[0]) if times and mark == "{" else 1))
        if self._text[self._at : self._at + 1] == "?":
            self._out.append(self._take(1))

    def _one(self, mark: str) -> None:
        if mark == "\\":
            self._out.append(self._escape())
        elif mark == "[":
            self._out.append(self._set())
        elif mark == "(":
            self._out.append(self._group())
        else:
            self._at += 1
            plain = {"$": r"\Z", ".": r"[^\n\r\u2028\u2029]", "{": r"\{", "}": r"\}", "]": r"\]"}
            self._out.append(plain.get(mark, mark))

    def _group(self) -> str:
        if self._text[self._at + 1 : self._at + 2] != "?":
            return self._take(1)
        match = _GROUP.match(self._text, self._at + 1)
        if match is None:
            raise ValueError(f"{self._text[self._at : self._at + 4]!r} is no group of JavaScript")
        if match["name"] in self._names:
            raise ValueError(f"the group {match['name']!r} is there twice")
        self._names |= {match["name"]} if match["name"] else set()
        self._take(1 + len(match[0]))
        return f"(?P<{match['name']}>" if match["name"] else f"({match[0]}"

    def _escape(self) -> str:
        if self._at + 1 >= len(self._text):
            raise ValueError("it ends in a backslash")
        letter = self._text[self._at + 1]
        if letter.lower() in _CLASSES:
            self._take(2)
            inside = _CLASSES[letter.lower()]
            return f"[{inside}]" if letter.islower() else f"[^{inside}]"
        if letter in "bB":
            self._take(2)
            return _EDGE if letter == "b" else _NO_EDGE
        if letter.isdecimal():
            return self._number()
        named = re.compile(r"\\k<(\w+)>").match(self._text, self._at)
        if named:
            self._take(len(named[0]))
            return f"(?P={named[1]})"
        return self._letter()

    def _number(self) -> str:
        digits = re.compile(r"\\(\d+)").match(self._text, self._at)
        assert digits is not None
        self._take(len(digits[0]))
        if digits[1] == "0":
            return r"\x00"
        groups = len(re.findall(r"(?<!\\)\((?!\?)|(?<!\\)\(\?<(?![=!])", self._text))
        if int(digits[1]) > groups:
            raise ValueError(f"{digits[0]} leads to no group")
        return f"(?:{digits[0]})"

    def _letter(self) -> str:
        """An escape that stands for one letter, in a set or out of it."""
        code = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|c([A-Za-z]))").match(self._text, self._at)
        if code is None:
            letter = self._take(2)[1]
            return f"\\{letter}" if letter in "tnrfv" else re.escape(letter)
        self._take(len(code[0]))
        point = int(code[1] or code[2], 16) if not code[3] else ord(code[3]) % 32
        if 0xD800 <= point <= 0xDFFF:
            raise ValueError(f"{code[0]} is half a letter")
        return re.escape(chr(point))

    def _set(self) -> str:
        end = self._at + 1
        end += self._text.startswith("^", end)
        while end < len(self._text) and self._text[end] != "]":
            end += 2 if self._text[end] == "\\" else 1
        if end >= len(self._text):
            raise ValueError("a set is not closed")
        body = self._text[self._at + 1 : end]
        if not body or body in _ANY:
            self._at = end + 1
            return "(?s:.)" if body else "(?!)"
        self._at += 1
        out = ["[", "^" if body.startswith("^") else ""]
        self._at += body.startswith("^")
        while self._at < end:
            out.append(self._in_set())
        self._at = end + 1
        return "".join([*out, "]"])

    def _in_set(self) -> str:
        if self._text[self._at] != "\\":
            mark = self._take(1)
            return mark if mark == "-" else re.escape(mark)
        letter = self._text[self._at + 1]
        if letter in "DWSB":
            raise ValueError(f"\\{letter} in a set cannot be said in Python")
        if letter in _CLASSES:
            self._take(2)
            return _CLASSES[letter]
        if letter == "b":
            self._take(2)
            return r"\x08"
        if letter.isdecimal() and letter != "0":
            raise ValueError(f"\\{letter} in a set is no letter")
        if letter == "0":
            self._take(2)
            return r"\x00"
        return self._letter()


def js_value(value: Any) -> Json:
    """Return a value that YAML gave as JSON: dates become text."""
    if isinstance(value, Mapping):
        return {js_text(key) if not isinstance(key, str) else key: js_value(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [js_value(one) for one in value]
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
