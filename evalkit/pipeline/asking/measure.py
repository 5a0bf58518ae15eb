"""Responses to numbers: every scorer over every response, as columns."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evalkit.core.columns import Column
from evalkit.core.errors import Problem, ScorerError
from evalkit.core.exchange import EMPTY, Example, Failure, Response
from evalkit.core.packed import PackedTable, number_ids
from evalkit.core.ports import AheadScorer, PricedScorer, Scorer, SetScorer
from evalkit.core.sets import ArmCodes
from evalkit.core.verdict import Metric, Score
from evalkit.pipeline.asking.consistency import consistency_column
from evalkit.pipeline.asking.shared_values import SharedValues
from evalkit.pipeline.suites.named_scorer import NamedScorer
from evalkit.scorers.given import UNSCORABLE
from evalkit.scorers.unscorable import Unscorable, tell_raised

Ask = Callable[[Example, Response], Score]
"""How a scorer is asked about one response"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmScores:
    """One arm's numbers: columns by metric, and the scores behind them.

    The scores are scorer -> example id -> one a repeat.
    """

    columns: Mapping[str, Column]
    scores: Mapping[str, Mapping[str, tuple[Score, ...]]]
    failed: int
    errors: int
    codes: Mapping[str, ArmCodes] = field(default_factory=dict)
    """scorer -> what was read, of the scorers with set metrics"""


def measure(
    examples: Sequence[Example],
    responses: Mapping[str, tuple[Response, ...]],
    *,
    scorers: Sequence[NamedScorer],
    repeats: int,
    prices: Callable[[Response], float | None] = lambda _: None,
    asker: Callable[[NamedScorer], Ask] | None = None,
    places: Mapping[str, int] = EMPTY,
) -> ArmScores:
    """Score every response; mark a failed call failed, never 0.

    `asker` says how a scorer is asked, where that is not by its `score`. `places` numbers the examples' ids, where
    that is known already.

    A scorer that crashes leaves an ERROR, never a 0. Raises ScorerError when a scorer returns NaN, infinity or a part
    it did not announce.
    """
    columns: dict[str, Column] = {}
    scores: dict[str, Mapping[str, tuple[Score, ...]]] = {}
    if not all(example.id in places for example in examples):
        places = number_ids(example.id for example in examples)
    codes: dict[str, ArmCodes] = {}
    errors, shared = 0, SharedValues()
    for named in scorers:
        plain = [metric for metric in named.metrics if metric.over is None]
        names = [named.metric_name(metric) for metric in plain]
        blank = {name: _Draft(len(examples), repeats) for name in names}
        kept = PackedTable(Score, places)
        ask = _asker(named.scorer, prices) if asker is None else asker(named)
        _work_ahead(named, examples, responses)
        for row, example in enumerate(examples):
            if not named.applies(example):
                continue
            row_scores = tuple(_score(named, example, one, ask, shared) for one in responses.get(example.id, ()))
            kept.add(example.id, row_scores)
            for repeat, score in enumerate(row_scores):
                errors += score.status == "ERROR"
                for metric, name in zip(plain, names, strict=True):
                    blank[name].put(row, repeat, score, metric)
        scores[named.name] = kept
        columns |= {name: draft.column() for name, draft in blank.items()}
        if len(plain) < len(named.metrics):
            codes[named.name] = _codes(named, examples, kept, repeats)
        for more in named.consistency:
            columns[named.metric_name(more.metric)] = consistency_column(columns[named.metric_name(more.of)], more)
    columns |= _costs(examples, responses, repeats=repeats, prices=prices)
    failed = len(failed_calls(examples, responses))
    return ArmScores(columns=columns, scores=scores, failed=failed, errors=errors, codes=codes)


def failed_calls(
    examples: Sequence[Example], responses: Mapping[str, tuple[Response, ...]]
) -> Mapping[tuple[str, int], Failure]:
    """Find the failed calls: row and repeat -> the first failure.

    A conversation that broke off failed once, however many of its turns are scored.
    """
    found: dict[tuple[str, int], Failure] = {}
    for example in examples:
        for response in responses.get(example.id, ()):
            if response.failure is not None:
                found.setdefault((example.row_id, response.repeat), response.failure)
    return found


def _codes(
    named: NamedScorer, examples: Sequence[Example], kept: Mapping[str, tuple[Score, ...]], repeats: int
) -> ArmCodes:
    """What set metrics are made of: the code that each answer was read as. A scored answer without one is a fault."""
    shape = (len(examples), repeats)
    codes: dict[tuple[int, int], Any] = {}
    found = ArmCodes(codes=np.zeros(shape), scored=np.zeros(shape, bool), missing=np.zeros(shape, bool))
    for row, example in enumerate(examples):
        for at, score in enumerate(kept.get(example.id, ())):
            found.missing[row, at] = score.status in ("FAILED_CALL", "ERROR")
            if score.status == "SCORED":
                if score.code is None or not isinstance(named.scorer, SetScorer):
                    raise ScorerError(f"scorer {named.type!r} announces set metrics and gave no code")
                codes[row, at], found.scored[row, at] = score.code, True
    return dataclasses.replace(found, codes=_fill_codes(codes, shape))


def _fill_codes(codes: Mapping[tuple[int, int], Any], shape: tuple[int, int]) -> NDArray[np.float64]:
    """(n, k) codes, or (n, k, D) counts; 0 where there are none."""
    size = np.shape(next(iter(codes.values()), 0.0))
    out = np.zeros((*shape, *size))
    for place, code in codes.items():
        out[place] = code
    return out


