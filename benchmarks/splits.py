"""Splits of real data: near-duplicates on two sides, shares, rows that change sides when data grows.

python -m benchmarks.splits [DATA]   (DATA: the folder of real data sets; default: $EVALKIT_SHARED_DATA)
Prints the lines of the tables of docs/benchmarks/splits.md.
"""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from rapidfuzz.distance import Indel
from rapidfuzz.process import cdist

from evalkit.core.errors import Location
from evalkit.core.exchange import Example, Message
from evalkit.data.held_out.letters import plain
from evalkit.data.held_out.search import find_leaks
from evalkit.data.training import TrainingRow

SETS = (
    ("banking77", "banking77/test.csv", "text", "category"),
    ("KeiCO (development half)", "keico/keico_dev_half.csv", "本文", "Level"),
)
SHARES = ("8:2", "7:1:2", "5:5")


def evalkit(*args: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "evalkit", *args], cwd=cwd, text=True, capture_output=True, check=True)


def split(source: Path, out: Path, *options: str, columns: str) -> dict[str, list[dict[str, str]]]:
    """The rows of every part."""
    evalkit("data", "split", str(source), "-o", str(out), "--columns", columns, *options, cwd=Path.cwd())
    names = json.loads((out / "split.json").read_text(encoding="utf-8"))["parts"]
    return {name: list(csv.DictReader((out / f"{name}.csv").open(encoding="utf-8"))) for name in names}


def straddling(parts: Sequence[Sequence[str]]) -> int:
    """Pairs of texts on two sides with a similarity of .9, every pair compared."""
    count = 0
    for number, one in enumerate(parts):
        for other in parts[number + 1 :]:
            found = cdist(
                [*map(plain, one)],
                [*map(plain, other)],
                scorer=Indel.normalized_similarity,
                score_cutoff=0.9,
                dtype=np.float32,
                workers=2,
            )
            count += int((found >= 0.9).sum())
    return count


def leaks(parts: Sequence[Sequence[str]]) -> Counter[str]:
    """What the held-out search finds of each part in all others."""
    found: Counter[str] = Counter()
    for number, one in enumerate(parts):
        held = [Example(id=str(i), messages=(Message(role="user", content=text),)) for i, text in enumerate(one)]
        rest = [text for other, part in enumerate(parts) if other != number for text in part]
        rows = [TrainingRow(Location(file="", row=i), (text,), frozenset({0})) for i, text in enumerate(rest)]
        found.update(leak.tier for leak in find_leaks(held, rows) if leak.proven)
    return found


def measure(data: Path, folder: Path) -> list[str]:
    """A line of the table for every set and share."""
    out = []
    for name, file, text, label in SETS:
        for share in SHARES:
            for stratify in ((), ("--stratify", "target")):
                began = time.perf_counter()
                target = folder / f"{name[:3]}{share.replace(':', '')}{len(stratify)}"
                parts = split(data / file, target, "--share", share, *stratify, columns=f"input={text},target={label}")
                took = time.perf_counter() - began
                texts = [[row[text] for row in rows] for rows in parts.values()]
                sizes = " / ".join(f"{len(rows):,}" for rows in parts.values())
                off = strata_off(parts, label)
                found = leaks(texts)
                out.append(
                    f"| {name} | {share} | {'label' if stratify else '-'} | {sizes} | {off} | {straddling(texts)} | "
                    f"{sum(found.values())} | {took:.0f} s |"
                )
    return out


def strata_off(parts: dict[str, list[dict[str, str]]], label: str) -> str:
    """The largest distance of a label's count in a part from its share, in rows."""
    total = Counter(row[label] for rows in parts.values() for row in rows)
    every = sum(total.values())
    worst = 0.0
    for rows in parts.values():
        own = Counter(row[label] for row in rows)
        worst = max([worst, *(abs(own[value] - count * len(rows) / every) for value, count in total.items())])
    return f"{worst:.1f}"


def random_rate(data: Path) -> list[str]:
    """What a split at random puts on two sides."""
    out = []
    for name, file, text, _ in SETS:
        rows = [row[text] for row in csv.DictReader((data / file).open(encoding="utf-8-sig"))]
        order = np.random.default_rng(7).permutation(len(rows))
        cut = len(rows) * 8 // 10
        parts = [[rows[i] for i in order[:cut]], [rows[i] for i in order[cut:]]]
        out.append(f"| {name} | 8:2 at random | - | | | {straddling(parts)} | {sum(leaks(parts).values())} | |")
    return out


def grow(data: Path, folder: Path) -> list[str]:
    """Rows that change sides when 300 are added: others, and copies with a word more of old rows."""
    _, file, text, label = SETS[0]
    rows = list(csv.DictReader((data / file).open(encoding="utf-8-sig")))
    new = [{text: f"{row[text]} Thanks a lot.", label: row[label]} for row in rows[::20][:154]]
    other = list(csv.DictReader((data / SETS[1][1]).open(encoding="utf-8-sig")))
    new += [{text: row[SETS[1][2]], label: "other"} for row in other[:146]]
    source, out = folder / "grown.csv", folder / "grown"

    def write(kept: Sequence[dict[str, str]]) -> None:
        with source.open("w", encoding="utf-8", newline="") as file:
            table = csv.DictWriter(file, [text, label])
            table.writeheader()
            table.writerows(kept)

    columns = f"input={text},target={label}"
    write(rows)
    first = split(source, out, "--share", "8:2", columns=columns)
    side = {row[text]: part for part, members in first.items() for row in members}
    order = np.random.default_rng(7).permutation(len(rows) + len(new))
    write([[*rows, *new][i] for i in order])
    second = split(source, out, columns=columns)
    moved = sum(side.get(row[text], part) != part for part, members in second.items() for row in members)
    left = len(second.pop("left_out", []))
    texts = [[row[text] for row in members] for members in second.values()]
    sizes = " / ".join(f"{len(members):,}" for members in second.values())
    return [f"| {len(rows):,} + {len(new)} rows, in another order | {sizes} | {moved} | {left} | {straddling(texts)} |"]


def main() -> None:
    data = Path(
        next((one for one in sys.argv[1:] if not one.startswith("-")), os.environ.get("EVALKIT_SHARED_DATA", ""))
    )
    with tempfile.TemporaryDirectory() as folder:
        lines = [*random_rate(data), *measure(data, Path(folder))]
        grown = grow(data, Path(folder))
    print("\n".join([*lines, *grown]))


if __name__ == "__main__":
    main()
