"""The process that watches over tests: one after the other, each in a process of its own, everything ended behind it.

It never runs a line of the answer. Where it is the first process of its own namespace nothing can outlive it.
"""

from __future__ import annotations

import json
import os
import secrets
import select
import signal
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from evalkit.scorers.code_tests.cell.inside import run_inside

OUTPUT = 1 << 16
"""Bytes of output that a program may write beyond what is expected of it"""
_REPORT = 1 << 14
_POLL, _LOOK = 0.02, 0.1
CANARY = "\nassert False\n"
FORGED = "it reports a test as passed that nothing can pass"


@dataclass(slots=True)
class Ended:
    """How a test's process ended."""

    report: dict[str, str] = field(default_factory=dict)
    output: bytes = b""
    status: int = 0
    cpu_s: float = 0.0
    why: str = ""
    """Why it was ended, where the warden did"""


def run_tests(job: dict[str, Any], *, own_processes: bool) -> list[dict[str, str]]:
    """Run every test of a job, in order.

    `why` of each is empty where it passed. After one that was ended for time, memory or processes the others are not
    run. Where all passed one of them is run again with a line that must fail: an answer that reports this as passed has
    reported all of them.
    """
    out: list[dict[str, str]] = []
    for test in job["tests"]:
        found = _run(job, test, own_processes=own_processes)
        out.append(found)
        if found.get("stop"):
            break
    plain = [test for test in job["tests"] if "source" in test]
    if plain and not any(one["why"] for one in out):
        again = dict(plain[secrets.randbelow(len(plain))])
        again["source"] += CANARY
        if not _run(job, again, own_processes=own_processes)["why"]:
            return [{"why": FORGED, "stage": "test"} for _ in out]
    return out


def _run(job: dict[str, Any], test: dict[str, str], *, own_processes: bool) -> dict[str, str]:
    token = secrets.token_hex(16)
    with tempfile.TemporaryFile() as ask, tempfile.TemporaryFile() as stdin:
        ask.write(json.dumps({"token": token, "source": test.get("source", "")}).encode())
        ask.flush()
        stdin.write(test.get("stdin", "").encode("utf-8", "replace"))
        stdin.seek(0)
        as_program = "stdin" in test
        ended = _watch(job, ask.fileno(), stdin.fileno() if as_program else None, own_processes=own_processes)
    why = ended.why or _why_ended(ended, job["limits"])
    stop = "1" if ended.why or why.startswith("timeout") else ""
    if why or "why" in ended.report:
        told = why or ended.report["why"]
        stop = stop or ("1" if told.startswith("memory") else "")
        return {"why": str(told), "stage": str(ended.report.get("stage", "test")), "stop": stop}
    if as_program:
        return {"why": _compare_output(ended.output, test["stdout"]), "stage": "test"}
    if ended.report.get("token") != token:
        return {"why": _tell_early(ended.status), "stage": "test"}
    return {"why": "", "stage": "test"}


def _watch(job: dict[str, Any], ask: int, stdin: int | None, *, own_processes: bool) -> Ended:
    """Run one process to its end, within its time, its output and its number of processes."""
    (heard, report), (seen, output) = os.pipe(), os.pipe()
    place = tempfile.mkdtemp(dir=job["folder"])
    pid = os.fork()
    if pid == 0:
        _become(place, report, ask, stdin, output)
        run_inside(job, 4, 3, stdin=stdin)
    os.close(report)
    os.close(output)
    ended = Ended()
    started, looked = time.monotonic(), 0.0
    sent, written = b"", b""
    open_ends = {heard, seen}
    while True:
        now = time.monotonic()
        gone, status, used = os.wait4(pid, os.WNOHANG)
        for end in select.select(list(open_ends), [], [], 0 if gone else _POLL)[0] if open_ends else ():
            part = os.read(end, 1 << 16)
            if not part:
                open_ends.discard(end)
            elif end == heard:
                sent = (sent + part)[:_REPORT]
            else:
                written += part
        if gone:
            ended.status, ended.cpu_s = status, used.ru_utime + used.ru_stime
            break
        if len(written) > OUTPUT + job["expected"]:
            ended.why = f"too much output: more than {OUTPUT >> 10} kB"
        elif now - started > job["limits"]["wall_s"]:
            ended.why = f"timeout: more than {job['limits']['wall_s']} s"
        elif now - looked > _LOOK:
            looked = now
            if len(descendants()) > job["limits"]["processes"]:
                ended.why = f"too many processes: more than {job['limits']['processes']}"
        if ended.why:
            break
    _end_all(pid, own_processes=own_processes)
    rest = _drain(seen)
    ended.output = written + rest
    ended.report = _parse(sent + _drain(heard))
    os.close(heard)
    os.close(seen)
    return ended


