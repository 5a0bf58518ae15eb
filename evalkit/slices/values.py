"""Values of a tag made comparable: numbers in bins, and spellings that differ only in case, width or space."""

from __future__ import annotations

import math
import re
import unicodedata
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

NO_NUMBER = "(no number)"
"""The level of a value that is none, where a slice cuts numbers into bins"""
_NUMBER = re.compile(r"[-+]?(?:0|[1-9]\d*)(?:\.\d+)?")


def fold_value(value: str) -> str:
    """Return what values that mean the same have in common.

    Case, width and space do not count, nor how a number is written.

    >>> [fold_value(text) for text in (" Refund", "ＲＥＦＵＮＤ", "1.0", "１", "True", "007")]
    ['refund', 'refund', '1', '1', 'true', '007']
    """
    text = "".join(unicodedata.normalize("NFKC", value).casefold().split())
    if _NUMBER.fullmatch(text):
        number = float(text)
        return str(int(number)) if number.is_integer() and abs(number) < 1e15 else repr(number)
    return text


def spellings(values: Iterable[str]) -> dict[str, list[str]]:
    """Return the values that mean the same, by what they share.

    The commonest first; single ones are left out.
    """
    found: dict[str, Counter[str]] = {}
    for value in values:
        found.setdefault(fold_value(value), Counter())[value] += 1
    return {
        key: sorted(counts, key=lambda value: (-counts[value], value))
        for key, counts in found.items()
        if len(counts) > 1
    }


def fold_values(values: Sequence[str]) -> tuple[str, ...]:
    """Return (n,) values, each in its commonest spelling.

    The commonest of those values that mean the same.
    """
    known = spellings(values)
    return tuple(known[key][0] if (key := fold_value(value)) in known else value for value in values)


def read_number(value: str) -> float | None:
    """Read the number that a value is, also in full width.

    None if it is none.
    """
    text = unicodedata.normalize("NFKC", value).strip().replace(",", "")
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def quantile_edges(values: Iterable[str], parts: int) -> list[float]:
    """Return the edges that cut the numbers into parts of one size.

    Fewer parts where many numbers are equal.
    """
    numbers = sorted(number for value in values if (number := read_number(value)) is not None)
    if not numbers:
        return []
    last = len(numbers) - 1
    edges = {numbers[min(last, math.ceil(len(numbers) * part / parts))] for part in range(1, parts)}
    return sorted(edge for edge in edges if edge > numbers[0])


def bin_name(value: str, edges: Sequence[float]) -> str:
    """Name the bin that a value falls into.

    An edge belongs to the bin above it.

    >>> [bin_name(value, [18, 30]) for value in ("7", "18", "29.5", "30", "old")]
    ['under 18', '18 to under 30', '18 to under 30', '30 and over', '(no number)']
    """
    number = read_number(value)
    if number is None:
        return NO_NUMBER
    if not edges:
        return "every number"
    at = bisect_right(edges, number)
    if at == 0:
        return f"under {edges[0]:g}"
    return f"{edges[-1]:g} and over" if at == len(edges) else f"{edges[at - 1]:g} to under {edges[at]:g}"


def describe_twins(by: str, counts: Mapping[str, int], *, fold: bool) -> str:
    """Return the sentence about a slice's values that differ in spelling only.

    Empty where there are none.
    """
    groups = [sorted(group, key=lambda value: (-counts[value], value)) for group in _groups(counts)]
    if not groups:
        return ""
    named = "; ".join(" and ".join(f"{value!r} ({counts[value]:,})" for value in group) for group in groups)
    end = "they are one value (`fold: true`)" if fold else "they are judged apart; `fold: true` makes them one"
    return f"slice {by!r}: values differ only in case, width, space or the writing of a number: {named}: {end}"


def _groups(counts: Mapping[str, int]) -> list[list[str]]:
    return list(spellings(counts).values())
