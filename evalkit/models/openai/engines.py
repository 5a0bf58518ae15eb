"""Puts an engine together: which parts ask, for calls one by one and for batches."""

from __future__ import annotations

import asyncio
import datetime as dt
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from evalkit.core.exchange import ModelIdentity
from evalkit.models.context import Context
from evalkit.models.openai import batch, flow
from evalkit.models.openai.adapt import Adaptation
from evalkit.models.openai.apis import APIS
from evalkit.models.openai.attempt import Caller
from evalkit.models.openai.batch_state import SentBatches
from evalkit.models.openai.breaker import Breaker
from evalkit.models.openai.client import call_options, call_url, open_client, raw_response_type, transport_errors
from evalkit.models.openai.endpoint import Endpoint
from evalkit.models.openai.lifetime import shutdown_date
from evalkit.models.openai.pace import Pace
from evalkit.models.openai.rates import Rates
from evalkit.models.openai.secrets import Redactor
from evalkit.suite.spec import ModelSpec

if TYPE_CHECKING:
    from openai import AsyncOpenAI

CONCURRENCY = 64
"""Most calls in flight where models.yaml sets no `limits.concurrency`"""
SLOW_START = 16
"""Calls in flight to begin with at a server that nothing is known of"""
BATCH_RETRIES = 5
"""The client's own retries for the few calls that manage a batch"""
_GRACE_S = 1.0


@dataclass(slots=True)
class News:
    """What is learned about a model beside its answers.

    `ends` is the day it is switched off.
    """

    ends: dt.date | None = None
    looked: bool = False


@dataclass(slots=True, kw_only=True)
class Connection:
    """A client, opened on the loop that asks.

    The look at the model's shutdown date goes on beside it.
    """

    endpoint: Endpoint
    spec: ModelSpec
    model: str
    news: News
    _client: AsyncOpenAI | None = None
    _look: asyncio.Task[None] | None = field(default=None)

    async def open(self) -> AsyncOpenAI:
        """Open the client and begin to look."""
        self._client = open_client(self.endpoint, self.spec.limits)
        if not self.news.looked:
            self.news.looked = True
            self._look = asyncio.get_running_loop().create_task(self._ask_end(self._client))
        return self._client

    async def close(self) -> None:
        """Close the client.

        A look that is still on its way gets a moment to arrive.
        """
        if self._look is not None:
            await asyncio.wait([self._look], timeout=_GRACE_S)
            self._look.cancel()
        if self._client is not None:
            await self._client.close()

    async def _ask_end(self, client: AsyncOpenAI) -> None:
        self.news.ends = await shutdown_date(client, self.model)


def _caller(
    client: AsyncOpenAI, connection: Connection, *, adaptation: Adaptation, clock: Callable[[], float]
) -> Caller:
    spec, endpoint = connection.spec, connection.endpoint
    return Caller(
        client=client,
        raw=raw_response_type(),
        url=call_url(client, endpoint, APIS[spec.api].path),
        options=call_options(spec.limits),
        transport_errors=transport_errors(),
        api=APIS[spec.api],
        model=endpoint.name_of(connection.model),
        spec=spec,
        adaptation=adaptation,
        redact=Redactor(endpoint.secrets()),
        clock=clock,
    )


def live_engine(
    name: str,
    spec: ModelSpec,
    *,
    endpoint: Endpoint,
    context: Context,
    identity: ModelIdentity,
    adaptation: Adaptation,
    news: News,
) -> flow.Flow:
    """Make an engine that sends calls one by one.

    It makes as many calls at once as the server bears.
    """
    limits, clock = spec.limits, context.clock
    deadline = limits.deadline_s or flow.DEADLINE_S
    connection = Connection(endpoint=endpoint, spec=spec, model=identity.model, news=news)
    pace = Pace(ceiling=limits.concurrency or CONCURRENCY, start=_start(context, endpoint))

    async def close() -> None:
        context.borne[endpoint.shown] = pace.limit
        await connection.close()

    async def start() -> Caller:
        return _caller(await connection.open(), connection, adaptation=adaptation, clock=clock)

    return flow.Flow(
        open=start,
        close=close,
        pace=pace,
        rates=Rates(rpm=limits.rpm, tpm=limits.tpm, now=clock()),
        breaker=Breaker(
            shown=f"{name} ({identity.model} at {endpoint.shown})",
            key_env=endpoint.key_env,
            patience_s=deadline,
            last_answer=clock(),
        ),
        clock=clock,
        now=context.now,
        sleep=context.sleep,
        dice=random.Random(context.seed),
        deadline_s=deadline,
        tell=lambda said: context.progress(f"{name}: {said}"),
    )


def _start(context: Context, endpoint: Endpoint) -> int:
    """Calls in flight to begin with: what this server was found to bear in this run, else few."""
    return max(1, int(context.borne.get(endpoint.shown, SLOW_START)))


def batch_engine(
    name: str,
    spec: ModelSpec,
    *,
    endpoint: Endpoint,
    context: Context,
    identity: ModelIdentity,
    adaptation: Adaptation,
    news: News,
) -> batch.BatchEngine:
    """Make an engine that sends all calls in as few files as possible."""
    connection = Connection(endpoint=endpoint, spec=spec, model=identity.model, news=news)
    api = APIS[spec.api]

    async def start() -> AsyncOpenAI:
        return (await connection.open()).with_options(max_retries=BATCH_RETRIES)

    return batch.BatchEngine(
        open=start,
        close=connection.close,
        api=api,
        url=api.path if endpoint.is_azure else f"/v1{api.path}",
        model=endpoint.name_of(identity.model),
        fingerprint=identity.fingerprint,
        spec=spec,
        sent=SentBatches(context.root),
        adaptation=adaptation,
        redact=Redactor(endpoint.secrets()),
        clock=context.clock,
        sleep=context.sleep,
        progress=lambda said: context.progress(f"{name}: {said}"),
        deadline_s=spec.limits.deadline_s or batch.DEADLINE_S,
    )
