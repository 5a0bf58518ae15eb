"""The files of this machine that a command reads: no result may take the place of one.

Each function looks as far as it can. What is wrong with a suite or an arm is told by the command itself, which then
writes nothing.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from evalkit.core.errors import EvalkitError
from evalkit.models.open import reads_folders
from evalkit.pipeline.arms.roster import models_path, roster
from evalkit.pipeline.suites.files import files_of_suite
from evalkit.pipeline.suites.find import suite_paths
from evalkit.store.runs import run_summary
from evalkit.suite.load import load_suite


def files_of_suites(named: Sequence[str | Path]) -> Iterator[Path]:
    """List the files that suites read; some may not be there.

    They are the suites, their data and training data, and the files that their scorers name.
    """
    paths: list[Path] = []
    with suppress(EvalkitError):
        paths = suite_paths(named)
    yield from paths
    for path in paths:
        with suppress(EvalkitError):
            yield from files_of_suite(load_suite(path))


def files_of_arms(names: Sequence[str], *, models: str | Path | None) -> Iterator[Path]:
    """List the files that arms read; some may not be there.

    They are the recordings among the names, models.yaml, and the files that its models name.
    """
    yield from map(Path, names)
    with suppress(EvalkitError):
        path = models_path(models)
        if path is None:
            return
        yield path
        for spec in roster(path).specs.values():
            model = spec.model if reads_folders(spec) else None
            for name in (spec.recording, spec.chat_template, spec.adapter, model):
                if name is not None:
                    yield from _files_in(path.parent / os.path.expanduser(name))


def files_of_run(root: str | Path, reference: str) -> Iterator[Path]:
    """List a kept run and the files that it was made of.

    They are its suites, data and arms, as far as they still stand where they stood.
    """
    with suppress(EvalkitError):
        kept = run_summary(root, reference)
        yield from _files_in(kept.path)
        suites, models = kept.arguments.get("suite"), kept.arguments.get("models")
        yield from files_of_suites([str(name) for name in suites] if isinstance(suites, list) else [])
        yield from files_of_arms([kept.base, kept.candidate], models=models if isinstance(models, str) else None)


def _files_in(path: Path) -> Iterator[Path]:
    """The file itself, or all files of a folder."""
    yield from path.rglob("*") if os.path.isdir(path) else (path,)
