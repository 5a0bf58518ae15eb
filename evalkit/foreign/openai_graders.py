"""OpenAI's evals and graders as suites: graders become scorers, judges' verdicts given scores; runs bring the items."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from evalkit.core.errors import DataError, Location, Problem, UsageError
from evalkit.core.exchange import Json
from evalkit.core.json_lines import json_lines
from evalkit.foreign.carry import metric_of
from evalkit.foreign.js import js_text, template_renderer
from evalkit.foreign.nouns import ForeignSuite, Wishes, as_list, as_object
from evalkit.foreign.openai_evals import OpenAIEvals, read_items, target_of, turns_of_items
from evalkit.foreign.sheets import read_json
from evalkit.foreign.texts import bare

KINDS = ("string_check", "text_similarity", "label_model", "score_model", "python", "multi", "endpoint")
_MARGIN = 0.02
_OUTPUT = re.compile(r"\s*\{\{\s*sample\.output_text\s*\}\}\s*")
_OUTPUT_JSON = re.compile(r"\s*\{\{\s*sample\.output_json\.([\w.\[\]]+)\s*\}\}\s*")
_ITEM = re.compile(r"(\{[{%][^}%]*?)\bitem\b")
_ASKED = ("input", "question", "prompt", "query", "text", "ticket_text", "instruction")
Spec = dict[str, Json]


class NoScorer(Exception):
    """A grader that cannot be said as a scorer; its text is the reason."""


class OpenAIGraders:
    """An eval as the API gives it, or one grader, in JSON."""

    def fits(self, path: Path) -> bool:
        """Tell whether the file is JSON with testing criteria or a grader."""
        if not (path.is_file() and bare(path).endswith(".json")):
            return False
        head = path.read_bytes()[:200_000]
        if b'"datasource_item"' in head or b'"eval.run' in head:
            return False
        grader = any(b'"type"' in head and f'"{kind}"'.encode() in head for kind in KINDS)
        own = any(f'"{key}"'.encode() in head for key in ("calculate_output", "evaluation_metric", "passing_labels"))
        own = own or (b'"operation"' in head and b'"reference"' in head)
        return b'"testing_criteria"' in head or (grader and own)

    def read_suites(self, path: Path, beside: Sequence[Path] = ()) -> Sequence[ForeignSuite]:
        """Read a suite an eval.

        Runs, output items or JSON lines of items beside it are its rows.

        Raises UsageError where no items came along: an eval by itself holds none.
        """
        value = read_json(path)
        evals = [as_object(one) for one in as_list(as_object(value).get("data"))] or [as_object(value)]
        suites = []
        for one in evals:
            graders = [as_object(grader) for grader in as_list(one.get("testing_criteria"))]
            single = as_object(one.get("grader")) or one
            graders = graders or ([single] if single.get("type") in KINDS else [])
            if not graders:
                raise DataError(Problem(what="no grader in this file", where=Location(file=str(path))))
            suites.append(_suite(one, graders, path, beside))
        return suites


def _suite(one: Mapping[str, Json], graders: Sequence[Spec], path: Path, beside: Sequence[Path]) -> ForeignSuite:
    suite = ForeignSuite(
        tool="openai_evals",
        name=str(one.get("name") or path.name.partition(".")[0]),
        rows=[],
        scorers={},
        margins={},
        about=f"Made of OpenAI's eval in {path.name}",
        files=(path,),
    )
    given = _add_rows(suite, str(one.get("id") or ""), beside)
    if not suite.rows:
        what = f"{path.name} holds graders and no items"
        todo = "name them beside it: the output items of its runs, the runs, or JSON lines of items"
        raise UsageError(Problem(what=what, todo=todo))
    for grader in _each(graders, suite.left_out):
        _add_grader(suite, grader, given)
    if not suite.scorers:
        suite.judge_nothing(margin=_MARGIN)
    return suite


def _each(graders: Sequence[Spec], left_out: list[str]) -> Iterator[Spec]:
    """The graders, those of a multi grader one by one."""
    for grader in graders:
        if grader.get("type") != "multi":
            yield grader
            continue
        inner = as_object(grader.get("graders"))
        for name, one in inner.items():
            yield {**as_object(one), "name": as_object(one).get("name") or name}
        formula = grader.get("calculate_output")
        left_out.append(
            f"multi {grader.get('name')}: calculate_output ({formula}) is code; each of its graders is gated"
        )


def _add_grader(suite: ForeignSuite, grader: Spec, given: Mapping[str, bool]) -> None:
    name, kind = str(grader.get("name") or grader.get("type")), str(grader.get("type"))
    metric = metric_of(name)
    try:
        if kind == "string_check":
            suite.scorers[metric] = {"type": "checks", "checks": [_string_check(grader)], "empty": "scored"}
        elif kind == "text_similarity":
            metric = _add_similarity(suite, grader, metric)
        else:
            raise NoScorer(_why_not(grader))
    except NoScorer as reason:
        if name not in given and f"{name} score" not in given:
            suite.left_out.append(f"grader {name} ({kind}): {reason}")
            return
        metric = _add_given(suite, grader, name, given)
        suite.left_out.append(f"grader {name} ({kind}) itself: {reason}; its verdicts are given scores here")
    suite.margins[metric] = suite.margins.get(metric, _MARGIN)
    suite.carried.append(f"grader {name} ({kind}): scorer {metric}")


def _why_not(grader: Spec) -> str:
    kind = str(grader.get("type"))
    if kind in ("label_model", "score_model"):
        return f"a model judges ({grader.get('model')}): bring its scores as `given`"
    if kind in ("python", "endpoint"):
        return "it is code: write it as a scorer of your own, or bring its scores as `given`"
    return "it is not known here"


def _add_given(suite: ForeignSuite, grader: Spec, name: str, given: Mapping[str, bool]) -> str:
    """The score that came along: the number where the grader gives one, else passed or not."""
    score, metric = name, metric_of(name)
    spec: Spec = {"type": "given", "score": name, "yes_no": True}
    if f"{name} score" in given:
        ends = as_list(grader.get("range")) or [0, 1]
        low, high = (one if isinstance(one, (int, float)) else 0 for one in ends[:2])
        score = f"{name} score"
        spec = {"type": "given", "score": score, "low": low, "high": high, "better": "higher"}
        suite.margins[metric] = round(_MARGIN * (high - low), 9)
    suite.scorers[metric] = spec
    return metric


def _string_check(grader: Spec) -> Spec:
    operation = str(grader.get("operation"))
    got, wanted = str(grader.get("input") or ""), str(grader.get("reference") or "")
    if operation in ("eq", "ne") and _OUTPUT.fullmatch(wanted):
        got, wanted = wanted, got
    reference = _over_row(wanted)
    checks: dict[str, Spec] = {
        "eq": {"equals": reference, "normalize": []},
        "ne": {"not_equals": reference, "normalize": []},
        "like": {"contains": reference, "normalize": []},
        "ilike": {"contains": reference, "normalize": ["lowercase"]},
    }
    if operation not in checks:
        raise NoScorer(f"the operation {operation!r} is not known here")
    if _OUTPUT.fullmatch(got):
        return checks[operation]
    inside = _OUTPUT_JSON.fullmatch(got)
    if inside is None:
        raise NoScorer(f"it looks at {got!r}, not at the answer alone")
    if operation == "eq":
        return {"json_path": inside[1], "equals": reference}
    if operation == "ne":
        return {"not": {"json_path": inside[1], "equals": reference}}
    return {"json_path": inside[1], **checks[operation]}


def _over_row(text: str) -> str:
    """The template over an item as one over a row."""
    if "sample." in text or "sample[" in text:
        raise NoScorer("its reference is the answer itself")
    return _ITEM.sub(r"\1extra.item", text)


def _add_similarity(suite: ForeignSuite, grader: Spec, name: str) -> str:
    measure, least = str(grader.get("evaluation_metric")), grader.get("pass_threshold")
    if measure != "fuzzy_match":
        raise NoScorer(f"{measure} is measured by OpenAI's own tokens or model: use a scorer of the suite for it")
    if not _OUTPUT.fullmatch(str(grader.get("input") or "")):
        raise NoScorer(f"it looks at {grader.get('input')!r}, not at the answer alone")
    reference = _over_row(str(grader.get("reference") or ""))
    suite.carried.append(f"grader {name}: fuzzy_match is rapidfuzz's ratio here")
    if isinstance(least, (int, float)) and not isinstance(least, bool) and 0 < least <= 1:
        check: Spec = {"similarity": reference, "at_least": least, "normalize": []}
        suite.scorers[name] = {"type": "checks", "checks": [check], "empty": "scored"}
        return name
    render = template_renderer(strict=True)
    for row in suite.rows:
        try:
            row["target"] = render(reference, {"extra": {"item": row["item"]}})
        except ValueError as error:
            raise NoScorer(f"row {row['id']}: {error}") from None
    suite.scorers[name] = {"type": "fuzzy", "normalize": []}
    return f"{name}.similarity"


def _add_rows(suite: ForeignSuite, eval_id: str, beside: Sequence[Path]) -> dict[str, bool]:
    """The rows and answers out of what came along; returns the names of the scores that answers have."""
    templates: list[Json] = []
    items: dict[str, Spec] = {}
    given: dict[str, bool] = {}
    used: list[Path] = []
    for path in beside:
        values = _values(path)
        if any("datasource_item" in one for one in values):
            outputs = [one for one in values if not eval_id or one.get("eval_id") in (None, eval_id)]
            used += [path] if outputs else []
            _add_outputs(suite, path, outputs, items, given)
        elif any(one.get("object") == "eval.run" for one in values):
            used.append(path)
            for one in values:
                source = as_object(one.get("data_source"))
                templates += as_list(as_object(source.get("input_messages")).get("template"))
                for number, part in enumerate(as_list(as_object(source.get("source")).get("content"))):
                    items.setdefault(str(number), as_object(as_object(part).get("item")))
        elif values and all(isinstance(one.get("item"), dict) for one in values):
            used.append(path)
            for number, one in enumerate(values):
                items.setdefault(str(number), as_object(one["item"]))
    suite.used = tuple(used)
    known = {str(row["id"]) for row in suite.rows}
    if not suite.rows:
        suite.rows += [_row(ident, item, templates) for ident, item in items.items() if ident not in known]
    return given


def _add_outputs(
    suite: ForeignSuite, path: Path, outputs: Sequence[Spec], items: dict[str, Spec], given: dict[str, bool]
) -> None:
    """Output items: what was asked, the item, and each run's answers with the graders' verdicts."""
    known = {str(row["id"]) for row in suite.rows}
    for number, one in enumerate(outputs, start=1):
        ident = str(one.get("datasource_item_id", number))
        if ident in known:
            continue
        known.add(ident)
        item = as_object(one.get("datasource_item"))
        item = as_object(item.get("item")) or item
        turns = [turn.wire() for turn in turns_of_items(as_object(one.get("sample")).get("input"))]
        suite.rows.append({"id": ident, "messages": turns or _ask_item(item), "item": item, **_target(item)})
    (found,) = OpenAIEvals().read(path, Wishes())
    kept = {str(one.get("id")) for one in outputs}
    for arm in found.arms:
        rows = [row for row in arm.rows if row.where in kept or not any("id" in one for one in outputs)]
        suite.answers.setdefault(arm.name, []).extend(rows)
        for row in rows:
            given.update(dict.fromkeys(row.scores, True))


def _values(path: Path) -> list[Spec]:
    """The objects of a JSON or JSON lines file, those of a list the API gave one by one; none of any other file."""
    name = bare(path)
    if not path.is_file() or not name.endswith((".json", ".jsonl")):
        return []
    if name.endswith(".jsonl"):
        problems: list[Problem] = []
        values = [as_object(value) for _, value in json_lines(path, problems)]
        return [] if problems else values
    value = read_json(path)
    if isinstance(value, dict) and value.get("object") == "eval.run":
        return [value]
    return [as_object(one) for one in read_items(path)]


def _row(ident: str, item: Spec, templates: Sequence[Json]) -> Spec:
    render = template_renderer()
    turns: list[Json] = []
    for one in templates:
        turn = as_object(one)
        content = turn.get("content")
        text = content if isinstance(content, str) else js_text(as_object(content).get("text"))
        role = str(turn.get("role") or "user")
        turns.append({"role": "system" if role == "developer" else role, "content": render(text, {"item": item})})
    return {"id": ident, "messages": turns or _ask_item(item), "item": item, **_target(item)}


def _ask_item(item: Spec) -> list[Json]:
    """What an item asks, by the common names of such fields."""
    text = next((item[name] for name in _ASKED if isinstance(item.get(name), str) and item[name]), None)
    if text is None:
        texts = [one for one in item.values() if isinstance(one, str) and one]
        text = texts[0] if texts else js_text(dict(item))
    return [{"role": "user", "content": text}]


def _target(item: Spec) -> Spec:
    target = target_of(item)
    return {} if target is None else {"target": target}
