"""The tests of a promptfoo config: defaults, files, scenarios and every combination of variables, in its own order."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from evalkit.core.errors import DataError, Location, Problem
from evalkit.core.exchange import Json
from evalkit.foreign.js import js_value
from evalkit.foreign.nouns import as_list, as_object
from evalkit.foreign.promptfoo_asserts import ANOTHER_MEANING, KINDS, NOT_CARRIED, split_commas
from evalkit.foreign.sheets import read_sheet

_CODE = (".js", ".ts", ".mjs", ".cjs", ".py", ".rb", ".go")
_MEDIA = (".pdf", ".png", ".jpg", ".jpeg", ".gif", ".webp", ".mp3", ".wav", ".mp4")
_THRESHOLD_OF_CSV = 0.75
_TYPES = "|".join(sorted(map(re.escape, (*KINDS, *NOT_CARRIED)), key=len, reverse=True))
_EXPECTED = re.compile(rf"(not-)?({_TYPES})(?:\((\d+(?:\.\d+)?)\))?(?::([\s\S]*))?")
_WITH_THRESHOLD = ("cost", "latency", "levenshtein", "rouge-n", "similar", "starts-with", "perplexity", "classifier")


@dataclass(slots=True, kw_only=True)
class PromptfooTest:
    """One test with one combination of its variables."""

    number: int
    """promptfoo's own number of it (testIdx), of its first repeat"""
    vars: dict[str, Json]
    asserts: list[Json]
    threshold: Json = None
    description: str = ""
    metadata: dict[str, Json] = field(default_factory=dict)
    prefix: str = ""
    suffix: str = ""


