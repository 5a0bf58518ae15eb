"""What there is to know about a data set before it is used: counts, missing things, rows that are not independent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from evalkit.core.exchange import Example
from evalkit.data.integrity import near_twins
from evalkit.data.missing_targets import target_warnings
from evalkit.data.training import question_of


@dataclass(frozen=True, slots=True, kw_only=True)
class DataCheck:
    """The facts of a data set.

    `warnings` are sentences on what will weaken a comparison made with it.
    """

    examples: int
    clusters: int
    without_target: int
    with_choices: int
    with_tools: int
    characters: tuple[int, int, int]
    """Length of the question in characters: smallest, median, largest"""
    tags: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """Tag to value to count; "(missing)" where only some rows have the tag"""
    twins: tuple[tuple[str, str, float], ...] = ()
    """Pairs of rows of different clusters whose questions are (nearly) the same"""
    warnings: tuple[str, ...] = ()


def check(examples: Sequence[Example], *, min_slice: int = 30) -> DataCheck:
    """Look a data set over; `examples` must not be empty.

    Slices below `min_slice` rows are warned about.
    """
    unit = {example.id: example.unit for example in examples}
    twins = tuple(pair for pair in near_twins(examples) if unit[pair[0]] != unit[pair[1]])
    lengths = sorted(len(question_of(example)) for example in examples)
    tags = _tag_counts(examples)
    without = sum(example.target is None for example in examples)
    return DataCheck(
        examples=len(examples),
        clusters=len(set(unit.values())),
        without_target=without,
        with_choices=sum(bool(example.choices) for example in examples),
        with_tools=sum(bool(example.tools) for example in examples),
        characters=(lengths[0], lengths[len(lengths) // 2], lengths[-1]),
        tags=tags,
        twins=twins,
        warnings=tuple(_warnings(examples, tags=tags, twins=twins, min_slice=min_slice)),
    )


def _tag_counts(examples: Sequence[Example]) -> dict[str, dict[str, int]]:
    counts: dict[str, Counter[str]] = {}
    for example in examples:
        for name, value in example.tags.items():
            counts.setdefault(name, Counter())[value] += 1
    for count in counts.values():
        missing = len(examples) - count.total()
        if missing:
            count["(missing)"] = missing
    return {name: dict(counts[name].most_common()) for name in sorted(counts)}


def _warnings(
    examples: Sequence[Example],
    *,
    tags: Mapping[str, Mapping[str, int]],
    twins: Sequence[tuple[str, str, float]],
    min_slice: int,
) -> list[str]:
    out = []
    out += target_warnings(examples)
    if twins:
        first, second, share = twins[0]
        out.append(
            f"{len(twins)} pairs of rows ask (nearly) the same, e.g. {first} and {second} ({share:.0%}): "
            "give them one `cluster`, or n is overstated"
        )
    for name, counts in tags.items():
        small = [value for value, count in counts.items() if count < min_slice]
        if small and len(counts) <= 50:
            out.append(f"tag {name}: {len(small)} of {len(counts)} values have fewer than {min_slice} rows")
    notes = Counter(note for example in examples for note in example.extra.get("notes", ()))
    out += [f"{count} row(s): {note}" for note, count in notes.most_common(10)]
    return out
