"""What leads from a cell of a table to the cases behind it."""

from __future__ import annotations

from collections.abc import Mapping

Links = tuple[Mapping[str, str] | None, ...]
"""Of a row's cells: filters of the list of cases, None where a cell leads nowhere"""


def spread(links: Mapping[int, Mapping[str, str]], width: int) -> Links:
    """Return links by the position of their column as one per column."""
    return tuple(links.get(at) for at in range(width))
