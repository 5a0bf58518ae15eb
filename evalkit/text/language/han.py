"""Characters that only Chinese or only Japanese writes, told from the character sets of both.

GB 2312 holds simplified characters that JIS X 0208 lacks (们这说), JIS X 0208 Japanese ones that GB 2312 and Big5 lack
(気込払). Traditional characters that Japanese reformed stand in the second, rare level of JIS X 0208 (單 for 単).
"""

from __future__ import annotations

import re
from functools import lru_cache

_RARE_AND_JAPANESE = frozenset(
    "綺曖彙籠躊躇朦朧贅儚瞭燦爛囁咄嗟毀璃睨睦瞳祀竈籤綻罵羞臆舷蔑詣諦貪賂踪蹴逅邂遡錮闇隧顎飴驕骸黛齧憔悴彷徨辣邁遜揶揄饗饅餃麒麟狼狽"
    "蝋蝶蟹蠅袴袖裾襖襟訃詫誂諂謳讃豹豺貶贋跋蹂躙輻轍迸逞逼鄙酩酊醍醐鋏鋸錨鍼鎚鏡鑑鑿閂閃闊陶隈霰靄鞄鞭韋頸顰颯饒駁駿驢髭髷鬘鮪鮭鯖鯛鰹鰻鱈鱗鴉"
)
_EVERYDAY = frozenset("个从几听呀呵哇哈哦哭喇它幢怎很悄找抓抬拿挂掉无气泪爬疼竟聊跟你她广厂")
"""In both character sets, and written every day by Chinese alone"""
_PHRASE = re.compile(
    r"(?:我|你|他|她|您)(?:们|的|是|在|要|有|想|会|能|不)|(?:不|也|都|就|但|还|只)是|可以|没有|不要|不能|今天|明天|昨天|非常好"
    r"|(?<![申要懇下普招元受])請(?![求負書願合人印])(?=[一-鿿])|早上好?|[上下]午好|晚上|不好意思|的人|了吗|是吗|好的|请稍|(?<=[一-鿿])(?<![国如彼社校店党県])是(?=[一-鿿])(?![非正認々])"
    r"|(?<=[一-鿿])(?<![完終修未魅満校結投読議])了(?=[\s。！？!?]|$)"
)
_LEVEL_2 = b"\x98\x9f"
_BIG5_LEVEL_2 = b"\xc9\x40"


@lru_cache(maxsize=16_384)
def is_chinese_only(mark: str) -> bool:
    """Tell whether Japanese does not write this character.

    >>> [is_chinese_only(mark) for mark in "们們單気国"]
    [True, True, True, False, False]
    """
    japanese = _encode(mark, "shift_jis")
    if japanese is None:
        return _encode(mark, "gb2312") is not None or _encode(mark, "big5") is not None
    if mark in _EVERYDAY:
        return True
    traditional = _encode(mark, "big5")
    reformed = _encode(mark, "gb2312") is None or mark in "這們個還給沒嗎喔啦吧哦"
    common = traditional is not None and traditional < _BIG5_LEVEL_2
    return japanese >= _LEVEL_2 and common and reformed and mark not in _RARE_AND_JAPANESE


def count_chinese(clause: str) -> int:
    """Count a clause's characters and everyday phrases that Japanese does not write.

    >>> count_chinese("今天天气很好"), count_chinese("我是学生"), count_chinese("営業時間外")
    (3, 1, 0)
    """
    return sum(map(is_chinese_only, clause)) + len(_PHRASE.findall(clause))


@lru_cache(maxsize=16_384)
def is_japanese_only(mark: str) -> bool:
    """Tell whether Chinese does not write this character.

    >>> [is_japanese_only(mark) for mark in "気込払们国"]
    [True, True, True, False, False]
    """
    if mark in "々〆":
        return True
    return _encode(mark, "shift_jis") is not None and _encode(mark, "gb2312") is None and _encode(mark, "big5") is None


def _encode(mark: str, charset: str) -> bytes | None:
    try:
        return mark.encode(charset)
    except UnicodeEncodeError:
        return None
