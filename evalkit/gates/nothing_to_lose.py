"""A base at the worst end of its metric: with no more to lose than the margin, ruling out a drop proves nothing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from evalkit.core.verdict import Finding
from evalkit.gates import words
from evalkit.gates.finding import describe_change, with_figures
from evalkit.gates.look import look_at
from evalkit.gates.measured import Measured
from evalkit.gates.view import Cell, View

NOTHING_TO_LOSE = "nothing_to_lose"
_SLACK = 1e-12


def worst_end(of: Measured) -> float | None:
    """Return the worst value of a metric; None where no end is known.

    It is oriented so that higher is better.

    That of its scale; without one 0 where no value is below it, for a metric of which more is better.
    """
    if of.scale is not None:
        return of.scale[0]
    values = np.concatenate([of.base[of.base_present], of.candidate[of.candidate_present]])
    return 0.0 if of.higher_is_better and values.size and float(values.min()) >= 0.0 else None


def has_nothing_to_lose(cell: Cell, margin: float) -> bool:
    """Return whether the base is too near the worst end to lose.

    It cannot drop by the margin at all.

    What the base lacks counts as wrong: an answer that is taken away gives it nothing to lose.
    """
    return cell.result is not None and is_within_worst(cell.of, cell.least_base, margin)


def is_within_worst(of: Measured, value: float, margin: float) -> bool:
    """Return whether an oriented value lies within the margin of the worst end.

    It must lie in the worse half of the scale as well.

    A margin of more than half the scale is the wish to tolerate anything, no sign that nothing was read.
    """
    worst = worst_end(of)
    if worst is None:
        return False
    half = margin if of.scale is None else (of.scale[1] - of.scale[0]) / 2.0
    return value - worst < min(margin, half) - _SLACK


def guards_nothing(cell: Cell, margin: float) -> bool:
    """Return whether the margin is wider than all the base could lose.

    It is so wherever on its scale the base is.
    """
    worst = worst_end(cell.of)
    return cell.result is not None and worst is not None and cell.least_base - worst < margin - _SLACK


def nothing_to_lose(view: View, cell: Cell, draft: Finding, margin: float) -> Finding:
    """Return the finding of a cell whose base has nothing to lose.

    It is INCONCLUSIVE, with what to look at. No number of cases of the kind would tell.
    """
    poor = cell.rows[np.argsort(cell.of.base[cell.rows], kind="stable")]
    look, cases = look_at(view.comparison, cell.of.metric, poor.tolist())
    size = words.size(margin, share=cell.of.share, unit=cell.of.unit)
    what = "drop" if cell.of.higher_is_better else "rise"
    because = (
        f"{describe_change(view, cell)}: the base has nothing to lose, it lies within {size} of the worst "
        f"that {cell.of.metric} can be, so no such {what} can happen, and this gate guards nothing; "
        f"to settle it, {look}; or ask for what should be there with must_improve or a floor."
    )
    return replace(
        with_figures(draft, mde=None),
        state="INCONCLUSIVE",
        n_needed=None,
        flags=(NOTHING_TO_LOSE,),
        because=because,
        details={**draft.details, "look_at": cases},
    )
