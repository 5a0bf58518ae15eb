"""What leaves evalkit for a reader's screen: nothing hidden in a text may act there, or change how it is read.

Answers of models, names in data and messages of servers are other people's text. In a page, a terminal or a comment,
control characters move the cursor, directional marks reorder a line (CVE-2021-42574), zero-width signs hide words, and
a line of a log may be a command to the CI runner that prints it.
"""

from __future__ import annotations

import re

_CONTROL = "\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufff9-\ufffb"
_DIRECTION = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_HIDDEN = (
    "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u2060-\u2065\u206a-\u206f\u2800\u3164\ufeff\uffa0"
    "\ufff0-\ufff8\ufffe\uffff\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e00ff\U000e01f0-\U000e0fff"
)
_HAN = "\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
_EMOJI = "#*0-9\u00a9\u00ae\u203c-\u3299\U0001f000-\U0001faff"
_JOINING = "\u0600-\u06ff\u0750-\u077f\u08a0-\u08ff\u0900-\u0dff\u1000-\u109f\u1780-\u17b3\u17b6-\u17ff"

UNSEEN = (
    f"[{_CONTROL}{_DIRECTION}{_HIDDEN}]"
    f"|(?<![{_HAN}])[\U000e0100-\U000e01ef]"
    f"|(?<![{_HAN}{_EMOJI}])[\ufe00-\ufe0f]"
    f"|(?<![{_JOINING}{_EMOJI}\ufe0f])\u200d"
    f"|(?<![{_JOINING}])\u200c"
)
"""A pattern, for Python and for the page's own script: what is marked. Variants of kanji, joined emoji and the joiners
of scripts that are written with them stay; tabs and ends of lines do, too."""

_PATTERN = re.compile(UNSEEN)
_SURROGATE = re.compile("[\ud800-\udfff]")
_COMMAND = re.compile(r"^([^\S\n]*):(?=:)", re.MULTILINE)
_OLD_COMMAND = re.compile(r"##(?=\[|[A-Za-z]+\[)")


def make_visible(text: str) -> str:
    """Write every hidden or acting character as its number.

    Tabs and line ends stay (a carriage return in front of one goes); half a surrogate pair, which no file can hold, is
    U+FFFD.

    >>> make_visible("pay \\u202e001\\u202c yen\\x1b[2J"), make_visible("👨\\u200d👩 葛\\U000e0100飾区")
    ('pay ⟨U+202E⟩001⟨U+202C⟩ yen⟨U+001B⟩[2J', '👨\\u200d👩 葛\\U000e0100飾区')
    """
    if text.isascii() and text.isprintable():
        return text
    whole = _SURROGATE.sub("\ufffd", text.replace("\r\n", "\n"))
    return _PATTERN.sub(lambda mark: f"⟨U+{ord(mark[0]):04X}⟩", whole)


def break_log_commands(text: str) -> str:
    """Break what a CI runner would take for a command in its log.

    GitHub's and Azure's `::name::` at the start of a line and `##[name]`, `##vso[`, `##teamcity[` anywhere.

    >>> break_log_commands("::set-output name=x::1\\n ##vso[task.complete]")
    ': :set-output name=x::1\\n ## vso[task.complete]'
    """
    return _OLD_COMMAND.sub("## ", _COMMAND.sub(r"\1: ", text))


def for_terminal(text: str) -> str:
    """Make a text safe to print, also in the log of a CI runner.

    >>> for_terminal("bad id '\\x1b]0;owned\\x07'")
    "bad id '⟨U+001B⟩]0;owned⟨U+0007⟩'"
    """
    return break_log_commands(make_visible(text))


def cut_to(text: str, longest: int) -> str:
    """Cut a text to so many characters.

    The last of them is an ellipsis where something is gone.

    >>> cut_to("あいうえお", 3)
    'あい…'
    """
    return text if len(text) <= longest else text[: max(0, longest - 1)] + "…"
