"""The model behind provider `openai`."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from evalkit.core.nouns import ModelIdentity, Request, Response
from evalkit.models.context import Context
from evalkit.models.openai.adapt import Adaptation
from evalkit.models.openai.apis import APIS
from evalkit.models.openai.attempt import Caller
from evalkit.models.openai.breaker import Breaker
from evalkit.models.openai.client import open_client, raw_response_type
from evalkit.models.openai.endpoint import Endpoint
from evalkit.models.openai.flow import DEADLINE_S, Attempts, Flow
from evalkit.models.openai.identity import identity_of
from evalkit.models.openai.pace import Pace
from evalkit.models.openai.rates import Rates
from evalkit.models.openai.relay import relay
from evalkit.models.openai.secrets import Redactor
from evalkit.suite.spec import ModelSpec

CONCURRENCY = 64
"""Most calls in flight where models.yaml sets no `limits.concurrency`"""


@dataclass(slots=True, kw_only=True)
class OpenAIModel:
    """A model behind an OpenAI-compatible API. Opening it makes no call; `answer` does."""

    name: str
    spec: ModelSpec
    endpoint: Endpoint
    context: Context
    adaptation: Adaptation = field(default_factory=Adaptation)
    scores_choices: bool = False

    @property
    def identity(self) -> ModelIdentity:
        """Who answers."""
        return identity_of(self.name, self.spec, endpoint=self.endpoint, model=self.model)

    @property
    def model(self) -> str:
        """The model's name as calls name it."""
        return self.spec.model or self.endpoint.deployment or ""

    def answer(self, requests: Iterable[Request]) -> Iterator[Response]:
        """One response a request, in the order they arrive; ModelError when no call can be answered."""
        self.endpoint.require_key()
        yield from relay(self._flow(), requests)

    def close(self) -> None:
        """Nothing stays open between two rounds of asking."""

    def _flow(self) -> Flow:
        limits, clock = self.spec.limits, self.context.clock
        client = None

        async def start() -> Attempts:
            nonlocal client
            client = open_client(self.endpoint, limits)
            return Caller(
                client=client,
                raw=raw_response_type(),
                api=APIS[self.spec.api],
                model=self.model,
                spec=self.spec,
                adaptation=self.adaptation,
                redact=Redactor(self.endpoint.secrets()),
                clock=clock,
            )

        async def stop() -> None:
            if client is not None:
                await client.close()

        deadline = limits.deadline_s or DEADLINE_S
        return Flow(
            open=start,
            close=stop,
            pace=Pace(ceiling=limits.concurrency or CONCURRENCY),
            rates=Rates(rpm=limits.rpm, tpm=limits.tpm, now=clock()),
            breaker=Breaker(
                shown=f"{self.name} ({self.model} at {self.endpoint.shown})",
                key_env=self.endpoint.key_env,
                patience_s=deadline,
                last_answer=clock(),
            ),
            clock=clock,
            now=self.context.now,
            sleep=self.context.sleep,
            dice=random.Random(self.context.seed),
            deadline_s=deadline,
        )
