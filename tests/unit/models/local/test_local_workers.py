"""Workers compute the windows that one process would, and a worker that is killed loses nothing."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from local_shared import compared, kept, without_time

from evalkit.core.errors import ModelError, UsageError
from evalkit.core.exchange import Request, Response
from evalkit.models.local.device import share_threads
from evalkit.models.recipe import Recipe
from evalkit.models.workers import processes
from evalkit.models.workers.pool import ATTEMPTS, Pool
from evalkit.models.workers.tasks import Lost, WorkerResult, WorkerTask
from evalkit.suite.spec import ModelSpec


@pytest.mark.slow
def test_two_workers_of_which_one_is_killed_give_the_verdict_of_one_process(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = compared("alone")
    workers: list[processes.ProcessHandle] = []
    killed: list[int] = []
    heard: list[str] = []
    opened = processes.open_processes

    def open_two(count: int, *, environ: Mapping[str, str]) -> list[processes.ProcessHandle]:
        workers.extend(opened(count, environ=environ))
        return workers

    def kill_one(*_: object) -> None:
        if not killed:  # with the first answers: the other worker has windows in hand, and is stopped in one
            killed.append(workers[0].pid)
            os.kill(workers[0].pid, signal.SIGKILL)

    monkeypatch.setattr(processes, "open_processes", open_two)
    shared = compared("shared", workers=2, tell=kill_one, say=heard.append)
    assert [sentence for sentence in heard if "worker 1 was lost (killed by SIGKILL)" in sentence]
    assert workers[0].pid != killed[0]
    assert without_time(shared) == without_time(alone)
    assert without_time(alone) != alone  # the mark is there
    assert kept("shared") == kept("alone")
    assert len(kept("alone")) == 3 * (2 * 36 + 36 + 36)
    for worker in workers:
        with pytest.raises(ProcessLookupError):
            os.kill(worker.pid, 0)


class Fragile:
    """A worker that is lost as often as it is told to be."""

    def __init__(self, label: str, *, losses: int = 0, answers: str = "a", **found: Any) -> None:
        self.label, self.losses, self.answers, self.found = label, losses, answers, found
        self.asked: list[tuple[str, ...]] = []
        self.closed = self.restarted = 0

    def run(self, task: WorkerTask) -> WorkerResult:
        self.asked.append(tuple(request.example_id for request in task.window))
        if self.losses:
            self.losses -= 1
            raise Lost("killed by SIGKILL")
        found = tuple(Response(example_id=request.example_id, text=self.answers) for request in task.window)
        return WorkerResult(responses=found, **{"version": "1", "fingerprint": "f", **self.found})

    def restart(self) -> None:
        self.restarted += 1

    def close(self) -> None:
        self.closed += 1


@pytest.fixture
def recipe(tmp_path: Path) -> Recipe:
    return Recipe(name="ours", spec=ModelSpec(provider="local", model="m"), root=tmp_path, seed=0, instant=0.0)


def pooled(*handles: Fragile) -> tuple[Pool, list[str]]:
    heard: list[str] = []
    return Pool(handles, say=heard.append), heard


def windows(count: int, size: int = 3) -> Iterator[Sequence[Request]]:
    for number in range(count):
        yield [Request(example_id=f"{number}-{at}", messages=()) for at in range(size)]


def test_a_window_that_cost_a_worker_is_asked_again_whole(recipe: Recipe) -> None:
    weak, strong = Fragile("one", losses=1), Fragile("two")
    pool, heard = pooled(weak, strong)
    found = [response.example_id for batch in pool.answer(recipe, windows(6)) for response in batch]
    pool.close()
    assert sorted(found) == sorted(f"{number}-{at}" for number in range(6) for at in range(3))
    assert weak.restarted == 1
    assert weak.asked[0] == weak.asked[1]
    assert heard == ["one was lost (killed by SIGKILL): its batch of 3 is asked again"]


def test_a_window_that_kills_every_worker_ends_the_run_and_says_so(recipe: Recipe) -> None:
    pool, _ = pooled(Fragile("one", losses=99))
    with pytest.raises(ModelError, match=rf"lost {ATTEMPTS} times over the same batch.*SIGKILL"):
        list(pool.answer(recipe, windows(2)))
    pool.close()


def test_windows_are_drawn_as_they_are_needed(recipe: Recipe) -> None:
    drawn: list[int] = []

    def source() -> Iterator[Sequence[Request]]:
        for number, window in enumerate(windows(40)):
            drawn.append(number)
            yield window

    pool, _ = pooled(Fragile("one"), Fragile("two"))
    answers = pool.answer(recipe, source())
    next(answers)
    assert len(drawn) <= 5  # the rest is left to whoever else asks
    answers.close()
    pool.close()


@pytest.mark.parametrize(
    ("found", "why"),
    [({"version": "0.0"}, "has evalkit 0.0, and this is 1"), ({"fingerprint": "g"}, "finds other files for ours")],
)
def test_a_worker_that_would_answer_as_another_is_refused_by_name(
    recipe: Recipe, found: dict[str, str], why: str
) -> None:
    pool, _ = pooled(Fragile("one"), Fragile("two", **found))
    with pytest.raises(ModelError, match=f"two {why}"):
        pool.greet(recipe, fingerprint="f", version="1")
    pool.close()


def test_answers_that_depend_on_the_worker_are_counted(recipe: Recipe) -> None:
    pool, _ = pooled(Fragile("one"), Fragile("two", answers="b"))
    assert pool.compare(recipe, next(windows(1, size=20))) == [0, 8]
    pool.close()


def test_an_address_without_a_cluster_is_refused(project: Path) -> None:
    with pytest.raises(UsageError, match="--executor ray"):
        compared("here", ray_address="127.0.0.1:6379")


def test_each_worker_has_its_share_of_the_processors() -> None:
    assert share_threads({"OMP_NUM_THREADS": "8"}, workers=3) <= 2
    assert share_threads({"OMP_NUM_THREADS": "1"}, workers=3) == 1
    assert share_threads({"EVALKIT_THREADS": "4"}, workers=3) == 4  # a wish is a wish
