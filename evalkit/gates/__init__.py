"""What must hold before a model is deployed: one file a gate, all on one partition of states.

The table of gates is `evalkit.gates.kinds`. A gate of your own inherits from `Gate` and judges a `GateContext`.
"""

from __future__ import annotations

from evalkit.gates.expected import Forecast as Forecast
from evalkit.gates.expected import Outlook as Outlook
from evalkit.gates.expected import draft_forecast as draft_forecast
from evalkit.gates.finding import with_figures as with_figures
from evalkit.gates.gate import Gate as Gate
from evalkit.gates.gate import GateContext as GateContext
from evalkit.gates.gate import Part as Part
