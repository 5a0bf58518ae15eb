"""What can be held against a candidate, the gravest first: the words of a failing verdict."""

from __future__ import annotations

from evalkit.core.verdict import Fault

CRITICAL_BROKE = Fault(rank=0, said="a critical case broke")
PROVEN_WORSE = Fault(rank=10, said="proven worse")
FELL_BEHIND = Fault(rank=20, said="a group proven to fall behind the others")
GAP_TOO_WIDE = Fault(rank=30, said="a gap between groups proven too wide")
NO_GAIN = Fault(rank=40, said="a gain that was asked for is ruled out")
LEVEL_MISSED = Fault(rank=50, said="a required level is missed")
LEVEL_UNPROVEN = Fault(rank=60, said="a required level is not proven")
BUDGET_OVERRUN = Fault(rank=70, said="a budget is overrun")
BUDGET_GREW = Fault(rank=80, said="what a budget limits is proven to have grown")
GATE_FAILS = Fault(rank=90, said="a gate fails")
"""Of a gate that has no words of its own for it"""
