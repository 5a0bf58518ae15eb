"""Every place where an answer names a choice, and whether it says so of it or denies it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from evalkit.text.choices.labels import Labels

FOREIGN = -1
"""The index of a letter that no choice has"""


@dataclass(frozen=True, slots=True)
class Mention:
    """A choice (its index) named at text[start:end]."""

    index: int
    start: int
    end: int
    denied: bool = False
    bare: bool = False
    """A letter without a word that makes it a label: (B), option B, 2番 are not bare"""
    stop: int | None = None
    """Where the label ends, where its text is beside it"""
    text: bool = False
    """The choice's own text; right behind a label it adds nothing to it"""


_LETTER = re.compile(
    r"(?<![A-Za-z0-9_.ァ-ヶー&-])(?<![A-Za-z0-9]')(?<!N/)(\(?)([A-Z])(?![A-Za-z0-9_&]|[-'][A-Za-z])(\)?)"
)
_SMALL = re.compile(
    r"\(([a-z])\)|(?:^|(?<=[:\s]))([a-z])\)(?=\s|$)|\b(?:[Oo]ption|[Cc]hoice|[Aa]nswer)\s([a-z])(?![\w'])"
)
_ARTICLE = re.compile(
    r"\s(?!(?:is|was|are|because|since|as|or|and|but|rather|instead|not|has|though|although|which|for|by|if"
    r"|seems?|looks"
    r"|would|could|might|may|must|should|can|will|over|appears?|fits?|makes|works|best|correct|then|so|with"
    r"|here)\b)[a-z]"
)
_NOT_A_LABEL = re.compile(
    r"(?:vitamin|plan|grade|type|hepatitis|class|team|group|section|appendix|figure|mr|mrs|ms|dr|point|step"
    r"|part|size)s?\.?\s$"
    r"|(?-i:[A-Z])\.\s?$",
    re.IGNORECASE,
)
_INITIAL = re.compile(r"\.[A-Z][.a-z]")
_NAME_BEHIND = re.compile(r"\. [A-Z][.a-z]")
_NAME_BEFORE = re.compile(
    r"\b(?!(?:So|Thus|Hence|Therefore|Then|Answer|Is|Or|And|Not|Maybe|Probably|Definitely|Likely|Choose|Pick|Select"
    r"|Say|Clearly|Obviously|Correct|Yes|No|Ok|Okay|Sure|Final|Between|Among)\b)[A-Z][a-z]+ $|\b(?:by|named|called) $"
)
"""Between a name and a name a letter is an initial: George W. Bush, by J. Smith"""
_LABELLED = re.compile(r"(?:option|choice|answer|letter|選択肢|選択枝|記号|肢)\s?[:は]?\s?[\"'「(]?$", re.IGNORECASE)
_NUMBER = re.compile(
    r"(?:選択肢|選択枝|肢|[Oo]ption|[Cc]hoice|[Nn]umber|[Nn]o\.|#"
    r"|第)\s?[(「]?(\d{1,2})(?![\d.,:]*\d)\s?(?:番目?|[)」])?"
    r"|(?<![\d.,])(\d{1,2})\s?番目?(?!台|線)|(?<![\w)])\((\d{1,2})\)(?!\s?個)|(?:(?<=[^\d.])|^)(\d{1,2})\s?つ目"
)
_KANJI_NUMBER = re.compile(r"([一二三四五六七八九])(?:番目?|つ目)(?!良|好|大|高)")
_ORDINAL = re.compile(
    r"\b(?:the )?(first|second|third|fourth|fifth|last|1st|2nd|3rd|4th|5th) (?:option|choice|answer|one)\b",
    re.IGNORECASE,
)
_ORDINALS = {word: index for index, pair in enumerate(
    (("first", "1st"), ("second", "2nd"), ("third", "3rd"), ("fourth", "4th"), ("fifth", "5th"))
) for word in pair}  # fmt: skip
_KANA = re.compile(r"(?:(?<![ァ-ヶー一-鿿])|(?<=肢)|(?<=記号)|(?<=番号))([ア-コイロハニホヘト])(?![ァ-ヶー一-鿿])")
_RANGE = re.compile(
    r"(?<![A-Za-z])\(?[A-Z]\)?\s?(?:through|thru|to|-|–|~|から)\s?\(?[A-Z]\)?(?![A-Za-z])(?!です|だ)"
    r"|\b(?:[Aa]mong(?:st)?|[Bb]etween|[Oo]ut of|[Oo]f|[Cc]onsidering|[Cc]omparing)\s(?:all )?(?:the )?"
    r"(?:(?:options?|choices?|answers?),? )?"
    r"(?>\(?[A-Z]\)?(?![A-Za-z'-])(?:(?:, ?|/)\(?[A-Z]\)?(?![A-Za-z'-]))*"
    r"(?:(?:,? (?:and|or|&) | (?:through|thru|to) |\s?[-–~]\s?)\(?[A-Z]\)?(?![A-Za-z'-]))?)"
    r"(?!\s(?:are|were)\b)(?=[\s,.:;…]|$)"
    r"|(?<![A-Za-z])[A-Z](?:\s?[、,・/かやと]\s?[A-Z](?![A-Za-z]))+(?=\s?(?:の(?:うち|中|なか|間|どちら|いずれ)|で(?:迷|悩)))"
)
"""Letters that say what there is to choose from, and name none"""

