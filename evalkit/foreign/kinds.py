"""The names of the importers, and which of them a file belongs to; packages add theirs under `evalkit.importers`."""

from __future__ import annotations

from pathlib import Path
from typing import cast

from evalkit.core.errors import Problem, UsageError, join_allowed
from evalkit.core.registry import Registry
from evalkit.foreign.nouns import Importer

TABLE = {
    "lm_eval": "evalkit.foreign.lm_eval:LmEval",
    "inspect": "evalkit.foreign.inspect_log:InspectLog",
    "promptfoo": "evalkit.foreign.promptfoo:Promptfoo",
    "openai_evals": "evalkit.foreign.openai_evals:OpenAIEvals",
    "oaieval": "evalkit.foreign.oaieval:OaiEval",
    "openai_batch": "evalkit.foreign.openai_batch:OpenAIBatch",
    "llama_factory": "evalkit.foreign.llama_factory:LlamaFactory",
    "table": "evalkit.foreign.table:ForeignTable",
}
"""In the order in which they are tried; the first that fits reads the file"""


def what_is_wrong(name: str, thing: object) -> str | None:
    """Tell why a thing cannot be an importer; None if it can."""
    able = all(callable(getattr(thing, verb, None)) for verb in ("fits", "read"))
    return None if able else "an importer has fits(path) and read(path, wishes, arms)"


IMPORTERS = Registry("importer", TABLE, group="evalkit.importers", check=what_is_wrong)


def importer(name: str) -> Importer:
    """Return the importer of this name.

    UsageError, with the nearest name, where there is none.
    """
    thing = IMPORTERS.load(name)
    return cast(Importer, thing() if isinstance(thing, type) else thing)


def find_importer(path: Path, name: str | None = None) -> tuple[str, Importer]:
    """Find the importer for a file or folder.

    The one of this name, else the first that takes the file for its own.

    UsageError where there is no such file, or none fits.
    """
    if not path.exists():
        raise UsageError(Problem(what=f"there is no file {path}", todo=f"check the path (from {Path.cwd()})"))
    if name is not None:
        return name, importer(name)
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
