"""Workers compute the windows that one process would, and a worker that is killed loses nothing."""

from __future__ import annotations

import json
import os
import random
import signal
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from evalkit.core.errors import ModelError, UsageError
from evalkit.core.exchange import Request, Response
from evalkit.models.local import model as local_model
from evalkit.models.local.device import share_threads
from evalkit.models.recipe import Recipe
from evalkit.models.workers import processes
from evalkit.models.workers.pool import ATTEMPTS, Pool
from evalkit.models.workers.tasks import Lost, WorkerResult, WorkerTask
from evalkit.pipeline.compare import compare_arms
from evalkit.pipeline.options import Options
from evalkit.report.renderers.data import verdict_data
from evalkit.store.ledger import Ledger
from evalkit.suite.spec import ModelSpec

WORDS = ("red", "green", "blue", "tall", "short", "cold", "warm")
SUITES = {
    "drawn": (
        "generate: {temperature: 0.8, max_tokens: 12}\nrepeats: 2\nscorers: {answer: {type: checks}}\n",
        lambda text, at: {
            "messages": [{"role": "system", "content": "Be brief. " * (5 + 24 * (at % 2))}, said(text)],
            "checks": [{"contains": "e"}],
        },
    ),
    "chosen": (
        "generate: {choices: likelihood}\nscorers: {answer: {type: choice}}\n",
        lambda text, at: {"messages": [said(text)], "choices": ["one", "two", "three three"], "target": at % 3},
    ),
    "measured": (
        "scorers: {answer: {type: likelihood}}\n",
        lambda text, at: {"messages": [said(text)], "target": text[::-1]},
    ),
}


def said(text: str) -> dict[str, str]:
    return {"role": "user", "content": text}


@pytest.fixture
def project(local_files: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three suites that draw, choose and measure, and three arms on one base."""
    rng = random.Random(3)
    for name, (keys, row) in SUITES.items():
        rows = [
            {"id": f"{name}{at}", **row(" ".join(rng.choices(WORDS, k=rng.randint(1, 20))), at)} for at in range(36)
        ]
        (tmp_path / f"{name}.jsonl").write_text("".join(json.dumps(one) + "\n" for one in rows))
        gate = "gates: [{type: no_regression, metric: answer, margin: 0.1}]\n"
        head = f"evalkit: 1\nname: {name}\ndataset: {{path: ../{name}.jsonl}}\n"
        (tmp_path / "suites").mkdir(exist_ok=True)
        (tmp_path / "suites" / f"{name}.yaml").write_text(head + keys + gate)
    base = f"{{provider: local, model: {local_files / 'tiny'}, device: cpu"
    adapters = [f"  {name}: {base}, adapter: {local_files / name}}}\n" for name in ("tuned", "other")]
    (tmp_path / "models.yaml").write_text(f"models:\n  base: {base}}}\n{''.join(adapters)}")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("EVALKIT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("EVALKIT_THREADS", "1")
    monkeypatch.setattr(local_model, "WINDOW", 1)  # the driver cuts, so that there are windows enough to share
    return tmp_path


def compared(root: str, **options: Any) -> list[dict[str, Any]]:
    given = Options(root=Path(root), **options)
    return [verdict_data(one.verdict) for one in compare_arms("base", ["tuned", "other"], options=given)]


def without_time(value: Any) -> Any:
    """The verdict as data without the rows that bear the mark of measured time."""
    if isinstance(value, dict):
        return {key: without_time(item) for key, item in value.items()}
    if isinstance(value, list):
        return [without_time(one) for one in value if not (isinstance(one, dict) and one.get("measured_time"))]
    return value


def kept(root: str) -> list[tuple[Any, ...]]:
    """What a ledger holds, but for seconds and moments."""
    with Ledger(Path(root) / ".evalkit" / "ledger.sqlite") as ledger:
        keys = [row[0].hex() for row in ledger.connection.execute("SELECT key FROM answer")]
        found = ledger.lookup(keys)
        assert ledger.connection.execute("SELECT count(*) FROM lease").fetchone() == (0,)
    return sorted((key, one.text, one.choice_scores, one.tokens_sha256, one.usage.output) for key, one in found.items())


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