_DENIED_BEHIND = re.compile(
    r"[\"'」)\s都府県市]{0,3}(?:\([^)\n]{0,40}\)\s?)?(?:[\"「][^\"」\n]{0,60}[\"」])?[\s,]?"
    r"(?:(?:is|are|was|were|would be|seems?|looks?)(?: (?:clearly|also|probably|definitely|likely|obviously|both|all))?"
    r" (?:not|n't|never|incorrect|wrong|false|unlikely|out|impossible|ruled out|eliminated|irrelevant|inaccurate)\b"
    r"|(?:isn't|aren't|wasn't|doesn't|don't|does not|do not|cannot|can't|can not|could not|couldn't|won't|will not"
    r"|can be (?:ruled out|eliminated|excluded|dismissed))\b"
    r"|\s?[-–:]\s?(?:incorrect|wrong|false|not correct|×|誤り|不正解|間違)"
    r"|[.)]?\s?(?i:incorrect|wrong|false|not correct|×)(?=\s*(?:[.,;\n]|$))"
    r"|でも?(?:[^\s、。]{1,16}でも)?(?:な[くい]|ありませ)"
    r"|(?:では|じゃ|で)(?:なく|ない|ありませ|無)"
    r"|(?:は|も|が)?(?:明らかに|すべて|全て|どちらも|いずれも)?"
    r"(?:誤|間違|不正解|不適|正しくな|適切でな|違い|違う|違っ|当てはまら|該当し(?:な|ませ)|除外|正解では(?:な"
    r"|あり)|ありえな|あり得な|外れ|不可能)|(?:を|は)除|以外(?!(?:は|が)?(?:すべて|全て|全部|みな|どれも)?(?:誤|間違|不正解|不適|正しくな|違))"
    r"|とは(?:言|い|思|限)[えわら](?:な|ませ)|のどちら(?:と)?(?:も|でも)(?:言え|いえ|な[いく]|あり)|\?\s?(?:[Nn]o(?:pe)?\b|いいえ|いや、))"
)
_DENIED_BEFORE = re.compile(
    r"(?:\b(?:not|isn't|aren't|never|nor|neither|(?:anything|everything|all) (?:but|except)|rather than"
    r"|instead of|except|excluding|unlike|rules? out|ruled out"
    r"|eliminat\w{1,4}|as opposed to|over)(?: (?:the|an?|option|choice|answer|in|at|to|either|both))?)[\s:(\"']{1,3}$",
    re.IGNORECASE,
)
_JOINED = re.compile(
    r"[\s\"')」]*(?:\s?(?:,|、|・|/|と|や|も|and|or|nor|か|および|及び|または|もしくは|あるいは))*[\s\"'(「]*(?:option "
    r"|choice )?[\s\"'(「]*"
)
_BESIDE = re.compile(r"\)?[.:,、。]?[ \"'「『(]{0,3}")
_CLOSING = re.compile(r"[\"'」』)\]]{1,3}")
_ALONE_WORDS = frozenset({"no", "none", "not", "one", "can", "will", "may", "so", "all", "both", "i", "a", "it"})
_LOOKED_AT = 40
_GAP = 24


def find_mentions(text: str, choices: Sequence[str], labels: Labels) -> list[Mention]:
    """Find every mention in order of place.

    What lies inside a longer one is left out, and denials reach over lists.
    """
    text = _RANGE.sub(lambda one: " " * len(one.group()), text)
    found = [*_texts(text, choices), *_letters(text, labels), *_numbers(text, labels), *_kana(text, labels)]
    found.sort(key=lambda one: (one.start, -one.end))
    kept: list[Mention] = []
    for one in found:
        if kept and one.start < kept[-1].end:
            continue
        if kept and one.text and not kept[-1].text and _BESIDE.fullmatch(text[kept[-1].end : one.start][:8]):
            kept[-1] = _with_text(text, kept[-1], one)
            continue
        kept.append(replace(one, denied=_is_denied(text, one)))
    return _spread(text, kept)


def _with_text(text: str, label: Mention, own: Mention) -> Mention:
    """A label with the text beside it, up to the bracket that closes; denied by what follows either."""
    closing = _CLOSING.match(text, own.end)
    whole = replace(label, end=closing.end() if closing else own.end, stop=label.end)
    apart = "." in text[label.end : own.start] or "。" in text[label.end : own.start]
    return whole if apart else replace(whole, denied=label.denied or _is_denied(text, whole))


def _texts(text: str, choices: Sequence[str]) -> list[Mention]:
    return [
        Mention(index, found.start(), found.end(), text=True)
        for index, choice in enumerate(choices)
        if choice
        for found in _pattern_of(choice).finditer(text)
    ]


