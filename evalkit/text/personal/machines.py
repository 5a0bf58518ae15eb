"""IP addresses, and the keys and tokens of known vendors."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator

from evalkit.text.personal.around import stands_before
from evalkit.text.personal.span import Span

_FOUR = re.compile(r"(?a)(?<![A-Za-z0-9.])(?<!\d-)(?:\d{1,3}\.){3}\d{1,3}(?![A-Za-z0-9]|\.\d|-\d)")
_SIX = re.compile(r"(?a)(?<![\w:.])(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f]{0,4}(?![\w:]|\.\d)")
_VERSION = re.compile(
    r"(?a)(?:バージョン|ver\.?|version|release|build|section|chapter|v|リリース|節|章|第|項)[\s:=.]*\Z", re.IGNORECASE
)
_KEYS = (
    r"sk-proj-[A-Za-z0-9_-]{40,}", r"sk-svcacct-[A-Za-z0-9_-]{40,}", r"sk-admin-[A-Za-z0-9_-]{40,}",
    r"sk-ant-[a-z0-9]{3,8}-[A-Za-z0-9_-]{40,}", r"sk-or-v1-[0-9a-f]{40,}", r"sk-[A-Za-z0-9]{32,64}",
    r"gh[pousr]_[A-Za-z0-9]{36,}", r"github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{50,}", r"glpat-[A-Za-z0-9_-]{20,}",
    r"xox[baprs]-[A-Za-z0-9-]{20,}", r"xapp-\d-[A-Za-z0-9-]{20,}", r"(?:AKIA|ASIA)[A-Z0-9]{16}",
    r"AIza[A-Za-z0-9_-]{35}",
    r"hf_[A-Za-z0-9]{30,}", r"[sr]k_(?:live|test)_[A-Za-z0-9]{20,}", r"SG\.[A-Za-z0-9_-]{20,24}\.[A-Za-z0-9_-]{40,}",
    r"npm_[A-Za-z0-9]{36}", r"pypi-AgE[A-Za-z0-9_-]{50,}", r"gsk_[A-Za-z0-9]{40,}", r"xai-[A-Za-z0-9]{60,}",
    r"r8_[A-Za-z0-9]{36,}", r"dop_v1_[0-9a-f]{60,}", r"ya29\.[A-Za-z0-9_-]{30,}",
    r"AccountKey=[A-Za-z0-9+/]{60,}={0,2}",
    r"eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{16,}",
)  # fmt: skip
"""OpenAI, Anthropic, OpenRouter, GitHub, GitLab, Slack, AWS, Google, Hugging Face, Stripe, SendGrid, npm, PyPI, Groq,
xAI, Replicate, DigitalOcean, Azure storage; JSON web tokens"""
_SECRET = re.compile(rf"(?a)(?<![A-Za-z0-9])(?:{'|'.join(_KEYS)})(?![A-Za-z0-9])")
_PRIVATE = re.compile(
    r"(?a)-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY-----"
    r"(?:[A-Za-z0-9+/=\s\\]{16,}?-----END (?:[A-Z0-9]+ )*PRIVATE KEY-----)?"
)
_FEW = 6


def find_ips(text: str) -> Iterator[Span]:
    """Find IP addresses of version 4 and 6.

    Those that every machine has (loopback, unspecified), masks, and numbers of versions are none.
    """
    for pattern in (_FOUR, _SIX):
        for found in pattern.finditer(text):
            try:
                address = ipaddress.ip_address(found[0])
            except ValueError:
                continue
            common = address.is_loopback or address.is_unspecified or address.is_multicast
            if not common and not found[0].startswith("255.") and not stands_before(text, found.start(), _VERSION):
                yield Span(start=found.start(), end=found.end(), kind="ip")


def find_secrets(text: str) -> Iterator[Span]:
    """Find keys and tokens in the shapes of known vendors.

    Private keys as well; placeholders are none.
    """
    for found in _SECRET.finditer(text):
        letters = found[0].rpartition("-" if "-" in found[0] else "_")[2] or found[0]
        if len(set(found[0].lower())) > _FEW + 4 and len(set(letters.lower())) > _FEW:
            yield Span(start=found.start(), end=found.end(), kind="secret")
    for found in _PRIVATE.finditer(text) if "PRIVATE KEY" in text else ():
        yield Span(start=found.start(), end=found.end(), kind="secret")
