"""The questions to judges about the answers of an arm, as requests: what is asked twice is one request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import cast

from evalkit.core.exchange import Message, Request, Sampling
from evalkit.core.fingerprint import prompt_digest
from evalkit.core.judging import Judging, Question
from evalkit.core.ports import JudgingScorer, facts_of
from evalkit.pipeline.asking.arm_result import Answers
from evalkit.pipeline.asking.measure import show_conversation
from evalkit.pipeline.asking.run_arm import OpenArm
from evalkit.pipeline.judging.judges import Judges
from evalkit.pipeline.suites.named_scorer import NamedScorer
from evalkit.pipeline.suites.prepare import Prepared
from evalkit.pipeline.suites.prompts import reseed, sampling
from evalkit.suite.generate import GenerateSpec, arm_generate

Place = tuple[str, str, int]
"""Scorer, example id, repeat of the answer"""
_DIGITS = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionAsked:
    """A question with the request that it is; several questions may be one request."""

    question: Question
    request: Request


def write_questions(
    prepared: Prepared, answers: Answers, other: Answers | None, judges: Judges
) -> dict[Place, list[QuestionAsked]]:
    """Write what is asked about every answer of an arm.

    Nothing is asked about calls that failed.
    `other` are the other arm's answers, None where there is no other arm.
    """
    found: dict[Place, list[QuestionAsked]] = {}
    for named in prepared.judging_scorers:
        scorer, how = cast(JudgingScorer, named.scorer), cast(JudgingScorer, named.scorer).judging
        draws = {name: _draw_for(how, judges[name]) for name in how.judges}
        for example in prepared.examples:
            if not named.applies(example):
                continue
            beside = other.get(example.id, ()) if other is not None else ()
            for at, response in enumerate(answers.get(example.id, ())):
                if response.failure is not None:
                    continue
                against = beside[at] if how.pairs and at < len(beside) else None
                # of pairs both answers stand behind what the row brings; alone, behind what the arm made of it
                shown = example if how.pairs else show_conversation(example, response)
                found[named.name, example.id, response.repeat] = [
                    QuestionAsked(question=one, request=_request(named, example.id, one, draws[one.judge], prepared))
                    for one in scorer.ask_judges(shown, response, against)
                ]
    return found


def unique_requests(
    cases: Mapping[Place, list[QuestionAsked]], into: dict[str, dict[tuple[str, int], Request]]
) -> dict[str, dict[tuple[str, int], Request]]:
    """Gather the requests of each judge, each one once, under its id and draw."""
    for asked in cases.values():
        for one in asked:
            key = one.request.example_id, one.request.repeat
            into.setdefault(one.question.judge, {}).setdefault(key, one.request)
    return into


def _request(
    named: NamedScorer, example_id: str, question: Question, draw: tuple[Sampling, bool], prepared: Prepared
) -> Request:
    """The id tells the case and the prompt: the same answer of another arm is asked about once.

    A recording of a judge holds its replies under these ids, so that another answer never gets this one's reply.
    """
    messages = (Message(role="user", content=question.text),)
    sha256 = prompt_digest(messages)
    how, structured = draw
    if structured and question.schema is not None:
        held = {"name": "judgement", "strict": True, "schema": dict(question.schema)}
        how = replace(how, extra={**how.extra, "response_format": {"type": "json_schema", "json_schema": held}})
    return Request(
        example_id=f"{example_id}/{named.name}/{sha256[:_DIGITS]}",
        messages=messages,
        sampling=reseed(how, question.draw),
        repeat=question.draw,
        prompt_sha256=sha256,
        suite=prepared.suite.spec.name,
    )


def judge_generate(how: Judging, judge: OpenArm) -> GenerateSpec:
    """Return how a judge is asked.

    What models.yaml says of it goes before the scorer's options.
    """
    return arm_generate(GenerateSpec(**how.sampling), judge.arm.spec.generate)


def _draw_for(how: Judging, judge: OpenArm) -> tuple[Sampling, bool]:
    structured = facts_of(judge.model).schemas if how.schemas is None else how.schemas
    return sampling(judge_generate(how, judge)), structured
