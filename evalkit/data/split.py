"""Stratified, seeded splits that never tear a cluster apart."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from evalkit.core.errors import Problem, UsageError, did_you_mean, join_allowed
from evalkit.core.exchange import Example
from evalkit.data.sample import draw


def split(
    examples: Sequence[Example], *, shares: Mapping[str, float], seed: int = 0, stratify: Sequence[str] = ()
) -> dict[str, tuple[Example, ...]]:
    """Deal examples into named parts.

    For example ``{"train": 0.8, "test": 0.2}``; each part keeps the original order.

    Rows of one cluster stay together. Within every combination of the `stratify` tags (a cluster counts under the
    commonest one of its rows) clusters are drawn by (seed, name), the largest first, and each goes to the part that is
    furthest below its share there. Shares must be positive and add up to 1.

    Raises UsageError for shares that do not add up, or a tag that no row has.
    """
    _check(examples, shares=shares, stratify=stratify)
    clusters: dict[str, list[int]] = defaultdict(list)
    for position, example in enumerate(examples):
        clusters[example.unit].append(position)
    strata: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for name, members in clusters.items():
        strata[_stratum([examples[i] for i in members], stratify)].append(name)
    part_of: dict[int, str] = {}
    total: dict[str, int] = dict.fromkeys(shares, 0)
    for stratum in sorted(strata):
        dealt = dict.fromkeys(shares, 0)
        names = sorted(strata[stratum], key=lambda name: (-len(clusters[name]), draw(name, seed=seed)))
        size = sum(len(clusters[name]) for name in names)
        for name in names:
            part = _neediest(shares, dealt=dealt, size=size, total=total)
            dealt[part] += len(clusters[name])
            total[part] += len(clusters[name])
            part_of.update(dict.fromkeys(clusters[name], part))
    return {part: tuple(e for i, e in enumerate(examples) if part_of[i] == part) for part in shares}


def _neediest(shares: Mapping[str, float], *, dealt: Mapping[str, int], size: int, total: Mapping[str, int]) -> str:
    """The part furthest below its share in the stratum; among equals, furthest below it overall, then the first."""
    overall = sum(total.values())
    names = list(shares)
    return max(
        names,
        key=lambda p: (
            round(shares[p] * size - dealt[p], 9),
            round(shares[p] * overall - total[p], 9),
            -names.index(p),
        ),
    )


def _stratum(members: Sequence[Example], stratify: Sequence[str]) -> tuple[str, ...]:
    combinations = [tuple(e.tags.get(tag, "") for tag in stratify) for e in members]
    return max(sorted(set(combinations)), key=combinations.count)


def _check(examples: Sequence[Example], *, shares: Mapping[str, float], stratify: Sequence[str]) -> None:
    problems = []
    odd = [name for name in shares if not name or name.startswith(".") or set(name) & set("/\\\0")]
    problems += [Problem(what=f"{name!r} cannot name a part", todo="a plain word, e.g. train=0.8") for name in odd]
    if not shares or any(not share > 0 for share in shares.values()) or not abs(sum(shares.values()) - 1) <= 1e-9:
        told = ", ".join(f"{name}={share}" for name, share in shares.items()) or "nothing"
        problems.append(Problem(what=f"shares must be positive and add up to 1, not {told}"))
    known = {tag for example in examples for tag in example.tags}
    for tag in stratify:
        if tag not in known:
            problems.append(
                Problem(
                    what=f"no row has the tag {tag!r}{did_you_mean(tag, known)}",
                    allowed=join_allowed(list(known)) or None,
                )
            )
    if problems:
        raise UsageError(problems)
