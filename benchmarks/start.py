"""What starting costs: `--help`, imports, and a verdict on all suites from recordings, in CPU seconds of the process.

python benchmarks/start.py        prints a Markdown table; medians of five runs
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]
RUNS = 5
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
"""As users have it: what was compiled once is not compiled again"""
FIRST = ("support_desk", "general", "fairness", "persona_ryoma")


def cpu(words: Sequence[str]) -> float:
    """CPU seconds (user and system) of one process and its children."""
    before = os.times()
    subprocess.run(words, capture_output=True, check=False, cwd=ROOT, env=ENVIRONMENT)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


def median(words: Sequence[str], runs: int = RUNS) -> float:
    """Median CPU seconds after one run to warm the caches of the file system."""
    cpu(words)
    return statistics.median(cpu(words) for _ in range(runs))


def main() -> None:
    python = sys.executable
    four = [word for name in FIRST for word in ("--suite", f"suites/{name}.yaml")]
    with tempfile.TemporaryDirectory() as folder:
        replay = [
            python, "-m", "evalkit", "compare", "base", "ft-model", "--replay",
            "--root", folder, "--report", f"{folder}/page", "--json", f"{folder}/verdict.json",
        ]  # fmt: skip
        rows = {
            "ten million rounds of `for _ in range(n): pass`, for the machine's speed": [
                python, "-c", "for _ in range(10_000_000): pass",
            ],
            "`python -c pass`": [python, "-c", "pass"],
            "`evalkit --help`": [python, "-m", "evalkit", "--help"],
            "`import evalkit`": [python, "-c", "import evalkit"],
            "`import evalkit.pytest_plugin`": [python, "-c", "import evalkit.pytest_plugin"],
            "`evalkit validate` (all suites)": [python, "-m", "evalkit", "validate"],
            "`evalkit compare base ft-model --replay`, four suites (1,508 cases), HTML and JSON": [*replay, *four],
            "the same, all five suites (1,610 cases)": replay,
        }  # fmt: skip
        print("| what | CPU seconds (median of 5) |\n|---|---|")
        for name, words in rows.items():
            print(f"| {name} | {median(words):.2f} |", flush=True)


if __name__ == "__main__":
    main()
