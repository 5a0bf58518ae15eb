"""Does a scorer keep the promises of `evalkit.core.ports.Scorer`?"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import get_args

from evalkit.core.exchange import Example, Response, ToolCall
from evalkit.core.fingerprint import canonical
from evalkit.core.ports import Scorer
from evalkit.core.verdict import Metric, Score, Status
from evalkit.scorers.unscorable import Unscorable
from evalkit.testing.promises import BrokenPromise


def check_scorer(scorer: Scorer, cases: Sequence[tuple[Example, Response]]) -> None:
    """Score cases twice and answers of odd shape; raise BrokenPromise.

    Every case is scored twice, and every example with the odd answers. The error has all that is wrong. `cases` are
    examples that the scorer can score, each with an answer. What is checked: a version; metrics with the main one first
    and no name twice; the same score for the same answer; a number exactly where the status says so, finite, 0 or 1
    where the metric is yes/no; no part that `metrics()` does not name; evidence that JSON can hold; and that no answer
    a model may give (empty, endless, half a surrogate pair, nothing but a tool call) raises.

    >>> from evalkit.core.exchange import Message
    >>> from evalkit.scorers.exact import Exact
    >>> example = Example(id="a", messages=(Message(role="user", content="2 + 2?"),), target="4")
    >>> check_scorer(Exact(), [(example, Response(example_id="a", text="4"))])
    """
    name = type(scorer).__name__
    if not isinstance(scorer, Scorer):
        raise BrokenPromise(name, ["it lacks one of version, metrics, score, check"])
    metrics = {metric.part: metric for metric in scorer.metrics()}
    wrong = [*_of_itself(scorer)]
    if not cases:
        wrong.append("it was given no case to score")
    for example, response in cases:
        wrong += _of_case(scorer, metrics, example, response, must_score=True)
        for odd in odd_responses(example):
            wrong += _of_case(scorer, metrics, example, odd, must_score=False)
    if wrong:
        raise BrokenPromise(name, wrong)


def odd_responses(example: Example) -> tuple[Response, ...]:
    """List answers that real models give now and then."""
    plain = Response(example_id=example.id, text="", repeat=3)
    return (
        plain,
        replace(plain, text=" \n\t "),
        replace(plain, text="word " * 20_000, finish="length"),
        replace(plain, text="half \ud83d a pair, \x00 and ＦＵＬＬ　ｗｉｄｔｈ 👩‍👩‍👧"),
        replace(plain, text='{"open": ["', finish="length"),
        replace(plain, text=None, tool_calls=(ToolCall(name="f", arguments="{}"), ToolCall(name="", arguments='{"a'))),
        replace(plain, text=None, refusal="I can't help with that."),
    )


def _of_itself(scorer: Scorer) -> Iterator[str]:
    if not isinstance(scorer.version, str) or not scorer.version:
        yield "version must be text that is not empty"
    metrics = list(scorer.metrics())
    if not metrics or metrics[0].part != "":
        yield 'metrics() must begin with the main metric, whose part is ""'
    parts = [metric.part for metric in metrics]
    yield from (f"metrics() names the part {part!r} twice" for part in sorted({p for p in parts if parts.count(p) > 1}))
    yield from (f"the part {part!r} must not begin with a dot" for part in parts if part.startswith("."))


def _of_case(
    scorer: Scorer, metrics: Mapping[str, Metric], example: Example, response: Response, *, must_score: bool
) -> Iterator[str]:
    shown = "an answer" if must_score else f"the odd answer {_show(response)}"
    told = scorer.check(example)
    if isinstance(told, str) or not all(isinstance(sentence, str) for sentence in told):
        yield "check() must return sentences (a list or tuple of texts)"
    elif told and must_score:
        yield f"check() says that example {example.id!r} cannot be scored: {told[0]}"
    try:
        score, again = scorer.score(example, response), scorer.score(example, response)
    except Unscorable as error:
        if must_score or error.__cause__ is not None:  # a function that crashes is unscorable as well
            yield f"score() found no score for {shown}: {error}"
        return
    except Exception as error:  # whatever a user's scorer raises is what this is for
        yield f"score() raised {type(error).__name__} on {shown}: {error}"
        return
    if not isinstance(score, Score):
        yield f"score() must return a Score, not {type(score).__name__}"
        return
    if score != again:
        yield f"score() gave two different scores for {shown}"
    if (score.example_id, score.repeat) != (example.id, response.repeat):
        yield "a Score must carry the id of its example and the repeat of its response"
    yield from (f"{sentence} (for {shown})" for sentence in _of_numbers(score, metrics))


def _of_numbers(score: Score, metrics: Mapping[str, Metric]) -> Iterator[str]:
    if score.status not in get_args(Status):
        yield f"the status {score.status!r} does not exist"
    if (score.value is None) == (score.status == "SCORED"):
        yield f"the value is {score.value} although the status is {score.status}"
    if score.status != "SCORED" and not score.reason:
        yield f"a score with the status {score.status} needs a reason"
    values = {"": score.value, **score.parts}
    for part, value in values.items():
        metric = metrics.get(part)
        if metric is None:
            yield f"metrics() does not name the part {part!r}"
        elif value is not None and not math.isfinite(value):
            yield f"the value of {part!r} is {value}, not a number"
        elif value is not None and metric.binary and value not in (0, 1):
            yield f"the metric {part!r} is yes/no, but its value is {value}"
    try:
        canonical(score.evidence)
    except (TypeError, ValueError) as error:
        yield f"the evidence cannot be written as JSON: {error}"


def _show(response: Response) -> str:
    if response.tool_calls:
        return "of tool calls alone"
    return repr((response.text if response.text is not None else response.refusal or "")[:30])
