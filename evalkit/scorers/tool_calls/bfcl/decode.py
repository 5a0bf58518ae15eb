"""What a model wrote, as BFCL's handlers decode it: native arguments by json.loads, text as calls in its language."""

from __future__ import annotations

import ast
import json
import operator
import re
from collections.abc import Callable, Iterable, Mapping

from evalkit.core.exchange import Json
from evalkit.scorers.tool_calls.bfcl.check import Language
from evalkit.scorers.tool_calls.bfcl.source import NoCall, read_call
from evalkit.scorers.tool_calls.bfcl.tokens import NoSource
from evalkit.scorers.tool_calls.nouns import Attempt

Decoded = list[dict[str, Json]]

_ARITHMETIC: Mapping[type[ast.operator], Callable[[Json, Json], Json]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv, ast.Mod: operator.mod, ast.BitXor: operator.xor, ast.BitOr: operator.or_,
    ast.BitAnd: operator.and_, ast.LShift: operator.lshift, ast.RShift: operator.rshift,
}  # fmt: skip
_WIDE = re.compile(r"\d{5}|\*")
"""A width in a format of Python's `%` that would make a text too long"""
_LONGEST = 10_000


class Undecodable(ValueError):
    """BFCL calls this `ast_decoder:decoder_failed`."""


def decode(attempt: Attempt, language: Language = "python") -> Decoded:
    """Decode an answer to [{function: arguments}], in order.

    Raises Undecodable where the original would.
    """
    if attempt.calls and not attempt.broken and attempt.dialect != "pythonic":
        return decode_native((call.name, call.raw) for call in attempt.calls)
    return decode_text(attempt.text, language)


def decode_native(calls: Iterable[tuple[str, str]]) -> Decoded:
    """Decode native calls, given as (name, raw arguments)."""
    try:
        return [{name: json.loads(raw)} for name, raw in calls]
    except (ValueError, TypeError, RecursionError) as error:
        raise Undecodable(str(error)) from None


def decode_text(text: str, language: Language) -> Decoded:
    """Decode the calls of a prompted model's text.

    Java's and JavaScript's arguments stay source.

    >>> decode_text("[A.b(x=new int[]{1, 2}, y=3L)]", "java")
    [{'A.b': {'x': 'new int[]{1,2}', 'y': '3L'}}]
    """
    if language == "python":
        return decode_python(text)
    try:
        name, arguments = read_call(_bracket(text)[1:-1], java=language == "java")
    except NoCall:
        return [{}]
    except NoSource as error:
        raise Undecodable(str(error)) from None
    return [{name: arguments}]


def _bracket(text: str) -> str:
    text = text.strip("`\n ")
    text = text if text.startswith("[") else "[" + text
    return text if text.endswith("]") else text + "]"


def decode_python(text: str) -> Decoded:
    """Decode the Python calls of a text, fences and missing brackets forgiven.

    >>> decode_python("f(a=-1, b=['x'])")
    [{'f': {'a': -1, 'b': ['x']}}]
    """
    try:
        body = ast.parse(_bracket(text).strip().strip("'"), mode="eval").body
        items = [body] if isinstance(body, ast.Call) else body.elts  # type: ignore[attr-defined]
        return [_call(item) for item in items]
    except (SyntaxError, ValueError, TypeError, AttributeError, ArithmeticError, RecursionError, MemoryError) as error:
        raise Undecodable(str(error)) from None


def _call(node: ast.expr) -> dict[Json, Json]:
    if not isinstance(node, ast.Call):
        raise Undecodable("not a call")
    parts: list[str] = []
    function = node.func
    while isinstance(function, ast.Attribute):
        parts.append(function.attr)
        function = function.value
    if isinstance(function, ast.Name):
        parts.append(function.id)
    return {".".join(reversed(parts)): {k.arg: _value(k.value) for k in node.keywords}}


def _value(node: ast.expr | None) -> Json:
    """A literal, else the source text; a call with keywords becomes a nested {name: arguments}."""
    if isinstance(node, ast.Constant):
        return "..." if node.value is Ellipsis else node.value
    if isinstance(node, ast.UnaryOp):
        return -node.operand.value  # type: ignore[attr-defined]
    if isinstance(node, ast.List):
        return [_value(item) for item in node.elts]
    if isinstance(node, ast.Tuple):
        return tuple(_value(item) for item in node.elts)
    if isinstance(node, ast.Dict):
        return {_value(k): _value(v) for k, v in zip(node.keys, node.values, strict=True)}
    if isinstance(node, ast.BinOp):
        return _arithmetic(node)
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Call):
        return _call(node) if node.keywords else ast.unparse(node)
    if isinstance(node, ast.Subscript):
        return ast.unparse(node)
    raise Undecodable(f"{type(node).__name__} is no value")


def _arithmetic(node: ast.expr) -> Json:
    """Sums of literals, computed here: the original evaluates them as code."""
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, (ast.List, ast.Tuple)):
        items = [_arithmetic(item) for item in node.elts]
        return items if isinstance(node, ast.List) else tuple(items)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.USub, ast.UAdd)):
        value = _arithmetic(node.operand)
        return -value if isinstance(node.op, ast.USub) else value
    if isinstance(node, ast.BinOp):
        left, right = _arithmetic(node.left), _arithmetic(node.right)
        if isinstance(node.op, ast.Pow):
            return _power(left, right)
        if _is_too_long(node.op, left, right):
            raise Undecodable("a value too long")
        if type(node.op) in _ARITHMETIC:
            return _ARITHMETIC[type(node.op)](left, right)
    raise Undecodable("not an arithmetic of literals")


def _power(left: Json, right: Json) -> Json:
    if abs(left) > _LONGEST or abs(right) > _LONGEST:
        raise Undecodable("a power too large")
    return left**right


def _is_too_long(operation: ast.operator, left: Json, right: Json) -> bool:
    """Whether the value of an operation could fill the memory."""
    if isinstance(operation, ast.Mult):
        return max(_repeats(left, right), _repeats(right, left)) > _LONGEST
    if isinstance(operation, ast.LShift):
        return isinstance(right, int) and right > _LONGEST
    return isinstance(operation, ast.Mod) and isinstance(left, (str, bytes)) and bool(_WIDE.search(str(left)))


def _repeats(text: Json, times: Json) -> int:
    """The length of a text or list repeated, 0 for numbers."""
    return len(text) * times if isinstance(text, (str, bytes, list, tuple)) and isinstance(times, int) else 0
