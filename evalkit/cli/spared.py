"""Results take the place of older results, never of a file that the command reads, whatever it is called."""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from evalkit.core.errors import Problem

_KEPT = ".evalkit"
_HEAD = 4096
_OWN = re.compile(
    rb'\{\s*"evalkit": ?"[^"\n]*",\s*"(outcome|holds)": ?'
    rb"|<!-- evalkit:report -->"
    rb'|<\?xml[^\n]*\n<testsuites name="evalkit: '
    rb"|\s*<!doctype html>"
)
"""How results of evalkit begin: verdicts and other `--json`, Markdown, JUnit XML, the page"""


def find_lost_inputs(results: Mapping[str, Path], args: argparse.Namespace) -> list[Problem]:
    """List the results that would overwrite a file this command reads.

    There is a problem for each result, by its option.
    """
    problems = []
    kept = Path(os.path.realpath(getattr(args, "root", "."))) / _KEPT
    for option, path in results.items():
        if option != "--report" and kept in Path(os.path.realpath(path)).parents:
            what = f"{option} {path}: evalkit keeps answers and runs in this folder"
            problems.append(Problem(what=what, todo="name a file outside of it"))
    there = {option: path for option, path in results.items() if path.is_file() and not is_own_result(path)}
    if not there:  # as nearly always: suites are not read twice
        return problems
    seen: set[str] = set()
    for file in _read_by(args):
        for option, path in there.items():
            if option not in seen and os.path.exists(file) and os.path.samefile(file, path):
                seen.add(option)
                what = f"{option} {path}: this is what is read, and it would be lost"
                problems.append(Problem(what=what, todo="name another file"))
    return problems


def is_own_result(path: Path) -> bool:
    """Tell whether a file is empty or begins as only results of evalkit do."""
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except OSError:
        return False
    return not head or _OWN.match(head) is not None


def _read_by(args: argparse.Namespace) -> Iterator[Path]:
    from evalkit.pipeline.overwriting.inputs import files_of_arms, files_of_run, files_of_suites

    given = vars(args)
    if given.get("training"):
        yield from Path(given["training"]).rglob("*.json")
    if given.get("policy"):
        yield Path(args.policy)
    if "suite" in given:
        yield from files_of_suites(args.suite)
        base = [args.base] if "base" in given else []
        names = [*base, *given.get("candidates", []), *given.get("models_named", [])]
        yield from files_of_arms(names, models=args.models)
        yield from (Path(part) for name in names for part in (name, name.rpartition("#")[0]) if part)
    run = given.get("run_named") or given.get("pilot")
    runs = (given["runs_named"] or ["latest"]) if "runs_named" in given else [run] if run else []
    for one in runs:
        yield from files_of_run(args.root, one)
