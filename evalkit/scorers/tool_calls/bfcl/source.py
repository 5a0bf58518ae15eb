"""Calls written in Java or JavaScript, as BFCL reads them: the first call of a text, its named arguments as source.

BFCL parses such text with tree-sitter; this is a small reader of expressions. It keeps what follows from the grammar:
JavaScript arguments are the source as it stands, Java's without space between the pieces, without the body of an
anonymous class, method calls as they stand; texts without their quotes; a name twice is an error.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from evalkit.scorers.tool_calls.bfcl.javasource import squeeze_source
from evalkit.scorers.tool_calls.bfcl.tokens import PAIRS, NoSource, Token, is_outside, partner, split, tokens_of

_INFIX = frozenset(
    (
        "+", "-", "*", "/", "%", "**", "==", "!=", "===", "!==", "<", ">", "<=", ">=", "&&", "||", "&", "|", "^", "<<",
        ">>", ">>>", "??", "?", ":", ".", "?.", "::", "->", "=>", "=",
    )
)  # fmt: skip


class NoCall(ValueError):
    """The text is source, but its first statement calls nothing."""


def read_call(source: str, *, java: bool) -> tuple[str, dict[str | None, str]]:
    """Read the name and arguments of the call that begins a text.

    A bare name among the arguments stands under None.

    >>> read_call("A.b(x=new int[]{1, 2}, y='z')", java=True)
    ('A.b', {'x': 'new int[]{1,2}', 'y': 'z'})

    Raises NoSource and NoCall.
    """
    if java and re.search(r"[^\S \t\r\n\f]", source):
        raise NoSource("a space that is none in Java")
    tokens = _first_statement(tokens_of(source))
    if java and len(split(tokens, ",", trailing=True)) > 1:
        raise NoSource("a comma between statements")
    if not tokens or tokens[-1].text != ")":
        raise NoCall(source)
    opening = partner(tokens)
    name = source[tokens[0].start : tokens[opening].start].strip()
    if opening == 0 or not _is_callee(tokens[:opening]):
        raise NoCall(source)
    arguments: dict[str | None, str] = {}
    for argument in split(tokens[opening + 1 : -1], ",", trailing=not java):
        found = _argument(argument, source, java=java)
        if found is None:
            continue
        key, value = found
        if key in arguments:
            raise NoSource(f"{key} twice")
        arguments[key] = value
    return name, arguments


def _first_statement(tokens: Sequence[Token]) -> Sequence[Token]:
    statements = [one for one in split(tokens, ";", trailing=True) if one]
    for one in statements:
        _check(one)
    return statements[0] if statements else []


def _is_callee(tokens: Sequence[Token]) -> bool:
    """Names joined by dots, with calls and indices among them, and nothing around."""
    if tokens[0].text == "await" or (tokens[0].text == "new" and "." not in [t.text for t in tokens]):
        return False
    depth = 0
    for token in tokens:
        if token.kind == "sign":
            depth += (token.text in PAIRS) - (token.text in ")]}")
            if depth == 0 and token.text not in (".", "?.", ")", "]", "}", "::"):
                return False
    return tokens[-1].kind == "word" or tokens[-1].text in ")]"


def _check(tokens: Sequence[Token]) -> None:
    """Two values must not stand side by side: that is prose, or another language."""
    depth = 0
    for before, token in pairwise(tokens):
        if before.kind == "sign":
            depth += (before.text in PAIRS) - (before.text in ")]}")
        side_by_side = before.kind != "sign" and token.kind != "sign"
        if side_by_side and before.text not in _PREFIXES and token.text not in ("instanceof", "in", "of"):
            raise NoSource(f"{before.text} {token.text}")
    if not depth and tokens[-1].kind == "sign" and tokens[-1].text in _INFIX:
        raise NoSource("an expression without its end")


_PREFIXES = frozenset(
    (
        "new", "return", "typeof", "await", "async", "function", "void", "delete", "class", "public", "private",
        "protected", "static", "final", "throw", "let", "const", "var", "int", "long", "double", "float", "boolean",
        "char", "byte", "short", "String", "Object", "get", "set", "else", "instanceof", "extends", "if", "for", "in",
        "of",
    )
)  # fmt: skip


def _argument(tokens: Sequence[Token], source: str, *, java: bool) -> tuple[str | None, str] | None:
    """(name, value) of ``name=value``, (None, name) of a bare name, None of what BFCL passes over."""
    if not tokens:
        raise NoSource("an argument is missing")
    at = next((i for i, token in enumerate(tokens) if token.text == "=" and is_outside(tokens, i)), None)
    if at is None:
        bare = len(tokens) == 1 and tokens[0].kind == "word"
        named = bare and (
            tokens[0].text not in ("false", "null", "this") if not java else tokens[0].text not in _LITERAL
        )
        is_ternary = any(token.text == "?" for token in tokens)
        if not is_ternary and any(token.text == ":" and is_outside(tokens, i) for i, token in enumerate(tokens)):
            raise NoSource("a colon")
        return (None, tokens[0].text) if named else None
    value = tokens[at + 1 :]
    if at == 0 or not value:
        raise NoSource("an assignment without its sides")
    _plausible(value, source, java=java)
    name = source[tokens[0].start : tokens[at - 1].end]
    return name, _java(value, source) if java else _unquote(source[value[0].start : value[-1].end])


_LITERAL = ("true", "false", "null", "this")


_REGEX = re.compile(r"/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\[\n])+/[a-z]*+(?![\w$])")


def _plausible(value: Sequence[Token], source: str, *, java: bool) -> None:
    """Refuse what begins, ends or holds what no value of the language does."""
    first, last = value[0], value[-1]
    signs = [token.text for at, token in enumerate(value) if token.kind == "sign" and is_outside(value, at)]
    if ":" in signs and "?" not in signs:
        raise NoSource("a colon")
    if last.kind == "sign" and last.text in _INFIX:
        raise NoSource("a value without its end")
    if ("=>" if java else "->") in signs or (java and "function" in [token.text for token in value]):
        raise NoSource("a function of another language")
    closing = ("]", "}") if java else (")", "]", "}")
    for at, (before, token) in enumerate(pairwise(value), start=1):
        if before.text in closing and before.kind == "sign" and token.kind != "sign" and is_outside(value, at):
            raise NoSource(f"{before.text} {token.text}")
    if first.kind != "sign":
        if not java and first.text == "new" and any(a.text == "]" and b.text == "{" for a, b in pairwise(value)):
            raise NoSource("an array of Java")
        return
    if java and first.text in ("[", "{"):
        raise NoSource("a list or an object")
    if first.text == "/" and not java and _REGEX.match(source, first.start):
        return
    if first.text not in ("(", "[", "{", "-", "+", "!", "~", "--", "++", "<"):
        raise NoSource(f"{first.text} begins no value")


def _unquote(text: str) -> str:
    return text[1:-1] if len(text) > 1 and text[0] in "\"'" and text[-1] == text[0] else text


def _java(tokens: Sequence[Token], source: str) -> str:
    if len(tokens) == 1 and tokens[0].kind == "text":
        return tokens[0].text[1:-1]
    return squeeze_source(tokens, source)
