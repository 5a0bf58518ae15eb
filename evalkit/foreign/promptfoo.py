"""promptfoo: a file of results holds an arm for every provider and prompt; pass/fail and named scores come along."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from evalkit.core.errors import DataError, Location, Problem, UsageError
from evalkit.core.exchange import Failure, Json, Message, Usage
from evalkit.core.fingerprint import canonical
from evalkit.core.json_lines import json_lines
from evalkit.core.rows import parse
from evalkit.foreign.js import js_value
from evalkit.foreign.nouns import ForeignArm, ForeignResults, ForeignRow, ScoreScale, Wishes, as_list, as_object
from evalkit.foreign.promptfoo_asserts import NOT_CARRIED
from evalkit.foreign.sheets import read_json
from evalkit.foreign.survey import survey_scores
from evalkit.foreign.texts import bare, head_bytes, raw_bytes

PASSED = "pass"
_HEAD = 1 << 20
"""Bytes by which a file is known"""
_VERSIONS = (2, 3)
_RATE = ScoreScale(low=0.0, high=1.0, yes_no=True, why="passed or not, higher is better")
_SHARE = ScoreScale(low=0.0, high=1.0, why="0 to 1 as promptfoo weighs it, higher is better")


class Promptfoo:
    """What `promptfoo eval -o results.json` writes."""

    def fits(self, path: Path) -> bool:
        """Tell whether the file has promptfoo's own keys, or is its CSV."""
        if not (path.is_file() and bare(path).endswith((".json", ".jsonl", ".yaml", ".yml", ".csv"))):
            return False
        raw = head_bytes(path, _HEAD)
        if bare(path).endswith(".csv"):
            return b",Status,Score,Named Scores," in raw.partition(b"\n")[0]
        if bare(path).endswith((".yaml", ".yml")):
            return raw.startswith(b"evalId:") and b"\nresults:" in raw[:2000]
        return (b'"evalId"' in raw[:2000] and b'"results"' in raw) or (
            b'"promptIdx"' in raw and b'"gradingResult"' in raw
        )

    def read(self, path: Path, wishes: Wishes, arms: Sequence[str] = ()) -> Sequence[ForeignResults]:
        """Read one data set, the tests, with one arm per provider.

        Per provider and prompt, where there are several prompts.
        """
        value = _read_results(path)
        outer = value.get("results")
        results = outer.get("results") if isinstance(outer, dict) else outer
        if not isinstance(results, list) or not results:
            raise DataError(Problem(what="no results of promptfoo in this file", where=Location(file=str(path))))
        results = sorted((one for one in results if isinstance(one, dict)), key=_number)
        config = as_object(value.get("config"))
        prompts = list(dict.fromkeys(_template(one) for one in results))
        found = ForeignResults(
            tool="promptfoo",
            source=str(config.get("description") or path.name.partition(".")[0]),
            arms=[],
            scales={PASSED: _RATE, "score": _SHARE},
            asked_alike=len(prompts) < 2,
        )
        by_arm: dict[str, list[ForeignRow]] = {}
        kinds: dict[str, int] = {}
        cases: dict[str, str] = {}
        for one in results:
            row = _row(one, cases, alike=found.asked_alike)
            by_arm.setdefault(_arm(one, prompts), []).append(row)
            for name, parts in _components(one):
                kinds[name] = kinds.get(name, 0) + parts
        found.arms = [ForeignArm(name=name, rows=rows) for name, rows in by_arm.items()]
        _note_scales(found)
        if not found.asked_alike:
            found.carried.append("the prompts differ between arms: cases pair by their variables")
            found.carried += [f"prompt {number}: {text[:80]}" for number, text in enumerate(prompts, start=1)]
        counts = ", ".join(f"{kind} ({many:,})" for kind, many in sorted(kinds.items()))
        found.carried.append(f"verdicts of promptfoo's own asserts: {counts}")
        todo = "import promptfooconfig.yaml beside the results to run them again"
        found.left_out.append(f"the asserts themselves, of which the verdicts are read: {todo}")
        found.carried += _version_notes(path, value)
        return [found]


