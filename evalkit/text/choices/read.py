"""The choice that an answer decides for: behind its cue, in front of its reasons, or the only one named."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from fractions import Fraction

from evalkit.text.choices.clean import clean_answer
from evalkit.text.choices.labels import Labels, known_labels
from evalkit.text.choices.mentions import FOREIGN, Mention, find_mentions
from evalkit.text.numbers import is_same, read_quantity

_CUE = re.compile(
    r"\b(?:answer|ans|choice|option|solution|selection)s?(?: (?:choice|option|letter))?(?: to (?:the|this) question)?"
    r"(?: here)?\s?(?:\b(?:is|are|was|would be|should be|must be|will be|could be|might be|may be|seems? to be"
    r"|appears? to be|remains)\b(?! not listed)|[:=]|-+>|→)"
    r"|\b(?:i|we)(?:'d| would| will|'ll|'m going to)? (?:choose|pick|select|go with|going with|opt for|vote for"
    r"|chose|picked|selected|went with)\b"
    r"|\b(?:wait|actually|correction|on second thoughts?|scratch that|let me correct (?:that|myself))\b[,.:;!—\s-]{0,3}"
    r"(?:no\b[,.\s]{1,3})?(?:i mean|(?:it|that)(?:'s| is| should be| must be| would be| has to be))\b"
    r"|\b(?:correction|final):"
    r"|(?:正解|正答|答え|解答|回答|結論|(?:最も|一番|もっとも)[^\s。、]{1,16}?(?:の|もの|選択肢|答え)"
    r"|(?:適切|正しい|妥当|適当|ふさわしい|相応しい|該当する|当てはまる|あてはまる|正解となる)(?:な?の|な?もの"
    r"|な?選択肢|な?答え)?)"
    r"\s?[」】]?\s?(?:は|が|:|=|として)",
    re.IGNORECASE,
)
_WEAK_CUE = re.compile(
    r"\b(?:most likely|probably|likely|presumably|definitely|certainly|therefore|thus|hence|so|it must be|it has to be"
    r"|it is|it's|it would be|it should be|i think|i believe|i'd say|i would say|i guess)\b[\s,:]{0,3}"
    r"|(?:よって|したがって|従って|ゆえに|故に|つまり|以上より|以上から|以上のことから)[、,\s]?|のは、?"
    r"|^[^\n。]{0,30}?(?:(?<!また|しく)は|が)(?=[A-Z]です)|(?<=[\d)])\s=\s(?=[-$¥€]?\d)",
    re.IGNORECASE,
)
_SAID_OF_IT = re.compile(
    r"[\"'」)\s]{0,3}(?:[\"「(][^\"」)\n]{0,60}[\"」)])?\s?(?:(?:is|would be|must be|seems|looks|appears)(?: to be)?"
    r"(?: (?:clearly|probably|most likely|definitely|therefore|thus|likely))?(?: the| my)?(?: (?:most|only|best))?"
    r" (?:correct|right|answer|best|better|preferable|accurate|appropriate|true|suitable|one)\b"
    r"|[\"')]{0,2}\s?[-–:]\s?(?:correct|right|true|○|正解|正しい)"
    r"|[.)]?\s?(?i:correct|right|true|○)(?=\s*(?:[.,;\n]|$))|(?:が|は)(?:最も|一番|もっとも)?"
    r"(?:正解|正しい|適切(?!で(?:は)?な)|妥当|答え|最適|ふさわしい|適当)(?!では(?:な|あり))|を(?:選|えら|推)|に(?:します|する(?!か)|決め|しよう))"
)
_COPULA = re.compile(r"[\"'」』)]{0,2}(?:です|だ(?![っがけかろ])|である|でしょう|となります|になります|だと(?:思|考))")
_NONE = re.compile(
    r"\b(?:none|neither|not (?:listed|given|among)|cannot be determined|can't be determined|no (?:correct|right) )\b"
    r"|どれでもな|いずれでもな|どれもな|該当(?:なし|する(?:もの|選択肢)は?(?:な|あり))|選択肢にな|ありません",
    re.IGNORECASE,
)
_REASON = re.compile(
    r"\b(?:because|since|due to|given that|which|while|whereas|as it|as the|as this|based on|for the reason)\b|なぜなら"
    r"|理由|ので、|から、|ため、|\s-\s|—|;(?!\s*(?:or |and |\(?[A-Z][,):]))",
    re.IGNORECASE,
)
_BUT = re.compile(r"\b(?:but|though|although|however)\b|[がけれど]、|ですが|しかし", re.IGNORECASE)
_CONCEDING = re.compile(r"(?:al)?though", re.IGNORECASE)
_HEDGE = re.compile(
    r"\b(?:could|might|may|possibl[ey]|also|perhaps|either|equally)\b|かもしれ|可能性|もあり|も正し", re.IGNORECASE
)
_POSSIBLE = re.compile(
    r"[\"')\s,]{0,4}(?:[\"(][^\")\n]{0,60}[\")])?,?\s?(?:(?:is|are|seems?)(?: also)? (?:an? )?(?:possib|plausib)|could"
    r"|might|may\b)|[」』)\s]{0,3}(?:の可能性(?!が(?:最も|一番)?高)|かもしれ|もあり)"
)
_SENTENCE = re.compile(r"[。!?\n]|\.(?=\s|$)")
_LEAD = re.compile(r"[\s\"'「(\[【]*")
_LEAD_END = re.compile(r"\s*(?:$|\n|[.:)、。,\]】」]|です|だ|\s?-\s|\s(?:because|since|as|\())")
_LEAD_ALONE = re.compile(r"[\"')\]]{0,3}(?:\s*[.)](?:\s|$)|\s*[:\n])")
_BARE_NUMBER = re.compile(r"[\s\"'「(]*(\d{1,2})(?![\d.,:/]*\d)[)\"'」.。]*\s*(?:$|です|だ|である|番|\n|,|、)")
_BROKEN_OFF = re.compile(r"[\"')\s,]*(?:\b(?:or|and|nor)|か|または|もしくは|あるいは|、)[\s,…]*")
"""A list that breaks off behind a choice: what else it would have named is not known"""
_NOT_CONCLUDED = re.compile(
    r"(?:^|[.!?\n]\s*)(?:(?:[Tt]herefore|[Tt]hus|[Hh]ence|[Ss]o),?\s)?(?:[Aa]mong|[Bb]etween|[Oo]ut of)\s"
    r"[\sA-Z,()]*(?:(?:through|to|and|or)\s)?[\sA-Z,()]*(?:,? (?:the|my)(?: \w+){0,3}(?: is)?\s*)?$"
    r"|(?:^|[。\n])(?:よって|したがって|従って|以上より)、?\s*$"
)
"""A conclusion that is cut before it names a choice"""
_LOOKED_AT = 240
_ECHOED = 8
"""Choices that an answer may repeat before it decides"""


def read_choice(text: str, choices: Sequence[str], *, shown: Mapping[str, int] | None = None) -> int | None:
    """Read the index of the one choice that a text decides for.

    None where it names none, several, or hedges.

    `shown` says what the question called the choices, where that is not A, B, ... or 1, 2, ...

    >>> cities = ["London", "Paris", "Rome"]
    >>> read_choice("B. Paris", cities), read_choice("正解は2番です。", cities), read_choice("It is Rome!", cities)
    (1, 1, 2)
    >>> read_choice("A or B", cities), read_choice("Not London but Paris.", cities)
    (None, 1)
    """
    found = read_choices(text, choices, shown=shown)
    return next(iter(found)) if len(found) == 1 else None


def read_choices(text: str, choices: Sequence[str], *, shown: Mapping[str, int] | None = None) -> frozenset[int]:
    """Read the indices of all choices that a text decides for.

    Empty where it decides for none.
    """
    answer = clean_answer(text)
    texts = [clean_answer(choice) for choice in choices]
    same = _equal(answer, texts)
    if same is not None:
        return frozenset({same})
    answer = _without_echo(answer, texts)
    labels = known_labels(choices, shown)
    mentions = find_mentions(answer, texts, labels)
    if mentions and _BROKEN_OFF.fullmatch(answer, mentions[-1].end):
        return frozenset()
    for decide in (_read_decided, _read_leading, _read_concluded, _only):
        chosen = decide(answer, mentions, labels)
        if decide is _read_concluded and _NOT_CONCLUDED.search(answer[-_LOOKED_AT:]):
            return frozenset()
        if chosen is not None:
            return frozenset() if FOREIGN in chosen else chosen
    number = _by_number(answer, texts)
    return frozenset() if number is None else frozenset({number})


def _without_echo(answer: str, texts: Sequence[str]) -> str:
    """The answer without the question it repeats in front: "Yes or no? Yes." """
    if len(texts) > _ECHOED or not (asked := re.match(r"[^?:\n]{1,200}[?:]", answer)):
        return answer
    one = "|".join(re.escape(text) for text in texts if text)
    listed = rf"\W*(?:{one})(?:\s?(?:,|/|、|or|か|または|それとも)\s?(?:or )?(?:{one})){{1,{_ECHOED}}}(?:です)?か?\W*"
    return answer[asked.end() :] if one and re.fullmatch(listed, asked[0], re.IGNORECASE) else answer


def _equal(answer: str, texts: Sequence[str]) -> int | None:
    whole = _bare(answer)
    same = [index for index, text in enumerate(texts) if _bare(text) == whole]
    exact = [index for index in same if texts[index] == answer]
    return exact[0] if len(exact) == 1 else same[0] if len(same) == 1 else None


def _bare(text: str) -> str:
    return re.sub(r"\s+", " ", text.strip(" \n\t\"'「」『』().。!")).casefold()


def _read_decided(answer: str, mentions: Sequence[Mention], labels: Labels) -> frozenset[int] | None:
    """By the last cue that a choice stands behind, or the last choice that is said to be right."""
    spots: list[tuple[int, frozenset[int]]] = []
    for cue in list(_CUE.finditer(answer))[-30:]:
        chosen = _behind(answer, cue.end(), mentions, labels)
        if chosen is not None:
            spots.append((cue.end(), chosen))
    for one in mentions[-200:]:
        if not one.denied and one.index != FOREIGN and _SAID_OF_IT.match(answer, one.end):
            joined = _find_joined(answer, one, mentions)
            spots.append((one.end, frozenset({one.index, *joined})))
    return max(spots, key=lambda spot: spot[0])[1] if spots else None


def _behind(
    answer: str, start: int, mentions: Sequence[Mention], labels: Labels, *, weak: bool = False
) -> frozenset[int] | None:
    """What the rest of the cue's sentence names; None where it says nothing of choices."""
    rest = answer[start : start + _LOOKED_AT]
    start += len(rest) - len(rest.lstrip(" \n:\"'「は、"))
    stop = _SENTENCE.search(answer, start)
    while stop and (around := next((one for one in mentions if one.start < stop.start() < one.end), None)):
        stop = _SENTENCE.search(answer, around.end)
    end = min(stop.start() if stop else len(answer), start + _LOOKED_AT)
    segment = answer[start:end]
    inside = [one for one in mentions if start <= one.start < end or (one.start < start < one.end)]
    number = _BARE_NUMBER.match(answer, start)
    if not inside and number and labels.numbers:
        return frozenset({labels.numbers.get(int(number[1]), FOREIGN)})
    small = re.match(r"[\"'(]?([a-z])(?:[)\".,]|\s*$|\s*\n)", answer[start:])
    if not inside and small and labels.letters:
        return frozenset({labels.letters.get(small[1].upper(), FOREIGN)})
    said = _until_reasons(answer, end, [one for one in inside if not one.denied], conceding=weak)
    if said:
        return frozenset(one.index for one in said)
    return frozenset({FOREIGN}) if _NONE.search(segment) and not inside else None


