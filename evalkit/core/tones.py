"""Which colour a state has, wherever it is drawn."""

from __future__ import annotations

from collections.abc import Mapping

from evalkit.core.blocks import Tone
from evalkit.core.verdict import State

STATE_TONES: Mapping[State, Tone] = {
    "PASS": "good",
    "IMPROVED": "good",
    "REGRESSION": "bad",
    "FLOOR_FAIL": "bad",
    "CRITICAL_FAIL": "bad",
    "INVALID": "bad",
    "INCONCLUSIVE": "unsure",
    "TOO_SMALL": "plain",
    "WAIVED": "unsure",
}
