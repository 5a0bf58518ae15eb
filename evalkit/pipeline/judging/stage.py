"""The stage between answers and pairs: judges are asked about all answers, one judge after the other."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast

from evalkit.core.exchange import Example, Request, Response
from evalkit.core.judging import Reply
from evalkit.core.ports import JudgingScorer
from evalkit.core.verdict import Score
from evalkit.pipeline.arms.price import price_of
from evalkit.pipeline.asking.arm_result import ArmResult
from evalkit.pipeline.asking.ask import Asking, ask
from evalkit.pipeline.asking.measure import ArmScores, Ask, measure
from evalkit.pipeline.asking.run_arms import Desk, Duel
from evalkit.pipeline.judging.agreement import agreement_between, rows_of
from evalkit.pipeline.judging.facts import Replies, facts_of_judging
from evalkit.pipeline.judging.judges import Judges
from evalkit.pipeline.judging.questions import Place, QuestionAsked, unique_requests, write_questions
from evalkit.pipeline.options import Options, Tally
from evalkit.pipeline.suites.named_scorer import NamedScorer
from evalkit.pipeline.suites.prepare import Prepared

Cases = Mapping[Place, list[QuestionAsked]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Hearing:
    """One duel with what is asked about either side."""

    duel: Duel
    base: Cases
    candidate: Cases


def judge_duels(duels: Sequence[Sequence[Duel]], judges: Judges, *, options: Options, desk: Desk) -> list[list[Duel]]:
    """Ask the judges about all answers; return the duels with the scores.

    Duels without a scorer that asks come back as they are. The base's answers are asked about once for all candidates.
    """
    if not judges:
        return [list(row) for row in duels]
    heard = [[_hearing(duel, judges) for duel in row] for row in duels]
    wanted: dict[tuple[str, str], dict[tuple[str, int], Request]] = {}
    for row in heard:
        for one in row:
            suite = one.duel.prepared.suite.spec.name
            for cases in (one.base, one.candidate):
                for judge, requests in unique_requests(cases, {}).items():
                    wanted.setdefault((judge, suite), {}).update(requests)
    replies = ask_judges(wanted, judges, options=options, desk=desk)
    return [[_settle(one, replies, judges) for one in row] for row in heard]


def judge_arm(prepared: Prepared, result: ArmResult, *, judges: Judges, options: Options, desk: Desk) -> ArmResult:
    """Ask the judges about one arm by itself; nothing is said of pairs."""
    if not prepared.judging_scorers:
        return result
    cases = write_questions(prepared, result.answers, None, judges)
    suite = prepared.suite.spec.name
    wanted = {(judge, suite): requests for judge, requests in unique_requests(cases, {}).items()}
    replies = ask_judges(wanted, judges, options=options, desk=desk)
    return _with_scores(prepared, result, cases, replies)


def ask_judges(
    wanted: Mapping[tuple[str, str], Mapping[tuple[str, int], Request]],
    judges: Judges,
    *,
    options: Options,
    desk: Desk,
) -> dict[tuple[str, str, int], Response]:
    """Ask every judge its requests, suite by suite; kept replies are not asked again."""
    found: dict[tuple[str, str, int], Response] = {}
    places = [name for name in judges if any(judge == name for judge, _ in wanted)]
    for number, name in enumerate(places, start=1):
        judge = judges[name]
        mine = {suite: requests for (asked, suite), requests in wanted.items() if asked == name}
        for at, (suite, requests) in enumerate(mine.items(), start=1):
            if desk.budget is not None:
                money = price_of(judge.arm.spec, judge.model)
                desk.budget.arm(price=money.price, guess=money.guess)
            how = Asking(
                store=desk.store,
                mode=options.mode,
                budget=desk.budget,
                tell=_teller(f"judge {name}", suite, options),
                sleep=options.sleep,
                tally=Tally(total=len(requests), arm=(number, len(places)), suite=(at, len(mine))),
            )
            for response in ask(judge.model, list(requests.values()), how=how):
                found[name, response.example_id, response.repeat] = response
    return found


def _teller(arm: str, suite: str, options: Options) -> Callable[[Tally], None]:
    return lambda tally: options.tell(arm, suite, tally)


def _hearing(duel: Duel, judges: Judges) -> _Hearing:
    base, candidate = duel.base.answers, duel.candidate.answers
    return _Hearing(
        duel=duel,
        base=write_questions(duel.prepared, base, candidate, judges),
        candidate=write_questions(duel.prepared, candidate, base, judges),
    )


def _settle(heard: _Hearing, replies: Replies, judges: Judges) -> Duel:
    duel = heard.duel
    if not duel.prepared.judging_scorers:
        return duel
    sides = {"base": (duel.base, heard.base), "candidate": (duel.candidate, heard.candidate)}
    scored = {arm: _with_scores(duel.prepared, result, cases, replies) for arm, (result, cases) in sides.items()}
    facts = facts_of_judging(duel.prepared, (heard.base, heard.candidate), replies, judges)
    for scorer, about in facts.items():
        names = [*about["judges"]]
        if len(names) > 1:
            rows = rows_of(scorer, names, [result.measured for result in scored.values()])
            about["between_judges"] = agreement_between(names, rows, kind=about["kind"])
    return replace(duel, base=scored["base"], candidate=scored["candidate"], judged=facts)


def _with_scores(prepared: Prepared, result: ArmResult, cases: Cases, replies: Replies) -> ArmResult:
    """The arm with the scores of its judges, in the order of the suite's scorers."""

    def asker(named: NamedScorer) -> Ask:
        scorer = cast(JudgingScorer, named.scorer)

        def score(example: Example, response: Response) -> Score:
            asked = cases.get((named.name, example.id, response.repeat), [])
            return scorer.score_replies(example, response, [_reply(one, replies) for one in asked])

        return score

    found = measure(
        prepared.examples,
        result.answers,
        scorers=prepared.judging_scorers,
        repeats=prepared.suite.spec.repeats,
        asker=asker,
    )
    return replace(result, measured=_join(prepared, result.measured, found))


def _reply(one: QuestionAsked, replies: Replies) -> Reply:
    response = replies[one.question.judge, one.request.example_id, one.request.repeat]
    return Reply(question=one.question, response=response, asked=one.request.example_id)


def _join(prepared: Prepared, plain: ArmScores, judged: ArmScores) -> ArmScores:
    columns = {**plain.columns, **judged.columns}
    order = [*prepared.plain_metrics, *columns]
    return replace(
        plain,
        columns={name: columns[name] for name in dict.fromkeys(order) if name in columns},
        scores={named.name: {**plain.scores, **judged.scores}[named.name] for named in prepared.scorers},
        errors=plain.errors + judged.errors,
    )
