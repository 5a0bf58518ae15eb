"""Marks between which models think, and whether a mark in a text is one or only named.

A mark is a tag (`<think>` … `</think>`) or a special token that a server left in the text. `Family` joins what opens
with what closes; everything is looked at in one walk, so that a text of marks alone costs linear time.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

_TAGS = (
    r"think(?:ing)?(?:_process|_fast|_faster)?|thoughts?(?:_process)?|reason(?:ing)?(?:_process)?|chain_of_thoughts?"
    r"|antthinking|reflection"
)
_BEFORE = r"(?:[a-z]{1,16}:|(?:longcat|inner|internal|deep|model)_)?"
_PAIRS = (
    (r"\[THINK\]", r"\[/THINK\]"),
    (r"<\|START_THINKING\|>", r"<\|END_THINKING\|>"),
    (
        r"<\|(?:begin_of_thought|thinking_start|start_thinking)\|>",
        r"<\|(?:end_of_thought|thinking_end|end_thinking)\|>",
    ),
    (r"<[｜|]begin[▁_ ]of[▁_ ]thinking[｜|]>", r"<[｜|]end[▁_ ]of[▁_ ]thinking[｜|]>"),
    (r"◁think▷", r"◁/think▷"),
    (r"<\|channel>(?:thought|thinking|analysis)\b", r"<channel\|>"),
    (r"<unused94>(?:thought\b)?", r"<unused95>"),
)
"""(what opens, what closes) beside tags: Magistral, Command-A, OpenThinker, DeepSeek, Kimi-VL, Gemma 4, MedGemma"""

_REACH = 48
"""Characters around a mark that are looked at to tell whether it is only named"""
_NAMING_BEFORE = re.compile(
    r"""(?:\b(?:the|an?|with|in|within|inside|between|using|use|of|tags?|marks?|tokens?|closing|opening|and|or|by|called
    |named|writes?|emits?|like|as|via|is|are)[ \t]|["'“”‘’「『（(`=][ \t]?)\Z""",
    re.VERBOSE | re.IGNORECASE,
)
_WORDS_BEHIND = re.compile(
    r"""[ \t]?(?:(?:tags?|tokens?|marks?|markers?|blocks?|elements?|sections?|and|or|is[ ]an?|is[ ]the"
    r"|is[ ]used|means|stands[ ]for)\b
    |タグ|トークン|ブロック|要素|記号|マーク|と(?=[ <「])|や(?=[ <「])|という|で囲|の(?:中|間|後|タグ)
    |を(?:使|書|用|付|閉)|は(?:、|思考|推論|タグ|記号|マーク|開始|何))""",
    re.VERBOSE | re.IGNORECASE,
)
_SIGNS_BEHIND = re.compile(r"""[ \t]?["'“”‘’「」『』（）()`]|[.,;:!?](?:\s|\Z)""")
_SENTENCE_END = re.compile(r"[.!?。！？…．」』)\]*>][ \t]*\Z")
_GOES_ON = re.compile(r" [a-z]{2,}|[がはをにで](?![すし])")
_PLACEHOLDER = re.compile(r"[\s.…·*_-]*\Z")
SPACE = " \t\r\v\f\u3000\u00a0\ufeff\u200b\u2060"
"""What stands before a mark and is nothing: byte order marks and zero-width spaces, too"""
_FENCE = re.compile(r"^[ \t]*(?:```|~~~)", re.MULTILINE)
_INLINE = re.compile(r"`[^`\n]{1,500}`")


@dataclass(frozen=True, slots=True)
class ThoughtMark:
    """One mark in a text. `family` joins an opening mark with what closes it."""

    start: int
    end: int
    family: str
    opens: bool

    @property
    def is_token(self) -> bool:
        """Whether it is a special token or a suite's own mark.

        And so no tag: words seldom speak of those.
        """
        return self.family.isdigit()


@dataclass(frozen=True, slots=True)
class Marks:
    """All kinds of marks a reader knows: the known ones, and a suite's own."""

    begins: re.Pattern[str]
    """The signs a mark begins with: the rest is looked at there alone"""
    pattern: re.Pattern[str]

    def of(self, text: str) -> Iterator[ThoughtMark]:
        """Return every mark of a text, in order."""
        end = 0
        for sign in self.begins.finditer(text):
            found = self.pattern.match(text, sign.start()) if sign.start() >= end else None
            if found is None:
                continue
            end = found.end()
            name = str(found.lastgroup)
            if name == "tag":
                opens = found[0][1] != "/" and found[0][2] != "/"
                yield ThoughtMark(found.start(), found.end(), _plain(found[0]), opens)
            else:
                yield ThoughtMark(found.start(), found.end(), name[1:], name[0] == "o")


@lru_cache(maxsize=64)
def marks_of(own: tuple[tuple[str, str], ...] = ()) -> Marks:
    """Return the known marks and those that a suite names as (opening, closing)."""
    tag = rf"(?P<tag></?\|?/?{_BEFORE}(?:{_TAGS})(?:\s[^<>\n]{{0,80}})?\|?>)"
    parts = [tag]
    parts += [
        f"(?P<{side}{number}>{mark})"
        for number, pair in enumerate([*_PAIRS, *((re.escape(o), re.escape(c)) for o, c in own)])
        for side, mark in zip("oc", pair, strict=True)
    ]
    signs = {mark[0] for pair in own for mark in pair}
    begins = "".join(re.escape(form) for sign in ("<", "[", "◁", *signs) for form in {sign.lower()[0], sign.upper()[0]})
    return Marks(re.compile(f"[{begins}]"), re.compile("|".join(parts), re.IGNORECASE))


def find_open_mark(text: str) -> str:
    """Return the opening mark with which a prompt ends; "" for none.

    Templates of Qwen3 and DeepSeek begin the answer so.

    >>> find_open_mark("<|im_start|>assistant\\n<think>\\n"), find_open_mark("<think>\\n\\n</think>\\n\\n")
    ('<think>', '')
    """
    tail = text.rstrip()[-_REACH:]
    found = list(marks_of().of(tail))
    return tail[found[-1].start :] if found and found[-1].opens and found[-1].end == len(tail) else ""


def _plain(tag: str) -> str:
    """The name of a tag without its marks, so that `<Think>` is closed by `</think>`."""
    return tag.strip("<>/|").lower().split()[0]


class ProseMask:
    """Where a text only talks about marks.

    In code, in quotes, in the middle of a sentence.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._code: list[tuple[int, int]] | None = None

    def names(self, mark: ThoughtMark) -> bool:
        """Tell whether words around a mark name it, or code holds it."""
        text = self._text
        before = text[max(0, mark.start - _REACH) : mark.start]
        return bool(
            _NAMING_BEFORE.search(before)
            or self.words_behind(mark)
            or _SIGNS_BEHIND.match(text, mark.end, mark.end + _REACH)
            or self.in_code(mark.start)
        )

    def words_behind(self, mark: ThoughtMark) -> bool:
        """Tell whether the words behind a mark speak of it: `<think> tags`, `<think>タグ`."""
        return bool(_WORDS_BEHIND.match(self._text, mark.end, mark.end + _REACH))

    def begins_line(self, mark: ThoughtMark, since: int) -> bool:
        """Tell whether nothing but space stands before a mark on its line.

        Or behind what was taken out (`since`).
        """
        before = self._text[max(since, mark.start - _REACH) : mark.start]
        return not before.rpartition("\n")[2].strip(SPACE)

    def follows_sentence(self, mark: ThoughtMark) -> bool:
        """Tell whether the words before a mark on its line are a whole sentence."""
        return bool(_SENTENCE_END.search(self._text, max(0, mark.start - _REACH), mark.start))

    def goes_on(self, mark: ThoughtMark) -> bool:
        """Tell whether a sentence that has begun before a mark goes on behind it."""
        return not self.follows_sentence(mark) and bool(_GOES_ON.match(self._text, mark.end))

    def ends_line(self, mark: ThoughtMark) -> bool:
        """Tell whether nothing stands behind a mark on its line."""
        behind = self._text[mark.end : mark.end + _REACH]
        return not behind.partition("\n")[0].strip()

    def in_code(self, place: int) -> bool:
        """Tell whether a place lies in code.

        In a closed code block, or between backticks.
        """
        if self._code is None:
            self._code = _code_spans(self._text) if "`" in self._text or "~~~" in self._text else []
        at = bisect_right(self._code, (place, len(self._text))) - 1
        return at >= 0 and self._code[at][0] <= place < self._code[at][1]


def is_placeholder(inside: str) -> bool:
    """Tell whether what stands between two marks is nothing, or dots for "something"."""
    return len(inside) <= _REACH and bool(_PLACEHOLDER.match(inside))


def _code_spans(text: str) -> list[tuple[int, int]]:
    """Closed fences, and backticks outside them; disjoint and in order."""
    fences = [found.start() for found in _FENCE.finditer(text)]
    blocks = list(zip(fences[::2], fences[1::2], strict=False))
    spans: list[tuple[int, int]] = []
    at = 0
    for start, end in [*blocks, (len(text), len(text))]:
        spans += [found.span() for found in _INLINE.finditer(text, at, start)]
        if start < end:
            spans.append((start, end))
        at = max(at, end + 3)
    return spans
