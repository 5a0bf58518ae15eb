"""The official client, opened for one endpoint: configuration, authentication and Azure are its business.

Calls go through ``client.post`` cast to the raw response; the JSON is read here. Its own retries are off, because
what to do after a failure depends on all calls in flight, which only the flow sees.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast

from evalkit.core.errors import MissingExtra
from evalkit.models.openai.body_limit import BodyTooLarge
from evalkit.models.openai.endpoint import Endpoint
from evalkit.models.openai.lean_client import lean_client
from evalkit.models.openai.lean_http import lean_http_client
from evalkit.suite.spec import Limits

if TYPE_CHECKING:
    from openai import AsyncOpenAI, OpenAI

CONNECTIONS = 1_024
"""More than any number of calls in flight, so that nothing ever waits for a connection inside the transport"""


_COPIED_AT_ONCE: tuple[object, ...] = (None, True, False, {}, [], ())
_SET_BY_POST = ("method", "url", "files", "content", "json_data")


def open_client(endpoint: Endpoint, limits: Limits) -> AsyncOpenAI:
    """Open an asynchronous client; raise ModelError without a key that is needed."""
    key = endpoint.require_key()
    openai = _openai()
    timeout = call_options(limits)["timeout"]
    shared: dict[str, Any] = {
        "api_key": key,
        "max_retries": 0,
        "timeout": timeout,
        "http_client": lean_http_client(
            _http_library(openai), openai.DefaultAioHttpClient, timeout=timeout, limits=_limits(openai), **_trust()
        ),
        **_address(endpoint),
    }
    # Azure's client puts the deployment, which the body names, into the URL: each request is its own
    client = openai.AsyncAzureOpenAI(**shared) if endpoint.is_azure else lean_client(openai.AsyncOpenAI, **shared)
    return cast("AsyncOpenAI", client)


def open_sync_client(endpoint: Endpoint) -> OpenAI:
    """Open a plain client for the few questions that are no model calls.

    An example: which model did a job make?
    """
    openai = _openai()
    shared: dict[str, Any] = {"api_key": endpoint.require_key(), "timeout": 30.0, **_address(endpoint)}
    shared.pop("azure_deployment", None)  # jobs and files are the resource's, not a deployment's
    return cast("OpenAI", openai.AzureOpenAI(**shared) if endpoint.is_azure else openai.OpenAI(**shared))


def _address(endpoint: Endpoint) -> dict[str, Any]:
    """Where a client sends its calls, in the words of its constructor."""
    if endpoint.is_azure:
        return {
            "azure_endpoint": endpoint.url,
            "azure_deployment": endpoint.deployment,
            "api_version": endpoint.api_version,
            "organization": endpoint.organization,
            "default_headers": endpoint.headers or None,
        }
    return {
        "base_url": endpoint.url,
        "organization": endpoint.organization,
        "project": endpoint.project,
        "default_headers": endpoint.headers or None,
        "default_query": endpoint.query or None,
    }


def _openai() -> Any:
    try:
        import openai
    except ImportError as error:
        raise MissingExtra("openai", "openai", "provider openai") from error
    return openai


def _trust() -> dict[str, Any]:
    """Whom connections trust: certificates are read once (some 50 ms) and serve every arm."""
    make = getattr(_http_library(_openai()), "create_ssl_context", None)
    where = tuple(os.environ.get(name) for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"))
    return {} if make is None else {"verify": _ssl_context(make, where)}


@lru_cache(maxsize=1)
def _ssl_context(make: Callable[[], Any], where: tuple[str | None, ...]) -> Any:
    """A context made from the files that the environment names now (`where`)."""
    return make()


def call_url(client: AsyncOpenAI, endpoint: Endpoint, path: str) -> str:
    """Return what to post to.

    It is the whole URL, which the client then need not put together anew for every call.

    Azure's client finds the deployment from the path alone.
    """
    return path if endpoint.is_azure else f"{str(client.base_url).rstrip('/')}{path}"


def call_options(limits: Limits) -> dict[str, Any]:
    """Return the client's own options for a call, spelled out.

    The client would else copy its defaults deeply for each call.
    """
    openai = _openai()
    timeout = openai.Timeout(limits.first_byte_timeout_s, connect=limits.connect_timeout_s, pool=None)
    # no key against repetition is made up: nothing is sent twice by the client itself
    return {**_defaults(), "headers": {}, "max_retries": 0, "timeout": timeout, "idempotency_key": ""}


def _defaults() -> dict[str, Any]:
    """What the installed client takes for an option that nobody names, if it is one that it would copy deeply.

    {} where it keeps them elsewhere. Plain and empty values it copies sooner than it looks at one that is named.
    """
    try:
        from openai._models import FinalRequestOptions
    except ImportError:
        return {}
    named = {
        name: field.get_default(call_default_factory=True)
        for name, field in FinalRequestOptions.model_fields.items()
        if name not in _SET_BY_POST
    }
    return {name: value for name, value in named.items() if not (value in _COPIED_AT_ONCE or isinstance(value, str))}


def transport_errors() -> tuple[type[Exception], ...]:
    """Return what a call may raise because of the server or the network.

    Anything else is a fault of a program.
    """
    import aiohttp

    openai = _openai()
    http = _http_library(openai)
    return (
        openai.OpenAIError,
        http.HTTPError,
        http.StreamError,
        http.InvalidURL,
        aiohttp.ClientError,
        OSError,
        EOFError,
        BodyTooLarge,
    )


def raw_response_type() -> type[Any]:
    """Return the response class of the client's own HTTP library.

    Casting to it returns the response unread.
    """
    return cast("type[Any]", _http_library(_openai()).Response)


def _limits(openai: Any) -> Any:
    return _http_library(openai).Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS)


def _http_library(openai: Any) -> Any:
    """The package the client is built on: httpx up to openai 2, httpx2 after."""
    base = next(kind for kind in openai.DefaultAsyncHttpxClient.__mro__ if kind.__name__ == "AsyncClient")
    return sys.modules[base.__module__.partition(".")[0]]
