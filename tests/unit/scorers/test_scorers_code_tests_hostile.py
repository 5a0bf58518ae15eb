"""A pass is earned: code that cheats, breaks out or never ends gets its reason, and leaves nothing behind."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from evalkit.core.exchange import Example, Response
from evalkit.core.verdict import Score
from evalkit.scorers.code_tests import CodeTests
from evalkit.scorers.code_tests.cell.walls import FILES, NETWORK, PROCESSES, SECRETS
from evalkit.scorers.code_tests.runner import find_walls

pytestmark = pytest.mark.skipif(NETWORK not in find_walls(), reason="no user namespaces here: code is not run")
MARK = "98765.4321"
"""Seconds that left-over processes would sleep: they are found by it"""

FORGER = """
import json, os, sys
def add(a, b):
    frame = sys._getframe()
    while frame:
        given = frame.f_locals.get("given")
        if isinstance(given, dict) and "token" in given:
            os.write(3, json.dumps({"token": given["token"]}).encode())
            os._exit(0)
        frame = frame.f_back
"""
HOSTILE: Mapping[str, tuple[str, str]] = {
    "says passed": ("print('passed')\nimport sys\nsys.exit(0)", r"^it ended by itself \(exit 0\)"),
    "exits hard": ("import os\nprint('2 passed')\nos._exit(0)", r"failed test 1 of 2: it ended before .* \(exit 0\)"),
    "exits when called": (
        "def add(a, b):\n    raise SystemExit(0)",
        r"failed test 1 of 2: it ended by itself \(exit 0\)",
    ),
    "its own AssertionError": (
        "import builtins\nbuiltins.AssertionError = type('E', (Exception,), {})\ndef add(a, b): return 0",
        r"failed test 1 of 2: the answer changed builtins.AssertionError",
    ),
    "a softer builtin": (
        "import builtins\nbuiltins.abs = lambda x: 0\ndef add(a, b): return a + b",
        r"failed test 1 of 2: the answer changed builtins.abs",
    ),
    "equal to everything": (
        "class E:\n    def __eq__(self, other): return True\ndef add(a, b): return E()",
        r"failed test 1 of 2: the answer's own E.__eq__ decides",
    ),
    "a number equal to everything": (
        "class E(int):\n    __eq__ = lambda self, other: True\n    __hash__ = int.__hash__\ndef add(a, b): return E()",
        r"failed test 1 of 2: the answer's own E.__eq__ decides",
    ),
    "mock.ANY": (
        "from unittest.mock import ANY\ndef add(a, b): return ANY",
        r"failed test 1 of 2: the answer gives a _ANY that equals everything",
    ),
    "equal to everything under another name": (
        "class E:\n    __module__ = 'numpy'\n    def __eq__(self, other): return 1\ndef add(a, b): return E()",
        r"failed test 1 of 2: the answer gives a E that equals everything",
    ),
    "finds the word in a frame": (FORGER, r"it reports a test as passed that nothing can pass"),
    "other os.write": (
        "import os, json\nos.write = lambda *a: 0\njson.dumps = lambda *a: '{}'\ndef add(a, b): return 0",
        r"failed test 1 of 2: AssertionError",
    ),
    "ends its watcher": ("import os\nos.kill(os.getppid(), 9)\ndef add(a, b): return 0", r"failed test 1 of 2"),
    "a loop that hears no signal": (
        "import signal\nsignal.signal(signal.SIGXCPU, signal.SIG_IGN)\nwhile True: pass",
        r"timeout: more than 1 s of CPU",
    ),
    "memory": ("a = [0] * 10**10", r"memory: more than 256 MB"),
    "memory bit by bit": ("a = []\nwhile True: a.append(bytes(10**6))", r"memory: more than 256 MB"),
    "deep recursion": ("def f(n): return f(n + 1)\nf(0)", r"RecursionError: maximum recursion depth"),
    "very deep recursion": (
        "import sys\nsys.setrecursionlimit(10**9)\ndef f(n): return f(n + 1) + f(n)\nf(0)",
        r"it was ended by SIGSEGV|memory: more than|timeout: more than",
    ),
    "a large file": ("open('a', 'wb').write(bytes(10**8))", r"OSError: \[Errno \d+\] (File too large|No space left)"),
    "many files": (
        "for i in range(1000): open(str(i), 'wb').write(bytes(10**5))",
        r"OSError: \[Errno 28\] No space left on device",
    ),
    "a file elsewhere": ("open('/tmp/evalkit-was-here', 'w')", r"OSError: \[Errno 30\] Read-only file system"),
    "many processes": (
        "import os, time\nwhile True:\n    if os.fork() == 0: time.sleep(1000)",
        r"too many processes: more than 16|BlockingIOError: .*Resource temporarily unavailable",
    ),
    "waits for input": ("input()", r"EOFError: EOF when reading a line"),
    "no Python": ("def add(a, b) return a", r"syntax error: expected ':' \(line 1\)"),
    "deep nesting": ("(" * 5000 + ")" * 5000, r"syntax error: too many nested parentheses|memory: more than"),
}
DAEMON = f"""
import os, subprocess
def add(a, b):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            os.execvp("sleep", ["sleep", "{MARK}"])
        os._exit(0)
    subprocess.Popen(["sleep", "{MARK}"], start_new_session=True)
    return a + b
