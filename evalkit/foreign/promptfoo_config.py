"""promptfoo's config: a suite a prompt, a row a test with its asserts as checks, a model a provider."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from evalkit.core.errors import Location, Problem, UsageError
from evalkit.core.exchange import Json
from evalkit.core.on_disk import ManyRows
from evalkit.foreign.js import template_renderer
from evalkit.foreign.nouns import ForeignRow, ForeignSuite, Wishes, as_object
from evalkit.foreign.promptfoo import Promptfoo, turns_of
from evalkit.foreign.promptfoo_asserts import ANOTHER_MEANING, Place, checks_of
from evalkit.foreign.promptfoo_providers import read_providers
from evalkit.foreign.promptfoo_tests import PromptfooTest, read_tests, read_yaml_file

_KNOWN = {"prompts", "providers", "targets", "tests", "scenarios", "defaultTest", "description", "evaluateOptions",
          "commandLineOptions", "$schema", "tags", "assertionTemplates"}  # fmt: skip
_OF_RUNNING = {"outputPath", "sharing", "writeLatestResults", "tracing", "env", "metadata"}
_TEXTS = (".txt", ".md", ".json", ".yaml", ".yml", ".jsonl", ".j2")
_CODE = (".js", ".ts", ".mjs", ".cjs", ".py", ".csv", ".exe", ".sh")
MARGIN = 0.02
"""The default: 2 points of a rate"""
Render = Callable[[str, Mapping[str, Json]], str]


class PromptfooConfig:
    """promptfooconfig.yaml (or .json), or any file with its keys."""

    def fits(self, path: Path) -> bool:
        """Tell whether the name or the keys are promptfoo's."""
        if not path.is_file() or path.suffix not in (".yaml", ".yml", ".json", ".js", ".ts", ".mjs"):
            return False
        if path.name.startswith("promptfooconfig."):
            return True
        if path.suffix not in (".yaml", ".yml", ".json"):
            return False
        head = path.read_bytes()[:200_000].decode("utf-8", "replace")
        keys = {key for key in ("prompts", "providers", "targets", "tests", "scenarios") if _has_key(head, key)}
        return "prompts" in keys and len(keys) > 1 and not Promptfoo().fits(path)

    def read_suites(self, path: Path, beside: Sequence[Path] = ()) -> Sequence[ForeignSuite]:
        """Read a suite a prompt; results of promptfoo beside the config are its answers."""
        if path.suffix not in (".yaml", ".yml", ".json"):
            what = f"{path.name} is code, which is not run"
            raise UsageError(Problem(what=what, todo="write it as YAML: promptfoo export, or by hand"))
        config = as_object(read_yaml_file(path))
        config = as_object(_resolve(config, config, ()))
        notes = _config_notes(config)
        options = {**as_object(config.get("commandLineOptions")), **as_object(config.get("evaluateOptions"))}
        repeat = options.get("repeat")
        repeats = repeat if isinstance(repeat, int) and not isinstance(repeat, bool) and repeat > 0 else 1
        left_out: list[str] = []
        tests = read_tests(config, path.parent, left_out, repeat=repeats)
        prompts = _prompts(config, path, left_out)
        models, generate = read_providers(config, left_out)
        used = tuple(one for one in beside if Promptfoo().fits(one))
        suites = []
        for number, prompt in enumerate(prompts):
            name = str(config.get("description") or path.parent.resolve().name)
            suite = ForeignSuite(
                tool="promptfoo",
                name=name if len(prompts) == 1 else f"{name} (prompt {number + 1})",
                rows=[],
                scorers={},
                margins={},
                generate=dict(generate),
                repeats=repeats,
                models=models,
                about=f"Made of promptfoo's {path.name}" + (f", prompt {number + 1}" if len(prompts) > 1 else ""),
                carried=[*notes],
                left_out=list(dict.fromkeys(left_out)),
                used=used,
                files=(path,),
            )
            _add_rows(suite, tests, prompt, path.parent)
            _add_answers(suite, used, number, len(prompts))
            suites.append(suite)
        return suites


def _resolve(value: Json, root: Json, above: tuple[str, ...]) -> Json:
    """The value with `$ref: "#/assertionTemplates/NAME"` put in place; other references stay and are named."""
    if isinstance(value, list):
        return [_resolve(one, root, above) for one in value]
    if not isinstance(value, dict):
        return value
    target = value.get("$ref")
    if not (isinstance(target, str) and target.startswith("#/")) or target in above:
        return {key: _resolve(one, root, above) for key, one in value.items()}
    found: Json = root
    for step in target[2:].split("/"):
        found = as_object(found).get(step)
    if found is None:
        return value
    rest = {key: one for key, one in value.items() if key != "$ref"}
    return _resolve({**found, **rest} if isinstance(found, dict) else found, root, (*above, target))


