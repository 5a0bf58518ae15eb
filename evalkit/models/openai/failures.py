"""An error body becomes a named failure.

Kinds follow what can be done about them, not the status alone: a 429 may be a rate (wait), an exhausted quota
(never retry) or a request larger than the rate allows (never retry); a 400 may be a filter or a context too long.
"""

from __future__ import annotations

from collections.abc import Mapping

from evalkit.core.exchange import Failure, FailureKind, Json
from evalkit.models.openai.read_values import parse_json

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
    "invalid_prompt": "content_filter",
    "safety": "content_filter",
    "data_inspection_failed": "content_filter",
    "content_policy_violation": "content_filter",
    "responsibleaipolicyviolation": "content_filter",
    "context_length_exceeded": "context_length",
    "exceed_context_size_error": "context_length",
    "model_max_prompt_tokens_exceeded": "context_length",
    "token_limit_exceeded": "rate_limit",
    "insufficient_balance": "quota",
    "payment_required": "quota",
    "authentication_error": "auth",
    "permission_denied": "auth",
    "unauthenticated": "auth",
    "resource_exhausted": "rate_limit",
    "not_found_error": "not_found",
    "rate_limit_error": "rate_limit",
    "throttlingexception": "rate_limit",
    "too_many_requests": "rate_limit",
    "unavailable": "server",
    "internal": "server",
    "api_error": "server",
    "string_above_max_length": "context_length",
    "rate_limit_exceeded": "rate_limit",
    "server_error": "server",
    "internal_error": "server",
    "overloaded_error": "server",
    "timeout": "timeout",
}
_BY_STATUS: Mapping[int, FailureKind] = {
    401: "auth", 402: "quota", 403: "auth", 404: "not_found", 408: "timeout", 409: "server", 425: "server",
    429: "rate_limit",
}  # fmt: skip
_TOO_LONG = (
    "maximum context length", "context window", "context length", "prompt is too long", "too many tokens",
    "context size", "max_model_len", "maximum input length", "input is too long", "input length",
    "maximum prompt length", "max_seq_len", "maximum number of tokens", "token count exceeds",
    "exceeds the maximum number of tokens", "reduce the length of the messages", "prompt exceeds",
)  # fmt: skip
_FILTERED = ("content management policy", "flagged as potentially violating", "safety system", "content policy")
_LONGEST = 2_000


def read_failure(body: Json, *, status: int | None = None) -> Failure:
    """Return the failure that an error body names.

    Bodies may have any shape, text and None included.
    """
    error = error_of(body)
    code = _text(error.get("code")).lower()
    inner = error.get("innererror")
    inner_code = _text(inner.get("code")).lower() if isinstance(inner, Mapping) else ""
    message = _message_of(error)
    if status in (None, 200):
        own = error.get("status", error.get("code"))
        status = own if _is_status(own) else status
    raw = _cause_behind(error)
    message += f": {raw}" if raw and raw not in message else ""
    words = (inner_code, code, _text(error.get("type")).lower(), _text(error.get("status")).lower())
    kind = _kind(status, codes=words, message=message.lower())
    if kind == "quota" and _says_when(error):
        kind = "rate_limit"  # Gemini says quota of a minute's rate too, and then when to come back
    label = f" [{code}]" if code and code not in message.lower() else ""
    return Failure(kind=kind, message=(message + label)[:_LONGEST], status=status)


def _is_status(value: Json) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 100 <= value <= 599


def parameter_of(body: Json) -> str | None:
    """Return the parameter an error body blames, if it names one."""
    error = error_of(body)
    value = error.get("param")
    if isinstance(value, str):
        return value
    for item in _items_of(error):
        place = item.get("loc")
        if isinstance(place, list) and len(place) > 1 and isinstance(place[1], str):
            return place[1]
    return None


def _kind(status: int | None, *, codes: tuple[str, ...], message: str) -> FailureKind:
    named = next((_BY_CODE[c] for c in codes if c in _BY_CODE), None)
    if named == "rate_limit" and message.startswith("request too large"):
        return "bad_request"
    if named is not None:
        return named
    if any(phrase in message for phrase in _TOO_LONG) and status in (None, 400, 413, 422):
        return "context_length"
    if "exceeded your current quota" in message or "insufficient balance" in message:
        return "quota"
    if any(phrase in message for phrase in _FILTERED) and status in (None, 400, 403, 422):
        return "content_filter"
    if status is not None:
        if status in _BY_STATUS:
            return _BY_STATUS[status]
        if status >= 500:
            return "server"
        if status >= 400:
            return "bad_request"
    return "bad_request" if "invalid_request_error" in codes else "other"


def error_of(body: Json) -> Mapping[str, Json]:
    """Return the object that tells of an error.

    It is ``{"error": {...}}``, ``{"error": "text"}``, ``{"message"}``, ``{"detail"}``, ``{"errors": [...]}``, a list of
    any of these, or plain text.
    """
    if isinstance(body, list) and body and isinstance(body[0], Mapping):
        body = body[0]
    if isinstance(body, Mapping):
        listed = body.get("errors")
        first = listed[0] if isinstance(listed, list) and listed else None
        error = body.get("error") or first or body
        if isinstance(error, Mapping):
            return error
        return {**{key: body[key] for key in ("code", "type", "param") if key in body}, "message": str(error)}
    return {"message": str(body).strip()} if body else {}


def _message_of(error: Mapping[str, Json]) -> str:
    """What an error says of itself, in any of the places where servers put it."""
    for key in ("message", "msg", "error_message", "error_description", "title"):
        if _text(error.get(key)):
            return _text(error[key])
    detail = error.get("detail")
    items = _items_of(error)
    if items:
        return "; ".join(filter(None, (_item_text(item) for item in items))) or str(detail)
    return _text(detail) or (str(detail) if detail else "") or _text(error.get("type")) or "no message"


def _items_of(error: Mapping[str, Json]) -> list[Mapping[str, Json]]:
    """The single faults of a validation error: a list under `detail` or `message`."""
    for key in ("detail", "message"):
        value = error.get(key)
        value = value.get("detail") if isinstance(value, Mapping) else value
        if isinstance(value, list):
            return [item for item in value if isinstance(item, Mapping)]
    return []


def _item_text(item: Mapping[str, Json]) -> str:
    place = item.get("loc")
    where = ".".join(str(part) for part in place if part != "body") if isinstance(place, list) else ""
    return f"{where}: {_text(item.get('msg'))}" if where else _text(item.get("msg"))


def _cause_behind(error: Mapping[str, Json]) -> str:
    """What the provider behind a router said: a text, or JSON with an error of its own."""
    metadata = error.get("metadata")
    raw = metadata.get("raw") if isinstance(metadata, Mapping) else None
    if isinstance(raw, str):
        try:
            raw = parse_json(raw)
        except ValueError:
            return raw
    if isinstance(raw, (Mapping, list)) and raw:
        return _message_of(error_of(raw))
    return _text(raw)


def _says_when(error: Mapping[str, Json]) -> bool:
    """Whether an error says after how long its call may be made again."""
    details = error.get("details")
    return isinstance(details, list) and any(isinstance(one, Mapping) and one.get("retryDelay") for one in details)


def _text(value: Json) -> str:
    return value if isinstance(value, str) else ""
