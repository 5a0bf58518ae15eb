"""How much goes into each part: `7:1:2`, `train=70%`, `train=0.8`, `test=300`, `train=rest`."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from evalkit.core.errors import Problem, UsageError

_NAMES = {2: ("train", "test"), 3: ("train", "valid", "test")}
_ALLOWED = "7:1:2, NAME=0.8, NAME=80%, NAME=300 (rows), NAME=rest"


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """How much a part gets: a share, a count of rows, or the rest."""

    kind: Literal["share", "count", "rest"]
    value: float = 0.0


def read_shares(words: Sequence[str]) -> dict[str, Share]:
    """Read what a user wrote, part by part in its order.

    Raises UsageError, with every problem, for what is no share and for shares that do not add up.

    >>> read_shares(["8:2"])["test"].value
    0.2
    """
    problems: list[Problem] = []
    found: dict[str, Share] = {}
    for word in [piece for said in words for piece in said.split(",") if piece.strip()]:
        name, equal, value = (piece.strip() for piece in word.partition("="))
        ratio = _read_ratio(name) if not equal else None
        if ratio is not None:
            found |= ratio
            continue
        share = _read_share(value) if equal else None
        if share is None:
            problems.append(Problem(what=f"--share {word}: no share of a part", allowed=_ALLOWED))
        elif name in found:
            problems.append(Problem(what=f"--share {word}: the part {name!r} is named twice"))
        else:
            found[name] = share
    if [*found.values()] == [Share(kind="count", value=1)]:
        found = dict.fromkeys(found, Share(kind="share", value=1.0))
    if problems:
        raise UsageError(problems)
    check_shares(found, problems)
    return found


def _read_ratio(word: str) -> dict[str, Share] | None:
    """`7:1:2`, of two parts or three."""
    try:
        weights = [float(piece) for piece in word.split(":")]
    except ValueError:
        return None
    names = _NAMES.get(len(weights))
    if names is None or not all(weight > 0 and math.isfinite(weight) for weight in weights):
        return None
    return {name: Share(kind="share", value=weight / sum(weights)) for name, weight in zip(names, weights, strict=True)}


def _read_share(word: str) -> Share | None:
    if word == "rest":
        return Share(kind="rest")
    try:
        if word.endswith("%"):
            return Share(kind="share", value=float(word[:-1]) / 100)
        if word.replace("_", "").isdecimal() and int(word) >= 1:
            return Share(kind="count", value=int(word))
        return Share(kind="share", value=float(word))
    except ValueError:
        return None


def check_shares(shares: Mapping[str, Share], problems: list[Problem]) -> None:
    """Raise UsageError for odd names and for shares that do not add up."""
    odd = [name for name in shares if not name or name.startswith(".") or set(name) & set("/\\\0")]
    problems += [Problem(what=f"{name!r} cannot name a part", todo="a plain word, e.g. train=0.8") for name in odd]
    values = [share.value for share in shares.values() if share.kind == "share"]
    rests = sum(share.kind == "rest" for share in shares.values())
    counts = sum(share.kind == "count" for share in shares.values())
    total = sum(values)
    told = ", ".join(f"{name}={_show(share)}" for name, share in shares.items()) or "nothing"
    whole = counts or rests or abs(total - 1) <= 1e-9
    if rests > 1:
        problems.append(Problem(what="only one part can have the rest", allowed=_ALLOWED))
    elif not shares or any(not value > 0 for value in values) or not whole:
        problems.append(Problem(what=f"shares must be positive and add up to 1, not {told}", allowed=_ALLOWED))
    elif (counts or rests) and (total > 1 + 1e-9 or (total >= 1 - 1e-9 and bool(values))):
        problems.append(Problem(what=f"nothing is left beside {told}", allowed=_ALLOWED))
    if problems:
        raise UsageError(problems)


def _show(share: Share) -> str:
    return "rest" if share.kind == "rest" else f"{share.value:g}"


def count_rows(shares: Mapping[str, Share], total: int) -> dict[str, int]:
    """Return how many rows each part is to get; they add up to `total`.

    Raises UsageError where counts are more than there is, or leave rows to no part.

    >>> count_rows({"train": Share(kind="share", value=2 / 3), "test": Share(kind="share", value=1 / 3)}, 10)
    {'train': 7, 'test': 3}
    """
    exact = {name: share.value if share.kind == "count" else share.value * total for name, share in shares.items()}
    rest = next((name for name, share in shares.items() if share.kind == "rest"), None)
    asked = sum(exact.values())
    told = ", ".join(f"{name}={_show(share)}" for name, share in shares.items())
    if asked > total + 1e-6:
        raise UsageError(Problem(what=f"{told}: there are only {total} rows", allowed=_ALLOWED))
    if rest is None and total - asked > 0.5:
        todo = "give one part the rest, e.g. train=rest; a ratio is written 7:1:2"
        raise UsageError(Problem(what=f"{told}: {round(total - asked)} of {total} rows are left over", todo=todo))
    if rest is not None:
        exact[rest] = total - asked
    floors = {name: math.floor(value + 1e-9) for name, value in exact.items()}
    by_rest = sorted(exact, key=lambda name: (floors[name] - exact[name], list(exact).index(name)))
    for name in by_rest[: total - sum(floors.values())]:
        floors[name] += 1
    return floors
