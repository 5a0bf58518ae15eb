"""`-k EXPR`: choose examples the way pytest chooses tests."""

from __future__ import annotations

import re
from collections.abc import Callable, Set

from evalkit.core.errors import Problem, UsageError
from evalkit.core.exchange import Example

_TOKEN = re.compile(r"\s*(?:(?P<paren>[()])|(?P<word>[^\s()]+))")

DEEPEST = 100
"""Parentheses and nots of one expression, so that reading it never runs out of stack"""


def keyword(expression: str, *, suite: str) -> Callable[[Example], bool]:
    """Build a test of examples from words.

    Words match (case-blind substrings) the suite's name, the id, or ``tag=value``.

    >>> from evalkit.core.exchange import Example
    >>> hit = keyword("refund and not (casual or hard)", suite="support")
    >>> hit(Example(id="1", messages=(), tags={"intent": "refund", "register": "polite"}))
    True
    >>> hit(Example(id="2", messages=(), tags={"intent": "refund", "register": "casual"}))
    False
    """
    tokens = _tokens(expression)
    test, rest = _either(tokens, expression)
    if rest:
        raise _bad(expression, f"unexpected {rest[0]!r}")

    def is_chosen(example: Example) -> bool:
        return test({suite.lower(), example.id.lower(), *(f"{k}={v}".lower() for k, v in example.tags.items())})

    return is_chosen


Test = Callable[[Set[str]], bool]


def _tokens(expression: str) -> list[str]:
    found = [match["paren"] or match["word"] for match in _TOKEN.finditer(expression)]
    if not found:
        raise _bad(expression, "it is empty")
    if found.count("(") + found.count("not") > DEEPEST:
        raise _bad(expression[:60] + "...", f"more than {DEEPEST} parentheses and nots")
    return found


def _either(tokens: list[str], expression: str) -> tuple[Test, list[str]]:
    test, tokens = _both(tokens, expression)
    tests = [test]
    while tokens and tokens[0] == "or":
        test, tokens = _both(tokens[1:], expression)
        tests.append(test)
    return (lambda words: any(test(words) for test in tests)), tokens


def _both(tokens: list[str], expression: str) -> tuple[Test, list[str]]:
    test, tokens = _one(tokens, expression)
    tests = [test]
    while tokens and tokens[0] == "and":
        test, tokens = _one(tokens[1:], expression)
        tests.append(test)
    return (lambda words: all(test(words) for test in tests)), tokens


def _one(tokens: list[str], expression: str) -> tuple[Test, list[str]]:
    if not tokens or tokens[0] in ("and", "or", ")"):
        raise _bad(expression, "a word is missing")
    head, rest = tokens[0], tokens[1:]
    if head == "not":
        inner, rest = _one(rest, expression)
        return (lambda words: not inner(words)), rest
    if head == "(":
        inner, rest = _either(rest, expression)
        if not rest or rest[0] != ")":
            raise _bad(expression, "a ) is missing")
        return inner, rest[1:]
    word = head.lower()
    return (lambda words: any(word in candidate for candidate in words)), rest


def _bad(expression: str, why: str) -> UsageError:
    return UsageError(Problem(what=f"-k {expression!r}: {why}", allowed="words joined by and, or, not and parentheses"))
