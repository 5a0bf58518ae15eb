"""The model behind provider `openai`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from evalkit.core.errors import ModelError, Problem
from evalkit.core.exchange import Json, ModelIdentity, Request, Response
from evalkit.core.ports import ModelFacts
from evalkit.models.context import Context
from evalkit.models.openai.adapt import Adaptation
from evalkit.models.openai.batch import BatchEngine
from evalkit.models.openai.client import open_sync_client
from evalkit.models.openai.endpoint import Endpoint
from evalkit.models.openai.engines import News, batch_engine, live_engine
from evalkit.models.openai.identity import identity_of
from evalkit.models.openai.job_facts import JobFacts
from evalkit.models.openai.jobs import JobDesk
from evalkit.models.openai.lifetime import warn_of_end
from evalkit.models.openai.names import JOB_NAMES, is_job, read_job_name, tell_model_name
from evalkit.models.openai.open_door import missing_parameters
from evalkit.models.openai.relay import relay_batches
from evalkit.models.openai.secrets import Redactor
from evalkit.models.prices import BATCH_SHARE
from evalkit.suite.generate import GenerateSpec
from evalkit.suite.spec import ModelSpec


@dataclass(slots=True, kw_only=True)
class OpenAIModel:
    """A model behind an OpenAI-compatible API. Opening it makes no call; `answer` does.

    `notes` are sentences for the report: what was learned about the model while asking.
    """

    name: str
    spec: ModelSpec
    endpoint: Endpoint
    context: Context
    scores_choices: bool = False
    adaptation: Adaptation = field(default_factory=Adaptation)
    news: News = field(default_factory=News)
    _resolved: str | None = None
    _job: JobFacts | None = None
    _batches: BatchEngine | None = None

    @property
    def facts(self) -> ModelFacts:
        """Every call costs money, unless models.yaml says that it does not."""
        live = self.spec.api != "batch"
        return ModelFacts(counts_tokens=True, adapts=True, schemas=self.spec.api != "completions", timed=live)

    @property
    def identity(self) -> ModelIdentity:
        """Who answers.

        A model named by its fine-tuning job is looked up once, and kept under ``.evalkit``.
        """
        return identity_of(self.name, self.spec, endpoint=self.endpoint, model=self.model, details=self._details())

    @property
    def model(self) -> str:
        """The model's name as calls name it."""
        if self._resolved is None:
            named = self.spec.model or self.endpoint.deployment or ""
            self._resolved = self._of_job(named) if is_job(named) else named
        return self._resolved

    @property
    def notes(self) -> tuple[str, ...]:
        """What was learned while asking.

        That is a date of shutdown that is near, and what is asked differently.
        """
        ends, today = self.news.ends, dt.datetime.fromtimestamp(self.context.now(), tz=dt.UTC).date()
        near = warn_of_end(self.name, self.model, ends=ends, today=today) if ends is not None else None
        return tuple(note for note in (near, self.adaptation.sentence(self.name)) if note)

    def check_sampling(self, generate: GenerateSpec) -> tuple[str, ...]:
        """Say which parameters the vendor's API does not have.

        Other servers answer for themselves."""
        if not (self.endpoint.is_openai or self.endpoint.is_azure):
            return ()
        missing = missing_parameters(generate, self.spec.api)
        return tuple(f"the {self.spec.api} API has no parameter {name!r}" for name in missing)

    def answer(self, requests: Iterable[Request]) -> Iterator[Response]:
        """Yield one response a request, in the order they arrive.

        Raises ModelError when no call can be answered.
        """
        for answers in self.answer_batches(requests):
            yield from answers

    def answer_batches(self, requests: Iterable[Request]) -> Iterator[list[Response]]:
        """Yield the responses that arrived since the last look, all at once.

        Who keeps them can do so in one go.
        """
        self.endpoint.require_key()
        build = batch_engine if self.spec.api == "batch" else live_engine
        engine = build(
            self.name,
            self.spec,
            endpoint=self.endpoint,
            context=self.context,
            identity=self.identity,
            adaptation=self.adaptation,
            news=self.news,
        )
        self._batches = engine if isinstance(engine, BatchEngine) else None
        told = self.news.ends is not None
        for answers in relay_batches(engine, requests):
            if not told and self.news.ends is not None:
                told = True
                for note in self.notes:
                    self.context.progress(note)
            yield answers
        if self._batches is not None:
            self._batches.forget_collected()

    def take_unasked(self) -> list[tuple[Request, Response]]:
        """Hand over what earlier batches brought and nobody asked for."""
        return [] if self._batches is None else self._batches.spare.take()

    def close(self) -> None:
        """Close nothing: nothing stays open between two rounds of asking."""

    def _of_job(self, named: str) -> str:
        job = read_job_name(named)
        if job is None:
            raise ModelError(Problem(what=f"{named!r} names no fine-tuning job", allowed=JOB_NAMES))
        client = open_sync_client(self.endpoint) if self.endpoint.key else None
        redact = Redactor(self.endpoint.secrets())
        try:
            desk = JobDesk(shown=self.endpoint.shown, root=self.context.root, client=client, redact=redact)
            model, self._job = desk.resolve(job)
            return model
        finally:
            if client is not None:
                client.close()

    def _details(self) -> dict[str, Json]:
        details: dict[str, Json] = {}
        if is_job(self.spec.model or ""):
            details["job"] = self.spec.model
        tuned = {**(self._job.tell() if self._job is not None else {}), **tell_model_name(self.model)}
        if tuned:
            details["fine_tuning"] = tuned
        if self.spec.api == "batch":
            details["price_share"] = BATCH_SHARE
        if self.news.ends is not None:
            details["shutdown_date"] = self.news.ends.isoformat()
        if self.adaptation.changes:
            details["adapted"] = dict(self.adaptation.changes)
        return details
