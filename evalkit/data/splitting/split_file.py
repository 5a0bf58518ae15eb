"""A file or a folder split into parts in its own format, by rows that were read once and are not kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from evalkit.core.errors import DataError, Location, Problem, UsageError
from evalkit.core.exchange import Json
from evalkit.data.formats import FORMATS
from evalkit.data.guess import Guess
from evalkit.data.read import UnsoundData, stream_rows
from evalkit.data.source import files, is_url
from evalkit.data.splitting.deal import Dealt, deal, deal_by_time
from evalkit.data.splitting.facts import Facts, SplitWishes, as_array, gather_facts
from evalkit.data.splitting.groups import NEITHER, NEW, Ties, add_pairs, find_ties, join_rows, place_new, torn_ties
from evalkit.data.splitting.manifest import NAME, EarlierSplit, hash_source, write_manifest
from evalkit.data.splitting.near import SEARCHED
from evalkit.data.splitting.parts import check_targets, part_suffix, write_parts
from evalkit.data.splitting.shares import Share, count_rows

LEFT_OUT = "left_out"
_ROUNDS = 12
"""Times that parts are searched for each other's rows, and dealt anew with what was found"""
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitDone:
    """What a split has written, and what there is to say of it."""

    parts: Mapping[str, tuple[Path, int]]
    """Name of a part to its file and its rows"""
    rows: int
    kept_together: int
    """Rows that have near-duplicates, a cluster or a conversation in common with others"""
    groups: int
    old: int
    """Rows that kept the side of an earlier split"""
    left_out: tuple[Location, ...] = ()
    left_file: Path | None = None
    torn: int = 0
    """Ties of rows that an earlier split had put on several sides"""
    searched: bool = True


def split_file(
    path: str | Path,
    guess: Guess,
    *,
    shares: Mapping[str, Share],
    output: Path,
    wishes: SplitWishes,
    words: Sequence[str] = (),
    seed: int = 0,
    encoding: str | None = None,
    before: EarlierSplit | None = None,
) -> SplitDone:
    """Split a data set into files of its own format, and a manifest.

    What goes before what: sides of an earlier split, then no near-duplicates, clusters or conversations on two sides,
    then the strata, then the counts. Raises DataError for data that cannot be read, UsageError for wishes that cannot
    be met; nothing is written then.
    """
    named = files(path)
    _refuse_gathered(guess.format)
    suffix = part_suffix(named)
    targets = {name: output / f"{name}{suffix}" for name in (*shares, LEFT_OUT)}
    check_targets([*targets.values()], named)
    _check_before(before, shares)
    problems: list[Problem] = []
    found = stream_rows(path, format=guess.format, columns=guess.columns, problems=problems, encoding=encoding)
    facts = gather_facts(found, wishes, problems)
    if not len(facts):
        raise UnsoundData(Problem(what=f"the data set {path} is empty", where=Location(file=str(path))))
    identity = as_array(facts.identity)
    old = before.sides_of(identity) if before is not None else np.full(len(facts), NEW, dtype=np.int64)
    sides, ties, group = _find_sides(facts, old, shares, seed=seed, by_time=wishes.time is not None)
    said: dict[str, Json] = {"format": guess.format, "columns": dict(guess.columns), "seed": seed, "shares": [*words]}
    said |= {"stratify": [*wishes.stratify], "group": [*wishes.group], "time": wishes.time}
    _refuse_empty([*shares], sides, group)
    _write(named, facts, sides, targets, ties=ties, group=group, before=before, encoding=encoding, said=said)
    return _summary(facts, sides, targets, old=old, ties=ties, group=group)


def _find_sides(
    facts: Facts, old: Ints, shares: Mapping[str, Share], *, seed: int, by_time: bool
) -> tuple[Ints, Ties, Ints]:
    """The side of every row, with what ties the rows and their groups.

    Parts are searched for each other's rows as held-out rows are; what is found ties them, and all is dealt anew.
    """
    ties = find_ties(facts)
    for _ in range(_ROUNDS):
        group = join_rows(len(facts), ties)
        sides, alone = place_new(old, group.copy(), ties)
        sides = _deal_rows(facts, sides, alone, shares, seed=seed, by_time=by_time)
        later = _new_pairs(facts.questions.leaks(sides), old)
        if not len(later):
            break
        ties = add_pairs(ties, later)
    return sides, ties, group


def _new_pairs(pairs: Ints, old: Ints) -> Ints:
    """Pairs of which a row can still move."""
    return pairs[(old[pairs] < 0).any(axis=1)] if len(pairs) else pairs


def _refuse_gathered(format: str) -> None:
    if FORMATS[format].gather is not None:
        what = f"the rows of {format} do not stand one by one in its files"
        todo = f"convert them first: evalkit data convert FILE --format {format} --to evalkit -o rows.jsonl"
        raise UsageError(Problem(what=what, todo=todo))


def _check_before(before: EarlierSplit | None, shares: Mapping[str, Share]) -> None:
    if before is not None and before.parts != tuple(shares):
        what = f"the earlier split has the parts {', '.join(before.parts)}, and now {', '.join(shares)} are asked for"
        raise UsageError(Problem(what=what, todo="name the same parts, another -o, or --afresh"))


