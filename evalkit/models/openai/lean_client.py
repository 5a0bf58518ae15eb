"""The official client, made to prepare a model call once.

For every call the client checks its options, merges its headers, parses its URL and copies all of it into a request,
though from one call of a model to the next only the body differs: two fifths of a call's CPU time. Here the client
prepares the first call and what it made is kept; the next calls are copies with another body, as long as everything
that made the first is the same (the key, too, which may be renewed). All else the client does as ever. Where a version
of the client goes another way, what is overridden here is never called, or called with something that it does not
know: then nothing is left out.
"""

from __future__ import annotations

import json
from copy import copy
from typing import Any

_DUMPS = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode
"""JSON as the client writes it"""


_Base: Any = object
"""In its place stands the client's own class"""


class _LeanClient(_Base):  # type: ignore[misc]  # its base is known when it runs
    """Builds the first request of its kind, copies it for those after."""

    _lean_shape: tuple[Any, ...] | None = None
    _lean_request: Any = None
    _lean_asked: tuple[Any, Any] = (None, None)
    _lean_final: Any = None

    async def post(self, path: str, *, cast_to: Any, body: Any = None, options: Any = None, **rest: Any) -> Any:
        if rest or options is None:
            self._lean_asked = (None, None)
            return await super().post(path, cast_to=cast_to, body=body, options=options or {}, **rest)
        asked, final = self._lean_asked, self._lean_final
        if final is None or asked[0] != path or asked[1] is not options:
            self._lean_asked, self._lean_final = (path, options), None
            return await super().post(path, cast_to=cast_to, body=body, options=options)
        final = copy(final)
        final.json_data = body
        return await self.request(cast_to, final)

    async def request(self, cast_to: Any, options: Any, **how: Any) -> Any:
        path, given = self._lean_asked
        fresh = self._lean_final is None and given is not None and not how.get("stream")
        if fresh and getattr(options, "url", None) == path and hasattr(options, "json_data"):
            self._lean_final = copy(options)
        return await super().request(cast_to, options, **how)

    def _build_request(self, options: Any, **how: Any) -> Any:
        shape = self._lean_shape_of(options, how)
        if shape is not None and shape == self._lean_shape:
            try:
                return self._client.again(self._lean_request, _DUMPS(options.json_data).encode())
            except (TypeError, ValueError):
                shape = None  # no plain JSON: the client's own writer says what is wrong with it
        request = super()._build_request(options, **how)
        if shape is not None and self._client.can_repeat(request):
            self._lean_shape, self._lean_request = shape, request
        return request

    def _lean_shape_of(self, options: Any, how: dict[str, Any]) -> tuple[Any, ...] | None:
        """All that makes a request but its body; None where there may be more."""
        try:
            plain = options.method == "post" and type(options.json_data) is dict
            if not plain or any((options.headers, options.params, options.files, options.extra_json)):
                return None
            if getattr(options, "content", None) is not None:
                return None
            auth = self._auth_headers(options.security) if hasattr(options, "security") else self.auth_headers
            return options.url, options.timeout, options.idempotency_key, auth, how
        except AttributeError:
            return None


def lean_client(base: type[Any], **options: Any) -> Any:
    """Open the client `base` with a short way to the requests of model calls.

    Its `http_client` has `again`.
    """
    return type(base.__name__, (_LeanClient, base), {})(**options)  # servers are told the name of its class
