"""Set metrics: figures of all cases at once (macro F1, corpus BLEU), and what each case adds to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]

Kind = Literal["classes", "labels", "rating", "sums"]
"""One label a case, several labels a case, a mark on a scale, or counts that add up over cases"""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetFigure:
    """Which figure of a set a metric is.

    `label` is the position of the label that it is about, None for all of them. `labels` names what the codes of a set
    mean: code i is `labels[i]`, the code after the last one is every answer outside of them. Of several labels a case
    (`labels`) a code is the sum of 2**i; of ratings it is the mark itself, and `span` the ends of their scale. Of
    `sums` a code is a vector: the counts that the case adds. A figure that `falls` is better when it is lower: it is
    kept as 100 less itself.
    """

    figure: str
    kind: Kind = "classes"
    label: int | None = None
    labels: tuple[str, ...] = ()
    span: tuple[float, float] = (0.0, 1.0)
    falls: bool = False
    beta: float = 1.0
    """Of an F-score: how much more recall counts"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmCodes:
    """What one arm read, as codes.

    `codes` (n, k) float64, of sums (n, k, D), are valid where `scored`; `missing` marks failed calls and crashes.
    """

    codes: Floats
    scored: Bools
    missing: Bools


@dataclass(frozen=True, slots=True, kw_only=True)
class PairedSet:
    """The codes behind the set metrics of one scorer.

    Row i is the same example in both arms. `gold` (n,) float64, of sums (n, D), holds the code of the target,
    -1 where the scorer does not look at the example.
    """

    scorer: str
    gold: Floats
    base: ArmCodes
    candidate: ArmCodes
    figures: Mapping[str, SetFigure] = field(default_factory=dict)
    """metric name -> which figure it is"""
