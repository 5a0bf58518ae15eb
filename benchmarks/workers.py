"""How local models scale over processes and Ray actors, and how many cases a second the driver can take.

python benchmarks/workers.py [--questions 32] [--ray] [--cases 50000] [-o docs/benchmarks/workers.md]

Each way gets one thread a worker, and computes the same windows. Rounds go over all ways in turn, and the median of
each counts, so that a machine which is busy with other things is busy for all of them. The answers must be the same.
"""

from __future__ import annotations

import argparse
import os
import pickle
import platform
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path

from evalkit.core.exchange import ModelIdentity, Request, Response, Usage
from evalkit.models.context import Context
from evalkit.models.local import LocalModel, open_local
from evalkit.models.local import model as local_model
from evalkit.models.workers.pool import Pool
from evalkit.models.workers.processes import open_processes
from evalkit.models.workers.ray_actors import open_actors
from evalkit.models.workers.spread import SpreadModel
from evalkit.models.workers.tasks import WorkerHandle, WorkerResult, WorkerTask
from evalkit.pipeline.asking.ask import Asking, ask
from evalkit.store.ledger import Ledger
from evalkit.suite.spec import ModelSpec

try:
    from local import questions
except ImportError:
    from benchmarks.local import questions

ROUNDS = 3


class Instant:
    """A worker that answers at once, through the pickling that a real one needs: what is left is the driver's work."""

    label = "instant"

    def run(self, task: WorkerTask) -> WorkerResult:
        task = pickle.loads(pickle.dumps(task))
        said = [
            Response(
                example_id=request.example_id,
                repeat=request.repeat,
                text="The parcel with the blue shirt is on its way, and will be with you on Thursday.",
                finish="stop",
                usage=Usage(input=112, output=19),
                latency_s=0.01,
                served_model="m",
                tokens_sha256="0" * 64,
            )
            for request in task.window
        ]
        done: WorkerResult = pickle.loads(pickle.dumps(WorkerResult(responses=tuple(said))))
        return done

    def restart(self) -> None: ...

    def close(self) -> None: ...


class Answered:
    """An arm on a GPU as its driver sees it, without the GPU."""

    scores_choices = False
    identity = ModelIdentity(name="m", provider="local", model="m", fingerprint="f")

    def __init__(self, model: LocalModel, pool: Pool) -> None:
        self.model, self.pool = model, pool

    def windows(self, requests: Iterator[Request]) -> Iterator[Sequence[Request]]:
        return self.model.windows(requests)

    def answer_windows(self, windows: Iterator[Sequence[Request]]) -> Iterator[Sequence[Response]]:
        return self.pool.answer(self.model.recipe(), windows)

    def answer(self, requests: Iterator[Request]) -> Iterator[Response]:
        for answers in self.answer_windows(self.windows(requests)):
            yield from answers

    def close(self) -> None: ...


def driver_rate(cases: int) -> tuple[float, float]:
    """Cases a second through windows, pickling, pool and ledger: by the clock, and by the processor."""
    model = open_local("m", ModelSpec(provider="local", model="m", device="cuda"), Context(root=Path()))
    asked = (replace(one, key="", prompt_sha256=one.prompt_sha256) for one in questions(cases, tokens=32))
    with tempfile.TemporaryDirectory() as folder, Ledger(Path(folder) / "ledger.sqlite") as ledger:
        pool = Pool([Instant()], say=print)
        wall, cpu = time.perf_counter(), time.process_time()
        taken = sum(1 for _ in ask(Answered(model, pool), asked, how=Asking(store=ledger)))
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        pool.close()
    assert taken == cases
    return cases / wall, cases / cpu


def by_id(responses: Iterator[Response]) -> dict[str, str | None]:
    return {response.example_id: response.text for response in responses}


def scaling(count: int, *, with_ray: bool) -> str:
    """Seconds of each way over the same questions, and how many times faster than one worker."""
    import torch

    local_model.WINDOW = 1 / 3  # windows of a fiftieth of their usual size: there is less to compute than in earnest
    spec = ModelSpec(provider="local", model="embedded:SmolLM2-135M-Instruct", device="cpu")
    environ: Mapping[str, str] = {**os.environ, "EVALKIT_THREADS": "1"}
    os.environ["EVALKIT_THREADS"] = "1"
    asked = questions(count, tokens=16)
    with ExitStack() as stack:

        def opened() -> LocalModel:
            return open_local("benchmark", spec, Context(root=Path()))

        def spread(handles: Sequence[WorkerHandle]) -> SpreadModel:
            pool = Pool(handles, say=print)
            stack.callback(pool.close)
            return SpreadModel(opened(), pool)

        arms: dict[str, LocalModel | SpreadModel] = {"this process, 1 thread": opened()}
        for workers in (1, 2):
            arms[f"`--workers {workers}`, 1 thread each"] = spread(open_processes(workers, environ=environ))
        if with_ray:
            handles = open_actors(2, address=None, environ=environ, stack=stack)
            arms["`--executor ray --workers 2`, 1 thread each"] = spread(handles)

        arms["this process, 2 threads"] = arms["this process, 1 thread"]

        def compute(name: str, arm: LocalModel | SpreadModel) -> dict[str, str | None]:
            torch.set_num_threads(2 if name.endswith("2 threads") else 1)
            windows = arm.windows(iter(asked))
            return by_id(one for batch in arm.answer_windows(windows) for one in batch)

        expected = {name: compute(name, arm) for name, arm in arms.items()}  # loads the weights, and warms up
        seconds: dict[str, list[float]] = {name: [] for name in arms}
        for _ in range(ROUNDS):
            for name, arm in arms.items():
                seconds[name].append(timed(partial(compute, name, arm)))
                print(name, f"{seconds[name][-1]:.1f} s", flush=True)
        windows = len(list(opened().windows(iter(asked))))
    first = expected["this process, 1 thread"]
    one = statistics.median(seconds["`--workers 1`, 1 thread each"])
    lines = [
        f"{count} questions in {windows} windows, medians of {ROUNDS} rounds over all ways, start-up not counted:",
        "",
        "| way | s by the clock | times faster than one worker | same answers |",
        "|---|---|---|---|",
    ]
    for name, taken in seconds.items():
        same = sum(expected[name][key] == text for key, text in first.items())
        lines.append(
            f"| {name} | {statistics.median(taken):.1f} | {one / statistics.median(taken):.2f} | {same} of {count} |"
        )
    return "\n".join(lines)


def timed(run: Callable[[], object]) -> float:
    started = time.perf_counter()
    run()
    return time.perf_counter() - started


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--questions", type=int, default=32)
    parser.add_argument("--ray", action="store_true")
    parser.add_argument("--cases", type=int, default=50_000)
    parser.add_argument("-o", "--output", type=Path)
    given = parser.parse_args()
    rate, cpu = driver_rate(given.cases)
    driver = (
        f"The driver took {given.cases:,} cases that a worker answered at once: {rate:,.0f} a second by the clock, "
        f"{cpu:,.0f} a second of processor, on {platform.machine()} with Python {platform.python_version()}."
    )
    print(driver, flush=True)
    text = "\n".join([driver, "", scaling(given.questions, with_ray=given.ray), ""])
    print(text)
    if given.output is not None:
        given.output.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
