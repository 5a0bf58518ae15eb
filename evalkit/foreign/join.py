"""Sources that are to be compared, as one data set with its suite; what was taken for what is told in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from evalkit.core.errors import Problem, UsageError, count_of, did_you_mean
from evalkit.core.on_disk import ManyRows
from evalkit.foreign.carry import Carried, CarryPlan, carry
from evalkit.foreign.nouns import ForeignArm, ForeignResults, ForeignRow, Wishes
from evalkit.foreign.scales import margins, scales_of
from evalkit.foreign.survey import ScoreSpan, survey_scores
from evalkit.foreign.table import is_without_id


def join(words: Sequence[str], founds: Sequence[ForeignResults], wishes: Wishes) -> tuple[Carried, tuple[str, ...]]:
    """Join the arms of all sources into one data set, with remarks.

    The arms, one per source, go by the words they were named with; the remarks are what is to be said about the data.

    Raises UsageError or DataError where something would have to be guessed, UnsoundComparison as `carry` does.
    """
    if len({Path(word.rpartition("#")[0] or word) for word in words}) > 1 or founds[0].tool != "table":
        unsure = [word for word, found in zip(words, founds, strict=True) if is_without_id(found)]
        if unsure:
            todo = "name the column that says which row is which: --columns id=COLUMN"
            raise UsageError([Problem(what=f"{word} has no column of ids", todo=todo) for word in unsure])
    surveys = [_survey(found, wishes) for found in founds]
    _same_scores(words, surveys)
    spans: dict[str, ScoreSpan] = {}
    for survey in surveys:
        spans |= {name: span.join(spans.get(name, ScoreSpan())) for name, span in survey.items()}
    scales, problems = scales_of(founds, spans, wishes)
    told = bool(scales) and founds[0].tool != "table" and not wishes.scores
    if problems and not told:
        raise UsageError(problems)
    scorers = dict(founds[0].scorers) if not scales else {}
    if not scales and not scorers:
        raise UsageError(_no_score(words[0], founds[0]))
    plan = CarryPlan(
        name=founds[0].source,
        scales=scales,
        margins={**margins(scales, wishes), **dict.fromkeys(scorers, wishes.margin or 0.02)},
        scorers=scorers,
        asked_alike=all(found.asked_alike for found in founds),
        about="Made of results, without a suite of its own: " + ", ".join(words),
        on_disk=wishes.on_disk,
    )
    arms: list[tuple[str, ForeignArm]] = [(word, found.arms[0]) for word, found in zip(words, founds, strict=True)]
    carried = carry(arms, plan)
    skipped = [f"not gated: {problem.what}" for problem in problems]
    return carried, (*_say_guesses(carried, founds, plan), *skipped)


def _survey(found: ForeignResults, wishes: Wishes) -> dict[str, ScoreSpan]:
    """The scores of a source; of a tool's those that were asked for. UsageError for one that is not there."""
    survey: dict[str, ScoreSpan] = {}
    for arm in found.arms:
        survey |= {n: span.join(survey.get(n, ScoreSpan())) for n, span in survey_scores(arm.rows).items()}
    if not wishes.scores or found.tool == "table":
        return survey
    unknown = [name for name in wishes.scores if name not in survey]
    if unknown:
        what = f"{found.source} has no score {unknown[0]!r}{did_you_mean(unknown[0], survey)}"
        raise UsageError(Problem(what=what, allowed=", ".join(survey)))
    found.arms = [replace(arm, rows=_Narrowed(arm.rows, wishes.scores)) for arm in found.arms]
    return {name: span for name, span in survey.items() if name in wishes.scores}


class _Narrowed:
    """ManyRows with some of their scores."""

    def __init__(self, rows: ManyRows[ForeignRow], names: Sequence[str]) -> None:
        self._rows = rows
        self._names = names

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[ForeignRow]:
        for row in self._rows:
            yield replace(row, scores={name: value for name, value in row.scores.items() if name in self._names})


def _same_scores(words: Sequence[str], have: Sequence[Mapping[str, ScoreSpan]]) -> None:
    """UsageError where an arm has a score that another has not: it could not be told, and must not be forgotten."""
    every = list(dict.fromkeys(name for names in have for name in names))
    common = [name for name in every if all(name in names for names in have)]
    odd = [(name, word) for name in every for word, names in zip(words, have, strict=True) if name not in names]
    if odd:
        line = ",".join(f"score={name}" for name in common)
        todo = f"to compare the others alone: --columns {line}" if common else "name the columns alike in both files"
        raise UsageError([Problem(what=f"{word} has no score {name!r}", todo=todo) for name, word in odd])


def _no_score(word: str, found: ForeignResults) -> Problem:
    if found.tool not in ("table", "llama_factory"):
        told = "; ".join(found.left_out)
        todo = "score them with a suite: evalkit compare BASE CANDIDATE --suite FILE"
        return Problem(what=f"{word} holds no scores{f' ({told})' if told else ''}", todo=todo)
    known = f"; columns that could be scores: {', '.join(found.possible_arms)}" if found.possible_arms else ""
    return Problem(
        what=f"{word}: no column is known for a score{known}",
        todo="name it: --columns score=COLUMN, or both output=COLUMN and target=COLUMN",
    )


def _say_guesses(carried: Carried, founds: Sequence[ForeignResults], plan: CarryPlan) -> tuple[str, ...]:
    """What was taken for what, and how to say it otherwise."""
    found = founds[0]
    out = [f"{plan.name}: no suite of its own, {count_of(len(carried.examples), 'case')}", *carried.notes]
    out += [f"{name}: {column}" for name, column in found.guessed.items()]
    for name, scale in plan.scales.items():
        margin = f"{100 * plan.margins[name]:g} points" if scale.yes_no else f"{plan.margins[name]:g}"
        out.append(f"score {name}: {scale.why}; gate no_regression, margin {margin}")
    for name in plan.scorers:
        out.append(f"scorer {name}: gate no_regression, margin {100 * plan.margins[name]:g} points")
    out += dict.fromkeys(note for one in founds for note in (*one.carried, *one.left_out))
    out += [f"set any of it: --columns {found.set_by},margin=..."] if found.set_by else []
    return tuple(out)
