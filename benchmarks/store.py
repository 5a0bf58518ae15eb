"""What keeping costs: the ledger a row, a recording a row, the report a case.

python benchmarks/store.py [--rows 10000] [-o docs/benchmarks/store.md]
"""

from __future__ import annotations

import argparse
import platform
import resource
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from evalkit.core.exchange import Message, ModelIdentity, Request, Response, Usage
from evalkit.core.fingerprint import add_keys
from evalkit.core.recording import Recording
from evalkit.store.ledger import Ledger

BATCH = 64
MODEL = ModelIdentity(name="m", provider="openai", model="m", fingerprint="f")
Row = tuple[str, float, float, str]


def requests(count: int) -> list[Request]:
    """Short questions, one a case."""
    return [
        add_keys(
            Request(example_id=f"case-{n}", messages=(Message(role="user", content=f"What is {n} + {n}?"),)),
            model_fingerprint="f",
        )
        for n in range(count)
    ]


def reply(request: Request) -> Response:
    """An answer as a server gives it, with everything that is kept of it."""
    return Response(
        example_id=request.example_id,
        text="The sum of the two numbers that you gave me is " + request.key[:12] + ".",
        finish="stop",
        usage=Usage(input=31, output=17),
        latency_s=0.0512,
        served_model="gpt-4o-mini-2024-07-18",
        system_fingerprint="fp_0123456789",
        request_id="req_" + request.key[:24],
        prompt_sha256=request.prompt_sha256,
    )


def measure(count: int) -> list[Row]:
    """(what, wall microseconds a row, CPU microseconds a row, remark)"""
    rows: list[Row] = []

    @contextmanager
    def timed(what: str, remark: str = "") -> Iterator[None]:
        wall, cpu = time.perf_counter(), time.process_time()
        yield
        spent = [
            (now - start) / count * 1e6 for now, start in ((time.perf_counter(), wall), (time.process_time(), cpu))
        ]
        rows.append((what, spent[0], spent[1], remark))

    asked = requests(count)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ledger.sqlite"
        with Ledger(path) as ledger, timed(f"claim and put, batches of {BATCH}", "each batch synced to the disk"):
            for start in range(0, count, BATCH):
                batch = asked[start : start + BATCH]
                ledger.claim([request.key for request in batch])
                ledger.put(((request, reply(request)) for request in batch), model=MODEL)
        size = path.stat().st_size / count
        with timed("open and check"), Ledger(path):
            pass
        with Ledger(path) as ledger, timed("look up", f"{size:,.0f} bytes a row on disk"):
            kept = ledger.lookup([request.key for request in asked])
        file = Path(folder) / "r.jsonl.gz"
        with timed("write a recording"):
            Recording(model=MODEL, responses=tuple(kept.values())).write(file)
        with timed("read a recording", f"{file.stat().st_size / count:,.0f} bytes a row on disk"):
            Recording.read(file)
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("-o", "--output", type=Path)
    args = parser.parse_args()
    rows = measure(args.rows)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    lines = [
        "# What keeping costs",
        "",
        f"Measured by `python benchmarks/store.py` over {args.rows:,} short answers, with Python "
        f"{platform.python_version()}, SQLite {sqlite3.sqlite_version} ({platform.machine()}). "
        f"Peak memory of the process: {peak:,.0f} MB.",
        "",
        "| what | wall, µs a row | CPU, µs a row | |",
        "|---|---|---|---|",
        *(f"| {what} | {wall:,.1f} | {cpu:,.1f} | {remark} |" for what, wall, cpu, remark in rows),
    ]
    text = "\n".join(lines) + "\n"
    if args.output:
        args.output.write_text(text, encoding="utf-8")
    print(text, end="")


if __name__ == "__main__":
    main()
