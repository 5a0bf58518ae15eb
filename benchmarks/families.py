"""Every family of causal language models, tiny and offline: evalkit's answers beside an uncached pass.

python benchmarks/families.py [NAME ...] [-o docs/benchmarks/families.md]

The reference reads the whole text anew for every token, one request at a time, without any cache, mask or batch.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tiny_families import FAMILIES, WINDOW, save_family

from evalkit.core.exchange import Message, Request, Sampling
from evalkit.core.fingerprint import add_keys
from evalkit.models.context import Context
from evalkit.models.local import LocalModel, open_local
from evalkit.models.local.prompt import Prompt
from evalkit.suite.spec import ModelSpec

WORDS = ("red", "late", "refund", "to", "a", "shop", "order", "blue")
CHOICES = ("refund", "delivery", "none of these")
SHORT, LONG, TOKENS = 8, 4, 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What came out for one family."""

    name: str
    way: str
    greedy: int
    past: int
    together: int
    likelihood: float

    @property
    def right(self) -> bool:
        """Whether everything equals the reference."""
        return (self.greedy, self.past, self.together) == (SHORT, LONG, SHORT + LONG) and self.likelihood < 1e-3


def questions(choices: tuple[str, ...] = ()) -> list[Request]:
    """Eight short prompts of different lengths, then four that are longer than every window."""
    rng = random.Random(11)
    made = []
    for number in range(SHORT + LONG):
        count = rng.randint(1, 4) if number < SHORT else rng.randint(20, 30)
        text = " ".join(rng.choices(WORDS, k=count))
        request = Request(
            example_id=str(number),
            messages=(Message(role="user", content=text),),
            choices=choices,
            sampling=Sampling(max_tokens=TOKENS),
        )
        made.append(add_keys(request, model_fingerprint="families"))
    return made


def reference(model: Any, ids: Sequence[int], *, ends: frozenset[int]) -> list[int]:
    """Greedy tokens, everything read anew for each."""
    import torch

    drawn: list[int] = []
    with torch.inference_mode():
        while len(drawn) < TOKENS and not (drawn and drawn[-1] in ends):
            logits = model(input_ids=torch.tensor([[*ids, *drawn]]), use_cache=False).logits
            drawn.append(int(logits[0, -1].argmax()))
    return drawn


def likelihood(model: Any, ids: Sequence[int], choice: Sequence[int]) -> float:
    """The summed log-likelihood of a choice by one whole pass."""
    import torch

    with torch.inference_mode():
        logits = model(input_ids=torch.tensor([[*ids, *choice]]), use_cache=False).logits[0].float().log_softmax(-1)
    return float(sum(logits[len(ids) - 1 + i, token] for i, token in enumerate(choice)))


def measure(name: str, folder: Path) -> Line:
    """Answer all questions together and alone, and hold them against the reference."""
    import torch
    from transformers import AutoModelForCausalLM

    torch.set_num_threads(1)
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    spec = ModelSpec(provider="local", model=str(folder), device="cpu")
    ours = open_local(name, spec, Context(root=folder, environ={"EVALKIT_CACHE": str(folder / "cache")}))
    asked, scored = questions(), questions(CHOICES)
    try:
        together = {response.example_id: response.text for response in ours.answer(asked)}
        alone = {request.example_id: next(ours.answer([request])).text for request in asked}
        scores = {response.example_id: response.choice_scores for response in ours.answer(scored)}
        expected = [_text(ours, model, prompt) for prompt in prompts(ours, asked)]
        worst = max(
            abs(score - likelihood(model, prompt.ids, choice))
            for prompt in prompts(ours, scored)
            for score, choice in zip(scores[prompt.request.example_id], prompt.choices, strict=True)
        )
        equal = [together[request.example_id] == text for request, text in zip(asked, expected, strict=True)]
        way = ours.engine().ways.sentence or "fast"
    finally:
        ours.close()
    return Line(
        name=name,
        way=way,
        greedy=sum(equal[:SHORT]),
        past=sum(equal[SHORT:]),
        together=sum(alone[key] == text for key, text in together.items()),
        likelihood=worst,
    )


def prompts(ours: LocalModel, requests: Sequence[Request]) -> list[Prompt]:
    """The requests as token ids."""
    return [prompt for prompt in ours.renderer.prompts(requests) if isinstance(prompt, Prompt)]


def _text(ours: LocalModel, model: Any, prompt: Prompt) -> str:
    """The reference's answer, as evalkit writes one."""
    row = ours._row(prompt, ours.engine())
    for token in reference(model, prompt.ids, ends=row.ends):
        row.push(token)
    return row.text()


def page(lines: Sequence[Line]) -> str:
    """All families as a page of Markdown."""
    import torch
    import transformers

    right = sum(line.right for line in lines)
    head = [
        "# Families of local models, each beside an uncached pass",
        "",
        "`python benchmarks/families.py -o docs/benchmarks/families.md` makes one tiny model a family offline (a",
        "config, seeded random weights), asks it through evalkit, and holds every answer against a reference that",
        "reads the whole text anew for every token: one request at a time, no cache, no mask, no batch.",
        "",
        f"- computed: the quickest way that the probe proved when the model was loaded. Windows are {WINDOW} tokens.",
        f"- greedy: of {SHORT} short prompts of different lengths, asked together, {TOKENS} tokens each, equal to the",
        f"  reference; past the window: of {LONG} prompts of more than {WINDOW} tokens.",
        "- batch against alone: answers that are the same asked together and one at a time.",
        f"- likelihood: largest difference of the summed log-likelihood (nats) over {SHORT + LONG} questions with",
        f"  {len(CHOICES)} choices.",
        "",
        f"{right} of {len(lines)} families give the answers and likelihoods of the reference "
        f"(float32, CPU, torch {torch.__version__.split('+')[0]}, transformers {transformers.__version__}).",
        "",
        "| family | computed | greedy | past the window | batch against alone | likelihood, worst |",
        "|---|---|---|---|---|---|",
    ]
    return "\n".join(
        head
        + [
            f"| {line.name} | {line.way} | {line.greedy}/{SHORT} | {line.past}/{LONG} | "
            f"{line.together}/{SHORT + LONG} | {_power(line.likelihood)} |"
            for line in lines
        ]
        + [""]
    )


def _power(value: float) -> str:
    """The next power of ten above a difference: rounding differs between machines, its size does not."""
    return next((f"< 1e-{power}" for power in (5, 4, 3) if value < 10**-power), f"{value:.2g}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help="families; all when none is named")
    parser.add_argument("-o", "--output", type=Path)
    given = parser.parse_args()
    lines = []
    with tempfile.TemporaryDirectory() as root:
        for name in given.names or FAMILIES:
            folder = Path(root) / name.replace(" ", "_")
            with open(os.devnull, "w") as nowhere, contextlib.redirect_stderr(nowhere):  # bars of the libraries
                save_family(name, folder)
                lines.append(measure(name, folder))
            print(lines[-1], flush=True)
    text = page(lines)
    print(text)
    if given.output is not None:
        given.output.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
