"""Every quantity of a text, in order of place."""

from __future__ import annotations

import re
from collections.abc import Iterator

from evalkit.text.numbers.amounts import COMPOSITE, KANJI, STEPS, read_composite
from evalkit.text.numbers.others import PATTERNS, read_other
from evalkit.text.numbers.quantity import Quantity
from evalkit.text.numbers.tails import read_tail
from evalkit.text.numbers.words import WORDS, read_words

_CURRENCY = r"(?:US|CA|AU|HK|NT)?\$|(?:USD|JPY|EUR|GBP|CNY|KRW|RMB|INR|Rs\.?|AUD|CAD|CHF)\s?|[€£¥₹₩]"
_SIGN = r"[-+]\s?|マイナス\s?|\b(?:[Mm]inus|[Nn]egative)\s|負の(?:数の)?\s?|[▲△]\s?"
_NUMBER = re.compile(
    rf"(?P<sign>{_SIGN})?(?P<currency>{_CURRENCY})?(?P<inner>-)?\s?(?P<number>(?<![\d.])(?>{COMPOSITE}))"
)
_OTHER = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in PATTERNS.items()))
_WORDS = re.compile(rf"(?<![\w'-])(?:{WORDS})(?![\w'])", re.IGNORECASE)
_START = re.compile(
    rf"(?:{_SIGN})?(?:{_CURRENCY})?-?\s?(?:\.?\d|[{KANJI}{STEPS}])"
    r"|(?:令和|平成|昭和|大正|明治|午[前後])\s?[\d元一二三四五六七八九十]"
    r"|\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}\.? \d|\bbetween \d"
)
_COUNTER = re.compile(
    r"\s?(?:円|ドル|ユーロ|人|名|個|本|枚|冊|匹|頭|羽|台|軒|点|年|月|日|時|分|秒|週|か月|ヶ月|カ月|歳|才|度|回|倍|割|%|パーセント|キロ"
    r"|メートル|センチ|ミリ|グラム|リットル|トン|つ|番|階|歩|杯|箱|袋|切れ|玉|着|足|組|通|行|ページ|章|問|題|位|等|段|校|社|件|票"
    r"|[kcm]?m\b|[km]?g\b)"
)
_CLOSED = re.compile(r"\s*(?:です|でした|だ|である|となり|になり|と|が|は|、|。|[.,)!?」』}$]|$)")
_HAN = re.compile(r"[一-鿿㐀-䶿々]")
_WORD_OF_KANJI = re.compile(
    r"十分(?![間後前])|千葉|千代|百貨|百科|百合|八百[屋長]|五十嵐|五十音|九十九(?=里|島|折)|万一|万が一|万能|万全|万年|億劫|兆[候し]|京[都阪浜成王]"
    r"|一[番部度緒般種定気応言見生家方旦括致貫瞬切律様体覧連]|一人[でひ]|第|唯一|三[角重]|四[角季国]|七夕|二度と|二重|十字|百姓|六本木|八王子"
)


def find_quantities(folded: str, *, words: bool = True) -> list[Quantity]:
    """Find every quantity of a folded text, in order of place.

    With `words` English words (five) as well.

    >>> [one.spelled for one in find_quantities("It is -3 or 1,234.5 on 2026-11-30.")]
    ['-3', '1234.5', '2026-11-30']
    """
    found = list(_in_digits(folded))
    if not words:
        return found
    taken = {place for one in found for place in range(one.start, one.end)}
    for match in _WORDS.finditer(folded):
        value = read_words(match.group())
        if value is not None and match.start() not in taken and match.end() - 1 not in taken:
            found.append(Quantity(kind="number", value=value, start=match.start(), end=match.end(), weak=True))
    return sorted(found, key=lambda one: one.start)


def _in_digits(text: str) -> Iterator[Quantity]:
    at = 0
    while (start := _START.search(text, at)) is not None:
        one = _quantity(text, start.start())
        if one is not None:
            yield one
            at = max(one.end, start.start() + 1)
        else:
            at = _past_digits(text, start.end())


def _past_digits(text: str, at: int) -> int:
    while at < len(text) and text[at - 1].isdecimal() and text[at].isdecimal():
        at += 1
    return at


def _quantity(text: str, start: int) -> Quantity | None:
    special = _OTHER.match(text, start)
    if special is None:  # a sign or a currency may stand before a date or a range
        digit = re.compile(r"\D{0,9}?(?=\d)").match(text, start)
        special = _OTHER.match(text, digit.end()) if digit and digit.end() > start else None
    if special is not None and not _is_in_name(text, special.start()):
        name = next(key for key in PATTERNS if special.group(key) is not None)
        one = read_other(name, special)
        if one is not None:
            return one
    found = _NUMBER.match(text, start)
    return None if found is None else _number(text, found)


def _number(text: str, found: re.Match[str]) -> Quantity | None:
    raw, at = found["number"], found.start("number")
    value = read_composite(raw)
    in_kanji = not raw.isascii()
    if value is None or (not found["currency"] and _is_in_name(text, at)):
        return None
    if in_kanji and not raw[0].isdecimal() and (_WORD_OF_KANJI.match(text, at) or text[at - 1 : at] in ("第", "唯")):
        return None
    tail = read_tail(text, value, start=at, end=found.end(), currency=bool(found["currency"]))
    negative = _is_negative(text, found) or bool(found["inner"] and found["currency"])
    start = found.start() if negative or found["currency"] else at
    symbolic = tail.symbolic or text[max(0, at - 1) : at] == "√"
    if symbolic:
        return Quantity(kind="symbolic", value=text[start : tail.end].strip(), start=start, end=tail.end)
    return Quantity(
        kind="number",
        value=-tail.value if negative else tail.value,
        start=start,
        end=tail.end,
        percent=tail.percent,
        slash=tail.slash,
        out_of=tail.out_of,
        weak=in_kanji and not raw[0].isdecimal() and _is_weak(raw, text, at, found.end()),
    )


def _is_weak(raw: str, text: str, start: int, end: int) -> bool:
    """漢数字 count like digits where they are built of several and a counter or an end follows."""
    behind = _COUNTER.match(text, end) or _CLOSED.match(text, end)
    inside = start > 0 and _HAN.match(text[start - 1]) is not None
    return len(raw) < 2 or not behind or inside


def _is_in_name(text: str, at: int) -> bool:
    """Whether the digits are part of a name: v1, CO2, GPT-4, file_3, m^2."""
    before = text[at - 1 : at]
    if at == 0 or not before.isascii():
        return False
    if before == "^":
        return at > 1 and (text[at - 2].isalpha() or text[at - 2] == "°")
    if before == "-":
        return at > 1 and text[at - 2].isascii() and text[at - 2].isalpha()
    return before.isalpha() or before == "_"


def _is_negative(text: str, found: re.Match[str]) -> bool:
    sign = (found["sign"] or "").strip()
    if sign != "-":
        return bool(sign) and sign != "+"
    before = text[max(0, found.start() - 2) : found.start()].rjust(2)
    if (found["sign"] or "")[-1:].isspace():
        return text[max(0, found.start() - 3) : found.start()].rstrip(" ")[-1:] in ("=", ":", "は")
    if before[1].isascii():
        return not (before[1].isalnum() or before[1] in "_.)]%")
    return not (before[1].isalpha() and before[0].isdecimal())
