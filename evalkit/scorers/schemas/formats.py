"""The formats of JSON Schema, really checked.

Our own, because a package that jsonschema would need for them (rfc3987-syntax) costs a second of CPU to import.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import re
from collections.abc import Callable, Mapping

from evalkit.scorers.schemas.ecma import BadPattern
from evalkit.scorers.schemas.patterns import compile_pattern

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = re.compile(r"([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.[0-9]+)?(?:[zZ]|([+-])([0-9]{2}):([0-9]{2}))")
_DURATION = re.compile(
    r"P(?:[0-9]+W|(?=.)(?:[0-9]+Y(?:[0-9]+M(?:[0-9]+D)?)?|[0-9]+M(?:[0-9]+D)?|[0-9]+D)?"
    r"(?:T(?=.)(?:[0-9]+H(?:[0-9]+M(?:[0-9]+S)?)?|[0-9]+M(?:[0-9]+S)?|[0-9]+S))?)"
)
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_LABEL = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LOCAL = re.compile(rf'{_ATOM}(?:\.{_ATOM})*|"(?:[^"\\\r\n]|\\.)*"')
_URI_CHARS = re.compile(r"(?:[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})*")
_IRI_CHARS = re.compile(r"(?:[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=]|[^\x00-\x9f\ufffe\uffff]|%[0-9A-Fa-f]{2})*")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_POINTER = re.compile(r"(?:/(?:[^~/]|~[01])*)*")
_RELATIVE = re.compile(r"(?:0|[1-9][0-9]*)(?:#|((?:/(?:[^~/]|~[01])*)*))")
_TEMPLATE = re.compile(
    r"(?:[^{}\s\"'<>\\^`|%]|%[0-9A-Fa-f]{2}|\{[+#./;?&]?[\w.%]+(?::\d{1,4}|\*)?(?:,[\w.%]+(?::\d{1,4}|\*)?)*\})*"
)


def is_date(text: str) -> bool:
    """Check for an RFC 3339 full-date."""
    if not _DATE.fullmatch(text):
        return False
    try:
        dt.date.fromisoformat(text)
    except ValueError:
        return False
    return True


def is_time(text: str) -> bool:
    """Check for an RFC 3339 full-time.

    The offset is part of it, a leap second may stand at 23:59:60 UTC.
    """
    match = _TIME.fullmatch(text)
    if not match:
        return False
    hour, minute, second = int(match[1]), int(match[2]), int(match[3])
    away = (int(match[5]), int(match[6])) if match[4] else (0, 0)
    if hour > 23 or minute > 59 or second > 60 or away[0] > 23 or away[1] > 59:
        return False
    if second < 60:
        return True
    sign = -1 if match[4] == "+" else 1
    return (hour * 60 + minute + sign * (away[0] * 60 + away[1])) % 1440 == 1439


def is_datetime(text: str) -> bool:
    """Check for an RFC 3339 date-time."""
    return len(text) > 10 and text[10] in "tT" and is_date(text[:10]) and is_time(text[11:])


def is_hostname(text: str) -> bool:
    """Check for an RFC 1123 host name.

    Labels of letters, digits and hyphens, at most 253 characters.
    """
    return 0 < len(text) <= 253 and all(_LABEL.fullmatch(label) for label in text.split("."))


def is_email(text: str) -> bool:
    """Check for an RFC 5321 mailbox.

    A dot-atom or quoted local part at a host or an address literal.
    """
    local, _, domain = text.rpartition("@")
    if not _LOCAL.fullmatch(local) or len(local) > 64:
        return False
    if domain.startswith("[") and domain.endswith("]"):
        literal = domain[1:-1]
        return is_ipv6(literal[5:]) if literal.startswith("IPv6:") else is_ipv4(literal)
    return is_hostname(domain)


def is_ipv4(text: str) -> bool:
    """Check for four decimal numbers without leading zeros."""
    return _is_address(ipaddress.IPv4Address, text)


def is_ipv6(text: str) -> bool:
    """Check for an RFC 4291 address, without a zone."""
    return "%" not in text and _is_address(ipaddress.IPv6Address, text)


def is_uri_reference(text: str) -> bool:
    """Check for an RFC 3986 URI or relative reference."""
    return bool(_URI_CHARS.fullmatch(text)) and _is_well_formed(text)


def is_uri(text: str) -> bool:
    """Check for an RFC 3986 URI: it has a scheme."""
    return bool(_SCHEME.match(text)) and is_uri_reference(text)


def is_iri_reference(text: str) -> bool:
    """Check for an RFC 3987 reference: as a URI, beyond ASCII."""
    return bool(_IRI_CHARS.fullmatch(text)) and " " not in text and _is_well_formed(text)


def is_iri(text: str) -> bool:
    """Check for an RFC 3987 IRI: it has a scheme."""
    return bool(_SCHEME.match(text)) and is_iri_reference(text)


def is_regex(text: str) -> bool:
    """Check for a pattern that ECMA-262 has; `\\Z` is Python's."""
    try:
        compile_pattern(text)
    except BadPattern:
        return False
    return r"\Z" not in text


FORMATS: Mapping[str, Callable[[str], bool]] = {
    "date": is_date,
    "time": is_time,
    "date-time": is_datetime,
    "duration": lambda text: bool(_DURATION.fullmatch(text)),
    "email": is_email,
    "hostname": is_hostname,
    "ipv4": is_ipv4,
    "ipv6": is_ipv6,
    "uuid": lambda text: bool(_UUID.fullmatch(text)),
    "uri": is_uri,
    "uri-reference": is_uri_reference,
    "iri": is_iri,
    "iri-reference": is_iri_reference,
    "uri-template": lambda text: bool(_TEMPLATE.fullmatch(text)),
    "json-pointer": lambda text: bool(_POINTER.fullmatch(text)),
    "relative-json-pointer": lambda text: bool(_RELATIVE.fullmatch(text)),
    "regex": is_regex,
}
"""Format name -> whether a text has it. Formats not listed are annotations, as JSON Schema has it."""


def _is_address(kind: Callable[[str], object], text: str) -> bool:
    try:
        kind(text)
    except ValueError:
        return False
    return text.isascii()


def _is_well_formed(text: str) -> bool:
    """Brackets only around an IP literal; a numeric port; no second fragment."""
    if text.count("#") > 1:
        return False
    rest = _SCHEME.sub("", text, count=1)
    if not rest.startswith("//"):
        return "[" not in text and "]" not in text and not _has_colon_first(text)
    authority = re.split(r"[/?#]", rest[2:], maxsplit=1)[0]
    tail = rest[2 + len(authority) :]
    host = authority.rpartition("@")[2]
    if "[" in tail or "]" in tail or "[" in authority.rpartition("@")[0]:
        return False
    if host.startswith("["):
        literal, bracket, port = host[1:].partition("]")
        known = is_ipv6(literal) or bool(re.fullmatch(r"[vV][0-9A-Fa-f]+\..+", literal))
        return bool(bracket) and known and bool(re.fullmatch(r"(?::[0-9]*)?", port))
    return bool(re.fullmatch(r"[^:\[\]@]*(?::[0-9]*)?", host))


def _has_colon_first(text: str) -> bool:
    first = re.split(r"[/?#]", text, maxsplit=1)[0]
    return ":" in first and not _SCHEME.match(text)
