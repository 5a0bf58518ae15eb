"""Python's literals as JSON values, parsed and never run."""

from __future__ import annotations

import ast
import json
import warnings

from evalkit.core.exchange import Json

LONGEST = 200_000
"""Characters of Python that are parsed: what is longer is no call anybody meant"""
_WORDS = {"true": True, "false": False, "null": None, "none": None}
_FAULTS = (SyntaxError, ValueError, RecursionError, MemoryError, TypeError, OverflowError)


def parse_literal(text: str) -> ast.Module | None:
    """The syntax tree of a Python text; None where it is none, or too long."""
    if len(text) > LONGEST:
        return None
    try:
        if "\\" not in text:
            return ast.parse(text, mode="exec")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an unknown escape in a model's text is not ours to warn of
            return ast.parse(text, mode="exec")
    except _FAULTS:
        return None


def literal(text: str) -> tuple[Json, bool]:
    """The value of a Python literal (true and null are read as well), and whether the text is one.

    >>> literal("{'a': True, 'b': [1, null]}")
    ({'a': True, 'b': [1, None]}, True)
    """
    module = parse_literal(text.strip())
    if module is None or len(module.body) != 1 or not isinstance(module.body[0], ast.Expr):
        return None, False
    try:
        value = _strictly(module.body[0].value)
        json.dumps(value, allow_nan=False)
    except _FAULTS:
        return None, False
    return value, True


def _strictly(node: ast.expr) -> Json:
    """The literal a node is; ValueError for what is none, and for a key that stands twice."""
    if isinstance(node, ast.Name) and node.id in _WORDS:
        return _WORDS[node.id]
    if isinstance(node, (ast.List, ast.Tuple)):
        return [_strictly(item) for item in node.elts]
    if isinstance(node, ast.Dict):
        keys = [key.value if isinstance(key, ast.Constant) else None for key in node.keys]
        if not all(isinstance(key, str) for key in keys) or len(set(keys)) < len(keys):
            raise ValueError("a key that is no text, or stands twice")
        return {str(key): _strictly(value) for key, value in zip(keys, node.values, strict=True)}
    value = ast.literal_eval(node)
    if not isinstance(value, (str, int, float, bool, type(None))):
        raise ValueError("no JSON value")
    return value


def argument(node: ast.expr) -> Json:
    """The literal an argument is; what is no literal (a variable, arithmetic) is its own text."""
    if isinstance(node, ast.Name) and node.id in _WORDS:
        return _WORDS[node.id]
    if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
        return [argument(item) for item in node.elts]
    if isinstance(node, ast.Dict) and all(isinstance(key, ast.Constant) for key in node.keys):
        return {
            str(key.value): argument(v)
            for key, v in zip(node.keys, node.values, strict=True)
            if isinstance(key, ast.Constant)
        }
    try:
        value = ast.literal_eval(node)
    except _FAULTS:
        return ast.unparse(node)
    return value if isinstance(value, (str, int, float, bool, type(None))) else ast.unparse(node)
