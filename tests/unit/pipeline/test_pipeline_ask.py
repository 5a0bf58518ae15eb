import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import pytest

from evalkit.core.exchange import Failure, Message, ModelIdentity, Request, Response, Usage
from evalkit.core.fingerprint import prompt_digest
from evalkit.core.ports import ModelFacts
from evalkit.pipeline.asking.ask import Asking, ask
from evalkit.pipeline.asking.budget import CostCeiling


class Counting:
    """Answers with the question, counting what it was asked."""

    scores_choices = False

    def __init__(self, name: str = "m", *, fail: frozenset[str] = frozenset(), stop_after: int | None = None) -> None:
        self.identity = ModelIdentity(name=name, provider="openai", model=name, fingerprint=f"f-{name}")
        self.asked: list[str] = []
        self.fail = fail
        self.stop_after = stop_after

    def answer(self, requests: Iterable[Request]) -> Iterator[Response]:
        for request in requests:
            if self.stop_after is not None and len(self.asked) == self.stop_after:
                raise KeyboardInterrupt
            self.asked.append(request.example_id)
            failure = Failure(kind="server", message="500") if request.example_id in self.fail else None
            text = None if failure else f"{self.identity.name}:{request.messages[-1].content}"
            yield Response(
                example_id=request.example_id,
                repeat=request.repeat,
                text=text,
                failure=failure,
                usage=Usage(input=1, output=1),
                prompt_sha256=request.prompt_sha256,
            )

    def close(self) -> None:
        pass


class Memory:
    """A store in a dictionary; `others` are keys that another process is asking."""

    def __init__(self) -> None:
        self.kept: dict[str, Response] = {}
        self.claimed: set[str] = set()
        self.others: set[str] = set()

    def lookup(self, keys: Sequence[str]) -> Mapping[str, Response]:
        return {key: self.kept[key] for key in keys if key in self.kept}

    def claim(self, keys: Sequence[str]) -> set[str]:
        mine = set(keys) - self.claimed - self.others - set(self.kept)
        self.claimed |= mine
        return mine

    def release(self, keys: Iterable[str]) -> None:
        self.claimed -= set(keys)

    def put(self, answers: Iterable[tuple[Request, Response]], *, model: Any = None) -> None:
        for request, response in answers:
            self.claimed.discard(request.key)
            if response.failure is None:
                self.kept[request.key] = response


def questions(*texts: str) -> list[Request]:
    rows = []
    for number, text in enumerate(texts):
        messages = (Message(role="user", content=text),)
        rows.append(Request(example_id=f"e{number}", messages=messages, prompt_sha256=prompt_digest(messages)))
    return rows


def asked(model: Counting, requests: list[Request], **how: Any) -> dict[str, Response]:
    return {response.example_id: response for response in ask(model, requests, how=Asking(**how))}


def test_a_second_run_asks_nothing() -> None:
    store = Memory()
    first = asked(model := Counting(), questions("a", "b"), store=store)
    again = asked(second := Counting(), questions("a", "b"), store=store)
    assert model.asked == ["e0", "e1"]
    assert second.asked == []
    assert {k: r.text for k, r in first.items()} == {k: r.text for k, r in again.items()} == {"e0": "m:a", "e1": "m:b"}


def test_two_models_never_share_an_answer() -> None:
    store = Memory()
    asked(Counting("base"), questions("a"), store=store)
    tuned = asked(model := Counting("tuned"), questions("a"), store=store)
    assert model.asked == ["e0"]
    assert tuned["e0"].text == "tuned:a"


def test_two_examples_with_one_prompt_are_asked_once_and_both_answered() -> None:
    found = asked(model := Counting(), questions("same", "same"), store=Memory(), sleep=lambda _: None)
    assert model.asked == ["e0"]
    assert {k: r.text for k, r in found.items()} == {"e0": "m:same", "e1": "m:same"}


def test_an_interrupt_loses_nothing_that_was_answered() -> None:
    store = Memory()
    with pytest.raises(KeyboardInterrupt):
        asked(Counting(stop_after=2), questions("a", "b", "c"), store=store)
    asked(rest := Counting(), questions("a", "b", "c"), store=store)
    assert rest.asked == ["e2"]
    assert len(store.kept) == 3


def test_a_failed_call_is_not_kept_and_is_asked_again() -> None:
    store = Memory()
    failed = asked(Counting(fail=frozenset({"e0"})), questions("a", "b"), store=store)
    assert failed["e0"].failure is not None
    again = asked(model := Counting(), questions("a", "b"), store=store)
    assert model.asked == ["e0"]
    assert again["e0"].text == "m:a"