def read_yaml_file(path: Path) -> Json:
    """Read a YAML or JSON file as JSON; DataError where it is none."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        return js_value(YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8-sig")))
    except (OSError, UnicodeDecodeError) as error:
        what = f"cannot be read: {getattr(error, 'strerror', None) or error}"
        raise DataError(Problem(what=what, where=Location(file=str(path)))) from None
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = Location(file=str(path), line=mark.line + 1 if mark else None)
        raise DataError(Problem(what=f"not YAML: {getattr(error, 'problem', error)}", where=where)) from None


def read_tests(config: Mapping[str, Json], folder: Path, left_out: list[str], *, repeat: int) -> list[PromptfooTest]:
    """Return every test with every combination of its variables.

    What is not read is added to `left_out`. Tests have the numbers that promptfoo gives them. DataError where a file of
    tests cannot be read.
    """
    default = config.get("defaultTest")
    if isinstance(default, str):
        default = read_yaml_file(folder / default.removeprefix("file://"))
    default = as_object(default)
    tests: list[PromptfooTest] = []
    number = 0
    for raw in _raw_tests(config, folder, left_out):
        merged = _merge(default, raw)
        options = as_object(merged.get("options"))
        times = options.get("repeat") if isinstance(options.get("repeat"), int) else repeat
        _name_code(merged, options, left_out, number)
        combinations = [*_combinations(as_object(merged.get("vars")), folder, left_out, number, options)]
        for values in combinations:
            tests.append(_one_test(merged, options, values, number))
            number += 1
        number += len(combinations) * (max(1, int(str(times))) - 1)
    return tests


def _one_test(
    merged: Mapping[str, Json], options: Mapping[str, Json], values: dict[str, Json], n: int
) -> PromptfooTest:
    return PromptfooTest(
        number=n,
        vars=values,
        asserts=as_list(merged.get("assert")),
        threshold=merged.get("threshold"),
        description=str(merged.get("description") or ""),
        metadata=as_object(merged.get("metadata")),
        prefix=str(options.get("prefix") or ""),
        suffix=str(options.get("suffix") or ""),
    )


def _raw_tests(config: Mapping[str, Json], folder: Path, left_out: list[str]) -> Iterator[dict[str, Json]]:
    tests, scenarios = config.get("tests"), _as_entries(config.get("scenarios"))
    if not tests and not scenarios:
        yield {}
    for one in _as_entries(tests):
        yield from _tests_of(one, folder, left_out)
    for scenario in scenarios:
        if isinstance(scenario, str):
            scenario = read_yaml_file(folder / scenario.removeprefix("file://"))
        for part in _as_entries(scenario):
            yield from _of_scenario(as_object(part), folder, left_out)


def _of_scenario(scenario: Mapping[str, Json], folder: Path, left_out: list[str]) -> Iterator[dict[str, Json]]:
    """A scenario: every test of it with every set of its data."""
    tests = [test for one in _as_entries(scenario.get("tests")) for test in _tests_of(one, folder, left_out)] or [{}]
    data = [one for raw in _as_entries(scenario.get("config")) for one in _tests_of(raw, folder, left_out)]
    for given, test in itertools.product(data, tests):
        both = {**given, **test}
        for key in ("vars", "options", "metadata"):
            both[key] = {**as_object(given.get(key)), **as_object(test.get(key))}
        both["assert"] = [*as_list(given.get("assert")), *as_list(test.get("assert"))]
        yield both


def _as_entries(value: Json) -> list[Json]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _tests_of(one: Json, folder: Path, left_out: list[str]) -> Iterator[dict[str, Json]]:
    """The tests that an entry stands for: itself, or those of a file."""
    if isinstance(one, dict):
        if isinstance(one.get("path"), str) and not set(one) - {"path", "config"}:
            one = one["path"]
        else:
            yield one
            return
    if not isinstance(one, str) or "://" in one.removeprefix("file://"):
        left_out.append(f"tests: {str(one)[:60]} is not read")
        return
    name = one.removeprefix("file://")
    if any(ending in name for ending in _CODE):
        left_out.append(f"tests: {name} is code that makes tests: write them out (promptfoo export) first")
        return
    paths = sorted(folder.glob(name)) if any(mark in name for mark in "*?[") else [folder / name]
    for path in paths:
        yield from _tests_of_file(path)


def _tests_of_file(path: Path) -> Iterator[dict[str, Json]]:
    if path.suffix in (".yaml", ".yml", ".json"):
        yield from (as_object(one) for one in _as_entries(read_yaml_file(path)))
        return
    if not path.exists():
        raise DataError(Problem(what=f"there is no file of tests {path}"))
    for number, row in enumerate(read_sheet(path).rows, start=1):
        if path.suffix == ".jsonl":
            yield _nest(row)
        else:
            yield {"description": f"Row #{number}", **_of_cells(row)}


def _nest(row: Mapping[str, Json]) -> dict[str, Json]:
    """An object that the sheet has flattened (`vars.question`), as it was."""
    out: dict[str, Any] = {}
    for name, value in row.items():
        *above, last = name.split(".")
        inner = out
        for key in above:
            inner = inner.setdefault(key, {})
        inner[last] = value
    return out


def _of_cells(row: Mapping[str, Json]) -> dict[str, Json]:
    """A test out of a row of a table: columns `__expected`, `__description`, ...; the others are variables."""
    test: dict[str, Json] = {"vars": {}, "assert": [], "options": {}, "metadata": {}}
    metric = row.get("__metric")
    for name, cell in row.items():
        text = "" if cell is None else str(cell)
        if name.startswith("__expected"):
            if text.strip():
                test["assert"].append({**of_expected(text.strip()), **({"metric": metric} if metric else {})})
        elif name in ("__prefix", "__suffix"):
            test["options"][name[2:]] = text
        elif name == "__description":
            test["description"] = text
        elif name == "__threshold":
            test["threshold"] = _number(text)
        elif name.startswith("__metadata:"):
            test["metadata"][name.partition(":")[2].removesuffix("[]")] = text
        elif name.startswith("__config:") and _number(text) is not None:
            _, which, key = (*name.split(":"), "", "")[:3]
            index = int(which.removeprefix("__expected") or 1) - 1
            if key == "threshold" and 0 <= index < len(test["assert"]):
                test["assert"][index]["threshold"] = _number(text)
        elif not name.startswith("__"):
            test["vars"][name] = text
    return test


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def of_expected(text: str) -> dict[str, Json]:
    """Return the assert that a cell stands for: `contains:x`, `not-regex:y`, or the text itself.

    >>> of_expected("contains-any:a,b"), of_expected("Paris")
    ({'type': 'contains-any', 'value': ['a', 'b']}, {'type': 'equals', 'value': 'Paris'})
    """
    for prefix, kind in (("javascript:", "javascript"), ("fn:", "javascript"), ("eval:", "javascript"),
                         ("grade:", "llm-rubric"), ("llm-rubric:", "llm-rubric"), ("python:", "python")):  # fmt: skip
        if text.startswith(prefix):
            return {"type": kind, "value": text.removeprefix(prefix)}
    match = _EXPECTED.fullmatch(text)
    if match is None:
        return {"type": "equals", "value": text}
    kind, value = match[2], match[4]
    told: dict[str, Json] = {"type": f"{match[1] or ''}{kind}"}
    if kind.endswith(("-any", "-all")):
        return {**told, "value": list(split_commas(value or ""))}
    if kind in ANOTHER_MEANING or kind == "is-json":
        return told if value is None else {**told, "value": value}
    if value is not None:
        told["value"] = value.strip()
    if kind in _WITH_THRESHOLD:
        told["threshold"] = float(match[3]) if match[3] else _THRESHOLD_OF_CSV
    return told


def _merge(default: Mapping[str, Json], test: Mapping[str, Json]) -> dict[str, Json]:
    both: dict[str, Json] = {**test}
    for key in ("vars", "options", "metadata"):
        both[key] = {**as_object(default.get(key)), **as_object(test.get(key))}
    skips = as_object(both["options"]).get("disableDefaultAsserts") is True
    own = as_list(test.get("assert"))
    both["assert"] = own if skips else [*as_list(default.get("assert")), *own]
    for key in ("threshold", "assertScoringFunction", "providers", "prompts"):
        both[key] = test.get(key, default.get(key))
    return both


def _name_code(merged: Mapping[str, Json], options: Mapping[str, Json], left_out: list[str], number: int) -> None:
    for key in ("transform", "transformVars", "postprocess"):
        if options.get(key):
            left_out.append(f"{key} ({str(options[key])[:60]}): it is code; answers are checked as they are")
    if merged.get("assertScoringFunction"):
        left_out.append("assertScoringFunction: it is code; the weights of the checks count")
    for key in ("providers", "prompts"):
        if merged.get(key):
            left_out.append(f"{key} of test {number}: every arm is asked every test")


def _combinations(
    given: Mapping[str, Json], folder: Path, left_out: list[str], number: int, options: Mapping[str, Json]
) -> Iterator[dict[str, Json]]:
    """Every combination of values, where a variable is a list of texts or names several files."""
    each: list[list[Json]] = []
    for name, value in given.items():
        values: Sequence[Json] = [value]
        if isinstance(value, str) and value.startswith("file://"):
            values = [_of_file(path, name, left_out, number) for path in _files(value[7:], folder, number)]
        elif isinstance(value, list) and value and isinstance(value[0], str) and not options.get("disableVarExpansion"):
            values = value
        each.append([one.removesuffix("\n") if isinstance(one, str) else one for one in values])
    for combination in itertools.product(*each):
        yield dict(zip(given, combination, strict=True))


def _files(name: str, folder: Path, number: int) -> list[Path]:
    paths = sorted(folder.glob(name)) if any(mark in name for mark in "*?[") else [folder / name]
    gone = [path for path in paths if not path.is_file()]
    if gone or not paths:
        raise DataError(Problem(what=f"test {number}: there is no file {folder / name}"))
    return paths


def _of_file(path: Path, name: str, left_out: list[str], number: int) -> Json:
    if path.suffix in (*_CODE, *_MEDIA):
        left_out.append(f"test {number}: the variable {name} is made by {path.name}, which is not read")
        return f"file://{path.name}"
    if path.suffix in (".yaml", ".yml"):
        import json

        return json.dumps(read_yaml_file(path), ensure_ascii=False, separators=(",", ":"))
    try:
        return path.read_text(encoding="utf-8-sig").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(Problem(what=f"{path} cannot be read: {error}")) from None