@lru_cache(maxsize=1024)
def _pattern_of(choice: str) -> re.Pattern[str]:
    """How the text of a choice stands in an answer: whole words, whole numbers, short かな alone."""
    spelled = r"\s+".join(re.escape(part) for part in choice.split())
    if re.fullmatch(r"[-+$¥€£]?[\d.,/]+%?", choice):
        return re.compile(rf"(?<![\d.,/-]){spelled}(?![\d/]|[.,]\d)(?!つ目|番目?)")
    if choice.casefold() in _ALONE_WORDS:
        return re.compile(
            rf"(?:(?<=[:,.;!?\"'(])|^|(?<=\bis)|(?<=\bsay)|(?<=\bso)|(?<=\band)"
            rf"|(?<=\bor))\s*\b{spelled}(?=\s*(?:[,.;:!?\"')]|$|because|since))",
            re.I,
        )
    if re.fullmatch(r"[ぁ-ん]{1,3}", choice):
        return re.compile(
            rf"(?:^|(?<=[\s。、:「『(はが])){spelled}(?=[\s。、」』)!?]|です|だ|で[はあす]|と|のどちら|$)"
        )
    first = r"(?<!\w)" if re.match(r"[\w]", choice) and choice[0].isascii() else ""
    last = r"(?!\w)" if re.match(r"[\w]", choice[-1]) and choice[-1].isascii() else ""
    if first and last and not choice.isascii():
        first = last = ""
    if not first and choice.startswith("京都"):
        first = "(?<!東)"
    first = "(?<![A-Za-z0-9_])" if first else first
    last = "(?![A-Za-z0-9_])" if last else last
    return re.compile(first + spelled + last, re.IGNORECASE)


def _letters(text: str, labels: Labels) -> list[Mention]:
    if not labels.letters:
        return []
    found = []
    for one in _LETTER.finditer(text):
        before, letter = text[max(0, one.start() - _LOOKED_AT) : one.start()], one[2]
        wrapped = bool(one[1] and one[3])
        labelled = wrapped or _LABELLED.search(before) is not None
        if not wrapped and letter in "AI" and _ARTICLE.match(text, one.end()):
            continue
        if not labelled:
            if letter == "I" and text[one.end() : one.end() + 1] not in ("", ".", "\n"):
                continue
            if _NOT_A_LABEL.search(before) or _INITIAL.match(text, one.end()):
                continue
            if _NAME_BEHIND.match(text, one.end()) and _NAME_BEFORE.search(before):
                continue
        index = labels.letters.get(letter, FOREIGN)
        found.append(Mention(index, one.start(), one.end(), bare=not labelled))
    for small in _SMALL.finditer(text):
        letter = (small[1] or small[2] or small[3]).upper()
        if letter in labels.letters:
            found.append(Mention(labels.letters[letter], small.start(), small.end()))
    return found


def _numbers(text: str, labels: Labels) -> list[Mention]:
    if not labels.numbers:
        return []
    found = []
    for one in _NUMBER.finditer(text):
        number = int(next(group for group in one.groups() if group))
        found.append(Mention(labels.numbers.get(number, FOREIGN), one.start(), one.end()))
    for one in _KANJI_NUMBER.finditer(text):
        number = "一二三四五六七八九".index(one[1]) + 1
        found.append(Mention(labels.numbers.get(number, FOREIGN), one.start(), one.end()))
    last = max(labels.numbers.values(), default=0)
    for one in _ORDINAL.finditer(text):
        index = _ORDINALS.get(one[1].lower(), last)
        found.append(Mention(index if index <= last else FOREIGN, one.start(), one.end()))
    return found


def _kana(text: str, labels: Labels) -> list[Mention]:
    return [
        Mention(labels.kana[one[1]], one.start(), one.end(), bare=True)
        for one in _KANA.finditer(text)
        if one[1] in labels.kana
    ]


def _is_denied(text: str, one: Mention) -> bool:
    if _DENIED_BEHIND.match(text, one.end):
        return True
    return _DENIED_BEFORE.search(text[max(0, one.start - _LOOKED_AT) : one.start]) is not None


def _spread(text: str, found: Sequence[Mention]) -> list[Mention]:
    """A, B、Dは誤り denies all three; "not A or B" both."""
    spread = list(found)
    reaching = False
    for at in range(len(spread) - 1, 0, -1):
        reaching = spread[at].denied and (reaching or _DENIED_BEHIND.match(text, spread[at].end) is not None)
        between = text[spread[at - 1].end : spread[at].start]
        reaching = reaching and len(between) <= _GAP and _JOINED.fullmatch(between) is not None
        if reaching:
            spread[at - 1] = replace(spread[at - 1], denied=True)
    forward = False
    for at in range(1, len(spread)):
        between = text[spread[at - 1].end : spread[at].start]
        before = _DENIED_BEFORE.search(text[max(0, spread[at - 1].start - _LOOKED_AT) : spread[at - 1].start])
        forward = (forward or before is not None) and re.fullmatch(r"\s?(?:,|or|nor|,\s?or|/)\s?", between) is not None
        too = spread[at - 1].denied and re.search(r"\b(?:and|,) (?:so|neither) (?:is|are|does|do)\s$", between)
        if too or forward:
            spread[at] = replace(spread[at], denied=True)
    return spread
