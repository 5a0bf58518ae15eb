"""The door of the cell: a job in, one line of JSON out."""

from __future__ import annotations

import json
import os
import sys
from typing import Any

from evalkit.scorers.code_tests.cell.walls import (
    NETWORK,
    PROCESSES,
    adopt_orphans,
    die_with_parent,
    raise_walls,
    show_own_processes,
)


def main() -> None:
    """Read a job, run it behind walls, and write what was found.

    A job without tests asks only which walls can be had. Nothing is run where the network must be cut and is not.
    """
    die_with_parent()
    job: dict[str, Any] = json.load(sys.stdin)
    walls = raise_walls(job["folder"], disk_mb=job["limits"]["disk_mb"])
    answer: dict[str, Any] = {"walls": walls}
    if job["tests"] and (NETWORK in walls or job["unprotected"]):
        answer["results"] = _run_guarded(job, own_processes=PROCESSES in walls)
    print(json.dumps(answer), flush=True)


def _run_guarded(job: dict[str, Any], *, own_processes: bool) -> Any:
    """The results, from a process that is the first of its namespace."""
    heard, said = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(heard)
        die_with_parent()
        if own_processes and os.getpid() != 1:
            os._exit(3)  # it would end processes that are not its own
        adopt_orphans() if not own_processes else show_own_processes()
        from evalkit.scorers.code_tests.cell.warden import run_tests

        found = json.dumps(run_tests(job, own_processes=own_processes)).encode()
        with os.fdopen(said, "wb") as file:
            file.write(found)
        os._exit(0)
    os.close(said)
    with os.fdopen(heard, "rb") as file:
        text = file.read()
    os.waitpid(pid, 0)
    return json.loads(text)
