"""A text as thoughts and answer.

Marks that are only named (in code, in quotes, in the middle of a sentence) are no thoughts; a closing mark alone ends
a thought that the prompt's template began; an opening mark that nothing closes is a thought that was cut.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass

from evalkit.core.errors import count_of
from evalkit.reading.harmony import HarmonyMessage, harmony_messages, is_harmony, is_stripped, stripped_messages
from evalkit.reading.marks import SPACE, Marks, ProseMask, ThoughtMark, is_placeholder, marks_of

_ROUNDS = 5
"""What is left when thoughts are taken out is looked at again, for marks that only then stand where marks stand"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ThoughtSplit:
    """What a text says, with its thoughts apart.

    `thoughts` in order, without their marks; `open`: the last of them was never closed.

    `taken` says of each what was taken out and why. A text without thoughts is its own answer, untouched.
    """

    answer: str
    thoughts: tuple[str, ...] = ()
    open: bool = False
    taken: tuple[str, ...] = ()

    @property
    def thought(self) -> str | None:
        """All thoughts as one text; None where there is none."""
        return "\n".join(self.thoughts) if self.thoughts else None


def split_thoughts(text: str, *, own: tuple[tuple[str, str], ...] = ()) -> ThoughtSplit:
    """Split a text into its thoughts and its answer.

    `own` are (opening, closing) marks beside the known ones.

    >>> split_thoughts("<think>Prime.</think>\\n\\nyes")
    ThoughtSplit(answer='yes', thoughts=('Prime.',), open=False, taken=('6 characters between <think> and </think>',))
    >>> split_thoughts("Put it into <think> tags.").thoughts
    ()
    """
    if not own and not may_think(text):
        bare = _unwrap(text)
        return ThoughtSplit(answer=text) if bare == text else ThoughtSplit(answer=bare, taken=(_ENDS,))
    marks = marks_of(own)
    whole = text
    thoughts: list[str] = []
    taken: list[str] = []
    left_open = False
    for _ in range(_ROUNDS):
        found = _once(text, marks)
        answer = found.answer if found.taken else _unwrap(text)
        if answer == text and not found.taken:
            break
        text = answer
        thoughts += found.thoughts
        taken += found.taken
        left_open |= found.open
    answer = _unwrap(text)
    if answer != whole and not taken:
        taken.append(_ENDS)
    return ThoughtSplit(answer=answer, thoughts=tuple(thoughts), open=left_open, taken=tuple(taken))


_WRAPPED = re.compile(
    r"\A\s*<\|(?:START_RESPONSE|START_TEXT|begin_of_solution)\|>"
    r"|(?:\s*(?:<\|(?:END_RESPONSE|END_TEXT|end_of_solution|im_end|eot_id|eot|endoftext|end_of_text|return|end)\|>|</s>"
    r"|<｜end▁of▁sentence｜>|<turn\|>|<end_of_turn>))+\s*\Z"
)
"""What wraps an answer behind its thoughts, and ends its turn, where a server left special tokens in the text"""
_ENDS = "tokens that wrap an answer or end its turn"


def _unwrap(text: str) -> str:
    """The text without the tokens that wrap an answer; those that a sentence names stay."""
    begins = text.lstrip().startswith("<|")
    if not begins and not text.rstrip().endswith((">",)):
        return text
    prose = ProseMask(text)
    found = [
        one for one in _WRAPPED.finditer(text)
        if one.start() == 0 or not ("<s>" in text or prose.names(ThoughtMark(_sign(text, one), one.end(), "", False)))
    ]  # fmt: skip
    for one in reversed(found):
        text = text[: one.start()] + text[one.end() :]
    return text.strip() if found else text


def _sign(text: str, found: re.Match[str]) -> int:
    return text.index("<", found.start())


_HINTS = (
    "hink",
    "HINK",
    "hought",
    "eason",
    "eflection",
    "<unused9",
    "◁",
    "<|channel",
    "<|message|>",
    "THOUGHT",
    "REASON",
)


def may_think(text: str) -> bool:
    """Tell whether a text holds a part of any known mark.

    The fast way past all others.
    """
    if text.startswith(("analysis", "assistantanalysis")):
        return True
    if "<" not in text and "[" not in text and "◁" not in text:
        return False
    return any(hint in text for hint in _HINTS)


def _once(text: str, marks: Marks) -> ThoughtSplit:
    if is_harmony(text):
        return _from_messages(text, harmony_messages(text), "harmony's")
    if is_stripped(text):
        return _from_messages(text, stripped_messages(text), "harmony's (its tokens were dropped)")
    return _Walk(text, marks).split()


def _from_messages(text: str, messages: list[HarmonyMessage], whose: str) -> ThoughtSplit:
    """The analysis is thought; what stands in the final channel, or names a recipient, is the answer."""
    thoughts: list[str] = []
    taken: list[str] = []
    answer: list[str] = []
    for message in messages:
        if message.recipient and message.role == "assistant":
            answer.append(message.raw)
        elif message.role != "assistant":
            taken.append(f"{_size(message.body)} that {whose} header gives to another role ({message.role[:20]})")
        elif message.channel == "analysis":
            thoughts.append(message.body.strip())
            taken.append(f"{_size(message.body)} in {whose} channel analysis")
        else:
            answer.append(message.body.strip())
    last = messages[-1] if messages else None
    unended = last is not None and last.channel == "analysis" and not last.closed and not last.recipient
    joined = "\n".join(part for part in answer if part)
    if joined != text and not taken:
        taken.append(f"{whose} headers")
    return ThoughtSplit(
        answer=joined,
        thoughts=tuple(thought for thought in thoughts if thought),
        open=unended,
        taken=tuple(taken) if joined != text else (),
    )


