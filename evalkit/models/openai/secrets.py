"""Keys stay out of every text that leaves the process: errors, logs, the ledger, recordings, reports."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from urllib.parse import quote, quote_plus, urlsplit, urlunsplit

REDACTED = "[redacted]"
_LONG_ENOUGH = 8
"""Bytes from which a secret is told from other text in base64"""
_SHAPES = re.compile(
    r"""(?ix)
      (?<![a-z0-9]) sk-[a-z0-9_\-*]{3,}                     # OpenAI keys, also half-masked ones
    | (?<=bearer\s) [a-z0-9._~+/=\-]{8,}                     # Authorization headers
    | (?<=api-key:\s) \S{8,}                                 # Azure's header
    """
)


class Redactor:
    """Replaces known secrets, and what looks like one, by ``[redacted]``.

    >>> Redactor(["hunter2hunter2"])("Incorrect API key: hunter2hunter2, sk-abc***wxyz")
    'Incorrect API key: [redacted], [redacted]'
    """

    def __init__(self, secrets: Iterable[str]) -> None:
        known = sorted({form for s in secrets if s for form in _forms(s)}, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, known))) if known else None

    def __call__(self, text: str) -> str:
        """Return the text without secrets."""
        return _SHAPES.sub(REDACTED, self.redact_known(text))

    def redact_known(self, text: str) -> str:
        """Return the text without the known secrets alone.

        What a model wrote may look like a key and be an answer.

        >>> Redactor(["hunter2hunter2"]).redact_known("hunter2hunter2 is no sk-abcdef")
        '[redacted] is no sk-abcdef'
        """
        return text if self._known is None else self._known.sub(REDACTED, text)


def _forms(secret: str) -> set[str]:
    """A secret as it is, in a URL, and wherever it begins in something that is written in base64."""
    forms = {secret, quote(secret, safe=""), quote_plus(secret)}
    data = secret.encode()
    if len(data) >= _LONG_ENOUGH:
        for before in range(3):
            text = base64.b64encode(b"\0" * before + data).decode()
            core = text[-(-before * 8 // 6) : (before + len(data)) * 8 // 6]
            forms |= {core, core.replace("+", "-").replace("/", "_")}
    return forms


def public_url(url: str) -> str:
    """Return a base URL as it may be shown and fingerprinted.

    It has no user, password, query or trailing slash, and its host in lower case.

    >>> public_url("https://me:pass@Example.com:443/v1/?key=abc")
    'https://example.com:443/v1'
    """
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    if ":" in host:
        host = f"[{host}]"
    netloc = host if parts.port is None else f"{host}:{parts.port}"
    return urlunsplit((parts.scheme, netloc, parts.path.rstrip("/"), "", ""))
