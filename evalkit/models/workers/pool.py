"""Windows handed out to workers; one that a worker was lost over is asked again, whole, with the same members."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from itertools import islice
from queue import SimpleQueue

from evalkit.core.errors import ModelError, Problem, count_of
from evalkit.core.exchange import Request, Response
from evalkit.models.recipe import Recipe
from evalkit.models.workers.tasks import Lost, WorkerHandle, WorkerResult, WorkerTask, count_differing

ATTEMPTS = 3
"""How often one window may cost a worker its life"""
AHEAD = 2
"""Windows drawn for each worker, so that none waits for the driver"""
SAMPLE = 8
"""Requests that workers at different places answer alike, or are told about"""


class Pool:
    """A few workers that compute windows of any arm.

    A window's answers come all at once: the driver keeps the whole of it, or nothing.
    """

    def __init__(self, handles: Sequence[WorkerHandle], *, say: Callable[[str], None]) -> None:
        self.handles, self._say = handles, say
        self._idle: SimpleQueue[WorkerHandle] = SimpleQueue()
        for handle in handles:
            self._idle.put(handle)
        self._threads = ThreadPoolExecutor(max_workers=len(handles), thread_name_prefix="evalkit-worker")
        self._closing = threading.Event()
        self._heard: set[str] = set()

    def greet(self, recipe: Recipe, *, fingerprint: str, version: str) -> list[WorkerResult]:
        """Have every worker open an arm's files; return their results.

        Raises ModelError where one has another evalkit, other files, or cannot be started.
        """
        found = self._everywhere(WorkerTask(recipe=recipe))
        wrong = [
            problem
            for handle, result in zip(self.handles, found, strict=True)
            for problem in _find_strange(handle, result, recipe, fingerprint=fingerprint, version=version)
        ]
        if wrong:
            raise ModelError(dict.fromkeys(wrong))
        return found

    def compare(self, recipe: Recipe, requests: Sequence[Request]) -> list[int]:
        """Have every worker answer the same few requests.

        Returns how many answers of each differ from the first worker's.
        """
        found = self._everywhere(WorkerTask(recipe=recipe, window=tuple(requests[:SAMPLE])))
        first = _settle(found[0])
        return [count_differing(first, _settle(result)) for result in found]

    def answer(self, recipe: Recipe, windows: Iterable[Sequence[Request]]) -> Iterator[Sequence[Response]]:
        """Yield the responses of one window at a time, as they come.

        Windows are drawn by the calling thread.
        """
        source = iter(windows)
        running: set[Future[WorkerResult]] = set()
        while True:
            for window in islice(source, AHEAD * len(self.handles) - len(running)):
                running.add(self._threads.submit(self._take_turn, WorkerTask(recipe=recipe, window=tuple(window))))
            if not running:
                return
            done, running = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                result = future.result()
                self._tell(result)
                yield _settle(result)

    def answer_alone(self, recipe: Recipe, window: Sequence[Request]) -> Sequence[Response]:
        """Answer one window by the first worker, nothing beside it."""
        return _settle(self._run(self.handles[0], WorkerTask(recipe=recipe, window=tuple(window))))

    def close(self) -> None:
        """End every worker at once; may be called twice."""
        self._closing.set()
        for handle in self.handles:
            handle.close()
        self._threads.shutdown(wait=True, cancel_futures=True)

    def _everywhere(self, task: WorkerTask) -> list[WorkerResult]:
        return list(self._threads.map(lambda handle: self._run(handle, task), self.handles))

    def _take_turn(self, task: WorkerTask) -> WorkerResult:
        handle = self._idle.get()
        try:
            return self._run(handle, task)
        finally:
            self._idle.put(handle)

    def _run(self, handle: WorkerHandle, task: WorkerTask) -> WorkerResult:
        """Have one task done, by a new worker in the same handle where one is lost over it."""
        lost = ""
        for _ in range(ATTEMPTS):
            try:
                if lost:
                    handle.restart()
                return handle.run(task)
            except Lost as error:
                lost = str(error)
                if self._closing.is_set():
                    break
                what = f"its batch of {len(task.window)} is asked again" if task.window else "it is started again"
                self._say(f"{handle.label} was lost ({lost}): {what}")
        told = Problem(
            what=f"{handle.label} was lost {count_of(ATTEMPTS, 'time')} over the same batch: {lost}",
            todo="look at its own messages above; where memory ran out, ask for fewer --workers or a smaller model",
        )
        return WorkerResult(error=ModelError(told))

    def _tell(self, result: WorkerResult) -> None:
        """Say what a worker had to say; all of them say the same."""
        for sentence in result.told:
            if sentence not in self._heard:
                self._heard.add(sentence)
                self._say(sentence)


def _settle(result: WorkerResult) -> Sequence[Response]:
    if result.error is not None:
        raise result.error
    return result.responses


def _find_strange(
    handle: WorkerHandle, result: WorkerResult, recipe: Recipe, *, fingerprint: str, version: str
) -> Iterator[Problem]:
    """Why a worker would not answer as the driver's own model does."""
    if result.error is not None:
        yield from result.error.problems
    elif result.version != version:
        yield Problem(
            what=f"{handle.label} has evalkit {result.version}, and this is {version}",
            todo="install the same version on every node",
        )
    elif result.fingerprint != fingerprint:
        yield Problem(
            what=f"{handle.label} finds other files for {recipe.name}: weights, adapter, tokenizer, template or number "
            "type differ",
            todo="copy the same files to every node, or name a hub revision; write `dtype:` into models.yaml",
        )