def _work_ahead(named: NamedScorer, examples: Sequence[Example], responses: Mapping[str, tuple[Response, ...]]) -> None:
    """Let a scorer that works on many answers at once do so."""
    if isinstance(named.scorer, AheadScorer):
        mine = [one for one in examples if named.applies(one)]
        named.scorer.score_ahead([(one, r) for one in mine for r in responses.get(one.id, ()) if r.failure is None])


class _Draft:
    """A column while it is written."""

    def __init__(self, examples: int, repeats: int) -> None:
        shape = (examples, repeats)
        self.raw = np.zeros(shape)
        self.scored = np.zeros(shape, dtype=bool)
        self.failed = np.zeros(shape, dtype=bool)
        self.errors = np.zeros(shape, dtype=bool)

    def put(self, row: int, repeat: int, score: Score, metric: Metric) -> None:
        if score.status == "FAILED_CALL":
            self.failed[row, repeat] = True
        elif score.status == "ERROR":
            self.errors[row, repeat] = True
        elif score.status == "SCORED":
            self.number(row, repeat, score.parts.get(metric.part) if metric.part else score.value)

    def number(self, row: int, repeat: int, value: float | None) -> None:
        if value is not None:
            self.raw[row, repeat] = value
            self.scored[row, repeat] = True

    def column(self) -> Column:
        return Column(raw=self.raw, scored=self.scored, failed=self.failed, errors=self.errors)


def _asker(scorer: Scorer, prices: Callable[[Response], float | None]) -> Ask:
    """How a scorer is asked: with the cost of the answer where it judges that."""
    if not isinstance(scorer, PricedScorer):
        return scorer.score
    return lambda example, response: scorer.score_priced(example, response, cost=_cost(response, prices))


def _cost(response: Response, prices: Callable[[Response], float | None]) -> float | None:
    return None if response.usage is None else prices(response)


def _score(named: NamedScorer, example: Example, response: Response, ask: Ask, shared: SharedValues) -> Score:
    common: dict[str, Any] = {
        "example_id": example.id,
        "scorer": named.name,
        "version": named.scorer.version,
        "repeat": response.repeat,
    }
    if response.failure is not None:
        return Score(**common, status="FAILED_CALL", reason=f"{response.failure.kind}: {response.failure.message}")
    try:
        score = ask(show_conversation(example, response), response)
    except Unscorable as error:
        return Score(**common, status="ERROR", reason=f"{UNSCORABLE}{error}")
    except (Exception, SystemExit) as error:  # a scorer that exits ended the command, with 0 as a pass
        return Score(**common, status="ERROR", reason=tell_raised(error))
    _check_promise(named, example, score)
    return Score(
        **common,
        status=score.status,
        value=score.value,
        parts=shared.parts(score.parts),
        reason=score.reason,
        evidence=shared.evidence(score.evidence),
        reading=shared.text(score.reading),
        expected=shared.text(score.expected),
        code=score.code,
    )


def show_conversation(example: Example, response: Response) -> Example:
    """Return the case with what this arm made of its earlier turns."""
    return dataclasses.replace(example, messages=response.conversation) if response.conversation else example


def _check_promise(named: NamedScorer, example: Example, score: Score) -> None:
    """A number that is no number would poison every mean after it: say so at once."""
    for part, value in (("", score.value), *score.parts.items()):
        name = f"{named.name}.{part}" if part else named.name
        if value is not None and not math.isfinite(value):
            raise ScorerError(
                Problem(
                    what=f"metric {name!r} is {value} for example {example.id!r}",
                    allowed="a finite number, or None where there is none",
                    todo=f"mend the scorer {named.type!r}; every answer is kept, nothing will be asked again",
                )
            )
    if not score.parts:
        return
    unknown = set(score.parts) - {metric.part for metric in named.metrics if metric.over is None}
    if unknown:
        raise ScorerError(f"scorer {named.type!r} returned parts it does not announce: {sorted(unknown)}")


def _costs(
    examples: Sequence[Example],
    responses: Mapping[str, tuple[Response, ...]],
    *,
    repeats: int,
    prices: Callable[[Response], float | None],
) -> dict[str, Column]:
    """What answering took: latency, tokens, money; a column only where at least one answer knows it."""
    drafts = {
        name: _Draft(len(examples), repeats)
        for name in (
            "latency_s",
            "first_token_s",
            "tokens_in",
            "tokens_out",
            "tokens_thought",
            "tokens_per_s",
            "cost_usd",
        )
    }
    for row, example in enumerate(examples):
        for repeat, response in enumerate(responses.get(example.id, ())):
            if response.failure is not None:
                for draft in drafts.values():
                    draft.failed[row, repeat] = True
                continue
            drafts["latency_s"].number(row, repeat, response.latency_s)
            drafts["first_token_s"].number(row, repeat, response.first_token_s)
            if response.usage is not None:
                drafts["tokens_in"].number(row, repeat, response.usage.input)
                drafts["tokens_out"].number(row, repeat, response.usage.output)
                drafts["tokens_thought"].number(row, repeat, response.usage.reasoning)
                drafts["tokens_per_s"].number(row, repeat, _speed(response))
                drafts["cost_usd"].number(row, repeat, prices(response))
    if not drafts["tokens_thought"].raw.any():
        del drafts["tokens_thought"]  # servers count the thoughts of models that have none, too
    return {name: draft.column() for name, draft in drafts.items() if draft.scored.any()}


def _speed(response: Response) -> float | None:
    """Tokens written a second of the answered attempt; None where the server named no count or no time passed."""
    written = None if response.usage is None else response.usage.output
    return written / response.latency_s if written is not None and response.latency_s else None
