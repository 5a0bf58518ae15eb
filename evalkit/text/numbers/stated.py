"""Which of its quantities an answer states: the one behind its cue, else the last."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

from evalkit.text.numbers.fold import fold
from evalkit.text.numbers.quantity import Kind, Quantity
from evalkit.text.numbers.scan import find_quantities
from evalkit.text.numbers.units import has_unit, is_bare

Take = Literal["stated", "first", "last"]

_WINDOW = 2000
"""Characters read around the place where a number must be, so that cost stays linear"""
_BEHIND_CUE = 400
_SHORT = 80
_CUE = re.compile(
    r"\\(?:boxed|fbox)\s?\{|####\s|<answer>"
    r"|(?<![\w'])(?:final\s)?(?:answer|ans|result)s?(?:\s?\([^()\n]{1,40}\))?[*_\s]{0,4}"
    r"(?:(?:is|are|was|equals|would be|will be|should be|comes to|comes out to)\b|[:=：＝])"
    r"|(?:^|\n)[*_\s]{0,4}A[:：]"
    r"|(?:最終的な|最終)?(?:答え|答|解答|回答|正解|解|結論|結果)[*_」】\s]{0,4}(?:は|[:：=＝]|が|として|\n)|^【(?:答え|解答|回答)】"
    r"|【(?:最終)?(?:答え?|解答|回答|正解)】",
    re.IGNORECASE,
)
_ANY_DIGIT = re.compile(r"\d|[¼-¾⅐-⅞⁰¹²³⁴-⁹]")
_NOT_IT = re.compile(r"\s?[^\s\d、。]{0,4}(?:では(?:なく|ない|ありません)|じゃ(?:なく|ない)|ではなくて)")
_TAKEN_BACK = re.compile(
    r"\s?[^\s\d、。]{0,4}[\s。、.…,—-]{0,4}(?:いえ|いや|訂正|間違えました|失礼)[、。,…\s](?=[^\n]{0,24}?\d)"
    r"|[\s.,…—-]{1,4}(?:no|wait|sorry|i mean|scratch that|correction)[,:\s.—-]{1,3}"
    r"(?:it's |it is |that's |actually )?(?=[$]?\d)",
    re.IGNORECASE,
)
_BRACKET = re.compile(r"[^()\d\n]{0,12}\([^()\n]{0,24}")
_BRACKET_ENDS = re.compile(r"[^()\n]{0,24}\)")
_NOT_BEFORE = re.compile(r"\b(?:not|isn't|never)(?: (?:the|just|only|simply))?[\s$]{1,2}$", re.IGNORECASE)
_LEADS_TO = re.compile(r"[^=\n,;、。:≠<>]{0,80}?=(?![=>])\s{0,4}(?=[^\n]{0,40}?\d)")
_ITEM = re.compile(r"(?m)^[ \t]{0,8}(\d{1,2})[.)](?=[ \t]+\S)")


@dataclass(frozen=True, slots=True)
class _Sought:
    """What may be read: units that are named, kinds that are compared."""

    unit: tuple[str, ...]
    kinds: tuple[Kind, ...]


def read_quantity(
    text: str,
    *,
    take: Take = "stated",
    unit: Sequence[str] = (),
    out_of: Fraction | None = None,
    kinds: Sequence[Kind] = (),
) -> Quantity | None:
    """Read the quantity that a text states.

    None where there is none (of this unit and these kinds; all without any).

    `stated` is the first behind the last cue (`answer:`, `答えは`, `####`, `\\boxed{`) that has one behind it; without
    a cue one that stands alone on the first line before prose, else the last. A sum that is worked out (`3 + 4 = 7`)
    is its result for every `take`.

    >>> read_quantity("3 + 4 = 7, so there are seven.").spelled, read_quantity("答えは 3 500円です。").spelled
    ('7', '3500')
    """
    sought = _Sought(tuple(unit), tuple(kinds))
    if take == "stated":
        found = _behind_cue(text, sought) or _alone_first(text, sought) or _last(text, sought)
    else:
        found = _first(text, sought) if take == "first" else _last(text, sought)
    return _as_rating(found, out_of)


def list_numbers(text: str) -> tuple[str, ...]:
    """List the different quantities of a short text.

    One that has no cue to say which is meant.
    """
    if len(text) > _SHORT or "\n" in text.strip() or _CUE.search(text):
        return ()
    return tuple(dict.fromkeys(one.spelled for one in _readable(fold(text), _Sought((), ()))))


def _behind_cue(text: str, sought: _Sought) -> Quantity | None:
    cues = [cue.end() for cue in _CUE.finditer(text)]
    for end in reversed(cues[-20:]):
        behind = fold(text[end : end + _BEHIND_CUE])
        found = [one for one in _readable(behind, sought) if not _is_denied(behind, one)]
        if found and _is_near(behind, found[0]):
            return found[0]
    return None


def _is_near(behind: str, one: Quantity) -> bool:
    """In the cue's own sentence, or the next where that says nothing; "one" only right behind the cue."""
    between = behind[: one.start]
    if one.weak and len(between.strip()) > 24:
        return False
    sentence_ends = re.findall(r"[。！？!?]|\.(?=\s|$)|\n(?=\s*\S)", between.strip())
    return len(sentence_ends) <= (1 if len(between.strip()) < 40 else 0)


