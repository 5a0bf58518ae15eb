"""Addresses of e-mail and telephone numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec

from evalkit.text.personal.around import is_named_otherwise, stands_before
from evalkit.text.personal.span import Span

_EMAIL = re.compile(
    r"(?a)(?<![A-Za-z0-9])[A-Za-z0-9](?:[A-Za-z0-9._%+'-]{0,62}[A-Za-z0-9_%+-])?"
    r"@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+(?:xn--[A-Za-z0-9-]{2,59}|[A-Za-z]{2,24})(?![A-Za-z0-9@-])"
)
_SHELL = re.compile(r"(?a):[\w~./-]")
"""git@host:path is how a repository is named"""
_ALONE = r"(?<![A-Za-z0-9+-])(?<!\d\.)"
"""Neither a letter nor a part of a longer number stands in front"""
_JP_ALONE = rf"(?:{_ALONE}|(?<=TEL)|(?<=Tel)|(?<=tel)|(?<=FAX)|(?<=Fax))"
_END = r"(?![A-Za-z0-9]|[-.]\d)"
_ABROAD = re.compile(rf"(?a)(?<![A-Za-z0-9+])\+[1-9]\d{{0,2}}(?:[ .-]?\(?\d{{1,4}}\)?){{2,6}}{_END}")
_JAPANESE = re.compile(
    rf"(?a){_JP_ALONE}(?:\(0\d{{1,4}}\) ?\d{{1,4}}[- ]?\d{{4}}|"
    rf"0\d{{1,4}}([- .])\d{{1,4}}\1\d{{3,4}}|0\d{{1,4}}\(\d{{1,4}}\)\d{{4}}){_END}"
)
_WHOLE = re.compile(rf"(?a){_JP_ALONE}0\d{{9,10}}{_END}")
_AMERICAN = re.compile(rf"(?a){_ALONE}(?:\([2-9]\d\d\) ?|[2-9]\d\d[-.])[2-9]\d\d[-.]\d{{4}}{_END}")
_SPACED = re.compile(r"(?a)[\d ]+")
_MORE_BEFORE, _MORE_BEHIND = re.compile(r"(?a)\d \Z"), re.compile(r"(?a) \d")
"""Of digits with spaces between: more of the same stand beside them"""
_CALLED = re.compile(
    r"(?a)電話|携帯|☎|連絡先|ファックス|ファクス|FAX|(?<![a-z])(?:tel|phone|mobile|cell|call)(?![a-z])", re.IGNORECASE
)
_MOBILE = re.compile(r"(?a)0[5789]0\d{8}|(?:0120|0800)\d{6,7}")


def find_emails(text: str) -> Iterator[Span]:
    """Find addresses of e-mail; places such as `git@host:path` are none."""
    for found in _EMAIL.finditer(text) if "@" in text else ():
        shell = _SHELL.match(text, found.end()) and not text.startswith("mailto:", max(0, found.start() - 7))
        if not (shell and found[0].partition("@")[0] in ("git", "hg", "svn", "root")):
            yield Span(start=found.start(), end=found.end(), kind="email")


def find_phones(text: str) -> Iterator[Span]:
    """Find telephone numbers.

    International ones, those of Japan, those of North America with their signs. Digits without any sign count where a
    word says so, or where they are a Japanese mobile number that no word names otherwise. With the package phonenumbers
    an international number must be a possible one of its country.
    """
    for pattern, region in ((_ABROAD, None), (_JAPANESE, "JP"), (_AMERICAN, "US")):
        for found in pattern.finditer(text):
            if (
                _counts(found[0], region)
                and not _is_longer(text, found)
                and not is_named_otherwise(text, found.start())
            ):
                yield Span(start=found.start(), end=found.end(), kind="phone")
    for found in _WHOLE.finditer(text):
        named = is_named_otherwise(text, found.start())
        if not named and (_MOBILE.fullmatch(found[0]) or stands_before(text, found.start(), _CALLED)):
            yield Span(start=found.start(), end=found.end(), kind="phone")


def _is_longer(text: str, found: re.Match[str]) -> bool:
    """Whether digits with spaces between them are a piece of a longer row of such digits."""
    if not _SPACED.fullmatch(found[0]):
        return False
    before = text[max(0, found.start() - 2) : found.start()]
    return _MORE_BEFORE.search(before) is not None or _MORE_BEHIND.match(text, found.end()) is not None


def _counts(number: str, region: str | None) -> bool:
    digits = sum(sign.isdigit() for sign in number)
    if region == "JP":
        long = re.match(r"\(?0(?:[5789]0|800)", number) is not None
        return digits == 10 or (digits == 11 and long)
    if not 8 <= digits <= 15:
        return False
    return region is not None or _is_possible(number)


def _is_possible(number: str) -> bool:
    if not _has_phonenumbers():
        return True
    import phonenumbers

    try:
        return bool(phonenumbers.is_possible_number(phonenumbers.parse(number, None)))
    except phonenumbers.NumberParseException:
        return False


@cache
def _has_phonenumbers() -> bool:
    return find_spec("phonenumbers") is not None
