"""The Python door: `evalkit.compare`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import get_args

from evalkit.core.errors import Problem, UsageError, did_you_mean, join_allowed
from evalkit.core.verdict import Verdict
from evalkit.pipeline.compare import compare_arms
from evalkit.pipeline.options import Mode, Options


def compare(
    base: str,
    candidate: str,
    *,
    suites: str | Path | Sequence[str | Path] = (),
    models: str | Path | None = None,
    mode: Mode = "reuse",
    limit: int | None = None,
    seed: int | None = None,
    max_cost: float | None = None,
    root: str | Path | None = ".",
) -> Verdict:
    """Compare two arms on every suite and let the gates decide; the same as the command, without writing a report.

    Arms are names in models.yaml, provider:model, or paths of recordings. `suites`: a file or folder, or a sequence of
    them; default suites/. `mode`: "reuse" kept answers and ask the rest, "live" ask all anew, "replay" ask nothing.
    `root` holds `.evalkit/`; None keeps nothing. Raises EvalkitError, with every problem, when nothing can be decided.
    """
    if mode not in get_args(Mode):  # a misspelt "replay" must not ask, and pay
        what = f"mode is {mode!r}{did_you_mean(str(mode), get_args(Mode))}"
        raise UsageError(Problem(what=what, allowed=join_allowed(get_args(Mode))))
    options = Options(
        suites=(suites,) if isinstance(suites, (str, Path)) else tuple(suites),
        models=models,
        mode=mode,
        limit=limit,
        seed=seed,
        max_cost=max_cost,
        root=None if root is None else Path(root),
    )
    return compare_arms(base, [candidate], options=options)[0].verdict
