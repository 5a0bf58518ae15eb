"""Where verdicts go beside the files: trackers of experiments, and the card of a model.

A tracker gets a `Publication` and nothing else, sends what is in it and nothing more, and its own telemetry is off.
"""

from __future__ import annotations

MOST_CASES = 1_000
"""How many broken cases a tracker is given; the page has all of them"""
