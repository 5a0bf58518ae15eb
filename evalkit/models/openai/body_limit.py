"""How large one answer may be: a body without end, or one that unpacks to gigabytes, costs what fits in this limit."""

from __future__ import annotations

from typing import Any

LIMIT = 64 * 2**20
"""Bytes of one answer, unpacked"""
_SLICE = 2**16


class BodyTooLarge(Exception):
    """An answer has more bytes than any answer needs."""


def within_limit(size: int) -> int:
    """Return the size; raise BodyTooLarge beyond the limit."""
    if size > LIMIT:
        raise BodyTooLarge(f"the body is larger than {LIMIT // 2**20} MB, which no answer is")
    return size


async def read_within_limit(reply: Any) -> bytes:
    """Return the bytes of an aiohttp reply as they came.

    Raises BodyTooLarge as soon as there are too many.
    """
    if reply.content_length is not None:
        within_limit(reply.content_length)
        content: bytes = await reply.read()
        return content
    parts, size = [], 0
    async for part in reply.content.iter_any():
        size = within_limit(size + len(part))
        parts.append(part)
    return b"".join(parts)


async def unpack_within_limit(http: Any, headers: Any, content: bytes) -> bytes:
    """Return content unpacked as its headers say.

    It is unpacked piece by piece, so that a small body that unpacks to a huge one is found in time.
    """

    class Slices(http.AsyncByteStream):  # type: ignore[misc]  # the library is known when it runs
        async def __aiter__(self) -> Any:
            for at in range(0, len(content), _SLICE):
                yield content[at : at + _SLICE]

    parts, size = [], 0
    async for part in http.Response(200, headers=headers, stream=Slices()).aiter_bytes():
        size = within_limit(size + len(part))
        parts.append(part)
    return b"".join(parts)
