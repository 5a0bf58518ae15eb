"""Overlap scorers against the libraries whose values they promise."""

import random

import pytest

from evalkit.core.errors import MissingExtra
from evalkit.core.exchange import Example, Response
from evalkit.scorers.build import build_scorer
from evalkit.scorers.overlap import Bleu, Chrf, Rouge, Ter, TokenF1
from evalkit.text.tokenizers import load_tokenizer

metrics = pytest.importorskip("sacrebleu.metrics")
rouge_scorer = pytest.importorskip("rouge_score.rouge_scorer")

JA = "のはにをたがでとしれさある\n 。、きんこ私日本語東京大学𠮷😀"
EN = ["the", "quick", "model", "answers", "question?", "refund", "please,", "3.5", "(within)", "don't", "\n"]
ALL = ("rouge1", "rouge2", "rougeL", "rougeLsum")


def texts(seed):
    rng = random.Random(seed)
    if seed % 2:
        return tuple("".join(rng.choice(JA) for _ in range(rng.randint(low, 60))) for low in (0, 1))
    return tuple(" ".join(rng.choice(EN) for _ in range(rng.randint(low, 40))) for low in (0, 1))


def score(scorer, target, text):
    return scorer.score(Example(id="a", messages=(), target=target), Response(example_id="a", text=text))


class Cut:
    """rouge-score takes an object with `tokenize`."""

    def __init__(self, name):
        self.spaced = load_tokenizer(name)

    def tokenize(self, text):
        return self.spaced(text.lower()).split()


@pytest.mark.parametrize("seed", range(40))
def test_every_value_is_that_of_the_library_to_the_last_digit(seed):
    got, target = texts(seed)
    cut = "char" if seed % 2 else "13a"
    theirs = rouge_scorer.RougeScorer(list(ALL), tokenizer=Cut(cut)).score(target, got)
    assert score(Rouge(tokenizer=cut), target, got).parts == {kind: theirs[kind].fmeasure for kind in ALL}
    assert score(Chrf(), target, got).value == metrics.CHRF().sentence_score(got, [target]).score
    assert (
        score(Chrf(word_order=2), target, got).value == metrics.CHRF(word_order=2).sentence_score(got, [target]).score
    )
    bleu = metrics.BLEU(tokenize=cut, effective_order=True)
    assert score(Bleu(tokenizer=cut), target, got).value == bleu.sentence_score(got, [target]).score
    assert score(Ter(tokenizer="none"), target, got).value == metrics.TER().sentence_score(got, [target]).score


@pytest.mark.parametrize("name", ["ja-mecab", "ja-sudachi"])
def test_words_of_a_dictionary_are_those_of_the_library(name):
    pytest.importorskip("MeCab" if name == "ja-mecab" else "sudachipy")
    got, target = "東京タワーへ行きました。楽しかったです。", "昨日、東京タワーに行きました。"
    cut = load_tokenizer(name)
    spaced = metrics.BLEU(tokenize="none", effective_order=True).sentence_score(cut(got), [cut(target)]).score
    assert score(Bleu(tokenizer=name), target, got).value == spaced
    if name == "ja-mecab":
        assert spaced == metrics.BLEU(tokenize=name, effective_order=True).sentence_score(got, [target]).score


def test_sudachi_cuts_by_the_mode_and_dictionary_named():
    pytest.importorskip("sudachipy")
    assert load_tokenizer("ja-sudachi", mode="A")("国家公務員です") == "国家 公務 員 です"
    assert "ja-sudachi B small" in Rouge(tokenizer="ja-sudachi", sudachi_mode="B").metrics()[0].about
    with pytest.raises(MissingExtra, match=r"sudachidict_full.*not installed[\s\S]*pip install"):
        Bleu(tokenizer="ja-sudachi", sudachi_dictionary="full")


def test_japanese_targets_are_cut_into_characters_and_identical_texts_are_alike():
    same = "今日は晴れです。"
    assert score(Rouge(), same, same).value == 1
    assert score(TokenF1(), same, same).value == 1
    assert score(Bleu(), same, same).value == pytest.approx(100)
    assert score(Ter(), same, same).value == 0


def test_the_targets_choose_one_tokenizer_for_all_rows_and_both_arms():
    rows = [Example(id=str(at), messages=(), target=target) for at, target in enumerate(["はい", "東京です", "OK"])]
    chosen = Bleu().with_targets(rows)
    assert chosen.tokenizer == "char"
    assert score(chosen, "OK then", "OK now").evidence["tokenizer"] == "char"
    assert Bleu().with_targets([Example(id="a", messages=(), target="hello")]).tokenizer == "13a"
    assert "char" in chosen.metrics()[1].about


def test_a_missing_package_is_a_usage_error_and_never_another_tokenizer(monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "sudachipy", None)
    load_tokenizer.cache_clear()
    with pytest.raises(MissingExtra, match="evalkit-gate\\[sudachi\\]") as raised:
        build_scorer("rouge", {"tokenizer": "ja-sudachi"}, root=None)
    assert raised.value.exit_code == 2
    load_tokenizer.cache_clear()


def test_of_several_targets_the_best_counts():
    assert score(Rouge(), ["nothing like it", "a red car"], "a red car").value == 1
    assert score(Chrf(), ["zzz", "a red car"], "a red car").value == 100
    both = ["a red car is here", "a car"]
    theirs = metrics.BLEU(effective_order=True).sentence_score("a red car", both).score
    assert score(Bleu(tokenizer="13a"), both, "a red car").value == theirs


@pytest.mark.parametrize(
    ("target", "text", "f1", "exact"),
    [
        ("Paris", "The Paris.", 1.0, 1.0),
        ("the Eiffel Tower", "Eiffel Tower in Paris", 2 / 3, 0.0),
        ("東京", "東京。", 1.0, 1.0),
        ("東京都", "京都", 0.8, 0.0),
        ("", "", 1.0, 1.0),
        ("", "Paris", 0.0, 0.0),
    ],
)
def test_token_f1_is_that_of_squad(target, text, f1, exact):
    found = score(TokenF1(), target, text)
    assert (found.value, found.parts["exact"]) == (pytest.approx(f1), exact)


def test_a_negated_sentence_overlaps_almost_wholly():
    """Why overlap alone is no gate on meaning: the docstring says so, and here it is."""
    assert score(Rouge(), "この商品は返品できます。", "この商品は返品できません。").value > 0.85