def _is_denied(text: str, one: Quantity) -> bool:
    return bool(
        _NOT_IT.match(text, one.end)
        or _TAKEN_BACK.match(text, one.end)
        or _NOT_BEFORE.search(text[max(0, one.start - 24) : one.start])
    )


def _alone_first(text: str, sought: _Sought) -> Quantity | None:
    """A number that is the whole first line of an answer whose other lines are prose."""
    head, _, rest = text[:_WINDOW].strip().partition("\n")
    if len(head) > 60 or not rest.strip():
        return None
    line = fold(head)
    found = _readable(line, sought)
    if len(found) != 1 or not _is_alone(line, found[0]):
        return None
    second = fold(rest.strip().partition("\n")[0])
    others = find_quantities(second)
    return None if len(others) == 1 and _is_alone(second, others[0]) else found[0]


def _is_alone(line: str, one: Quantity) -> bool:
    return re.fullmatch(r"[\s*_$#=:(-]*", line[: one.start]) is not None and len(line[one.end :].strip()) <= 12


def _first(text: str, sought: _Sought) -> Quantity | None:
    start = _ANY_DIGIT.search(text)
    head = fold(text[:_WINDOW] if start is None else text[max(0, start.start() - 40) : start.start() + _WINDOW])
    found = _readable(head, sought)
    return found[0] if found else None


def _last(text: str, sought: _Sought) -> Quantity | None:
    digit = _ANY_DIGIT.search(text[::-1])
    at = len(text) if digit is None else len(text) - digit.start() + 60
    tail = fold(text[max(0, at - _WINDOW) : at])
    found = _readable(tail, sought)
    if not found:
        return None
    return next((one for one in found[-5:-1] if _is_aside(tail, one, found[-1])), found[-1])


def _is_aside(text: str, one: Quantity, other: Quantity) -> bool:
    """Whether `other` stands in a bracket right behind `one`: 1,100円 (税抜 1,000円)."""
    return bool(_BRACKET.fullmatch(text, one.end, other.start)) and bool(_BRACKET_ENDS.match(text, other.end))


def _readable(folded: str, sought: _Sought) -> list[Quantity]:
    """The quantities that may be the answer: no markers of a list, no operands of a sum that is worked out.

    With a unit those that have it, else those without any other. Weak ones only where there are no others.
    """
    markers = _list_markers(folded)
    found = [one for one in find_quantities(folded) if one.start not in markers]
    found = [one for one in found if not _is_operand(folded, one)]
    if sought.kinds:
        found = [one for one in found if one.kind in sought.kinds]
    if sought.unit:
        named = [one for one in found if has_unit(folded, one, sought.unit)]
        found = named or [one for one in found if is_bare(folded, one)]
    strong = [one for one in found if not one.weak]
    return strong or found


def _list_markers(text: str) -> set[int]:
    """Where the numbers of a numbered list stand: at least two lines, counting up."""
    items = [(int(item[1]), item.start(1)) for item in _ITEM.finditer(text)]
    counted = {number for number, _ in items}
    return {place for number, place in items if number + 1 in counted or number - 1 in counted}


def _is_operand(text: str, one: Quantity) -> bool:
    found = _LEADS_TO.match(text, one.end)
    return found is not None and not re.search(r"\w{12,}|[ぁ-んァ-ヶ一-鿿]{6,}", found.group())


def _as_rating(found: Quantity | None, out_of: Fraction | None) -> Quantity | None:
    """With `out_of` a bare a/b is a of b."""
    if found is None or out_of is None or not found.slash or not isinstance(found.value, Fraction):
        return found
    return replace(found, value=found.value * out_of, out_of=out_of, slash=False)
