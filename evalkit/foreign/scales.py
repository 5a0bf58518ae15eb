"""What a score's numbers mean: as the user says, as the tool says, as its name is known for; else it is asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from evalkit.core.errors import DataError, Problem, UsageError
from evalkit.foreign.known_scores import known_scale, may_be_bad
from evalkit.foreign.nouns import ForeignResults, ScoreScale, Wishes
from evalkit.foreign.survey import ScoreSpan


def scales_of(
    founds: Sequence[ForeignResults], spans: Mapping[str, ScoreSpan], wishes: Wishes
) -> tuple[dict[str, ScoreScale], list[Problem]]:
    """Return the scale of every score of the sources that are compared.

    `spans` are those of all of them together. With the scales comes a problem for each scale that would have to be
    guessed.
    """
    scales: dict[str, ScoreScale] = {}
    problems: list[Problem] = []
    for name, span in spans.items():
        try:
            scales[name] = _scale(name, span, founds, wishes)
        except (UsageError, DataError) as error:
            problems += error.problems
    by_column = any("arms" in found.guessed or found.tool != "table" for found in founds)
    if scales and problems and not wishes.scores and not by_column:
        known = ",".join(f"score={name}" for name in scales)
        told = f"to judge by what is clear alone: --columns {known}"
        problems[-1] = replace(problems[-1], todo=f"{problems[-1].todo}; {told}" if problems[-1].todo else told)
    return scales, problems


def _scale(name: str, span: ScoreSpan, founds: Sequence[ForeignResults], wishes: Wishes) -> ScoreScale:
    if span.is_empty:
        raise DataError(Problem(what=f"the score {name!r} holds no number at all"))
    least, most, rate = span.least, span.most, span.yes_no
    by_column = any("arms" in found.guessed for found in founds)
    shown = "" if by_column else name
    wished = by_column or not wishes.scores or name in wishes.scores
    if wished and (wishes.low is not None or wishes.high is not None or wishes.better is not None):
        return _choose_scale(name, shown, (least, most, rate), wishes, founds)
    known = next((found.scales[name] for found in founds if name in found.scales), None) or known_scale(name)
    if known is not None:
        if least < known.low or most > known.high:
            what = f"the score {name!r} goes from {least:g} to {most:g}, not within {known.low:g} to {known.high:g}"
            raise UsageError(Problem(what=what, todo=ask_line(shown, least, most)))
        yes_no = rate and (known.low, known.high) == (0.0, 1.0)
        word = "0 or 1" if yes_no else f"{known.low:g} to {known.high:g}"
        return ScoreScale(
            low=known.low, high=known.high, better=known.better, yes_no=yes_no, why=f"{word}, {known.better} is better"
        )
    told = next((found.directions[name] for found in founds if name in found.directions), None)
    if rate and (told is not None or not may_be_bad(name)):
        return ScoreScale(
            low=0.0, high=1.0, better=told or "higher", yes_no=True, why=f"0 or 1, {told or 'higher'} is better"
        )
    held = "0 and 1" if rate else f"{least:g} to {most:g}"
    what = f"the score {name!r} holds {held}: which end is good{'' if rate else ', and its scale,'} is not guessed"
    raise UsageError(Problem(what=what, todo=ask_line(shown, least, most, rate=rate)))


def _choose_scale(
    name: str, shown: str, span: tuple[float, float, bool], wishes: Wishes, founds: Sequence[ForeignResults]
) -> ScoreScale:
    least, most, rate = span
    known = known_scale(name)
    told = next((found.directions[name] for found in founds if name in found.directions), None)
    better = wishes.better or (known.better if known else told)
    low, high = wishes.low, wishes.high
    if low is None and high is None and (rate or known is not None):
        low, high = (known.low, known.high) if known is not None else (0.0, 1.0)
    if better is None or low is None or high is None:
        lacks = [word for word, value in (("higher", better), ("low", low), ("high", high)) if value is None]
        raise UsageError(
            Problem(
                what=f"the score {name!r} lacks {' and '.join(lacks)}", todo=ask_line(shown, least, most, rate=rate)
            )
        )
    if least < low or most > high:
        what = f"the score {name!r} goes from {least:g} to {most:g}, beyond low={low:g},high={high:g}"
        raise DataError(Problem(what=what, todo="name the scale that all values lie on"))
    yes_no = rate and (low, high) == (0.0, 1.0)
    return ScoreScale(
        low=low, high=high, better=better, yes_no=yes_no, why=f"{low:g} to {high:g}, {better} is better, as you said"
    )


def ask_line(name: str, least: float, most: float, *, rate: bool = False) -> str:
    """Return the flag to type.

    Without a name where the arms are the columns of scores.
    """
    column = f"score={name}," if name else ""
    if rate:
        return f"type --columns {column}higher=better (or higher=worse)"
    ends = f"low={least:g},high={most:g}" if least < most else "low=LOWEST,high=HIGHEST"
    return f"type e.g. --columns {column}higher=better,{ends}, with the ends that the scale has"


def margins(scales: Mapping[str, ScoreScale], wishes: Wishes) -> dict[str, float]:
    """Return the margin of every score.

    The wished one, else 2 points of a rate, 2 % of another scale.
    """
    return {name: wishes.margin if wishes.margin is not None else scale.margin for name, scale in scales.items()}
