"""What a comparison will take and what it can tell, before anything is spent."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace

from evalkit.core.errors import Problem, UsageError
from evalkit.core.exchange import Request, Usage
from evalkit.core.fingerprint import request_keys
from evalkit.core.ports import Store, facts_of
from evalkit.gates.expected import Assumed, pilot
from evalkit.gates.forecast import Forecast, forecast
from evalkit.pipeline.arms.price import price_of
from evalkit.pipeline.asking.likelihoods import refuse_no_likelihoods
from evalkit.pipeline.asking.parameters import refuse_missing_parameters
from evalkit.pipeline.asking.run_arm import OpenArm, asks_by_letters, open_conversations
from evalkit.pipeline.asking.run_arms import open_arms, open_store
from evalkit.pipeline.asking.training_rows import with_training
from evalkit.pipeline.forecasting.beforehand import add_warnings, unseen_findings
from evalkit.pipeline.forecasting.conversation_calls import CallsLeft, count_calls_left
from evalkit.pipeline.forecasting.judge_calls import JudgeCalls, judge_calls, warn_advisory
from evalkit.pipeline.forecasting.populations import population, special_populations
from evalkit.pipeline.judging.facts import facts_of_judging
from evalkit.pipeline.judging.judges import open_judges, refuse_self_judging
from evalkit.pipeline.options import Options
from evalkit.pipeline.preflight import check_before_run
from evalkit.pipeline.suites.prepare import Prepared
from evalkit.pipeline.suites.prompts import requests
from evalkit.store.runs import load_run
from evalkit.suite.ask_gate import is_guarded

CHOICE_TOKENS = 0
"""Choices answered by log-likelihood write no token"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spending:
    """What one arm on one suite will still cost.

    Tokens and USD are of the calls still to make: output at its highest; None where unknown. `calls` are those that
    must be made, `calls_most` those that tools may ask for; tokens and USD are of the latter.
    """

    arm: str
    provider: str
    metered: bool
    suite: str
    calls: int
    kept: int
    tokens_in: int | None
    tokens_out: int | None
    cost_usd: float | None
    calls_most: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SuiteForecast:
    """What the gates of one suite will be able to tell, in their order."""

    suite: str
    gates: tuple[Forecast, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Spending an arm and suite, and the forecasts of the gates.

    The latter are what every gate will be able to tell, by suite.
    """

    spending: tuple[Spending, ...]
    forecasts: tuple[SuiteForecast, ...]

    @property
    def warnings(self) -> tuple[str, ...]:
        """Gates that cannot decide, or hardly."""
        return tuple(
            f"{found.suite}: {item.gate} {item.metric}{f' [{item.slice.by}={item.slice.value}]' if item.slice else ''} "
            f"{item.warning}"
            for found in self.forecasts
            for item in found.gates
            if item.warning
        )


def plan(names: Sequence[str], *, options: Options, discordance: float = 0.10, piloted: str | None = None) -> Plan:
    """Count calls and tokens of every arm; forecast every gate.

    It forecasts at an assumed discordance or that of a kept run. UsageError for a discordance that is no share of
    pairs.
    """
    if not 0.0 < discordance <= 1.0:
        raise UsageError(
            Problem(
                what=f"--discordance is the share of pairs that are assumed to differ, not {discordance:g}",
                allowed="more than 0, at most 1",
                todo="take it from a kept run with --pilot RUN",
            )
        )
    suites, named = check_before_run(names, options=options)
    known = _pilots(piloted, options)
    with ExitStack() as stack:
        arms = open_arms(named, options=options, stack=stack)
        judges = open_judges(suites, options=options, stack=stack)
        refuse_self_judging(arms, judges, suites)
        refuse_missing_parameters(arms, suites, mode=options.mode)
        refuse_no_likelihoods(arms, suites)
        store = open_store(options, stack)
        models = [arm.model for arm in arms]
        spending = [
            _estimate_spending(arm, suite, store, letters=asks_by_letters(suite, models))
            for arm in arms
            for suite in with_training(suites, arms)
        ]
        spending += [
            _spending_of(calls, judges[calls.judge])
            for suite in suites
            for calls in judge_calls(arms, suite, judges, store=store, options=options)
        ]
        facts = {suite.suite.spec.name: facts_of_judging(suite, (), {}, judges) for suite in suites}
    forecasts = []
    for suite in suites:
        spec = suite.suite.spec
        found = _forecast_gates(suite, known.get(spec.name), discordance=discordance, family=len(names) - 1)
        if piloted is None:
            found = add_warnings(found, unseen_findings([named[0], *named[1:2]], suite, options=options))
        found = warn_advisory(found, facts[spec.name], spec.policy)
        forecasts.append(SuiteForecast(suite=spec.name, gates=found))
    return Plan(spending=tuple(spending), forecasts=tuple(forecasts))


def _forecast_gates(
    suite: Prepared, assumed: dict[str, Assumed] | None, *, discordance: float, family: int
) -> tuple[Forecast, ...]:
    spec = suite.suite.spec
    return forecast(
        spec,
        everyone=population(suite),
        metrics=dict(special_populations(suite)),
        graded=_list_reaches(suite),
        assumed=assumed,
        discordance=discordance,
        guarded={
            index: sum(is_guarded(gate, example) for example in suite.examples) for index, gate in spec.all_gates()
        },
        family=family,
    )


def _list_reaches(suite: Prepared) -> dict[str, float | None]:
    """How far each metric that is no yes/no reaches; None where nothing says it."""
    return {
        named.metric_name(metric): metric.span
        for named in suite.scorers
        for metric in named.metrics
        if not metric.binary
    }


def _pilots(reference: str | None, options: Options) -> dict[str, dict[str, Assumed]]:
    if reference is None or options.root is None:
        return {}
    from evalkit.suite.spec import PolicySpec

    kept = load_run(options.root, reference)
    return {comparison.suite: pilot(comparison, PolicySpec()) for comparison in kept.comparisons}


def _estimate_spending(arm: OpenArm, suite: Prepared, store: Store | None, *, letters: bool) -> Spending:
    fingerprint = arm.model.identity.fingerprint
    first = arm.turn * suite.suite.spec.repeats
    key = request_keys(fingerprint)
    every = [
        replace(request, key=key(request))
        for request in requests(
            suite.suite,
            suite.examples,
            letters=letters,
            first_repeat=first,
            own=arm.arm.spec.generate,
            prompt=arm.variant.prompt,
        )
    ]
    asked = [request for request in every if request.turn is None]
    facts = facts_of(arm.model)
    kept = set(store.lookup([request.key for request in asked])) if store is not None else set()
    rest = [] if not facts.kept else [request for request in asked if request.key not in kept]
    talks = _follow(arm, suite, store, [request for request in every if request.turn is not None])
    calls, most = len(rest) + talks.fewest, len(rest) + len(talks.longest)
    counts = _tokens(arm, [*((request, 0) for request in rest), *talks.longest])
    money = price_of(arm.arm.spec, arm.model)
    tokens_in, tokens_out = counts if counts is not None else (None, None)
    cost = None if counts is None else money.price(Usage(input=counts[0], output=counts[1]))
    return Spending(
        arm=arm.arm.name,
        provider=arm.model.identity.provider,
        metered=facts.metered,
        suite=suite.suite.spec.name,
        calls=calls,
        calls_most=most,
        kept=len(asked) - len(rest) + talks.kept,
        tokens_in=tokens_in,
        tokens_out=tokens_out,
        cost_usd=0.0 if not calls else cost,
    )


def _follow(arm: OpenArm, suite: Prepared, store: Store | None, openings: Sequence[Request]) -> CallsLeft:
    """What conversations still take; of an arm that answers from where it is everything is kept."""
    if not facts_of(arm.model).kept:
        return CallsLeft(kept=sum(request.turn.of for request in openings if request.turn is not None))
    return count_calls_left(
        openings,
        open_conversations(arm, suite),
        fingerprint=arm.model.identity.fingerprint,
        store=store,
        reading=suite.suite.spec.reading,
    )


def _spending_of(calls: JudgeCalls, judge: OpenArm) -> Spending:
    """What a judge will cost, in a row beside those of the arms."""
    return Spending(
        arm=f"judge {calls.judge}",
        provider=judge.model.identity.provider,
        metered=facts_of(judge.model).metered,
        suite=calls.suite,
        calls=calls.calls,
        kept=calls.kept,
        tokens_in=calls.tokens_in,
        tokens_out=calls.tokens_out,
        cost_usd=calls.cost_usd,
    )


def _tokens(arm: OpenArm, asked: Sequence[tuple[Request, int]]) -> tuple[int, int] | None:
    """Input tokens in the model's own encoding, output tokens at the most; None for models without a count.

    Beside a request stand the tokens of answers that come before it and that nobody knows yet.
    """
    if not facts_of(arm.model).counts_tokens:
        return None
    from evalkit.models.openai.billed import prompt_tokens

    longest = [CHOICE_TOKENS if request.choices else request.sampling.max_tokens for request, _ in asked]
    if any(length is None for length in longest):
        return None
    name = arm.model.identity.model
    total = sum(prompt_tokens(request, model=name, spec=arm.arm.spec) + before for request, before in asked)
    return total, sum(length or 0 for length in longest)