def _has_key(head: str, key: str) -> bool:
    return re.search(rf'^"?\s*"?{key}"?\s*:', head, re.MULTILINE) is not None


def _config_notes(config: Mapping[str, Json]) -> list[str]:
    notes = []
    for key in config:
        if key in _OF_RUNNING:
            notes.append(f"{key}: of running promptfoo, not carried over")
        elif key not in _KNOWN:
            notes.append(f"{key}: not known here, not carried over")
    return notes


def _prompts(config: Mapping[str, Json], path: Path, left_out: list[str]) -> list[str]:
    """The templates of the prompts; UsageError where there is none."""
    raw = config.get("prompts")
    raw = [*raw] if isinstance(raw, dict) else raw if isinstance(raw, list) else [raw]
    prompts = [text for one in raw if one for text in _prompt(one, path.parent, left_out)]
    if not prompts:
        what = "no prompt could be read" if left_out else "the config has no prompts"
        raise UsageError(Problem(what=what, where=Location(file=str(path)), allowed="texts, or files of texts"))
    return prompts


def _prompt(one: Json, folder: Path, left_out: list[str]) -> Iterator[str]:
    if isinstance(one, dict):
        one = one.get("raw") or one.get("id") or one.get("path")
    if not isinstance(one, str):
        left_out.append(f"prompt {str(one)[:60]}: not a text")
        return
    name = one.removeprefix("file://")
    is_file = one.startswith("file://") or (name.endswith(_TEXTS + _CODE) and "\n" not in name and "{{" not in name)
    if "://" in name:
        left_out.append(f"prompt {one}: it is kept elsewhere; write its text into the config")
    elif is_file and (name.endswith(_CODE) or re.search(r"\.(py|js|ts):", name)):
        left_out.append(f"prompt {name}: it is code")
    elif is_file:
        paths = sorted(folder.glob(name)) if any(mark in name for mark in "*?[") else [folder / name]
        for path in paths:
            yield from _prompts_of(path)
    else:
        yield one


def _prompts_of(path: Path) -> Iterator[str]:
    """The prompts of a file: texts with lines of --- between them, turns as JSON or YAML."""
    if path.suffix in (".yaml", ".yml", ".json"):
        yield json.dumps(read_yaml_file(path), ensure_ascii=False)
        return
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UsageError(Problem(what=f"prompt file {path} cannot be read: {reason}")) from None
    if path.suffix == ".jsonl":
        yield from (line for line in text.splitlines() if line.strip())
    else:
        parts = re.split(r"^---\s*$", text, flags=re.MULTILINE) if path.suffix in (".txt", ".j2") else [text]
        yield from (part.strip() for part in parts if part.strip())


def _renderer_over(
    values: Mapping[str, Json], render: Callable[[str, Mapping[str, Json]], str]
) -> Callable[[str], str]:
    """What renders the templates of one test, over its variables."""
    return lambda text: render(text, values)


def _add_rows(suite: ForeignSuite, tests: Sequence[PromptfooTest], prompt: str, folder: Path) -> None:
    render, kinds, missing = template_renderer(), Counter[str](), defaultdict[tuple[str, str], list[int]](list)
    for test in tests:
        try:
            row = _row(test, prompt, render)
        except ValueError as error:
            suite.left_out.append(f"test {test.number}: {error}")
            continue
        left_out: list[tuple[str, str]] = []
        values = as_object(row.get("vars"))
        place = Place(render=_renderer_over(values, render), folder=folder)
        checks = checks_of(test.asserts, place, left_out)
        for one in left_out:
            missing[one].append(test.number)
        for one in test.asserts:
            kinds[str(one.get("type")) if isinstance(one, dict) else "?"] += 1
        if checks:
            row["checks"] = list(checks)
            row |= _threshold(test, suite.left_out)
        suite.rows.append(row)
    _tell(suite, kinds, missing)
    if any("checks" in row for row in suite.rows):
        skips = {} if all("checks" in row for row in suite.rows) else {"on_missing": "skip"}
        suite.scorers["checks"] = {"type": "checks", "empty": "scored", **skips}
        suite.margins["checks"] = MARGIN
    elif kinds:
        suite.judge_nothing(margin=MARGIN)
    else:
        suite.scorers["answered"] = {"type": "length", "unit": "characters", "min": 1}
        suite.margins["answered"] = MARGIN
        suite.left_out.append("the tests assert nothing: the suite only asks for an answer; add scorers to it")


