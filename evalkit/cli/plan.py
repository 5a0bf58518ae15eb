"""What a comparison will take and what it can tell: calls, tokens, cost, the smallest detectable drop of every gate."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from evalkit.cli.language import current_language, speak
from evalkit.cli.say import say
from evalkit.cli.shared import document, options, suite_arguments, write

if TYPE_CHECKING:
    from evalkit.gates.forecast import Forecast
    from evalkit.pipeline.plan import Plan, Spending
    from evalkit.report.sentences import Speaker


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arms and suites as `compare` does; ask nothing."""
    parser.add_argument("base", metavar="BASE", help="a name in models.yaml, provider:model, or a recording")
    parser.add_argument("candidates", metavar="CANDIDATE", nargs="+", help="likewise, one or several")
    suite_arguments(parser)
    parser.add_argument("--discordance", type=float, default=0.10, metavar="SHARE", help="pairs assumed to differ")
    parser.add_argument("--pilot", metavar="RUN", help="take the discordance from a kept run")
    parser.add_argument("--json", metavar="FILE", help="the plan as data (- for standard output)")


def run(args: argparse.Namespace) -> int:
    """Exit 0, warnings or not; spend nothing."""
    from evalkit.cli.targets import check_targets
    from evalkit.core.fingerprint import plain
    from evalkit.pipeline.plan import plan

    check_targets(args)
    found = plan([args.base, *args.candidates], options=options(args), discordance=args.discordance, piloted=args.pilot)
    if args.json != "-":
        say("\n".join(_lines(found)))
    if args.json:
        write(args.json, document("plan", plain(found)))
    return 0


def _lines(plan: Plan) -> list[str]:
    spoken = speak()
    lines = ["calls still to make"]
    for row in plan.spending:
        tokens = "" if row.tokens_in is None else f", {row.tokens_in:,} tokens in, at most {row.tokens_out:,} out"
        calls = f"{row.calls:,}" + (f" to {row.calls_most:,}" if row.calls_most > row.calls else "")
        lines.append(f"  {row.arm} · {row.suite}: {calls} calls ({row.kept:,} kept){tokens}{_cost(row)}")
    paid = [row for row in plan.spending if row.calls and row.metered]
    unknown = any(row.cost_usd is None for row in paid)
    total = sum(row.cost_usd or 0.0 for row in paid)
    together = f"{'unknown, at least' if unknown else 'at most'} ${total:.4f}" if paid else "no call that is billed"
    lines.append(f"  together: {together}")
    for found in plan.forecasts:
        lines += ["", f"what {found.suite} can tell"]
        lines += [f"  {_forecast(item, spoken)}" for item in found.gates]
    if plan.warnings:
        lines += ["", "warnings", *(f"  {warning}" for warning in plan.warnings)]
    return lines


def _cost(row: Spending) -> str:
    """An unknown price is not free; a model on this machine has none."""
    if row.calls == 0:
        return ""
    if row.cost_usd is None:
        return ", cost unknown" if row.metered else ", not billed"
    return f", at most ${row.cost_usd:.4f}"


def _forecast(item: Forecast, spoken: Speaker) -> str:
    cut = f" [{item.slice.by}={item.slice.value}]" if item.slice else ""
    parts = [f"{item.gate} {item.metric}{cut}: n={item.n:,}"]
    if item.n_clusters < item.n:
        parts[0] += spoken(f" in {item.n_clusters:,} clusters")
    if item.mde is not None:
        parts.append(f"smallest detectable drop {item.mde:.3g}")
    if item.margin is not None:
        parts.append(f"margin {item.margin:g}")
    if item.n_needed is not None:
        parts.append(f"n needed {item.n_needed:,}")
    if item.power is not None:
        parts.append(f"an unchanged model passes {100 * item.power:.0f}% of the time")
    return (", " if current_language() == "en" else "、").join([parts[0], *map(spoken, parts[1:])])
