"""A request on its way: how often it was tried, and what to say when it is given up."""

from __future__ import annotations

from dataclasses import dataclass, field

from evalkit.core.exchange import Failure, FailureKind, Request, Response
from evalkit.models.openai.answer import Circumstances, respond


@dataclass(slots=True, kw_only=True)
class Job:
    """A call to make.

    `tokens` is a rough estimate, for the token budget only; `told` is why it may not be tried again.
    """

    request: Request
    tokens: int
    first_at: float | None = None
    attempts: int = 0
    adaptations: int = 0
    told: str = ""
    tries: dict[FailureKind, int] = field(default_factory=dict)


def rough_tokens(request: Request) -> int:
    """Estimate how many tokens a call may use.

    It counts a token for four characters, and the longest answer.
    """
    characters = sum(len(m.content) if isinstance(m.content, str) else 400 for m in request.messages)
    return characters // 4 + (request.sampling.max_tokens or 0)


def explain_failure(response: Response, failure: Failure, job: Job, now: float) -> Response:
    """Return the failed response, saying how often and how long it was tried."""
    why = [job.told] if job.told else []
    if job.attempts > 1:
        why.insert(0, f"gave up after {job.attempts} attempts in {now - (job.first_at or now):.1f} s")
    if not why:
        return response
    tried = f"{failure.message} ({'; '.join(why)})"
    said = Failure(kind=failure.kind, message=tried, status=failure.status)
    return respond(job.request, said, circumstances=Circumstances(request_id=response.request_id))