def _read_results(path: Path) -> Mapping[str, Json]:
    """The file as an object with `results`; UsageError for the CSV, which does not say what belongs to which case."""
    name = bare(path)
    if name.endswith(".csv"):
        what = f"{path.name} is promptfoo's CSV, a table for people with several providers side by side"
        raise UsageError(Problem(what=what, todo="write the results as JSON: promptfoo eval -o results.json"))
    if name.endswith(".jsonl"):
        problems: list[Problem] = []
        results = [value for _, value in json_lines(path, problems)]
        if problems:
            raise DataError(problems[:5])
        return {"results": results}
    if name.endswith((".yaml", ".yml")):
        from ruamel.yaml import YAML

        return as_object(js_value(YAML(typ="safe").load(raw_bytes(path).decode("utf-8-sig"))))
    value = read_json(path)
    return value if isinstance(value, dict) else {"results": value}


def _version_notes(path: Path, value: Mapping[str, Json]) -> list[str]:
    made = as_object(value.get("metadata")).get("promptfooVersion")
    version = as_object(value.get("results")).get("version")
    notes = [f"promptfoo {made}"] if made else []
    if version is not None and version not in _VERSIONS:
        notes.append(f"{path.name}: results of version {version}, newer than those known here")
    return notes


def _number(one: Mapping[str, Json]) -> tuple[int, ...]:
    """promptfoo's own numbers: results stand in the order in which calls came back."""
    numbers = (one.get("promptIdx"), one.get("testIdx"))
    return tuple(number if isinstance(number, int) else 0 for number in numbers)


def _template(one: Mapping[str, Json]) -> str:
    """The prompt before its variables were put in: rows of one template are one arm."""
    prompt = one.get("prompt")
    label = prompt.get("label") if isinstance(prompt, dict) else prompt
    return str(label or one.get("promptId") or "")


def _arm(one: Mapping[str, Json], prompts: Sequence[str]) -> str:
    provider = one.get("provider")
    name = (provider.get("label") or provider.get("id")) if isinstance(provider, dict) else provider
    if len(prompts) < 2:
        return str(name)
    return f"{name}|prompt {prompts.index(_template(one)) + 1}"


def _row(one: Mapping[str, Json], cases: dict[str, str], *, alike: bool) -> ForeignRow:
    """A result as a row. The same test asked again (`--repeat`) is the case that it was, under another test number."""
    case = as_object(one.get("testCase"))
    given = as_object(one.get("vars"))
    variables = {str(key): value for key, value in given.items() if not str(key).startswith("_")}
    prompt = as_object(one.get("prompt"))
    response = as_object(one.get("response"))
    failed = _failure(one, response)
    index = one.get("testIdx")
    asked = str(prompt.get("raw")) if alike and prompt.get("raw") is not None else _variables(variables)
    grading = as_object(one.get("gradingResult"))
    named = as_object(one.get("namedScores"))
    scores = {PASSED: bool(grading.get("pass", one.get("success"))), "score": one.get("score"), **named}
    scores |= _scores_of_asserts(grading, named)
    scores |= dict.fromkeys(_names_without_verdict(grading, named))
    latency = one.get("latencyMs")
    output = response.get("output")
    case_key = canonical([case.get("description"), variables, case.get("assert")])
    ident = cases.setdefault(case_key, str(index) if index is not None else case_key)
    return ForeignRow(
        id=ident,
        repeat=index if isinstance(index, int) else 0,
        where=f"test {index}",
        input=asked,
        raw_prompt=str(prompt["raw"]) if prompt.get("raw") is not None else None,
        text=None if failed else output if isinstance(output, str) else canonical(output),
        tags={
            key: str(value) for key, value in as_object(case.get("metadata")).items() if isinstance(value, (str, int))
        },
        scores={} if failed else scores,
        failure=failed,
        usage=_usage(response.get("tokenUsage")),
        finish=str(response["finishReason"]) if response.get("finishReason") else None,
        latency_s=latency / 1000 if isinstance(latency, (int, float)) and latency >= 0 else None,
    )


