"""lm-eval's task files as suites: multiple_choice and generate_until over local files."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from evalkit.core.errors import DataError, Location, Problem, UsageError
from evalkit.core.exchange import Json
from evalkit.core.json_lines import json_lines
from evalkit.foreign.carry import metric_of
from evalkit.foreign.js import js_value
from evalkit.foreign.lm_eval import LmEval
from evalkit.foreign.lm_eval_docs import Code, DocReader, read_tagged_yaml
from evalkit.foreign.nouns import ForeignSuite, Wishes, as_list, as_object
from evalkit.foreign.sheets import read_json, read_sheet
from evalkit.foreign.texts import bare

OUTPUT_TYPES = ("multiple_choice", "generate_until")
_MARGIN = 0.02
_TOLD_BY = ("output_type", "doc_to_text", "doc_to_target", "dataset_path")
_KNOWN = {
    "task", "dataset_path", "dataset_name", "dataset_kwargs", "test_split", "validation_split", "training_split",
    "fewshot_split", "output_type", "doc_to_text", "doc_to_target", "doc_to_choice", "generation_kwargs", "filter_list",
    "metric_list", "metadata", "include", "tag", "task_alias", "repeats", "description", "target_delimiter",
    "fewshot_delimiter", "num_fewshot", "process_docs", "process_results", "should_decontaminate",
    "doc_to_decontamination_query", "unsafe_code",
}  # fmt: skip
_STEPS = {"ignore_case": "lowercase", "ignore_punctuation": "punctuation"}
_INSTEAD = "run lm-eval with --log_samples and import its samples: they hold what was asked"


class LmEvalTask:
    """A task's YAML, with the files that it includes."""

    def fits(self, path: Path) -> bool:
        """Tell whether the file is YAML with lm-eval's own keys."""
        if not path.is_file() or path.suffix not in (".yaml", ".yml"):
            return False
        head = path.read_bytes()[:100_000].decode("utf-8", "replace")
        keys = {
            name for name in (*_TOLD_BY, "task", "group", "include") if re.search(rf"^{name}\s*:", head, re.MULTILINE)
        }
        return len(keys & set(_TOLD_BY)) > 1 or (
            "task" in keys and bool(keys & {"include", "group", "dataset_path", "doc_to_text"})
        )

    def read_suites(self, path: Path, beside: Sequence[Path] = ()) -> Sequence[ForeignSuite]:
        """Read one suite; samples that lm-eval logged beside it are its answers.

        Raises UsageError where the task cannot be carried over, with what to do instead.
        """
        task = _with_included(path)
        _refuse(task, path)
        name = str(task["task"])
        suite = ForeignSuite(
            tool="lm_eval",
            name=name,
            rows=[],
            scorers={},
            margins={},
            about=f"Made of lm-eval's {path.name}",
            files=(path,),
        )
        _add_rows(suite, task, path)
        if task["output_type"] == "multiple_choice":
            _add_choice(suite, task)
        else:
            _add_generation(suite, task)
        _tell(suite, task)
        _add_answers(suite, beside, chosen=task["output_type"] == "multiple_choice")
        return [suite]


def _with_included(path: Path, above: tuple[Path, ...] = ()) -> dict[str, Any]:
    task = read_tagged_yaml(path)
    included = task.pop("include", None)
    if included is None:
        return task
    base = path.parent / str(included)
    if base in above or not base.is_file():
        what = f"include: {included} {'includes itself' if base in above else 'is not beside it'}"
        raise UsageError(Problem(what=what, where=Location(file=str(path))))
    return {**_with_included(base, (*above, path)), **task}


def _refuse(task: Mapping[str, Any], path: Path) -> None:
    """UsageError for what is no task of these kinds, or is made by code."""
    if "group" in task or isinstance(task.get("task"), list):
        raise UsageError(Problem(what=f"{path.name} is a group of tasks", todo="name the files of its tasks"))
    if not isinstance(task.get("task"), str):
        raise UsageError(Problem(what=f"{path.name} names no task", where=Location(file=str(path))))
    if task.get("output_type") not in OUTPUT_TYPES:
        what = f"output_type {task.get('output_type')!r} of {task['task']} is not carried over"
        raise UsageError(Problem(what=what, allowed=", ".join(OUTPUT_TYPES), todo=_INSTEAD))
    asked = ("doc_to_text", "doc_to_target", "doc_to_choice", "process_docs")
    code = [name for name in asked if isinstance(task.get(name), Code)]
    if code:
        what = f"{code[0]} of {task['task']} is code ({task[code[0]]})"
        raise UsageError(Problem(what=what, where=Location(file=str(path)), todo=_INSTEAD))
    missing = [name for name in ("doc_to_text", "doc_to_target") if task.get(name) is None]
    missing += (
        ["doc_to_choice"] if task["output_type"] == "multiple_choice" and task.get("doc_to_choice") is None else []
    )
    if missing:
        raise UsageError(Problem(what=f"{task['task']} has no {missing[0]}", where=Location(file=str(path))))


