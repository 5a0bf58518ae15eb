"""What happens in the process of one test: the answer is loaded, then the test runs in its names.

The test and the word that says it passed are read only after the answer was loaded. That keeps an answer from passing
by accident or by a common trick; code that looks for this very file can forge it.
"""

from __future__ import annotations

import ast
import json
import os
import re
import sys
import types
from collections.abc import Callable, Iterator
from typing import Any, NoReturn

from evalkit.scorers.code_tests.cell.walls import limit_process

ANSWER, TESTS = "answer.py", "tests.py"
_LOOK = "__evalkit_look__"
_EQUALITY = re.compile(r"assert\w*(?:Equal|In|_equal)")
_ADDRESS = re.compile(r"0x[0-9a-fA-F]{4,}")
_LONGEST = 300
_DEEPEST, _WIDEST = 4, 1_000
_PLAIN = (bool, int, float, complex, str, bytes, list, tuple, set, frozenset, dict, type(None))


class _Trick(AssertionError):
    """The answer decides a comparison itself."""


def run_inside(job: dict[str, Any], ask: int, report: int, *, stdin: int | None = None) -> NoReturn:
    """Run the answer and one test in this process, and end it.

    What is reported stands in one line of JSON: `token` where the test passed, else `why` and `stage`. With `stdin` the
    answer is a program: it is run alone, and what it writes is judged outside.
    """
    write, read, leave, dumps = os.write, os.read, os._exit, json.dumps
    stage = "load"
    try:
        said: dict[str, str] = {"stage": "test"}
        try:
            limit_process(job["limits"])
            guarded = _guard(job)
            names = _load(job, as_program=stdin is not None)
            if stdin is None:
                stage = "test"
                given = json.loads(_read_all(read, ask))
                _check_guarded(guarded)
                _run_test(given["source"], names, entry_point=job["entry_point"])
                _check_guarded(guarded)
                said = {"token": given["token"]}
        except BaseException as error:  # whatever the answer raises, SystemExit included
            if stdin is None or not isinstance(error, SystemExit) or error.code not in (None, 0):
                said = {"why": _tell(error, job), "stage": stage}
        write(report, (dumps(said) + "\n").encode("utf-8", "replace"))
        sys.stdout.flush()
    finally:
        leave(0)  # nothing of the answer may go on in the warden's own code


def _read_all(read: Callable[[int, int], bytes], ask: int) -> bytes:
    os.lseek(ask, 0, os.SEEK_SET)
    parts = []
    while part := read(ask, 1 << 16):
        parts.append(part)
    return b"".join(parts)


def _load(job: dict[str, Any], *, as_program: bool) -> dict[str, Any]:
    module = types.ModuleType("__main__" if as_program else "answer")
    sys.modules[module.__name__] = module
    exec(compile(job["setup"] + job["code"], ANSWER, "exec", dont_inherit=True), module.__dict__)
    return module.__dict__


def _run_test(source: str, names: dict[str, Any], *, entry_point: str) -> None:
    """Run a test, and what it defines to be run: `check(candidate)`, functions `test_*`, classes of unittest."""
    tree = ast.fix_missing_locations(_Compare().visit(ast.parse(source, TESTS)))
    names[_LOOK] = _look_for(source)
    exec(compile(tree, TESTS, "exec", dont_inherit=True), names)
    own = [
        thing
        for name, thing in list(names.items())
        if name.startswith("test_") and getattr(getattr(thing, "__code__", None), "co_filename", "") == TESTS
    ]
    for function in own:
        _end(function())
    if entry_point and "def check(" in source:
        _end(names["check"](names[entry_point]))
    if "TestCase" in source:
        _run_cases(ast.parse(source), names)


def _end(said: object) -> None:
    """A test that is a coroutine has done nothing yet; one that yields never does."""
    if isinstance(said, types.CoroutineType):
        import asyncio

        asyncio.run(said)
    elif isinstance(said, (types.GeneratorType, types.AsyncGeneratorType)):
        raise AssertionError("a test that yields is not run")


def _run_cases(tree: ast.Module, names: dict[str, Any]) -> None:
    import unittest

    for name in [node.name for node in tree.body if isinstance(node, ast.ClassDef)]:
        kind = names.get(name)
        if isinstance(kind, type) and issubclass(kind, unittest.TestCase):
            result = unittest.TestResult()
            unittest.defaultTestLoader.loadTestsFromTestCase(kind).run(result)
            wrong = [*result.failures, *result.errors]
            if wrong:
                raise AssertionError(f"{wrong[0][0].id().rpartition('.')[2]}: {wrong[0][1].strip().splitlines()[-1]}")
            if not result.testsRun:
                raise AssertionError(f"{name} has no test")


