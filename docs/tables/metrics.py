"""The tables of the metrics page: what scorers give, what every answer has, what a budget judges."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from docs.tables.scorers import EXAMPLES
from evalkit.core.verdict import Metric
from evalkit.gates.quantiles import COLUMNS
from evalkit.scorers.build import build_scorer
from evalkit.scorers.table import SCORERS
from evalkit.suite.measured import MEASURED

_MEASURED: Mapping[str, tuple[str, str, str]] = {
    "cost_usd": ("USD", "lower", "tokens by the prices of models.yaml; none where a price is not known"),
    "first_token_s": ("seconds", "lower", "until the first token came, where the server streams"),
    "latency_s": ("seconds", "lower", "from the request to the end of the answer"),
    "tokens_in": ("tokens", "lower", "of the prompt, as the provider counts them"),
    "tokens_out": ("tokens", "lower", "of the answer, thoughts included"),
    "tokens_per_s": ("tokens a second", "higher", "tokens out by the seconds of the answer"),
    "tokens_thought": ("tokens", "lower", "of the thoughts alone, where the provider tells them"),
}


def metrics_table(name: str) -> str:
    """Gives the table of that name: scorers, measured or budget."""
    return {"scorers": _of_scorers, "measured": _of_answers, "budget": _of_budgets}[name]()


def _of_scorers() -> str:
    rows = ["| metric | better | scale | a number of | meaning |", "|---|---|---|---|---|"]
    for name in SCORERS:
        for metric in build_scorer(name, EXAMPLES.get(name, {}), root=Path()).metrics():
            full = f"{name}.{metric.part}" if metric.part else name
            side = "neither" if metric.either else "higher" if metric.higher_is_better else "lower"
            whole = "all cases" if metric.over is not None else "each case"
            about = metric.about.replace("|", "\\|")
            rows.append(f"| [`{full}`](scorers.md#{name}) | {side} | {scale(metric)} | {whole} | {about} |")
    return "\n".join(rows)


def scale(metric: Metric) -> str:
    """Gives the ends of a metric's scale in words.

    >>> scale(Metric(binary=False, low=0.0, unit="characters"))
    'from 0 characters'
    """
    if metric.binary:
        return "yes/no"
    unit = f" {metric.unit}" if metric.unit else ""
    if metric.low is None or metric.high is None:
        return "open" + unit if metric.low is None else f"from {metric.low:g}{unit}"
    return f"{metric.low:g} to {metric.high:g}{unit}"


def _of_answers() -> str:
    rows = ["| metric | unit | better | meaning |", "|---|---|---|---|"]
    return "\n".join([*rows, *(f"| `{name}` | {' | '.join(_MEASURED[name])} |" for name in sorted(MEASURED))])


def _of_budgets() -> str:
    rows = ["| `metric` of a budget | what it is |", "|---|---|"]
    for name, (column, share) in COLUMNS.items():
        what = "the mean" if share is None else "the median" if share == 0.5 else f"the {share:.0%} quantile"
        rows.append(f"| `{name}` | {what} of `{column}` over the cases |")
    return "\n".join(rows)
