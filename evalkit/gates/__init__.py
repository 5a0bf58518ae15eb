"""What must hold before a model is deployed: one file a gate, all on one partition of states.

The table of gates is `evalkit.gates.kinds`. A gate of your own inherits from `Gate` and is asked with a `GateContext`.
"""

from __future__ import annotations

from evalkit.gates.gate import Gate as Gate
from evalkit.gates.gate import GateContext as GateContext
from evalkit.gates.gate import Part as Part
