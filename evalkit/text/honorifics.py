"""Kinds of Japanese honorifics: 尊敬 (raising whom one speaks of), 謙譲 (lowering oneself), 丁寧 (です・ます)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

from evalkit.text.normalize import nfkc
from evalkit.text.patterns import branches

Kind = Literal["尊敬", "謙譲", "丁寧"]

_O = "おご御"
_PASSIVE = "|".join(
    (
        branches("かさたなまらわばが", "れ"),
        branches("いきしちにひみりえけせてねめれ", "られ"),
    )
)
_PASSIVE_GOES_ON = r"(?:ますか|ましたか|ますよう|ますね|ましたね|たそう|るそう|る(?=方|際|とき|時|ご)|た(?=方|の))"
_RAISES = "|".join(
    (
        r"い(?:らっし[ゃやゆゅ]|らして)|おっしゃ|仰[せるっらり]|なさ(?:っ[てた]|る|れ|ら(?:な|れ)|い?ます|いまし)",
        r"召し(?:上が|あが)|聞こし召|お召し|お越し|おいで(?:に|くだ|で)|お見え",
        branches("ご御", r"(?:覧(?:に|くだ|下)|存[じ知](?:の|で|です))"),
        r"賜(?:れ|り(?:たい|ま))",
        r"くださ(?:っ[てた]|り|る|れ|ら|い?ま[すし])|下さ(?:っ[てた]|り|る|れ|ら|い?ま[すし])",
        branches(_O, r"(?<!お(?=払い箱))[一-鿿ぁ-んァ-ヶー]{1,7}に(?:も|は|まで)?な[らりるっれ]"),
        branches(_O, r"[一-鿿ぁ-ん]{1,6}(?:くだ|下)さ"),
        branches(_O, r"[一-鿿][ぁ-ん]{1,2}(?:でしょうか|ですか|ですね)"),
        r"でいらっ[しゃ]|遊ばせ",
    )
)
_RESPECT = re.compile(_RAISES)
_RESPECT_BY_PASSIVE = re.compile(f"{_RAISES}|(?:{_PASSIVE}){_PASSIVE_GOES_ON}")
_HAS_PASSIVE = re.compile(f"れ{_PASSIVE_GOES_ON}")
"""Rare, and its first characters are everywhere: it is looked for only where this is found"""
_HUMBLE = re.compile(
    "|".join(
        (
            r"い(?<!どい)(?<!くい)たし(?:ま|て|か)|致し(?:ま|て|か)|ておりま|お(?<!とお)りません",
            r"申し(?:上げ|あげ)|申し(?:ま[すし]|伝え|受け)|差し上げ|さしあげ|存じ(?:ま|上げ|あげ|て)",
            r"拝[見読聴借受察啓復領謝命]|うけたまわ|承(?:り|る|っ|知(?:いた|致|しまし))",
            r"うかが(?:い(?:ま|た|し)|う(?=[。か]|つもり|こと|予定)|わせ|え)",
            r"伺(?:い(?:ま|た|し)|う(?=[。か]|つもり|こと|予定)|わせ|え)",
            r"参り(?:ま|たい)|まいり(?:ま|たい)|頂戴(?:し|いた|で)|ちょうだい(?:し|いた)",
            r"いただ(?:き(?:ま|た)|く(?=こと|か|の|。)|け(?:ま|れ|る|ない))",
            r"頂(?:き(?:ま|た)|く(?=こと|か|の|。)|け(?:ま|れ|る|ない))|お目に(?:かか|掛か)",
            branches(
                _O,
                r"[一-鿿ぁ-ん]{1,6}(?:し(?:ま[すし]|てお|たい|ましょ)|いた|致|申し|願[いえ]|でき(?:ま|れ|て))",
            ),
            r"させて(?:いただ|頂)|せて(?:いただ|頂)|弊[社店校]|手前ども|わたくしども|私ども",
        )
    )
)
_POLITE = re.compile(
    r"で(?:す(?![がる]?ぎ)|した|しょう)"
    r"|ま(?:(?<=[いきぎしじちにびみりえけげせぜてでねべめれ]ま)(?<!くださいま)(?<!下さいま)(?<!ございま)(?<!ましてま)す"
    r"|した|せん|して|しょう)"
    r"|ください|下さい|ござい"
)
"""Of くださいます the first part is counted alone"""


def find_honorifics(text: str) -> Mapping[Kind, int]:
    """Count each kind of honorific in a text, those at 0 left out.

    >>> dict(find_honorifics("先生は教室でお話しになった。")), dict(find_honorifics("私が伺います。"))
    ({'尊敬': 1}, {'謙譲': 1, '丁寧': 1})
    """
    return count_honorifics(nfkc(text))


def count_honorifics(plain: str) -> Mapping[Kind, int]:
    """Count each kind of honorific in a text after NFKC, as `find_honorifics` does."""
    respect = _RESPECT_BY_PASSIVE if _HAS_PASSIVE.search(plain) else _RESPECT
    counts: dict[Kind, int] = {
        "尊敬": len(respect.findall(plain)),
        "謙譲": len(_HUMBLE.findall(plain)),
        "丁寧": len(_POLITE.findall(plain)),
    }
    return {kind: count for kind, count in counts.items() if count}
