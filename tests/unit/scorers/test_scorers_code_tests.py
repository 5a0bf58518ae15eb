"""Code graded by the tests of its row: every shape of tests, what is read of an answer, what the reasons say."""

from __future__ import annotations

from typing import Any

import pytest

from evalkit.core.errors import UsageError
from evalkit.core.exchange import Example, Response
from evalkit.core.verdict import Score
from evalkit.reading.fences import python_in
from evalkit.scorers.code_tests import CodeTests
from evalkit.scorers.code_tests.cell.walls import NETWORK
from evalkit.scorers.code_tests.runner import find_walls
from evalkit.scorers.unscorable import Unscorable

needs_walls = pytest.mark.skipif(NETWORK not in find_walls(), reason="no user namespaces here: code is not run")
ONE = "failed test 1 of 1: "
ADD = "def add(a, b):\n    return a + b"
UNITTEST = """
import unittest
class TestAdd(unittest.TestCase):
    def test_small(self):
        self.assertEqual(add(1, 2), 3)
"""
CHECK = "def check(candidate):\n    assert candidate(1, 2) == 3\n    assert candidate(-1, 1) == 0\n"
PROMPT = 'def add(a: int, b: int) -> int:\n    """Add two numbers."""\n'
SUM = "print(sum(int(line) for line in open(0)))"


def row(tests: Any, **extra: Any) -> Example:
    return Example(id="a", messages=(), extra={"tests": tests, **extra})


def score(text: str, tests: Any, **extra: Any) -> Score:
    scorer = CodeTests().with_leave(unprotected=False)
    assert isinstance(scorer, CodeTests)
    return scorer.score(row(tests, **extra), Response(example_id="a", text=text))


@needs_walls
@pytest.mark.parametrize(
    ("text", "tests", "extra"),
    [
        (ADD, "assert add(1, 2) == 3", {}),
        (ADD, ["assert add(1, 2) == 3", "assert add('a', 'b') == 'ab'"], {}),
        (ADD, "def test_small():\n    assert add(1, 2) == 3\n", {}),
        (ADD, UNITTEST, {}),
        (ADD, CHECK, {"entry_point": "add"}),
        (PROMPT + "    return a + b", CHECK, {"entry_point": "add", "setup": PROMPT}),
        ("    return a + b", CHECK, {"entry_point": "add", "setup": PROMPT}),
        ("```python\n" + SUM + "\n```", [{"stdin": "1\n2\n", "stdout": "3\n"}, {"stdin": "", "stdout": "0"}], {}),
        ("def area(r): return math.pi * r", "assert round(area(1), 2) == 3.14", {"setup": "import math"}),
        ("class P:\n    def __eq__(self, o): return o == (1, 2)", "assert P() == (1, 2)", {}),
    ],
)
def test_right_code_passes_in_every_shape_of_tests(text: str, tests: Any, extra: dict[str, Any]) -> None:
    found = score(text, tests, **extra)
    assert (found.value, found.parts, found.reason) == (1.0, {"share": 1.0, "runs": 1.0}, "")


@needs_walls
@pytest.mark.parametrize(
    ("text", "tests", "extra", "share", "reason"),
    [
        (
            "def add(a, b): return a - b",
            ["assert add(1, 0) == 1", "assert add(1, 2) == 3, 'too small'"],
            {},
            0.5,
            "failed test 2 of 2: AssertionError: too small",
        ),
        (
            "def add(a, b):\n    c = a\n    return c.b",
            "assert add(1, 2) == 3",
            {},
            0.0,
            "failed test 1 of 1: AttributeError: 'int' object has no attribute 'b' (line 3 of the answer)",
        ),
        ("def add(a, b): return 0", "def test_it():\n    assert add(1, 2) == 3", {}, 0.0, f"{ONE}AssertionError"),
        ("def add(a, b): return 0", UNITTEST, {}, 0.0, f"{ONE}AssertionError: test_small: AssertionError: 0 != 3"),
        ("def add(a, b): return 3", CHECK, {"entry_point": "add"}, 0.0, f"{ONE}AssertionError"),
        ("def sub(a, b): return 3", CHECK, {"entry_point": "add"}, 0.0, f"{ONE}KeyError: 'add'"),
        (
            "x = 1\nx.y",
            "assert x",
            {"setup": "import os\nimport re"},
            0.0,
            "AttributeError: 'int' object has no attribute 'y' (line 2 of the answer)",
        ),
        ("print(7)", [{"stdin": "", "stdout": "8"}], {}, 0.0, f"{ONE}wrong output: line 1 is '7', not '8'"),
        ("print(8)\nprint(9)", [{"stdin": "", "stdout": "8"}], {}, 0.0, f"{ONE}wrong output: 2 lines, not 1"),
        (
            "print(8); 1 / 0",
            [{"stdin": "", "stdout": "8"}],
            {},
            0.0,
            "ZeroDivisionError: division by zero (line 1 of the answer)",
        ),
        ("", "assert add(1, 2) == 3", {}, 0.0, "there is no code in the answer"),
        ("```sh\npip install add\n```", "assert add(1, 2) == 3", {}, 0.0, "there is no code in the answer"),
        ("It is easy.", "assert add(1, 2) == 3", {}, 0.0, "syntax error: invalid syntax (line 1)"),
    ],
)  # fmt: skip
def test_wrong_code_has_its_reason(text: str, tests: Any, extra: dict[str, Any], share: float, reason: str) -> None:
    found = score(text, tests, **extra)
    assert (found.value, found.parts["share"], found.reason) == (0.0, share, reason)


