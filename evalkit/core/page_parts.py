"""What a page holds packed: JSON, deflated, in base64, each part in a script element that nothing runs."""

from __future__ import annotations

import base64
import json
import re
import zlib

from evalkit.core.exchange import Json

_PART = re.compile(r'<script type="text/plain" id="([a-z0-9-]+)">([^<]*)</script>')
_SURROGATE = re.compile("[\ud800-\udfff]")


def pack(value: Json, *, level: int = 6) -> str:
    """Return a value as JSON, deflated (zlib), in base64."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    whole = _SURROGATE.sub(escape, text)
    return base64.b64encode(zlib.compress(whole.encode(), level)).decode()


def unpack(text: str) -> Json:
    """Return the value that `pack` packed."""
    value: Json = json.loads(zlib.decompress(base64.b64decode(text)))
    return value


def packed_parts(page: str) -> dict[str, str]:
    """Return the parts of a page as they stand in it, by their ids."""
    return dict(_PART.findall(page))


def escape(mark: re.Match[str]) -> str:
    """Write one character as JSON's `\\uXXXX`."""
    return f"\\u{ord(mark[0]):04x}"
