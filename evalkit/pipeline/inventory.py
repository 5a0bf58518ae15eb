"""The models that can be asked here: what models.yaml names, what lies on disk, and what it takes."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from evalkit.core.errors import ModelError, Problem, SuiteError, UsageError
from evalkit.core.exchange import Json
from evalkit.models.local.embedded import NAME, PREFIX
from evalkit.models.local.inventory import (
    ConvertedModel,
    ModelFiles,
    digest_bytes,
    find_files,
    folder_bytes,
    list_converted,
    remove_converted,
)
from evalkit.models.open import reads_folders
from evalkit.models.replay import recording_of
from evalkit.pipeline.arms.roster import Arm, Roster, UnknownArm, absolute_spec, roster
from evalkit.pipeline.asking.run_arms import LEDGER, context_of, open_arms
from evalkit.pipeline.options import Options
from evalkit.suite.spec import ModelSpec

__all__ = ["convert_model", "converted_models", "disk_used", "fingerprint_models", "list_models", "remove_models"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRow:
    """One model of models.yaml, or the embedded one.

    `files` has one entry per `model` and `adapter`; none where they are not on this machine by nature.
    """

    name: str
    provider: str
    model: str
    adapter: str | None = None
    files: tuple[ModelFiles, ...] = ()
    recording: str | None = None
    problems: tuple[str, ...] = ()


def list_models(options: Options) -> tuple[ModelRow, ...]:
    """List the models of models.yaml and the embedded one.

    Nothing is fetched, converted or loaded.
    """
    known = _sound_roster(options)
    environ = _environ(options)
    rows = [_row(known.arm(name), environ) for name in known.specs]
    if not any(row.model == PREFIX + NAME and row.adapter is None for row in rows):
        spec = ModelSpec(provider="local", model=PREFIX + NAME)
        rows.append(_row(Arm(name=f"local:{PREFIX}{NAME}", spec=spec, folder=Path.cwd()), environ))
    return tuple(rows)


def _sound_roster(options: Options) -> Roster:
    known = roster(options.models)
    if known.wrong:
        raise SuiteError(known.wrong)
    return known


def _row(arm: Arm, environ: Mapping[str, str]) -> ModelRow:
    spec = absolute_spec(arm)
    named = [label for label in (spec.model, spec.adapter) if label is not None] if reads_folders(spec) else []
    return ModelRow(
        name=arm.name,
        provider=spec.provider,
        model=arm.spec.model or recording_of(spec) or "",
        adapter=arm.spec.adapter,
        files=tuple(find_files(label, spec, environ) for label in named),
        recording=arm.spec.recording,
        problems=tuple(problem.what for problem in arm.problems),
    )


def fingerprint_models(names: Sequence[str], *, options: Options) -> dict[str, dict[str, Json]]:
    """Return, by name, the fingerprint of models and what it is made of.

    Weights are hashed, never loaded; a hub model that is not here is fetched. Raises what opening an arm raises.
    """
    known = replace(roster(options.models), given=options.given_models)
    arms = known.arms(names or list(known.specs), mode="reuse", root=options.root)
    with ExitStack() as stack:
        opened = open_arms(arms, options=options, stack=stack)
        return {
            one.arm.name: {
                "provider": one.model.identity.provider,
                "model": one.model.identity.model,
                "fingerprint": one.model.identity.fingerprint,
                **dict(one.model.identity.details),
            }
            for one in opened
        }


def converted_models(options: Options) -> tuple[ConvertedModel, ...]:
    """List the model folders that evalkit has made."""
    return list_converted(_environ(options))


def remove_models(names: Sequence[str], *, options: Options) -> tuple[ConvertedModel, ...]:
    """Remove model folders that evalkit has made, and can make again.

    Nothing else is ever removed.
    """
    if not names:
        todo = "name one, or the start of its name: evalkit models list shows them"
        raise UsageError(Problem(what="there is nothing to remove", todo=todo))
    return remove_converted(list(names), _environ(options))


def convert_model(source: str, out: str | Path, *, options: Options) -> Path:
    """Write a model as an ordinary folder of safetensors.

    `source` is a name of models.yaml, a folder or a GGUF file. The folder's pickled weights are read: naming it here is
    the explicit word that `allow_pickle` is elsewhere. Raises ModelError and UsageError.
    """
    from evalkit.models.local.export import export_model

    known = _sound_roster(options)
    try:
        spec = absolute_spec(known.arm(source))
    except UnknownArm:
        if not Path(source).expanduser().is_dir():
            raise
        spec = ModelSpec(provider="local", model=str(Path(source).expanduser().resolve()))
    if not reads_folders(spec):
        raise ModelError(Problem(what=f"{source!r} has no weights on this machine (provider {spec.provider})"))
    allowed = spec.model_copy(update={"allow_pickle": True, "recording": None})
    return export_model(source, allowed, Path(out).expanduser(), context_of(options))


def disk_used(options: Options) -> dict[str, int]:
    """Return the bytes of everything that evalkit keeps, by what it is."""
    environ, root = _environ(options), options.root or Path()
    ledger = root / LEDGER
    return {
        "converted models": sum(one.bytes for one in list_converted(environ)),
        "digests of weights": digest_bytes(environ),
        "kept answers": sum(path.stat().st_size for path in ledger.parent.glob(f"{ledger.name}*")),
        "kept runs": folder_bytes(root / ".evalkit" / "runs"),
    }


def _environ(options: Options) -> Mapping[str, str]:
    return os.environ if options.environ is None else options.environ