def _tell(suite: ForeignSuite, kinds: Counter[str], missing: Mapping[tuple[str, str], list[int]]) -> None:
    names = {name for name, _ in missing}
    told = [f"{kind} ({many:,})" for kind, many in sorted(kinds.items()) if kind not in names]
    suite.carried.append(f"{len(suite.rows):,} tests; asserts as checks: {', '.join(told) or 'none'}")
    for kind in sorted(kinds):
        if kind.removeprefix("not-") in ANOTHER_MEANING:
            suite.carried.append(f"{kind} means what evalkit means by it: a few answers may be judged otherwise")
    for (name, reason), numbers in missing.items():
        where = ", ".join(map(str, numbers[:5])) + (f" and {len(numbers) - 5:,} more" if len(numbers) > 5 else "")
        suite.left_out.append(f"assert {name}: {reason} (tests {where}; their other asserts are carried over)")


def _row(test: PromptfooTest, prompt: str, render: Render) -> dict[str, Json]:
    values = {name: render(value, test.vars) if isinstance(value, str) else value for name, value in test.vars.items()}
    text = f"{test.prefix}{prompt}{test.suffix}"
    turns = turns_of(_render_prompt(text, values, render))
    row: dict[str, Json] = {"id": str(test.number), "messages": [turn.wire() for turn in turns]}
    tags = {
        name: str(value)
        for name, value in test.metadata.items()
        if isinstance(value, (str, int, float)) and value != ""
    }
    if test.description and not re.fullmatch(r"Row #\d+", test.description):
        row["description"] = test.description
    return {**row, **({"vars": values} if values else {}), **({"tags": tags} if tags else {})}


def _render_prompt(text: str, values: Mapping[str, Json], render: Render) -> str:
    """A prompt that is JSON is rendered text by text, so that quotes in a value do not break it."""
    try:
        parsed = json.loads(text)
    except ValueError:
        return render(text, values)
    return json.dumps(_deep(parsed, values, render), ensure_ascii=False)


def _deep(value: Json, values: Mapping[str, Json], render: Render) -> Json:
    if isinstance(value, str):
        return render(value, values)
    if isinstance(value, list):
        return [_deep(one, values, render) for one in value]
    return {key: _deep(one, values, render) for key, one in value.items()} if isinstance(value, dict) else value


def _threshold(test: PromptfooTest, left_out: list[str]) -> dict[str, Json]:
    least = test.threshold
    if least is None:
        return {}
    if isinstance(least, bool) or not isinstance(least, (int, float)) or not 0 < least <= 1:
        left_out.append(
            f"test {test.number}: the threshold {least} lets every answer pass or none; all checks must pass"
        )
        return {}
    return {"threshold": float(least)}


def _add_answers(suite: ForeignSuite, results: Sequence[Path], number: int, prompts: int) -> None:
    """The answers of promptfoo's results, each to the row with the same prompt, in the order of the tests."""
    rows: dict[str, list[str]] = defaultdict(list)
    for row in suite.rows:
        rows[json.dumps(row["messages"], sort_keys=True)].append(str(row["id"]))
    for path in results:
        (found,) = Promptfoo().read(path, Wishes())
        several = any(arm.name.endswith("|prompt 2") for arm in found.arms)
        for arm in found.arms:
            name, _, told = arm.name.rpartition("|prompt ") if several else (arm.name, "", "1")
            if int(told) - 1 != number and prompts > 1:
                continue
            answers, lost = _match_answers(arm.rows, rows)
            suite.answers.setdefault(name, []).extend(answers)
            suite.repeats = max([suite.repeats, *(one.repeat + 1 for one in answers)])
            if lost:
                suite.left_out.append(
                    f"{path.name}: {lost:,} answers of {name} are to prompts that the config does not make"
                )


def _match_answers(answers: ManyRows[ForeignRow], rows: Mapping[str, Sequence[str]]) -> tuple[list[ForeignRow], int]:
    by_prompt: dict[str, list[ForeignRow]] = defaultdict(list)
    for one in answers:
        turns = turns_of(one.raw_prompt or one.input or "")
        by_prompt[json.dumps([turn.wire() for turn in turns], sort_keys=True)].append(
            replace(one, input=None, messages=turns)
        )
    out: list[ForeignRow] = []
    for prompt, several in by_prompt.items():
        idents = rows.get(prompt, ())
        times = len(several) // len(idents) if idents else 0
        if not times or times * len(idents) != len(several):
            continue
        several.sort(key=lambda row: row.repeat)
        for at, one in enumerate(several):
            out.append(replace(one, id=idents[at // times], repeat=at % times))
    return out, len(answers) - len(out)
