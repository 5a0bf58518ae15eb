"""What scorers say of a case beside its numbers, read from their scores when it is asked for."""

from __future__ import annotations

from collections.abc import ItemsView, Iterator, Mapping, Sequence

from evalkit.core.exchange import Json
from evalkit.core.verdict import Score

Scores = Mapping[str, Sequence[Score]]
"""Scorer -> one score a repeat, of one arm in one case"""


class CaseEvidence(Mapping[str, Json]):
    """Scorer -> what it says of `base` and `candidate`: its reason and its evidence.

    Scorers with nothing to say are left out, and so are the texts that are shown anyway.
    """

    __slots__ = ("_base", "_candidate", "_shown")

    def __init__(self, base: Scores, candidate: Scores, shown: tuple[str, ...]) -> None:
        self._base, self._candidate, self._shown = base, candidate, shown

    def __getitem__(self, scorer: str) -> Json:
        """Read what one scorer says; KeyError where that is nothing."""
        found = self._read(scorer) if scorer in self._base else None
        if found is None:
            raise KeyError(scorer)
        return found

    def __iter__(self) -> Iterator[str]:
        """Give the scorers that have something to say."""
        return (scorer for scorer in self._base if self._read(scorer) is not None)

    def __len__(self) -> int:
        """Return how many scorers have something to say."""
        return sum(1 for _ in self)

    def items(self) -> ItemsView[str, Json]:
        """Give each scorer with what it says, read once."""
        return _Items(self)

    def read_all(self) -> Iterator[tuple[str, Json]]:
        """Give every scorer with what it says; None where that is nothing."""
        return ((scorer, self._read(scorer)) for scorer in self._base)

    def _read(self, scorer: str) -> dict[str, Json] | None:
        base, candidate = (self._of(scores.get(scorer, ())) for scores in (self._base, self._candidate))
        return {"base": base, "candidate": candidate} if base or candidate else None

    def _of(self, rows: Sequence[Score]) -> dict[str, Json]:
        """Reason and evidence of the first repeat, without what is empty and without the texts beside them."""
        if not rows:
            return {}
        first = rows[0]
        found: dict[str, Json] = {"reason": first.reason} if first.reason and first.reason not in self._shown else {}
        for name, item in first.evidence.items():
            if isinstance(item, str):
                if item and item not in self._shown:
                    found[name] = item
            elif item is not None and item not in ([], {}):
                found[name] = item
        return found


class _Items(ItemsView[str, Json]):
    def __init__(self, read: CaseEvidence) -> None:
        super().__init__(read)
        self._of = read

    def __iter__(self) -> Iterator[tuple[str, Json]]:
        return ((scorer, found) for scorer, found in self._of.read_all() if found is not None)