def turns_of(prompt: str) -> tuple[Message, ...]:
    """Return the turns of a prompt.

    Those of a list of messages in JSON, else one turn of the user.
    """
    try:
        value = parse(prompt) if prompt.lstrip().startswith("[") else None
    except (ValueError, RecursionError):
        value = None
    turns = [one for one in as_list(value) if isinstance(one, dict) and isinstance(one.get("role"), str)]
    if turns and len(turns) == len(as_list(value)) and all(isinstance(one.get("content"), str) for one in turns):
        return tuple(Message(role=str(one["role"]), content=str(one["content"])) for one in turns)
    return (Message(role="user", content=prompt),)


def _failure(one: Mapping[str, Json], response: Mapping[str, Json]) -> Failure | None:
    """A call that failed: promptfoo keeps the words of failed asserts under `error` as well, beside an output."""
    if one.get("failureReason") == 2 or response.get("error") or (response.get("output") is None and one.get("error")):
        message = response.get("error") or one.get("error") or "no output"
        return Failure(kind="other", message=str(message)[:500])
    return None


def _variables(variables: Mapping[str, Json]) -> str:
    if len(variables) == 1:
        (value,) = variables.values()
        return value if isinstance(value, str) else canonical(value)
    return canonical(variables)


def _components(one: Mapping[str, Json]) -> Iterator[tuple[str, int]]:
    for part in _parts(as_object(one.get("gradingResult"))):
        yield str(as_object(part.get("assertion")).get("type") or "unknown"), 1


def _scores_of_asserts(grading: Mapping[str, Json], named: Mapping[str, Json]) -> dict[str, Json]:
    """The scores of asserts that evalkit cannot judge again (judges, code, tokens of promptfoo's own), by their type.

    One with a metric is a named score already; several of one type are numbered. A judge that broke gave no score.
    """
    scores: dict[str, Json] = {}
    for part in _parts(grading):
        assertion = as_object(part.get("assertion"))
        kind, metric = str(assertion.get("type")), assertion.get("metric")
        if kind.removeprefix("not-") not in NOT_CARRIED or metric in named:
            continue
        name, number = str(metric or kind), 1
        free = name
        while free in scores or free in named:
            number += 1
            free = f"{name} {number}"
        broken = as_object(part.get("metadata")).get("graderError")
        value = part.get("score")
        scores[free] = None if broken else value if isinstance(value, (int, float)) else part.get("pass")
    return scores


def _names_without_verdict(grading: Mapping[str, Json], named: Mapping[str, Json]) -> Iterator[str]:
    """What promptfoo counts as 0 because a judge broke: it says nothing of the answer.

    Whether a test passed is known where another of its asserts failed.
    """
    parts = [*_parts(grading)]
    broken = [part for part in parts if as_object(part.get("metadata")).get("graderError")]
    if broken:
        yield "score"
        if not any(part.get("pass") is False and part not in broken for part in parts):
            yield PASSED
    for part in broken:
        metric = as_object(part.get("assertion")).get("metric")
        if metric in named:
            yield str(metric)


def _parts(grading: Mapping[str, Json]) -> Iterator[Mapping[str, Json]]:
    """The results of single asserts, those of sets too."""
    for part in as_list(grading.get("componentResults")):
        if isinstance(part, dict):
            inner = as_list(part.get("componentResults"))
            yield from _parts(part) if inner else [part]


def _note_scales(found: ForeignResults) -> None:
    """Scores of promptfoo lie between 0 and 1 where none says otherwise."""
    for name, span in survey_scores(row for arm in found.arms for row in arm.rows).items():
        if name not in found.scales and span.least >= 0 and span.most <= 1:
            found.scales[name] = _SHARE
            if name in NOT_CARRIED or name.removeprefix("not-").partition(" ")[0] in NOT_CARRIED:
                found.carried.append(f"the scores that {name} gave, as given scores")


def _usage(usage: Json) -> Usage | None:
    if not isinstance(usage, dict):
        return None
    counts = {"input": usage.get("prompt"), "output": usage.get("completion")}
    return Usage(**{name: count for name, count in counts.items() if isinstance(count, int)})
