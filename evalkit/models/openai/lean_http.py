"""The client's aiohttp transport without what a model call does not need.

httpx prepares every request as if it were the first: it parses the URL three times, merges six sets of headers and
cookies, and walks an authentication and a redirect flow. For a POST of JSON to one URL, whose headers the official
client has already made, none of that changes anything; leaving it out saves about a quarter of a call's CPU time.
Everything else (uploads, streams, other methods, redirects) takes the ordinary way.
"""

from __future__ import annotations

from typing import Any


def lean_http_client(http: Any, base: type[Any], **options: Any) -> Any:
    """The client's own aiohttp HTTP client (`base`, of the library `http`) with a short way for model calls."""

    class LeanHttpClient(base):  # type: ignore[misc]
        """Short way for plain POSTs, the ordinary one for everything else."""

        def __init__(self, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            self._lean_urls: dict[str, Any] = {}
            self._lean_headers: dict[tuple[tuple[str, str], ...], Any] = {}
            encodings = self.headers.get("accept-encoding")
            self._lean_own = (("accept-encoding", encodings),) if encodings else ()

        def build_request(self, method: str, url: Any, **kwargs: Any) -> Any:
            content = kwargs.get("content")
            special = kwargs.get("files") or kwargs.get("params") or self.params or not isinstance(url, str)
            if method.upper() != "POST" or not isinstance(content, bytes) or special:
                return super().build_request(method, url, **kwargs)
            parsed = self._lean_urls.get(url)
            if parsed is None:
                parsed = self._lean_urls[url] = http.URL(url)
            timeout = http.Timeout(kwargs["timeout"]) if "timeout" in kwargs else self.timeout
            request = http.Request(
                "POST",
                parsed,
                headers=self._lean_encoded((*kwargs["headers"], *self._lean_own)),
                stream=http.ByteStream(content),
                extensions={"timeout": timeout.as_dict(), "lean": True},
            )
            request.read()
            return request

        def _lean_encoded(self, wanted: tuple[tuple[str, str], ...]) -> Any:
            """Encoded headers; the same from call to call, so that one set serves them all."""
            made = self._lean_headers.get(wanted)
            if made is None:
                self._lean_headers.clear()
                made = self._lean_headers[wanted] = http.Headers(wanted)
            return made

        async def send(self, request: Any, *, stream: bool = False, **kwargs: Any) -> Any:
            if stream or "lean" not in request.extensions or self.is_closed:
                return await super().send(request, stream=stream, **kwargs)
            response = await self._transport_for_url(request.url).handle_async_request(request)
            response.request = request
            if response.has_redirect_location:
                await response.aclose()
                request.headers["content-length"] = str(len(request.content))
                return await super().send(request, stream=stream, **kwargs)
            try:
                await response.aread()
            except BaseException:
                await response.aclose()
                raise
            return response

    return LeanHttpClient(**options)
