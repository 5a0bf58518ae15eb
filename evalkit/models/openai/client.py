"""The official client, opened for one endpoint: configuration, authentication and Azure are its business.

Calls go through ``client.post`` cast to the raw response; the JSON is read here. Its own retries are off, because
what to do after a failure depends on all calls in flight, which only the flow sees.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from evalkit.core.errors import MissingExtra
from evalkit.models.openai.endpoint import Endpoint
from evalkit.suite.spec import Limits

if TYPE_CHECKING:
    from openai import AsyncOpenAI

CONNECTIONS = 1_024
"""More than any number of calls in flight, so that nothing ever waits for a connection inside the transport"""


def open_client(endpoint: Endpoint, limits: Limits) -> AsyncOpenAI:
    """An asynchronous client; ModelError without a key where one is needed."""
    key = endpoint.require_key()
    try:
        import openai
    except ImportError as error:
        raise MissingExtra("openai", "openai", "provider openai") from error
    timeout = openai.Timeout(limits.first_byte_timeout_s, connect=limits.connect_timeout_s, pool=None)
    http_client = openai.DefaultAioHttpClient(timeout=timeout, limits=_limits(openai))
    shared: dict[str, Any] = {
        "api_key": key,
        "max_retries": 0,
        "timeout": timeout,
        "http_client": http_client,
        "organization": endpoint.organization,
    }
    if endpoint.is_azure:
        return openai.AsyncAzureOpenAI(
            azure_endpoint=endpoint.url,
            azure_deployment=endpoint.deployment,
            api_version=endpoint.api_version,
            **shared,
        )
    return openai.AsyncOpenAI(base_url=endpoint.url, project=endpoint.project, **shared)


def raw_response_type() -> type[Any]:
    """The response class of the client's own HTTP library: casting to it returns the response unread."""
    import openai

    return _http_library(openai).Response  # type: ignore[no-any-return]


def _limits(openai: Any) -> Any:
    return _http_library(openai).Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS)


def _http_library(openai: Any) -> Any:
    """The package the client is built on: httpx up to openai 2, httpx2 after."""
    base = next(kind for kind in openai.DefaultAsyncHttpxClient.__mro__ if kind.__name__ == "AsyncClient")
    return sys.modules[base.__module__.partition(".")[0]]
