"""Kinds of honorifics: 尊敬 raises whom it speaks of, 謙譲 lowers the speaker, 丁寧 is polite and neither."""

import csv
import os
from pathlib import Path

import pytest

from evalkit.core.errors import SuiteError
from evalkit.core.exchange import Example, Response
from evalkit.scorers.build import build_scorer
from evalkit.text.honorific_kinds import tell_kinds

SHARED = Path(os.environ.get("EVALKIT_SHARED_DATA", Path(__file__).parents[3].parent / "shared" / "data"))
KEICO = SHARED / "keico" / "keico_dev_half.csv"


def score(text, **options):
    scorer = build_scorer("honorifics", options, root=Path())
    return scorer.score(Example(id="a", messages=()), Response(example_id="a", text=text))


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("社長がいらっしゃいました。", "尊敬"),
        ("お客様は何を召し上がりますか。", "尊敬"),
        ("先生が本をお書きになった。", "尊敬"),
        ("明日、私がご自宅へ伺います。", "謙譲"),
        ("資料を拝見いたしました。", "謙譲"),
        ("電車が遅れています。", "丁寧"),
        ("昨日、友達と映画を見ました。", "丁寧"),
        ("明日は雨だよ。", None),
        ("もう帰るね。", None),
    ],
)
def test_a_sentence_is_written_in_one_kind_or_none(text, kind):
    assert [name for name, there in tell_kinds(text).items() if there] == ([kind] if kind else [])


def test_kinds_are_expected_or_avoided():
    assert score("社長がいらっしゃいました。", expect=["尊敬"]).value == 1
    assert score("明日は雨だよ。", expect=["尊敬"]).value == 0
    assert score("明日は雨だよ。", avoid=["尊敬"]).value == 1
    assert score("", avoid=["尊敬"]).value == 0
    assert score("Hello.", avoid=["尊敬"]).status == "NOT_APPLICABLE"
    for options in ({}, {"expect": ["尊敬"], "avoid": ["尊敬"]}):
        with pytest.raises(SuiteError):
            score("", **options)


@pytest.mark.skipif(not KEICO.is_file(), reason="the shared data (keico) is not here")
def test_the_shipped_weights_tell_the_half_they_were_learned_from():
    """What they prove stands in benchmarks/honorific_kinds.py, on held-out folds; here: they are those weights."""
    metrics = pytest.importorskip("sklearn.metrics")
    with KEICO.open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))[::5]
    told = [tell_kinds(row["本文"]) for row in rows]
    for kind, least in (("尊敬", 0.8), ("謙譲", 0.75), ("丁寧", 0.78)):
        gold = [int(row[f"{kind}語"]) for row in rows]
        assert metrics.f1_score(gold, [int(one[kind]) for one in told], average="macro") >= least, kind
