"""BFCL's values: folded strings, ordered lists, flat dicts with alternatives, plain membership for the rest."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from evalkit.core.exchange import Json
from evalkit.scorers.tool_calls.bfcl.types import Kind

_DROPPED = re.compile(r"[ ,./\-_*^]")


def fold(text: str) -> str:
    """Fold text as BFCL does.

    Punctuation away, lower case, one kind of quote. "x*2" and "x**2" become the same.

    >>> fold("April 1, 2024") == fold("april-1 2024"), fold("x**2")
    (True, 'x2')
    """
    return _DROPPED.sub("", text).lower().replace("'", '"')


def value_fault(value: Json, kind: Kind, accepted: Sequence[Json], *, variable: bool) -> str | None:
    """Return the fault of a value whose type is right, or None."""
    if not variable:
        if kind.python is dict:
            return _dict_fault(value, accepted)
        if kind.python is list and kind.inner is dict:
            return _dicts_fault(value, accepted)
        if kind.python is str:
            folded = fold(value)
            return None if any(type(a) is str and fold(a) == folded for a in accepted) else "value_error:string"
        if kind.python is list:
            return None if _list_fits(value, accepted) else "value_error:list/tuple"
    return None if value in accepted else "value_error:others"


def _list_fits(value: Sequence[Json], accepted: Sequence[Json]) -> bool:
    """Ordered; strings folded one level deep. An answer that is text counts as its characters ("" as [])."""
    folded = [_fold_text(item) for item in value]
    return any(
        folded == [_fold_text(item) for item in answer] for answer in accepted if isinstance(answer, (list, str))
    )


def _dict_fault(value: Json, accepted: Sequence[Json]) -> str | None:
    """The fault against the last answer, as none fits; "" among the answers is passed over."""
    fault = "dict_checker:unclear"
    for answer in accepted:
        if answer == "":
            continue
        found = _one_dict_fault(value, answer)
        if found is None:
            return None
        fault = found
    return fault


def _one_dict_fault(value: Json, answer: Json) -> str | None:
    if not isinstance(answer, Mapping) or not isinstance(value, Mapping):
        return "value_error:dict_key"  # beyond BFCL, which crashes
    if any(key not in value and "" not in _each(alternatives) for key, alternatives in answer.items()):
        return "value_error:dict_key"  # a missing key is told even where another key failed before
    for key, given in value.items():
        if key not in answer:
            return "value_error:dict_key"
        if _fold_text(given) not in [_fold_text(item) for item in _each(answer[key])]:
            return "value_error:dict_value"
    return None


def _dicts_fault(value: Sequence[Json], accepted: Sequence[Json]) -> str | None:
    """Same length, same order, dict by dict; the fault against the last answer."""
    fault = "list_dict_checker:unclear"
    for answer in accepted:
        if not isinstance(answer, (list, str)) or len(value) != len(answer):
            fault = "value_error:list_dict_count"
            continue
        found = next((f for v, a in zip(value, answer, strict=True) if (f := _dict_fault(v, [a])) is not None), None)
        if found is None:
            return None
        fault = found
    return fault


def _fold_text(item: Json) -> Json:
    return fold(item) if type(item) is str else item


def _each(alternatives: Json) -> Sequence[Json]:
    return alternatives if isinstance(alternatives, (list, tuple, str)) else [alternatives]