def _docs(task: Mapping[str, Any], path: Path, files: list[Path]) -> list[dict[str, Json]]:
    """The documents of the split that is tested, out of local files."""
    kind, options = str(task.get("dataset_path")), task.get("dataset_kwargs") or {}
    if kind not in ("json", "csv", "text"):
        what = f"dataset_path {kind!r} is no local file: nothing is downloaded"
        todo = "save the split as JSON lines, then dataset_path: json and dataset_kwargs: {data_files: FILE}"
        raise UsageError(Problem(what=what, where=Location(file=str(path)), allowed="json, csv, text", todo=todo))
    given = options.get("data_files")
    split = task.get("test_split") or task.get("validation_split") or task.get("training_split") or "train"
    names = given.get(split) if isinstance(given, dict) else given
    if not names:
        what = f"data_files has no split {split!r}"
        raise UsageError(Problem(what=what, where=Location(file=str(path)), allowed=", ".join(given or ())))
    docs: list[dict[str, Json]] = []
    for name in names if isinstance(names, list) else [names]:
        file = next((one for one in (path.parent / str(name), Path(str(name))) if one.is_file()), None)
        if file is None:
            raise UsageError(Problem(what=f"there is no file {name} beside {path}", where=Location(file=str(path))))
        files.append(file)
        docs += _read_docs(file, kind, options.get("field"))
    return docs


def _read_docs(file: Path, kind: str, field: Any) -> list[dict[str, Json]]:
    if kind == "text":
        return [{"text": line} for line in file.read_text(encoding="utf-8").splitlines()]
    if kind == "csv":
        return [dict(row) for row in read_sheet(file).rows]
    if bare(file).endswith(".json") and (field or read_first_mark(file) == "["):
        value = read_json(file)
        return [as_object(one) for one in as_list(as_object(value).get(str(field)) if field else value)]
    problems: list[Problem] = []
    docs = [as_object(value) for _, value in json_lines(file, problems)]
    if problems:
        raise DataError(problems[:5])
    return docs


def read_first_mark(file: Path) -> str:
    """Read the first mark of a file that is no space."""
    with file.open(encoding="utf-8-sig", errors="replace") as lines:
        return next((line.lstrip()[0] for line in lines if line.strip()), "")


def _add_rows(suite: ForeignSuite, task: Mapping[str, Any], path: Path) -> None:
    files: list[Path] = []
    docs = _docs(task, path, files)
    suite.files = (path, *files)
    reader = DocReader(task)
    problems: list[Problem] = []
    for number, doc in enumerate(docs):
        try:
            row: dict[str, Json] = {"id": str(number), "input": reader.text(doc), **reader.answer(doc)}
        except ValueError as error:
            problems.append(Problem(what=f"document {number}: {error}", where=Location(file=str(files[0]))))
            continue
        suite.rows.append({**row, "doc": js_value(doc)})
    if problems:
        more = [Problem(what=f"and {len(problems) - 5:,} more")] if len(problems) > 5 else []
        raise DataError([*problems[:5], *more])
    suite.carried.append(f"{path.name}: {len(suite.rows):,} documents of {', '.join(file.name for file in files)}")


