"""The navigation: section names in the reader's language, and pages that nobody has to list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fnmatch import fnmatch
from typing import Any


def fill_nav(nav: Sequence[Any], pages: Sequence[str], sections: Mapping[str, str]) -> list[Any]:
    """Gives the navigation with patterns replaced by the pages that it does not name, and its sections translated."""
    left = [page for page in pages if page not in set(_names(nav))]
    return _fill(nav, left, sections)


def _names(nav: Any) -> list[str]:
    if isinstance(nav, str):
        return [nav]
    parts = nav.values() if isinstance(nav, Mapping) else nav
    return [name for part in parts for name in _names(part)]


def _fill(nav: Sequence[Any], left: list[str], sections: Mapping[str, str]) -> list[Any]:
    out: list[Any] = []
    for entry in nav:
        if isinstance(entry, Mapping):
            ((name, inside),) = entry.items()
            inside = inside if isinstance(inside, str) else _fill(inside, left, sections)
            out += [{sections.get(name, name): inside}] if inside else []
        elif "*" in entry:
            found = [page for page in left if fnmatch(page, entry)]
            left[:] = [page for page in left if page not in found]
            out += found
        else:
            out.append(entry)
    return out