class _Compare(ast.NodeTransformer):
    """What a test holds against each other for equality goes through a look at who decides it."""

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        self.generic_visit(node)
        if any(isinstance(one, (ast.Eq, ast.NotEq, ast.In, ast.NotIn)) for one in node.ops):
            node.left = self._looked_at(node.left)
            node.comparators = [self._looked_at(one) for one in node.comparators]
        return node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.func, ast.Attribute) and _EQUALITY.fullmatch(node.func.attr):
            node.args = [one if isinstance(one, ast.Starred) else self._looked_at(one) for one in node.args]
            for keyword in node.keywords:
                keyword.value = self._looked_at(keyword.value) if keyword.arg else keyword.value
        return node

    def _looked_at(self, node: ast.expr) -> ast.expr:
        return ast.copy_location(ast.Call(ast.Name(_LOOK, ast.Load()), [node], []), node)


def _look_for(source: str) -> Callable[[Any], Any]:
    words = set(re.findall(r"\w+", source))

    def look(whole: Any) -> Any:
        for value in _walk(whole, 0):
            kind = type(value)
            named = kind.__name__ in words or kind.__name__.strip("_") in words
            if kind.__module__ == "answer" and not named and _has_own_equality(kind):
                raise _Trick(f"the answer's own {kind.__name__}.__eq__ decides the comparison")
            if kind not in _PLAIN and (kind.__module__ == "answer" or not named) and _equals_anything(value):
                raise _Trick(f"the answer gives a {kind.__name__} that equals everything")
        return whole

    return look


def _equals_anything(value: Any) -> bool:
    try:
        return bool(value == object())
    except Exception:  # an __eq__ that takes no stranger, or an array without one truth
        return False


def _has_own_equality(kind: type) -> bool:
    return any("__eq__" in vars(one) or "__ne__" in vars(one) for one in kind.__mro__ if one.__module__ == "answer")


def _walk(value: Any, depth: int) -> Iterator[Any]:
    yield value
    if depth < _DEEPEST and type(value) in (list, tuple, set, frozenset, dict):
        items = [*value, *value.values()] if type(value) is dict else [*value]
        for item in items[:_WIDEST]:
            yield from _walk(item, depth + 1)


_Guarded = list[tuple[str, Any, dict[str, Any]]]


def _guard(job: dict[str, Any]) -> _Guarded:
    """What tests stand on, as it is before the answer is loaded."""
    import builtins

    places: list[tuple[str, Any]] = [("builtins", builtins)]
    if job["unittest"]:
        import unittest

        places += [("unittest", unittest), ("unittest.TestCase", unittest.TestCase)]
        places += [("unittest.TestResult", unittest.TestResult), ("unittest.TestSuite", unittest.TestSuite)]
    return [(name, place, dict(vars(place))) for name, place in places]


def _check_guarded(guarded: _Guarded) -> None:
    for name, place, before in guarded:
        now = vars(place)
        changed = [key for key, value in before.items() if now.get(key, guarded) is not value and key != "_"]
        if changed:
            raise _Trick(f"the answer changed {name}.{min(changed)}")


def _tell(error: BaseException, job: dict[str, Any]) -> str:
    """The error in one line that is the same in every run: no address, no folder, lines counted in the answer."""
    before = job["setup"].count("\n")
    if isinstance(error, MemoryError):
        return f"memory: more than {job['limits']['memory_mb']} MB"
    if isinstance(error, SyntaxError) and error.filename == ANSWER:
        return f"syntax error: {error.msg} (line {(error.lineno or 1) - before})"
    if isinstance(error, _Trick):
        return str(error)
    if isinstance(error, SystemExit):
        return f"it ended by itself (exit {error.code})"
    said = str(error).replace(os.getcwd(), ".")
    text = f"{type(error).__name__}: {said}" if said else type(error).__name__
    line = _line_in_answer(error)
    place = f" (line {line - before} of the answer)" if line is not None and line > before else ""
    return _ADDRESS.sub("0x...", " ".join(text.split()))[:_LONGEST] + place


def _line_in_answer(error: BaseException) -> int | None:
    step, line = error.__traceback__, None
    while step is not None:
        line = step.tb_lineno if step.tb_frame.f_code.co_filename == ANSWER else line
        step = step.tb_next
    return line
