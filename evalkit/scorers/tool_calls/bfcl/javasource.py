"""Java expressions as BFCL writes them down: without space, method calls as they stand, creations without bodies."""

from __future__ import annotations

from collections.abc import Sequence

from evalkit.scorers.tool_calls.bfcl.tokens import NoSource, Token, behind, split


def squeeze_source(tokens: Sequence[Token], source: str) -> str:
    """Remove the space between the pieces of Java source.

    Calls of methods stay as they stand; `new T(a, b)` without a body.
    """
    out: list[str] = []
    at = 0
    while at < len(tokens):
        token = tokens[at]
        if token.text == "new" and token.kind == "word":
            written, at = _creation(tokens, at, source)
            out.append(written)
            continue
        end = _method_call(tokens, at)
        if end is not None:
            out.append(source[token.start : tokens[end - 1].end])
            at = end
            continue
        out.append(token.text)
        at += 1
    return "".join(out)


def _method_call(tokens: Sequence[Token], at: int) -> int | None:
    """Where ``a.b(...).c(...)`` that begins here ends behind its last bracket, or None."""
    if tokens[at].kind != "word" or (at and tokens[at - 1].text in (".", "::")):
        return None
    end, last = at + 1, None
    while end < len(tokens):
        if tokens[end].text == "(":
            end = last = behind(tokens, end)
        elif tokens[end].text == "." and end + 1 < len(tokens) and tokens[end + 1].kind == "word":
            end += 2
        else:
            break
    return last


def _creation(tokens: Sequence[Token], at: int, source: str) -> tuple[str, int]:
    """``new`` and what it creates, as BFCL writes it down."""
    begin = end = at + 1
    while end < len(tokens) and tokens[end].text not in ("(", "[", "{"):
        end += 1
    kind = "".join(token.text for token in tokens[begin:end])
    if end == len(tokens) or not kind:
        raise NoSource("new what?")
    if tokens[end].text == "(":
        close = behind(tokens, end)
        inside = [squeeze_source(part, source) for part in split(tokens[end + 1 : close - 1], ",", trailing=False)]
        after = behind(tokens, close) if close < len(tokens) and tokens[close].text == "{" else close
        return f"new {kind}({', '.join(inside)})", after
    while end < len(tokens) and tokens[end].text == "[":
        end = behind(tokens, end)
    if end == len(tokens) or tokens[end].text != "{":
        raise NoSource("an array without its elements")
    close = behind(tokens, end)
    return f"new {kind}[]{squeeze_source(tokens[end:close], source)}", close
