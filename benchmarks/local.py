"""Local inference beside transformers' own `generate`, and packed choices beside scoring one at a time, in one run.

python benchmarks/local.py [--questions 32] [--adapter FOLDER] [-o docs/benchmarks/local.md]

Ratios hold between machines; the seconds are this machine's. On a busy machine set EVALKIT_THREADS=1 and read the
processor's seconds: threads that wait for each other spin. Every way must give the same answers.
"""

from __future__ import annotations

import argparse
import platform
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evalkit.core.exchange import Message, Request, Sampling
from evalkit.core.fingerprint import add_keys
from evalkit.models.context import Context
from evalkit.models.local import LocalModel, open_local
from evalkit.models.local.choices import plain_choices
from evalkit.models.local.masks import pad_left
from evalkit.models.local.prompt import Prompt
from evalkit.suite.spec import ModelSpec

SYSTEM = (
    "You are the support desk of a small shop. Read the customer's message and answer it politely in one or two "
    "sentences. Never promise a refund before the order number is known, and never invent an order."
)
WORDS = (
    "order", "refund", "ticket", "please", "customer", "account", "late", "parcel", "price", "never", "arrived",
    "blue", "shirt", "wrong", "size", "twice", "charged", "card", "address", "change",
)  # fmt: skip
CHOICES = ("refund", "delivery and parcels", "account", "none of these")


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way of computing the same thing: its seconds by the clock and of the processor, and what came out."""

    name: str
    wall: float
    cpu: float
    outcome: list[Any]


def questions(count: int, *, tokens: int, choices: tuple[str, ...] = ()) -> list[Request]:
    """Messages of 5 to 60 words behind one system prompt, seeded."""
    rng = random.Random(7)
    made = []
    for number in range(count):
        text = " ".join(rng.choices(WORDS, k=rng.randint(5, 60)))
        messages = (Message(role="system", content=SYSTEM), Message(role="user", content=text))
        request = Request(
            example_id=str(number), messages=messages, choices=choices, sampling=Sampling(max_tokens=tokens)
        )
        made.append(add_keys(request, model_fingerprint="benchmark"))
    return made


def timed(name: str, run: Callable[[], list[Any]]) -> Way:
    """Run once and take both times."""
    wall, cpu = time.perf_counter(), time.process_time()
    outcome = run()
    way = Way(name=name, wall=time.perf_counter() - wall, cpu=time.process_time() - cpu, outcome=outcome)
    print(f"{way.name}: {way.wall:.1f} s by the clock, {way.cpu:.1f} s of processor time", flush=True)
    return way


def prompts(model: LocalModel, requests: Sequence[Request]) -> list[Prompt]:
    """The requests as token ids."""
    return [prompt for prompt in model.renderer.prompts(requests) if isinstance(prompt, Prompt)]


def generate(model: LocalModel, requests: Sequence[Request], *, size: int, longest_first: bool = False) -> list[str]:
    """transformers' `generate` in left-padded batches of one size."""
    import torch

    engine, tokenizer = model.engine(), model.renderer.tokenizer
    asked = prompts(model, requests)
    order = sorted(range(len(asked)), key=lambda i: -len(asked[i].ids) if longest_first else i)
    texts = [""] * len(asked)
    with engine.lock, torch.inference_mode():
        engine.switch(model.arm.adapter_key)
        for start in range(0, len(order), size):
            batch = order[start : start + size]
            ids, real = pad_left([asked[i].ids for i in batch], pad=engine.pad, device=engine.device)
            limit = requests[0].sampling.max_tokens
            out = engine.model.generate(
                input_ids=ids,
                attention_mask=real.long(),
                do_sample=False,
                max_new_tokens=limit,
                pad_token_id=engine.pad,
            )
            for i, row in zip(batch, out[:, ids.shape[1] :], strict=True):
                texts[i] = tokenizer.decode(row, skip_special_tokens=True, clean_up_tokenization_spaces=False)
    return texts


