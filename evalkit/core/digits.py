"""How many digits a figure needs: a bound decides by its sign, so it must not be rounded until it looks like 0."""

from __future__ import annotations

_MOST = 6
"""What is smaller than this many digits show is 0: the rest of a sum of floats"""


def digits(figure: float) -> int:
    """Count the digits to write: one, or more until it is not 0.

    >>> digits(2.94), digits(-0.04), digits(0.0), digits(1e-17)
    (1, 2, 1, 1)
    """
    if round(figure, _MOST) == 0.0:
        return 1
    return next(many for many in range(1, _MOST + 1) if round(figure, many) != 0.0)
