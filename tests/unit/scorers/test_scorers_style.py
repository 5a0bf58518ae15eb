"""Tone by rules, a style learned from pairs, and the rules of a brand."""

import json
import random
from pathlib import Path

import numpy as np
import pytest

from evalkit.core.errors import SuiteError
from evalkit.core.exchange import Example, Message, Response
from evalkit.scorers.build import build_scorer
from evalkit.scorers.style import BrandFormat, StyleLike, Tone
from evalkit.scorers.style.learn import learn_style, measure_auc, measure_ece
from evalkit.text.tone import read_tone

pytest.importorskip("sklearn")
PAIRS = Path(__file__).parents[3] / "examples" / "style_pairs.jsonl"
SUBJECTS = ("荷物", "在庫", "返品", "送料", "予約", "会計", "店", "品", "席", "券", "箱", "本", "服", "靴", "傘", "茶")
DOES = ("は明日届き", "はここにあり", "は三日かかり", "は変わり", "を調べ", "を送り", "を見付け", "は増え")


def write_pairs(path, n, *, styled="ますよね", plain="ます", seed=0):
    rng = random.Random(seed)
    rows = []
    for at in range(n):
        one, two = (rng.choice(SUBJECTS) + rng.choice(DOES) for _ in range(2))
        rows.append({"prompt": f"質問{at}", "chosen": one + styled, "rejected": two + plain})
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    return path


def score(scorer, text):
    return scorer.score(Example(id="a", messages=()), Response(example_id="a", text=text))


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("こんにちは。", "greeting"),
        ("Hello there!", "greeting"),
        ("申し訳ございません。", "apology"),
        ("I'm sorry.", "apology"),
        ("ありがとうございます。", "thanks"),
        ("明日届くかもしれません。", "hedge"),
        ("It might arrive tomorrow.", "hedge"),
        ("早く送れよ。今すぐやりなさい。", "imperative"),
        ("Click the button.", "imperative"),
        ("番号を教えてください。", "request"),
        ("Could you send it?", "request"),
        ("いつ届きますか？", "question"),
        ("おじいちゃん、ここを押すだけだよ。", "address"),
        ("You can call us.", "address"),
        ("届きました！", "exclamation"),
        ("届いたよ😊", "emoji"),
    ],
)
def test_a_sign_is_told_by_its_words(text, sign):
    assert read_tone(text).signs[sign] > 0


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("教えてください。", "imperative"),
        ("明日届きます。", "hedge"),
        ("The shop is open.", "address"),
        ("送りました。", "request"),
        ("君子は本を読む。", "address"),
    ],
)
def test_what_looks_alike_is_no_sign(text, sign):
    assert read_tone(text).signs[sign] == 0


def test_tone_wants_and_avoids_signs_and_an_empty_answer_has_none():
    gentle = Tone(expect=("address",), avoid=("imperative",), max_sentence=30)
    assert score(gentle, "おばあちゃん、ゆっくりでいいからね。").value == 1
    assert score(gentle, "早くしろ。").value == 0
    assert score(gentle, "").value == 0
    assert score(Tone(avoid=("emoji",)), "").value == 0
    friend, grandfather = (score(gentle, text).parts for text in ("明日届くよ！", "おじいちゃん、明日届くからね。"))
    assert friend["address"] != grandfather["address"]
    with pytest.raises(SuiteError, match="both expected and avoided"):
        build_scorer("tone", {"expect": ["emoji"], "avoid": ["emoji"]}, root=Path())


def test_a_style_is_learned_and_its_figures_are_of_held_out_prompts(tmp_path):
    pairs = write_pairs(tmp_path / "pairs.jsonl", 120)
    scorer = StyleLike(pairs=pairs)
    assert scorer.not_to_gate == ""
    assert score(scorer, "本は明日届きますよね").value == 1
    assert score(scorer, "本は明日届きます").value == 0
    assert score(scorer, "").value == 0
    figures = score(scorer, "本").evidence["learned"]
    assert figures["auc"][1] >= 0.8
    assert set(figures) >= {"auc", "auc_of_length_only", "auc_of_markup_only", "ece", "texts"}


def test_pairs_that_do_not_differ_in_style_are_no_gate(tmp_path):
    same = StyleLike(pairs=write_pairs(tmp_path / "same.jsonl", 120, styled="ます", plain="ます"))
    assert "lower bound is under 0.8" in same.not_to_gate
    few = StyleLike(pairs=write_pairs(tmp_path / "few.jsonl", 40))
    assert few.not_to_gate == "it was learned from 80 texts, fewer than 100"


def test_near_misses_must_be_told_apart_as_well(tmp_path):
    pairs = write_pairs(tmp_path / "pairs.jsonl", 120)
    near = tmp_path / "near.txt"
    rng = random.Random(5)
    near.write_text("".join(rng.choice(SUBJECTS) + rng.choice(DOES) + "ますよね\n" for _ in range(60)), "utf-8")
    assert "against the near misses" in StyleLike(pairs=pairs, near=near).not_to_gate


def test_near_misses_that_are_given_are_learned_to_be_none(tmp_path):
    pairs = write_pairs(tmp_path / "pairs.jsonl", 80, styled="ますよね", plain="だ")
    near, rng = tmp_path / "near.txt", random.Random(5)
    near.write_text("".join(rng.choice(SUBJECTS) + rng.choice(DOES) + "ます\n" for _ in range(60)), "utf-8")
    alone, told = StyleLike(pairs=pairs), StyleLike(pairs=pairs, near=near)
    assert score(alone, "本は明日届きます").value == 1
    assert score(told, "本は明日届きます").value == 0
    assert [score(told, text).value for text in ("本は明日届きますよね", "本は明日届きだ")] == [1, 0]
    assert told.figures["auc_of_near_misses"][1] >= 0.8
    assert told.not_to_gate == ""


