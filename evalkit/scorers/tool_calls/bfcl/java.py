"""Java literals as BFCL reads them: what does not look like the described type stays text."""

from __future__ import annotations

import re
from collections.abc import Callable

from evalkit.core.exchange import Json

_INTEGER = re.compile(r"-?\d+")
_DOUBLE = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?")
_AS_LIST = re.compile(r"new\s+ArrayList<\w*>\(Arrays\.asList\((.+?)\)\)")
_ADDED = re.compile(r"new\s+ArrayList<\w*>\(\)\s*\{\{\s*(.+?)\s*\}\}", re.DOTALL)
_EMPTY_LIST = re.compile(r"new\s+ArrayList<\w*>\(\)")
_ARRAY = re.compile(r"new\s+\w+\[\]\s*\{(.*?)\}")
_MAP = re.compile(r"new\s+HashMap<.*?>\s*\(\)\s*\{\s*\{?\s*(.*?)\s*\}?\s*\}", re.DOTALL)
_EMPTY_MAP = re.compile(r"new\s+HashMap<.*?>\s*\(\)")
_PUT = re.compile(r"put\(\"(.*?)\",\s*(.*?)\)")
_ADD = re.compile(r"add\((.+?)\)")


def convert(text: str, kind: str, inner: str | None = None) -> Json:
    """Convert a Java expression of a described type to its value.

    The text itself where it is none.

    >>> convert("3.5f", "float"), convert("12L", "long"), convert("new int[]{1, 2}", "Array", "integer")
    (3.5, 12, [1, 2])
    """
    reader = _READERS.get(kind)
    if reader is not None:
        return reader(text)
    if kind == "ArrayList":
        return _array_list(text, inner)
    if kind == "Array":
        return _array(text, inner)
    return _hash_map(text) if kind == "HashMap" else text


def _integer(text: str) -> Json:
    return int(text) if _is_whole(_INTEGER, text) else text


def _long(text: str) -> Json:
    text = text.removesuffix("\n")
    return int(text[:-1]) if text[-1:] in ("l", "L") and _INTEGER.fullmatch(text[:-1]) else text


def _float(text: str) -> Json:
    text = text.removesuffix("\n")
    return float(text[:-1]) if text[-1:] in ("f", "F") and _DOUBLE.fullmatch(text[:-1]) else text


def _double(text: str) -> Json:
    return float(text) if _is_whole(_DOUBLE, text) else text


def _boolean(text: str) -> Json:
    return text == "true" if text in ("true", "false") else text


_READERS: dict[str, Callable[[str], Json]] = {
    "byte": _integer, "short": _integer, "integer": _integer, "long": _long, "float": _float, "double": _double,
    "boolean": _boolean, "char": str, "String": str, "any": str,
}  # fmt: skip


def _array_list(text: str, inner: str | None) -> Json:
    if match := _AS_LIST.search(text):
        return [_element(item.strip(), inner) for item in match[1].split(",")]
    if match := _ADDED.search(text):
        return [_element(item.strip(), inner) for item in _ADD.findall(match[1])]
    return [] if _EMPTY_LIST.search(text) else text


def _element(text: str, inner: str | None) -> Json:
    if inner in ("char", "String"):
        return text[1:-1]
    return convert(text, inner) if inner else _read_untyped(text)


def _array(text: str, inner: str | None) -> Json:
    match = _ARRAY.search(text)
    if match is None:
        return text
    items = [item.strip() for item in match[1].split(",") if item.strip()]
    return [convert(item, inner) if inner else _read_untyped(item) for item in items]


def _hash_map(text: str) -> Json:
    if match := _MAP.search(text):
        return {key: _read_untyped(value.strip()) for key, value in _PUT.findall(match[1])}
    return {} if _EMPTY_MAP.search(text) else text


def _read_untyped(text: str) -> Json:
    """A literal whose type nobody described."""
    if text in ("true", "false"):
        return text == "true"
    if text.startswith('"') and text.endswith('"'):
        return text[1:-1]
    for read in (_long, _float):
        value = read(text)
        if value is not text:
            return value
    return number_or_text(text)


def number_or_text(text: str) -> Json:
    """Convert to an int, else a float, else keep the text."""
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def _is_whole(pattern: re.Pattern[str], text: str) -> bool:
    """Python's `$` lets one line break stand at the end, and so does BFCL."""
    return bool(pattern.fullmatch(text.removesuffix("\n")))