def ours(model: LocalModel, requests: Sequence[Request]) -> list[str]:
    """evalkit's own answers, in the order of the requests."""
    answers = {response.example_id: response.text or "" for response in model.answer(requests)}
    return [answers[request.example_id] for request in requests]


def scores(model: LocalModel, requests: Sequence[Request]) -> list[tuple[float, ...]]:
    """evalkit's own log-likelihoods, in the order of the requests."""
    answers = {response.example_id: response.choice_scores for response in model.answer(requests)}
    return [answers[request.example_id] for request in requests]


def one_at_a_time(model: LocalModel, requests: Sequence[Request]) -> list[tuple[float, ...]]:
    """Every choice in a pass of its own."""
    scored = plain_choices(model.engine(), model.arm.adapter_key, prompts(model, requests))
    return [one.scores for one in scored]


def table(ways: Sequence[Way], same: Callable[[Any, Any], bool]) -> str:
    """The ways as Markdown: times, how many times faster than the first, how many outcomes equal the first's."""
    lines = ["| way | s by the clock | s of processor | times faster | same outcome |", "|---|---|---|---|---|"]
    first = ways[0]
    for way in ways:
        equal = sum(same(a, b) for a, b in zip(first.outcome, way.outcome, strict=True))
        cells = (
            way.name,
            f"{way.wall:.1f}",
            f"{way.cpu:.1f}",
            f"{first.wall / way.wall:.1f}",
            f"{equal} of {len(way.outcome)}",
        )
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def close(left: tuple[float, ...], right: tuple[float, ...]) -> bool:
    """The same best choice, and no log-likelihood further off than 1e-4."""
    apart = max(abs(a - b) for a, b in zip(left, right, strict=True))
    return apart <= 1e-4 and left.index(max(left)) == right.index(max(right))


def report(model: LocalModel, count: int) -> str:
    """Measure everything and write it down."""
    import torch

    model.engine()
    asked, scored = questions(count, tokens=32), questions(count, tokens=1, choices=CHOICES)
    ours(model, asked[:2])  # the first passes of a process pay for memory
    writing = [
        timed("generate, one at a time", lambda: generate(model, asked, size=1)),
        timed("generate, batches of 16, in the given order", lambda: generate(model, asked, size=16)),
        timed("generate, batches of 16, longest first", lambda: generate(model, asked, size=16, longest_first=True)),
        timed("evalkit", lambda: ours(model, asked)),
    ]
    choosing = [
        timed("each choice in a pass of its own", lambda: one_at_a_time(model, scored)),
        timed("evalkit", lambda: scores(model, scored)),
    ]
    read = sum(len(prompt.ids) for prompt in prompts(model, asked))
    on_cpu = model.arm.device == "cpu"
    where = f"{platform.machine()}, {torch.get_num_threads()} threads" if on_cpu else torch.cuda.get_device_name()
    return "\n".join(
        [
            "# What local inference costs",
            "",
            f"Measured by `python benchmarks/local.py --questions {count}` on {model.arm.base_label}, "
            f"{model.arm.key[1]}, {where}, torch {torch.__version__}.",
            f"The {count} prompts share a system prompt and have {read:,} tokens together; each answer has at most 32.",
            "",
            table(writing, lambda a, b: a == b),
            "",
            f"The same {count} messages with {len(CHOICES)} choices each, by log-likelihood "
            "(same outcome: the same best choice, and all sums within 1e-4):",
            "",
            table(choosing, close),
            "",
        ]
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--questions", type=int, default=32)
    parser.add_argument("--model", default="embedded:SmolLM2-135M-Instruct")
    parser.add_argument("--adapter", help="folder of a PEFT adapter")
    parser.add_argument("--device")
    parser.add_argument("-o", "--output", type=Path)
    given = parser.parse_args()
    spec = ModelSpec(provider="local", model=given.model, adapter=given.adapter, device=given.device)
    text = report(open_local("benchmark", spec, Context(root=Path(), progress=print)), given.questions)
    print(text)
    if given.output is not None:
        given.output.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
