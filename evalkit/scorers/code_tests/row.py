"""The tests of a row: `tests`, `setup` and `entry_point`, and whether they can fail at all."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from evalkit.core.exchange import Example, Json

KEYS = ("tests", "setup", "entry_point")


@dataclass(frozen=True, slots=True, kw_only=True)
class RowTests:
    """What a row says of how its answer is tested.

    Each test is {"source": Python} or {"stdin": ..., "stdout": ...}.
    """

    tests: tuple[dict[str, str], ...]
    setup: str = ""
    """Code in front of the answer: imports, or the prompt that the answer completes"""
    entry_point: str = ""
    """The function that `check(candidate)` is given"""


def read_row(example: Example) -> RowTests:
    """Read the tests of a row; ValueError with everything that is wrong with them."""
    wrong = list(row_problems(example))
    if wrong:
        raise ValueError("; ".join(wrong))
    extra = example.extra
    tests = [_one(test) for test in _list(extra["tests"])]
    setup = str(extra.get("setup") or "")
    setup += "" if setup == "" or setup.endswith("\n") else "\n"
    return RowTests(tests=tuple(tests), setup=setup, entry_point=str(extra.get("entry_point") or ""))


def row_problems(example: Example) -> Iterator[str]:
    """Say what is wrong with the tests of a row.

    Nothing is where they can be run and can fail.
    """
    extra = example.extra
    if "tests" not in extra:
        yield "it has no `tests`: Python with assert, a list of such texts, or of {stdin, stdout}"
        return
    for key in ("setup", "entry_point"):
        if not isinstance(extra.get(key, ""), str):
            yield f"its `{key}` is no text"
    tests = _list(extra["tests"])
    if not tests:
        yield "its `tests` are empty: every answer would pass"
    named = str(extra.get("entry_point") or "")
    for number, test in enumerate(tests, start=1):
        why = _why_wrong(test, named)
        if why:
            yield f"test {number} of {len(tests)}: {why}"


def _list(tests: Json) -> Sequence[Json]:
    return tests if isinstance(tests, (list, tuple)) else [tests]


def _one(test: Json) -> dict[str, str]:
    if isinstance(test, str):
        return {"source": test}
    return {"stdin": str(test["stdin"]), "stdout": str(test["stdout"])}


def _why_wrong(test: Json, entry_point: str) -> str:
    if isinstance(test, dict):
        right = set(test) == {"stdin", "stdout"} and all(isinstance(one, str) for one in test.values())
        return "" if right else 'it is neither Python nor {"stdin": text, "stdout": text}'
    if not isinstance(test, str):
        return 'it is neither Python nor {"stdin": text, "stdout": text}'
    try:
        tree = ast.parse(test)
    except (SyntaxError, ValueError) as error:
        return f"it is no Python: {error}"
    except RecursionError:
        return "it is nested too deep"
    idle = [node.name for node in tree.body if isinstance(node, ast.ClassDef) and _is_idle(node)]
    if idle:
        return f"the tests of the class {idle[0]} are not run: it is no unittest.TestCase"
    if any(_can_fail(node, entry_point) for node in tree.body):
        return ""
    lacks = "; `check(candidate)` needs the row's `entry_point`" if "def check" in test and not entry_point else ""
    return f"it checks nothing: it has no assert, no call and no test function{lacks}"


def _can_fail(node: ast.stmt, entry_point: str) -> bool:
    """Whether running a statement, or what it defines, can fail."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return node.name.startswith("test_") or (node.name == "check" and bool(entry_point))
    if isinstance(node, ast.ClassDef):
        return any("TestCase" in ast.unparse(base) for base in node.bases)
    if isinstance(node, ast.Assert):  # of constants it always ends alike, and `assert (it, "why")` is a tuple: true
        named = any(isinstance(part, ast.Name) for part in ast.walk(node.test))
        return named and not isinstance(node.test, ast.Tuple)
    return any(isinstance(part, (ast.Assert, ast.Raise, ast.Call)) for part in ast.walk(node))


def _is_idle(node: ast.ClassDef) -> bool:
    """Whether a class holds tests as pytest finds them, and unittest does not."""
    methods = [part for part in node.body if isinstance(part, (ast.FunctionDef, ast.AsyncFunctionDef))]
    return not node.bases and any(method.name.startswith("test_") for method in methods)
