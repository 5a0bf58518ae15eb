"""How far groups lie apart in one arm: largest less smallest, smallest over largest, each against the whole.

For reading, not for gating: the largest gap between groups is biased upwards even where nothing differs, the more the
smaller and the more numerous the groups. What gates is the change of each group's gap (`evalkit.stats.disparity`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evalkit.slices.groups import Confusion

Rates = Mapping[str, float | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Disparity:
    """The disparity of a metric between groups.

    `difference` is largest - smallest, `ratio` smallest / largest; None, with `reason`, where it is undefined.

    `undefined` lists the groups without a value, which take no part; `smallest` and `largest` name groups.
    """

    difference: float | None
    ratio: float | None
    smallest: str | None = None
    largest: str | None = None
    undefined: tuple[str, ...] = ()
    reason: str = ""


def disparity(rates: Rates) -> Disparity:
    """Compute the disparity of a metric between groups.

    A single group with a value has no disparity: it is undefined, not 0.
    """
    known = {name: value for name, value in rates.items() if value is not None}
    undefined = tuple(name for name, value in rates.items() if value is None)
    if len(known) < 2:
        why = f"{len(known)} of {len(rates)} groups have a value: two are needed"
        return Disparity(difference=None, ratio=None, undefined=undefined, reason=why)
    smallest, largest = min(known, key=lambda k: (known[k], k)), max(known, key=lambda k: (known[k], k))
    low, high = known[smallest], known[largest]
    return Disparity(
        difference=high - low,
        ratio=low / high if high > 0.0 else None,
        smallest=smallest,
        largest=largest,
        undefined=undefined,
        reason="" if high > 0.0 else "every group has the value 0: 0 / 0 is undefined",
    )


def demographic_parity(table: Confusion) -> Disparity:
    """Compute the disparity of how often each group is said yes to."""
    return disparity(table.rate("selection_rate"))


def equal_opportunity(table: Confusion) -> Disparity:
    """Compute the disparity of the true positive rate."""
    return disparity(table.rate("true_positive_rate"))


def equalized_odds(table: Confusion) -> Disparity:
    """Return the worse of the disparities of true and false positive rate.

    A group without positives has no true positive rate; it is left out and listed, where fairlearn 0.15 counts it as 0
    and so finds a perfect classifier as unfair as can be. Undefined only where both rates are.
    """
    return worse_of([disparity(table.rate(metric)) for metric in ("true_positive_rate", "false_positive_rate")])


def worse_of(parts: Sequence[Disparity]) -> Disparity:
    """Return the larger of several disparities.

    Undefined only where all are; groups that one of them leaves out are listed.
    """
    defined = [part for part in parts if part.difference is not None]
    undefined = tuple(sorted({name for part in parts for name in part.undefined}))
    if not defined:
        return Disparity(difference=None, ratio=None, undefined=undefined, reason=parts[0].reason)
    worst = max(defined, key=lambda part: part.difference or 0.0)
    ratios = [part.ratio for part in defined if part.ratio is not None]
    return Disparity(
        difference=worst.difference,
        ratio=min(ratios) if ratios else None,
        smallest=worst.smallest,
        largest=worst.largest,
        undefined=undefined,
        reason="; ".join(part.reason for part in parts if part.reason),
    )
