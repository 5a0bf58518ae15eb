"""Where a function crosses zero: bracketed, so that it always ends, and quick where the function is smooth."""

from __future__ import annotations

from collections.abc import Callable

_MOST = 200


def find_root(f: Callable[[float], float], start: float, end: float, *, tolerance: float) -> float:
    """Find a zero of `f` between two points where its signs differ.

    To within `tolerance` (absolute).

    Inverse quadratic interpolation where it is safe, else bisection (Chandrupatla 1997, Advances in Engineering
    Software 28:145-149). Infinite values are allowed; of two points with the same sign the second is returned.
    """
    a, b = start, end
    fa, fb = f(a), f(b)
    if fa == 0.0 or (fa > 0.0) == (fb > 0.0):
        return a if fa == 0.0 else b
    part = 0.5
    for _ in range(_MOST):
        x = a + part * (b - a)
        fx = f(x)
        if (fx > 0.0) == (fa > 0.0):
            c, fc = a, fa
        else:
            c, fc, b, fb = b, fb, a, fa
        a, fa = x, fx
        least = tolerance / abs(b - a)
        if least > 0.5 or fx == 0.0:
            break
        part = min(1.0 - least, max(least, _part(a, b, c, fa, fb, fc)))
    return a if abs(fa) < abs(fb) else b


def _part(a: float, b: float, c: float, fa: float, fb: float, fc: float) -> float:
    """How far from a towards b to look next. Comparisons with NaN, of infinite values, end in the middle."""
    across, up = (a - b) / (c - b), (fa - fb) / (fc - fb)
    if up * up < across and (1.0 - up) ** 2 < 1.0 - across:
        return fa / (fb - fa) * fc / (fb - fc) + (c - a) / (b - a) * fa / (fc - fa) * fb / (fc - fb)
    return 0.5
