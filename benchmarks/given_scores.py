"""What 100,000 rows a side of results cost, from two CSV files to a verdict that is kept, without the page and with it.

    python benchmarks/given_scores.py [ROWS]

The inputs and answers are random letters, 200 a text, so that nothing packs well; the scores are 0 or 1. A process of
its own does the work: its CPU seconds and its largest memory are what is told.
"""

from __future__ import annotations

import csv
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROWS, LETTERS = 100_000, 200
_WORK = """
import resource, time
import evalkit.report
from evalkit.cli import main

if {bare}:
    evalkit.report.html = lambda *given: ""
main(["compare", "before.csv", "after.csv", "--report", "page"])
most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
print(f"{{{what!r}:<44}} {{time.process_time():6.1f}} s of CPU {{most:6d}} MB at most", flush=True)
"""


def write_table(path: Path, *, rows: int, seed: int, right: float) -> None:
    """One arm: the questions are the same for every seed."""
    asked, said = random.Random(0), random.Random(seed)
    marks = "abcdefghijklmnopqrstuvwxyz     "
    with path.open("w", newline="", encoding="utf-8") as handle:
        table = csv.writer(handle)
        table.writerow(["id", "input", "output", "score"])
        for number in range(rows):
            texts = ("".join(draw.choices(marks, k=LETTERS)) for draw in (asked, said))
            table.writerow([f"t{number:06d}", *texts, int(said.random() < right)])


def _idle() -> float:
    """The machine's speed in this hour."""
    begin = time.process_time()
    for _ in range(10_000_000):
        pass
    return time.process_time() - begin


def main() -> None:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    with tempfile.TemporaryDirectory() as folder:
        write_table(Path(folder, "before.csv"), rows=rows, seed=1, right=0.80)
        write_table(Path(folder, "after.csv"), rows=rows, seed=2, right=0.81)
        size = Path(folder, "before.csv").stat().st_size / 1e6
        print(f"{rows:,} rows x 2, {size:.0f} MB a file; ten million rounds of nothing {_idle():.2f} s", flush=True)
        for what, bare in (
            ("verdict, the run kept, no page", True),
            ("verdict, the run kept, the page written", False),
        ):
            work = _WORK.format(bare=bare, what=what)
            told = subprocess.run([sys.executable, "-c", work], cwd=folder, check=True, capture_output=True, text=True)
            print(told.stdout.splitlines()[-1], flush=True)


if __name__ == "__main__":
    main()