def test_replay_asks_nothing_and_names_what_is_missing() -> None:
    store = Memory()
    asked(Counting(), questions("a"), store=store)
    found = asked(model := Counting(), questions("a", "b"), store=store, mode="replay")
    assert model.asked == []
    assert found["e0"].text == "m:a"
    assert found["e1"].failure is not None
    assert found["e1"].failure.kind == "missing"


def test_answers_of_another_process_are_waited_for_not_asked_again() -> None:
    store = Memory()
    model = Counting()
    probe: dict[str, str] = {}

    class Spy(Memory):
        def claim(self, keys: Sequence[str]) -> set[str]:
            probe.update({"key": keys[0]})
            return super().claim(keys)

    spy = Spy()
    asked(Counting(), questions("a"), store=spy)
    key = probe["key"]
    store.others = {key}

    def sleep(_: float) -> None:
        store.kept[key] = Response(example_id="elsewhere", text="m:a")

    found = asked(model, questions("a"), store=store, sleep=sleep)
    assert model.asked == []
    assert found["e0"].text == "m:a"


def test_where_everything_is_kept_the_model_is_not_even_started() -> None:
    """Opening a client or loading weights costs seconds, also for whoever waits for another process."""
    store = Memory()
    asked(Counting(), questions("a", "b"), store=store)

    class Unstartable(Counting):
        def answer(self, requests: Iterable[Request]) -> Iterator[Response]:
            raise AssertionError("the model was started")

    assert set(asked(Unstartable(), questions("a", "b"), store=store)) == {"e0", "e1"}


def test_whoever_waits_looks_less_and_less_often() -> None:
    store = Memory()
    pauses: list[float] = []

    def sleep(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 6:
            store.others.clear()

    class Spy(Memory):
        def claim(self, keys: Sequence[str]) -> set[str]:
            store.others.update(keys)
            return super().claim(keys)

    asked(Counting(), questions("a"), store=Spy())
    asked(Counting(), questions("a"), store=store, sleep=sleep)
    assert pauses == sorted(pauses)
    assert pauses[0] < 0.5
    assert pauses[-1] == pauses[-2] <= 2.0


def test_a_call_that_the_budget_refused_is_not_counted_as_kept() -> None:
    budget = CostCeiling(0.15)
    budget.arm(price=lambda usage: 0.1, guess=lambda request: 0.1)
    tallies: list[tuple[int, int]] = []
    asked(
        Counting(), questions("a", "b"), store=Memory(), budget=budget, tell=lambda t: tallies.append((t.done, t.kept))
    )
    assert tallies[-1] == (2, 0)


def test_the_budget_stops_before_the_call_that_would_exceed_it() -> None:
    budget = CostCeiling(0.25)
    budget.arm(price=lambda usage: 0.1, guess=lambda request: 0.1)
    found = asked(model := Counting(), questions("a", "b", "c", "d"), store=Memory(), budget=budget)
    assert model.asked == ["e0", "e1"]
    assert budget.spent == pytest.approx(0.2)
    kinds = {k: r.failure.kind for k, r in found.items() if r.failure}
    assert kinds == {"e2": "out_of_budget", "e3": "out_of_budget"}


def test_a_call_of_unknown_price_is_not_free() -> None:
    budget = CostCeiling(100.0)
    found = asked(model := Counting(), questions("a"), store=Memory(), budget=budget)
    assert model.asked == []
    assert found["e0"].failure is not None


def test_the_tally_counts_kept_asked_and_failed() -> None:
    store = Memory()
    asked(Counting(), questions("a"), store=store)
    how = Asking(store=store)
    list(ask(Counting(fail=frozenset({"e1"})), questions("a", "b"), how=how))
    assert (how.tally.done, how.tally.kept, how.tally.failed) == (2, 1, 1)


@pytest.mark.parametrize("recorded", [True, False])
def test_what_a_recording_answers_is_kept_and_what_it_lacks_is_refused(recorded: bool) -> None:
    class Recorded(Counting):
        def answer(self, requests: Iterable[Request]) -> Iterator[Response]:
            for response in super().answer(requests):
                lacks = response.example_id == "e1"
                failure = Failure(kind="missing", message="no answer") if lacks else None
                yield dataclasses.replace(response, failure=failure)

    how = Asking(store=Memory())
    model = Recorded()
    model.facts = ModelFacts(kept=False, recorded=recorded)  # type: ignore[attr-defined]
    list(ask(model, questions("a", "b", "c"), how=how))
    tally = how.tally
    expected = (2, 1, 0) if recorded else (0, 0, 3)
    assert (tally.kept, tally.refused, tally.asked) == expected
    assert (tally.done, tally.failed) == (3, 1)
