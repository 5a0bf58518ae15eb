"""Figures over all cases at once (macro F1, a label's precision, kappa), and both arms compared on them."""

from __future__ import annotations

from evalkit.stats.sets.arm import SetArm, bound_arm
from evalkit.stats.sets.cells import Cells, cells_of
from evalkit.stats.sets.compare import compare_sets, few_cases, with_margin
from evalkit.stats.sets.points import point_values

__all__ = ["Cells", "SetArm", "bound_arm", "cells_of", "compare_sets", "few_cases", "point_values", "with_margin"]
