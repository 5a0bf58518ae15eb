"""Does a model keep the promises of `evalkit.core.ports.Model`?"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from evalkit.core.exchange import Message, Request, Response, Sampling
from evalkit.core.fingerprint import canonical
from evalkit.core.ports import Model
from evalkit.testing.promises import BrokenPromise


def check_model(model: Model, requests: Sequence[Request] = ()) -> None:
    """Ask a model and look at what comes back; raises BrokenPromise with all that is wrong. Closes the model.

    Without `requests` five small ones are asked. What is checked: an identity that stays the same and has a
    fingerprint; exactly one response a request, none lost, none doubled, none invented; each an answer or a named
    failure, never both and never neither; times and likelihoods that are numbers; one likelihood a choice; that
    requests may come from a generator, may be none at all, and that closing twice is harmless.
    """
    name = type(model).__name__
    if not isinstance(model, Model):
        raise BrokenPromise(name, ["it lacks one of identity, scores_choices, answer, close"])
    asked = list(requests) or default_requests()
    wrong = [*_of_identity(model)]
    try:
        if list(model.answer(iter(()))):
            wrong.append("it answers although nothing was asked")
        responses = list(model.answer(request for request in asked))
        wrong += _of_answers(model, asked, responses)
        wrong += _of_identity(model)
    finally:
        model.close()
        model.close()
    if wrong:
        raise BrokenPromise(name, wrong)


def default_requests() -> list[Request]:
    """Five small requests: a system prompt, a long one, Japanese, a repeat."""
    sampling = Sampling(max_tokens=16)
    first = Request(
        example_id="plain", messages=(Message(role="user", content="Say yes."),), sampling=sampling, key="plain-0"
    )
    system = (Message(role="system", content="Be brief."), Message(role="user", content="Hello"))
    return [
        first,
        replace(first, repeat=1, key="plain-1"),
        replace(first, example_id="system", messages=system, key="system-0"),
        replace(first, example_id="long", messages=(Message(role="user", content="word " * 300),), key="long-0"),
        replace(first, example_id="ja", messages=(Message(role="user", content="はいと言ってください。"),), key="ja-0"),
    ]


def _of_identity(model: Model) -> Iterator[str]:
    identity = model.identity
    if identity != model.identity:
        yield "its identity changes from one look to the next"
    if not identity.fingerprint or not identity.name:
        yield "its identity needs a name and a fingerprint"
    try:
        canonical(identity.details)
    except (TypeError, ValueError) as error:
        yield f"the details of its identity cannot be written as JSON: {error}"


def _of_answers(model: Model, asked: Sequence[Request], responses: Sequence[Response]) -> Iterator[str]:
    wanted = Counter((request.example_id, request.repeat) for request in asked)
    came = Counter((response.example_id, response.repeat) for response in responses)
    for (example_id, repeat), missing in (wanted - came).items():
        yield f"{missing} response(s) to {example_id!r}, repeat {repeat}, never came"
    for (example_id, repeat), surplus in (came - wanted).items():
        yield f"{surplus} response(s) to {example_id!r}, repeat {repeat}, that nobody asked for"
    choices = {(request.example_id, request.repeat): len(request.choices) for request in asked}
    for response in responses:
        yield from _of_response(response, choices=choices.get((response.example_id, response.repeat), 0), model=model)


def _of_response(response: Response, *, choices: int, model: Model) -> Iterator[str]:
    place = f"the response to {response.example_id!r}"
    answer = response.text is not None or response.tool_calls or response.refusal or response.choice_scores
    if bool(answer) == (response.failure is not None):
        yield f"{place} is {'both an answer and' if answer else 'neither an answer nor'} a failure"
    for what, seconds in (("latency_s", response.latency_s), ("first_token_s", response.first_token_s)):
        if seconds is not None and not (math.isfinite(seconds) and seconds >= 0):
            yield f"{place} has {what} {seconds}"
    if any(math.isnan(score) for score in response.choice_scores):
        yield f"{place} has a likelihood that is not a number"
    if choices and model.scores_choices and response.failure is None and len(response.choice_scores) != choices:
        yield f"{place} has {len(response.choice_scores)} likelihoods for {choices} choices"
