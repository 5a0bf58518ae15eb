"""The sockets: what a model, a scorer, a gate, a section and a store must offer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Protocol, runtime_checkable

from evalkit.core.blocks import Block
from evalkit.core.columns import Comparison
from evalkit.core.exchange import Example, ModelIdentity, Request, Response
from evalkit.core.verdict import Finding, Metric, Score, Verdict


@runtime_checkable
class Model(Protocol):
    """Answers requests. Each backend owns its concurrency or batching; responses come in any order.

    A model that gets many answers at once may also offer `answer_batches`, the same in lists: they are kept in one go.
    """

    @property
    def identity(self) -> ModelIdentity:
        """Who answers; cheap, and without loading weights."""

    @property
    def scores_choices(self) -> bool:
        """Whether requests with `choices` are answered by log-likelihood."""

    def answer(self, requests: Iterable[Request]) -> Iterator[Response]:
        """Yield exactly one response a request, an answer or a named failure; draw requests lazily.

        Raises ModelError when no call can succeed (authentication, no such model, no server).
        """

    def close(self) -> None:
        """Free what was opened; may be called twice."""


@runtime_checkable
class Scorer(Protocol):
    """Turns one response into numbers. Pure: same example and response, same score."""

    @property
    def version(self) -> str:
        """Changes when the meaning of the numbers changes."""

    def metrics(self) -> Sequence[Metric]:
        """The parts this scorer produces, the main value ("") first."""

    def score(self, example: Example, response: Response) -> Score:
        """Score a response that is an answer (failures never reach a scorer). `scorer` in the Score may be ""."""

    def check(self, example: Example) -> Sequence[str]:
        """Sentences saying why this example cannot be scored (no target, one of the wrong shape); empty if it can."""


@runtime_checkable
class Gate(Protocol):
    """Judges a comparison; one finding a metric and slice."""

    def judge(self, comparison: Comparison) -> Sequence[Finding]:
        """Never empty: a gate with nothing to judge returns an INVALID finding that says so."""


@runtime_checkable
class Section(Protocol):
    """One part of a report: reads, never computes."""

    def blocks(self, comparison: Comparison | None, verdict: Verdict) -> Sequence[Block]:
        """What to show; empty when there is nothing to say."""


@runtime_checkable
class Store(Protocol):
    """Where answers are kept, under `Request.key`."""

    def lookup(self, keys: Sequence[str]) -> Mapping[str, Response]:
        """The kept answers among these keys."""

    def claim(self, keys: Sequence[str]) -> set[str]:
        """The keys that this process may ask now; the others are kept already or being asked by another process."""

    def release(self, keys: Iterable[str]) -> None:
        """Give claims back without an answer; keys that are not claimed are ignored."""

    def put(self, answers: Iterable[tuple[Request, Response]], *, model: ModelIdentity | None = None) -> None:
        """Keep answers durably; returns after they are on disk. Failures release their claim and are not kept."""
