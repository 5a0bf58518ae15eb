"""One spelling before choices are looked for: widths, Markdown, LaTeX, tags, quotes."""

from __future__ import annotations

import re
import unicodedata

_MOST = 40_000
_HEAD, _TAIL = 4_000, 16_000
_INVISIBLE = re.compile("[\u200b-\u200f\u2060\ufeff\ufe0f]")
_STRUCK = re.compile(r"~~[^~\n]{1,300}~~")
_BOXED = re.compile(r"\\(?:boxed|fbox)\s?\{|#{3,6}\s|<(?:final_?)?answer>", re.IGNORECASE)
_TEX = re.compile(r"\\(?:text(?:bf|it|rm)?|math(?:rm|bf|it)|mbox)\s?\{|\\[()\[\]]")
_MARKS = re.compile(r"[*`$]+|(?<!\w)_+(?=\w)|(?<=\w)_+(?!\w)|</?[a-zA-Z]{1,12}>")
_CIRCLED = re.compile("[①-⑳❶-❿➀-➓]")
_QUOTES = str.maketrans({"“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "’": "'", "‘": "'", "〜": "~"})


def clean_answer(text: str) -> str:
    """Return the answer without marks.

    Of very long ones the beginning and the end, so that cost stays linear.

    >>> clean_answer("ANSWER: $\\\\boxed{**Ｂ**}$"), clean_answer("答えは②です")
    ('ANSWER:  answer: B}', '答えは選択肢2 です')
    """
    if len(text) > _MOST:
        text = f"{text[:_HEAD]}\n…\n{text[-_TAIL:]}"
    text = _STRUCK.sub(" ", _INVISIBLE.sub("", text))
    text = _MARKS.sub("", _TEX.sub("", _BOXED.sub(" answer: ", text)))
    text = _CIRCLED.sub(lambda one: f"選択肢{_numeral(one.group())} ", text)
    return unicodedata.normalize("NFKC", text.translate(_QUOTES)).translate(_QUOTES).strip()


def _numeral(mark: str) -> int:
    return int(unicodedata.numeric(mark))
