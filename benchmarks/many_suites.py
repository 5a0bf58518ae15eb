"""Fifty suites of two hundred rows: what `--json` weighs, and what pytest takes to collect them.

python benchmarks/many_suites.py            prints two lines of docs/benchmarks/report.md

Every suite has 200 rows, six metrics and four tags of ten values; two recordings answer all of them. Collecting is
CPU seconds (user and system) of `pytest --collect-only` on the suites beside one in the same environment that has an
empty folder; medians of five in turns. `at first` nothing is kept (`-p no:cacheprovider`), `again` the last session is.
"""

from __future__ import annotations

import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

SUITES, ROWS, VALUES, ROUNDS = 50, 200, 10, 5
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
"""As users have it: what was compiled once is not compiled again"""
TAGS = ("intent", "shop", "channel", "language")
METRICS = ("exact", "polite", "brief", "safe", "grounded", "helpful")


def suite(number: int) -> str:
    """Write a suite of six metrics, cut by four tags."""
    scorers = "\n".join(f"  {name}: {{type: given, score: {name}}}" for name in METRICS)
    slices = ", ".join(f"{{by: {tag}, min_n: 10}}" for tag in TAGS)
    return (
        f"evalkit: 1\nname: suite-{number:02}\ndataset: {{path: data-{number:02}.jsonl}}\nscorers:\n{scorers}\n"
        f"slices: [{slices}]\ngates:\n"
        "  - {type: no_regression, metric: exact, margin: 0.05}\n"
        "  - {type: no_regression, metric: polite, margin: 0.05, slices: [intent]}\n"
    )


def project(folder: Path, *, seed: int = 1) -> None:
    """Write the suites, their rows, and two recordings."""
    dice = random.Random(seed)
    arms = [[json.dumps({"evalkit_recording": 1, "model": {"name": name}})] for name in ("base", "tuned")]
    for number in range(SUITES):
        (folder / f"suite-{number:02}.yaml").write_text(suite(number), encoding="utf-8")
        rows = []
        for at in range(ROWS):
            key = f"row-{number:02}-{at:03}"
            tags = {tag: f"{tag}-{dice.randrange(VALUES)}" for tag in TAGS}
            rows.append(
                json.dumps({"id": key, "input": f"Question {at} of suite {number}?", "target": "x", "tags": tags})
            )
            for arm, right in zip(arms, (0.8, 0.82), strict=True):
                scores = {name: int(dice.random() < right) for name in METRICS}
                arm.append(json.dumps({"id": key, "suite": f"suite-{number:02}", "text": "x", "scores": scores}))
        (folder / f"data-{number:02}.jsonl").write_text("\n".join(rows) + "\n", encoding="utf-8")
    for name, lines in zip(("base", "tuned"), arms, strict=True):
        (folder / f"{name}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")


def cpu(words: list[str], folder: Path) -> float:
    """CPU seconds (user and system) of one process and its children."""
    before = os.times()
    ended = subprocess.run(words, capture_output=True, text=True, check=False, cwd=folder, env=ENVIRONMENT)
    after = os.times()
    if ended.returncode not in (0, 1, 3, 5):
        raise SystemExit(f"{words} ended with {ended.returncode}: {ended.stdout[-1500:]}{ended.stderr[-1500:]}")
    return after.children_user + after.children_system - before.children_user - before.children_system


def main() -> None:
    with tempfile.TemporaryDirectory() as name, tempfile.TemporaryDirectory() as empty:
        folder = Path(name)
        project(folder)
        words = [sys.executable, "-m", "evalkit", "compare", "base.jsonl", "tuned.jsonl", "--json", "v.json"]
        words += [word for number in range(SUITES) for word in ("--suite", f"suite-{number:02}.yaml")]
        took = cpu([*words, "--report", "page"], folder)
        told = json.loads((folder / "v.json").read_text(encoding="utf-8"))["suites"]
        size = (folder / "v.json").stat().st_size
        rows = sum(len(one["metrics"]) for one in told)
        found = sum(len(one["findings"]) for one in told)
        page = (folder / "page" / "index.html").stat().st_size
        print(
            f"`--json`: {size / 1e6:.2f} MB, {rows:,} estimates, {found:,} findings; "
            f"CPU {took:.1f} s; page {page / 1e6:.1f} MB"
        )
        collect = [sys.executable, "-m", "pytest", "--collect-only", "-q"]
        anew = [*collect, "-p", "no:cacheprovider"]
        cpu(collect, folder)
        rounds = [(cpu(collect, Path(empty)), cpu(anew, folder), cpu(collect, folder)) for _ in range(ROUNDS)]
        least, first, again = (statistics.median(times) for times in zip(*rounds, strict=True))
        print(f"collecting: empty {least:.2f} s; {first - least:.2f} s more at first, {again - least:.2f} s more again")


if __name__ == "__main__":
    main()
