"""How figures are said in a sentence: shares in percent, differences in points, other units with three digits."""

from __future__ import annotations

from collections.abc import Sequence

from evalkit.core.digits import digits
from evalkit.core.verdict import SliceKey


def value(number: float, *, share: bool) -> str:
    """Write a metric's value.

    >>> value(0.8421, share=True), value(3.14159, share=False)
    ('84.2%', '3.14')
    """
    return f"{100 * number:.1f}%" if share else f"{number:.3g}"


def with_sign(number: float) -> str:
    """Write a figure with its sign and one digit.

    It has as many digits as it takes not to look like 0.

    >>> with_sign(2.94), with_sign(-0.04), with_sign(0.0)
    ('+2.9', '-0.04', '+0.0')
    """
    return f"{number:+.{digits(number)}f}"


def change(number: float, *, share: bool) -> str:
    """Write a difference of two values, with its sign.

    >>> change(0.029, share=True), change(-0.25, share=False)
    ('+2.9 points', '-0.25')
    """
    return f"{with_sign(100 * number)} points" if share else f"{number:+.3g}"


def size(number: float, *, share: bool, unit: str = "") -> str:
    """Write how large a difference is, without a sign.

    >>> size(0.02, share=True), size(40, share=False, unit="characters")
    ('2 points', '40 characters')
    """
    if share:
        return f"{100 * number:.3g} {'point' if round(100 * number, 9) == 1 else 'points'}"
    return f"{number:.3g} {unit}".rstrip()


def between(low: float, high: float, *, share: bool) -> str:
    """Write an interval of a difference.

    >>> between(-0.004, 0.061, share=True)
    '-0.4 to +6.1 points'
    """
    if share:
        return f"{with_sign(100 * low)} to {with_sign(100 * high)} points"
    return f"{low:+.3g} to {high:+.3g}"


def level(confidence: float) -> str:
    """Write a confidence level.

    >>> level(0.95), level(0.975)
    ('95%', '97.5%')
    """
    return f"{100 * confidence:.4g}%"


def where(key: SliceKey | None) -> str:
    """Write `` in by=value``, or nothing for the whole suite."""
    return f" in {key.by}={key.value}" if key else ""


def count(number: int, thing: str, things: str | None = None) -> str:
    """Write a number and its noun.

    >>> count(1, "case"), count(3, "case")
    ('1 case', '3 cases')
    """
    return f"{number:,} {thing if number == 1 else things or thing + 's'}"


def listing(words: Sequence[str], *, at_most: int = 5) -> str:
    """List some names, and how many more there are."""
    shown = ", ".join(words[:at_most])
    return f"{shown} and {len(words) - at_most} more" if len(words) > at_most else shown
