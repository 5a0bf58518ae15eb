"""The client's aiohttp transport without what a model call does not need.

httpx prepares every request as if it were the first: it parses the URL three times, merges six sets of headers and
cookies, and walks an authentication and a redirect flow. For a POST of JSON to one URL, whose headers the official
client has already made, none of that changes anything; leaving it out saves about a quarter of a call's CPU time.
Everything else (uploads, streams, other methods, redirects) takes the ordinary way.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

from evalkit.models.openai.body_limit import read_within_limit, unpack_within_limit

_Base: Any = object
"""In its place stands the library's own class"""


class _LeanHttpClient(_Base):  # type: ignore[misc]  # its base is known when it runs
    """Short way for plain POSTs, the ordinary one for everything else."""

    _http: Any
    """The library that the client is built on"""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._lean_urls: dict[str, Any] = {}
        self._lean_headers: dict[tuple[tuple[str, str], ...], Any] = {}
        self._lean_exchange = Exchange(self._http)
        encodings = self.headers.get("accept-encoding")
        self._lean_own = (("accept-encoding", encodings),) if encodings else ()

    def build_request(self, method: str, url: Any, **kwargs: Any) -> Any:
        content = kwargs.get("content")
        special = kwargs.get("files") or kwargs.get("params") or self.params
        if method.upper() != "POST" or not isinstance(content, bytes) or special:
            return super().build_request(method, url, **kwargs)
        parsed = self._lean_urls.get(str(url))
        if parsed is None:
            parsed = self._lean_urls[str(url)] = self._http.URL(url)
        given = kwargs["headers"]  # pairs, or (openai 2) the library's own mapping of them
        pairs = given.multi_items() if isinstance(given, self._http.Headers) else given
        timeout = self._http.Timeout(kwargs["timeout"]) if "timeout" in kwargs else self.timeout
        request = self._http.Request(
            "POST",
            parsed,
            headers=self._lean_encoded((*pairs, *self._lean_own)),
            stream=self._http.ByteStream(content),
            extensions={"timeout": timeout.as_dict(), "lean": True},
        )
        request.read()
        return request

    def can_repeat(self, request: Any) -> bool:
        """Whether a request is one that `again` can make once more with another body."""
        return "lean" in request.extensions

    def again(self, request: Any, content: bytes) -> Any:
        """The same request with another body. Headers are shared: nobody writes into them."""
        made = self._http.Request(
            "POST", request.url, stream=self._http.ByteStream(content), extensions=dict(request.extensions)
        )
        made.headers = request.headers
        made.read()
        return made

    def _lean_encoded(self, wanted: tuple[tuple[str, str], ...]) -> Any:
        """Encoded headers; the same from call to call, so that one set serves them all."""
        made = self._lean_headers.get(wanted)
        if made is None:
            self._lean_headers.clear()
            made = self._lean_headers[wanted] = self._http.Headers(wanted)
        return made

    async def send(self, request: Any, *, stream: bool = False, **kwargs: Any) -> Any:
        if stream or "lean" not in request.extensions or self.is_closed:
            return await super().send(request, stream=stream, **kwargs)
        transport = self._transport_for_url(request.url)
        if self._lean_exchange.can(transport):
            response = await self._lean_exchange.post(transport, request)
        else:
            response = await transport.handle_async_request(request)
            response.request = request
        if response.has_redirect_location:
            await response.aclose()
            request.headers = request.headers.copy()  # other calls share them
            request.headers["content-length"] = str(len(request.content))
            # only the rest of the way: whoever answers 303 has done what was asked
            return await super().send(self._build_redirect_request(request, response), stream=stream, **kwargs)
        try:
            await response.aread()
        except BaseException:
            await response.aclose()
            raise
        return response


def lean_http_client(http: Any, base: type[Any], **options: Any) -> Any:
    """Open the client's own aiohttp client with a short way for calls.

    `base` is the client's; the aiohttp one is of the library `http`.
    """
    return type("LeanHttpClient", (_LeanHttpClient, base), {"_http": http})(**options)


class Exchange:
    """One POST over the transport's own aiohttp session, its answer read whole.

    Errors are as the transport names them.
    """

    def __init__(self, http: Any) -> None:
        self._http = http
        self._urls: dict[str, Any] = {}
        self._timeouts: dict[tuple[float | None, ...], Any] = {}
        self._headers: tuple[Any, Any] = (None, None)

    def can(self, transport: Any) -> bool:
        """Return whether the transport has its session open, and no proxy."""
        import aiohttp

        session = getattr(transport, "client", None)
        return isinstance(session, aiohttp.ClientSession) and getattr(transport, "proxy", None) is None

    async def post(self, transport: Any, request: Any) -> Any:
        """Return the response, its body read."""
        with sys.modules[type(transport).__module__].map_aiohttp_exceptions():
            async with transport.client.post(
                self._url(str(request.url)),
                headers=self._plain(request.headers),
                data=request.content,
                allow_redirects=False,
                auto_decompress=False,
                timeout=self._timeout(request.extensions["timeout"]),
            ) as reply:
                content = await read_within_limit(reply)
        response = self._http.Response(
            reply.status, headers=reply.raw_headers, stream=self._http.ByteStream(content), request=request
        )
        if "content-encoding" in response.headers:
            content = await unpack_within_limit(self._http, reply.raw_headers, content)
        response._content = content
        return response

    def _url(self, text: str) -> Any:
        import yarl

        found = self._urls.get(text)
        if found is None:
            found = self._urls[text] = yarl.URL(text)  # spelled as the transport spells it
        return found

    def _timeout(self, wanted: Mapping[str, float | None]) -> Any:
        import aiohttp

        key = (wanted.get("connect"), wanted.get("read"), wanted.get("pool"))
        found = self._timeouts.get(key)
        if found is None:
            found = aiohttp.ClientTimeout(sock_connect=key[0], sock_read=key[1], connect=key[2])
            self._timeouts[key] = found
        return found

    def _plain(self, headers: Any) -> Any:
        """Headers as aiohttp wants them; those of the call before where they are the same object."""
        import multidict

        if self._headers[0] is not headers:
            self._headers = (headers, multidict.CIMultiDict(headers.multi_items()))
        return self._headers[1]
