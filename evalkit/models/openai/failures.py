"""An error body becomes a named failure.

Kinds follow what can be done about them, not the status alone: a 429 may be a rate (wait), an exhausted quota
(never retry) or a request larger than the rate allows (never retry); a 400 may be a filter or a context too long.
"""

from __future__ import annotations

from collections.abc import Mapping

from evalkit.core.exchange import Failure, FailureKind, Json

HOPELESS: frozenset[FailureKind] = frozenset({"auth", "not_found", "quota"})
"""Causes that the next call would meet as well"""

_BY_CODE: Mapping[str, FailureKind] = {
    "insufficient_quota": "quota",
    "credit_balance_exhausted": "quota",
    "billing_hard_limit_reached": "quota",
    "billing_not_active": "quota",
    "access_terminated": "auth",
    "account_deactivated": "auth",
    "invalid_api_key": "auth",
    "invalid_organization": "auth",
    "model_not_found": "not_found",
    "deploymentnotfound": "not_found",
    "content_filter": "content_filter",
    "content_policy_violation": "content_filter",
    "responsibleaipolicyviolation": "content_filter",
    "context_length_exceeded": "context_length",
    "string_above_max_length": "context_length",
    "rate_limit_exceeded": "rate_limit",
    "server_error": "server",
    "internal_error": "server",
    "overloaded_error": "server",
    "timeout": "timeout",
}
_BY_STATUS: Mapping[int, FailureKind] = {401: "auth", 403: "auth", 404: "not_found", 408: "timeout", 409: "server",
                                         425: "server", 429: "rate_limit"}  # fmt: skip
_TOO_LONG = ("maximum context length", "context window", "context length", "prompt is too long", "too many tokens")
_LONGEST = 2_000


def read_failure(body: Json, *, status: int | None = None) -> Failure:
    """Return the failure that an error body names.

    Bodies may have any shape, text and None included.
    """
    error = _error_of(body)
    code = _text(error.get("code")).lower()
    inner = error.get("innererror")
    inner_code = _text(inner.get("code")).lower() if isinstance(inner, Mapping) else ""
    message = _text(error.get("message")) or _text(error.get("type")) or "no message"
    if status in (None, 200):
        own = error.get("status", error.get("code"))
        status = own if _is_status(own) else status
    kind = _kind(status, codes=(inner_code, code, _text(error.get("type")).lower()), message=message.lower())
    metadata = error.get("metadata")
    raw = _text(metadata.get("raw")) if isinstance(metadata, Mapping) else ""  # what the provider behind it said
    message += f": {raw}" if raw and raw not in message else ""
    label = f" [{code}]" if code and code not in message.lower() else ""
    return Failure(kind=kind, message=(message + label)[:_LONGEST], status=status)


def _is_status(value: Json) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 100 <= value <= 599


def parameter_of(body: Json) -> str | None:
    """Return the parameter an error body blames, if it names one."""
    value = _error_of(body).get("param")
    return value if isinstance(value, str) else None


def _kind(status: int | None, *, codes: tuple[str, ...], message: str) -> FailureKind:
    named = next((_BY_CODE[c] for c in codes if c in _BY_CODE), None)
    if named == "rate_limit" and message.startswith("request too large"):
        return "bad_request"
    if named is not None:
        return named
    if any(phrase in message for phrase in _TOO_LONG) and status in (None, 400, 413, 422):
        return "context_length"
    if "exceeded your current quota" in message:
        return "quota"
    if status is not None:
        if status in _BY_STATUS:
            return _BY_STATUS[status]
        if status >= 500:
            return "server"
        if status >= 400:
            return "bad_request"
    return "bad_request" if "invalid_request_error" in codes else "other"


def _error_of(body: Json) -> Mapping[str, Json]:
    """The error object: ``{"error": {...}}``, ``{"error": "text"}``, ``{"message"}``, ``{"detail"}``, or plain text."""
    if isinstance(body, Mapping):
        error = body.get("error") or body
        if isinstance(error, Mapping):
            return error if "message" in error or "detail" not in error else {**error, "message": str(error["detail"])}
        return {"message": str(error)}
    return {"message": str(body).strip()} if body else {}


def _text(value: Json) -> str:
    return value if isinstance(value, str) else ""