def _metrics(task: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [one for one in task.get("metric_list") or [] if isinstance(one, dict)]


def _add_choice(suite: ForeignSuite, task: Mapping[str, Any]) -> None:
    suite.scorers["acc"] = {"type": "choice"}
    suite.margins["acc"] = _MARGIN
    suite.carried.append(
        "metric acc: scorer acc (choice); by log-likelihood where a model gives it, else from the answer"
    )
    for metric in _metrics(task):
        name = metric.get("metric")
        if name == "acc_norm":
            suite.carried.append("metric acc_norm: acc.acc_norm, where a model gives log-likelihoods")
        elif name != "acc":
            suite.left_out.append(f"metric {name}: not known here for multiple choice")


def _add_generation(suite: ForeignSuite, task: Mapping[str, Any]) -> None:
    options = task.get("generation_kwargs") or {}
    until = options.get("until")
    stops = until if isinstance(until, list) else [until] if until else []
    sampled = options.get("do_sample") or options.get("temperature")
    suite.generate = {"max_tokens": int(options.get("max_gen_toks") or 256)}
    suite.generate |= {"stop": [str(one) for one in stops]} if stops else {}
    suite.generate |= {"temperature": float(options.get("temperature") or 1.0)} if sampled else {}
    known = {"until", "max_gen_toks", "do_sample", "temperature", "top_p"}
    suite.generate |= {"top_p": float(options["top_p"])} if options.get("top_p") else {}
    suite.left_out += [f"generation_kwargs.{name}: not carried over" for name in options if name not in known]
    if isinstance(task.get("process_results"), Code):
        suite.left_out.append(f"process_results is code ({task['process_results']}): its metrics are not carried over")
    filters = [one for one in task.get("filter_list") or [] if isinstance(one, dict)] or [
        {"name": "none", "filter": []}
    ]
    for metric in _metrics(task) if not isinstance(task.get("process_results"), Code) else ():
        for one in filters:
            _add_metric(suite, metric, one, alone=len(filters) == 1)
    if not suite.scorers:
        suite.judge_nothing(margin=_MARGIN)


def _add_metric(suite: ForeignSuite, metric: Mapping[str, Any], one: Mapping[str, Any], *, alone: bool) -> None:
    name = str(metric.get("metric"))
    label = metric_of(name if alone else f"{name}_{one.get('name')}")
    if name != "exact_match":
        suite.left_out.append(f"metric {name}: use a scorer of the suite for it (evalkit validate names them)")
        return
    odd = [key for key in ("ignore_numbers", "regexes_to_ignore") if metric.get(key)]
    if odd == ["regexes_to_ignore"] and all(_is_number(row["target"]) for row in suite.rows):
        if name not in suite.scorers:
            suite.scorers[name] = {"type": "numeric"}
            suite.margins[name] = _MARGIN
            told = "numbers are compared as numbers, which stands for its filters and regexes_to_ignore"
            suite.carried.append(f"metric {name}: scorer {name} (numeric): {told}")
        return
    spec = _scorer_of(one, [step for key, step in _STEPS.items() if metric.get(key)])
    if odd or isinstance(spec, str):
        suite.left_out.append(f"metric {label}: {spec if isinstance(spec, str) else f'{odd[0]} is not carried over'}")
        return
    suite.scorers[label] = spec
    suite.margins[label] = _MARGIN
    suite.carried.append(f"metric {label}: scorer {label} ({spec['type']})")


def _is_number(target: Json) -> bool:
    return isinstance(target, str) and re.fullmatch(r"[-+]?\$?[\d,]*\.?\d+", target.strip()) is not None


def _scorer_of(one: Mapping[str, Any], steps: list[str]) -> dict[str, Json] | str:
    """The scorer that stands for a chain of filters; or why there is none, in words."""
    spec: dict[str, Json] = {"type": "exact"}
    for part in one.get("filter") or []:
        kind = part.get("function")
        if kind == "regex" and spec["type"] == "exact":
            found = _regex(part)
            if isinstance(found, str):
                return found
            spec = found
        elif kind in ("lowercase", "remove_whitespace"):
            steps = [*steps, "lowercase" if kind == "lowercase" else "strip"]
        elif kind != "take_first":
            return f"the filter {kind} is not carried over"
    return {**spec, "normalize": list(dict.fromkeys(steps))}


def _regex(part: Mapping[str, Any]) -> dict[str, Json] | str:
    pattern, at = str(part.get("regex_pattern") or r"#### (\-?[0-9\.\,]+)"), part.get("group_select", 0)
    try:
        groups = re.compile(pattern).groups
    except re.error as error:
        return f"the pattern {pattern!r} is none: {error}"
    if groups > 1 or at not in (0, -1):
        return f"the filter regex {pattern!r} takes one of several groups or matches"
    occurrence = "last" if at == -1 else "first"
    return {"type": "regex", "pattern": pattern, "group": groups, "occurrence": occurrence, "leading_space": "kept"}


def _tell(suite: ForeignSuite, task: Mapping[str, Any]) -> None:
    repeats = task.get("repeats")
    suite.repeats = repeats if isinstance(repeats, int) and not isinstance(repeats, bool) and repeats > 0 else 1
    if task.get("num_fewshot") or task.get("fewshot_config"):
        suite.left_out.append("few-shot examples (num_fewshot, fewshot_config): every document is asked alone")
    suite.left_out += [
        f"{name}: not known here, not carried over" for name in task if name not in {*_KNOWN, "fewshot_config"}
    ]
    version = as_object(task.get("metadata")).get("version")
    suite.carried += [f"version {version} of the task"] if version is not None else []


def _add_answers(suite: ForeignSuite, beside: Sequence[Path], *, chosen: bool) -> None:
    """Logged samples; of choices by likelihood no prompt is kept, since the choices are part of ours."""
    used: list[Path] = []
    for path in beside:
        if not LmEval().fits(path):
            continue
        for found in LmEval().read(path, Wishes()):
            if found.source != suite.name:
                continue
            used.append(path)
            for arm in found.arms:
                rows = [replace(row, input=None) for row in arm.rows] if chosen else arm.rows
                suite.answers.setdefault(arm.name, []).extend(rows)
    suite.used = tuple(dict.fromkeys(used))
