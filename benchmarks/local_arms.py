"""Three arms on one base in one process, beside each of them in a process of its own.

python benchmarks/local_arms.py [--prompts 64] [--rounds 3] [--threads 2]

Base and two adapters answer the same prompts (5 to 60 words, half of them behind a system prompt), in four parts by
turns, as a run asks them suite by suite. Each process says the seconds that asking took, so that starting and loading
do not flatter the way that loads once; texts of both ways must be the same. Medians of the rounds count.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path

from evalkit.core.exchange import Request
from evalkit.models.context import Context
from evalkit.models.local import LocalModel, open_local
from evalkit.suite.spec import ModelSpec

try:
    from local import ours, questions
    from local_memory import varied
except ImportError:
    from benchmarks.local import ours, questions
    from benchmarks.local_memory import varied

ADAPTERS = Path(__file__).parents[1] / "examples" / "finetune" / "adapters"
ARMS = ("base", "ft-model", "ft-overfit")
PARTS = 4


def open_arm(name: str) -> LocalModel:
    adapter = None if name == "base" else str(ADAPTERS / name)
    spec = ModelSpec(provider="local", model="embedded:SmolLM2-135M-Instruct", adapter=adapter, device="cpu")
    return open_local(name, spec, Context(root=Path()))


def asked(count: int) -> list[Request]:
    """Half of the prompts share nothing, half of them a system prompt."""
    return [*varied(count // 2, limit=32, most=60), *questions(count - count // 2, tokens=32)]


def measure(names: list[str], count: int, threads: int) -> dict[str, object]:
    """Ask the arms part by part, by turns; give seconds by the clock and of the processor, and a digest of each arm."""
    import torch

    torch.set_num_threads(threads)
    arms, requests = {name: open_arm(name) for name in names}, asked(count)
    for arm in arms.values():
        arm.engine()
    size = -(-len(requests) // PARTS)
    texts: dict[str, list[str]] = {name: [] for name in names}
    wall, cpu = time.perf_counter(), time.process_time()
    for start in range(0, len(requests), size):
        for name, arm in arms.items():
            texts[name] += ours(arm, requests[start : start + size])
    spent = [time.perf_counter() - wall, time.process_time() - cpu]
    digests = {name: hashlib.sha256(json.dumps(said).encode()).hexdigest() for name, said in texts.items()}
    return {"wall": spent[0], "cpu": spent[1], "digests": digests}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--prompts", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--arms", nargs="*", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.arms:
        print(json.dumps(measure(given.arms, given.prompts, given.threads)))
        return
    ways = [[name] for name in ARMS] + [list(ARMS)]
    taken: dict[str, list[tuple[float, float]]] = {}
    seen: dict[str, set[str]] = {}
    for _ in range(given.rounds):
        for way in ways:
            sizes = ["--prompts", str(given.prompts), "--threads", str(given.threads)]
            command = [sys.executable, __file__, *sizes, "--arms", *way]
            done = json.loads(
                subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()[-1]
            )
            taken.setdefault(" + ".join(way), []).append((done["wall"], done["cpu"]))
            for name, digest in done["digests"].items():
                seen.setdefault(name, set()).add(digest)
            print(" + ".join(way), f"{done['wall']:.1f} s, {done['cpu']:.1f} s of processor", flush=True)
    median = {way: [statistics.median(side) for side in zip(*each, strict=True)] for way, each in taken.items()}
    together = median[" + ".join(ARMS)]
    alone = [sum(median[name][side] for name in ARMS) for side in (0, 1)]
    print(
        f"\n| {given.prompts} prompts x 32, {given.threads} threads | s by the clock | s of processor |\n|---|---|---|"
    )
    for way, (wall, cpu) in median.items():
        print(f"| {way} | {wall:.1f} | {cpu:.1f} |")
    print(f"| together, times the sum of each alone | {together[0] / alone[0]:.2f} | {together[1] / alone[1]:.2f} |")
    print("every arm wrote the same texts both ways" if all(len(each) == 1 for each in seen.values()) else seen)


if __name__ == "__main__":
    main()
