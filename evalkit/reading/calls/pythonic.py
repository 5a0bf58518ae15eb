"""Python calls as text: ``[f(a=1), g(b="x")]`` or ``f(a=1)``, in a fence or bare, parsed and never run."""

from __future__ import annotations

import ast
import json
import re

from evalkit.core.exchange import Json
from evalkit.reading.calls.found import Found, Tools, join_found
from evalkit.reading.calls.literals import argument, literal, parse_literal
from evalkit.reading.fences import FENCES

_ONE_LINE = re.compile(r"\A```[ \t]*(?:(?:python|tool_code|tool_call|json)[ \t]+)?([^`\n]+)```\Z")
_INLINE = re.compile(r"\A`([^`\n]+)`\.?\Z")
_START = re.compile(r"\[?\s*([A-Za-z_](?:[\w.]|\\_)*)\s*\(")
_KEPT = re.compile(
    r"(?!\[)(?:\(\s{0,8})?(?:[A-Za-z_]\w{0,60}\s{0,8}=\s{0,8})?(?:await\s{1,8})?([A-Za-z_][\w.]{0,200})\("
)
"""A call that is awaited, bracketed, or kept in a variable"""
_LINE_START = re.compile(r"^[ \t]*(?:[-*][ \t]+|\d+[.)][ \t]+)?(\[\s*)?([A-Za-z_](?:[\w.-]|\\_)*)\(", re.MULTILINE)
_PIECES = 64
"""Lines of one text that are looked at as calls"""


def read(text: str, tools: Tools) -> Found | None:
    """Read the calls of a text in Python.

    Those it consists of, those of its fences, and those that stand on lines of their own.
    """
    body = text.strip()
    if "(" not in body:
        return None
    if body.startswith("**") and body.endswith(")**"):
        body = body[2:-2]
    for pattern in (_ONE_LINE, _INLINE):
        if body.startswith("`") and (inside := pattern.match(body)):
            found = _whole(inside[1].strip(), tools, fenced=True)
            if found is not None:
                return found
    if "```" in body:
        fenced = [found for fence in FENCES.finditer(body) if (found := in_fence(fence[2], tools)) is not None]
        if fenced:
            return join_found(fenced)
    return _whole(body, tools, fenced=False) or _on_lines(body, tools)


def in_fence(body: str, tools: Tools) -> Found | None:
    """Read the calls in a fence.

    As expressions, printed, or kept in a variable. Other code is no call.
    """
    found = parse(body, script=True)
    if found is None or not (any(name in tools for name, _ in found.calls) or not tools or body.strip()[:1] == "["):
        return None
    return found


def _whole(body: str, tools: Tools, *, fenced: bool) -> Found | None:
    """The calls that the whole text is: of offered tools, or of any where brackets or a fence say that it is code."""
    if (kept := _KEPT.match(body)) and kept[1] in tools:
        return parse(body, script=True) or Found(broken=(body,))
    start = _START.match(body) or _START.match(body[1:] if body[:1] in "'\"" else body)
    if start is None:
        return _of_texts(body, tools)
    found = parse(body)
    known = start[1].replace("\\_", "_") in tools
    if found is not None and (known or body.startswith("[") or fenced or _have_arguments(found)):
        return found
    if found is None and body.startswith("[") and not known and "=" not in body:
        return None
    if found is None and (known or body.startswith("[")):
        piece = _piece(body, 0)
        return None if piece is not None and piece[1] < len(body) else Found(broken=(body,))
    return None


def _have_arguments(found: Found) -> bool:
    """Whether each call names an argument: code that is all there is, whatever its name, wants to be called."""
    return all(raw != "{}" for _, raw in found.calls)


def _of_texts(body: str, tools: Tools) -> Found | None:
    """`['f(a=1)']`: calls as texts in a list."""
    if not re.match(r"""\[\s*["']""", body):
        return None
    value, read_it = literal(body)
    if not read_it or not value or not all(isinstance(item, str) for item in value):
        return None
    pieces = [parse(item) for item in value]
    whole = [piece for piece in pieces if piece is not None]
    if len(whole) < len(pieces):
        return None
    found = join_found(whole)
    return found if all(name in tools or not tools for name, _ in found.calls) or _have_arguments(found) else None


def _on_lines(body: str, tools: Tools) -> Found | None:
    """Calls of offered tools that stand on lines of their own, between words."""
    found: list[Found] = []
    at = tried = 0
    while tried < _PIECES and (line := _LINE_START.search(body, at)):
        at = line.end()
        if line[2].replace("\\_", "_") not in tools and not line[1]:
            continue
        tried += 1
        piece = _piece(body, line.start(1) if line[1] else line.start(2))
        if piece is None:
            continue
        text, end = piece
        read_it = parse(text)
        if read_it is not None and not body[end:].partition("\n")[0].strip(" \t;,.`"):
            found.append(read_it)
            at = end
    return join_found(found) if found else None


def _piece(text: str, start: int) -> tuple[str, int] | None:
    """The piece from `start` to the bracket that closes it, and its end; None where none does. Texts are skipped."""
    depth, at, limit = 0, start, min(len(text), start + 20_000)
    quote = ""
    while at < limit:
        sign = text[at]
        if quote:
            if sign == "\\":
                at += 1
            elif sign == quote:
                quote = ""
        elif sign in "\"'":
            quote = sign
        elif sign in "([{":
            depth += 1
        elif sign in ")]}":
            depth -= 1
            if depth <= 0:
                return text[start : at + 1], at + 1
        at += 1
    return None


def parse(text: str, *, script: bool = False) -> Found | None:
    """Parse the calls that a Python expression consists of, or None.

    There may be several expressions, one a line.

    `script`: assignments of calls count, and `print` of what is no call is left out.
    """
    text = text.strip()
    module = parse_literal(text)
    if module is None and "\\_" in text:
        module = parse_literal(text.replace("\\_", "_"))
    if module is None:
        return None
    calls: list[tuple[str, str]] = []
    for statement in module.body:
        counts = isinstance(statement, ast.Expr) or (script and isinstance(statement, ast.Assign))
        found = _expression(getattr(statement, "value", None), script=script) if counts else None
        if found is None:
            return None
        calls += found
    return Found(calls=tuple(calls)) if calls else None


def _expression(node: ast.expr | None, *, script: bool) -> list[tuple[str, str]] | None:
    if isinstance(node, ast.Await):
        node = node.value
    if isinstance(node, (ast.List, ast.Tuple)):
        each = [_expression(item, script=script) for item in node.elts]
        return [call for one in each for call in one or ()] if each and all(each) else None
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print" and node.args:
        inner = node.args[0] if len(node.args) == 1 and not node.keywords else None
        if isinstance(inner, ast.Call):
            return _expression(inner, script=script)
        return [] if script else None
    call = _call(node)
    return None if call is None else [call]


def _call(node: ast.expr | None) -> tuple[str, str] | None:
    if not isinstance(node, ast.Call) or node.args or not isinstance(node.func, (ast.Name, ast.Attribute)):
        return None
    arguments: dict[str, Json] = {}
    try:
        for keyword in node.keywords:
            value = argument(keyword.value)
            given = {keyword.arg: value} if keyword.arg is not None else value
            if not isinstance(given, dict) or set(given) & set(arguments):
                return None
            arguments |= given
        name = ast.unparse(node.func)
        name = name.removesuffix(".call") if isinstance(node.func, ast.Attribute) else name
        return name, json.dumps(arguments, ensure_ascii=False, allow_nan=False)
    except (ValueError, RecursionError):
        return None
