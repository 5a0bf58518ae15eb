"""An arm whose windows are computed by a pool of workers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from evalkit.core.exchange import ModelIdentity, Request, Response
from evalkit.core.ports import ModelFacts, facts_of
from evalkit.models.recipe import PortableModel
from evalkit.models.workers.pool import SAMPLE, Pool


class SpreadModel:
    """A local arm whose answers are computed by workers.

    Who it is and how it is asked are its own.
    """

    def __init__(self, model: PortableModel, pool: Pool) -> None:
        from evalkit import __version__

        self._model, self._pool = model, pool
        self._recipe = model.recipe()
        found = pool.greet(self._recipe, fingerprint=model.identity.fingerprint, version=__version__)
        self._places = [dict(result.place) for result in found]
        self._differ: tuple[str, ...] = ()
        self._compared = self._recipe.spec.deterministic or not self._may_differ

    @property
    def identity(self) -> ModelIdentity:
        """Who answers, by the content of its files."""
        return self._model.identity

    @property
    def facts(self) -> ModelFacts:
        """What the model says of itself."""
        return facts_of(self._model)

    @property
    def scores_choices(self) -> bool:
        """Whether the model gives log-likelihoods."""
        return self._model.scores_choices

    @property
    def notes(self) -> tuple[str, ...]:
        """What the model tells beside its answers, and how workers differ."""
        return (*getattr(self._model, "notes", ()), *self._differ)

    @property
    def _may_differ(self) -> bool:
        """Whether workers compute at places that may not give the same bits."""
        return any(place != self._places[0] for place in self._places)

    def windows(self, requests: Iterable[Request]) -> Iterator[Sequence[Request]]:
        """Cut a plan into the windows that one process would form."""
        return self._model.windows(requests)

    def answer_windows(self, windows: Iterable[Sequence[Request]]) -> Iterator[Sequence[Response]]:
        """Yield the responses of whole windows, as they come."""
        source = iter(windows)
        first = next(source, None)
        if first is None:
            return
        if not self._compared:
            self._compared = True
            self._compare(first)
        yield from self._pool.answer(self._recipe, chain([first], source))

    def answer(self, requests: Iterable[Request]) -> Iterator[Response]:
        """Yield responses of one worker alone, so that their seconds compare."""
        for window in self.windows(requests):
            yield from self._pool.answer_alone(self._recipe, window)

    def close(self) -> None:
        """Close the model here; the pool is closed by whoever opened it."""
        self._model.close()

    def _compare(self, window: Sequence[Request]) -> None:
        counts = self._pool.compare(self._recipe, window)
        asked = min(SAMPLE, len(window))
        labels = [handle.label for handle in self._pool.handles]
        self._differ = tuple(
            f"{self._recipe.name}: {count} of {asked} answers of {label} differ from those of {labels[0]}, which "
            "computes elsewhere: an answer may depend on who computes it; `deterministic: true` in models.yaml makes "
            "it depend on less"
            for label, count in zip(labels, counts, strict=True)
            if count
        )
