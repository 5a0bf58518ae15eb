"""What `evalkit import` of a file larger than memory costs: 2 GB of JSON lines, or CSV, become a project.

    python benchmarks/big_import.py [MEGABYTES] [FOLDER] [KIND ...]

KIND is one of jsonl, csv, shuffled (JSON lines of two models without an order), no_ids, lm_eval. The texts are random
letters, 200 each, so that nothing packs well; scores are 0 or 1. A process of its own does the work: its CPU seconds
and its largest memory are what is told. FOLDER (default: a temporary one) needs about eight times the megabytes.
"""

from __future__ import annotations

import json
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

LETTERS = 200
_MARKS = "abcdefghijklmnopqrstuvwxyz     "
_WORK = """
import resource, sys, time
from evalkit.cli import main

code = main(["import", *sys.argv[1:], "-o", "made", "--overwrite"])
most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
print(f"exit {code}, {time.process_time():.0f} s of CPU, {most} MB at most", flush=True)
"""


def _texts(seed: int) -> Iterator[str]:
    """Texts without end, cut out of one long one: drawing each letter takes longer than the import."""
    draw = random.Random(seed)
    long = "".join(draw.choices(_MARKS, k=1_000_000))
    while True:
        at = draw.randrange(len(long) - LETTERS)
        yield long[at : at + LETTERS]


def rows(*, models: bool = False, ids: bool = True, shuffled: bool = False) -> Iterator[dict[str, object]]:
    """Rows of a log, without end."""
    asked, said, draw = _texts(0), _texts(1), random.Random(2)
    question = ""
    for number in count(1):
        case = (number - 1) // 2 if models else number
        ident = f"t{(case * 7_368_787) % 1_000_000_007 if shuffled else case:010d}"
        if not models or number % 2:
            question = f"{case} {next(asked)}"
        row: dict[str, object] = {"id": ident} if ids else {}
        row |= {"model": "ab"[number % 2]} if models else {}
        yield {**row, "input": question, "output": next(said), "score": int(draw.random() < 0.8)}


def samples() -> Iterator[dict[str, object]]:
    """Samples of lm-eval under two filters, each document twice."""
    for number, row in enumerate(rows()):
        doc = {"question": row["input"], "answer": "x"}
        for told in ("strict-match", "flexible-extract"):
            yield {
                "doc_id": number, "doc": doc, "target": "x", "arguments": {"gen_args_0": {"arg_0": row["input"]}},
                "resps": [[row["output"]]], "filtered_resps": [row["output"]], "filter": told,
                "metrics": ["exact_match"], "exact_match": float(str(row["score"])),
            }  # fmt: skip


def _csv_line(row: dict[str, object]) -> str:
    return ",".join(map(str, row.values())) + "\n"


def _json_line(row: dict[str, object]) -> str:
    return json.dumps(row) + "\n"


KINDS: dict[str, tuple[str, Callable[[], Iterator[dict[str, object]]], Callable[[dict[str, object]], str]]] = {
    "jsonl": ("log.jsonl", rows, _json_line),
    "csv": ("log.csv", rows, _csv_line),
    "shuffled": ("both.jsonl", lambda: rows(models=True, shuffled=True), _json_line),
    "no_ids": ("log.jsonl", lambda: rows(ids=False), _json_line),
    "lm_eval": ("samples_big_2026-01-01T00-00-00.000000.jsonl", samples, _json_line),
}


def write(path: Path, kind: str, size: int) -> int:
    """Write rows of a kind until the file has about this many bytes; returns how many rows there are."""
    _, make, line = KINDS[kind]
    written = number = 0
    with path.open("w", encoding="utf-8") as handle:
        if kind == "csv":
            handle.write("id,input,output,score\n")
        for row in make():
            text = line(row)
            written += handle.write(text)
            number += 1
            if written >= size and number % 2 == 0:
                return number
    return number


def main() -> None:
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 2_000
    kinds = sys.argv[3:] or ["jsonl", "csv", "shuffled"]
    with tempfile.TemporaryDirectory(dir=sys.argv[2] if len(sys.argv) > 2 else None) as folder:
        for kind in kinds:
            path = Path(folder, KINDS[kind][0])
            number = write(path, kind, size * 1_000_000)
            begin = time.monotonic()
            work = [sys.executable, "-c", _WORK, path.name]
            told = subprocess.run(work, cwd=folder, capture_output=True, text=True, check=False)
            wall = time.monotonic() - begin
            print(f"{kind}: {number:,} rows, {path.stat().st_size / 1e6:,.0f} MB, {wall:.0f} s", flush=True)
            print("   ", (told.stdout or told.stderr).splitlines()[-1], flush=True)
            path.unlink()
            shutil.rmtree(Path(folder, "made"), ignore_errors=True)
    print(f"this process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB")


if __name__ == "__main__":
    main()
