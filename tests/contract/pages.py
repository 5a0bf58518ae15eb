"""What stands in a page: its own text, and the texts that it unpacks."""

from __future__ import annotations

import base64
import contextlib
import re
import zlib

_PACKED = re.compile(rb"eJ[A-Za-z0-9+/]{8,}={0,2}")
"""base64 of a zlib stream at its usual level"""


def unpack_parts(page: bytes) -> list[bytes]:
    """Every part of a page that is deflated and in base64, as it was before."""
    found = []
    for packed in _PACKED.findall(page):
        with contextlib.suppress(zlib.error, ValueError):
            found.append(zlib.decompress(base64.b64decode(packed)))
    return found


def page_text(page: bytes) -> str:
    """The page with all that it unpacks."""
    return b"\n".join([page, *unpack_parts(page)]).decode("utf-8")
