"""What leads from a cell of a table to the cases behind it."""

from __future__ import annotations

from collections.abc import Mapping

from evalkit.core.verdict import SliceKey

Links = tuple[Mapping[str, str] | None, ...]
"""Of a row's cells: filters of the list of cases, None where a cell leads nowhere"""


def to_cases(metric: str, cut: SliceKey | None, group: str = "all") -> dict[str, str]:
    """Return the filters that choose cases of a metric and a slice."""
    return {"metric": metric, "group": group, **({f"tag.{cut.by}": cut.value} if cut is not None else {})}


def to_changed(
    metric: str, cut: SliceKey | None, counts: Mapping[int, tuple[str, int | None]]
) -> dict[int, dict[str, str]]:
    """Return the links of counts that are not 0.

    `counts` has (group, count) by column.
    """
    return {at: to_cases(metric, cut, group) for at, (group, many) in counts.items() if many}


def spread(links: Mapping[int, Mapping[str, str]], width: int) -> Links:
    """Return links by the position of their column as one per column."""
    return tuple(links.get(at) for at in range(width))
