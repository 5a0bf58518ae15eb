"""Check digits: what tells a card, an Individual Number or an IBAN from any other row of digits."""

from __future__ import annotations

import re

_BRAND = re.compile(
    r"4\d{15}|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}|3[47]\d{13}"
    r"|35(?:2[89]|[3-8]\d)\d{12}|3(?:0[0-5]|[68]\d)\d{11}|6(?:011|4[4-9]\d|5\d\d)\d{12}|62\d{14,17}"
)
"""Visa, Mastercard, American Express, JCB, Diners, Discover, UnionPay: their first digits and lengths"""


def is_card(digits: str) -> bool:
    """Tell whether digits are the number of a payment card.

    It is one of a known brand whose Luhn check digit is right (ISO/IEC 7812-1).

    >>> is_card("4111111111111111"), is_card("4111111111111112"), is_card("9640431014599835")
    (True, False, False)
    """
    if not _BRAND.fullmatch(digits) or len(set(digits)) == 1:
        return False
    total = 0
    for place, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (1 + place % 2)
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10 == 0


def is_my_number(digits: str) -> bool:
    """Tell whether 12 digits are an Individual Number.

    By its check digit: Ordinance No. 85 of 2014 of the Ministry of Internal Affairs, article 5.

    >>> is_my_number("945807302153"), is_my_number("945807302154")
    (True, False)
    """
    if len(digits) != 12 or not digits.isdigit() or len(set(digits)) == 1:
        return False
    total = sum(int(digit) * (n + 1 if n <= 6 else n - 5) for n, digit in enumerate(reversed(digits[:-1]), start=1))
    return int(digits[-1]) == (0 if total % 11 <= 1 else 11 - total % 11)


def is_iban(text: str) -> bool:
    """Tell whether letters and digits are an IBAN.

    By its check digits: the remainder by 97 is 1 (ISO 13616).

    >>> is_iban("GB82WEST12345698765432"), is_iban("GB82WEST12345698765433")
    (True, False)
    """
    if not re.fullmatch(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}", text):
        return False
    turned = text[4:] + text[:4]
    return int("".join(str(int(sign, 36)) for sign in turned)) % 97 == 1