def _until_reasons(answer: str, end: int, said: Sequence[Mention], *, conceding: bool = False) -> list[Mention]:
    """The mentions before reasons are given; behind a "but" only where that takes back.

    `conceding`: what is only likely concedes others, and takes nothing back by it.
    """
    if len(said) < 2:
        return list(said)
    first = said[0]
    reason = _REASON.search(answer, first.end, end)
    stop = reason.start() if reason else end
    but = _BUT.search(answer, first.end, stop)
    if but and ((conceding and _CONCEDING.match(but[0])) or not _HEDGE.search(answer, but.end(), stop)):
        stop = but.start()
    return [one for one in said if one.start < stop]


def _find_joined(answer: str, one: Mention, mentions: Sequence[Mention]) -> list[int]:
    """Those that share a predicate with this one: A and B are correct."""
    found = []
    at = mentions.index(one)
    while at > 0 and re.fullmatch(
        r"[\"')」]?\s?(?:,|、|and|or|と|か|/|または|もしくは|あるいは|ないし)\s?(?:(?:and|or) )?(?:option |choice "
        r"|選択肢)?[\"'(「]?",
        answer[mentions[at - 1].end : mentions[at].start],
    ):
        at -= 1
        if not mentions[at].denied:
            found.append(mentions[at].index)
    return [] if one.index in found else found


