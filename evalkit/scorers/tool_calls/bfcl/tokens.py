"""Java and JavaScript source as tokens, and what stands between brackets."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_TOKEN = re.compile(
    r"""(?P<space>\s+|//[^\n]*|/\*.*?\*/)
      | (?P<text>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`(?:\\.|[^`\\])*`)
      | (?P<number>\d\w*(?:\.\w*)?(?:(?<=[eE])[+-]\d+)?|\.\d\w*)
      | (?P<word>[^\W\d][\w$]*|\$[\w$]*)
      | (?P<sign>>>>=|===|!==|\*\*=|\.\.\.|<<=|>>=|=>|->|::|==|!=|<=|>=|&&|\|\||\?\?|\?\.|\+\+|--|[-+*/%&|^]=|.)""",
    re.VERBOSE | re.DOTALL,
)
PAIRS = {"(": ")", "[": "]", "{": "}"}


class NoSource(ValueError):
    """The text is no expression of its language."""


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of source: its kind, itself, and where it begins.

    Kinds: text, number, word, sign.
    """

    kind: str
    text: str
    start: int

    @property
    def end(self) -> int:
        """Where the next may begin."""
        return self.start + len(self.text)


def tokens_of(source: str) -> list[Token]:
    """Split a text into tokens, comments and space left out.

    Raises NoSource where brackets or quotes do not close.
    """
    found = [Token(str(m.lastgroup), m[0], m.start()) for m in _TOKEN.finditer(source) if m.lastgroup != "space"]
    open_now: list[str] = []
    for token in found:
        if token.kind != "sign":
            continue
        if token.text in PAIRS:
            open_now.append(PAIRS[token.text])
        elif token.text in ")]}" and (not open_now or open_now.pop() != token.text):
            raise NoSource(f"{token.text} closes nothing")
        elif token.text in "\"'`#@\\":
            raise NoSource(f"{token.text} begins nothing")
    if open_now:
        raise NoSource(f"{open_now[-1]} is missing")
    return found


def split(tokens: Sequence[Token], mark: str, *, trailing: bool) -> list[Sequence[Token]]:
    """Split at marks outside brackets.

    And outside the angle brackets of Java's types.
    """
    parts: list[Sequence[Token]] = []
    depth, begin = 0, 0
    for at, token in enumerate(tokens):
        if token.kind != "sign":
            continue
        depth += (token.text in PAIRS) - (token.text in ")]}")
        depth += _angle(tokens, at)
        if depth == 0 and token.text == mark:
            parts.append(tokens[begin:at])
            begin = at + 1
    rest = tokens[begin:]
    if rest or (parts and not trailing):
        parts.append(rest)
    return parts


def _angle(tokens: Sequence[Token], at: int) -> int:
    """+1 or -1 where < or > is a bracket of `new Type<A, B>`, else 0."""
    if tokens[at].text not in "<>":
        return 0
    back = at
    while back > 0 and (tokens[back].kind == "word" or tokens[back].text in "<>.,?[]") and tokens[back].text != "new":
        back -= 1
    return (tokens[at].text == "<") - (tokens[at].text == ">") if tokens[back].text == "new" else 0


def is_outside(tokens: Sequence[Token], at: int) -> bool:
    """Return whether the token at `at` stands in no bracket."""
    before = [token.text for token in tokens[:at] if token.kind == "sign"]
    return sum(text in PAIRS for text in before) == sum(text in ")]}" for text in before)


def partner(tokens: Sequence[Token]) -> int:
    """Find the index of the bracket that the last token closes."""
    depth = 0
    for at in range(len(tokens) - 1, -1, -1):
        if tokens[at].kind == "sign":
            depth += (tokens[at].text in ")]}") - (tokens[at].text in PAIRS)
            if depth == 0:
                return at
    raise NoSource("a bracket is missing")


def behind(tokens: Sequence[Token], at: int) -> int:
    """Find the index behind the bracket that closes the one at `at`."""
    depth = 0
    for index in range(at, len(tokens)):
        if tokens[index].kind == "sign":
            depth += (tokens[index].text in PAIRS) - (tokens[index].text in ")]}")
            if depth == 0:
                return index + 1
    raise NoSource("a bracket is missing")
