"""Lines of eight personas, and near misses of each: what the rules of `persona` see of them.

The lines were written, and committed with the figures of the rules of that day, before the rules were changed. The
last two profiles were left out while the rules were written (hakata at first told たい of 休みたい for its own: an
ending that is `shared` shows nothing alone since; hiroshima was written after that, and had recall .9 at once).
"""

import json
from pathlib import Path
from typing import Any

import pytest

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
LEFT_OUT = ("hakata", "hiroshima")
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


def profile(name: str) -> tuple[float, float]:
    return shares({"profile": name}, name)


def test_six_profiles_are_seen_and_their_near_misses_kept_apart() -> None:
    found = [profile(name) for name in FIRST_RULES if name not in LEFT_OUT]
    assert sum(recall for recall, _ in found) / 6 >= 0.85
    assert sum(false for _, false in found) / 6 <= 0.1
    assert min(recall for recall, _ in found) >= 0.85
    assert max(false for _, false in found) <= 0.1


@pytest.mark.parametrize("name", LEFT_OUT)
def test_a_profile_left_out_of_rule_writing_is_told_as_well(name: str) -> None:
    recall, false = profile(name)
    assert recall >= 0.85
    assert false <= 0.1


def test_words_of_a_suite_alone_see_no_less_than_the_first_rules_did() -> None:
    """They cannot keep dialects apart: 広島弁 has わし and じゃ as 土佐弁 does. That is what profiles are for."""
    for name, words in BY_WORDS.items():
        assert shares(words, name)[0] >= FIRST_RULES[name][0], name
