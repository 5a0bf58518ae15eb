"""Numbers that a state, a bank or a card company gave to one person."""

from __future__ import annotations

import re
from collections.abc import Iterator

from evalkit.text.personal.around import is_named_otherwise, stands_before
from evalkit.text.personal.digits import is_card, is_iban, is_my_number
from evalkit.text.personal.span import Span

_CARD = re.compile(
    r"(?a)(?<![A-Za-z0-9.-])(?<!\d,)(?:\d{4}([ -])\d{4}\1\d{4}\1\d{4}|\d{4}([ -])\d{6}\2\d{4,5}|\d{13,19})"
    r"(?![A-Za-z0-9]|[-.,]\d)"
)
_TWELVE = re.compile(r"(?a)(?<![A-Za-z0-9,-])(?<!\d\.)(?:\d{12}|\d{4}([ -])\d{4}\1\d{4})(?![A-Za-z0-9]|[-.,]\d)")
_MY_NUMBER = re.compile(
    r"(?a)マイナンバー|個人番号|通知カード|(?<![a-z])(?:my number|individual number)(?![a-z])", re.IGNORECASE
)
_LICENSE = re.compile(r"(?a)運転免許|免許証|免許の?番号|(?<![a-z])(?:driver'?s?|driving) licen[cs]e", re.IGNORECASE)
_BEHIND = 12
_ACCOUNT = re.compile(
    r"(?a)(?:(?:[みずほりそなきらぼしあおぞゆうちょ]{3,4}|[一-龥々ァ-ヴーA-Za-z]{1,10})"
    r"(?:銀行|信用金庫|信用組合|農協|労働金庫) ?)?"
    r"(?:[^\s、。,:「」()は]{1,12}(?:支店|営業部|出張所|本店) ?)?"
    r"(?:普通|当座|貯蓄)(?:預金|口座)?[ :]?(\d{7})(?![\w]|[-,]\d| ?[件行人号個円名台回])"
)
_POST = re.compile(r"(?a)記号 ?1\d{4} ?番号 ?\d{7,8}(?!\d)")
_NUMBERED = re.compile(
    r"(?a)(?:口座番号(?:は|が|:|:|「|『|\s|の)*|"
    r"(?<![a-z])account (?:number|no\.?)(?: is|:|\s)*)(\d[\d-]{5,16}\d)(?![\w-])",
    re.IGNORECASE,
)
_IBAN = re.compile(r"(?a)(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?(?![A-Za-z0-9])")
_AT_A_BANK = re.compile(r"(?a)銀行|信用金庫|信用組合|農協|支店|口座|振込|預金")


def find_cards(text: str) -> Iterator[Span]:
    """Find card numbers of known brands with the right check digit."""
    for found in _CARD.finditer(text):
        if is_card(re.sub(r"\D", "", found[0])) and not is_named_otherwise(text, found.start()):
            yield Span(start=found.start(), end=found.end(), kind="card")


def find_my_numbers(text: str) -> Iterator[Span]:
    """Find Individual Numbers.

    They are 12 digits with the right check digit, and a word that says so.
    """
    for found in _TWELVE.finditer(text):
        if is_my_number(re.sub(r"\D", "", found[0])) and _is_called(text, found, _MY_NUMBER):
            yield Span(start=found.start(), end=found.end(), kind="my_number")


def find_licenses(text: str) -> Iterator[Span]:
    """Find numbers of Japanese driver's licenses.

    They are 12 digits, and a word that says so.
    """
    for found in _TWELVE.finditer(text):
        if _is_called(text, found, _LICENSE):
            yield Span(start=found.start(), end=found.end(), kind="drivers_license")


def _is_called(text: str, found: re.Match[str], words: re.Pattern[str]) -> bool:
    """Whether one of the words stands in front of the number, or close behind it."""
    if is_named_otherwise(text, found.start()):
        return False
    behind = text[found.end() : found.end() + _BEHIND].partition("\n")[0]
    return stands_before(text, found.start(), words, far=30) or words.search(behind) is not None


def find_accounts(text: str) -> Iterator[Span]:
    """Find bank accounts.

    Japanese ones that are named as such, and IBANs with the right check digits.
    """
    for found in _IBAN.finditer(text):
        whole = found[0]
        while whole and not is_iban(whole.replace(" ", "")) and " " in whole:
            whole = whole.rpartition(" ")[0]
        if is_iban(whole.replace(" ", "")):
            yield Span(start=found.start(), end=found.start() + len(whole), kind="bank_account")
    for found in _POST.finditer(text):
        yield Span(start=found.start(), end=found.end(), kind="bank_account")
    for found in _NUMBERED.finditer(text):
        yield Span(start=found.start(1), end=found.end(1), kind="bank_account")
    for found in _ACCOUNT.finditer(text):
        bank = re.search(r"銀行|金庫|組合|農協|支店|営業部", found[0])
        if bank is not None:
            yield Span(start=found.start(), end=found.end(), kind="bank_account")
        elif re.search(r"預金|口座", found[0]) or stands_before(text, found.start(), _AT_A_BANK):
            yield Span(start=found.start(1), end=found.end(1), kind="bank_account")
