"""When the answers of both arms were given: seconds of other days, or of other hours, are no difference of models.

An answer kept in the ledger says when it was paid for, a recording when it was made; what has no date was given now.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from statistics import median_low

from evalkit.core.exchange import Json, Response
from evalkit.gates.seconds import APART
from evalkit.pipeline.asking.arm_result import ArmResult

NEAR_S = 6 * 3600.0
"""Moments that lie farther apart are other hours: servers are busy by the time of day"""
_SAME_DAY_S = 18 * 3600.0
"""The same where only the day is known, which stands for its noon"""
MOST_APART = 0.05
"""So many pairs may have been asked at other times"""
_DAY = "%Y-%m-%d"


def find_apart(base: ArmResult, candidate: ArmResult, *, now: dt.datetime) -> Mapping[str, Json]:
    """Say for the manifest when arms were asked too far apart.

    Seconds of such pairs of answers are not compared. Empty where hardly any pair is one, and where nothing is known of
    either arm.
    """
    whole = [_whole(arm, now) for arm in (base, candidate)]
    if not any(response.answered_at for arm in (base, candidate) for response in _answers(arm)):
        pairs = [(whole[0], whole[1])]
    else:
        one, two = (_moments(arm, otherwise) for arm, otherwise in zip((base, candidate), whole, strict=True))
        pairs = [(one[key], two[key]) for key in sorted(one.keys() & two.keys())]
    if sum(not _near(*pair) for pair in pairs) <= MOST_APART * len(pairs):
        return {}
    return {APART: {"base": _say([first for first, _ in pairs]), "candidate": _say([last for _, last in pairs])}}


class _Moment(tuple[float, bool]):
    """Seconds since 1970, and whether only the day is known."""


def _near(one: _Moment | None, two: _Moment | None) -> bool:
    if one is None or two is None:
        return one is two
    return abs(one[0] - two[0]) <= (_SAME_DAY_S if one[1] or two[1] else NEAR_S)


def _whole(arm: ArmResult, now: dt.datetime) -> _Moment | None:
    """When the answers were given that do not say it themselves; None where a recording does not say either."""
    details = arm.identity.details
    if "recorded_from" in details:
        return _read(str(details.get("recorded", "")))
    return _Moment((now.timestamp(), False))


def _moments(arm: ArmResult, otherwise: _Moment | None) -> dict[tuple[str, int], _Moment | None]:
    return {
        (response.example_id, response.repeat): otherwise
        if response.answered_at is None
        else _Moment((response.answered_at, False))
        for response in _answers(arm)
    }


def _answers(arm: ArmResult) -> Iterator[Response]:
    for rows in arm.answers.values():
        for response in rows:
            if response.failure is None:
                yield response


def _read(text: str) -> _Moment | None:
    """The moment of a header's date or time; None where it is neither."""
    try:
        found = dt.datetime.fromisoformat(text)
    except ValueError:
        return None
    only_day = len(text) == len("2026-01-31")
    return _Moment(((found.replace(hour=12) if only_day else found).timestamp(), only_day))


def _say(moments: list[_Moment | None]) -> str:
    """The middle of them in words."""
    known = [moment for moment in moments if moment is not None]
    if not known:
        return "at a time that is not known"
    at, only_day = median_low(known)
    when = dt.datetime.fromtimestamp(at)
    return f"on {when:{_DAY}}" if only_day else f"around {when:{_DAY} %H:%M}"
