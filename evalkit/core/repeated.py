"""What stands twice where it may stand once."""

from __future__ import annotations

from collections.abc import Iterable


def find_repeated(names: Iterable[str]) -> str | None:
    """Return the first name that has stood before; None if all are different.

    >>> find_repeated(["a", "b", "c", "b", "a"])
    'b'
    """
    seen: set[str] = set()
    for name in names:
        if name in seen:
            return name
        seen.add(name)
    return None
