"""A connection that did not hold becomes a named failure.

The client's aiohttp transport reports resets as connect timeouts; the exception that caused them tells which it was.
"""

from __future__ import annotations

from collections.abc import Iterator

from evalkit.core.exchange import Failure
from evalkit.models.openai.body_limit import BodyTooLarge

_UNREACHABLE = ("ClientConnectorError", "ClientConnectorDNSError", "ConnectError", "NonHttpUrlClientError",
                "InvalidUrlClientError", "ConnectionRefusedError", "gaierror", "ClientConnectorCertificateError",
                "UnsupportedProtocol")  # fmt: skip
_RESETS = ("ServerDisconnectedError", "ClientOSError", "ClientConnectionResetError", "ConnectionResetError",
           "ClientPayloadError", "BrokenPipeError", "RemoteProtocolError", "ReadError", "WriteError",
           "ClientConnectionError", "IncompleteRead", "EndOfStream")  # fmt: skip
_TIMEOUTS = ("ConnectionTimeoutError", "ServerTimeoutError", "SocketTimeoutError", "TimeoutError", "ReadTimeout",
             "ConnectTimeout", "PoolTimeout", "WriteTimeout", "APITimeoutError", "TimeoutException")  # fmt: skip


def connection_failure(error: BaseException) -> tuple[Failure, bool]:
    """Return the failure behind a transport exception.

    The second value says whether the server could not be reached at all.
    """
    chain = list(_causes(error))
    large = next((link for link in chain if isinstance(link, BodyTooLarge)), None)
    if large is not None:
        return Failure(kind="other", message=str(large)), False
    cause = chain[-1]
    names = [type(link).__name__ for link in chain]
    why = str(cause).strip() or type(cause).__name__
    if any(name in _UNREACHABLE for name in names):
        return Failure(kind="connection", message=f"no connection: {why}"), True
    deepest = next((n for n in reversed(names) if n in _RESETS or n in _TIMEOUTS), None)
    if deepest in _TIMEOUTS:
        return Failure(kind="timeout", message=f"the server was silent for too long: {why}"), False
    if deepest in _RESETS:
        return Failure(kind="connection", message=f"the connection broke: {why}"), False
    return Failure(kind="connection", message=f"the call failed in transit: {type(cause).__name__}: {why}"), False


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The exception and what caused it, outermost first."""
    seen: set[int] = set()
    link: BaseException | None = error
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        yield link
        link = link.__cause__ or link.__context__
