"""What a worker is asked, what it answers, and how it is lost."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from evalkit.core.errors import EvalkitError, ModelError, Problem
from evalkit.core.exchange import Json, Request, Response
from evalkit.models.context import Context
from evalkit.models.open import open_model
from evalkit.models.recipe import Portable, PortableModel, Recipe


class Lost(Exception):
    """A worker is gone: killed, crashed, or out of reach; the message says how."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerTask:
    """One thing to do for an arm: answer a window.

    Without a window it is to say who answers, and where.
    """

    recipe: Recipe
    window: tuple[Request, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerResult:
    """What came of a task.

    `error` is why nothing came of it; `told` are sentences for the person who waits.
    """

    responses: tuple[Response, ...] = ()
    told: tuple[str, ...] = ()
    version: str = ""
    fingerprint: str = ""
    place: Mapping[str, Json] = field(default_factory=dict)
    error: EvalkitError | None = None


class WorkerHandle(Protocol):
    """One worker as the driver sees it; used by one thread at a time."""

    @property
    def label(self) -> str:
        """Which one it is, for the person who waits."""

    def run(self, task: WorkerTask) -> WorkerResult:
        """Have a task done; raises Lost when the worker is gone."""

    def restart(self) -> None:
        """Start the worker anew after it was lost.

        Raises Lost where that cannot be.
        """

    def close(self) -> None:
        """End the worker at once; may be called from another thread, and twice."""


class Worker:
    """The other side: opens arms when they are first asked, and keeps them open.

    `device` is the GPU it has, for arms that are computed on one.
    """

    def __init__(self, *, device: str | None = None) -> None:
        self.device = device
        self._open: dict[tuple[str, str], PortableModel] = {}
        self._told: list[str] = []

    def run(self, task: WorkerTask) -> WorkerResult:
        """Do a task; what goes wrong is in the result."""
        from evalkit import __version__

        try:
            model = self._model(task.recipe)
            if not task.window:
                return WorkerResult(version=__version__, fingerprint=model.identity.fingerprint, place=model.place())
            responses = [one for batch in model.answer_windows([task.window]) for one in batch]
            told, self._told = tuple(self._told), []
            return WorkerResult(responses=tuple(responses), told=told)
        except EvalkitError as error:
            return WorkerResult(error=error)
        except Exception as error:  # each library behind a model raises its own
            print(f"a worker could not answer: {type(error).__name__}: {error}", file=sys.stderr)
            return WorkerResult(
                error=ModelError(Problem(what=f"a worker could not answer: {type(error).__name__}: {error}"))
            )

    def _model(self, recipe: Recipe) -> PortableModel:
        key = (recipe.name, recipe.spec.model_dump_json())
        if key not in self._open:
            spec = recipe.spec
            if self.device is not None and spec.device_map is None and (spec.device or "cuda").startswith("cuda"):
                spec = spec.model_copy(update={"device": self.device})
            context = Context(
                root=recipe.root, seed=recipe.seed, now=lambda: recipe.instant, progress=self._told.append
            )
            model = open_model(recipe.name, spec, context)
            if not isinstance(model, Portable):
                raise ModelError(f"{recipe.name} cannot be computed by a worker")
            self._open[key] = model
        return self._open[key]


def count_differing(one: Sequence[Response], other: Sequence[Response]) -> int:
    """Count the answers that two workers gave otherwise.

    Another text, or likelihoods that are further apart than 1e-4 nats.

    >>> from evalkit.core.exchange import Response
    >>> count_differing([Response(example_id="a", text="x")], [Response(example_id="a", text="y")])
    1
    """
    by_id = {(response.example_id, response.repeat): response for response in other}
    return sum(not _is_same(response, by_id[response.example_id, response.repeat]) for response in one)


def _is_same(one: Response, other: Response) -> bool:
    if one.text != other.text or len(one.choice_scores) != len(other.choice_scores):
        return False
    return all(abs(a - b) <= 1e-4 for a, b in zip(one.choice_scores, other.choice_scores, strict=True))
