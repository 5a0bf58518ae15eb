"""Whether words are rude or gentle, whatever the register of their sentences."""

from __future__ import annotations

import re
from typing import Literal

from evalkit.text.normalize import nfkc

Manner = Literal["rude", "gentle"]

_RUDE = re.compile(
    r"いい加減に(?:し|せ)|ふざけ(?:る|ない|ん)|うるさい(?!音)|黙(?:れ|って(?:ろ|ください))|馬鹿|バカ"
    r"|ばか(?:じゃ|だ|な|に|も)|アホ|あほ(?:か|だ|な)|死ね(?!ば)|くたばれ"
    r"|てめ[えぇ]|お前|おまえ|貴様|きさま|知るか|知ったこと(?:では|じゃ)|自業自得|勝手にし(?:ろ|て)"
    r"|しつこい(?:です|よ|な|$|。)|邪魔(?:だ|です|しない)|消えろ|失せろ|何度言(?:え|わせ)"
    r"|常識(?:で|に)(?:考え|わか)|普通(?:で|に)(?:考え|わか)|甘え(?:ないで|るな|んな)"
    r"|あなたの(?:せい|責任|ミス)(?:です|でしょ|だ)|そちらの(?:せい|責任|ミス)(?:です|でしょ|だ)"
    r"|お客様の(?:せい|責任|ミス)(?:です|でしょ|だ)|クレーマー|文句(?:を|ばかり|があ|言)"
    r"|ゴミ(?:です|だ|みたい|め)|クズ|最低(?:です|だ|な人)|頭が?悪|使えない(?:人|奴|やつ|です(?:ね|よ))"
    r"|くだらない|どうでもいい|帰れ|迷惑(?:です|なんで|だ)|話にな(?:ら|りません)|理解できないんですか"
)
_RUDE_EN = re.compile(
    r"\b(?:shut up|stupid|idiots?|dumb|moron|get lost|go away|deal with it|not my (?:problem|fault)|who cares"
    r"|your own (?:fault|problem)"
    r"|what(?:'s| is) wrong with you|are you (?:blind|deaf|stupid)|how many times|waste of (?:my )?time"
    r"|ridiculous|pathetic|loser)\b",
    re.IGNORECASE,
)
_GENTLE = re.compile(
    r"ゆっくりで?(?:いい|大丈夫|いきましょ)|少しずつで?(?:いい|大丈夫|いきましょ)"
    r"|いい(?:です)?からね|大丈夫(?:です)?からね|平気(?:です)?からね|心配ない(?:です)?からね"
    r"|無理(?:し(?:ない|なく)|せず)|焦らな(?:いで|くて)|一緒に(?:やっ|考え|頑張|がんば|見て)[^。]{0,8}(?:ね"
    r"|よう|しょう)"
    r"|お(?:じい|ばあ|)(?:ちゃん|さん)、|だけ(?:だよ|ですよ|でいい)|よく(?:頑張|がんば|でき)(?:った|り"
    r"|まし)|えらい(?:ね|よ)|安心して(?:ね|くださいね)|お大事に|そうだよね|つらかった|大変(?:でした"
    r"|だった)(?:ね|よね)"
)
_GENTLE_EN = re.compile(
    r"\b(?:take your time|no (?:rush|hurry)|don't worry|it's (?:ok|okay|all right|alright)"
    r"|you're doing (?:great|well|fine)|i'm here for you"
    r"|step by step together|that's (?:ok|okay|perfectly fine)|be kind to yourself|well done)\b",
    re.IGNORECASE,
)
_LATIN = re.compile("[A-Za-z]")
LONGEST = 20_000
"""Characters that are looked at"""


def find_manner(text: str) -> Manner | None:
    """Find the manner of a text: rude, gentle or None.

    Rude where it holds rude words, gentle where it holds kind ones and none of those, else None.

    >>> find_manner("いい加減にしてください。"), find_manner("ゆっくりでいいからね。"), find_manner("明日届きます。")
    ('rude', 'gentle', None)
    """
    return tell_manner(nfkc(text[:LONGEST]))


def tell_manner(plain: str) -> Manner | None:
    """Tell the manner of a text after NFKC, as `find_manner` does."""
    plain = plain.replace("’", "'")
    latin = _LATIN.search(plain) is not None
    if _RUDE.search(plain) or (latin and _RUDE_EN.search(plain)):
        return "rude"
    return "gentle" if _GENTLE.search(plain) or (latin and _GENTLE_EN.search(plain)) else None
