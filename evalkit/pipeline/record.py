"""A recording of one arm over every suite, with who answered and how it was asked."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from evalkit.core.errors import UsageError
from evalkit.core.exchange import Response
from evalkit.core.recording import Recording
from evalkit.pipeline.asking.training_rows import with_training
from evalkit.pipeline.options import Options
from evalkit.pipeline.overwriting.recordings import answered_cases, cases, held_answers, refuse_loss
from evalkit.pipeline.preflight import check_before_run
from evalkit.pipeline.run import run_alone
from evalkit.pipeline.suites.prepare import Prepared
from evalkit.pipeline.suites.prompts import input_digests
from evalkit.pipeline.variants.variant import PROMPT

_DAY = "%Y-%m-%d"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What a recording holds."""

    responses: int
    failed: int


def record(model: str, path: str | Path, *, options: Options, overwrite: bool = False) -> Kept:
    """Ask what is not kept yet and write every answer.

    Raises UsageError, before anything is asked, for a name of another kind, a file that is no recording, and, without
    `overwrite`, a recording with answers to cases that are not asked now. Also without it, after the asking: one whose
    answers would give way to failed calls (what was answered is in the ledger by then).
    """
    if not str(path).endswith((".jsonl", ".jsonl.gz")):
        raise UsageError(f"-o {path}: a recording is a .jsonl or a .jsonl.gz file")
    held = held_answers(Path(path), overwrite=overwrite)
    stand = check_before_run([model], options=options)
    refuse_loss(Path(path), held, cases(with_training(stand[0], ())), why="would not be asked")
    results = run_alone([model], options=options, intervals=False, stand=stand)
    inputs = _inputs(stand[0]) if PROMPT in results[0].result.identity.details else {}
    responses = [
        dataclasses.replace(
            response,
            suite=result.suite,
            input_sha256=inputs.get((result.suite, response.example_id, response.turn or 0), response.input_sha256),
        )
        for result in results
        for rows in result.result.as_read.values()
        for response in rows
    ]
    refuse_loss(Path(path), held, answered_cases(responses), why="failed this time (every answer so far is kept)")
    identity = results[0].result.identity
    created, responses = _date(responses, today=identity.details.get("recorded") or f"{options.now():{_DAY}}")
    # answers out of a recording were drawn as that recording says, whatever the suite asks for today
    generate = identity.details.get("recorded_generate", {result.suite: result.generate for result in results})
    Recording(
        model=identity,
        responses=tuple(responses),
        generate=generate,
        created=created,
    ).write(Path(path))
    return Kept(responses=len(responses), failed=sum(result.failed for result in results))


def _date(responses: Sequence[Response], *, today: str) -> tuple[str, list[Response]]:
    """The day on which most were given; those of that day need not say it themselves."""
    days = [
        today if one.answered_at is None else f"{dt.datetime.fromtimestamp(one.answered_at):{_DAY}}"
        for one in responses
    ]
    count = Counter(days)
    most = max(sorted(count), key=lambda day: count[day], default=today)
    return most, [
        one if day != most or one.answered_at is None else dataclasses.replace(one, answered_at=None)
        for one, day in zip(responses, days, strict=True)
    ]


def _inputs(suites: Sequence[Prepared]) -> dict[tuple[str, str, int], str]:
    """The digest of what each row itself brings, by turn: prompts of their own leave it the same."""
    return {
        (suite.suite.spec.name, example.row_id, turn): sha
        for suite in suites
        for example in suite.examples
        for turn, sha in input_digests(example).items()
    }
