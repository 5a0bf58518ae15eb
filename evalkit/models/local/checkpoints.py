"""The checkpoints in a folder: of a trainer, adapters side by side, or recordings of either."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, replace
from pathlib import Path

from evalkit.core.errors import ModelError, Problem
from evalkit.core.sweep import CheckpointFacts
from evalkit.models.context import Context
from evalkit.models.local.names import holds_adapter, holds_model
from evalkit.models.local.trainer_log import TrainerLog, read_trainer_log
from evalkit.models.local.weights import check_whole
from evalkit.models.replay import is_recording, replay_spec
from evalkit.models.training import Training
from evalkit.suite.spec import ModelSpec

RECORDINGS = ("recording.jsonl.gz", "recording.jsonl")
"""Inside the folder of a checkpoint; beside it a recording has its name"""
_SUFFIXES = (".jsonl.gz", ".jsonl")
_STEP = re.compile(r"checkpoint-(\d{1,12})")
_NUMBER = re.compile(r"(\d{1,12})")
_ALLOWED = (
    "checkpoint-N folders of a trainer, folders of adapters or models, recordings (NAME.jsonl.gz, or "
    "recording.jsonl.gz in a checkpoint's folder)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """One checkpoint on disk: its weights, its recording, or both."""

    name: str
    folder: Path | None = None
    recording: Path | None = None

    @property
    def step(self) -> int | None:
        match = _STEP.fullmatch(self.name)
        return int(match[1]) if match is not None else None


def find_in_folder(name: str, spec: ModelSpec, base: ModelSpec | None, context: Context) -> Training | None:
    """Find the checkpoints of the folder that a spec names.

    Those called checkpoint-N go before all others in it.
    """
    named = spec.adapter or spec.model
    folder = context.path(named) if named is not None else None
    if folder is None or not folder.is_dir():
        return None
    found = sorted(_find_all(folder), key=_order)
    if not found:
        what = f"{folder} holds no checkpoint"
        alone = holds_model(folder)
        todo = f"compare that one model: evalkit compare BASE {name}" if alone else None
        raise ModelError(Problem(what=what + (", only one model" if alone else ""), allowed=_ALLOWED, todo=todo))
    found, broken = _leave_broken(found)
    stepped = [one for one in found if one.step is not None]
    log, said = read_trainer_log([folder, *(one.folder for one in found if one.folder is not None)])
    said += broken
    empty = _list_empty(folder, {one.name for one in found})
    if empty:
        said += (f"left out of {folder.name}, for they hold no weights that can be read: {', '.join(empty)}",)
    left = [one.name for one in found if one.step is None] if stepped else []
    if left:
        said += (f"left out of {folder.name}, for they are no checkpoint-N: {', '.join(left)}",)
    chosen = stepped or found
    if log is None and stepped:
        said += (f"{folder.name} has no trainer_state.json: no training loss is known",)
    asked = _asked_as(spec, base)
    return Training(
        source=name,
        checkpoints=tuple((facts, _spec(one, asked)) for one, facts in zip(chosen, _facts(chosen, log), strict=True)),
        trainers_choice=log.best if log is not None and log.best in {one.name for one in chosen} else None,
        notes=said,
    )


def _leave_broken(found: Sequence[_Found]) -> tuple[list[_Found], tuple[str, ...]]:
    """Those whose weights are whole, or that a recording answers for, and a sentence for each of the others.

    A training that was stopped leaves half a checkpoint. ModelError where no whole one is left.
    """
    whole, said, problems = list[_Found](), list[str](), list[Problem]()
    for one in found:
        try:
            if one.folder is not None and one.recording is None:
                check_whole(one.folder)
            whole.append(one)
        except ModelError as error:
            problems += error.problems
            said.append(f"{one.name} is not judged: {'; '.join(problem.what for problem in error.problems)}")
    if not whole:
        raise ModelError(problems)
    return whole, tuple(said)


def _list_empty(folder: Path, found: Set[str]) -> list[str]:
    """Checkpoints of a trainer that hold no model: sharded by an optimizer alone, or half written."""
    there = sorted(path for path in folder.glob("checkpoint-*") if path.is_dir() and path.name not in found)
    return [path.name for path in there if not holds_model(path)]


def _find_all(folder: Path) -> Iterable[_Found]:
    by_name: dict[str, _Found] = {}
    for path in sorted(folder.iterdir()):
        if path.name.startswith("."):
            continue
        if path.is_dir():
            kept = next((path / name for name in RECORDINGS if (path / name).is_file()), None)
            weights = path if holds_model(path) else None
            if kept is not None or weights is not None:
                by_name[path.name] = _Found(name=path.name, folder=path, recording=kept)
        elif (stem := _stem(path)) is not None and (is_recording(path) or not path.stat().st_size):
            before = by_name.get(stem, _Found(name=stem))
            by_name[stem] = replace(before, recording=before.recording or path)
    return by_name.values()


def _stem(path: Path) -> str | None:
    suffix = next((one for one in _SUFFIXES if path.name.endswith(one)), None)
    return path.name.removesuffix(suffix) if suffix is not None and path.name != suffix else None


def _order(one: _Found) -> tuple[int, list[tuple[int, int, str]]]:
    """By step, else by name with its numbers read as numbers: step-9 before step-10."""
    parts = [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in _NUMBER.split(one.name) if part]
    return (0 if one.step is None else one.step, parts)


def _facts(found: Sequence[_Found], log: TrainerLog | None) -> list[CheckpointFacts]:
    out, before = [], 0
    for one in found:
        step = one.step
        if step is None or log is None:
            out.append(CheckpointFacts(name=one.name, step=step))
            continue
        out.append(
            CheckpointFacts(
                name=one.name,
                step=step,
                epoch=log.epoch(step),
                train_loss=log.train_loss(step, after=before),
                eval_loss=log.eval_loss(step),
            )
        )
        before = step
    return out


def _asked_as(spec: ModelSpec, base: ModelSpec | None) -> ModelSpec:
    """How all of them are asked: as models.yaml says of the folder; a folder alone is asked as its base is."""
    below = base if base is not None and base.provider == spec.provider else None
    if spec.adapter is not None:
        return spec
    if spec.model_fields_set <= {"provider", "model"} and below is not None:
        return below
    return spec.model_copy(update={"model": None if below is None else below.model})


def _spec(one: _Found, asked: ModelSpec) -> ModelSpec:
    kept = one.recording.resolve() if one.recording is not None else None
    if one.folder is None or not holds_model(one.folder):
        return replay_spec(kept or Path())
    here = str(one.folder.resolve())
    place: dict[str, str | None] = {"model": here, "adapter": None, "revision": None}
    if holds_adapter(one.folder) and asked.model is not None:
        place = {"adapter": here}
    return asked.model_copy(update={"recording": None if kept is None else str(kept), **place})
