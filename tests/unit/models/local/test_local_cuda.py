"""On a GPU: it is taken unasked, gives the CPU's answers in float32, and running out of its memory loses nothing."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator

import pytest
from local_tiny import ask

from evalkit.core.errors import ModelError
from evalkit.core.exchange import Request, Response
from evalkit.models.context import Context
from evalkit.models.local import LocalModel
from evalkit.models.local.engine import Room
from evalkit.models.local.windows import cut_windows
from evalkit.models.workers.pool import Pool
from evalkit.models.workers.processes import open_processes
from evalkit.models.workers.spread import SpreadModel

torch = pytest.importorskip("torch", reason="local models need the extra `local`")
pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="this machine has no GPU that torch can use")

Opener = Callable[..., LocalModel]
WORDS = ("red", "green", "blue", "tall", "short", "cold", "warm", "old", "new", "late", "early", "round", "square")
CHOICES = ("yes", "no", "a very long answer indeed")


def questions(count: int, *, choices: tuple[str, ...] = (), **sampling: object) -> list[Request]:
    rng = random.Random(5)
    return [
        ask(" ".join(rng.choices(WORDS, k=rng.randint(1, 12))), id=f"q{i}", choices=choices, **sampling)
        for i in range(count)
    ]


def by_id(responses: Iterator[Response]) -> dict[str, Response]:
    found = {response.example_id: response for response in responses}
    assert all(response.failure is None for response in found.values())
    return found


def texts(responses: Iterator[Response]) -> dict[str, str | None]:
    return {key: response.text for key, response in by_id(responses).items()}


def test_a_gpu_is_taken_where_there_is_one(arm: Opener) -> None:
    model = arm("tiny", device=None)
    texts(model.answer(questions(2)))
    assert model.arm.device == "cuda"
    assert {weight.device.type for weight in model.engine().model.parameters()} == {"cuda"}
    assert model.engine().ways.reach is None
    assert model.engine().room == Room.for_device("cuda") != Room.for_device("cpu")


def test_the_device_does_not_change_who_the_model_is(arm: Opener) -> None:
    assert arm("tiny", device="cuda").identity.fingerprint == arm("tiny", device="cpu").identity.fingerprint


@pytest.mark.parametrize("adapter", [None, "tuned"])
def test_greedy_answers_are_those_of_the_cpu(arm: Opener, adapter: str | None) -> None:
    requests = questions(40, max_tokens=14)
    on_gpu = texts(arm("tiny", adapter=adapter, device="cuda").answer(requests))
    on_cpu = texts(arm("tiny", adapter=adapter, device="cpu").answer(requests))
    assert on_gpu == on_cpu
    assert len(set(on_gpu.values())) > 20  # else a constant would pass


def test_sampled_answers_use_the_random_numbers_of_the_cpu(arm: Opener) -> None:
    """A draw that falls within rounding of the edge between two tokens may take the other one, no more than that."""
    requests = questions(40, max_tokens=14, temperature=1.0, top_p=0.9, seed=3)
    model = arm("tiny", device="cuda")
    on_gpu = texts(model.answer(requests))
    on_cpu = texts(arm("tiny", device="cpu").answer(requests))
    assert sum(on_gpu[key] == on_cpu[key] for key in on_gpu) >= 36
    assert texts(model.answer(questions(40, max_tokens=14, temperature=1.0, top_p=0.9, seed=4))) != on_gpu


def test_choices_have_the_log_likelihoods_of_the_cpu(arm: Opener) -> None:
    requests = questions(24, choices=CHOICES)
    on_gpu = by_id(arm("tiny", device="cuda").answer(requests))
    on_cpu = by_id(arm("tiny", device="cpu").answer(requests))
    for key, response in on_gpu.items():
        assert response.choice_scores == pytest.approx(on_cpu[key].choice_scores, abs=1e-3)
        assert response.text == on_cpu[key].text


def test_a_model_that_cannot_share_openings_answers_as_on_the_cpu(arm: Opener) -> None:
    requests = questions(12, max_tokens=10)
    windowed = arm("windowed", device="cuda")
    assert texts(windowed.answer(requests)) == texts(arm("windowed", device="cpu").answer(requests))
    assert windowed.engine().ways.reach == 0


def test_half_precision_is_computed_on_a_gpu(arm: Opener) -> None:
    model = arm("tiny", device="cuda", dtype="bfloat16")
    assert len(texts(model.answer(questions(6)))) == 6
    assert {str(weight.dtype) for weight in model.engine().model.parameters()} == {"torch.bfloat16"}
    assert model.engine().ways.reach is None


def test_a_gpu_without_enough_memory_halves_the_batch_and_loses_nothing(arm: Opener, said: list[str]) -> None:
    """Really out of memory: this process may take a sliver of the card, and the slots alone want more."""
    model, requests = arm("tiny", device="cuda"), questions(300, max_tokens=400)
    whole = texts(arm("tiny", device="cpu").answer(requests[:20]))
    engine = model.engine()
    engine.room = Room(rows=256, tokens=200_000, cache_bytes=1 << 40)
    torch.cuda.empty_cache()
    share = (torch.cuda.memory_reserved() + 24 * 2**20) / torch.cuda.get_device_properties(0).total_memory
    torch.cuda.set_per_process_memory_fraction(share)
    try:
        found = texts(model.answer(requests))
    finally:
        torch.cuda.set_per_process_memory_fraction(1.0)
    assert any("Out of memory on cuda: going on with 128" in line for line in said)
    assert set(found) == {request.example_id for request in requests}
    assert {key: found[key] for key in whole} == whole


def test_a_gpu_that_is_not_there_is_said(arm: Opener) -> None:
    with pytest.raises(ModelError, match="there is no device 'cuda:99' here"):
        arm("tiny", device="cuda:99").engine()


def test_two_workers_share_one_gpu(arm: Opener, context: Context) -> None:
    requests = questions(40, max_tokens=14)
    model = arm("tiny", device="cuda")
    alone = texts(model.answer(requests))
    pool = Pool(open_processes(2, environ={**os.environ, **context.environ}), say=print)
    try:
        shared = SpreadModel(model, pool)
        batches = shared.answer_windows(cut_windows(requests, budget=400))
        assert texts(response for batch in batches for response in batch) == alone
    finally:
        pool.close()
