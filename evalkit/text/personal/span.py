"""What is found: a kind and a place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

KINDS: Mapping[str, str] = {
    "email": "an address of e-mail",
    "phone": "a telephone or fax number",
    "card": "the number of a payment card, its check digit right",
    "my_number": "a Japanese Individual Number (マイナンバー), its check digit right",
    "postal_code": "a postal code that is named as one",
    "address": "a street address with its number",
    "drivers_license": "the number of a Japanese driver's license, named as one",
    "bank_account": "a bank account: named as one, or an IBAN whose check digits are right",
    "ip": "an IP address, but for those of every machine (127.0.0.1, masks)",
    "secret": "a key or token of a known vendor, a private key",
    "name": "a person's name; found by what a package or a dictionary brings, never without",
}
"""Every kind, and what counts as one"""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Span:
    """A piece of personal data: `text[start:end]` is it, without what stands around it."""

    start: int
    end: int
    kind: str
