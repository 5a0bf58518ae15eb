"""Local inference beside one request at a time and lm-eval's hf backend: varied prompts, choices, a long system prompt.

python benchmarks/local_varied.py [--prompts 64] [--alone 16] [--rounds 3] [--threads 2] [--lm-eval SITE_PACKAGES]

Everything is computed in one process, by turns, with the same weights and number of threads; medians of the rounds
count. On a busy machine read the processor's seconds. One request at a time is slow: `--alone N` computes every so
many-eth prompt, and counts it as often. `--lm-eval` is a folder where lm-eval is installed, if not here.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import torch

from evalkit.core.exchange import Message, Request
from evalkit.core.fingerprint import add_keys
from evalkit.models.context import Context
from evalkit.models.local import LocalModel, open_local
from evalkit.suite.spec import ModelSpec

try:
    from local import CHOICES, generate, one_at_a_time, ours, scores
    from local_memory import varied
except ImportError:
    from benchmarks.local import CHOICES, generate, one_at_a_time, ours, scores
    from benchmarks.local_memory import varied

Taken = tuple[float, float]
"""Seconds by the clock, seconds of the processor"""


def behind(requests: Sequence[Request], system: str) -> list[Request]:
    """The same requests behind a system prompt."""
    return [
        add_keys(replace(one, messages=(Message(role="system", content=system), *one.messages)), model_fingerprint="b")
        for one in requests
    ]


def with_choices(requests: Sequence[Request]) -> list[Request]:
    return [add_keys(replace(one, choices=CHOICES), model_fingerprint="b") for one in requests]


def take(run: Callable[[], Any], *, times: float = 1.0) -> Taken:
    wall, cpu = time.perf_counter(), time.process_time()
    run()
    return times * (time.perf_counter() - wall), times * (time.process_time() - cpu)


def lm_eval_texts(model: LocalModel, asked: Sequence[Request], *, size: int) -> Callable[[], Any]:
    """lm-eval's hf backend over the same weights and the same prompts."""
    from lm_eval.api.instance import Instance
    from lm_eval.models.huggingface import HFLM

    backend = HFLM(pretrained=model.engine().model, tokenizer=model.renderer.tokenizer, batch_size=size)
    told = {"until": ["<|im_end|>"], "max_gen_toks": 32, "do_sample": False}
    made = [
        Instance(request_type="generate_until", doc={}, arguments=(model.renderer.text(one), told), idx=number)
        for number, one in enumerate(asked)
    ]
    return lambda: backend.generate_until(made, disable_tqdm=True)


def lm_eval_choices(model: LocalModel, asked: Sequence[Request], *, size: int) -> Callable[[], Any]:
    from lm_eval.api.instance import Instance
    from lm_eval.models.huggingface import HFLM

    backend = HFLM(pretrained=model.engine().model, tokenizer=model.renderer.tokenizer, batch_size=size)
    made = [
        Instance(request_type="loglikelihood", doc={}, arguments=(model.renderer.text(one), choice), idx=number)
        for one in asked
        for number, choice in enumerate(one.choices)
    ]
    return lambda: backend.loglikelihood(made, disable_tqdm=True)


def ways(model: LocalModel, count: int, alone: int, *, with_lm_eval: bool) -> dict[str, dict[str, tuple[Any, float]]]:
    """Table -> way -> what to run, and how often it counts."""
    plain = varied(count, limit=32)
    system = "You are the support desk of a shop. " * 50
    long = behind(varied(count, limit=32, most=40), system[: 401 * 4])
    header, bare = (
        with_choices(behind(varied(count, limit=1, most=40), system[:1600])),
        with_choices(varied(count, limit=1)),
    )
    step = max(1, count // alone)

    def fresh(run: Callable[[], Any]) -> Callable[[], Any]:
        return lambda: (model.engine().openings.clear(), run())

    def rows(size: int, asked: Sequence[Request]) -> None:
        engine, room = model.engine(), model.engine().room
        engine.room = replace(room, rows=size)
        ours(model, asked)
        engine.room = room

    tables: dict[str, dict[str, tuple[Any, float]]] = {
        f"{count} varied prompts x 32": {
            "generate, one at a time": (partial(generate, model, plain[::step], size=1), step),
            **{f"evalkit, {size} rows": (fresh(partial(rows, size, plain)), 1) for size in (16, 32, 64)},
        },
        f"{count} prompts behind a long system prompt x 32": {
            "generate, one at a time": (partial(generate, model, long[::step], size=1), step),
            "evalkit": (fresh(partial(ours, model, long)), 1),
        },
        f"{count} questions x {len(CHOICES)} choices behind a shared header": {
            "each choice by itself": (partial(one_at_a_time, model, header[::step]), step),
            "evalkit": (fresh(partial(scores, model, header)), 1),
        },
        f"{count} questions x {len(CHOICES)} choices, nothing shared": {
            "each choice by itself": (partial(one_at_a_time, model, bare[::step]), step),
            "evalkit": (fresh(partial(scores, model, bare)), 1),
        },
    }
    if with_lm_eval:
        names = list(tables)
        tables[names[0]]["lm-eval hf, batches of 16"] = (lm_eval_texts(model, plain, size=16), 1)
        tables[names[3]]["lm-eval hf, batches of 16"] = (lm_eval_choices(model, bare, size=16), 1)
    return tables


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--prompts", type=int, default=64)
    parser.add_argument("--alone", type=int, default=16)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--lm-eval", metavar="SITE_PACKAGES")
    given = parser.parse_args()
    if given.lm_eval:
        sys.path.append(given.lm_eval)
    spec = ModelSpec(provider="local", model="embedded:SmolLM2-135M-Instruct", device="cpu")
    model = open_local("benchmark", spec, Context(root=Path()))
    model.engine()
    torch.set_num_threads(given.threads)
    tables = ways(model, given.prompts, given.alone, with_lm_eval=bool(given.lm_eval))
    ours(model, varied(2, limit=2))
    taken: dict[str, dict[str, list[Taken]]] = {}
    for _ in range(given.rounds):
        for table, found in tables.items():
            for way, (run, times) in found.items():
                taken.setdefault(table, {}).setdefault(way, []).append(take(run, times=times))
                print(f"{table}: {way}: {taken[table][way][-1][0]:.1f} s, {taken[table][way][-1][1]:.1f} s", flush=True)
    for table, rounds in taken.items():
        first = statistics.median(cpu for _, cpu in next(iter(rounds.values())))
        print(f"\n| {table} | s by the clock | s of processor | times faster |\n|---|---|---|---|")
        for way, each in rounds.items():
            wall, cpu = (statistics.median(one[side] for one in each) for side in (0, 1))
            print(f"| {way} | {wall:.1f} | {cpu:.1f} | {first / cpu:.1f} |")


if __name__ == "__main__":
    main()
