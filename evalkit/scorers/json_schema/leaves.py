"""What is inside a JSON answer against what should be: leaf by leaf, extras counted."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from evalkit.core.exchange import Json
from evalkit.scorers.schemas.equal import is_same_json
from evalkit.scorers.schemas.resolve import NOTHING_SAID, SchemaView, view_of
from evalkit.scorers.values.compare import similarity
from evalkit.scorers.values.how import How
from evalkit.scorers.values.pairing import best_pairs

_ABSENT = object()
_LONGEST_SHOWN = 200


@dataclass(slots=True)
class LeafTally:
    """Counts of leaves: `hit` of `wanted` were given right, among `given`.

    `wrong` lists what differs.
    """

    hit: int = 0
    wanted: int = 0
    given: int = 0
    right: bool = True
    wrong: list[dict[str, Json]] = field(default_factory=list)

    def differ(self, path: str, want: Json, got: Json) -> None:
        """Note a difference; absent sides are left out of the note."""
        self.right = False
        note: dict[str, Json] = {"path": path or "/"}
        if want is not _ABSENT:
            note["expected"] = _shorten(want)
        if got is not _ABSENT:
            note["got"] = _shorten(got)
        self.wrong.append(note)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """How leaves are compared. `fields` by dotted path, list elements as ``[]``: ``items[].price``."""

    fields: Mapping[str, How] = field(default_factory=dict)
    lists: str = "ordered"
    null_is_missing: bool = False
    empty_counts: bool = False


def tally(want: Json, got: Json, schema: Mapping[str, Json] | SchemaView, rules: Rules, *, path: str = "") -> LeafTally:
    """Compare an answer with its target, all the way down.

    `path` says where both stand.

    A leaf is a scalar, or a value whose path has a matcher of its own. An empty value (null, "", [] or {}) is a leaf
    only where `rules.empty_counts`: agreeing that there is nothing earns nothing.
    """
    found = LeafTally()
    _walk(found, want, got, schema if isinstance(schema, SchemaView) else view_of(schema), rules, path)
    return found


def earns_nothing(want: Json, rules: Rules) -> bool:
    """Return whether a target only says that there is nothing.

    As {}, {"names": []}, {"person": {"name": ""}} do.

    Always False where `rules.empty_counts`, and for a target of which every value is ignored.
    """
    ends = [_is_empty(value, rules) for value in _ends(want, rules, "")]
    return bool(ends) and all(ends)


def _ends(want: Json, rules: Rules, path: str) -> Iterator[Json]:
    """What a target is made of: scalars, empty values and values with a matcher of their own, but for the ignored."""
    how = rules.fields.get(path)
    if how is not None and how.kind == "ignore":
        return
    if not want or (how is not None and how.lists is None):
        yield want
    elif isinstance(want, dict):
        for key, value in want.items():
            yield from _ends(value, rules, f"{path}.{key}" if path else str(key))
    elif isinstance(want, list):
        for value in want:
            yield from _ends(value, rules, f"{path}[]")
    else:
        yield want


def _walk(found: LeafTally, want: Json, got: Json, view: SchemaView, rules: Rules, path: str) -> None:
    how = rules.fields.get(path)
    if how is not None and how.kind == "ignore":
        return
    if rules.null_is_missing:
        want, got = (_ABSENT if side is None else side for side in (want, got))
    if want is _ABSENT or got is _ABSENT:
        _one_side(found, want, got, rules, path)
    elif how is not None and how.lists is None:
        _leaf(found, want, got, view, rules, path, how=how)
    elif isinstance(want, dict) and isinstance(got, dict) and (want or got):
        view = view.for_value(want)
        for key in [*want, *(k for k in got if k not in want)]:
            inner, member = f"{path}.{key}" if path else str(key), view.member(key) or NOTHING_SAID
            _walk(found, want.get(key, _ABSENT), got.get(key, _ABSENT), member, rules, inner)
    elif isinstance(want, list) and isinstance(got, list) and (want or got):
        view = view.for_value(want)
        for place, (left, right) in enumerate(_align(want, got, view, rules, how)):
            _walk(found, left, right, view.item(place), rules, f"{path}[]")
    else:
        _leaf(found, want, got, view, rules, path, how=How())


def _one_side(found: LeafTally, want: Json, got: Json, rules: Rules, path: str) -> None:
    """A value that only one side has: its leaves count on that side alone."""
    if want is _ABSENT and got is _ABSENT:
        return
    found.wanted += 0 if want is _ABSENT else _leaves(want, rules)
    found.given += 0 if got is _ABSENT else _leaves(got, rules)
    found.differ(path, want, got)


def _leaf(found: LeafTally, want: Json, got: Json, view: SchemaView, rules: Rules, path: str, *, how: How) -> None:
    if is_same_json(want, got) or similarity(how.expect(want), got, view) == 1.0:
        alike = 0 if _is_empty(want, rules) else 1  # one leaf on both sides, whatever the matcher calls equal
        found.hit, found.wanted, found.given = found.hit + alike, found.wanted + alike, found.given + alike
        return
    whole = how.kind != "equals"
    found.wanted += 1 if whole and not _is_empty(want, rules) else _leaves(want, rules)
    found.given += 1 if whole and not _is_empty(got, rules) else _leaves(got, rules)
    found.differ(path, want, got)


def _leaves(value: Json, rules: Rules) -> int:
    if _is_empty(value, rules):
        return 0
    if isinstance(value, dict) and value:
        return sum(_leaves(v, rules) for v in value.values())
    if isinstance(value, list) and value:
        return sum(_leaves(v, rules) for v in value)
    return 1


def _is_empty(value: Json, rules: Rules) -> bool:
    return not rules.empty_counts and (value is None or value in ("", [], {}))


def _align(
    want: Sequence[Json], got: Sequence[Json], view: SchemaView, rules: Rules, how: How | None
) -> list[tuple[Json, Json]]:
    """Pairs of elements, `_ABSENT` where one side has none: by position, by best fit, or by a key."""
    mode = how.lists if how is not None and how.lists else rules.lists
    if mode == "ordered":
        pairs = [(i, i) for i in range(min(len(want), len(got)))]
    elif mode == "key" and how is not None:
        pairs = _by_key(want, got, how.key)
    else:
        item = view.item(0)
        pairs = best_pairs([[similarity(How().expect(w), g, item) for g in got] for w in want])
    left, right = {i for i, _ in pairs}, {j for _, j in pairs}
    out = [(want[i], got[j]) for i, j in pairs]
    out += [(value, _ABSENT) for i, value in enumerate(want) if i not in left]
    out += [(_ABSENT, value) for j, value in enumerate(got) if j not in right]
    return out


def _by_key(want: Sequence[Json], got: Sequence[Json], key: str) -> list[tuple[int, int]]:
    """The first element of each key value meets the first on the other side."""
    free = list(range(len(got)))
    pairs: list[tuple[int, int]] = []
    for i, left in enumerate(want):
        match = next((j for j in free if _key(got[j], key) is not None and _key(got[j], key) == _key(left, key)), None)
        if match is not None:
            free.remove(match)
            pairs.append((i, match))
    return pairs


def _key(value: Json, key: str) -> Json:
    return value.get(key) if isinstance(value, dict) else None


def _shorten(value: Json) -> Json:
    if isinstance(value, (dict, list)):
        text = json.dumps(value, ensure_ascii=False)
        return value if len(text) <= _LONGEST_SHOWN else text[:_LONGEST_SHOWN] + "…"
    return value[:_LONGEST_SHOWN] + "…" if isinstance(value, str) and len(value) > _LONGEST_SHOWN else value