@needs_walls
def test_code_in_a_thought_is_no_answer() -> None:
    wrong = "```python\ndef add(a, b): return 0\n```"
    assert score(f"<think>First {wrong}</think>\n```python\n{ADD}\n```", "assert add(1, 2) == 3").value == 1.0
    assert score(f"<think>```python\n{ADD}\n```</think>\n{wrong}", "assert add(1, 2) == 3").value == 0.0


@needs_walls
def test_a_reason_is_the_same_in_every_run() -> None:
    text = "class A: pass\ndef add(a, b): raise ValueError(A(), __import__('os').getcwd())"
    reasons = {score(text, "assert add(1, 2) == 3").reason for _ in range(2)}
    assert reasons == {"failed test 1 of 1: ValueError: (<answer.A object at 0x...>, '.') (line 2 of the answer)"}


@needs_walls
def test_equal_programs_run_once_in_all_arms_and_repeats(monkeypatch: pytest.MonkeyPatch) -> None:
    from evalkit.scorers.code_tests import scorer as room

    asked: list[int] = []
    plain = room.run_many

    def count(jobs: Any, *, at_once: int) -> Any:
        asked.append(len(jobs))
        return plain(jobs, at_once=at_once)

    monkeypatch.setattr(room, "run_many", count)
    scorer = CodeTests().with_leave(unprotected=False)
    example = row("assert add(1, 2) == 3")
    same = [(example, Response(example_id="a", text=ADD, repeat=repeat)) for repeat in range(5)]
    scorer.score_ahead(same)
    assert [scorer.score(*one).value for one in same] == [1.0] * 5
    assert sum(asked) == 1


@pytest.mark.parametrize(
    ("extra", "sentence"),
    [
        ({}, "it has no `tests`"),
        ({"tests": []}, "its `tests` are empty: every answer would pass"),
        ({"tests": ["x = 1"]}, "test 1 of 1: it checks nothing"),
        ({"tests": ["assert True"]}, "test 1 of 1: it checks nothing"),
        ({"tests": ["assert (f(1) == 2, 'f(1) is 2')"]}, "test 1 of 1: it checks nothing"),
        (
            {"tests": "f(1)\nclass TestF:\n    def test_it(self):\n        assert f(1) == 2"},
            "test 1 of 1: the tests of the class TestF are not run: it is no unittest.TestCase",
        ),
        ({"tests": ["assert f(1)", "def f(: pass"]}, "test 2 of 2: it is no Python: invalid syntax"),
        (
            {"tests": CHECK},
            "test 1 of 1: it checks nothing: it has no assert, no call and no test function; `check(cand",
        ),
        ({"tests": [{"stdin": "1"}]}, "test 1 of 1: it is neither Python nor"),
        ({"tests": [3]}, "test 1 of 1: it is neither Python nor"),
        ({"tests": "assert f(1)", "setup": 3}, "its `setup` is no text"),
    ],
)
def test_tests_that_cannot_fail_or_cannot_run_are_told_beforehand(extra: dict[str, Any], sentence: str) -> None:
    (said,) = CodeTests().check(Example(id="a", messages=(), extra=extra))
    assert said.startswith(sentence)


@pytest.mark.parametrize(("total", "value"), [(3, 1.0), (4, 0.0)])
def test_a_test_that_is_a_coroutine_is_awaited(total: int, value: float) -> None:
    scorer = CodeTests().with_leave(unprotected=True)
    test = f"import asyncio\nasync def test_it():\n    await asyncio.sleep(0)\n    assert add(1, 2) == {total}\n"
    assert scorer.score(row(test), Response(example_id="a", text=ADD)).value == value


def test_a_test_that_yields_passes_nothing() -> None:
    scorer = CodeTests().with_leave(unprotected=True)
    score = scorer.score(
        row("def test_it():\n    assert add(1, 2) == 4\n    yield"), Response(example_id="a", text=ADD)
    )
    assert (score.value, "a test that yields is not run" in score.reason) == (0.0, True)


def test_nothing_runs_without_leave() -> None:
    with pytest.raises(UsageError, match="`allow_code: true`"):
        CodeTests().score(row("assert add(1, 2) == 3"), Response(example_id="a", text=ADD))


def test_a_cell_that_breaks_makes_the_answer_unscorable_and_no_0(monkeypatch: pytest.MonkeyPatch) -> None:
    from evalkit.scorers.code_tests import runner

    scorer = CodeTests().with_leave(unprotected=True)
    monkeypatch.setattr(runner, "_BOOT", "raise SystemExit('no memory for a new process')")
    with pytest.raises(Unscorable, match="the cell failed: no memory for a new process"):
        scorer.score(row("assert add(1, 2) == 3"), Response(example_id="a", text=ADD))


@pytest.mark.parametrize(
    ("text", "defines", "code"),
    [
        ("```python\nx = 1\n```", "", "x = 1\n"),
        ("Try:\n```\ndef f(): pass\n```\nthen\n```python\nprint(f())\n```", "", "def f(): pass\n"),
        ("```python\ndef f(): old\n```\nBetter:\n```python\ndef f(): new\n```", "f", "def f(): new\n"),
        ("```python\ndef g(): pass\n```\n```python\ndef f(): pass\n```", "f", "def f(): pass\n"),
        ("```bash\npip install x\n```\n```py\ny = 2\n```", "", "y = 2\n"),
        ("```python\nx = 1", "", "x = 1"),
        ("    return 1\n", "", "    return 1"),
    ],
)
def test_the_code_of_an_answer_is_that_of_one_fence(text: str, defines: str, code: str) -> None:
    assert python_in(text, defines=defines) == code
