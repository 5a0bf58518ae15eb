"""Registers sentence by sentence: polite, casual, mixed; rude and gentle; kinds of honorifics."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evalkit.core.exchange import Example, Message, Response
from evalkit.core.verdict import Score
from evalkit.scorers import build_scorer
from evalkit.text.honorifics import find_honorifics
from evalkit.text.register import register

SLOW_START = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

SHARED = Path(os.environ.get("EVALKIT_SHARED_DATA") or Path(__file__).parents[4] / "shared" / "data").parent / "cases"


@pytest.mark.parametrize(
    ("text", "label", "manner"),
    [
        ("明日お届けします。楽しみに待っててね！", "mixed", None),
        ("承知いたしました。じゃあ明日送るね。", "mixed", None),
        ("ありがとうございます。助かったよ。", "mixed", None),
        ("了解です。すぐやるわ。", "mixed", None),
        ("お問い合わせありがとうございます。返品は無理だよ。", "mixed", None),
        ("商品を発送しました。受け取ってくれ。", "mixed", None),
        ("お世話になっております。ご注文を確認いたしました。", "polite", None),
        ("はい、できます。", "polite", None),
        ("少々お待ちくださいませ。", "polite", None),
        ("申し訳ございません。すぐに交換いたします。", "polite", None),
        ("ご不明な点がございましたら、お気軽にお問い合わせください。", "polite", None),
        ("以下の通りです。\n- 色: 赤\n- 在庫あり\nご確認ください。", "polite", None),
        ("「もう着いたよ」と表示されます。", "polite", None),
        ("どうぞこちらへ。ご案内いたします。", "polite", None),
        ("了解。", "casual", None),
        ("ありがとう！", "casual", None),
        ("マジで？やばい。", "casual", None),
        ("うん、そうだよ。", "casual", None),
        ("これは問題である。", "casual", None),
        ("最高！", "casual", None),
        ("今日は寒いね。風邪ひかないでね。", "casual", None),
        ("何してるの？", "casual", None),
        ("お元気？", "casual", None),
        ("ご注文ですか？ 明日の分？ かしこまりました。", "polite", None),
        ("頼ってばかりですまない。", "casual", None),
        ("ごちそうさま。", "casual", None),
        ("お疲れ様。", "casual", None),
        ("ごちそうさまでした。", "polite", None),
        ("お客様。", "polite", None),
        ("誘ってくれてサンキュー！", "casual", None),
        ("勝ったんだね、お見事！", "casual", None),
        ("いってらっしゃいませ。", "polite", None),
        ("もう寝る。", "casual", None),
        ("知らない。", "casual", None),
        ("何度言えばわかるんですか。", "polite", "rude"),
        ("そんなことも知らないんですか、馬鹿ですね。", "polite", "rude"),
        ("うるさい、黙れ。", "casual", "rude"),
        ("お前のせいだろ。", "casual", "rude"),
        ("それはお客様の責任です。", "polite", "rude"),
        ("大丈夫だよ、ゆっくりでいいよ。", "casual", "gentle"),
        ("焦らなくていいからね。一緒にやってみよう。", "casual", "gentle"),
        ("ご無理なさらないでくださいね。ゆっくりで大丈夫ですよ。", "polite", "gentle"),
        ("社長がお帰りになった。", "casual", None),
        ("お客様がいらっしゃった。", "casual", None),
        ("東京都千代田区", "neutral", None),
        ("12:30", "neutral", None),
        ("", "neutral", None),
        ("Thank you for your order. It ships today.", "polite", None),
        ("Could you please send the number?", "polite", None),
        ("yo, it's on the way lol", "casual", None),
        ("The shop opens at nine.", "neutral", None),
        ("Thank you for reaching out. We appreciate your patience. gonna check it.", "mixed", None),
    ],
)
def test_the_register_and_the_manner_of_a_text(text: str, label: str, manner: str | None) -> None:
    found = register(text)
    assert (found.label, found.manner) == (label, manner)


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("先生がいらっしゃいます。", "尊敬 丁寧"),
        ("私が伺います。", "謙譲 丁寧"),
        ("明日行きます。", "丁寧"),
        ("お客様がおっしゃった通りです。", "尊敬 丁寧"),
        ("資料を拝見いたしました。", "謙譲 丁寧"),
        ("社長は何を召し上がりますか。", "尊敬 丁寧"),
        ("明日行くよ。", ""),
        ("お待ちしております。", "謙譲 丁寧"),
        ("こちらにお名前をお書きください。", "尊敬 丁寧"),
        ("部長はもうお帰りになりました。", "尊敬 丁寧"),
        ("ご説明申し上げます。", "謙譲 丁寧"),
        ("すごいですね。", "丁寧"),
        ("おいしいお茶です。", "丁寧"),
        ("ご覧になりましたか。", "尊敬 丁寧"),
        ("メールを送らせていただきます。", "謙譲 丁寧"),
        ("お会いできて光栄です。", "謙譲 丁寧"),
        ("励ますことが大切だ。", ""),
        ("目を覚ます。", ""),
    ],
)
def test_kinds_of_honorifics(text: str, kinds: str) -> None:
    assert " ".join(find_honorifics(text)) == kinds


def score(text: str, **options: Any) -> Score:
    scorer = build_scorer("register", {"expect": "polite", **options}, root=Path())
    example = Example(id="a", messages=(Message(role="user", content="q"),))
    return scorer.score(example, Response(example_id="a", text=text))


def test_one_casual_sentence_makes_a_polite_answer_mixed() -> None:
    text = "ご注文を承りました。明日届くよ。ありがとうございます。よろしくお願いいたします。"
    found = score(text)
    assert (found.value, found.parts["mixed"], found.parts["polite_share"], found.reading) == (0, 1, 0.75, "mixed")
    assert score(text, min_share=0.7).value == 1
    assert score(text, min_share=0.8).value == 0
    assert score(text, expect="casual", min_share=0.2).value == 1


def test_kinds_that_must_show_are_asked_for() -> None:
    assert score("資料を拝見いたしました。", honorifics=["謙譲"]).value == 1
    assert score("資料を見ました。", honorifics=["謙譲"]).value == 0
    parts = score("先生がいらっしゃいます。").parts
    assert (parts["sonkeigo"], parts["kenjogo"], parts["teineigo"]) == (1, 0, 1)
    assert score("Thank you.").parts["sonkeigo"] is None


def test_rudeness_is_told_apart_from_the_register() -> None:
    found = score("いい加減にしてください。")
    assert (found.value, found.parts["rude"], found.evidence["manner"]) == (1, 1, "rude")
    assert score("いい加減にしてください。", allow_rude=False).value == 0


def test_an_answer_that_shows_no_register_is_not_read() -> None:
    found = score("12:30")
    assert (found.value, found.parts["read"], found.reading) == (0, 0, None)
    with pytest.raises(Exception, match="min_share"):
        score("x", min_share=0.0)


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared cases are not here; set EVALKIT_SHARED_DATA")
def test_every_shared_case_of_registers() -> None:
    for row in map(json.loads, (SHARED / "registers.jsonl").read_text(encoding="utf-8").splitlines()):
        found = register(row["text"])
        said = row["register"].replace(" with ", ", ").split(", ")
        assert found.label == said[0], row
        assert all(one == found.manner or one in found.honorifics for one in said[1:]), row


@SLOW_START
@given(
    st.text(max_size=200) | st.text(st.sampled_from("おご御様ですますたるよねだ。！お話しになくれいたし"), max_size=200)
)
def test_no_text_is_too_odd_to_have_a_register(text: str) -> None:
    assert register(text).label in ("polite", "casual", "mixed", "neutral")
