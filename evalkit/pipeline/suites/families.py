"""The rows of a suite made into its families, and a sample that keeps families whole."""

from __future__ import annotations

from collections.abc import Sequence

from evalkit.core.errors import EvalkitError, Problem
from evalkit.core.exchange import Example
from evalkit.data.read import sample
from evalkit.slices.expand import FAMILY, fill_slots, mark_of, swap_words
from evalkit.suite.load import Suite


def expand_families(
    suite: Suite, examples: tuple[Example, ...], notes: list[str], problems: list[Problem]
) -> tuple[Example, ...]:
    """Return the rows with every member of their families.

    It notes how many families there are, who is left out and why; no family at all is a problem.
    """
    spec = suite.spec.families
    if spec is None or not examples:
        return examples
    try:
        lists = spec.lists(suite.root)
    except EvalkitError:
        return examples  # told where the suite is read
    found = fill_slots(examples, lists, each=spec.each) if spec.slots else swap_words(examples, lists)
    if found.families == 0:
        todo = None
        if spec.slots:
            todo = f"write {' or '.join(map(mark_of, spec.slots))} into the rows' texts"
        why = f"; of those left out: {next(iter(found.left_out.items()))}" if found.left_out else ""
        what = f"no row becomes a family: none has a {'place' if spec.slots else 'word'} of {', '.join(lists)}{why}"
        problems.append(Problem(what=what, where=suite.locate("families"), todo=todo))
        return examples
    notes += found.notes(lists)
    return found.examples


def sample_whole(examples: Sequence[Example], *, limit: int, seed: int) -> tuple[Example, ...]:
    """Draw a seeded sample of about `limit` rows, families and conversations whole.

    Rows in no family are drawn one by one; the turns of a conversation are one row.
    """
    units: dict[str, list[Example]] = {}
    for example in examples:
        units.setdefault(example.tags.get(FAMILY) or f"\0{example.row_id}", []).append(example)
    if len(units) == len(examples):
        return sample(tuple(examples), limit=limit, seed=seed)
    firsts = tuple(rows[0] for rows in units.values())
    rows = len({example.row_id for example in examples})
    count = max(1, round(limit * len(units) / rows))
    kept = {example.id for example in sample(firsts, limit=count, seed=seed)}
    return tuple(example for rows in units.values() if rows[0].id in kept for example in rows)
