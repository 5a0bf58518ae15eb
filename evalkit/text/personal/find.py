"""Finds everything personal in a text; where two finds overlap, the longer one stays."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import cast

from evalkit.core.errors import Problem, UsageError, did_you_mean, join_allowed
from evalkit.core.registry import Registry
from evalkit.text.marks import drop_invisible, places_seen
from evalkit.text.personal.contacts import find_emails, find_phones
from evalkit.text.personal.fold import fold
from evalkit.text.personal.machines import find_ips, find_secrets
from evalkit.text.personal.numbers import find_accounts, find_cards, find_licenses, find_my_numbers
from evalkit.text.personal.places import find_addresses, find_postal_codes
from evalkit.text.personal.span import KINDS, Span

NameFinder = Callable[[str], Iterable[tuple[int, int]]]
"""Takes a text and returns where persons' names stand in it: start and end, in characters"""

_FINDERS: Mapping[str, Callable[[str], Iterator[Span]]] = {
    "secret": find_secrets,
    "email": find_emails,
    "card": find_cards,
    "my_number": find_my_numbers,
    "drivers_license": find_licenses,
    "bank_account": find_accounts,
    "phone": find_phones,
    "address": find_addresses,
    "postal_code": find_postal_codes,
    "ip": find_ips,
}
"""What stands further up wins where two finds of one length overlap"""
_WITHOUT_DIGITS = {kind: _FINDERS[kind] for kind in ("secret", "email")}
"""What may be found where there is no digit"""
_DIGIT = re.compile("[0-9]")
_ORDER = {kind: place for place, kind in enumerate([*_FINDERS, "name"])}


def what_is_wrong(name: str, thing: object) -> str | None:
    """Tell why a thing cannot find names; None if it can."""
    return None if callable(thing) else "what finds names is a function: text -> pairs of start and end"


NAME_FINDERS = Registry("name_finder", {}, group="evalkit.name_finders", check=what_is_wrong)


def check_kinds(kinds: Iterable[str]) -> list[Problem]:
    """Return a problem for every kind that does not exist."""
    return [
        Problem(
            what=f"there is no kind of personal data {kind!r}{did_you_mean(kind, KINDS)}",
            allowed=join_allowed([*KINDS]),
        )
        for kind in kinds
        if kind not in KINDS
    ]


class PersonalFinder:
    """Finds personal data of chosen kinds in many texts."""

    def __init__(self, kinds: Collection[str] | None = None) -> None:
        """Take the kinds, all of them by default; UsageError, with all problems, for kinds that do not exist."""
        self.kinds = tuple(KINDS if kinds is None else kinds)
        if problems := check_kinds(self.kinds):
            raise UsageError(problems)
        self._finders = [finder for kind, finder in _FINDERS.items() if kind in self.kinds]
        self._wordless = [finder for kind, finder in _WITHOUT_DIGITS.items() if kind in self.kinds]
        self._names: list[NameFinder] = []
        if "name" in self.kinds:
            self._names = [cast(NameFinder, NAME_FINDERS.load(name)) for name in NAME_FINDERS.names()]

    def find(self, text: str) -> tuple[Span, ...]:
        """Find what is personal in a text.

        Places are in characters of `text`, in their order, and never overlap. Full-width signs count as plain ones;
        signs that cannot be seen do not count.
        """
        seen = places_seen(text)
        if seen is None:
            return self._find(text)
        return tuple(
            Span(start=seen[span.start], end=seen[span.end - 1] + 1, kind=span.kind)
            for span in self._find(drop_invisible(text))
        )

    def _find(self, text: str) -> tuple[Span, ...]:
        plain = fold(text)
        finders = self._finders if _DIGIT.search(plain) else self._wordless
        found = [span for finder in finders for span in finder(plain)]
        for finder in self._names:
            found += [
                Span(start=start, end=end, kind="name") for start, end in finder(text) if 0 <= start < end <= len(text)
            ]
        return _apart(found) if found else ()


def find_personal(text: str, *, kinds: Collection[str] | None = None) -> tuple[Span, ...]:
    """Find personal data of these kinds in one text, of all kinds by default.

    For many texts make one `PersonalFinder`. UsageError for a kind that does not exist.
    """
    return PersonalFinder(kinds).find(text)


def _apart(found: Iterable[Span]) -> tuple[Span, ...]:
    """The longest of those that overlap."""
    kept: list[Span] = []
    for span in sorted(found, key=lambda one: (one.start - one.end, _ORDER[one.kind], one.start)):
        if all(span.end <= other.start or other.end <= span.start for other in kept):
            kept.append(span)
    return tuple(sorted(kept))