def _become(place: str, report: int, ask: int, stdin: int | None, output: int) -> None:
    """Be the process of a test: a group of its own, its folder, and no file but the report (3) and the question (4)."""
    os.setsid()
    os.chdir(place)
    nothing = os.open(os.devnull, os.O_RDWR)
    spare = [os.dup(end) for end in (report, ask, nothing if stdin is None else stdin, output, nothing)]
    for at, place_of in enumerate((3, 4)):
        os.dup2(spare[at], place_of)
    os.dup2(spare[2], 0)
    os.dup2(spare[3] if stdin is not None else spare[4], 1)
    os.dup2(spare[4], 2)
    os.closerange(5, 4096)
    os.environ["HOME"] = os.environ["TMPDIR"] = os.getcwd()
    tempfile.tempdir = None
    sys.stdin, sys.stdout = os.fdopen(0, encoding="utf-8"), os.fdopen(1, "w", encoding="utf-8")


def _drain(end: int) -> bytes:
    os.set_blocking(end, False)
    found = b""
    with suppress(BlockingIOError):
        while len(found) < OUTPUT and (part := os.read(end, 1 << 16)):
            found += part
    return found


def _parse(sent: bytes) -> dict[str, str]:
    """The first report as texts; nothing where it is none. An answer may have written it, or have forked before it."""
    try:
        value = json.loads(sent.partition(b"\n")[0])
    except (ValueError, RecursionError):
        return {}
    return {str(key): str(one)[:400] for key, one in value.items()} if isinstance(value, dict) else {}


def descendants() -> list[int]:
    """List the processes below this one, as /proc shows them.

    None where there is no /proc.
    """
    try:
        own = int(os.readlink("/proc/self"))
        numbers = [int(name) for name in os.listdir("/proc") if name.isdigit()]
    except (OSError, ValueError):
        return []
    parents: dict[int, int] = {}
    for number in numbers:
        with suppress(OSError, ValueError, IndexError), open(f"/proc/{number}/stat", "rb") as file:
            parents[number] = int(file.read().rpartition(b")")[2].split()[1])
    below = {own}
    while more := {number for number, parent in parents.items() if parent in below} - below:
        below |= more
    return sorted(below - {own})


def _end_all(pid: int, *, own_processes: bool) -> None:
    """End the test's process and every other one that it left, and wait for them."""
    for _ in range(100):
        with suppress(ProcessLookupError, PermissionError):
            if own_processes:
                os.kill(-1, signal.SIGKILL)  # the first process of a namespace: all others in it, and no other
            else:
                os.killpg(pid, signal.SIGKILL)
        left = [] if own_processes else descendants()
        for other in left:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(other, signal.SIGKILL)
        try:
            while os.waitpid(-1, 0 if own_processes else os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            if not left:
                return
        time.sleep(_POLL / 4)


def _why_ended(ended: Ended, limits: dict[str, int]) -> str:
    if not os.WIFSIGNALED(ended.status):
        return ""
    number = os.WTERMSIG(ended.status)
    if number == signal.SIGXCPU or (number == signal.SIGKILL and ended.cpu_s >= limits["cpu_s"]):
        return f"timeout: more than {limits['cpu_s']} s of CPU"
    known = number in {one.value for one in signal.Signals}
    return f"it was ended by {signal.Signals(number).name if known else f'signal {number}'}"


def _tell_early(status: int) -> str:
    code = os.WEXITSTATUS(status) if os.WIFEXITED(status) else status
    return f"it ended before the test was over (exit {code})"


def _compare_output(output: bytes, expected: str) -> str:
    """What is wrong with what a program wrote; blanks at the ends of lines and empty last lines do not count."""
    texts = (output.decode("utf-8", "replace"), expected)
    got, wanted = ([line.rstrip() for line in text.rstrip().split("\n")] for text in texts)
    for number, line in enumerate(wanted):
        if number >= len(got) or got[number] != line:
            said = repr(got[number][:60]) if number < len(got) else "missing"
            return f"wrong output: line {number + 1} is {said}, not {line[:60]!r}"
    return "" if len(got) == len(wanted) else f"wrong output: {len(got)} lines, not {len(wanted)}"
