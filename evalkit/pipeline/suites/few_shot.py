"""Solved examples that a prompt shows before its question, read from a file or from the rows themselves."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from evalkit.core.errors import EvalkitError, Location, Problem, SuiteError
from evalkit.core.exchange import Example, Json, Message
from evalkit.data.fields import UnreadableRow
from evalkit.data.formats import FORMATS
from evalkit.data.read import read_examples
from evalkit.text.normalize import normalize


def read_shots(
    given: str | Sequence[Mapping[str, Any]], *, folder: Path, where: Location | None
) -> tuple[Example, ...]:
    """Read solved examples: rows, or a file of rows relative to `folder`.

    Raises SuiteError with every row that cannot be read or has no answer.
    """
    if isinstance(given, str):
        path = folder / Path(given).expanduser()
        try:
            shots = read_examples(path, format="csv" if path.suffix in (".csv", ".tsv") else "evalkit")
        except EvalkitError as error:
            raise SuiteError(
                replace(one, what=f"few_shot: {one.what}", where=one.where or where) for one in error.problems
            ) from None
    else:
        shots = _of_rows(given, where)
    unsolved = [number for number, shot in enumerate(shots, start=1) if shot.target is None]
    if unsolved or not shots:
        lacking = f"row {unsolved[0]} has no target" if unsolved else "there is no row"
        todo = "give every row the answer it shows: {input: ..., target: ...}"
        raise SuiteError(Problem(what=f"few_shot: {lacking}, so it shows no answer", where=where, todo=todo))
    return shots


def shot_rows(shots: Sequence[Example]) -> list[dict[str, Json]]:
    """Write solved examples as rows that `read_shots` reads to the same."""
    rows: list[dict[str, Json]] = []
    for shot in shots:
        row: dict[str, Json] = {
            "id": shot.id,
            "messages": [turn.wire() for turn in shot.messages],
            "target": shot.target,
        }
        row |= {"choices": list(shot.choices)} if shot.choices else {}
        row |= {"tags": dict(shot.tags)} if shot.tags else {}
        row |= {"extra": dict(shot.extra)} if shot.extra else {}
        rows.append(row)
    return rows


def answer_of(shot: Example) -> str:
    """Return what the model would have said.

    A text as it is, a choice's text, else JSON.
    """
    if shot.choices:
        return shot.choices[shot.target]
    return shot.target if isinstance(shot.target, str) else json.dumps(shot.target, ensure_ascii=False)


def find_answers_given_away(
    shots: Sequence[Message], questions: Mapping[str, str], *, where: Location | None
) -> list[Problem]:
    """List the examples whose very question a shot answers.

    `shots` are the turns as they are shown, `questions` the examples' own by id. Letters' case and width, white space
    and invisible signs make no other question.
    """
    shown = {_fold(str(turn.content)) for turn in shots if turn.role == "user"}
    found = [example_id for example_id, text in questions.items() if _fold(text) in shown]
    if not found:
        return []
    named = ", ".join(found[:3]) + (", ..." if len(found) > 3 else "")
    what = f"few_shot shows the answer to {len(found)} of the examples that are asked ({named})"
    return [
        Problem(what=what, where=where, todo="take other rows as solved examples, such as rows of the training data")
    ]


def _of_rows(given: Sequence[Mapping[str, Any]], where: Location | None) -> tuple[Example, ...]:
    shots, problems = [], []
    for number, row in enumerate(given, start=1):
        try:
            shots.append(FORMATS["evalkit"].example(row))
        except UnreadableRow as error:
            problems += [
                Problem(what=f"few_shot row {number}: {sentence}", where=where) for sentence in error.sentences
            ]
    if problems:
        raise SuiteError(problems)
    return tuple(shots)


def _fold(question: str) -> str:
    return normalize(question, ("nfkc", "invisible", "typographic", "casefold", "spaces"))
