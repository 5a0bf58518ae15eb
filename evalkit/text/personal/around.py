"""What stands around a number: words that say what it is, and words that say what it is not."""

from __future__ import annotations

import re

_OTHER = re.compile(
    r"(?:注文|受注|受付|伝票|追跡|会員|(?:お)?客様|顧客|商品|製品|部品|管理|整理|受験|証書|予約|契約|申込|請求書?|問い?合わ?せ|"
    r"シリアル|ロット|車台|型|機種|品)(?:番号|コード|No\.?|ナンバー|ID)|型番|品番|JANコード|内線|(?<![A-Za-z])(?:ISBN|JAN|SKU)"
    r"|(?<![a-z])(?:order|invoice|ticket|tracking|serial|part|reference|ref|case|coupon|voucher|build|device|parcel|"
    r"shipment|sku|receipt|booking|confirmation|transaction|version|timestamp|member|membership|customer|test run|run|"
    r"license key|item|model|product)(?![a-z])(?:\s*(?:id|code|number|no\.?|num|#))?",
    re.IGNORECASE,
)
_FAR = 24
_NEAR_END = re.compile(
    r"[\s:#=()「『\"'.、,]*(?:は|が|の|に|を|is|was|no\.?|number|番号|:)*[\s:#=()「『\"']*\Z", re.IGNORECASE
)


def stands_before(text: str, start: int, words: re.Pattern[str], *, far: int = _FAR) -> bool:
    """Tell whether a pattern is found in front of a place.

    In the same line, that is, at most `far` characters away.
    """
    return words.search(_line_before(text, start, far)) is not None


def is_named_otherwise(text: str, start: int) -> bool:
    """Tell whether a number is named as something impersonal.

    That is an order, a ticket, a part, a serial number, by the last word in front of it.

    >>> is_named_otherwise("注文番号は 0901234", 6), is_named_otherwise("注文の件で電話 0901234", 8)
    (True, False)
    """
    before = _line_before(text, start, _FAR)
    found = next(reversed(list(_OTHER.finditer(before))), None)
    return found is not None and _NEAR_END.fullmatch(before[found.end() :]) is not None


def _line_before(text: str, start: int, far: int) -> str:
    before = text[max(0, start - far) : start]
    return before.rpartition("\n")[2]
