"""Signs of a tone that rules can tell, in Japanese and English."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from evalkit.text.normalize import nfkc
from evalkit.text.patterns import find_tail, marks_at_end
from evalkit.text.sentences import sentences

Sign = Literal[
    "greeting", "apology", "thanks", "hedge", "imperative", "request", "question", "address", "exclamation", "emoji"
]
_MOST = 50_000
_CLOSING = marks_at_end('。．.、,!?…」』)”"♪☆★~〜ー')
_EMOJI = re.compile("[\U0001f300-\U0001faff\u2600-\u27bf\u2b50]|[(（][^()（）\\s]{0,4}[´`^≧;ω∀][^()（）\\s]{0,4}[)）]")
_NE_YO = re.compile(r"(?:よね|ね|よ)[ーえぇ～~〜]*$")
_NO_ORDER = re.compile(r"(?:くだ|下)さ|(?:ませ|ましょう|でしょう|だろう)$")

_JAPANESE: Mapping[Sign, re.Pattern[str]] = {
    "greeting": re.compile(
        r"^(?:こん(?:にち|ばん)[はわ]|おはよ|お早う|やあ|はじめまして|初めまして|お世話に(?:なって|なり)|ご無沙汰|いらっしゃいませ|ようこそ"
        r"|お疲れ(?:さま|様)|もしもし|ごきげんよう|どうも[、。!])|お久しぶり"
    ),
    "apology": re.compile(
        r"申し訳|申しわけ|すみません|すいません|ごめん|失礼(?:いた|致|し(?:まし|ます))|お詫び|おわび|恐れ入り|ご迷惑|ご不便|ご容赦|悪(?:い|かった)(?:ね|な|けど)"
    ),
    "thanks": re.compile(r"ありがと|有難|有り難|感謝|お礼(?:申|を)|恐縮|サンキュー|おおきに"),
    "hedge": re.compile(
        r"かもしれ|かも(?:$|ね|よ|です|な)|と思(?:い|う|われ)|でしょう(?:$|か$|ね)|だろう|おそらく|恐らく|たぶん|多分|ようです|ように(?:見|思)|みたい(?:です|だ|$)"
        r"|可能性が|場合が(?:あり|ござい)|一般的に|と考えられ|らしい(?:です|$)|気が(?:し|する)|場合もあ"
    ),
    "imperative": re.compile(
        r"(?:しろ|せよ|[けせてねめれげべえ]ろ|なさい(?:よ|ね)?|たまえ|[いきしちにみりぎじびひ]な|来い|するな|[うくすつぬむるぐぶ]な)$|しなさい|するな(?:よ|$)|[せけてめれげべえ]よ$(?<!せよ)"
    ),
    "request": re.compile(
        r"(?:くだ|下)さ|ちょうだい|頂戴|お願い|いただけ|頂け|もらえ|くれ(?:る|ない|ます|ません)|てね$|でね$"
    ),
    "question": re.compile(r"か$|の\?$|\?$|かい$|かな$|かしら$"),
    "address": re.compile(
        r"あなた|貴方|お客(?:様|さま|さん)|君(?:は|の|に|を|が|も)|きみ(?:は|の|に)|お前|皆(?:様|さま|さん)|みなさん|みんな|ご主人様|旦那様|お嬢様"
        r"|(?:おじい|おばあ|お父|お母|お兄|お姉)(?:ちゃん|さん|さま)|(?<=[一-鿿ァ-ヺ])(?:さん|様|君|くん|ちゃん)(?=[、はにのもへ。!])"
    ),
}
_ENGLISH: Mapping[Sign, re.Pattern[str]] = {
    "greeting": re.compile(
        r"^\W*(?:hi|hello|hey+|good (?:morning|afternoon|evening)|dear|welcome|greetings|howdy)\b", re.I
    ),
    "apology": re.compile(r"\b(?:sorry|apolog(?:y|ies|i[sz]e)|regret|pardon|my bad|excuse (?:me|us|the))\b", re.I),
    "thanks": re.compile(r"\b(?:thank(?:s| you)|appreciate|grateful|cheers)\b", re.I),
    "hedge": re.compile(
        r"\b(?:maybe|perhaps|possibly|probably|might|could be|may be|i think|i believe|it seems|seems? to|likely"
        r"|generally|typically|in most cases|as far as i know|i guess|not sure)\b",
        re.I,
    ),
    "imperative": re.compile(
        r"^\W*(?:please |kindly |just |then |now |first,? )?(?:do(?:n't| not)?|go|click|open|enter|send|call|check|make"
        r"|take|use|try|visit|contact|let|give|tell|keep|stop|wait|read|write|choose|select|press|follow|see|note|remember|be)\b"
        r"(?! (?:you|i|we|they|he|she|it)\b)",
        re.I,
    ),
    "request": re.compile(r"\b(?:please|kindly|(?:could|would|can|will) you|would you mind)\b", re.I),
    "question": re.compile(r"\?[\"”')]*$"),
    "address": re.compile(
        r"\b(?:you(?:r|rs|'re|'ll|'ve)?|sir|madam|ma'am|folks|guys|dear (?:customer|mr|ms|mrs))\b", re.I
    ),
}
_JA = re.compile("[ぁ-ゖァ-ヺ]")


@dataclass(frozen=True, slots=True)
class ToneReading:
    """What a text shows of its tone: sentences with each sign."""

    sentences: int
    signs: Mapping[Sign, int]
    sentence_length: float
    """Characters of the mean sentence"""
    ne_yo: int
    """Sentences that end with ね, よ or よね"""


def read_tone(text: str) -> ToneReading:
    """Read the signs of a text's tone, sentence by sentence.

    >>> found = read_tone("こんにちは！ 明日届くと思いますよ。").signs
    >>> [sign for sign, count in found.items() if count]
    ['greeting', 'hedge', 'exclamation']
    >>> read_tone("Sorry, please call us tomorrow.").signs["apology"]
    1
    """
    said = sentences(text[:_MOST])
    counts: dict[Sign, int] = dict.fromkeys((*_JAPANESE, "exclamation", "emoji"), 0)
    ends = 0
    for raw in said:
        plain = nfkc(raw).strip()
        bare = plain[: find_tail(plain, _CLOSING)]
        table = _JAPANESE if _JA.search(plain) or not plain.isascii() else _ENGLISH
        for sign, pattern in table.items():
            looked = plain.rstrip("。. ") if sign == "question" else plain if table is _ENGLISH else bare
            if pattern.search(looked) and not (sign == "imperative" and table is _JAPANESE and _NO_ORDER.search(bare)):
                counts[sign] += 1
        counts["exclamation"] += "!" in plain
        counts["emoji"] += _EMOJI.search(raw) is not None
        ends += _NE_YO.search(bare) is not None
    length = sum(len("".join(one.split())) for one in said) / len(said) if said else 0.0
    return ToneReading(len(said), counts, length, ends)
