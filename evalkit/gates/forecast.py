"""What each gate will be able to tell at this n, before anything is asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from evalkit.gates.decide import gates_of
from evalkit.gates.expected import Assumed, Expected, Forecast, Population
from evalkit.suite.spec import SuiteSpec

__all__ = ["Forecast", "forecast"]


def forecast(
    spec: SuiteSpec,
    *,
    everyone: Population,
    metrics: Mapping[str, Population] | None = None,
    graded: Iterable[str] = (),
    assumed: Mapping[str, Assumed] | None = None,
    discordance: float = 0.10,
    guarded: Mapping[int, int] | None = None,
    family: int = 1,
) -> tuple[Forecast, ...]:
    """Every gate, metric and slice value of a suite with these examples; `metrics` that look at some only say which.

    `assumed` by metric (of a pilot) goes before `discordance`, the share of pairs assumed to differ, or the variance of
    the differences of `graded` metrics. `guarded` counts by index of the gate the examples that it guards
    one by one; `family` candidates share the chance of error.
    """
    ask = Expected(
        spec=spec,
        everyone=everyone,
        metrics=metrics or {},
        known=assumed or {},
        graded=frozenset(graded),
        discordance=discordance,
        confidence=1.0 - (1.0 - spec.policy.confidence) / max(1, family),
        guarded=guarded or {},
    )
    gates = gates_of(spec)
    ask = replace(ask, alarms=len({cell for _, gate in gates for cell in gate.expected_alarms(ask)}))
    return tuple(found for index, gate in gates for found in gate.forecast(ask, index))
