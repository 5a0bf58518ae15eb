"""What was computed, as responses."""

from __future__ import annotations

import math
from bisect import bisect_left

from evalkit.core.exchange import Failure, Json, Request, Response, Usage
from evalkit.core.fingerprint import digest
from evalkit.models.local.choices import Scored
from evalkit.models.local.passages import Passages
from evalkit.models.local.prompt import Prompt
from evalkit.models.local.sampling import Row
from evalkit.reading.thoughts import split_thoughts

HONOURED = frozenset({"stream", "logprobs"})
"""Extra parameters that are honoured, or change no answer; every other is named in `Response.adapted` as left out"""


def failed_response(request: Request, failure: Failure) -> Response:
    """Return the response to a request that could not be asked."""
    return Response(
        example_id=request.example_id,
        repeat=request.repeat,
        failure=failure,
        prompt_sha256=request.prompt_sha256 or None,
    )


def written_response(row: Row, *, served_model: str) -> Response:
    """Return the response of a generated answer.

    `usage.output` counts every token drawn, the end token included.
    """
    request = row.prompt.request
    text = row.text()
    thought = _thought_tokens(row, text)
    if row.prompt.opens:
        text = f"{row.prompt.opens}\n{text}"
    return Response(
        example_id=request.example_id,
        repeat=request.repeat,
        text=text,
        finish=row.finish,
        usage=Usage(input=len(row.prompt.ids), output=len(row.tokens), reasoning=thought),
        latency_s=row.seconds,
        token_logprobs=tuple(row.logprobs),
        served_model=served_model,
        prompt_sha256=request.prompt_sha256 or None,
        tokens_sha256=tokens_digest(row.prompt),
        adapted=dropped_parameters(request),
    )


def _thought_tokens(row: Row, text: str) -> int | None:
    """How many of the tokens drawn are the thought before the answer; None where there is none, or it is elsewhere."""
    opening = row.prompt.opens
    split = split_thoughts(f"{opening}\n{text}" if opening else text)
    if not split.taken or not text.endswith(split.answer):
        return None
    end = len(text) - len(split.answer)
    return bisect_left(range(len(row.tokens)), end, key=lambda count: len(row.decode(row.tokens[:count])))


def chosen_response(scored: Scored, *, served_model: str) -> Response:
    """Return the response of scored choices.

    The text is the choice with the highest log-likelihood a byte; no token was drawn.

    The sum alone favours short choices and the mean over tokens depends on the tokenizer; bytes do neither. How the
    choice scorer weighs `choice_scores` is its own affair.
    """
    request = scored.prompt.request
    if not all(map(math.isfinite, scored.scores)):
        message = "the model's likelihoods are not numbers: its weights are broken, or overflow in this number type"
        return failed_response(request, Failure(kind="other", message=message))
    per_byte = [
        score / max(1, len(choice.encode("utf-8", "surrogatepass")))
        for score, choice in zip(scored.scores, request.choices, strict=True)
    ]
    return Response(
        example_id=request.example_id,
        repeat=request.repeat,
        text=request.choices[per_byte.index(max(per_byte))],
        finish="stop",
        usage=Usage(input=len(scored.prompt.ids), output=0),
        latency_s=scored.seconds,
        served_model=served_model,
        choice_scores=scored.scores,
        choice_tokens=tuple(len(choice) for choice in scored.prompt.choices),
        prompt_sha256=request.prompt_sha256 or None,
        tokens_sha256=tokens_digest(scored.prompt),
    )


def measured_response(row: Passages, *, served_model: str) -> Response:
    """Return the response of a text that was measured.

    `choice_scores` is its log-likelihood, as it was computed, `choice_tokens` how many tokens it has; `tokens_sha256`
    is the digest of these tokens. No token was drawn.
    """
    request, total = row.request, math.fsum(row.sums)
    if not math.isfinite(total):
        message = "the model's likelihoods are not numbers: its weights are broken, or overflow in this number type"
        return failed_response(request, Failure(kind="other", message=message))
    return Response(
        example_id=request.example_id,
        repeat=request.repeat,
        finish="stop",
        usage=Usage(input=row.read, output=0),
        latency_s=row.seconds,
        served_model=served_model,
        choice_scores=(total,),
        choice_tokens=(len(row.counted),),
        prompt_sha256=request.prompt_sha256 or None,
        tokens_sha256=digest(list(row.counted)),
        adapted=dropped_parameters(request),
    )


def tokens_digest(prompt: Prompt) -> str:
    """Return the SHA-256 of the prompt's token ids.

    Two arms with the same digest read the very same tokens.
    """
    return digest(list(prompt.ids))


def dropped_parameters(request: Request) -> dict[str, Json]:
    """List the parameters that this backend has no way to honour."""
    return {name: None for name in request.sampling.extra if name not in HONOURED}
