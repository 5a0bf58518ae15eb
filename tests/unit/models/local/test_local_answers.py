"""Batches, shared openings, slots and adapters change the speed of answers, never the answers."""

from __future__ import annotations

import dataclasses
import functools
import inspect
import random
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from local_tiny import ask

from evalkit.core.errors import ModelError
from evalkit.core.exchange import Request, Response
from evalkit.models.local import LocalModel, generate, loading
from evalkit.models.local.engine import Engine, Room
from evalkit.models.local.schedule import answer_rows
from evalkit.models.local.slots import Slots
from evalkit.testing.model import check_model

Opener = Callable[..., LocalModel]
WORDS = ("red", "green", "blue", "tall", "short", "cold", "warm", "old", "new", "late", "early", "round", "square")


def questions(count: int, **sampling: Any) -> list[Request]:
    """Prompts of many lengths with limits of many lengths."""
    rng = random.Random(5)
    return [
        ask(
            " ".join(rng.choices(WORDS, k=rng.randint(1, 12))),
            id=f"q{i}",
            **{"max_tokens": rng.randint(1, 14), **sampling},
        )
        for i in range(count)
    ]


def by_id(responses: Iterator[Response]) -> dict[tuple[str, int], Response]:
    found = {(r.example_id, r.repeat): r for r in responses}
    assert all(r.failure is None for r in found.values())
    return found


def texts(responses: Iterator[Response]) -> dict[tuple[str, int], str | None]:
    return {key: response.text for key, response in by_id(responses).items()}


def greedy(folder: Path, requests: Sequence[Request], arm: LocalModel, *, adapter: Path | None = None) -> list[str]:
    """The reference: transformers' own `generate`, one request at a time, on a model loaded for this alone."""
    import torch
    from peft import PeftModel
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(folder).eval()
    if adapter is not None:
        model = PeftModel.from_pretrained(model, adapter).eval()
    tokenizer = arm.renderer.tokenizer
    answers = []
    for request in requests:
        ids = torch.tensor([arm.renderer.prompts([request])[0].ids])  # type: ignore[union-attr]
        out = model.generate(
            input_ids=ids,
            attention_mask=torch.ones_like(ids),
            do_sample=False,
            max_new_tokens=request.sampling.max_tokens,
        )
        answers.append(tokenizer.decode(out[0, ids.shape[1] :], skip_special_tokens=True))
    return answers


def test_batched_answers_are_the_ones_generate_gives_one_at_a_time(arm: Opener, local_files: Path) -> None:
    base, requests = arm("tiny"), questions(30)
    expected = greedy(local_files / "tiny", requests, base)
    answered = by_id(base.answer(requests))
    assert base.engine().ways.reach is None
    assert [answered[r.example_id, 0].text for r in requests] == expected
    assert len(set(expected)) > 20  # else a constant would pass


def test_slots_that_refill_change_no_answer(arm: Opener) -> None:
    base, requests = arm("tiny"), questions(30)
    wide = texts(base.answer(requests))
    base.engine().room = Room(rows=3, tokens=40, cache_bytes=10**9)
    assert texts(base.answer(requests)) == wide
    base.engine().room = Room(rows=64, tokens=1024, cache_bytes=1)  # room for one row's keys and values
    assert texts(base.answer(requests)) == wide


@pytest.mark.parametrize("growth", [1, 3])
def test_slots_that_grow_change_no_answer(arm: Opener, monkeypatch: pytest.MonkeyPatch, growth: int) -> None:
    base, requests = arm("tiny"), questions(30)
    wide = texts(base.answer(requests))
    base.engine().room = Room(rows=5, tokens=60, cache_bytes=10**9)
    monkeypatch.setattr(generate, "GROWTH", growth)
    grown: list[int] = []
    grow = Slots.grow
    monkeypatch.setattr(Slots, "grow", lambda slots, columns: (grown.append(columns), grow(slots, columns)))
    assert texts(base.answer(requests)) == wide
    assert len(grown) >= 2


