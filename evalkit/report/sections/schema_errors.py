"""Where answers break their schema: how often, by the place in the document and the rule, in each arm."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from evalkit.core.blocks import Block, Table
from evalkit.core.columns import Comparison
from evalkit.core.verdict import Score, Verdict
from evalkit.report import figures
from evalkit.report.links import Links, spread

_SHOWN = 20
_INDEX = re.compile(r"/\d+(?=/|$)")
"""An index of a list: the same mistake in any element is one row"""


def blocks(comparison: Comparison | None, verdict: Verdict) -> Sequence[Block]:
    """Return one table over all scorers that report errors with a JSON pointer."""
    if comparison is None:
        return []
    base = Counter(_errors(comparison.base_scores))
    candidate = Counter(_errors(comparison.candidate_scores))
    places = sorted(base.keys() | candidate.keys(), key=lambda key: (-candidate[key], -base[key], key))
    if not places:
        return []
    more = f" {len(places) - _SHOWN} rarer ones are not shown." if len(places) > _SHOWN else ""
    return [
        Table(
            heading="Schema errors",
            columns=("Scorer", "Place", "Rule", "Base", "Candidate", "Difference"),
            rows=tuple(
                (*key, figures.count(base[key]), figures.count(candidate[key]), f"{candidate[key] - base[key]:+d}")
                for key in places[:_SHOWN]
            ),
            tones=tuple(
                "bad" if candidate[key] > base[key] else "good" if candidate[key] < base[key] else "plain"
                for key in places[:_SHOWN]
            ),
            numeric=(3, 4, 5),
            links=tuple(_links(place) for _, place, _ in places[:_SHOWN]),
            note=f"Answers that break the rule at that place.{more}",
        )
    ]


def _links(place: str) -> Links:
    """To the cases whose evidence names the place, with any index of a list."""
    pointer = re.escape(place.rpartition(" ")[2]).replace("/", r"\/").replace(r"\*", r"\d+")
    words = {"group": "all", "q": f'/"pointer": "{"" if place == "/" else pointer}"/'}
    return spread({3: words, 4: words}, 6)


def _errors(scores: Mapping[str, Mapping[str, tuple[Score, ...]]]) -> Iterator[tuple[str, str, str]]:
    """(scorer, pointer, rule), each once an answer."""
    for scorer, rows in scores.items():
        for row in rows.values():
            for score in row:
                yield from sorted(_of_one(scorer, score))


def _of_one(scorer: str, score: Score) -> set[tuple[str, str, str]]:
    errors = score.evidence.get("errors")
    found = set()
    for error in errors if isinstance(errors, list) else []:
        if isinstance(error, dict) and "pointer" in error:
            rule = error.get("keyword") or error.get("kind") or ""
            place = _INDEX.sub("/*", str(error["pointer"])) or "/"
            tool = f"{error['tool']} " if error.get("tool") else ""
            found.add((scorer, f"{tool}{place}", str(rule)))
    return found
