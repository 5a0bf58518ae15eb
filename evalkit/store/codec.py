"""A comparison to JSON and back: everything needed to decide again and to draw again without a call."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from evalkit.core.columns import Column, Comparison, Coverage, PairedColumn
from evalkit.core.exchange import Example, Json, ModelIdentity, Response
from evalkit.core.notes import note_json, read_note
from evalkit.core.rows import response_row, row_response
from evalkit.core.sets import ArmCodes, PairedSet, SetFigure
from evalkit.core.verdict import Score
from evalkit.store.shapes import from_json, to_json

if TYPE_CHECKING:
    from numpy.typing import NDArray

VERSION = 1
T = TypeVar("T")
BY_CASE = ("examples", "base_responses", "candidate_responses", "base_scores", "candidate_scores")
"""The members of a comparison's JSON that are about single cases"""


@dataclass(frozen=True, slots=True)
class Listed:
    """A JSON list whose items are made one by one."""

    items: Iterable[Json]
    together: int = 64
    """How many are packed at once"""


@dataclass(frozen=True, slots=True)
class Keyed:
    """A JSON object whose members are made one by one.

    A member may be `Keyed` or `Listed` itself.
    """

    members: Iterable[tuple[str, Any]]


def comparison_json(comparison: Comparison) -> dict[str, Json]:
    """Turn a comparison into its JSON object.

    Arrays become lists of numbers and texts of 0 and 1.
    """
    return {name: _whole(value) for name, value in comparison_parts(comparison).members}


def comparison_parts(comparison: Comparison) -> Keyed:
    """Turn a comparison into JSON that is made while it is read.

    Whoever writes it need not hold it.
    """
    return Keyed(_parts(comparison))


def head_parts(comparison: Comparison) -> Iterator[tuple[str, Any]]:
    """Give the members of a comparison's JSON that are about no single case."""
    return ((name, _whole(value)) for name, value in _parts(comparison) if name not in BY_CASE)


def case_json(comparison: Comparison, examples: Iterable[Example], others: Iterable[str] = ()) -> dict[str, Json]:
    """Turn some cases of a comparison into JSON, under the names in `BY_CASE`.

    `others` are ids without an example.
    """
    some = list(examples)
    ids = [*(one.id for one in some), *others]
    made = {"examples": list(map(to_json, some))}
    for arm in ("base", "candidate"):
        responses = getattr(comparison, f"{arm}_responses")
        scores = getattr(comparison, f"{arm}_scores")
        made[f"{arm}_responses"] = _whole(_responses_json(_choose(responses, ids)))
        made[f"{arm}_scores"] = _whole(_scores_json({name: _choose(rows, ids) for name, rows in scores.items()}))
    return made


def _choose(rows: Mapping[str, T], ids: Iterable[str]) -> dict[str, T]:
    return {one: found for one in ids if (found := rows.get(one)) is not None}


def _parts(comparison: Comparison) -> Iterator[tuple[str, Any]]:
    yield "version", VERSION
    yield "suite", comparison.suite
    yield "base", to_json(comparison.base)
    yield "candidate", to_json(comparison.candidate)
    yield "examples", Listed(map(to_json, comparison.examples))
    yield "clusters", list(comparison.clusters)
    yield "columns", Listed(map(_paired_json, comparison.columns.values()), together=1)
    if comparison.sets:
        yield "sets", [_set_json(one) for one in comparison.sets.values()]
    if comparison.incomparable:
        yield "incomparable", dict(comparison.incomparable)
    yield "levels", {by: list(values) for by, values in comparison.levels.items()}
    yield "coverage", to_json(comparison.coverage)
    yield "unsound", list(comparison.unsound)
    yield "notes", list(map(note_json, comparison.notes))
    yield "base_responses", _responses_json(comparison.base_responses)
    yield "candidate_responses", _responses_json(comparison.candidate_responses)
    yield "base_scores", _scores_json(comparison.base_scores)
    yield "candidate_scores", _scores_json(comparison.candidate_scores)
    yield "manifest", to_json(comparison.manifest)
    if comparison.training:
        yield "training", Keyed((name, comparison_parts(one)) for name, one in comparison.training.items())


def _whole(value: Any) -> Json:
    if isinstance(value, Listed):
        return list(value.items)
    return {key: _whole(item) for key, item in value.members} if isinstance(value, Keyed) else value


def read_comparison(value: Mapping[str, Json]) -> Comparison:
    """Read the comparison that `comparison_json` wrote.

    ValueError, KeyError or TypeError where it is none.
    """
    if value["version"] != VERSION:
        raise ValueError(f"a comparison of version {value['version']!r}, this evalkit reads version {VERSION}")
    columns = [_read_paired(column) for column in value["columns"]]
    return Comparison(
        suite=value["suite"],
        base=from_json(ModelIdentity, value["base"]),
        candidate=from_json(ModelIdentity, value["candidate"]),
        examples=tuple(from_json(Example, example) for example in value["examples"]),
        clusters=tuple(value["clusters"]),
        columns={column.metric: column for column in columns},
        levels={by: tuple(values) for by, values in value["levels"].items()},
        coverage=from_json(Coverage, value["coverage"]),
        unsound=tuple(value["unsound"]),
        notes=tuple(map(read_note, value["notes"])),
        base_responses=_read_responses(value["base_responses"]),
        candidate_responses=_read_responses(value["candidate_responses"]),
        base_scores=_read_scores(value["base_scores"]),
        candidate_scores=_read_scores(value["candidate_scores"]),
        manifest=value["manifest"],
        sets={one.scorer: one for one in map(_read_set, value.get("sets", ()))},
        incomparable=value.get("incomparable", {}),
        training={name: read_comparison(one) for name, one in value.get("training", {}).items()},
    )


