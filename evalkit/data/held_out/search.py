"""The search: training files streamed past the index of held-out questions, so that memory stays with the questions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from evalkit.core.errors import Location
from evalkit.core.exchange import Example
from evalkit.data.held_out.batch import Batch
from evalkit.data.held_out.letters import PART, letters, plain, without_template
from evalkit.data.held_out.probes import SHORT, Index
from evalkit.data.held_out.tiers import (
    ALIKE,
    KEPT_BRIEF,
    OTHER_NUMBERS,
    TIERS,
    Sighting,
    Tier,
    best_window,
    is_cut_out,
    likeness,
    literal_tier,
    parts_of,
    reordered_share,
    same_tier,
    weigh,
)
from evalkit.data.training import TrainingRow, question_of

BATCH = 2000
"""Training rows looked at together"""
_SIGHTINGS = 4
"""Sightings of a question that are kept to the end, where their runs are weighed for good"""
_FIRST_WEIGHING = 2000
EVERYWHERE = 1 << 40
"""Characters around a piece that reach over any row"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leak:
    """A held-out example that stands in training data."""

    example_id: str
    tier: Tier
    share: float
    """Of its rare runs, by weight (`near`: or of its characters); 1 for the surer tiers"""
    where: Location

    @property
    def proven(self) -> bool:
        """Whether it is more than probable."""
        return self.tier != "probable"


def find_leaks(examples: Sequence[Example], rows: Iterable[TrainingRow]) -> tuple[Leak, ...]:
    """Find the surest place of every example that stands in the training rows.

    The places are in the examples' order.

    One pass over the rows; the cost is linear in their characters. An example of fewer than 8 letters is only found
    where it is a whole question.
    """
    search = Search(examples)
    stream = iter(rows)
    while batch := list(islice(stream, BATCH)):
        search.look(batch)
    return tuple(search.leaks())


class Search:
    """What has been seen so far of held-out questions."""

    def __init__(self, examples: Sequence[Example]) -> None:
        self._examples = examples
        self._raw = [question_of(example) for example in examples]
        whole = [plain(text) for text in self._raw]
        self._plain = without_template(whole)
        long = [text if letters(text) >= SHORT else "" for text in self._plain]
        self._index = Index(long, [example.unit for example in examples])
        self._seen: dict[int, list[tuple[int, float, Sighting]]] = defaultdict(list)
        self._best = np.full(len(examples), len(TIERS), dtype=np.int64)
        self._short: dict[str, list[int]] = defaultdict(list)
        for row, text in enumerate(whole):
            if text and letters(text) < SHORT:
                self._short[text].append(row)
        self._weigh_at = _FIRST_WEIGHING

    def look(self, batch: Sequence[TrainingRow]) -> None:
        """Look at the next rows."""
        texts = Batch(batch)
        if self._short:
            for row, text in zip(batch, texts.plain_rows, strict=False):
                self._whole_questions(row, text)
        pieces, probes = self._index.candidates(texts.codes, texts.starts, texts.owner)
        for piece, number in zip(pieces.tolist(), probes.tolist(), strict=True):
            self._verify(texts, piece, number)
        self._index.seen += len(batch)
        if self._index.seen >= self._weigh_at:
            self._index.reweigh()
            self._weigh_at = 2 * self._index.seen

    def leaks(self) -> Iterator[Leak]:
        """Yield the surest sighting of each example, weighed by all that was seen."""
        self._index.reweigh()
        for row in sorted(self._seen):
            weighed = [
                (TIERS.index(tier), -share, order, seen)
                for order, (_, _, seen) in enumerate(self._seen[row])
                for tier, share in [weigh(self._index, seen, self._plain[row])]
                if tier is not None
            ]
            if weighed:
                rank, share, _, seen = min(weighed, key=lambda one: one[:3])
                yield Leak(example_id=self._examples[row].id, tier=TIERS[rank], share=-share, where=seen.where)

    def _whole_questions(self, row: TrainingRow, plain_row: str) -> None:
        """Short examples that are the whole question of a row."""
        for position, part in enumerate(plain_row.split(PART)[:-1]):
            if position in row.asks:
                for example in self._short.get(part, ()):
                    self._keep(Sighting(row.where, same_tier(self._raw[example], row.texts), example, (), 1.0))

    def _verify(self, texts: Batch, piece: int, number: int) -> None:
        """Look closely at a row where a probe may stand."""
        row = self._index.probes[number].row
        best = self._best[row]
        if best <= TIERS.index("normalised"):
            return
        position = int(texts.owner[piece])
        taught, question = texts.rows[position], self._plain[row]
        tier = literal_tier(question, parts_of(texts.plain_rows[position]))
        if tier == "normalised":
            self._keep(Sighting(taught.where, same_tier(self._raw[row], taught.texts), row, (), 1.0))
        elif tier == "contained" and not is_cut_out(question, taught.texts):
            if best > TIERS.index("contained"):
                self._keep(Sighting(taught.where, tier, row, (), 1.0))
        elif not self._is_settled(row):
            self._compare(texts, piece, row, literal=tier is not None)

    def _compare(self, texts: Batch, piece: int, row: int, *, literal: bool) -> None:
        """Weigh how much of a question stands in a row, near a piece: of a long one, each of its probes anywhere."""
        taught = texts.rows[int(texts.owner[piece])]
        probes = [self._index.probes[number] for number in self._index.of_row[row]]
        reach = len(probes[0].text) if len(probes) == 1 else EVERYWHERE
        around = texts.around(piece, reach)
        found = [best_window(probe, around) for probe in probes]
        present = tuple(there for _, runs in found for there in runs)
        if self._index.share(row, present) < KEPT_BRIEF:
            return
        if literal:
            self._keep(Sighting(taught.where, "probable", row, present, 0.0))
            return
        alike = 1.0
        for probe, (window, _) in zip(probes, found, strict=True):
            own = likeness(probe, window)
            if OTHER_NUMBERS < own < ALIKE:
                own = reordered_share(probe.text, window, taught.texts)
            alike = min(alike, own)
        self._keep(Sighting(taught.where, "near", row, present, alike))

    def _is_settled(self, row: int) -> bool:
        """Whether only a literal sighting could be surer than those kept of a question."""
        kept = self._seen[row]
        return bool(kept) and (
            kept[0][0] <= TIERS.index("contained") or (len(kept) == _SIGHTINGS and kept[-1][0] <= TIERS.index("near"))
        )

    def _keep(self, seen: Sighting) -> None:
        """Keep a sighting, if it is one of the surest."""
        row = seen.row
        tier, share = weigh(self._index, seen, self._plain[row])
        rank = len(TIERS) if tier is None else TIERS.index(tier)
        kept = self._seen[row]
        if len(kept) == _SIGHTINGS and (rank, -share) >= (kept[-1][0], -kept[-1][1]):
            return
        kept.append((rank, share, seen))
        kept.sort(key=lambda one: (one[0], -one[1]))
        del kept[_SIGHTINGS:]
        self._best[row] = min(self._best[row], rank)
