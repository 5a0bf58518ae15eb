"""The Python door: `evalkit.compare`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from evalkit.core.ports import Model, Scorer
from evalkit.core.registry import registry_of
from evalkit.models.given import Answering
from evalkit.pipeline.api.arguments import check_arguments
from evalkit.pipeline.api.result import ComparisonResult
from evalkit.pipeline.compare import compare_arms
from evalkit.pipeline.options import Executor, Mode, Options


def compare(
    base: str,
    candidate: str,
    *,
    suites: str | Path | Sequence[str | Path] = (),
    models: str | Path | Mapping[str, Model | Answering] | None = None,
    scorers: Mapping[str, Scorer | type[Scorer]] | None = None,
    mode: Mode = "reuse",
    limit: int | None = None,
    seed: int | None = None,
    max_cost: float | None = None,
    root: str | Path | None = ".",
    workers: int | None = None,
    executor: Executor = "processes",
    ray_address: str | None = None,
) -> ComparisonResult:
    """Compare two arms on every suite and let the gates decide.

    It is the same as the command, without writing a report. Arms are names in models.yaml, provider:model, or paths of
    recordings; with `models` as a mapping also its names: objects that are models, or functions of one request.
    `scorers` are scorers of your own by name: suites name them under `type`, and a suite that does not gets each as a
    metric of that name. `suites`: a file or folder, or a sequence of them; default suites/. `mode`: "reuse" kept
    answers and ask the rest, "live" ask all anew, "replay" ask nothing. `root` holds `.evalkit/`; None keeps nothing.
    `workers`: processes that compute local models, with `executor="ray"` actors of a Ray cluster (at `ray_address`).
    Raises EvalkitError, with every problem, when nothing can be decided.
    """
    check_arguments(
        base=base, candidate=candidate, suites=suites, models=models, scorers=scorers, mode=mode, limit=limit,
        seed=seed, max_cost=max_cost, root=root, workers=workers, executor=executor, ray_address=ray_address,
    )  # fmt: skip
    options = Options(
        suites=(suites,) if isinstance(suites, (str, Path)) else tuple(suites),
        models=None if isinstance(models, Mapping) else models,
        given_models=models if isinstance(models, Mapping) else {},
        given_scorers=scorers or {},
        mode=mode,
        limit=limit,
        seed=seed,
        max_cost=max_cost,
        root=None if root is None else Path(root),
        workers=workers,
        executor=executor,
        ray_address=ray_address,
    )
    with _register_for_a_while(scorers or {}):
        found = compare_arms(base, [candidate], options=options)[0]
    return ComparisonResult(verdict=found.verdict, comparisons=found.comparisons, texts=found.suites)


@contextmanager
def _register_for_a_while(scorers: Mapping[str, object]) -> Iterator[None]:
    """The scorers under their names for as long as the comparison takes."""
    table = registry_of("scorer")
    before = {name: table.load(name) for name in scorers if name in table and not table.is_own(name)}
    try:
        for name, scorer in scorers.items():
            table.register(name, scorer)
        yield
    finally:
        for name in scorers:
            table.forget(name)
        for name, scorer in before.items():
            table.register(name, scorer)
