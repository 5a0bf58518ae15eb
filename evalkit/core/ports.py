"""The sockets: what a model, a scorer, a section and a store must offer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from evalkit.core.blocks import Block
from evalkit.core.columns import Comparison
from evalkit.core.exchange import Example, ModelIdentity, Request, Response, Stretch
from evalkit.core.judging import Judging, Question, Reply
from evalkit.core.publication import Publication
from evalkit.core.verdict import Metric, Score, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFacts:
    """What a model is, whoever provides it.

    A model that does not say is taken for one whose calls cost money.
    """

    metered: bool = True
    """Whether a call costs money: its price must be known before a run with a ceiling starts"""
    recorded: bool = False
    """Whether its answers were given earlier, to whoever asked then"""
    kept: bool = True
    """Whether its answers go to the ledger; not where it answers from a table or a file anyway"""
    counts_tokens: bool = False
    """Whether the tokens of a prompt can be told before it is asked"""
    schemas: bool = False
    """Whether an answer can be held to a JSON Schema (`response_format`)"""
    measures_text: bool = False
    """Whether requests with a `stretch` are answered, by the log-likelihood of what it names"""
    timed: bool = False
    """Whether its seconds are those of calls to a server, which is busy by the hour"""
    continues: bool = False
    """Whether it goes on with a last message of the assistant, instead of answering behind it"""
    adapts: bool = False
    """Whether `Response.adapted` tells all that it asked otherwise, so that its own notes may be left out"""


def facts_of(model: object) -> ModelFacts:
    """Return what a model says it is.

    `ModelFacts()` where it does not say.
    """
    facts = getattr(model, "facts", None)
    return facts if isinstance(facts, ModelFacts) else ModelFacts()


def rest_model(model: object) -> None:
    """Let a model give back what it can load again, where it offers to."""
    rest = getattr(model, "rest", None)
    if callable(rest):
        rest()


@runtime_checkable
class Model(Protocol):
    """Answers requests. Each backend owns its concurrency or batching; responses come in any order.

    A model that gets many answers at once may also offer `answer_batches`, the same in lists: they are kept in one go;
    one that comes by answers to earlier requests on the way hands them over in `take_unasked()`, as (request, response)
    whose `request.key` is that of then; one whose calls are free, recorded or not to be kept says so in `facts`
    (`ModelFacts`). One that holds memory may offer `rest()`: it is called when an arm has been asked everything, and
    whoever asks again wakes it.
    """

    @property
    def identity(self) -> ModelIdentity:
        """Who answers; cheap, and without loading weights."""

    @property
    def scores_choices(self) -> bool:
        """Whether requests with `choices` are answered by log-likelihood."""

    def answer(self, requests: Iterable[Request]) -> Iterator[Response]:
        """Yield exactly one response a request; draw requests lazily.

        A response is an answer or a named failure. Raises ModelError when no call can succeed (authentication, no such
        model, no server).
        """

    def close(self) -> None:
        """Free what was opened; may be called twice."""


@runtime_checkable
class Windowed(Protocol):
    """A model whose work comes in windows, cut from the plan alone.

    Whoever computes a window forms the same batches. It is asked as a whole, by one process; what is kept of it already
    is left out.
    """

    def windows(self, requests: Iterable[Request]) -> Iterator[Sequence[Request]]:
        """Cut a plan into windows; every request is in exactly one."""

    def answer_windows(self, windows: Iterable[Sequence[Request]]) -> Iterator[Sequence[Response]]:
        """Yield exactly one response a request, in lists that are kept in one go.

        Windows are drawn lazily.
        """


@runtime_checkable
class Scorer(Protocol):
    """Turns one response into numbers. Pure: same example and response, same score."""

    @property
    def version(self) -> str:
        """Changes when the meaning of the numbers changes."""

    def metrics(self) -> Sequence[Metric]:
        """Return the parts this scorer produces, the main value ("") first."""

    def score(self, example: Example, response: Response) -> Score:
        """Score a response that is an answer.

        Failures never reach a scorer. `scorer` in the Score may be "".
        """

    def check(self, example: Example) -> Sequence[str]:
        """Explain why this example cannot be scored; empty if it can.

        There is a sentence for each reason: no target, one of the wrong shape.
        """


@runtime_checkable
class SetScorer(Scorer, Protocol):
    """A scorer with set metrics: figures over all cases at once.

    Its scores carry the `code` of what they read.
    """

    def gold(self, example: Example) -> float | tuple[float, ...]:
        """Return the code of an answer that is right."""


@runtime_checkable
class TargetScorer(Scorer, Protocol):
    """A scorer that is completed by the targets: their labels, their language."""

    def with_targets(self, examples: Sequence[Example]) -> Scorer:
        """Return the scorer with what these targets say.

        It is itself where the suite says it.
        """


@runtime_checkable
class UnsureScorer(Scorer, Protocol):
    """A scorer that measures itself: a learned style, a judge.

    `not_to_gate` is asked only where a gate stands on it.
    """

    @property
    def not_to_gate(self) -> str:
        """Why no gate may stand on its metrics; empty where one may."""


@runtime_checkable
class PartlyBasedScorer(Scorer, Protocol):
    """A scorer some parts of which stand on some of the cases alone."""

    def cases_behind(self, example: Example, part: str) -> bool:
        """Tell whether a part stands on this case."""


@runtime_checkable
class AheadScorer(Protocol):
    """A scorer that works on many answers at once.

    It does so before it is asked for them one by one.
    """

    def score_ahead(self, cases: Sequence[tuple[Example, Response]]) -> None:
        """Do the work of these answers; `score` then has what was found.

        Failed calls are not among them.
        """


@runtime_checkable
class CodeScorer(Protocol):
    """A scorer that runs code that models wrote.

    It does so only with a suite's leave.
    """

    @property
    def code_risk(self) -> str:
        """What that code could reach on this system.

        It is empty where the network is cut off.
        """

    @property
    def code_words(self) -> str:
        """How the code is run, in one sentence for the verdict."""

    def with_leave(self, *, unprotected: bool) -> Scorer:
        """Return the scorer as one that may run code."""


@runtime_checkable
class StretchScorer(Protocol):
    """A scorer of log-likelihoods: the rows it looks at are measured, and not answered."""

    def stretch(self) -> Stretch:
        """Return what is measured of a row."""


@runtime_checkable
class PricedScorer(Scorer, Protocol):
    """A scorer that also judges what an answer cost.

    It is asked through `score_priced` instead of `score`.
    """

    def score_priced(self, example: Example, response: Response, *, cost: float | None) -> Score:
        """Score a response that cost so many USD; None where no price is known."""


@runtime_checkable
class JudgingScorer(Scorer, Protocol):
    """A scorer that asks models about answers.

    It writes the questions and reads the replies; the pipeline asks, keeps, prices and replays. It is read through
    `score_replies` instead of `score`.
    """

    @property
    def judging(self) -> Judging:
        """Whom it asks, and how."""

    def ask_judges(self, example: Example, response: Response, other: Response | None) -> Sequence[Question]:
        """Write every question about this answer.

        `other` is the other arm's answer to the same case, where both are judged side by side.
        """

    def score_replies(self, example: Example, response: Response, replies: Sequence[Reply]) -> Score:
        """Score a response by what the judges replied.

        A reply that cannot be read makes no number: it is an ERROR with the reason, never 0.
        """


@runtime_checkable
class Section(Protocol):
    """One part of a report: reads, never computes.

    One that also has `data(comparison, verdict)` stands in the verdict as data, with the JSON values it returns.
    """

    def blocks(self, comparison: Comparison | None, verdict: Verdict) -> Sequence[Block]:
        """Return what to show; empty when there is nothing to say."""


@runtime_checkable
class Tracker(Protocol):
    """Where verdicts are published: a tracker of experiments, a card of a model."""

    def check_place(self, place: str) -> str:
        """Tell what is wrong with a place, before anything is asked.

        Empty where nothing is. The place is what stands behind the colon of `--publish TRACKER:PLACE`, empty
        where nothing does.
        """

    def publish(self, publication: Publication, place: str) -> str:
        """Publish a verdict and return where it is.

        It may raise anything: that is told, and changes neither the verdict nor the exit code.
        """


@runtime_checkable
class Store(Protocol):
    """Where answers are kept, under `Request.key`."""

    def lookup(self, keys: Sequence[str]) -> Mapping[str, Response]:
        """Return the kept answers among these keys."""

    def claim(self, keys: Sequence[str]) -> set[str]:
        """Claim and return the keys that this process may ask now.

        The others are kept already or being asked by another process.
        """

    def release(self, keys: Iterable[str]) -> None:
        """Give claims back without an answer; keys that are not claimed are ignored."""

    def put(self, answers: Iterable[tuple[Request, Response]], *, model: ModelIdentity | None = None) -> None:
        """Keep answers durably; return after they are on disk.

        Failures release their claim and are not kept.
        """
