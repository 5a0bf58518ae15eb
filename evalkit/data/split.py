"""Stratified, seeded splits of examples that never tear a cluster apart; files are split by `splitting`."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

import numpy as np

from evalkit.core.errors import Problem, did_you_mean, join_allowed
from evalkit.core.exchange import Example
from evalkit.data.sample import draw
from evalkit.data.splitting.deal import Dealt, deal
from evalkit.data.splitting.shares import Share, check_shares, count_rows


def split(
    examples: Sequence[Example], *, shares: Mapping[str, float], seed: int = 0, stratify: Sequence[str] = ()
) -> dict[str, tuple[Example, ...]]:
    """Deal examples into named parts.

    For example ``{"train": 0.8, "test": 0.2}``; each part keeps the original order.

    Rows of one cluster stay together. Within every combination of the `stratify` tags (a cluster counts under the
    commonest one of its rows) each part gets its share, rounded so that the totals are met. Shares must be positive
    and add up to 1.

    Raises UsageError for shares that do not add up, or a tag that no row has.
    """
    asked = {name: Share(kind="share", value=float(share)) for name, share in shares.items()}
    check_shares(asked, _tag_problems(examples, stratify))
    clusters: dict[str, list[int]] = defaultdict(list)
    for position, example in enumerate(examples):
        clusters[example.unit].append(position)
    strata = [_stratum([examples[i] for i in members], stratify) for members in clusters.values()]
    number = {stratum: at for at, stratum in enumerate(sorted(set(strata)))}
    groups = Dealt(
        group=np.arange(len(clusters)),
        rows=np.array([len(members) for members in clusters.values()], dtype=np.int64),
        stratum=np.array([number[stratum] for stratum in strata], dtype=np.int64),
        draw=np.array([int(draw(name, seed=seed)[:16], 16) for name in clusters], dtype=np.uint64),
        side=np.full(len(clusters), -1, dtype=np.int64),
    )
    sides = deal(groups, [*count_rows(asked, len(examples)).values()]).tolist()
    part_of = {row: part for part, members in zip(sides, clusters.values(), strict=True) for row in members}
    return {
        name: tuple(example for row, example in enumerate(examples) if part_of[row] == part)
        for part, name in enumerate(asked)
    }


def _stratum(members: Sequence[Example], stratify: Sequence[str]) -> tuple[str, ...]:
    count = Counter(tuple(example.tags.get(tag, "") for tag in stratify) for example in members)
    return min(count, key=lambda stratum: (-count[stratum], stratum))


def _tag_problems(examples: Sequence[Example], stratify: Sequence[str]) -> list[Problem]:
    known = {tag for example in examples for tag in example.tags}
    return [
        Problem(what=f"no row has the tag {tag!r}{did_you_mean(tag, known)}", allowed=join_allowed(list(known)) or None)
        for tag in stratify
        if tag not in known
    ]
