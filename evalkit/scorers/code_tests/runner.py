"""Runs a model's code in cells, several at once, each program once."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from evalkit.core.errors import Problem, UsageError
from evalkit.scorers.code_tests.cell.walls import FILES, NETWORK, PROCESSES, SECRETS
from evalkit.scorers.unscorable import Unscorable

_ROOT = Path(__file__).parents[2]
_CELL = "evalkit.scorers.code_tests.cell.main"
_BOOT = """\
import importlib, sys, types
root = sys.argv[1]
for name in ("evalkit", "evalkit.scorers", "evalkit.scorers.code_tests"):
    module = sys.modules[name] = types.ModuleType(name)
    module.__path__ = [root + name.removeprefix("evalkit").replace(".", "/")]
importlib.import_module(sys.argv[2]).main()
"""
"""Only the cell is loaded: of the packages above it nothing but their places"""
_SPARE_S = 20
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
WORDS: Mapping[str, str] = {
    NETWORK: "the network",
    FILES: "writing of files",
    PROCESSES: "other processes",
    SECRETS: "the environment of other processes",
}
"""What each wall keeps code away from"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """What a program's tests came to.

    `whys` has one text a test, empty where it passed; tests that were not run after a timeout are missing. `stage` is
    "load" where the program itself did not run.
    """

    whys: tuple[str, ...]
    stage: str
    walls: frozenset[str]


@cache
def find_walls() -> frozenset[str]:
    """Find out which walls this system lets evalkit put around code.

    UsageError where there is no way to limit a process at all (Windows).
    """
    try:
        import resource  # noqa: F401 - there is none on Windows
    except ImportError:
        what = "code_tests needs Linux or macOS: this system has no limits for a process"
        raise UsageError(Problem(what=what, todo="run it in WSL or a container")) from None
    return frozenset(_ask({"tests": [], "limits": {"disk_mb": 1, "wall_s": 10}})["walls"])


def run_program(job: Mapping[str, Any]) -> Ran:
    """Run one program's tests in a cell of its own.

    Unscorable where the cell itself fails.
    """
    found = _ask(job)
    results: Sequence[Mapping[str, str]] | None = found.get("results")
    if not results:
        raise Unscorable("the cell ran nothing: the network could not be cut off")
    return Ran(
        whys=tuple(one["why"] for one in results),
        stage=next((one["stage"] for one in results if one["why"]), "test"),
        walls=frozenset(found["walls"]),
    )


def run_many(jobs: Sequence[Mapping[str, Any]], *, at_once: int) -> list[Ran | Unscorable]:
    """Run programs, so many at once.

    The error of a cell stands in the place of what it did not find.
    """

    def run(job: Mapping[str, Any]) -> Ran | Unscorable:
        try:
            return run_program(job)
        except Unscorable as error:
            return error

    with ThreadPoolExecutor(max_workers=at_once) as pool:
        try:
            return list(pool.map(run, jobs))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _ask(job: Mapping[str, Any]) -> dict[str, Any]:
    """Start a cell, give it a job, and read its answer; the folder and all processes are gone afterwards."""
    folder = tempfile.mkdtemp(prefix="evalkit-code-")
    limit = job["limits"]["wall_s"] * (len(job["tests"]) + 1) + _SPARE_S
    command = [sys.executable, "-s", "-B", "-c", _BOOT, str(_ROOT), _CELL]
    environment = {"PATH": os.defpath, "HOME": folder, "TMPDIR": folder, "LANG": "C.UTF-8", "PYTHONHASHSEED": "0"}
    environment |= dict.fromkeys(_THREADS, "1")
    try:
        with subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
            cwd=folder,
            start_new_session=True,
        ) as process:
            try:
                out, err = process.communicate(json.dumps({**job, "folder": folder}).encode(), timeout=limit)
            except BaseException as error:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                if isinstance(error, subprocess.TimeoutExpired):
                    raise Unscorable(f"the cell did not answer within {limit} s") from error
                raise
        found: dict[str, Any] = json.loads(out)
    except (ValueError, OSError) as error:
        last = err.decode("utf-8", "replace").strip().splitlines()[-1:] if "err" in locals() else [str(error)]
        raise Unscorable(f"the cell failed: {' '.join(last) or 'it said nothing'}") from error
    else:
        return found
    finally:
        shutil.rmtree(folder, ignore_errors=True)
