"""The calls a model made against those expected: who meets whom, who is missing, who is too many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from evalkit.core.exchange import Json
from evalkit.scorers.schemas.equal import is_same_json
from evalkit.scorers.tool_calls.nouns import Call, ExpectedCall, Tool
from evalkit.scorers.tool_calls.pair import Pair, pair
from evalkit.scorers.values.pairing import best_pairs


class Met(NamedTuple):
    """Expected call number `expected` was met by call number `made`."""

    expected: int
    made: int
    pair: Pair


class Match(NamedTuple):
    """The one-to-one assignment.

    `duplicates` repeat another call of the response; `extra` are other surplus calls.
    """

    met: tuple[Met, ...]
    missing: tuple[int, ...]
    extra: tuple[int, ...]
    duplicates: tuple[int, ...]

    @property
    def fine(self) -> bool:
        """Every expected call met with all its arguments (surplus calls aside)."""
        return not self.missing and all(met.pair.fine for met in self.met)

    @property
    def exact(self) -> bool:
        """Equal as multisets of calls."""
        return self.fine and not self.extra and not self.duplicates

    def counts(self, expected: Sequence[ExpectedCall], made: Sequence[Call]) -> tuple[int, int, int]:
        """Count (right, wanted, given) arguments.

        What may be left out, and was, counts on no side.
        """
        verdicts = [a.verdict for met in self.met for a in met.pair.arguments]
        right = verdicts.count("right")
        missing = verdicts.count("missing") + sum([len(expected[i].arguments) for i in self.missing])
        surplus = (*self.extra, *self.duplicates)
        beyond = verdicts.count("unexpected") + verdicts.count("unknown")
        beyond += sum([len(made[i].arguments or ()) for i in surplus])
        wrong = verdicts.count("wrong")
        return right, right + wrong + missing, right + wrong + beyond


def match(
    expected: Sequence[ExpectedCall], made: Sequence[Call], tools: Mapping[str, Tool], *, ordered: bool = False
) -> Match:
    """Pair expected calls with calls that were made.

    As many as possible are met exactly, then as well as possible. `ordered`: by position.
    """
    grid = [[pair(e, c, _schema(tools, e.name)) if e.name == c.name else None for c in made] for e in expected]
    if ordered or len(expected) == len(made) == 1:
        chosen = [(i, i) for i in range(min(len(expected), len(made)))]
    else:
        chosen = best_pairs([[p.similarity if p else 0.0 for p in row] for row in grid])
    met = tuple([Met(i, j, found) for i, j in chosen if (found := grid[i][j]) is not None])
    if len(met) == len(expected) == len(made):
        return Match(met=met, missing=(), extra=(), duplicates=())
    missing = set(range(len(expected))) - {m.expected for m in met}
    surplus = sorted(set(range(len(made))) - {m.made for m in met})
    duplicates = tuple(i for i in surplus if _repeats(i, made))
    return Match(
        met=met,
        missing=tuple(sorted(missing)),
        extra=tuple(i for i in surplus if i not in duplicates),
        duplicates=duplicates,
    )


def _repeats(index: int, made: Sequence[Call]) -> bool:
    call = made[index]
    return any(
        other.name == call.name and is_same_json(other.arguments, call.arguments)
        for i, other in enumerate(made)
        if i != index
    )


def _schema(tools: Mapping[str, Tool], name: str) -> Mapping[str, Json]:
    return tools[name].schema if name in tools else {}
