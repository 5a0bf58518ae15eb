"""The notation of expected values in data sets: a value, or a named matcher around one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from evalkit.core.errors import did_you_mean, join_allowed
from evalkit.core.exchange import EMPTY, Json

KINDS = (
    "exact", "equals", "number", "text", "fuzzy", "contains", "regex", "set", "date", "time", "datetime", "prefecture",
    "person", "place",
)  # fmt: skip
"""Matchers that take a value. `equals` chooses by the schema, as a bare value does."""

_MODIFIERS = {
    "number": ("tolerance", "relative"),
    "fuzzy": ("at_least",),
    "text": ("case", "spaces"),
    "contains": ("case",),
}
_MARKS = ("any_of", "any", "optional", "default")
_WORDS = frozenset({*KINDS, *_MARKS, "value"})
_NAMES = frozenset({*KINDS, "any_of", "any", "default"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """One expected value, and how to compare it.

    How to compare (`kind`), with what (`value`), and whether it may be absent.

    `kind` is one of KINDS, "any" (whatever is given) or "any_of" (then `choices` holds the accepted ones).
    """

    kind: str = "equals"
    value: Json = None
    choices: tuple[Expected, ...] = ()
    optional: bool = False
    options: Mapping[str, Json] = field(default_factory=lambda: EMPTY)


def read_expected(raw: Json) -> Expected:
    """Read one expected value of a data set.

    A mapping is a matcher when it is not empty and all its keys are words of the notation; any other mapping is
    the expected value itself (write ``{"exact": {...}}`` to force that).

    Raises ValueError with a sentence for a matcher that contradicts itself.

    >>> read_expected({"any_of": ["Tokyo", {"regex": "東京都?"}]}).choices[1].kind
    'regex'
    >>> read_expected({"optional": True}).kind, read_expected({"city": "東京"}).kind
    ('any', 'equals')
    """
    if type(raw) is str and len(raw) < _SHORT:
        return _plain_text(raw)
    if not isinstance(raw, dict) or not _is_matcher(raw):
        return Expected(value=raw)
    if None in raw.values():
        raw = _drop_nulls(raw)
    optional = raw.get("optional", False)
    if not isinstance(optional, bool):
        raise ValueError(f"optional must be true or false, got {optional!r}")
    rest = {k: v for k, v in raw.items() if k != "optional" and k != "value"}
    if "value" in raw:
        rest.setdefault("equals", raw["value"])
    names = [k for k in rest if k in _NAMES]
    if len(names) > 1:
        raise ValueError(f"name one matcher, not {join_allowed(names)}")
    if not names or names[0] in ("any", "default"):
        return Expected(kind="any", optional=optional)
    return _matcher(names[0], rest, optional=optional)


_SHORT = 100


@lru_cache(maxsize=16_384)
def _plain_text(text: str) -> Expected:
    """Kept for short texts: the same words are expected in many cases."""
    return Expected(value=text)


def _is_matcher(raw: Mapping[str, Json]) -> bool:
    if raw.keys() <= _WORDS:
        return bool(raw)
    others = [key for key in raw if key not in _WORDS]
    if len(others) == len(raw):
        return False
    modifiers = {m for key in raw for m in _MODIFIERS.get(key, ())}
    return modifiers.issuperset(others)


def _drop_nulls(raw: Mapping[str, Json]) -> Mapping[str, Json]:
    """A matcher without the nulls that a table holds for words of other rows; a null alone is the value expected."""
    said = {key: value for key, value in raw.items() if value is not None}
    if said.keys() & {*KINDS, "any_of", "any", "value"}:
        return said
    null = next((key for key in ("value", "equals", "exact") if key in raw), None)
    return {**said, null: None} if null else said or raw


def _matcher(kind: str, raw: Mapping[str, Json], *, optional: bool) -> Expected:
    value = raw[kind]
    if kind == "any_of":
        if not isinstance(value, (list, tuple)) or not value:
            raise ValueError("any_of needs a list with at least one value")
        return Expected(kind="any_of", choices=tuple([read_expected(v) for v in value]), optional=optional)
    options = {k: v for k, v in raw.items() if k != kind}
    check_options(kind, options)
    if kind == "set" and not isinstance(value, (list, tuple)):
        raise ValueError(f"set needs a list, got {value!r}")
    if kind == "regex":
        check_regex(value)
    return Expected(kind=kind, value=value, optional=optional, options=options)


def check_options(kind: str, options: Mapping[str, Json]) -> None:
    """Raise ValueError for an option that a matcher does not have.

    Or for a number out of its range.
    """
    known = _MODIFIERS.get(kind, ())
    for name, value in options.items():
        if name not in known:
            allowed = join_allowed(known) or "no options"
            raise ValueError(f"{kind} has no option {name!r}{did_you_mean(name, known)}; allowed: {allowed}")
        if name == "case":
            if value not in ("fold", "keep"):
                raise ValueError(f"case must be fold or keep, got {value!r}")
        elif name == "spaces":
            if value not in ("fold", "drop"):
                raise ValueError(f"spaces must be fold or drop, got {value!r}")
        elif isinstance(value, bool) or not isinstance(value, (int, float)) or value < 0:
            raise ValueError(f"{name} must be a number of at least 0, got {value!r}")
        elif name == "at_least" and value > 1:
            raise ValueError(f"at_least is a share, at most 1, got {value!r}")


def check_regex(pattern: Json) -> None:
    """Raise ValueError for a pattern that is no regular expression."""
    import re

    try:
        re.compile(pattern)
    except (re.error, TypeError) as error:
        raise ValueError(f"{pattern!r} is no regular expression: {error}") from None
