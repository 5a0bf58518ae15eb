"""A model that a program brings as an object: its own, under the name of the arm."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from evalkit.core.errors import Problem, UsageError
from evalkit.core.exchange import ModelIdentity, Request, Response
from evalkit.core.ports import Model, ModelFacts, Windowed, facts_of
from evalkit.models.scripted import ScriptedModel

Answering = Callable[[Request], str | Response]
"""A function that answers one request: text, or a whole response"""


class GivenModel:
    """The model of a program's own, called as the arm is.

    Closing it is left to whoever opened it.
    """

    def __init__(self, model: Model, *, name: str) -> None:
        self._model = model
        self._name = name
        together = getattr(model, "answer_batches", None)
        if together is not None:
            self.answer_batches: Callable[[Iterable[Request]], Iterator[Sequence[Response]]] = together
        if isinstance(model, Windowed):
            self.windows = model.windows
            self.answer_windows = model.answer_windows

    @property
    def identity(self) -> ModelIdentity:
        """Who answers, under the name of the arm."""
        return replace(self._model.identity, name=self._name)

    @property
    def facts(self) -> ModelFacts:
        """What the model says of itself."""
        return facts_of(self._model)

    @property
    def notes(self) -> tuple[str, ...]:
        """What the model tells beside its answers."""
        return tuple(getattr(self._model, "notes", ()))

    @property
    def scores_choices(self) -> bool:
        """Whether the model gives log-likelihoods."""
        return self._model.scores_choices

    def answer(self, requests: Iterable[Request]) -> Iterator[Response]:
        """Ask the model and return what it answers."""
        return self._model.answer(requests)

    def close(self) -> None:
        """Close nothing: the program may go on asking its model."""


def give_model(thing: object, *, name: str) -> GivenModel:
    """Make a model of what a program brings.

    It brings a `Model`, or a function of one request.

    UsageError for anything else.
    """
    if isinstance(thing, Model) and not isinstance(thing, type):
        return GivenModel(thing, name=name)
    if callable(thing) and not isinstance(thing, type):
        return GivenModel(ScriptedModel(thing, name=name), name=name)
    raise UsageError(
        Problem(
            what=f"models[{name!r}] is of type {type(thing).__name__}, which cannot answer",
            allowed="an object with identity, scores_choices, answer and close (evalkit.core.ports.Model), or a "
            "function that takes a Request and returns text or a Response",
            todo="evalkit.testing.check_model(thing) tells what is missing",
        )
    )
