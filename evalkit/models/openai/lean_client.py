"""The official client, made to build the request of a model call once.

For every call the client merges and checks its headers, parses its URL and copies both into a request, though from one
call of a model to the next only the body differs: a third of a call's CPU time. Here the first request is built by the
client and kept; the next ones are its copies with another body, as long as everything that made it is the same (the
key, too, which may be renewed). All else the client does as ever. Where a later version of the client builds requests
in another way, `_build_request` is never called, or called with something this does not know: then nothing is left out.
"""

from __future__ import annotations

import json
from typing import Any

_DUMPS = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode
"""JSON as the client writes it"""


def lean_client(base: type[Any], **options: Any) -> Any:
    """The client `base` with a short way to the requests of model calls; its `http_client` has `again`."""

    class LeanClient(base):  # type: ignore[misc]
        """Builds the first request of its kind, copies it for those after."""

        _lean_shape: tuple[Any, ...] | None = None
        _lean_request: Any = None

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

    LeanClient.__name__ = base.__name__  # the client tells servers the name of its class
    return LeanClient(**options)
