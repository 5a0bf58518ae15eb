"""What each gate will be able to tell at this n, before anything is asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from evalkit.core.exchange import EMPTY
from evalkit.core.verdict import SliceKey
from evalkit.gates.decide import gates_of
from evalkit.gates.expected import Assumed, Forecast, Outlook, Population, draft_forecast
from evalkit.gates.gate import Gate
from evalkit.suite.ask_gate import ask_gate
from evalkit.suite.spec import SuiteSpec

__all__ = ["Forecast", "forecast"]


def forecast(
    spec: SuiteSpec,
    *,
    everyone: Population,
    metrics: Mapping[str, Population] | None = None,
    graded: Mapping[str, float | None] = EMPTY,
    assumed: Mapping[str, Assumed] | None = None,
    discordance: float = 0.10,
    guarded: Mapping[int, int] | None = None,
    family: int = 1,
) -> tuple[Forecast, ...]:
    """Forecast every gate, metric and slice value of a suite.

    It does so with these examples; `metrics` that look at some only say which.

    `assumed` by metric (of a pilot) goes before `discordance`, the share of pairs assumed to differ, by all that their
    scale reaches where they are `graded` (None: it has none). `guarded` counts by index of the gate the examples that
    it guards one by one; `family` candidates share the chance of error.
    """
    ask = Outlook(
        spec=spec,
        everyone=everyone,
        metrics=metrics or {},
        known=assumed or {},
        graded=graded,
        discordance=discordance,
        confidence=1.0 - (1.0 - spec.policy.confidence) / max(1, family),
        guarded=guarded or {},
    )
    gates = gates_of(spec)
    ask = replace(ask, alarms=len({cell for _, gate in gates for cell in _alarms(gate, ask)}))
    return tuple(found for index, gate in gates for found in _ask(gate, ask, index))


def _ask(gate: Gate, ask: Outlook, index: int) -> Sequence[Forecast]:
    found = ask_gate(gate.type, lambda: gate.forecast(ask, index))
    if not isinstance(found, str):
        return found
    return [replace(draft_forecast(ask, gate.type, index, "*"), warning=f"could not be forecast: {found}")]


def _alarms(gate: Gate, ask: Outlook) -> Sequence[tuple[str, SliceKey]]:
    found = ask_gate(gate.type, lambda: list(gate.expected_alarms(ask)))
    return [] if isinstance(found, str) else found
