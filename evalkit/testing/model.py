"""Does a model keep the promises of `evalkit.core.ports.Model`?"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from evalkit.core.exchange import Message, Request, Response, Sampling
from evalkit.core.fingerprint import add_keys, canonical
from evalkit.core.ports import Model
from evalkit.testing.promises import BrokenPromise


def check_model(model: Model, requests: Sequence[Request] = ()) -> None:
    """Ask a model and check its answers; close the model.

    Raises BrokenPromise with all that is wrong. Without `requests` five small ones are asked. What is checked: an
    identity that stays the same and has a fingerprint; exactly one response a request, none lost, none doubled, none
    invented; each an answer or a named failure, never both and never neither; times and likelihoods that are numbers;
    one likelihood a choice; the digest of the prompt that was asked, and of no other; token counts that are whole and
    fit together; that requests may come from a generator, may be none at all, and that closing twice is harmless.
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
    """Return five small requests to try a model with.

    A system prompt, a long one, Japanese and a repeat are among them.
    """
    sampling = Sampling(max_tokens=16)
    first = Request(example_id="plain", messages=(Message(role="user", content="Say yes."),), sampling=sampling)
    system = (Message(role="system", content="Be brief."), Message(role="user", content="Hello"))
    asked = [
        first,
        replace(first, repeat=1),
        replace(first, example_id="system", messages=system),
        replace(first, example_id="long", messages=(Message(role="user", content="word " * 300),)),
        replace(first, example_id="ja", messages=(Message(role="user", content="はいと言ってください。"),)),
    ]
    return [add_keys(request, model_fingerprint="check") for request in asked]


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
    known = {(request.example_id, request.repeat): request for request in asked}
    for response in responses:
        request = known.get((response.example_id, response.repeat))
        yield from _of_response(response, choices=len(request.choices) if request else 0, model=model)
        if request is not None and response.failure is None:
            yield from _of_prompt(request, response)
            yield from _of_usage(response)


def _of_prompt(request: Request, response: Response) -> Iterator[str]:
    """Only a digest proves that both arms saw the same."""
    place = f"the response to {response.example_id!r}"
    if request.prompt_sha256 and response.prompt_sha256 is None:
        yield f"{place} does not say which prompt it answers: pass on the request's `prompt_sha256`"
    elif request.prompt_sha256 and response.prompt_sha256 != request.prompt_sha256:
        yield f"{place} bears the digest of another prompt"


def _of_usage(response: Response) -> Iterator[str]:
    """Costs are counted from these."""
    usage, place = response.usage, f"the response to {response.example_id!r}"
    if usage is None:
        return
    for name in ("input", "output", "cached_input", "reasoning"):
        count = getattr(usage, name)
        if count is not None and (isinstance(count, bool) or not isinstance(count, int) or count < 0):
            yield f"{place} has usage.{name} {count!r}, which is no count of tokens"
            return
    if usage.input is not None and (usage.cached_input or 0) > usage.input:
        yield f"{place} has more cached than input tokens ({usage.cached_input} of {usage.input})"
    if usage.output is not None and (usage.reasoning or 0) > usage.output:
        yield f"{place} has more reasoning than output tokens ({usage.reasoning} of {usage.output})"


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