def test_how_many_answers_are_written_at_once_may_be_chosen(arm: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EVALKIT_ROWS", "5")
    assert arm("tiny").engine().room == dataclasses.replace(Room.for_device("cpu"), rows=5)
    monkeypatch.setenv("EVALKIT_ROWS", "none")
    with pytest.raises(ModelError, match="EVALKIT_ROWS is 'none'"):
        arm("wide").engine()


def test_the_order_of_requests_changes_no_answer(arm: Opener) -> None:
    base, requests = arm("tiny"), questions(20)
    assert texts(base.answer(reversed(requests))) == texts(base.answer(requests))


def test_prompts_with_nothing_in_common_are_answered_too(arm: Opener, local_files: Path) -> None:
    base = arm("tiny", chat_template="plain")
    requests = [dataclasses.replace(r, messages=r.messages[1:]) for r in questions(6)]
    answered = by_id(base.answer(requests))
    assert [answered[r.example_id, 0].text for r in requests] == greedy(local_files / "tiny", requests, base)


def test_arms_asked_in_turns_answer_as_if_each_were_alone(arm: Opener, local_files: Path) -> None:
    requests = questions(16)
    arms = [arm("tiny"), arm("tiny", adapter="tuned"), arm("tiny", adapter="other")]
    arms[0].engine().room = Room(rows=3, tokens=60, cache_bytes=10**9)
    streams = [model.answer(requests) for model in arms]
    got: list[dict[str, str | None]] = [{}, {}, {}]
    for turn in zip(*streams, strict=True):  # one response of each arm, again and again: every batch is cut into
        for answers, response in zip(got, turn, strict=True):
            answers[response.example_id] = response.text
    for answers, model, adapter in zip(got, arms, (None, "tuned", "other"), strict=True):
        expected = greedy(local_files / "tiny", requests, model, adapter=local_files / adapter if adapter else None)
        assert [answers[r.example_id] for r in requests] == expected
    assert got[0] != got[1] != got[2] != got[0]


@pytest.mark.parametrize("seed", range(3))
def test_arms_and_kinds_of_requests_mixed_at_random_answer_as_if_each_were_alone(arm: Opener, seed: int) -> None:
    rng = random.Random(seed)
    kinds = [
        questions(9),
        questions(9, temperature=0.9, top_p=0.8),
        questions(5, temperature=0.9, seed=7, stop=("e",)),
        [ask(WORDS[at], id=f"c{at}", choices=("yes", "no", "not at all")) for at in range(9)],
    ]
    arms = [arm("tiny"), arm("tiny", adapter="tuned"), arm("tiny", adapter="other")]
    alone = {}
    for number, model in enumerate(arms):
        for kind, asked in enumerate(kinds):
            alone[number, kind] = {key: (r.text, r.choice_scores) for key, r in by_id(model.answer(asked)).items()}
    arms[0].engine().room = Room(rows=3, tokens=60, cache_bytes=10**9)
    streams = {(number, kind): arms[number].answer(kinds[kind]) for number, kind in alone}
    got: dict[tuple[int, int], dict[tuple[str, int], Any]] = {place: {} for place in streams}
    while streams:  # an answer of one stream, then one of another: every batch is cut into by other arms
        place = rng.choice(list(streams))
        response = next(streams[place], None)
        if response is None:
            del streams[place]
            continue
        got[place][response.example_id, 0] = (response.text, response.choice_scores)
    for place, found in alone.items():
        assert {key: text for key, (text, _) in got[place].items()} == {key: text for key, (text, _) in found.items()}
        for key, (_, scores) in found.items():
            assert got[place][key][1] == pytest.approx(scores, abs=1e-4)


def test_arms_on_one_base_share_one_engine_and_the_last_one_frees_it(arm: Opener) -> None:
    base, tuned = arm("tiny"), arm("tiny", adapter="tuned")
    assert base.engine() is tuned.engine()
    base.close()
    base.close()
    assert tuned.arm.key in loading._ENGINES
    tuned.close()
    assert tuned.arm.key not in loading._ENGINES
    assert texts(base.answer(questions(1)))  # opens again


def test_seeded_sampling_depends_on_the_request_alone(arm: Opener) -> None:
    base, requests = arm("tiny"), questions(12, temperature=1.0, top_p=0.9, max_tokens=10, seed=3)
    together = texts(base.answer(requests))
    assert texts(base.answer(requests)) == together
    assert texts(base.answer(reversed(requests))) == together
    assert {k: v for r in requests for k, v in texts(base.answer([r])).items()} == together
    assert texts(base.answer(questions(12, temperature=1.0, top_p=0.9, max_tokens=10, seed=4))) != together
    assert texts(base.answer(questions(12, max_tokens=10))) != together


def test_repeats_are_drawn_anew(arm: Opener) -> None:
    repeats = [ask("red", temperature=1.0, max_tokens=12, repeat=i) for i in range(4)]
    assert len(set(texts(arm("tiny").answer(repeats)).values())) == 4


def test_a_stop_string_ends_and_cuts_the_answer(arm: Opener) -> None:
    base, request = arm("tiny"), ask("red", max_tokens=12)
    whole = next(base.answer([request])).text
    assert whole is not None
    assert len(whole) >= 6
    stopped = next(base.answer([ask("red", max_tokens=12, stop=(whole[4:6],))]))
    cut = whole[: whole.find(whole[4:6])]
    assert (stopped.text, stopped.finish) == (cut, "stop")
    assert next(arm("tiny", stop=[whole[4:6]]).answer([request])).text == cut


def test_usage_and_finish_say_what_was_read_and_drawn(arm: Opener) -> None:
    base, request = arm("tiny"), ask("red", max_tokens=5)
    response = next(base.answer([request]))
    (prompt,) = base.renderer.prompts([request])
    assert response.usage is not None
    assert (response.usage.input, response.usage.output, response.finish) == (len(prompt.ids), 5, "length")  # type: ignore[union-attr]


def test_an_end_token_ends_the_answer_and_is_not_part_of_it(arm: Opener) -> None:
    base, request = arm("tiny"), ask("red", max_tokens=12)
    engine = base.engine()
    ids = drawn(base, request)
    engine.model.generation_config.eos_token_id = [1, ids[3]]
    ended = next(base.answer([request]))
    keep = ids.index(ids[3])
    assert (ended.text, ended.finish) == (base.renderer.tokenizer.decode(ids[:keep]), "stop")
    assert ended.usage is not None
    assert ended.usage.output == keep + 1


def drawn(model: LocalModel, request: Request) -> list[int]:
    """The tokens of an answer."""
    (prompt,) = model.renderer.prompts([request])
    row = model._row(prompt, model.engine())  # type: ignore[arg-type]
    (over,) = answer_rows(model.engine(), model.arm.adapter_key, [row], print)
    return over.tokens


def test_logprobs_are_those_of_the_tokens_drawn(arm: Opener) -> None:
    import torch

    base, request = arm("tiny"), ask("red", max_tokens=4, extra={"logprobs": True, "tool_choice": "none"})
    (response,) = base.answer([request])
    ids = [*base.renderer.prompts([request])[0].ids, *drawn(base, request)]  # type: ignore[union-attr]
    with torch.inference_mode():
        chances = base.engine().model(torch.tensor([ids])).logits[0].log_softmax(-1)
    expected = [float(chances[i - 1, ids[i]]) for i in range(len(ids) - 4, len(ids))]
    assert response.token_logprobs == pytest.approx(expected, abs=1e-4)
    assert response.adapted == {"tool_choice": None}
    assert next(base.answer([ask("red", max_tokens=4)])).token_logprobs == ()


def test_a_model_that_computes_nan_is_an_error_and_not_an_answer(arm: Opener) -> None:
    import torch

    base = arm("tiny")
    with torch.no_grad():
        base.engine().model.model.norm.weight.fill_(float("nan"))
    with pytest.raises(ModelError, match=r"NaN[\s\S]*dtype: float32"):
        list(base.answer([ask("red")]))
    (scored,) = base.answer([ask("red", choices=("a", "b"))])
    assert scored.failure is not None
    assert scored.text is None


@pytest.mark.parametrize("spec", [{"model": "tiny"}, {"model": "tiny", "adapter": "tuned"}, {"model": "windowed"}])
def test_a_local_model_keeps_the_promises_of_a_model(arm: Opener, spec: dict[str, str]) -> None:
    check_model(arm(**spec))
    check_model(arm(**spec), [ask("red"), ask("blue", choices=("a", "b")), ask("x" * 600)])


def test_latency_shares_add_up_to_the_time_that_was_spent(arm: Opener) -> None:
    import time

    base, requests = arm("tiny"), questions(30)
    base.engine()
    started = time.perf_counter()
    shares = sum(r.latency_s or 0.0 for r in base.answer(requests))
    spent = time.perf_counter() - started
    assert 0.0 < shares <= spent


def test_a_prompt_that_does_not_fit_is_a_failure_and_an_answer_is_cut_at_the_context(arm: Opener) -> None:
    base = arm("tiny")
    long, nearly = ask("x" * 600, id="long"), ask("x" * 420, id="nearly", max_tokens=400)
    answers = {r.example_id: r for r in base.answer([long, nearly])}
    assert answers["long"].failure is not None
    assert answers["long"].failure.kind == "context_length"
    usage = answers["nearly"].usage
    assert usage is not None
    assert (usage.input or 0) + (usage.output or 0) <= 512
    assert answers["nearly"].finish in ("length", "stop")


def test_a_model_with_a_sliding_window_is_not_asked_the_fast_way(arm: Opener, local_files: Path) -> None:
    windowed, requests = arm("windowed"), questions(12)
    answered = by_id(windowed.answer(requests))
    assert windowed.engine().ways.reach == 0
    assert [answered[r.example_id, 0].text for r in requests] == greedy(local_files / "windowed", requests, windowed)
    sampled = questions(6, temperature=1.0)
    assert texts(windowed.answer(sampled)) == texts(windowed.answer(reversed(sampled)))


@pytest.mark.filterwarnings("error::FutureWarning", "error::DeprecationWarning")
@pytest.mark.parametrize("name", ["tiny", "windowed"])
def test_the_cache_goes_by_the_name_that_the_model_gives_it(arm: Opener, name: str) -> None:
    model = arm(name)
    assert len(texts(model.answer(questions(4)))) == 4
    assert model.engine().cache_name in inspect.signature(model.engine().model.forward).parameters


def test_a_model_that_hands_no_cache_back_reads_everything_again(arm: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    model, requests = arm("windowed"), questions(6)
    expected = texts(model.answer(requests))
    inner, name = model.engine().model, model.engine().cache_name
    real = inner.forward

    @functools.wraps(real)
    def forgetful(*args: Any, **rest: Any) -> Any:
        out = real(*args, **rest)
        out[name] = None
        return out

    monkeypatch.setattr(inner, "forward", forgetful)
    assert texts(model.answer(requests)) == expected


def test_running_out_of_memory_halves_the_batch_and_loses_nothing(arm: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    base, requests = arm("tiny"), questions(20)
    expected = texts(base.answer(requests))
    base.engine().room = Room(rows=16, tokens=1024, cache_bytes=10**9)
    _limit(monkeypatch, rows=5)
    assert texts(base.answer(requests)) == expected
    assert base.engine().room.rows == 4


def test_no_memory_for_a_single_request_says_what_to_do(arm: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    base = arm("tiny")
    base.engine()
    _limit(monkeypatch, rows=0)
    with pytest.raises(ModelError, match=r"memory runs out on cpu[\s\S]*smaller model"):
        list(base.answer(questions(3)))


def _limit(monkeypatch: pytest.MonkeyPatch, *, rows: int) -> None:
    """A device on which more than `rows` rows in one pass run out of memory."""
    real = Engine.forward

    def forward(self: Engine, adapter: str | None, ids: Any, **rest: Any) -> Any:
        if ids.shape[0] > rows:
            raise RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB")
        return real(self, adapter, ids, **rest)

    monkeypatch.setattr(Engine, "forward", forward)
