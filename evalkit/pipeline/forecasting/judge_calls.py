"""What judges will still be asked: counted on the answers at hand, and for those to come at their longest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from evalkit.core.exchange import Json, Request, Response, Usage
from evalkit.core.fingerprint import request_keys
from evalkit.core.ports import Store, facts_of
from evalkit.gates.advisory import why_advisory
from evalkit.gates.forecast import Forecast
from evalkit.pipeline.arms.price import price_of
from evalkit.pipeline.asking.arm_result import Answers
from evalkit.pipeline.asking.run_arm import OpenArm
from evalkit.pipeline.forecasting.beforehand import known_answers
from evalkit.pipeline.judging.judges import Judges
from evalkit.pipeline.judging.questions import Place, QuestionAsked, write_questions
from evalkit.pipeline.options import Options
from evalkit.pipeline.suites.prepare import Prepared
from evalkit.suite.generate import arm_generate
from evalkit.suite.spec import PolicySpec

Wanted = dict[tuple[str, int], tuple[Request, int]]
"""Id and draw -> the request, and the tokens of answers that it will hold and does not hold yet"""


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeCalls:
    """What one judge will be asked on one suite.

    Tokens and USD are of the calls still to make.
    """

    judge: str
    suite: str
    calls: int
    kept: int
    tokens_in: int | None
    tokens_out: int | None
    cost_usd: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Arm:
    """The answers of an arm, or stand-ins for those to come, which are at most so long."""

    answers: Answers
    longest: int | None


def judge_calls(
    arms: Sequence[OpenArm], suite: Prepared, judges: Judges, *, store: Store | None, options: Options
) -> list[JudgeCalls]:
    """Count the calls of every judge on one suite; nobody is asked."""
    if not suite.judging_scorers:
        return []
    known = [_answers(arm, suite, options) for arm in arms]
    wanted: dict[str, Wanted] = {}
    for candidate in known[1:]:
        for one, other in ((known[0], candidate), (candidate, known[0])):
            _gather(write_questions(suite, one.answers, other.answers, judges), one, other, suite, wanted)
    return [_count(judges[name], name, suite, requests, store) for name, requests in wanted.items()]


def _answers(arm: OpenArm, suite: Prepared, options: Options) -> _Arm:
    found = known_answers(arm.arm, suite, options=options)
    if found is not None:
        return _Arm(answers=found.answers, longest=0)
    spec = suite.suite.spec
    rows = {
        example.id: tuple(
            Response(example_id=example.id, repeat=repeat, text=f"{arm.arm.name} {repeat}")
            for repeat in range(spec.repeats)
        )
        for example in suite.examples
    }
    return _Arm(answers=rows, longest=arm_generate(spec.generate, arm.arm.spec.generate).max_tokens)


def _gather(
    cases: Mapping[Place, list[QuestionAsked]], one: _Arm, other: _Arm, suite: Prepared, into: dict[str, Wanted]
) -> None:
    pairs = {named.name for named in suite.judging_scorers if named.scorer.judging.pairs}  # type: ignore[attr-defined]  # each is a JudgingScorer
    for (scorer, _, _), asked in cases.items():
        sides = (one, other) if scorer in pairs else (one,)
        more = -1 if any(side.longest is None for side in sides) else sum(side.longest or 0 for side in sides)
        for each in asked:
            key = each.request.example_id, each.request.repeat
            into.setdefault(each.question.judge, {}).setdefault(key, (each.request, more))


def _count(judge: OpenArm, name: str, suite: Prepared, wanted: Wanted, store: Store | None) -> JudgeCalls:
    key = request_keys(judge.model.identity.fingerprint)
    keyed = [(replace(request, key=key(request)), more) for request, more in wanted.values()]
    kept = set(store.lookup([request.key for request, _ in keyed])) if store is not None else set()
    facts = facts_of(judge.model)
    rest = [(request, more) for request, more in keyed if request.key not in kept] if facts.kept else []
    counts = _tokens(judge, rest) if facts.counts_tokens else None
    tokens_in, tokens_out = counts if counts is not None else (None, None)
    price = price_of(judge.arm.spec, judge.model).price
    cost = None if counts is None else price(Usage(input=counts[0], output=counts[1]))
    return JudgeCalls(
        judge=name,
        suite=suite.suite.spec.name,
        calls=len(rest),
        kept=len(keyed) - len(rest),
        tokens_in=tokens_in,
        tokens_out=tokens_out,
        cost_usd=0.0 if not rest else cost,
    )


def _tokens(judge: OpenArm, rest: Sequence[tuple[Request, int]]) -> tuple[int, int] | None:
    """Tokens in and at most out; None where an answer, or a reply, has no longest length."""
    from evalkit.models.openai.billed import prompt_tokens

    longest = [request.sampling.max_tokens for request, _ in rest]
    if any(length is None for length in longest) or any(more < 0 for _, more in rest):
        return None
    model, spec = judge.model.identity.model, judge.arm.spec
    total = sum(prompt_tokens(request, model=model, spec=spec) + more for request, more in rest)
    return total, sum(length or 0 for length in longest)


def warn_advisory(forecasts: Sequence[Forecast], facts: Mapping[str, Json], policy: PolicySpec) -> tuple[Forecast, ...]:
    """Return the forecasts, with a warning where a gate stands on an advisory judge."""
    return tuple(_warn(item, facts, policy) for item in forecasts)


def _warn(item: Forecast, facts: Mapping[str, Json], policy: PolicySpec) -> Forecast:
    scorer, _, part = item.metric.partition(".")
    why = why_advisory(facts[scorer], part, policy) if scorer in facts else ()
    if not why:
        return item
    told = f"cannot decide: the judge is advisory ({'; '.join(why)})"
    return replace(item, warning="; ".join(text for text in (item.warning, told) if text))
