"""What a check may be called, and how each is judged; `not_NAME` turns any of them around."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction

from evalkit.core.exchange import Json
from evalkit.reading.response import strip_thoughts
from evalkit.scorers.checks.by_scorer import Options, build_check_scorer, judge_by
from evalkit.scorers.checks.calls import build_called, build_not_called
from evalkit.scorers.checks.counted import build_edits, build_finish, build_spaced_words
from evalkit.scorers.checks.nouns import BadCheck, CheckedAnswer, CheckResult, Judge
from evalkit.scorers.given import UNSCORABLE
from evalkit.scorers.json_schema.parse import STAGES, Stage, read_json
from evalkit.scorers.outcome import answer_text
from evalkit.text.normalize import Step, normalize
from evalkit.text.numbers import read_quantity

Build = Callable[[Json, Options], Judge]
_STANCES = ("refuses", "partial", "does_not_know", "answers")
_EDGE: tuple[Step, ...] = ("nfkc", "invisible", "typographic", "casefold", "strip")


def _equals(value: Json, options: Options) -> Judge:
    if isinstance(value, dict) or (isinstance(value, list) and any(isinstance(one, (dict, list)) for one in value)):
        return judge_by("json_schema", {"empty_counts": True, **options}, target=value)
    return judge_by("exact", options, target=value)


def _contains(value: Json, options: Options) -> Judge:
    return judge_by("contains", {"all": _texts(value, "contains"), **options})


def _contains_any(value: Json, options: Options) -> Judge:
    return judge_by("contains", {"any": _texts(value, "contains_any"), **options})


def _not_contains(value: Json, options: Options) -> Judge:
    return judge_by("contains", {"none": _texts(value, "not_contains"), **options})


def _edge(name: str) -> Build:
    def build(value: Json, options: Options) -> Judge:
        texts = _texts(value, name)
        steps: tuple[Step, ...] = tuple(options.get("normalize", _EDGE))
        build_check_scorer("contains", {"all": texts, **options})  # the same options, checked by the same scorer
        wanted = tuple(normalize(text, steps) for text in texts)

        def judge(answer: CheckedAnswer) -> CheckResult:
            text = normalize(answer_text(answer.response), steps)
            passed = text.startswith(wanted) if name == "starts_with" else text.endswith(wanted)
            shown = text[:40] if name == "starts_with" else text[-40:]
            return CheckResult(passed, "" if passed else f"it {name.replace('_', ' ')} {shown!r}")

        return judge

    return build


def _regex(value: Json, options: Options) -> Judge:
    return judge_by("regex", {"pattern": value, **options})


def _json_valid(value: Json, options: Options) -> Judge:
    return _either(value, "json_valid", judge_by("json_schema", {"schema": {}, **options}))


def _schema(value: Json, options: Options) -> Judge:
    if not isinstance(value, dict):
        raise BadCheck("schema is the JSON Schema itself, an object")
    return judge_by("json_schema", {"schema": value, **options})


def _number(value: Json, options: Options) -> Judge:
    if isinstance(value, dict):
        return _number_in_range(value, options)
    names = {"within": "absolute"}
    return judge_by("numeric", {names.get(name, name): item for name, item in options.items()}, target=value)


def _number_in_range(ends: Mapping[str, Json], options: Options) -> Judge:
    if not ends or set(ends) - {"min", "max"} or options:
        raise BadCheck("number is a number (with `within` or `relative`), or {min: ..., max: ...} alone")
    low, high = (_limit(ends.get(end), f"number.{end}") for end in ("min", "max"))

    def judge(answer: CheckedAnswer) -> CheckResult:
        read = read_quantity(answer_text(answer.response), kinds=("number",))
        got = read.number if read is not None else None
        if read is None or got is None:
            return CheckResult(False, "no number could be read from the answer")
        passed = (low is None or got >= low) and (high is None or got <= high)
        return CheckResult(passed, "" if passed else f"got {read.spelled}")

    return judge


def _similarity(value: Json, options: Options) -> Judge:
    names = {"at_least": "threshold"}
    return judge_by("fuzzy", {names.get(name, name): item for name, item in options.items()}, target=value)


def _length(name: str) -> Build:
    end, _, unit = name.partition("_")
    units = {"chars": "characters"}

    def build(value: Json, options: Options) -> Judge:
        return judge_by("length", {"unit": units.get(unit, unit), end: value, **options})

    return build


def _language(value: Json, options: Options) -> Judge:
    return judge_by("language", {"expect": value, **options})


def _refusal(value: Json, options: Options) -> Judge:
    if isinstance(value, bool):
        return judge_by("refusal", {"expect_refusal": value, **options})
    kinds = _texts(value, "refusal")
    if set(kinds) - {*_STANCES}:
        raise BadCheck(f"refusal is true, false, or of {', '.join(_STANCES)}")
    return judge_by(
        "refusal", {"expect_refusal": True, **options}, passes=lambda score: score.evidence["kind"] in kinds
    )


def _build_limit(what: str, how: str) -> Build:
    name = f"{what}_{how}"

    def build(value: Json, options: Options) -> Judge:
        limit = _limit(value, name)
        if limit is None or limit <= 0 or options:
            raise BadCheck(f"{name} is a number above 0 and takes no options")

        def judge(answer: CheckedAnswer) -> CheckResult:
            got = answer.response.latency_s if what == "latency" else answer.cost
            if got is None:
                unknown = "how long the answer took" if what == "latency" else "what the answer cost"
                return CheckResult(None, f"it is not known {unknown}")
            passed = got < limit or (how == "at_most" and Fraction(repr(got)) == limit)
            return CheckResult(passed, "" if passed else f"it is {got:g}")

        return judge

    return build


def _build_given(value: Json, options: Options) -> Judge:
    if not isinstance(value, str) or not options or set(options) - {"at_least", "at_most"}:
        raise BadCheck("given is the name of a score, with `at_least` or `at_most` (or both)")
    low, high = (_limit(options.get(end), end) for end in ("at_least", "at_most"))

    def passes(got: float) -> bool:
        return (low is None or got >= low) and (high is None or got <= high)

    scorer = build_check_scorer("given", {"score": value})

    def judge(answer: CheckedAnswer) -> CheckResult:
        score = scorer.score(answer.example, answer.response)
        if score.value is None:
            return CheckResult(None, score.reason.removeprefix(UNSCORABLE))
        return CheckResult(passes(score.value), "" if passes(score.value) else f"it is {score.value:g}")

    return judge


def make_json_reader(options: Options) -> Callable[[CheckedAnswer], tuple[bool, Json]]:
    """Make a function that reads an answer as JSON.

    It returns whether JSON could be read, and its value; `parse` says how much is forgiven.
    """
    allowed: Stage = options.get("parse", "strict")
    if set(options) - {"parse"} or allowed not in STAGES[:-1]:
        raise BadCheck("parse is strict, extracted or repaired")

    def read(answer: CheckedAnswer) -> tuple[bool, Json]:
        cut = answer.response.ended in ("cut", "filtered") or answer.response.finish == "length"
        parsed = read_json(strip_thoughts(answer.response), cut=cut)
        return parsed.within(allowed), parsed.value

    return read


def turn_around(judge: Judge) -> Judge:
    """Make the check that passes where this one fails.

    What is not known stays so.
    """

    def judge_not(answer: CheckedAnswer) -> CheckResult:
        told = judge(answer)
        if told.passed is None:
            return told
        return CheckResult(not told.passed, "it is so" if told.passed else "")

    return judge_not


def _either(value: Json, name: str, judge: Judge) -> Judge:
    if not isinstance(value, bool):
        raise BadCheck(f"{name} is true or false")
    return judge if value else turn_around(judge)


def _texts(value: Json, name: str) -> list[str]:
    """One text or several, none empty: an empty text is in every answer."""
    found = value if isinstance(value, list) else [value]
    texts = [str(one) if isinstance(one, (int, float)) and not isinstance(one, bool) else one for one in found]
    if not texts or not all(isinstance(one, str) and one for one in texts):
        raise BadCheck(f"{name} is a text or a list of texts, none of them empty")
    return texts


def _limit(value: Json, name: str) -> Fraction | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise BadCheck(f"{name} is a number")
    return Fraction(repr(value))


_LENGTHS = [f"{end}_{unit}" for end in ("max", "min") for unit in ("chars", "words", "sentences", "lines")]
KINDS: Mapping[str, Build] = {
    "equals": _equals,
    "contains": _contains,
    "contains_all": _contains,
    "contains_any": _contains_any,
    "not_contains": _not_contains,
    "starts_with": _edge("starts_with"),
    "ends_with": _edge("ends_with"),
    "regex": _regex,
    "json_valid": _json_valid,
    "schema": _schema,
    "number": _number,
    "similarity": _similarity,
    **{name: _length(name) for name in _LENGTHS},
    "language": _language,
    "refusal": _refusal,
    "tool_called": build_called,
    "tool_not_called": build_not_called,
    "not_tool_called": build_not_called,
    **{f"{what}_{how}": _build_limit(what, how) for what in ("latency", "cost") for how in ("below", "at_most")},
    "edits": build_edits,
    "spaced_words": build_spaced_words,
    "finish": build_finish,
    "given": _build_given,
}
