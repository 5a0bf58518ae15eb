"""Work is cut into windows from the plan alone, and two processes share them."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path

import pytest
from local_tiny import ask

from evalkit.core.exchange import Message, Request, Response, Sampling, Stretch
from evalkit.models.local import LocalModel
from evalkit.models.local.windows import cut_windows
from evalkit.pipeline.asking import ask as asking
from evalkit.pipeline.asking.ask import Asking
from evalkit.store.ledger import Ledger

Opener = Callable[..., LocalModel]
HEADERS = ("You keep the shop's books. " * 90, "You answer letters of customers. " * 80)


def headed(count: int, *, seed: int = 0) -> list[Request]:
    """Requests behind two long headers, in turns as a suite may have them."""
    rng = random.Random(seed)
    return [
        Request(
            example_id=f"q{at}",
            messages=(
                Message(role="system", content=HEADERS[at % 2]),
                Message(role="user", content="word " * rng.randint(1, 200)),
            ),
            sampling=Sampling(max_tokens=rng.choice([1, 64, None, 4000])),
        )
        for at in range(count)
    ]


def ids(windows: Iterator[list[Request]]) -> list[list[str]]:
    return [[request.example_id for request in window] for window in windows]


@pytest.mark.parametrize("count", [0, 1, 2, 63, 500, 5000])
def test_every_request_is_in_exactly_one_window(count: int) -> None:
    windows = list(cut_windows(iter(headed(count)), budget=9000))
    found = [request.example_id for window in windows for request in window]
    assert sorted(found) == sorted(f"q{at}" for at in range(count))
    assert all(windows)


def test_windows_hold_one_opening_each_and_are_about_as_large_as_the_budget() -> None:
    windows = list(cut_windows(headed(400), budget=9000))
    assert len(windows) > 10
    mixed = [window for window in windows if len({request.messages[0].content for request in window}) > 1]
    assert len(mixed) <= 1
    assert max(map(len, windows)) < 400 / len(windows) * 4


def test_an_opening_costs_once_and_long_texts_make_small_windows() -> None:
    short = [ask("word", id=f"s{at}", max_tokens=8) for at in range(64)]
    long = [ask(f"{at} " + "word " * 3000, id=f"l{at}", max_tokens=8) for at in range(64)]
    assert len(ids(cut_windows(short, budget=16384))) == 1
    assert len(ids(cut_windows(long, budget=16384))) > 20
    assert ids(cut_windows(long[:1], budget=1)) == [["l0"]]


def test_what_is_measured_and_what_has_no_text_is_cut_too() -> None:
    empty = Request(example_id="none", messages=())
    document = Request(
        example_id="doc", messages=(Message(role="user", content="a" * 100_000),), stretch=Stretch(over="document")
    )
    parts = Request(example_id="parts", messages=(Message(role="user", content=({"type": "text", "text": "x"},)),))
    found = chain.from_iterable(ids(cut_windows([empty, document, parts], budget=100)))
    assert sorted(found) == ["doc", "none", "parts"]


def shrunk(model: LocalModel, monkeypatch: pytest.MonkeyPatch, *, budget: int) -> list[list[str]]:
    """Let a model's windows be small, and note what it computes."""
    computed: list[list[str]] = []
    whole = model.answer_windows

    def noted(windows: Iterator[list[Request]]) -> Iterator[list[Response]]:
        for window in windows:
            computed.append([request.example_id for request in window])
            yield from whole([window])

    monkeypatch.setattr(model, "windows", lambda requests: cut_windows(requests, budget=budget))
    monkeypatch.setattr(model, "answer_windows", noted)
    return computed


def test_two_processes_share_the_windows_of_one_plan(
    arm: Opener, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = [ask(f"case {at}", id=f"q{at}") for at in range(40)]
    first, second = arm("tiny"), arm("tiny")
    by_first, by_second = (shrunk(model, monkeypatch, budget=110) for model in (first, second))
    whole = ids(cut_windows(plan, budget=110))
    with Ledger(tmp_path / "ledger.sqlite") as one, Ledger(tmp_path / "ledger.sqlite") as other:
        early = asking.ask(first, plan, how=Asking(store=one))
        got = [next(early)]  # the first window is being computed, and its answers are not kept yet
        here = Asking(store=other, sleep=lambda _: got.extend(early))
        found = {response.example_id: response.text for response in asking.ask(second, plan, how=here)}
    assert len(whole) >= 4
    assert max(map(len, whole)) - min(map(len, whole)) <= 2
    assert by_first == whole[:1]
    assert by_second == whole[1:]  # windows of the same members, none of them asked twice
    assert found == {response.example_id: response.text for response in got}
    assert len(found) == 40


def test_what_is_kept_is_not_asked_again_and_equal_prompts_are_asked_once(
    arm: Opener, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = [ask(f"case {at}", id=f"q{at}") for at in range(12)]
    twin = dataclasses.replace(plan[3], example_id="twin")
    model = arm("tiny")
    computed = shrunk(model, monkeypatch, budget=100)
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        list(asking.ask(model, plan[:5], how=Asking(store=ledger)))
        computed.clear()
        found = {r.example_id: r.text for r in asking.ask(model, [twin, *plan, twin], how=Asking(store=ledger))}
    assert sorted(chain.from_iterable(computed)) == sorted(f"q{at}" for at in range(5, 12))
    assert found["twin"] == found["q3"]
