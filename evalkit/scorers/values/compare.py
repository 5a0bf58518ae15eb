"""How near a given JSON value is to the expected one, through objects and arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from evalkit.core.exchange import EMPTY, Json
from evalkit.scorers.schemas.fits import ANYTHING
from evalkit.scorers.schemas.resolve import NOTHING_SAID, SchemaView, view_of
from evalkit.scorers.values.defaults import default_kind
from evalkit.scorers.values.expected import Expected, read_expected
from evalkit.scorers.values.pairing import best_pairs
from evalkit.scorers.values.scalars import NEAR, SCALARS

Schema = Mapping[str, Json] | SchemaView
"""The schema of a value ({} where none is known), or the view of one"""


def similarity(expected: Expected, got: Json, schema: Schema) -> float:
    """Compute the similarity in [0, 1]; only 1.0 is a match.

    The schema chooses the matcher of bare values and knows the defaults of members that may be left out; its references
    are followed, and of its alternatives those count that the expected value fits. Matchers may stand anywhere inside
    a bare object or array.
    """
    return _similarity(expected, got, schema if isinstance(schema, SchemaView) else view_of(schema))


def matches(want: Json, got: Json, schema: Schema) -> bool:
    """Return whether a bare value (or a matcher) is met.

    Matchers are in the notation of data sets.
    """
    return similarity(read_expected(want), got, schema) == 1.0


def is_same_scalar(expected: Expected, got: Json) -> bool:
    """Return whether a scalar is plainly one that is expected, whatever its schema.

    False says nothing.
    """
    kind = type(got)
    if kind is dict or kind is list:
        return False
    if expected.kind == "any_of":
        for choice in expected.choices:
            if choice.kind == "equals" and type(choice.value) is kind and choice.value == got:
                return True
        return False
    return expected.kind == "equals" and type(expected.value) is kind and bool(expected.value == got)


def is_default(expected: Expected, schema: Schema) -> bool:
    """Return whether the schema's default is a value that is expected."""
    view = schema if isinstance(schema, SchemaView) else view_of(schema)
    return bool(view.default) and _similarity(expected, view.default[0], view) == 1.0


def may_be_left_out(expected: Expected, view: SchemaView | None, *, required: bool) -> bool:
    """Return whether leaving a member out says what is expected.

    It is optional in the target, or leaving it out means it.

    A member that the schema requires says nothing by its absence, whatever its default. A null is none (tables of
    Arrow hold one for every member that another row has), unless the schema allows it and has another default.
    """
    if expected.optional:
        return True
    if required:
        return False
    if view is not None and is_default(expected, view):
        return True
    bare_null = expected.kind == "equals" and expected.value is None
    return bare_null and (view is None or not view.default or not view.allows_null)


def is_absence(expected: Expected, view: SchemaView | None, *, required: bool) -> bool:
    """Return whether an expected null stands for no member at all.

    The schema neither requires one nor allows a null.
    """
    bare_null = expected.kind == "equals" and expected.value is None
    return bare_null and not required and (view is None or not view.allows_null)


def says_nothing(value: Json, view: SchemaView | None, *, required: bool) -> bool:
    """Return whether giving a member says what leaving it out says.

    The default, or a null that the schema allows.
    """
    if view is None or required:
        return False
    if view.default:
        return _bare(view.default[0], value, view) == 1.0
    return value is None and view.allows_null


def _similarity(expected: Expected, got: Json, view: SchemaView) -> float:
    kind, want = expected.kind, expected.value
    if kind == "equals":
        return 1.0 if type(want) is type(got) is str and want == got else _bare(want, got, view)
    if kind == "any":
        return 1.0
    if kind == "any_of":
        return _best_choice(expected.choices, got, view)
    if kind == "set":
        return _as_set(want, got, view)
    return SCALARS[kind](want, got, expected.options)


def _best_choice(choices: Sequence[Expected], got: Json, view: SchemaView) -> float:
    best = 0.0
    for choice in choices:
        near = _similarity(choice, got, view)
        if near == 1.0:
            return near
        best = max(best, near)
    return best


def _nearness(raw: Json, got: Json, view: SchemaView) -> float:
    """Of a value in the notation of data sets."""
    return _similarity(read_expected(raw), got, view) if isinstance(raw, dict) else _bare(raw, got, view)


def _bare(want: Json, got: Json, view: SchemaView) -> float:
    if isinstance(want, dict):
        return _as_object(want, got, view) if isinstance(got, dict) else 0.0
    if isinstance(want, (list, tuple)):
        return _as_array(want, got, view) if isinstance(got, list) else 0.0
    if type(want) is type(got) and want == got:
        return 1.0
    view = view.for_value(want) if view.branches else view
    return SCALARS[default_kind(want, view)](want, got, EMPTY)


def _as_object(want: Mapping[str, Json], got: Mapping[str, Json], view: SchemaView) -> float:
    """The mean over all keys of both; a key beyond the expected ones costs, unless it says nothing."""
    if view.branches:
        view = view.for_value(_known_value(want))
    scores: list[float] = []
    for key, raw in want.items():
        member = view.member(key)
        if key in got:
            scores.append(_nearness(raw, got[key], member or NOTHING_SAID))
        else:
            scores.append(float(may_be_left_out(read_expected(raw), member, required=key in view.required)))
    for key in got.keys() - want.keys():
        scores.append(float(says_nothing(got[key], view.member(key), required=key in view.required)))
    return _mean(scores)


def _as_array(want: Sequence[Json], got: Sequence[Json], view: SchemaView) -> float:
    """Element by element, in order."""
    if view.branches:
        view = view.for_value(_known_value(want))
    scores = [_nearness(w, g, view.item(index)) for index, (w, g) in enumerate(zip(want, got, strict=False))]
    return _mean(scores + [0.0] * abs(len(want) - len(got)))


def _as_set(want: Sequence[Json], got: Json, view: SchemaView) -> float:
    """The best pairing of elements, order free; missing and surplus elements cost."""
    if not isinstance(got, list):
        return 0.0
    if view.branches:
        view = view.for_value(_known_value(want))
    item = view.item(0)
    expected = [read_expected(w) for w in want]
    grid = [[_similarity(e, g, item) for g in got] for e in expected]
    scores = [grid[i][j] for i, j in best_pairs(grid)]
    return _mean(scores + [0.0] * (max(len(want), len(got)) - len(scores)))


def _known_value(want: Json) -> Json:
    """An expected value as far as it is known: matchers stand for any value."""
    if isinstance(want, Mapping):
        read = read_expected(want)
        if read.kind != "equals":
            return read.value if read.kind == "exact" else ANYTHING
        return {k: _known_value(v) for k, v in want.items()} if read.value is want else _known_value(read.value)
    return [_known_value(item) for item in want] if isinstance(want, (list, tuple)) else want


def _mean(scores: Sequence[float]) -> float:
    if all(score == 1.0 for score in scores):
        return 1.0
    return min(NEAR, sum(scores) / len(scores))
