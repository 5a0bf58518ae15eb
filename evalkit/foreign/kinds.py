"""The names of the importers, and which of them a file belongs to; packages add theirs under `evalkit.importers`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import cast

from evalkit.core.errors import Problem, UsageError, join_allowed
from evalkit.core.registry import Registry
from evalkit.foreign.nouns import Importer, SuiteImporter

TABLE = {
    "lm_eval": "evalkit.foreign.lm_eval:LmEval",
    "inspect": "evalkit.foreign.inspect_log:InspectLog",
    "promptfoo": "evalkit.foreign.promptfoo:Promptfoo",
    "promptfoo_config": "evalkit.foreign.promptfoo_config:PromptfooConfig",
    "lm_eval_task": "evalkit.foreign.lm_eval_task:LmEvalTask",
    "openai_graders": "evalkit.foreign.openai_graders:OpenAIGraders",
    "openai_evals": "evalkit.foreign.openai_evals:OpenAIEvals",
    "oaieval": "evalkit.foreign.oaieval:OaiEval",
    "openai_batch": "evalkit.foreign.openai_batch:OpenAIBatch",
    "llama_factory": "evalkit.foreign.llama_factory:LlamaFactory",
    "table": "evalkit.foreign.table:ForeignTable",
}
"""In the order in which they are tried; the first that fits reads the file"""


def what_is_wrong(name: str, thing: object) -> str | None:
    """Tell why a thing cannot be an importer; None if it can."""
    has = {verb for verb in ("fits", "read", "read_suites") if callable(getattr(thing, verb, None))}
    if "fits" in has and len(has) > 1:
        return None
    return "an importer has fits(path), and read(path, wishes, arms) or read_suites(path, beside)"


IMPORTERS = Registry("importer", TABLE, group="evalkit.importers", check=what_is_wrong)


def importer(name: str) -> Importer | SuiteImporter:
    """Return the importer of this name.

    UsageError, with the nearest name, where there is none.
    """
    thing = IMPORTERS.load(name)
    return cast(Importer | SuiteImporter, thing() if isinstance(thing, type) else thing)


def find_importer(path: Path, name: str | None = None) -> tuple[str, Importer]:
    """Find the importer of results for a file or folder.

    The one of this name, else the first that takes the file for its own.

    UsageError where there is no such file, none fits, or it is a config: that holds no answers.
    """
    found, reader = find_any_importer(path, name)
    if reads_suites(reader):
        what = f"{path} is a config ({found}): it holds no answers to compare"
        raise UsageError(Problem(what=what, todo=f"make a suite of it: evalkit import {path} -o DIR"))
    return found, cast(Importer, reader)


def reads_suites(reader: object) -> bool:
    """Tell whether the importer reads configs."""
    return callable(getattr(reader, "read_suites", None))


def find_any_importer(path: Path, name: str | None = None) -> tuple[str, Importer | SuiteImporter]:
    """Find the importer of results or of a config; UsageError where there is none."""
    if not path.exists():
        raise UsageError(Problem(what=f"there is no file {path}", todo=f"check the path (from {Path.cwd()})"))
    if name is not None:
        return _find_named(path, name)
    own = [one for one in IMPORTERS.names() if not IMPORTERS.is_own(one)]
    for one in (*own, *TABLE):
        reader = importer(one)
        if reader.fits(path):
            return one, reader
    kind = "folder" if path.is_dir() else "file"
    raise UsageError(
        Problem(
            what=f"{path}: no importer knows this {kind}", allowed=f"results of {join_allowed(list(IMPORTERS.names()))}"
        )
    )


def _find_named(path: Path, name: str) -> tuple[str, Importer | SuiteImporter]:
    """The importer of this name; a tool's name stands for its configs too where the file is one."""
    for config in CONFIGS.get(name, ()):
        reader = importer(config)
        if reader.fits(path):
            return config, reader
    return name, importer(name)


CONFIGS: Mapping[str, tuple[str, ...]] = {
    "promptfoo": ("promptfoo_config",),
    "openai_evals": ("openai_graders",),
    "lm_eval": ("lm_eval_task",),
}
"""The importers of configs that the name of a tool stands for as well"""