def test_nothing_is_learned_from_a_held_out_prompt(tmp_path):
    pairs = write_pairs(tmp_path / "pairs.jsonl", 60)
    rows = [Example(id=str(at), messages=(Message(role="user", content=f" 質問{at}\n"),)) for at in range(30)]
    scorer = StyleLike(pairs=pairs).with_targets(rows)
    assert scorer.figures["left_out_as_held_out"] == 30
    assert "learned from 60 texts" in scorer.not_to_gate


def test_the_same_pairs_teach_the_same_style_in_any_order(tmp_path):
    pairs = write_pairs(tmp_path / "pairs.jsonl", 60)
    mixed = tmp_path / "mixed.jsonl"
    lines = pairs.read_text("utf-8").splitlines()
    mixed.write_text("\n".join(reversed(lines)) + "\n", "utf-8")
    one, two = (score(StyleLike(pairs=path), "本は明日届きますよね").parts["probability"] for path in (pairs, mixed))
    assert one == pytest.approx(two, abs=1e-4)


@pytest.mark.parametrize("line", ['{"prompt": "a"}', "[1]", "no json", '{"prompt": "a", "styled": 3, "plain": "b"}'])
def test_a_file_that_holds_no_pairs_says_which_line(tmp_path, line):
    path = tmp_path / "bad.jsonl"
    path.write_text(line + "\n", "utf-8")
    with pytest.raises(SuiteError, match="line 1"):
        build_scorer("style_like", {"pairs": str(path)}, root=tmp_path)


def test_the_example_of_pairs_is_read():
    assert score(StyleLike(pairs=PAIRS), "はい、明日届きますよ。").parts["probability"] > 0


def test_auc_and_its_interval_are_those_of_the_books():
    from sklearn.metrics import roc_auc_score

    rng = np.random.default_rng(1)
    label = rng.integers(0, 2, 300)
    scores = np.round(label + rng.normal(size=300), 1)
    found = measure_auc(scores, label, np.arange(300))
    assert found.value == pytest.approx(roc_auc_score(label, scores), abs=1e-12)
    assert found.low < found.value < found.high
    together = measure_auc(scores, label, np.arange(300) // 10)
    assert together.high - together.low != found.high - found.low
    perfect = measure_auc(label.astype(float), label, np.arange(300))
    assert perfect.low < 1.0 == perfect.value


def test_ece_is_the_mean_gap_of_equal_bins():
    probabilities = np.repeat([0.1, 0.9], 50)
    label = np.concatenate([np.repeat([0, 1], [40, 10]), np.repeat([0, 1], [5, 45])])
    assert measure_ece(probabilities, label, bins=2) == pytest.approx((0.1 + 0.0) / 2)


def test_one_side_alone_is_no_style():
    with pytest.raises(ValueError, match="at least two prompts each"):
        learn_style(["a", "b", "c"], [True, True, False], ["p", "q", "p"])


@pytest.mark.parametrize(
    ("options", "good", "bad"),
    [
        ({"bullets": "forbidden"}, "一つ、二つ。", "・一つ\n・二つ"),
        ({"bullets": "required", "max_bullets": 2}, "- a\n- b", "- a\n- b\n- c"),
        ({"headings": "forbidden"}, "返品について", "## 返品について"),
        ({"headings": "required"}, "【返品】\n本文", "返品"),
        ({"emphasis": "forbidden"}, "大切です", "**大切**です"),
        ({"emoji": "forbidden"}, "はい", "はい😊"),
        ({"min_chars": 3, "max_chars": 5}, "はいはい", "はい"),
        ({"max_sentences": 1}, "はい。", "はい。そうです。"),
        ({"required_words": ["返品"]}, "返品できます", "戻せます"),
        ({"banned_words": ["guarantee"]}, "We guaranteed nothing", "A Guarantee."),
        ({"banned_words": ["絶対"]}, "たぶん届きます", "絶対届きます"),
        ({"opening": ["お問い合わせ"]}, "お問い合わせありがとうございます", "ありがとうございます"),
        ({"closing": ["お願いいたします。"]}, "よろしくお願いいたします。", "お願いいたします。では。"),
        ({"polite_closing": True}, "届いたよ。ご確認ください。", "ご確認ください。じゃあね。"),
        ({"polite_closing": True}, "It ships today. Let us know if we can help.", "It ships today."),
    ],
)
def test_every_rule_of_a_brand_is_kept_or_broken(options, good, bad):
    scorer = build_scorer("format", options, root=Path())
    assert score(scorer, good).value == 1
    broken = score(scorer, bad)
    assert broken.value == 0
    assert broken.reason.startswith("broken: ")
    assert score(scorer, "").value == 0


def test_a_brand_without_rules_or_with_a_contradiction_is_an_error():
    for options, said in (
        ({}, "at least one rule"),
        ({"min_chars": 5, "max_chars": 2}, "is above"),
        ({"bullets": "forbidden", "max_bullets": 3}, "allows some"),
        ({"banned_words": [" "]}, "empty text"),
    ):
        with pytest.raises(SuiteError, match=said):
            build_scorer("format", options, root=Path())
    assert BrandFormat(max_chars=3).metrics()[1].part == "kept"