class _Walk:
    """One walk over the marks of a text."""

    def __init__(self, text: str, marks: Marks) -> None:
        self.text = text
        self.prose = ProseMask(text)
        self.marks = list(marks.of(text))
        self.closing: dict[str, list[int]] = {}
        for place, mark in enumerate(self.marks):
            if not mark.opens:
                self.closing.setdefault(mark.family, []).append(place)
        self.kept: list[str] = []
        self.thoughts: list[str] = []
        self.taken: list[str] = []
        self.open = False
        self.since = 0

    def split(self) -> ThoughtSplit:
        place = 0
        while place < len(self.marks):
            mark = self.marks[place]
            place = self._open(mark, place) if mark.opens else self._close(mark, place)
        if not self.taken:
            return ThoughtSplit(answer=self.text)
        self.kept.append(self.text[self.since :])
        return ThoughtSplit(
            answer=_join(self.kept), thoughts=tuple(self.thoughts), open=self.open, taken=tuple(self.taken)
        )

    def _open(self, mark: ThoughtMark, place: int) -> int:
        """Take the thought that a mark opens; where the mark is only named, leave it. Returns the next mark's place."""
        partners = self.closing.get(mark.family, [])
        at = bisect_left(partners, place)
        if at == len(partners) and (other := self._find_other_close(mark, place)) is not None:
            partners, at = [other], 0
        partner = self.marks[partners[at]] if at < len(partners) else None
        if not self._is_real(mark, partner):
            one_line = partner is not None and "\n" not in self.text[mark.end : min(partner.start, mark.end + 2_000)]
            named = one_line and partner is not None and partner.start - mark.end <= 2_000
            return partners[at] + 1 if named and not self._ends_thought(partner) else place + 1
        shown = self.text[mark.start : mark.end]
        if partner is None:
            self.open = True
            self._take(mark.start, mark.end, len(self.text), len(self.text), f"behind {shown}, which nothing closes")
            return len(self.marks)
        self._take(
            mark.start, mark.end, partner.start, partner.end,
            f"between {shown} and {self.text[partner.start : partner.end]}",
        )  # fmt: skip
        return partners[at] + 1

    def _find_other_close(self, mark: ThoughtMark, place: int) -> int | None:
        """The place of the next mark where that is the closing tag of another name: `<think>…</thinking>`."""
        if mark.is_token or place + 1 >= len(self.marks):
            return None
        following = self.marks[place + 1]
        return None if following.opens or following.is_token or self.prose.names(following) else place + 1

    def _ends_thought(self, partner: ThoughtMark | None) -> bool:
        """Whether a closing mark behind one that is only named ends a thought all the same: it ends its line."""
        return partner is not None and self.prose.ends_line(partner) and not self.prose.names(partner)

    def _is_real(self, mark: ThoughtMark, partner: ThoughtMark | None) -> bool:
        prose = self.prose
        if prose.begins_line(mark, self.since):
            spoken = prose.words_behind(mark) and (partner is None or not self._stands_apart(mark, partner))
            return not spoken and not prose.in_code(mark.start)
        if prose.names(mark):
            return False
        if partner is None:
            return prose.follows_sentence(mark)
        if not self._is_one_line(mark, partner):
            return mark.is_token or prose.follows_sentence(mark) or not prose.names(partner)
        inside = self.text[mark.end : min(partner.start, mark.end + 200)]
        told = mark.is_token or prose.follows_sentence(mark) or prose.ends_line(partner)
        return told and not is_placeholder(inside)

    def _stands_apart(self, mark: ThoughtMark, partner: ThoughtMark) -> bool:
        """Whether a pair takes lines of its own: no sentence goes on behind it, or it holds several."""
        return self.prose.ends_line(partner) or not self._is_one_line(mark, partner)

    def _is_one_line(self, mark: ThoughtMark, partner: ThoughtMark) -> bool:
        return self.text.find("\n", mark.end, partner.start) < 0

    def _close(self, mark: ThoughtMark, place: int) -> int:
        """A closing mark that nothing opened ends the thought that began with the text, or behind the last one."""
        alone = self.prose.begins_line(mark, self.since) or self.prose.ends_line(mark)
        if self.prose.in_code(mark.start) if alone else self.prose.names(mark) or self.prose.goes_on(mark):
            return place + 1
        shown = self.text[mark.start : mark.end]
        self._take(self.since, self.since, mark.start, mark.end, f"before {shown}, which the prompt opened")
        return place + 1

    def _take(self, start: int, inner: int, inner_end: int, end: int, where: str) -> None:
        self.kept.append(self.text[self.since : start])
        thought = self.text[inner:inner_end].strip()
        if thought:
            self.thoughts.append(thought)
        self.taken.append(f"{_size(thought)} {where}")
        self.since = end


def _size(text: str) -> str:
    return count_of(len(text), "character")


def _join(parts: list[str]) -> str:
    """What is left, put together line by line, so that two halves never become a new mark."""
    last = len(parts) - 1
    sides = [
        (part.lstrip() if number else part).rstrip() if number < last else part.lstrip()
        for number, part in enumerate(parts)
    ]
    whole = [side for side in sides if side.strip(SPACE)]
    return "\n".join(whole)
