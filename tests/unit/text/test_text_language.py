"""Which language a text is in: sentence by sentence, code and names aside."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evalkit.core.exchange import Example, Message, Response
from evalkit.core.verdict import Score
from evalkit.scorers import build_scorer
from evalkit.text.language import tell_languages
from evalkit.text.language.han import is_chinese_only, is_japanese_only

SLOW_START = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

SHARED = Path(os.environ.get("EVALKIT_SHARED_DATA") or Path(__file__).parents[4] / "shared" / "data").parent / "cases"


def score(text: str, expect: str, asked: str = "q", **options: float) -> Score:
    scorer = build_scorer("language", {"expect": expect, **options}, root=Path())
    example = Example(id="a", messages=(Message(role="user", content=asked),))
    return scorer.score(example, Response(example_id="a", text=text))


@pytest.mark.parametrize(
    ("text", "expect", "right"),
    [
        ("ご注文の商品は明日お届けします。", "ja", True),
        ("您的包裹已经发货。", "ja", False),
        ("您的包裹已经发货。", "zh", True),
        ("訂單明天送達，請耐心等待。", "ja", False),
        ("訂單明天送達，請耐心等待。", "zh", True),
        ("承知しました。这个商品可以退货吗？请告诉我们。", "ja", False),
        ("明日发送。よろしくお願いします。", "ja", False),
        ("配送先：東京都千代田区丸の内一丁目", "ja", True),
        ("営業時間外", "ja", True),
        ("無料配送対象外", "ja", True),
        ("本日休業", "ja", True),
        ("本日休業", "zh", True),
        ("国際宅急便", "ja", True),
        ("はい。", "ja", True),
        ("ハイ、ワカリマシタ。", "ja", True),
        ("「你好」は中国語のあいさつで、こんにちはという意味です。", "ja", True),
        ("GitHubのActionsでCIを回します。", "ja", True),
        ("Pythonで`for x in range(10): print(x)`と書きます。", "ja", True),
        ("```python\nfor item in the_list:\n    print(item)\n```\nこのように書きます。", "ja", True),
        ("詳しくは support@example.com か https://example.com/help?lang=en まで。", "ja", True),
        ("Please wait for a moment. 少々お待ちください。", "ja", False),
        ("The order has been shipped and will arrive tomorrow.", "ja", False),
        ("Yes, it is.", "ja", False),
        ("OK", "ja", False),
        ("", "ja", False),
        ("12:30 / 1,200", "ja", False),
        ("주문이 내일 도착합니다.", "ko", True),
        ("주문이 내일 도착합니다.", "ja", False),
        ('```json\n{"name": "お台場海浜公園"}\n```', "ja", True),
        ("iPhone 15 Pro를 주문했습니다.", "ko", True),
        ("Your parcel left the depot on Monday.", "en", True),
        ("Votre colis a quitté le dépôt lundi.", "en", False),
        ("Votre colis a quitté le dépôt lundi.", "fr", True),
        ("Ihr Paket hat das Lager am Montag verlassen.", "en", False),
        ("Ihr Paket hat das Lager am Montag verlassen.", "de", True),
        ("Su paquete salió del almacén el lunes.", "es", True),
        ("Su paquete salió del almacén el lunes.", "en", False),
        ("OK, thanks", "en", True),
        ("Run `pip install x` and restart.", "en", True),
        ("Your order is on its way. Merci de votre patience et à bientôt dans notre boutique.", "en", False),
        ("ご注文は発送済みです。", "en", False),
        ("Your order 注文 is on its way to you today.", "en", True),
        ("Bonjour tout le monde", "latin", True),
        ("Спасибо за терпение, ваш заказ прибыл.", "ru", True),
        ("Дякуємо за терпіння, ваше замовлення прибуло.", "ru", False),
        ("Thank you for your patience.", "ru", False),
        ("تم شحن طلبك وسيصل غدا.", "ar", True),
        ("คำสั่งซื้อของคุณจัดส่งแล้ว", "th", True),
        ("Η παραγγελία σας έφτασε.", "el", True),
        ("在庫確認中", "ja", True),
        ("返品不可", "ja", True),
        ("今天天气很好", "ja", False),
        ("好的，没问题。", "ja", False),
        ("谢谢", "ja", False),
        ("謝謝您的耐心等待", "ja", False),
        ("感謝", "ja", True),
        ("株式会社山田商店", "ja", True),
        ("請問您需要什麼幫助？", "ja", False),
        ("わかりました。Let me check the details for you.", "ja", False),
        ("SELECT * FROM users WHERE id = 1; を実行します。", "ja", True),
        ("Hello! How can I help you today?", "en", True),
        ("こんにちは", "en", False),
        ("Hola, ¿en qué puedo ayudarle?", "en", False),
        ("Sí", "es", True),
        ("No problem!", "en", True),
        ("Sure!", "en", True),
        ("네", "ko", True),
        ("はい", "ko", False),
        ("这个product很好用", "zh", True),
        ("Guten Tag, wie kann ich helfen?", "de", True),
        ("Olá, como posso ajudar?", "pt", True),
        ("Ciao, come posso aiutarti?", "it", True),
        ("Xin chào, tôi có thể giúp gì cho bạn?", "vi", True),
        ("Привет! Чем могу помочь?", "ru", True),
        ("Привіт! Чим я можу допомогти?", "uk", True),
    ],
)
def test_a_text_is_in_its_language_or_not(text: str, expect: str, right: bool) -> None:
    assert score(text, expect).value == float(right), dict(tell_languages(text, expect=expect).letters)


def test_an_answer_that_turns_chinese_half_way_shows_in_its_purity() -> None:
    whole = "ご注文ありがとうございます。商品は明日お届けします。よろしくお願いいたします。"
    half = "ご注文ありがとうございます。商品は明日お届けします。您的订单已经发货，请耐心等待三天。"
    assert score(whole, "ja").parts["purity"] == 1
    found = score(half, "ja")
    assert 0.4 < (found.parts["purity"] or 0) < 0.8
    assert (found.value, found.reading, found.expected) == (0, "ja", "ja")
    assert score(half, "ja", min_share=0.5).value == 1


def test_what_holds_no_letters_is_not_read() -> None:
    for text in ("", "123", "`code`", "https://example.com"):
        found = score(text, "ja")
        assert (found.value, found.parts["read"], found.reading) == (0, 0, None), text


def test_the_prompt_says_the_language() -> None:
    assert score("Votre colis arrive demain matin.", "prompt", "Où est mon colis, s'il vous plaît ?").value == 1
    assert score("Your parcel arrives tomorrow.", "prompt", "Où est mon colis, s'il vous plaît ?").value == 0
    assert score("明日届きます。", "prompt", "荷物はいつ届きますか").value == 1
    assert score("Tomorrow.", "prompt", "when?").value == 1


def test_characters_that_only_one_language_writes() -> None:
    assert all(map(is_chinese_only, "们这说吗您订单發單說們"))
    assert all(map(is_japanese_only, "気込払働円駅々"))
    assert not any(is_chinese_only(mark) or is_japanese_only(mark) for mark in "国人大山綺麗曖昧挨拶"[:4])
    assert not any(map(is_chinese_only, "綺麗曖昧挨拶躊躇瞭"))


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared cases are not here; set EVALKIT_SHARED_DATA")
def test_every_shared_case_of_languages() -> None:
    for row in map(json.loads, (SHARED / "languages.jsonl").read_text(encoding="utf-8").splitlines()):
        assert score(row["text"], row["expect"]).value == float(row["right"]), row


@SLOW_START
@given(st.text(max_size=200), st.sampled_from(["ja", "zh", "en", "latin", "ru", "ar"]))
def test_no_text_is_too_odd_to_be_told(text: str, expect: str) -> None:
    told = tell_languages(text, expect=expect)
    assert all(count > 0 for count in told.letters.values())
    assert told.purity(expect) is None or 0 <= (told.purity(expect) or 0) <= 1
