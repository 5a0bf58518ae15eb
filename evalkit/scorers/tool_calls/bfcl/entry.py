"""One entry of BFCL's files and what a model answered to it: decoder, relevance rules, checker."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from evalkit.core.exchange import Json
from evalkit.scorers.tool_calls.bfcl.check import Accepted, BfclVerdict, Function, Language, check
from evalkit.scorers.tool_calls.bfcl.decode import Decoded, Undecodable, decode_native, decode_text

Output = str | Sequence[Mapping[str, Json]]
"""Text of a prompted model, or native calls: {function: arguments}, raw as the model wrote them or decoded"""


def judge(
    output: Output,
    functions: Sequence[Function],
    answers: Sequence[Mapping[str, Accepted]] = (),
    *,
    category: str,
    underscores: bool = False,
) -> BfclVerdict:
    """Judge one answer as BFCL does, with its first fault's error type.

    `functions` and `answers` are an entry's ``function`` and ``ground_truth`` (none for irrelevance and relevance),
    `category` its category or id: it holds the language and the rules. `underscores`: see `check`.

    >>> square = {"name": "square", "parameters": {"properties": {"n": {"type": "integer"}}, "required": ["n"]}}
    >>> judge("[square(n=3)]", [square], [{"square": {"n": [3]}}], category="simple_python").valid
    True
    >>> judge([{"square": '{"n": 4}'}], [square], [{"square": {"n": [3]}}], category="simple_python").error_type
    'value_error:others'
    >>> judge("The square is 9.", [square], category="irrelevance").valid
    True
    """
    fault = ""
    try:
        calls: Decoded | None = _decode(output, language_of(category))
    except Undecodable as error:
        calls, fault = None, str(error)
    return settle(calls, functions, answers, category=category, underscores=underscores, fault=fault)


def settle(
    calls: Decoded | None,
    functions: Sequence[Function],
    answers: Sequence[Mapping[str, Accepted]],
    *,
    category: str,
    underscores: bool,
    fault: str = "",
) -> BfclVerdict:
    """Judge decoded calls.

    None where they could not be decoded, `fault` says why.
    """
    well_formed = calls is not None and all(len(c) == 1 and type(next(iter(c.values()))) is dict for c in calls)
    if "relevance" in category:
        called = well_formed and bool(calls)
        if "irrelevance" in category:
            return BfclVerdict(False, "irrelevance_error:decoder_success", "called") if called else BfclVerdict(True)
        return BfclVerdict(True) if called else BfclVerdict(False, "relevance_error:decoder_failed", fault)
    if calls is None:
        return BfclVerdict(False, "ast_decoder:decoder_failed", fault)
    if not well_formed:
        return BfclVerdict(False, "ast_decoder:decoder_wrong_output_format", "arguments that are no object")
    language = language_of(category)
    return check(functions, calls, answers, category=category, language=language, underscores=underscores)


def language_of(category: str) -> Language:
    """Return the language of a category's calls; relevance is judged on Python."""
    if "relevance" in category:
        return "python"
    return "javascript" if "javascript" in category else "java" if "java" in category else "python"


def _decode(output: Output, language: Language) -> Decoded:
    if isinstance(output, str):
        return decode_text(output, language)
    if not all(isinstance(call, Mapping) for call in output):
        raise Undecodable("not a list of calls")
    pairs = [(name, given) for call in output for name, given in call.items()]
    if any(isinstance(given, str) for _, given in pairs):
        return decode_native(pairs)
    return [dict(call) for call in output]
