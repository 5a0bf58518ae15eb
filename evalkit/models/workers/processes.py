"""Workers that are processes of this machine: one GPU each where there are some, else a share of the processors."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Mapping
from typing import IO, cast

from evalkit.models.local.device import count_gpus, share_threads
from evalkit.models.workers.tasks import Lost, WorkerResult, WorkerTask

CHILD = "evalkit.models.workers.child"


class ProcessHandle:
    """A worker in a process of its own.

    Tasks and results are pickled through its pipes.
    """

    def __init__(self, number: int, *, device: str | None, threads: int, environ: Mapping[str, str]) -> None:
        self.label = f"worker {number + 1}" + (f" on {device}" if device else "")
        self._command = [sys.executable, "-m", CHILD, *([device] if device else [])]
        # the child finds evalkit where this process did, whatever folder or path it was started from
        path = os.pathsep.join(part for part in sys.path if part)
        self._environ = {**environ, "EVALKIT_THREADS": str(threads), "PYTHONPATH": path}
        self._closed = False
        self._process = self._start()

    @property
    def pid(self) -> int:
        """The process that computes now."""
        return self._process.pid

    def run(self, task: WorkerTask) -> WorkerResult:
        """Have a task done; raises Lost when the process is gone."""
        try:
            pickle.dump(task, _pipe(self._process.stdin))
            _pipe(self._process.stdin).flush()
            return cast(WorkerResult, pickle.load(_pipe(self._process.stdout)))
        except (OSError, EOFError, ValueError, pickle.UnpicklingError) as error:
            raise Lost(self._say_how()) from error

    def restart(self) -> None:
        """Start another process in place of the one that was lost."""
        self._end()
        if self._closed:
            raise Lost("the run is over")
        self._process = self._start()
        if self._closed:  # while it started
            self._end()
            raise Lost("the run is over")

    def close(self) -> None:
        """Kill the process; what it computes is not wanted any more."""
        self._closed = True
        self._end()

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=self._environ, bufsize=-1
        )

    def _end(self) -> None:
        self._process.kill()
        self._process.wait()

    def _say_how(self) -> str:
        try:
            code = self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            return "it closed its pipes"
        return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"


def open_processes(workers: int, *, environ: Mapping[str, str]) -> list[ProcessHandle]:
    """Start workers on the GPUs in turn, or on equal parts of the processors."""
    gpus, threads = count_gpus(), share_threads(environ, workers=workers)
    devices = [f"cuda:{number % gpus}" if gpus else None for number in range(workers)]
    return [
        ProcessHandle(number, device=device, threads=threads, environ=environ) for number, device in enumerate(devices)
    ]


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None
    return pipe
