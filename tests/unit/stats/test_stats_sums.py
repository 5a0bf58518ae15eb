"""Corpus figures: sacrebleu's own, drawn again by rows."""

import random

import numpy as np
import pytest

from evalkit.core.exchange import Example, Response
from evalkit.core.sets import SetFigure
from evalkit.scorers.overlap import Bleu, Chrf, Ter
from evalkit.stats.sets import bound_arm, cells_of, compare_sets, point_values
from evalkit.stats.sets.figures import figure_of

metrics = pytest.importorskip("sacrebleu.metrics")
WORDS = ["the", "model", "answers", "refund", "in", "thirty", "days", "or", "not", "at", "all"]


def rows(n, seed, keep=0.7):
    rng = random.Random(seed)
    targets = [" ".join(rng.choice(WORDS) for _ in range(rng.randint(1, 15))) for _ in range(n)]
    answers = [" ".join(w if rng.random() < keep else rng.choice(WORDS) for w in t.split()) for t in targets]
    return targets, [answer if rng.random() < 0.95 else "" for answer in answers]


def cells(scorer, targets, answers):
    examples = [Example(id=str(at), messages=(), target=target) for at, target in enumerate(targets)]
    gold = np.array([scorer.gold(example) for example in examples])
    read = np.array(
        [
            scorer.score(example, Response(example_id=example.id, text=text)).code
            for example, text in zip(examples, answers, strict=True)
        ]
    )
    n = len(targets)
    return cells_of(gold, read[:, None], np.ones((n, 1), bool), np.arange(n), n)


CASES = [
    (Bleu(tokenizer="13a"), lambda: metrics.BLEU()),
    (Chrf(), lambda: metrics.CHRF()),
    (Chrf(word_order=2), lambda: metrics.CHRF(word_order=2)),
    (Ter(tokenizer="none"), lambda: metrics.TER()),
]


def figure(scorer):
    return next(metric.over for metric in scorer.metrics() if metric.over is not None)


@pytest.mark.parametrize(("scorer", "library"), CASES, ids=["bleu", "chrf", "chrf++", "ter"])
@pytest.mark.parametrize("seed", range(4))
def test_the_corpus_value_is_that_of_sacrebleu_to_the_last_digit(scorer, library, seed):
    targets, answers = rows(30, seed)
    over = figure(scorer)
    wanted = library().corpus_score(answers, [targets]).score
    found = cells(scorer, targets, answers)
    (value,) = point_values(found, [over])
    assert (100.0 - value if over.falls else value) == pytest.approx(wanted, abs=1e-10)
    if not over.falls:
        assert value == wanted
    assert float(figure_of(found.gold, found.read, found.weights, over)) == pytest.approx(value, abs=1e-9)


@pytest.mark.parametrize(("scorer", "library"), CASES[:1] + CASES[3:], ids=["bleu", "ter"])
def test_a_worse_arm_is_worse_and_no_interval_is_of_no_width(scorer, library):
    targets, good = rows(200, 1, keep=0.9)
    _, bad = rows(200, 1, keep=0.4)
    over = figure(scorer)
    base, candidate = cells(scorer, targets, good), cells(scorer, targets, bad)
    (fell,) = compare_sets(base, candidate, [over], moved=0.5, draws=300)
    assert fell.high < 0
    (same,) = compare_sets(base, base, [over], moved=0.0, draws=300)
    assert same.low < 0 < same.high
    arm = bound_arm(base, over, confidence=0.95, draws=300)
    assert arm.low < arm.value < arm.high


def test_an_arm_of_perfect_answers_still_has_an_interval():
    targets, _ = rows(50, 2)
    over = SetFigure(figure="bleu", kind="sums", span=(0.0, 100.0))
    perfect = cells(Bleu(tokenizer="13a"), targets, targets)
    (result,) = compare_sets(perfect, perfect, [over], moved=0.0, draws=200)
    assert result.low < 0 < result.high
