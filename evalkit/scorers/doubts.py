"""Targets that may mean something else than they are taken for: sets of labels, letters that are texts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from evalkit.core.exchange import Example, Json
from evalkit.core.notes import kind_of
from evalkit.core.ports import Scorer
from evalkit.scorers.choice import Choice
from evalkit.scorers.contains import Contains
from evalkit.scorers.exact import Exact
from evalkit.scorers.numeric import Numeric

_FEW = 3
"""Rows with several targets from which their labels are looked at"""


def find_doubts(scorer: Scorer, examples: Sequence[Example]) -> tuple[str, ...]:
    """Find each way in which these targets could be meant otherwise.

    One sentence each; `validate` asks.
    """
    found: list[str] = []
    if isinstance(scorer, Choice):
        for example in examples:
            notes = example.extra.get("notes", ())
            found += [f"{example.id}: {note}" for note in notes if kind_of(note) == "letter_of_another"]
    if isinstance(scorer, Numeric):
        found += [f"{example.id}: {doubt}" for example in examples if (doubt := scorer.doubt(example)) is not None]
    if isinstance(scorer, (Choice, Contains, Exact)) and scorer.match == "any":
        several = [example for example in examples if _is_several(example.target)]
        if looks_like_label_sets([example.target for example in several]):
            found.append(
                f"{len(several)} targets are lists whose entries recur from row to row ({several[0].id}, ...), and any "
                "one of a list is right: say `match: all` if all of them are wanted, `match: any` if they are spellings"
            )
    return tuple(found)


def looks_like_label_sets(targets: Sequence[Sequence[Json]]) -> bool:
    """Return whether lists of targets are sets of labels, not alternative spellings.

    Spellings are those of one answer. They are sets where most labels recur in others.

    >>> looks_like_label_sets([["red", "blue"], ["red", "green"], ["blue", "green"]])
    True
    >>> looks_like_label_sets([["USA", "United States"], ["UK", "Britain"], ["Japan", "Nippon"]])
    False
    """
    if len(targets) < _FEW:
        return False
    sets = {tuple(sorted(str(one) for one in target)) for target in targets}
    rows = Counter(label for labels in sets for label in set(labels))
    mentions = sum(rows.values())
    return len(sets) >= _FEW and sum(count for count in rows.values() if count > 1) > mentions / 2


def _is_several(target: Json) -> bool:
    return isinstance(target, (list, tuple)) and len(target) > 1