def _read_leading(answer: str, mentions: Sequence[Mention], labels: Labels) -> frozenset[int] | None:
    """A label that the answer begins with, before its reasons."""
    lead = _LEAD.match(answer)
    start = lead.end() if lead else 0
    small = re.match(r"[\"'(\[]?([a-z])(?:[).\]]+(?:\s|$)|\s*$)", answer)
    if small and labels.letters:
        return frozenset({labels.letters.get(small[1].upper(), FOREIGN)})
    number = re.match(r"[\s\"'「(\[]*(\d{1,2})(?:[)\"'」.。:\]]*\s*(?:$|\n)|[).:、]\s*(?=[^\W\d]))", answer)
    if number and labels.numbers:
        named = {one.index for one in mentions[:1] if one.start <= number.end() + 2}
        return frozenset({labels.numbers.get(int(number[1]), FOREIGN), *named})
    if not mentions or mentions[0].start > start or not (mentions[0].bare or answer[: mentions[0].end].isascii()):
        return None
    first = mentions[0]
    if len({one.index for one in mentions if not one.denied and _begins_line(answer, one)}) > 1:
        return None
    own = first.end if first.stop is None else first.stop
    if first.denied or not _LEAD_END.match(answer, own) or own - first.start > 12:
        return None
    if _LEAD_ALONE.match(answer, own):
        return frozenset({first.index})
    stop = re.search(r"\n|[。!?]|(?<![A-Z])\.(?=\s|$)", answer[first.end :])
    end = first.end + (stop.start() if stop else len(answer))
    said = _until_reasons(answer, end, [one for one in mentions if one.start < end and not one.denied])
    return frozenset(one.index for one in said)


