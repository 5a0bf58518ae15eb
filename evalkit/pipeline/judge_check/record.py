"""The replies of a judge in a kept run as a recording, so that the run can be judged again without the judge."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from evalkit.core.errors import Problem, UsageError
from evalkit.core.exchange import Json, ModelIdentity, Response, Usage
from evalkit.core.judging import JUDGES
from evalkit.core.recording import Recording
from evalkit.pipeline.judge_check.answers import find_scorer
from evalkit.store.runs import Run


def record_judge(run: Run, path: Path, *, scorer: str | None, judge: str | None) -> int:
    """Write a judge's replies in a kept run as a recording; return how many.

    UsageError where the run asked no such judge, or a file is there already.
    """
    name, comparisons = find_scorer(run, scorer)
    judges = comparisons[0].manifest[JUDGES][name]["judges"]
    chosen = judge or next(iter(judges))
    if chosen not in judges:
        raise UsageError(Problem(what=f"{chosen!r} judged nothing here", allowed=", ".join(judges)))
    if path.exists():
        raise UsageError(Problem(what=f"-o {path}: the file is there already", todo="name another file"))
    rows: dict[tuple[str, str, int], Response] = {}
    for one in comparisons:
        for side in (one.base_scores, one.candidate_scores):
            for scores in side.get(name, {}).values():
                for score in scores:
                    for reply in score.evidence.get("replies", ()):
                        if reply["judge"] == chosen and "text" in reply:
                            row = _row(reply, one.suite)
                            rows[one.suite, row.example_id, row.repeat] = row
    about = judges[chosen]
    identity = ModelIdentity(
        name=chosen, provider=about["provider"], model=about["model"], fingerprint=about["fingerprint"]
    )
    Recording(model=identity, responses=tuple(rows.values())).write(path)
    return len(rows)


def _row(reply: Mapping[str, Json], suite: str) -> Response:
    usage = reply.get("usage")
    return Response(
        example_id=reply["asked"],
        suite=suite,
        repeat=reply.get("draw", 0),
        text=reply["text"],
        usage=Usage(input=usage["input"], output=usage["output"]) if usage is not None else None,
    )
