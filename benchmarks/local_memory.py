"""Peak memory of local inference beside one request at a time, a process each.

python benchmarks/local_memory.py [--prompts 64] [--limit 32]

Memory does not depend on how busy a machine is. Prompts vary from 5 to 170 words and share nothing but their template.
"""

from __future__ import annotations

import argparse
import random
import resource
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from evalkit.core.exchange import Message, Request, Sampling
from evalkit.core.fingerprint import add_keys
from evalkit.models.context import Context
from evalkit.models.local import open_local
from evalkit.suite.spec import ModelSpec

try:
    from local import WORDS, generate
except ImportError:
    from benchmarks.local import WORDS, generate

WAYS = ("load", "one", "8", "16", "24", "32", "48", "64")


def varied(count: int, *, limit: int, most: int = 170) -> list[Request]:
    """Messages of 5 to `most` words without a system prompt, seeded."""
    rng = random.Random(11)
    made = []
    for number in range(count):
        text = " ".join(rng.choices(WORDS, k=rng.randint(5, most)))
        request = Request(
            example_id=str(number), messages=(Message(role="user", content=text),), sampling=Sampling(max_tokens=limit)
        )
        made.append(add_keys(request, model_fingerprint="benchmark"))
    return made


def measure(way: str, prompts: int, limit: int) -> None:
    """Compute one way, and print megabytes at the peak of this process."""
    spec = ModelSpec(provider="local", model="embedded:SmolLM2-135M-Instruct", device="cpu")
    model = open_local("benchmark", spec, Context(root=Path()))
    engine, asked = model.engine(), varied(prompts, limit=limit)
    if way == "one":
        longest = sorted(asked, key=lambda one: -len(str(one.messages[0].content)))[:3]
        generate(model, longest, size=1)  # the longest prompts make the peak
    elif way != "load":
        engine.room = replace(engine.room, rows=int(way))
        list(model.answer(asked))
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--prompts", type=int, default=64)
    parser.add_argument("--limit", type=int, default=32)
    parser.add_argument("--ways", nargs="*", default=list(WAYS))
    parser.add_argument("--way")
    given = parser.parse_args()
    if given.way:
        measure(given.way, given.prompts, given.limit)
        return
    found: dict[str, int] = {}
    for way in given.ways:
        sizes = ["--prompts", str(given.prompts), "--limit", str(given.limit)]
        done = subprocess.run(
            [sys.executable, __file__, "--way", way, *sizes], capture_output=True, text=True, check=True
        )
        found[way] = int(done.stdout.split()[-1])
        print(way, found[way], f"{found[way] / found.get('one', found[way]):.2f}", flush=True)


if __name__ == "__main__":
    main()