def _begins_line(answer: str, one: Mention) -> bool:
    """A. Paris on a line of its own: of several such lines none leads."""
    stop = one.end if one.stop is None else one.stop
    before = answer[: one.start].rstrip(" (*-")
    return (not before or before[-1] == "\n") and answer[stop : stop + 1] in (".", ")", ":")


def _read_concluded(answer: str, mentions: Sequence[Mention], labels: Labels) -> frozenset[int] | None:
    """By the last sentence that concludes (so, probably, よって), or a bare Bです."""
    spots: list[tuple[int, frozenset[int]]] = []
    for cue in list(_WEAK_CUE.finditer(answer))[-30:]:
        chosen = _behind(answer, cue.end(), mentions, labels, weak=True)
        if chosen is not None:
            spots.append((cue.end(), chosen))
            if cue.start() == 0 and len(chosen) == 1:
                return chosen
    for one in mentions[-200:]:
        if not one.denied and one.index != FOREIGN and _COPULA.match(answer, one.end):
            spots.append((one.end, frozenset({one.index, *_find_joined(answer, one, mentions)})))
    return max(spots, key=lambda spot: spot[0])[1] if spots else None


def _only(answer: str, mentions: Sequence[Mention], labels: Labels) -> frozenset[int] | None:
    """The only choice that is named and not denied."""
    denied = {one.index for one in mentions if one.denied}
    said = [one for one in mentions if one.index != FOREIGN and one.index not in denied]
    if any(_POSSIBLE.match(answer, one.end) for one in said):
        return frozenset({FOREIGN})
    return frozenset(one.index for one in said) or None


def _by_number(answer: str, texts: Sequence[str]) -> int | None:
    """Among choices that are all numbers the one that equals the number stated, however it is written."""
    values = [read_quantity(text) if re.search(r"\d|[一二三四五六七八九十百千]", text) else None for text in texts]
    got = read_quantity(answer)
    if got is None or any(value is None or value.number is None for value in values):
        return None
    zero = Fraction(0)
    same = [
        i for i, value in enumerate(values) if value is not None and is_same(got, value, absolute=zero, relative=zero)
    ]
    return same[0] if len(same) == 1 else None
