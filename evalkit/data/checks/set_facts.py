"""What a data set is: rows, units, tags, ids; and why rows have no target."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from evalkit.core.data_report import DataFinding, DataPlace
from evalkit.core.exchange import Example, Json
from evalkit.data.checks.base import PLACES, RowCheck, place_of_row
from evalkit.data.checks.data_row import DataRow
from evalkit.data.checks.repeats import digest_of
from evalkit.data.draft import is_content_id
from evalkit.data.missing_targets import MissingTargets

MIN_SLICE = 30
_TOLD = ("the target's arguments of", "the row is the same as")
"""Notes on what a check of its own tells"""
_MANY = 2_000
"""Values from which a tag is not counted any more: it names rows, not groups"""


class SetFacts(RowCheck):
    """Counts rows, independent units, tags and targets; finds ids that stand twice.

    Keeps 24 bytes a row.
    """

    name = "set"

    def __init__(self) -> None:
        self.units, self.ids, self.contents = array("Q"), array("Q"), array("Q")
        self.examples = self.choices = self.tools = 0
        self.tags: dict[str, Counter[str] | None] = {}
        self.targets = MissingTargets()
        self.row_notes: Counter[str] = Counter()
        self.named_twice: list[int] = []
        self.twice_rows = self.clusters = 0
        self.named: dict[int, DataPlace] = {}

    def look(self, row: DataRow) -> None:
        """Count a row."""
        example = row.example
        given = row.id or ("" if example is None or is_content_id(example.id) else example.id)
        self.ids.append(digest_of(given) if given else 0)
        self.contents.append(digest_of(repr(row.raw)) if given else 0)
        if example is None:
            return
        self.examples += 1
        self.units.append(digest_of(example.unit))
        self.choices += bool(example.choices)
        self.tools += bool(example.tools)
        self.targets.add(example)
        self._tags(example)
        notes = example.extra.get("notes", ()) if example.extra else ()
        if notes:
            self.row_notes.update(note for note in notes if isinstance(note, str) and not note.startswith(_TOLD))

    def _tags(self, example: Example) -> None:
        for name, value in example.tags.items():
            counts = self.tags.setdefault(name, Counter())
            if counts is not None:
                counts[value] += 1
                if len(counts) > _MANY:
                    self.tags[name] = None

    def settle(self, rows: int) -> Iterable[int]:
        """Find ids that stand twice, with rows that differ."""
        import numpy as np

        self.clusters = int(np.unique(np.asarray(self.units, np.uint64)).size)
        ids, contents = np.asarray(self.ids, np.uint64), np.asarray(self.contents, np.uint64)
        order = np.lexsort((np.arange(len(ids)), ids))
        one = ids[order]
        again = np.r_[False, one[1:] == one[:-1]] & (one != 0) if len(one) else np.zeros(0, bool)
        differs = np.r_[False, contents[order][1:] != contents[order][:-1]] & again if len(one) else again
        self.twice_rows = int(differs.sum())
        self.named_twice = sorted(int(order[at]) + 1 for at in np.flatnonzero(differs))[:PLACES]
        return self.named_twice

    def look_again(self, row: DataRow) -> None:
        """Keep the place of a row whose id stands twice."""
        self.named[row.number] = place_of_row(row)

    def tell(self, rows: int) -> Iterator[DataFinding]:
        """Give ids that stand twice, missing targets, small slices and notes of the reader."""
        if self.twice_rows:
            yield DataFinding(
                check=self.name, level="error", what="an id stands at several rows that differ", rows=self.twice_rows,
                todo="give each row an id of its own, or take one out",
                places=tuple(self.named[number] for number in self.named_twice),
            )  # fmt: skip
        for sentence in self.targets.sentences():
            yield DataFinding(check=self.name, level="warning", what=sentence)
        for name, counts in self.counted_tags().items():
            small = [value for value, count in counts.items() if count < MIN_SLICE]
            if small and len(counts) <= 50:
                what = f"tag {name}: {len(small)} of {len(counts)} values have fewer than {MIN_SLICE} rows"
                yield DataFinding(check=self.name, level="advice", what=what)
        for note, count in self.row_notes.most_common(10):
            yield DataFinding(check=self.name, level="warning", what=note, rows=count)

    def counted_tags(self) -> Mapping[str, Mapping[str, int]]:
        """Return tag to value to count; "(missing)" where only some rows have the tag."""
        found: dict[str, Mapping[str, int]] = {}
        for name in sorted(self.tags):
            counts = self.tags[name]
            if counts is not None:
                missing = self.examples - counts.total()
                whole = Counter(counts) + (Counter({"(missing)": missing}) if missing else Counter())
                found[name] = dict(whole.most_common())
        return found

    def facts(self) -> Mapping[str, Json]:
        """Return the counts."""
        tags: dict[str, Json] = {name: dict(counts) for name, counts in self.counted_tags().items()}
        return {
            "with_choices": self.choices,
            "with_tools": self.tools,
            "without_target": self.targets.without,
            "tags": tags,
        }
