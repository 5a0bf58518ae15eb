"""A kept run's candidate as the approved baseline."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from pathlib import Path

from evalkit.core.errors import Problem, UsageError
from evalkit.core.exchange import Response
from evalkit.core.recording import Recording
from evalkit.store.runs import Run, load_run
from evalkit.store.runs_upkeep import remember_blessing

PARTIAL = ("limit", "k")
"""Arguments of a run that leave examples out"""


def bless(
    root: str | Path, reference: str, *, folder: Path, name: str | None = None, anyway: bool = False
) -> tuple[Run, Path]:
    """Write the candidate's answers as a recording; returns the run and the file.

    A baseline made of a part of the examples would silently shrink every later comparison, and one without answers
    leaves nothing to compare with: refused, whatever `anyway` says.
    """
    kept = load_run(root, reference)
    if kept.verdict.outcome != "PASS" and not anyway:
        raise UsageError(
            Problem(
                what=f"run {kept.summary.id} is {kept.verdict.outcome}: {kept.verdict.because}",
                todo="bless a run that passes, or say --anyway",
            )
        )
    left_out = [word for word in PARTIAL if kept.summary.arguments.get(word) is not None]
    if left_out:
        raise UsageError(
            Problem(
                what=f"run {kept.summary.id} covers only a part of its examples (--{left_out[0]})",
                todo="run the comparison over all examples, then bless that run",
            )
        )
    _refuse_unanswered(kept)
    responses = tuple(
        dataclasses.replace(response, suite=comparison.suite)
        for whole in kept.comparisons
        for comparison in (whole, *whole.training.values())
        for rows in comparison.candidate_responses.values()
        for response in rows
    )
    file_name = re.sub(r"[^A-Za-z0-9._-]+", "_", name or kept.verdict.candidate)
    recording = Recording(
        model=kept.comparisons[0].candidate,
        responses=responses,
        generate={c.suite: c.manifest.get("generate", {}) for c in kept.comparisons},
        created=kept.comparisons[0].candidate.details.get("recorded") or kept.summary.created,
    )
    folder.mkdir(parents=True, exist_ok=True)
    return kept, recording.write(folder / f"{file_name}.jsonl.gz")


def mark_blessed(root: str | Path, run: str, *, name: str, recording: str) -> None:
    """Remember in the history that a run became a baseline.

    StoreError where nothing can be written.
    """
    remember_blessing(root, run, name=name, at=f"{dt.datetime.now():%Y-%m-%dT%H:%M:%S}", recording=recording)


def holds_answer(response: Response) -> bool:
    """Say whether a response holds anything: words, calls, values of choices, given scores."""
    said = (response.text or "").strip() or (response.refusal or "").strip()
    return response.failure is None and bool(
        said or response.tool_calls or response.choice_scores or response.token_logprobs or response.scores
    )


def _refuse_unanswered(kept: Run) -> None:
    """UsageError where the candidate answered nothing in a suite of the run."""
    answered = {
        comparison.suite: any(
            holds_answer(response) for rows in comparison.candidate_responses.values() for response in rows
        )
        for comparison in kept.comparisons
    }
    empty = [suite for suite, some in answered.items() if not some]
    empty += [suite.name for suite in kept.verdict.suites if suite.name not in answered]
    if empty or not answered:
        where = f" in {', '.join(empty)}" if empty else ""
        raise UsageError(
            Problem(
                what=f"run {kept.summary.id} holds no answer of {kept.verdict.candidate}{where}: nothing to bless",
                todo="bless a run in which every suite was answered; --anyway is for verdicts, not for missing answers",
            )
        )