def _deal_rows(
    facts: Facts, sides: Ints, group: Ints, shares: Mapping[str, Share], *, seed: int, by_time: bool
) -> Ints:
    """The side of every row: groups without one are dealt."""
    out = sides.copy()
    open_rows = np.flatnonzero(sides == NEW)
    dealt = np.flatnonzero(sides != NEITHER)
    targets = [*count_rows(shares, len(dealt)).values()]
    if not len(open_rows):
        return out
    labels, member = np.unique(group[open_rows], return_inverse=True)
    draw = np.full(len(labels), np.iinfo(np.uint64).max, dtype=np.uint64)
    np.minimum.at(draw, member, _mix(as_array(facts.identity)[open_rows], seed))
    if by_time:
        times = np.frombuffer(facts.times, dtype=np.float64)
        first = np.full(len(labels), np.inf)
        np.minimum.at(first, member, times[open_rows])
        fixed = np.bincount(sides[sides >= 0], minlength=len(targets))
        lacking = [max(target - int(there), 0) for target, there in zip(targets, fixed, strict=True)]
        size = np.bincount(member, minlength=len(labels)).astype(np.int64)
        out[open_rows] = deal_by_time(size, first, draw, lacking)[member]
        return out
    stratum = np.frombuffer(facts.stratum, dtype=np.int32).astype(np.int64)
    out[open_rows] = _deal_groups(member, stratum[open_rows], draw, stratum, sides, targets)[member]
    return out


def _deal_groups(
    member: Ints, own: Ints, draw: NDArray[np.uint64], stratum: Ints, sides: Ints, targets: Sequence[int]
) -> Ints:
    """The part of each group, beside the rows that have one; `own` are the strata of the groups' rows."""
    most = int(stratum.max(initial=0)) + 1
    keys, sizes = np.unique(member * most + own, return_counts=True)
    fixed = np.flatnonzero(sides >= 0)
    parts, counts = np.unique(stratum[fixed] * len(targets) + sides[fixed], return_counts=True)
    dealt = Dealt(
        group=np.concatenate([keys // most, len(draw) + np.arange(len(parts))]).astype(np.int64),
        stratum=np.concatenate([keys % most, parts // len(targets)]).astype(np.int64),
        rows=np.concatenate([sizes, counts]).astype(np.int64),
        draw=np.concatenate([draw, np.zeros(len(parts), dtype=np.uint64)]),
        side=np.concatenate([np.full(len(draw), NEW), parts % len(targets)]).astype(np.int64),
    )
    return deal(dealt, targets)[: len(draw)]


def _mix(identity: NDArray[np.uint64], seed: int) -> NDArray[np.uint64]:
    """A number for each row, uniform, of the seed and the row alone (splitmix64)."""
    with np.errstate(over="ignore"):
        mixed = identity + np.uint64((seed * 0x9E3779B97F4A7C15 + 0x9E3779B97F4A7C15) & 0xFFFFFFFFFFFFFFFF)
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))


def _refuse_empty(names: Sequence[str], sides: Ints, group: Ints) -> None:
    """Raise UsageError for a part that gets no row."""
    empty = [name for number, name in enumerate(names) if not (sides == number).any()]
    if empty:
        what = f"the part {empty[0]!r} gets no row: {len(sides)} rows are {len(np.unique(group))} groups"
        raise UsageError(Problem(what=what, todo="ask for other shares, or for fewer parts"))


def _write(
    named: Sequence[str],
    facts: Facts,
    sides: Ints,
    targets: Mapping[str, Path],
    *,
    ties: Ties,
    group: Ints,
    before: EarlierSplit | None,
    encoding: str | None,
    said: Mapping[str, Json],
) -> None:
    """Write the parts and the manifest."""
    left = np.flatnonzero(sides == NEITHER)
    names = [name for name in targets if name != LEFT_OUT]
    wanted = [*names, LEFT_OUT] if len(left) else names
    folder = targets[names[0]].parent
    places = np.where(sides == NEITHER, len(names), sides)
    counts = np.bincount(places, minlength=len(wanted)).tolist()
    kept, groups = _count_groups(group)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        digests = write_parts(named, places.tolist(), [targets[name] for name in wanted], encoding=encoding)
        if before is not None and before.left_file and not len(left):
            (folder / Path(before.left_file).name).unlink(missing_ok=True)
        parts = {
            name: {"file": targets[name].name, "rows": counts[number], "sha256": digests[number]}
            for number, name in enumerate(wanted)
        }
        told: dict[str, Json] = {
            "source": [_source(file) for file in named],
            **said,
            "kept_together": {"rows": kept, "groups": groups, "near_pairs": ties.near_pairs},
            "parts": parts,
            "left_out": [f"{one:016x}" for one in as_array(facts.identity)[left].tolist()],
        }
        write_manifest(folder / NAME, told, parts=names, identity=as_array(facts.identity), side=sides, before=before)
    except OSError as error:
        raise DataError(Problem(what=f"cannot write {folder}: {error.strerror or error}")) from None


def _summary(
    facts: Facts, sides: Ints, targets: Mapping[str, Path], *, old: Ints, ties: Ties, group: Ints
) -> SplitDone:
    left = np.flatnonzero(sides == NEITHER)
    kept, groups = _count_groups(group)
    names = [name for name in targets if name != LEFT_OUT]
    return SplitDone(
        parts={name: (targets[name], int((sides == number).sum())) for number, name in enumerate(names)},
        rows=len(facts),
        kept_together=kept,
        groups=groups,
        old=int((old >= 0).sum()),
        left_out=tuple(facts.where(int(row)) for row in left.tolist()),
        left_file=targets[LEFT_OUT] if len(left) else None,
        torn=torn_ties(old, ties),
        searched=len(facts) <= SEARCHED,
    )


def _source(file: str) -> dict[str, Json]:
    """A file by its name and what it holds; its folder is of this machine alone."""
    return {"file": file if is_url(file) else Path(file).name, "sha256": hash_source(file)}


def _count_groups(group: Ints) -> tuple[int, int]:
    """How many rows are not alone, and in how many groups."""
    sizes = np.bincount(group)
    several = sizes[sizes > 1]
    return int(several.sum()), len(several)
