"""Kinds of Japanese honorifics: 尊敬 (raising whom one speaks of), 謙譲 (lowering oneself), 丁寧 (です・ます)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

from evalkit.text.normalize import nfkc

Kind = Literal["尊敬", "謙譲", "丁寧"]

_RESPECT = re.compile(
    r"いらっし[ゃやゆゅ]|いらして|おっしゃ|仰[せるっらり]|なさ(?:っ[てた]|る|れ|ら(?:な|れ)|い?ます|いまし)"
    r"|召し(?:上が|あが)|聞こし召|お召し|お越し|おいで(?:に|くだ|で)|お見え|(?:ご|御)覧(?:に|くだ|下)|(?:ご"
    r"|御)存[じ知](?:の|で|です)|賜(?:れ|り(?:たい|ま))"
    r"|(?:くだ|下)さ(?:っ[てた]|り|る|れ|ら|い?ま[すし])"
    r"|(?!お払い箱)[おご御][一-鿿ぁ-んァ-ヶー]{1,7}に(?:も|は|まで)?な[らりるっれ]"
    r"|[おご御][一-鿿ぁ-ん]{1,6}(?:くだ|下)さ"
    r"|[おご御][一-鿿][ぁ-ん]{1,2}(?:でしょうか|ですか|ですね)|でいらっ[しゃ]|遊ばせ"
    r"|(?:[かさたなまらわばが]|[いきしちにひみりえけせてねめれ]ら)れ(?:ますか|ましたか|ますよう|ますね|ましたね"
    r"|たそう|るそう|る(?=方|際|とき|時|ご)|た(?=方|の))"
)
_HUMBLE = re.compile(
    r"(?<!ど)(?<!く)いたし(?:ま|て|か)|致し(?:ま|て|か)|ておりま|(?<!と)おりません|申し上げ|申しあげ"
    r"|申し(?:ま[すし]|伝え|受け)|差し上げ|さしあげ|存じ(?:ま|上げ|あげ|て)"
    r"|拝[見読聴借受察啓復領謝命]|うけたまわ|承(?:り|る|っ|知(?:いた|致|しまし))|(?:うかが|伺)(?:い(?:ま|た|し)"
    r"|う(?=[。か]|つもり|こと|予定)|わせ|え)|参り(?:ま|たい)|まいり(?:ま|たい)"
    r"|頂戴(?:し|いた|で)|ちょうだい(?:し|いた)|(?:いただ|頂)(?:き(?:ま|た)|く(?=こと|か|の|。)|け(?:ま|れ|る"
    r"|ない))|お目にかか|お目に掛か"
    r"|[おご御][一-鿿ぁ-ん]{1,6}(?:し(?:ま[すし]|てお|たい|ましょ)|いた|致|申し|願[いえ]|でき(?:ま|れ|て))"
    r"|(?:させて|せて)(?:いただ|頂)|弊[社店校]|手前ども|わたくしども|私ども"
)
_POLITE = re.compile(
    r"で(?:す(?![がる]?ぎ)|した|しょう)|[いきぎしじちにびみりえけげせぜてでねべめれ]ます|ました|ません|まして"
    r"|ましょう|(?:くだ|下)さい|ござい"
)


def find_honorifics(text: str) -> Mapping[Kind, int]:
    """Count each kind of honorific in a text, those at 0 left out.

    >>> dict(find_honorifics("先生は教室でお話しになった。")), dict(find_honorifics("私が伺います。"))
    ({'尊敬': 1}, {'謙譲': 1, '丁寧': 1})
    """
    plain = nfkc(text)
    counts: dict[Kind, int] = {
        "尊敬": len(_RESPECT.findall(plain)),
        "謙譲": len(_HUMBLE.findall(plain)),
        "丁寧": len(_POLITE.findall(plain)),
    }
    return {kind: count for kind, count in counts.items() if count}
