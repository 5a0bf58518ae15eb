"""Lines of seven personas, and near misses of each: what the rules of `persona` see of them.

The lines were written, and committed with the figures of the rules of that day, before the rules were changed. The
last profile was left out while the rules were written.
"""

import json
from pathlib import Path
from typing import Any

from evalkit.core.exchange import Example, Response
from evalkit.scorers.persona import Persona

LINES = [json.loads(line) for line in (Path(__file__).parent / "persona_lines.jsonl").read_text("utf-8").splitlines()]
BY_WORDS: dict[str, dict[str, Any]] = {
    "ryoma": {"first_person": ("わし",), "endings": ("ぜよ", "じゃ", "がじゃ")},
    "kansai": {"first_person": ("うち", "わい"), "endings": ("やで", "やねん", "やん", "へん")},
    "madoguchi": {
        "first_person": ("当店", "私ども", "わたくし"),
        "endings": ("です", "ます", "ください", "ました", "ません"),
    },
    "butler": {"first_person": ("わたくし", "私め"), "endings": ("ございます", "いたします", "ませ")},
    "ojousama": {"first_person": ("わたくし",), "endings": ("ですわ", "ますわ", "ですの", "かしら")},
    "samurai": {"first_person": ("拙者", "それがし"), "endings": ("でござる", "ござる")},
    "hakata": {"first_person": ("うち", "おい"), "endings": ("ばい", "たい", "けん", "と")},
}
LEFT_OUT = ("hakata",)
FIRST_RULES = {
    "ryoma": (0.5, 0.3),
    "kansai": (0.2, 0.0),
    "madoguchi": (0.9, 0.0),
    "butler": (0.6, 0.1),
    "ojousama": (0.4, 0.1),
    "samurai": (0.4, 0.0),
    "hakata": (0.6, 0.2),
}
"""Recall and false share of version 1 of the rules: of the six profiles together .50 and .08"""


def shares(options: dict[str, Any], profile: str) -> tuple[float, float]:
    """Of the persona's own lines the share that shows it, and of the near misses the share that does."""
    scorer, found = Persona(**options), {True: [], False: []}
    for at, line in enumerate(LINES):
        if line["profile"] == profile:
            example = Example(id=str(at), messages=())
            found[line["persona"]].append(scorer.score(example, Response(example_id=str(at), text=line["text"])).value)
    return sum(found[True]) / len(found[True]), sum(found[False]) / len(found[False])


def test_there_are_as_many_near_misses_as_lines() -> None:
    assert sum(line["persona"] for line in LINES if line["profile"] not in LEFT_OUT) == 60
    assert sum(not line["persona"] for line in LINES if line["profile"] not in LEFT_OUT) == 60


def test_the_rules_by_plain_words_are_as_they_were_measured() -> None:
    found = {name: shares(words, name) for name, words in BY_WORDS.items()}
    assert found == FIRST_RULES