def _set_json(one: PairedSet) -> dict[str, Json]:
    return {
        "scorer": one.scorer,
        "gold": one.gold.tolist(),
        "base": _codes_json(one.base),
        "candidate": _codes_json(one.candidate),
        "figures": {metric: to_json(figure) for metric, figure in one.figures.items()},
    }


def _read_set(value: Mapping[str, Json]) -> PairedSet:
    return PairedSet(
        scorer=value["scorer"],
        gold=np.asarray(value["gold"], dtype=np.float64),
        base=_read_codes(value["base"]),
        candidate=_read_codes(value["candidate"]),
        figures={metric: from_json(SetFigure, figure) for metric, figure in value["figures"].items()},
    )


def _codes_json(arm: ArmCodes) -> dict[str, Json]:
    return {
        "shape": list(arm.codes.shape),
        "codes": arm.codes.ravel().tolist(),
        "scored": _bits(arm.scored),
        "missing": _bits(arm.missing),
    }


def _read_codes(value: Mapping[str, Json]) -> ArmCodes:
    shape = tuple(value["shape"])
    return ArmCodes(
        codes=np.asarray(value["codes"], dtype=np.float64).reshape(shape),
        scored=_mask(value["scored"], shape[:2]),
        missing=_mask(value["missing"], shape[:2]),
    )


def _paired_json(column: PairedColumn) -> dict[str, Json]:
    return {
        "metric": column.metric,
        "higher_is_better": column.higher_is_better,
        "binary": column.binary,
        "low": column.low,
        "high": column.high,
        "unit": column.unit,
        **({} if column.reach is None else {"reach": column.reach}),
        **({"either": True} if column.either else {}),
        "base": _column_json(column.base),
        "candidate": _column_json(column.candidate),
    }


def _read_paired(value: Mapping[str, Json]) -> PairedColumn:
    return PairedColumn(
        metric=value["metric"],
        base=_read_column(value["base"]),
        candidate=_read_column(value["candidate"]),
        higher_is_better=value["higher_is_better"],
        binary=value["binary"],
        low=value.get("low"),
        high=value.get("high"),
        reach=value.get("reach"),
        unit=value.get("unit", ""),
        either=value.get("either", False),
    )


def _column_json(column: Column) -> dict[str, Json]:
    return {
        "shape": list(column.raw.shape),
        "raw": column.raw.ravel().tolist(),
        "scored": _bits(column.scored),
        "failed": _bits(column.failed),
        "errors": _bits(column.errors),
    }


def _read_column(value: Mapping[str, Json]) -> Column:
    shape = tuple(value["shape"])
    return Column(
        raw=np.asarray(value["raw"], dtype=np.float64).reshape(shape),
        scored=_mask(value["scored"], shape),
        failed=_mask(value["failed"], shape),
        errors=_mask(value["errors"], shape),
    )


def _bits(mask: NDArray[np.bool_]) -> str:
    return (mask.ravel().astype(np.uint8) + ord("0")).tobytes().decode("ascii")


def _mask(bits: str, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    flags: NDArray[np.bool_] = np.frombuffer(bits.encode("ascii"), dtype=np.uint8) == ord("1")
    return flags.reshape(shape)


def _responses_json(responses: Mapping[str, tuple[Response, ...]]) -> Keyed:
    """Rows as a recording has them, without their empty fields."""
    return Keyed(
        (example, [{k: v for k, v in response_row(r).items() if v not in (None, [], {})} for r in rows])
        for example, rows in responses.items()
    )


def _scores_json(scores: Mapping[str, Mapping[str, tuple[Score, ...]]]) -> Keyed:
    return Keyed(
        (scorer, Keyed((example, [_score_json(one) for one in some]) for example, some in rows.items()))
        for scorer, rows in scores.items()
    )


def _score_json(score: Score) -> dict[str, Json]:
    """As `to_json` has it, without asking each of a million scores for its fields."""
    row: dict[str, Json] = {"example_id": score.example_id, "scorer": score.scorer, "version": score.version}
    if score.status != "SCORED":
        row["status"] = score.status
    if score.value is not None:
        row["value"] = score.value
    if score.parts:
        row["parts"] = to_json(score.parts)
    if score.reason:
        row["reason"] = score.reason
    if score.evidence:
        row["evidence"] = to_json(score.evidence)
    if score.repeat:
        row["repeat"] = score.repeat
    if score.reading is not None:
        row["reading"] = score.reading
    if score.expected is not None:
        row["expected"] = score.expected
    if score.code is not None:
        row["code"] = to_json(score.code)
    return row


def _read_responses(value: Mapping[str, Any]) -> dict[str, tuple[Response, ...]]:
    return {example: tuple(row_response(row) for row in rows) for example, rows in value.items()}


def _read_scores(value: Mapping[str, Any]) -> dict[str, dict[str, tuple[Score, ...]]]:
    return {
        scorer: {example: tuple(from_json(Score, score) for score in scores) for example, scores in rows.items()}
        for scorer, rows in value.items()
    }