"""
TESTS = ["assert add(1, 2) == 3", "assert add(2, 2) == 4"]


def case(code: str, tests: list[Any] = TESTS) -> tuple[Example, Response]:
    example = Example(id="a", messages=(), extra={"tests": tests})
    return example, Response(example_id="a", text=f"```python\n{code}\n```")


@pytest.fixture(scope="module")
def found() -> dict[str, Score]:
    scorer = CodeTests(cpu_s=1, wall_s=30, memory_mb=256, disk_mb=4).with_leave(unprotected=False)
    cases = {name: case(code) for name, (code, _) in HOSTILE.items()}
    scorer.score_ahead(list(cases.values()))
    return {name: scorer.score(*one) for name, one in cases.items()}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_code_does_not_pass_and_has_its_reason(found: dict[str, Score], name: str) -> None:
    score = found[name]
    assert score.value == 0.0
    assert re.search(HOSTILE[name][1], score.reason), score.reason


def run(code: str, tests: list[Any], **options: int) -> Score:
    return CodeTests(**options).with_leave(unprotected=False).score(*case(code, tests))  # type: ignore[arg-type]


def sleepers() -> Iterator[str]:
    for place in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if MARK.encode() in place.read_bytes():
                yield place.parent.name
        except OSError:
            continue


EQUAL = "class E:\n    def __eq__(self, other): return True\ndef add(a, b): return E()"
UNITTEST = "import unittest\nclass T(unittest.TestCase):\n    def test_it(self):\n        self.{}\n"


@pytest.mark.parametrize(
    "test",
    [
        "assert add(1, 2) in [3]",
        "assert 3 == add(1, 2) == 3",
        UNITTEST.format("assertEqual(add(1, 2), 3)"),
        UNITTEST.format("assertEqual(first=3, second=add(1, 2))"),
        UNITTEST.format("assertIn(add(1, 2), (3,))"),
    ],
)
def test_a_value_that_equals_everything_passes_no_form_of_a_test(test: str) -> None:
    score = run(EQUAL, [test])
    assert score.value == 0.0
    assert "the answer's own E.__eq__ decides the comparison" in score.reason


@pytest.mark.parametrize(
    ("code", "test"),
    [
        ("def add(a, b): return [a, b]", "from unittest.mock import ANY\nassert add(1, 2) == [ANY, 2]"),
        ("def add(a, b): return a + b", UNITTEST.format("assertIn(add(1, 2), *[[3, 4]])")),
        ("def add(a, b): return 'ab'", "assert 'a' in add(1, 2) and 'z' not in add(1, 2) and 0 < len(add(1, 2)) == 2"),
        (
            "class Sum:\n    def __eq__(self, other): return self.n == other.n\n    def __init__(self, n): self.n = n",
            "assert Sum(3) == Sum(3) and Sum(3) != Sum(4)",
        ),
    ],
)
def test_an_honest_answer_passes_tests_that_compare_in_their_own_ways(code: str, test: str) -> None:
    score = run(code, [test])
    assert score.value == 1.0, score.reason


@pytest.mark.skipif(PROCESSES not in find_walls(), reason="no namespace of processes here")
def test_processes_that_are_left_behind_are_ended() -> None:
    assert run(DAEMON, TESTS).value == 1.0
    assert list(sleepers()) == []


def test_a_program_that_kills_all_it_can_reaches_nobody() -> None:
    assert "ProcessLookupError: [Errno 3]" in run("import os\nos.kill(-1, 9)", TESTS).reason


def test_a_program_that_sleeps_is_ended_by_the_clock() -> None:
    assert run("import time\ntime.sleep(1000)", TESTS, wall_s=1).reason == "failed test 1 of 2: timeout: more than 1 s"


def test_output_without_end_is_cut_off() -> None:
    programs: list[Any] = [{"stdin": "", "stdout": "1"}]
    found = run("while True: print('x' * 10_000)", programs)
    assert (found.value, found.reason) == (0.0, "failed test 1 of 1: too much output: more than 64 kB")


def test_a_socket_leads_nowhere() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        code = (
            "import socket\ndef reach():\n    try:\n"
            f"        socket.create_connection(('127.0.0.1', {port}), timeout=2)\n"
            "        return 'reached'\n    except OSError as error:\n        return error.errno"
        )
        score = run(code, ["assert reach() == 101, reach()"])
        server.settimeout(0.05)
        with pytest.raises(TimeoutError):
            server.accept()
    assert score.value == 1.0, score.reason


def test_no_environment_is_inherited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    code = "import os\ndef keys(): return sorted(os.environ)"
    allowed = ["HOME", "LANG", "LC_CTYPE", "MKL_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "PATH"]
    score = run(code, [f"assert set(keys()) <= set({[*allowed, 'PYTHONHASHSEED', 'TMPDIR']!r}), keys()"])
    assert score.value == 1.0, score.reason


@pytest.mark.skipif(SECRETS not in find_walls(), reason="no user namespaces here")
def test_the_environment_of_evalkit_itself_cannot_be_read() -> None:
    code = (
        "import glob\ndef search():\n    seen = []\n    for place in glob.glob('/proc/[0-9]*/environ'):\n"
        "        try:\n            text = open(place, 'rb').read()\n        except OSError:\n            continue\n"
        "        seen += [one for one in text.split(b'\\0') if one.startswith((b'PYTEST', b'VIRTUAL_ENV', b'USER='))]\n"
        "    return seen"
    )
    assert any(one.startswith("PYTEST") for one in os.environ)
    score = run(code, ["assert search() == [], search()"])
    assert score.value == 1.0, score.reason


@pytest.mark.skipif(FILES not in find_walls(), reason="no namespace of mounts here")
def test_files_of_the_user_are_neither_changed_nor_removed(tmp_path: Path) -> None:
    mine = tmp_path / "mine.txt"
    mine.write_text("kept", encoding="utf-8")
    code = f"import os, shutil\ndef f():\n    shutil.rmtree({str(tmp_path)!r}, ignore_errors=True)\n    return True"
    assert run(code, ["assert f()"]).value == 1.0
    assert mine.read_text(encoding="utf-8") == "kept"


def test_a_program_that_never_ends_does_not_hold_the_others_up() -> None:
    scorer = CodeTests(cpu_s=2, wall_s=3).with_leave(unprotected=False)
    slow = [case(f"import time\ntime.sleep(1000)  # {i}") for i in range(4)]
    started = time.monotonic()
    scorer.score_ahead([*slow, case("def add(a, b): return a + b")])
    assert time.monotonic() - started < 4 * 3
    assert scorer.score(*case("def add(a, b): return a + b")).value == 1.0


WITHOUT = """
import ctypes, os, sys
libc = ctypes.CDLL(None)
uid = os.getuid()
assert libc.unshare(0x10000000) == 0
open("/proc/self/setgroups", "w").write("deny")
open("/proc/self/uid_map", "w").write(f"0 {uid} 1")
open("/proc/self/gid_map", "w").write(f"0 {os.getgid()} 1")
for name in ("user", "net"):
    open(f"/proc/sys/user/max_{name}_namespaces", "w").write("0")
from evalkit.core.exchange import Example, Response
from evalkit.scorers.code_tests import CodeTests
from evalkit.scorers.code_tests.runner import find_walls
print(sorted(find_walls()))
example = Example(id="a", messages=(), extra={"tests": ["assert add(1, 2) == 3"]})
response = Response(example_id="a", text=sys.argv[1])
for unprotected in (False, True):
    scorer = CodeTests().with_leave(unprotected=unprotected)
    try:
        print(scorer.score(example, response).value)
    except Exception as error:
        print(type(error).__name__, error)
print(scorer.code_words)
"""


def test_where_the_network_cannot_be_cut_nothing_runs_without_leave_and_nothing_is_left_behind() -> None:
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(WITHOUT), DAEMON], capture_output=True, text=True, check=False
    )
    if "Error" in done.stderr:
        pytest.skip(f"namespaces cannot be limited here: {done.stderr.splitlines()[-1]}")
    walls, refused, passed, words = done.stdout.splitlines()
    assert walls == "[]"
    assert refused == "Unscorable the cell ran nothing: the network could not be cut off"
    assert passed == "1.0"
    assert "NOT from the network, writing of files, other processes" in words
    assert list(sleepers()) == []
