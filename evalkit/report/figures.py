"""How figures read: shares as percents, differences in percentage points, what is missing as a dash."""

from __future__ import annotations

from evalkit.core.digits import digits
from evalkit.core.verdict import Estimate, Finding, SliceKey

MISSING = "–"
_UNITS = {"latency": " s", "first_token": " s", "cost_usd": " USD", "tokens": ""}

Figured = Estimate | Finding


def unit(metric: str) -> str | None:
    """Return the unit of a cost; None for a scorer's metric.

    The values of a scorer's metric are shares or free numbers.

    >>> unit("latency_p95"), unit("tokens_out"), unit("answer")
    (' s', '', None)
    """
    return next((text for start, text in _UNITS.items() if metric.startswith(start)), None)


def is_share(of: Figured) -> bool:
    """Tell whether the values are shares of 1.

    Those of yes/no metrics are, and those of graded ones that stay within 0 and 1; what a gate counts is none.
    """
    if unit(of.metric) is not None or (isinstance(of, Finding) and of.details.get("counted")):
        return False
    if isinstance(of, Estimate) and of.binary:
        return True
    return all(abs(figure) <= 1.0 for figure in (of.base, of.candidate, of.low, of.high) if figure is not None)


def is_ratio(of: Figured) -> bool:
    """Tell whether the difference compares a ratio candidate / base to 1 (budgets)."""
    return isinstance(of, Finding) and "ratio" in of.flags


def number(figure: float | None) -> str:
    """Format a free number with three significant digits.

    >>> number(1234.5), number(0.01234), number(None)
    ('1,234', '0.0123', '–')
    """
    if figure is None:
        return MISSING
    return f"{figure:,.0f}" if abs(figure) >= 1000 else f"{figure:.3g}"


def value(figure: float | None, of: Figured) -> str:
    """Format one arm's figure: `83.0%`, `0.41 s`."""
    if figure is None:
        return MISSING
    return f"{100 * figure:.1f}%" if is_share(of) else number(figure) + (unit(of.metric) or "")


def change(figure: float | None, of: Figured, *, bare: bool = False) -> str:
    """Format a difference with its sign: `+3.0 pp`, `-0.02 s`.

    That of a ratio is `+12.0%`; `bare` leaves out the unit.
    """
    if figure is None:
        return MISSING
    if is_ratio(of):
        return f"{with_sign(100 * figure)}" + ("" if bare else "%")
    if is_share(of):
        return f"{with_sign(100 * figure)}" + ("" if bare else " pp")
    sign = "+" if figure > 0 else "-" if figure < 0 else "±"
    return f"{sign}{number(abs(figure))}" + ("" if bare else unit(of.metric) or "")


def with_sign(figure: float) -> str:
    """Format a figure with its sign and one digit.

    Or with as many digits as it takes not to look like 0.

    >>> with_sign(5.84), with_sign(0.0), with_sign(0.003)
    ('+5.8', '±0.0', '+0.003')
    """
    text = f"{figure:+.{digits(figure)}f}"
    return "±0.0" if text in ("+0.0", "-0.0") else text


def interval(of: Figured) -> str:
    """Format the interval: `[+0.4, +5.6]`, or a dash."""
    if of.low is None or of.high is None:
        return MISSING
    return f"[{change(of.low, of, bare=True)}, {change(of.high, of, bare=True)}]"


def level(of: Figured) -> str:
    """Format the confidence of the interval: `95%`."""
    return f"{100 * of.confidence:.4g}%"


def terse(of: Figured) -> str:
    """Format a metric, with what its figures are, on one line.

    `83.0% -> 86.0% (+3.0 pp, 95% CI [+0.4, +5.6]) fixed 14, broken 7`
    """
    if of.base is None and of.candidate is None:
        return "not measured"
    what = of.words.figures if isinstance(of, Finding) else ""
    line = f"{what}{value(of.base, of)} -> {value(of.candidate, of)}"
    if of.delta is not None:
        inside = change(of.delta, of)
        if of.low is not None:
            inside += f", {level(of)} CI {interval(of)}"
        line += f" ({inside})"
    if of.fixed is not None and of.broken is not None:
        line += f" fixed {of.fixed}, broken {of.broken}"
    return line


def place(key: SliceKey | None) -> str:
    """Return `intent = refund`, or an empty text for all cases."""
    return f"{key.by} = {key.value}" if key is not None else ""


def count(many: int | None) -> str:
    """Format a count with separators between the thousands."""
    return MISSING if many is None else f"{many:,}"


def finding_name(finding: Finding) -> str:
    """Return the name of the finding's test: `no_regression[answer/intent=refund]`."""
    where = f"/{finding.slice.by}={finding.slice.value}" if finding.slice is not None else ""
    return f"{finding.gate}[{finding.metric}{where}]"


def size(figure: float | None, of: Figured) -> str:
    """Format a size without a sign: `5.8 pp`, `0.2 s`."""
    return MISSING if figure is None else change(abs(figure), of).lstrip("+±")


def margin(finding: Finding) -> str:
    """Format the margin of a gate as the size it allows."""
    return size(finding.margin, finding)


def is_measured_time(metric: str) -> bool:
    """Return whether a metric is seconds that were taken, or speed.

    No two runs have the same of them.

    >>> is_measured_time("latency_p95"), is_measured_time("tokens_out")
    (True, False)
    """
    return metric.startswith(("latency_", "first_token_", "tokens_per_s"))
