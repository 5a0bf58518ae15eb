"""Python calls as text: ``[f(a=1), g(b="x")]`` or ``f(a=1)``, in a fence or bare, parsed and never run."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Collection

from evalkit.core.exchange import Json
from evalkit.scorers.tool_calls.bfcl.dialects.shape import DialectCalls

_FENCE = re.compile(r"\A```[a-z_]*[ \t]*\r?\n(.*?)(?:```)?\s*\Z", re.DOTALL)
_START = re.compile(r"\[?\s*([A-Za-z_][\w.]*)\s*\(")
_WORDS = {"true": True, "false": False, "null": None, "none": None}


def read(text: str, names: Collection[str]) -> DialectCalls | None:
    """Read the calls a text consists of.

    Words around them make it prose, unless it opens like a call of an offered tool.
    """
    fenced = _FENCE.match(text.strip())
    body = (fenced[1] if fenced else text).strip()
    start = _START.match(body)
    if start is None:
        return None
    found = parse(body)
    known = start[1] in names
    if found is not None and (known or body.startswith("[") or fenced):
        return found
    return DialectCalls(broken=(body,)) if known or (body.startswith("[") and found is None and "=" in body) else None


def parse(text: str) -> DialectCalls | None:
    """Parse the calls that a Python expression consists of, or return None.

    Or several expressions, one a line.
    """
    try:
        module = ast.parse(text.strip(), mode="exec")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    calls: list[tuple[str, str]] = []
    for statement in module.body:
        node = statement.value if isinstance(statement, ast.Expr) else None
        items = node.elts if isinstance(node, (ast.List, ast.Tuple)) else [node]
        for item in items:
            call = _call(item)
            if call is None:
                return None
            calls.append(call)
    return DialectCalls(calls=tuple(calls)) if calls else None


def _call(node: ast.expr | None) -> tuple[str, str] | None:
    if not isinstance(node, ast.Call) or node.args or not isinstance(node.func, (ast.Name, ast.Attribute)):
        return None
    arguments: dict[str, Json] = {}
    for keyword in node.keywords:
        if keyword.arg is None or keyword.arg in arguments:
            return None
        arguments[keyword.arg] = _value(keyword.value)
    try:
        return ast.unparse(node.func), json.dumps(arguments, ensure_ascii=False, allow_nan=False)
    except ValueError:
        return None


def _value(node: ast.expr) -> Json:
    """The literal a node is; what is no literal (a variable, arithmetic) is its own text."""
    if isinstance(node, ast.Name) and node.id in _WORDS:
        return _WORDS[node.id]
    if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
        return [_value(item) for item in node.elts]
    if isinstance(node, ast.Dict) and all(isinstance(key, ast.Constant) for key in node.keys):
        return {
            str(key.value): _value(v)
            for key, v in zip(node.keys, node.values, strict=True)
            if isinstance(key, ast.Constant)
        }
    try:
        value = ast.literal_eval(node)
    except (ValueError, TypeError, RecursionError):
        return ast.unparse(node)
    return value if isinstance(value, (str, int, float, bool, type(None))) else ast.unparse(node)
