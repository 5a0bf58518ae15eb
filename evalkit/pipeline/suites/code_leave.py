"""Scorers that run what a model wrote: not without the suite's leave, and never in silence."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from evalkit.core.errors import EvalkitError, Problem
from evalkit.core.ports import CodeScorer, Scorer
from evalkit.pipeline.suites.named_scorer import NamedScorer
from evalkit.suite.load import Suite


def give_leave(
    suite: Suite,
    scorers: Sequence[NamedScorer],
    problems: list[Problem],
    notes: list[str],
    *,
    renew: Callable[[NamedScorer, Scorer], NamedScorer],
) -> tuple[NamedScorer, ...]:
    """Return the scorers, those that run code with the leave that the suite gives.

    Without it, or where the network cannot be cut off and the suite does not say that it need not be, a problem has the
    line to write. What the code is kept from stands in the notes.
    """
    out = []
    for named in scorers:
        if isinstance(named.scorer, CodeScorer):
            problem = _refuse(suite, named, named.scorer)
            if problem is not None:
                problems.append(problem)
            else:
                notes.append(f"scorer {named.name!r}: {named.scorer.code_words}")
                named = renew(named, named.scorer.with_leave(unprotected=suite.spec.network == "unprotected"))
        out.append(named)
    return tuple(out)


def _refuse(suite: Suite, named: NamedScorer, scorer: CodeScorer) -> Problem | None:
    where = suite.locate("scorers", named.name)
    if not suite.spec.allow_code:
        what = f"scorer {named.name!r} runs code that the models write, and the suite does not allow it"
        return Problem(what=what, where=where, todo="write at the top of the suite: `allow_code: true`")
    try:
        risk = scorer.code_risk
    except EvalkitError as error:
        return Problem(
            what=f"scorer {named.name!r}: {error.problems[0].what}", where=where, todo=error.problems[0].todo
        )
    if risk and suite.spec.network != "unprotected":
        return Problem(
            what=f"scorer {named.name!r} does not run code: {risk}",
            where=where,
            todo="run it where user namespaces are allowed (Linux; in Docker `--security-opt seccomp=unconfined`), or "
            "write at the top of the suite: `network: unprotected`",
        )
    return None
