"""What a page tells of where its verdict comes from."""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from evalkit.core.exchange import Json
from evalkit.core.origin import Origin

_WAIT_S = 5.0


def find_commit(folder: Path) -> str:
    """Return the commit that a folder of suites stands at.

    "changed" stands behind it where tracked files differ. Empty where there is no repository, or no git.
    """
    here = folder if folder.is_dir() else folder.parent
    head = _git(here, "rev-parse", "--short=12", "HEAD")
    if not head:
        return ""
    return f"{head}, changed" if _git(here, "status", "--porcelain", "--untracked-files=no", ".") else head


def _git(folder: Path, *words: str) -> str:
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *words], capture_output=True, text=True, timeout=_WAIT_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def write_command(base: str, candidates: Sequence[str], arguments: Mapping[str, Json]) -> str:
    """Write the command that compares again, from the arguments of a kept run.

    Arms are named as they were typed, where the run knows it: a verdict shortens the path of a file.
    """
    arms = _texts(arguments.get("arms")) or [base, *candidates]
    swept = arguments.get("sweep")
    words = ["evalkit", "compare", *arms] if swept is None else ["evalkit", "sweep", arms[0], str(swept)]
    for option, name in (("--columns", "columns"), ("--suite", "suite")):
        for one in _texts(arguments.get(name)):
            words += [option, one]
    for option, name in (
        ("--models", "models"),
        ("--limit", "limit"),
        ("--seed", "seed"),
        ("-k", "k"),
        ("--steps", "steps"),
    ):
        if arguments.get(name) is not None:
            words += [option, str(arguments[name])]
    return shlex.join([*words, *(["--early-stop"] if arguments.get("early_stop") else [])])


def _texts(value: Json) -> list[str]:
    """The items of a list; none where it is something else."""
    return [str(one) for one in value] if isinstance(value, (list, tuple)) else []


def origin_of(run: str, *, created: str, base: str, candidates: Sequence[str], arguments: Mapping[str, Json]) -> Origin:
    """Return the origin of a run, from what is kept of it."""
    return Origin(
        run=run,
        created=created[:16].replace("T", " "),
        commit=str(arguments.get("commit") or ""),
        command=write_command(base, candidates, arguments),
    )
