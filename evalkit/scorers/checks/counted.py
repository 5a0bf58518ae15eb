"""Checks that count: edits to a text, words between spaces; and how the answer ended."""

from __future__ import annotations

from rapidfuzz.distance import Levenshtein

from evalkit.core.exchange import Json
from evalkit.scorers.checks.by_scorer import Options
from evalkit.scorers.checks.nouns import BadCheck, CheckedAnswer, CheckResult, Judge
from evalkit.scorers.outcome import answer_text


def build_edits(value: Json, options: Options) -> Judge:
    """Make a check that passes where few letters must change.

    `at_most` so many are inserted, removed or replaced to make the answer the text (Levenshtein's distance).
    """
    most = options.get("at_most")
    if not isinstance(value, str) or set(options) != {"at_most"} or isinstance(most, bool):
        raise BadCheck("edits is a text, with `at_most`, a number from 0 up")
    if not isinstance(most, (int, float)) or most < 0:
        raise BadCheck("edits is a text, with `at_most`, a number from 0 up")

    def judge(answer: CheckedAnswer) -> CheckResult:
        got = Levenshtein.distance(answer_text(answer.response), value)
        return CheckResult(got <= most, "" if got <= most else f"{got} edits")

    return judge


def build_spaced_words(value: Json, options: Options) -> Judge:
    """Make a check of how many words stand between spaces.

    The value is a number, or {min, max}; a text without spaces is one word, in Japanese too.
    """
    ends = value if isinstance(value, dict) else {"min": value, "max": value}
    if options or not ends or set(ends) - {"min", "max"} or not all(_is_number(end) for end in ends.values()):
        raise BadCheck("spaced_words is a number or {min: ..., max: ...}, and takes no options")
    low, high = ends.get("min", 0), ends.get("max", float("inf"))
    if low > high:
        raise BadCheck(f"spaced_words: min {low} is above max {high}")

    def judge(answer: CheckedAnswer) -> CheckResult:
        got = len(answer_text(answer.response).split())
        return CheckResult(low <= got <= high, "" if low <= got <= high else f"{got} words between spaces")

    return judge


def build_finish(value: Json, options: Options) -> Judge:
    """Make a check of how the server says that the answer ended.

    `stop`, `length`, `tool_calls`, ...; an answer of which that is not known does not pass.
    """
    if not isinstance(value, str) or not value or options:
        raise BadCheck("finish is a text such as stop, length or tool_calls, and takes no options")

    def judge(answer: CheckedAnswer) -> CheckResult:
        got = answer.response.finish
        passed = got is not None and got.lower() == value.lower()
        return CheckResult(passed, "" if passed else f"it ended with {got}" if got else "it is not known how it ended")

    return judge


def _is_number(value: Json) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
