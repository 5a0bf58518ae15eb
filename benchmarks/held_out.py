"""Held-out rows in training files: recall of planted copies, precision, CPU and memory of a search.

    python benchmarks/held_out.py > docs/benchmarks/held_out.md

The sets are those of ../shared/data; without them only the cost is measured. Planting is seeded.
"""

from __future__ import annotations

import json
import platform
import random
import resource
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from held_out_sets import DATA, MUST, SETS, WAYS, nearest_ratio

from evalkit.core.errors import Location
from evalkit.core.exchange import Example, Message
from evalkit.data.held_out.check import search_training
from evalkit.data.held_out.letters import letters, plain
from evalkit.data.held_out.probes import SHORT
from evalkit.data.held_out.search import Leak, find_leaks
from evalkit.data.training import TrainingRow

SEED = 20_261_130
HELD, SHARE = 1000, 0.25
"""Held-out rows a set (half of a small one), and how many of them are planted"""
UNLIKE = 70
"""A row whose nearest other one has a smaller rapidfuzz ratio has no natural near copy"""
COSTS = ((1000, 100_000), (1000, 1_000_000), (10_000, 1_000_000))

PLANTED = f"""\
Half of a set at most is held out ({HELD:,} rows), {SHARE:.0%} of it planted one way at a time; the rest of the set is
the training data. Recall in % over rows of 8 letters and more: found as a leak (exact to near), and told at all
(probable as well). Precision of the leaks over rows whose nearest other row had a rapidfuzz ratio under {UNLIKE}
before planting. A star: less than promised (99; a dropped character and another order 90).
"""
NATURAL = """\
Exact or normalised / contained / near / probable, of rows that have a natural near copy and of rows that have none.
Those of the last column that were read stand word for word in another person's longer question.
"""


def examples_of(texts: Sequence[str]) -> list[Example]:
    return [Example(id=str(at), messages=(Message(role="user", content=text),)) for at, text in enumerate(texts)]


def found_in(held: Sequence[str], taught: Sequence[str]) -> tuple[Leak, ...]:
    rows = (
        TrainingRow(Location(file="t", line=at), (text,), frozenset({0})) for at, text in enumerate(taught, start=1)
    )
    return find_leaks(examples_of(held), rows)


def recall_table(name: str, texts: list[str]) -> Iterable[str]:
    """One line a way of copying: recall over rows of 8 letters and more, precision over rows without a near copy."""
    rng = random.Random(SEED)
    texts = list(dict.fromkeys(texts))
    rng.shuffle(texts)
    size = min(len(texts) // 2, HELD)
    held, rest, near = texts[:size], texts[size:], nearest_ratio(texts)
    long = [at for at in range(size) if letters(plain(held[at])) >= SHORT]
    planted = set(rng.sample(range(size), round(SHARE * size)))
    unlike = {at for at in long if near[at] < UNLIKE}
    yield f"| {name} | {size} ({size - len(long)} short, {len(unlike)} unlike any other) | | | | |"
    for way, copy in WAYS.items():
        rng = random.Random(SEED)
        leaks = found_in(held, [*rest, *(copy(held[at], rng) for at in sorted(planted))])
        proven = {int(leak.example_id) for leak in leaks if leak.proven}
        told = {int(leak.example_id) for leak in leaks}
        mine = planted & set(long)
        right, wrong = len(proven & unlike & planted), len((proven & unlike) - planted)
        recall = len(proven & mine) / len(mine)
        flag = "" if recall >= MUST.get(way, 0) else " *"
        precision = right / (right + wrong) if right + wrong else 1.0
        yield (
            f"| | {way} | {100 * recall:.1f}{flag} | {100 * len(told & mine) / len(mine):.1f} | {100 * precision:.1f} "
            f"| {wrong} of {len(unlike - planted)} |"
        )


def natural_table(name: str, texts: list[str]) -> str:
    """What is found where nothing was planted, apart for rows with a natural near copy and for those without."""
    texts = list(dict.fromkeys(texts))
    random.Random(SEED).shuffle(texts)
    size = min(len(texts) // 2, HELD)
    near = nearest_ratio(texts)
    leaks = found_in(texts[:size], texts[size:])
    cells = []
    for alike in (True, False):
        rows = [at for at in range(size) if (near[at] >= UNLIKE) == alike]
        count = dict.fromkeys(("normalised", "contained", "near", "probable"), 0)
        for leak in leaks:
            if int(leak.example_id) in set(rows):
                count["normalised" if leak.tier == "exact" else leak.tier] += 1
        cells.append(f"{len(rows)} | " + " / ".join(map(str, count.values())))
    return f"| {name} | {' | '.join(cells)} |"


def write_training(path: Path, count: int, vocabulary: Sequence[str]) -> None:
    """Rows of 120 characters, words drawn from the held-out rows themselves: the dearest kind of training data."""
    rng = random.Random(SEED)
    with open(path, "w", encoding="utf-8") as file:
        for _ in range(count):
            text = " ".join(rng.choices(vocabulary, k=30))[:120]
            turns = [{"role": "user", "content": text}, {"role": "assistant", "content": "card"}]
            file.write(json.dumps({"messages": turns}) + "\n")


def cost_of(held_count: int, count: int) -> str:
    rng = random.Random(SEED)
    if DATA.is_dir():
        texts = SETS["banking77 en"]()
    else:
        texts = [
            " ".join("".join(rng.choices("aeiourstln", k=rng.randint(2, 9))) for _ in range(12)) for _ in range(3000)
        ]
    words = [word for text in texts for word in text.split()]
    held = [text if at < len(texts) else f"{text} {at}" for at, text in enumerate((texts * 9)[:held_count])]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "train.jsonl"
        write_training(path, count, words)
        begin = time.process_time()
        found = search_training(examples_of(held), [path])
        spent = time.process_time() - begin
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return f"| {held_count:,} | {count:,} | {spent:.1f} | {peak:.0f} | {len(found.proven_leaks)} |"


def main() -> None:
    print("# Held-out rows in training files\n")
    print(
        f"`python benchmarks/held_out.py`, Python {platform.python_version()}, {platform.machine()}, one process, CPU "
        f"seconds. Seed {SEED}.\n"
    )
    print("## Cost\n")
    print("Training rows are chats of 120 characters whose words are drawn from the held-out rows.\n")
    print("| held-out rows | training rows | CPU s | peak MB | found |\n|---|---|---|---|---|")
    for held_count, count in COSTS if len(sys.argv) < 2 else COSTS[: int(sys.argv[1])]:
        print(cost_of(held_count, count), flush=True)
    if not DATA.is_dir():
        return
    print("\n## Copies planted in the training rows\n")
    print(PLANTED)
    print("| set | held out, or way | leak | told | precision | false |\n|---|---|---|---|---|---|")
    for name, load in SETS.items():
        for line in recall_table(name, load()):
            print(line, flush=True)
    print("\n## Nothing planted\n")
    print(NATURAL)
    print("| set | rows with a near copy | found | rows without | found |\n|---|---|---|---|---|")
    for name, load in SETS.items():
        print(natural_table(name, load()), flush=True)


if __name__ == "__main__":
    main()
