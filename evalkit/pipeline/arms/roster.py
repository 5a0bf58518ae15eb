"""What BASE and CANDIDATE mean: a name in models.yaml, provider:model, or the path of a recording."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from evalkit.core.errors import Location, ModelError, Problem, SuiteError, UsageError, did_you_mean, join_allowed
from evalkit.core.ports import Model
from evalkit.models import PROVIDERS
from evalkit.models.context import Context
from evalkit.models.given import GivenModel, give_model
from evalkit.models.named import base_of, read_bare_name
from evalkit.models.open import check_options, needed_model, open_model, reads_folders
from evalkit.models.replay import as_replay, recording_of, replay_spec
from evalkit.pipeline.arms.local_files import absent, is_path, is_weight_file
from evalkit.pipeline.arms.nearest import nearest_file
from evalkit.pipeline.arms.transforms import transform_problems
from evalkit.pipeline.options import Mode
from evalkit.suite.explain import in_file_order
from evalkit.suite.load import Models, draft_models
from evalkit.suite.spec import ModelSpec

BASE = "base"
"""The name that stands for what an arm was trained on, where no file gives it to a model"""
MODELS_FILES = ("models.yaml", "suites/models.yaml")


@dataclass(frozen=True, slots=True, kw_only=True)
class Arm:
    """A model by the name it is compared under.

    `folder` is where relative paths of its spec start.
    """

    name: str
    spec: ModelSpec
    folder: Path
    where: Location | None = None
    """Where models.yaml names the recording or, without one, the model"""
    problems: tuple[Problem, ...] = ()
    """Why its spec cannot be used, each with its place in models.yaml"""
    given: GivenModel | None = None
    """The model itself, where a program brings it"""
    file: Models | None = field(default=None, repr=False, compare=False)
    """The models.yaml that names it"""


class UnknownArm(UsageError):
    """A name that is no model, no provider and no recording."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Roster:
    """Every model models.yaml knows."""

    path: Path | None = None
    specs: Mapping[str, ModelSpec] = field(default_factory=dict)
    file: Models | None = field(default=None, repr=False)
    wrong: tuple[Problem, ...] = ()
    """What is wrong with the file itself: `specs` hold what is left of it, and no arm may be opened"""
    incomplete: frozenset[str] = frozenset()
    """Models that lost a key: what they lack may be what was misspelt"""
    dropped: frozenset[str] = frozenset()
    """Names of models that are not left"""
    given: Mapping[str, object] = field(default_factory=dict, repr=False)
    """Models that a program brings as objects"""
    found: Mapping[str, ModelSpec] = field(default_factory=dict, repr=False)
    """Models that a command found itself, such as checkpoints; their paths are absolute"""

    def arms(self, names: Sequence[str], *, mode: Mode = "reuse", root: Path | None = None) -> tuple[Arm, ...]:
        """Return the arms that a user named, ready to be opened.

        `root` is that of the run. Raises SuiteError where the file is wrong, else ModelError where an arm could not be
        opened, else UnknownArm for names that mean nothing; whichever it is tells all of them.
        """
        arms: list[Arm] = []
        unknown: dict[Problem, None] = {}
        wrong = dict.fromkeys(self.wrong)
        for name in names:
            if self.wrong and (self.file is None or name in self.dropped):
                continue  # what it means is told by what is wrong with the file
            try:
                arm = self.arm(name, beside=names)
            except UnknownArm as error:
                unknown |= dict.fromkeys(error.problems)
                continue
            wrong |= dict.fromkeys([*arm.problems, *_unrecorded_problems(arm, mode)])
            if reads_folders(_spec(arm, mode)):  # with `replay` a recording may answer for it
                wrong |= dict.fromkeys(self._absent(arm, root))
            arms.append(arm)
        if wrong:
            raise (SuiteError if self.wrong else ModelError)([*in_file_order(wrong), *unknown])
        if unknown:
            raise UnknownArm(unknown)
        return tuple(arms)

    def arm(self, name: str, *, beside: Sequence[str] = ()) -> Arm:
        """Return the arm a user named.

        `base` that no file names is what an arm named `beside` it was trained on. UsageError with the nearest name
        where there is none.
        """
        if name in self.given:
            given = give_model(self.given[name], name=name)
            spec = ModelSpec(provider=given.identity.provider, model=given.identity.model)
            return Arm(name=name, spec=spec, folder=Path.cwd(), given=given)
        if name in self.found:
            return Arm(name=name, spec=self.found[name], folder=Path.cwd())
        if name in self.specs and self.path is not None:
            place = self.file.locate("models", name, "recording") if self.file else None
            wrong = self._wrong(name)
            return Arm(
                name=name, spec=self.specs[name], folder=self.path.parent, where=place, problems=wrong, file=self.file
            )
        provider, colon, model = name.partition(":")
        if colon and provider in PROVIDERS and model:
            return Arm(name=name, spec=ModelSpec(provider=provider, model=model), folder=Path.cwd())
        bare = read_bare_name(name)
        if bare is None and name == BASE:
            bare = find_base(self._known_beside(name, beside))
        if isinstance(bare, Problem):
            raise UnknownArm(bare)
        if bare is not None:
            return Arm(name=name, spec=bare, folder=Path.cwd())
        if name.endswith((".jsonl", ".jsonl.gz")):
            if Path(name).is_file():
                spec = replay_spec(Path(name).resolve())
                return Arm(name=Path(name).name, spec=spec, folder=Path.cwd())
            raise UnknownArm(self._no_recording(name))
        if colon and provider and "/" not in provider:
            raise UnknownArm(
                Problem(
                    what=f"unknown provider {provider!r}{did_you_mean(provider, PROVIDERS)}",
                    allowed=join_allowed([*PROVIDERS]),
                )
            )
        known = [*self.given, *self.specs, *self.dropped]
        raise UnknownArm(self._unknown_name(name, known))

    def _unknown_name(self, name: str, known: Sequence[str]) -> Problem:
        named = f"a name of {self.path}" if self.path else "a name given in `models`"
        names = [f"{named}: {join_allowed(known) or 'none'}"] if self.path or known else []
        return Problem(
            what=f"unknown model {name!r}{did_you_mean(name, known)}",
            allowed="; ".join([*names, "provider:model", "or the path of a recording"]),
            todo=None if self.path or known else "no models.yaml was found: give models names in suites/models.yaml",
        )

    def _known_beside(self, name: str, beside: Sequence[str]) -> Iterator[Arm]:
        """The other arms that were named, as far as they mean anything."""
        for other in beside:
            if other != name:
                with suppress(UnknownArm):
                    yield self.arm(other)

    def _no_recording(self, name: str) -> Problem:
        """That a path named as an arm holds nothing; where a model has it as its recording, that one was meant."""
        models = f" of {self.path}" if self.path else ""
        meant = next((known for known, spec in self.specs.items() if spec.recording == name), None)
        if meant is not None:
            return Problem(what=f"no such recording: {name}", todo=f"did you mean the model {meant!r}{models}?")
        todo = f"check the path (from {Path.cwd()})" + (f", or name a model{models}" if models else "")
        return Problem(what=f"no such recording: {name}{nearest_file(Path(name))}", todo=todo)

    def problems(self) -> tuple[Problem, ...]:
        """List what is wrong with the file and with its models.

        Every model in it is looked at, in the order of the file.
        """
        own = (problem for name in self.specs for problem in self._wrong(name))
        files = (problem for arm in self._known_arms() if not _is_recorded(arm) for problem in self._absent(arm))
        return in_file_order([*self.wrong, *own, *files, *self._list_unrecorded(always=True)])

    def warnings(self) -> tuple[Problem, ...]:
        """List files of models that are not there but can be replayed.

        A recording can answer for the model with `--replay`; one that is not there cannot.
        """
        files = (problem for arm in self._known_arms() if _is_recorded(arm) for problem in self._absent(arm))
        return in_file_order([*files, *self._list_unrecorded(always=False)])

    def _list_unrecorded(self, *, always: bool) -> Iterator[Problem]:
        """List recordings that are not there: of arms that only they answer for (`always`), or of others."""
        for arm in self._known_arms():
            only_recorded = recording_of(arm.spec) is not None
            if only_recorded is always and arm.spec.recording is not None:
                place = self.file.locate("models", arm.name, "recording") if self.file else None
                yield from (replace(problem, where=place) for problem in _unrecorded_problems(arm, "replay"))

    def _known_arms(self) -> list[Arm]:
        return [self.arm(name) for name in self.specs] if self.path is not None else []

    def _absent(self, arm: Arm, root: Path | None = None) -> tuple[Problem, ...]:
        """What the spec of an arm names that is not there, with its place where models.yaml names the arm."""
        found = absent(arm.name, arm.spec, folder=arm.folder, root=root or Path())
        file = self.file if arm.where is not None else None
        return tuple(
            replace(problem, where=file.locate("models", arm.name, key) if file else None) for key, problem in found
        )

    def _wrong(self, name: str) -> tuple[Problem, ...]:
        spec = self.specs[name]
        if spec.provider not in PROVIDERS:
            where = self.file.locate("models", name, "provider") if self.file else None
            told = PROVIDERS.problem(spec.provider)
            return (replace(told, what=f"model {name!r}: {told.what}", where=where),)
        wrong: list[Problem] = []
        needed = needed_model(spec)
        if needed is not None and spec.recording is None and name not in self.incomplete:
            where = self.file.locate("models", name) if self.file else None
            wrong.append(Problem(what=f"model {name!r} needs `model`: {needed}", where=where))
        where = self.file.locate("models", name, "options") if self.file else None
        wrong += [Problem(what=f"model {name!r}: {what}", where=where) for what in check_options(spec)]
        if spec.transform is not None:
            where = self.file.locate("models", name, "transform") if self.file else None
            wrong += [
                replace(told, what=f"model {name!r}: {told.what}", where=told.where or where)
                for told in transform_problems(spec.transform)
            ]
        return tuple(wrong)


def find_base(arms: Iterable[Arm]) -> ModelSpec | Problem | None:
    """Find the one model that arms were trained on.

    A Problem where there are several.
    """
    found: list[ModelSpec] = []
    for arm in arms:
        base = base_of(absolute_spec(arm))
        if base is not None and base not in found:
            found.append(base)
    if len(found) > 1:
        names = [f"{spec.provider}:{spec.model}" for spec in found]
        what = f"{BASE!r} may be one of {len(names)} models that the arms were trained on"
        return Problem(what=what, allowed=join_allowed(names), todo="name the base itself")
    return found[0] if found else None


def roster(models: str | Path | None = None, *, folder: Path | None = None) -> Roster:
    """Read models.yaml: the given file, ./models.yaml or ./suites/models.yaml.

    An empty roster when none is there. A file that breaks its shape is read as far as it goes (`Roster.wrong`);
    SuiteError where it is no YAML.
    """
    path = models_path(models, folder=folder)
    return Roster() if path is None else _read(path)


def models_path(models: str | Path | None = None, *, folder: Path | None = None) -> Path | None:
    """Find the file that names the models, if there is one.

    UsageError when the given one is not there.
    """
    if models is not None:
        path = Path(models)
        if path.is_dir():
            inside = next((found for name in ("models.yaml", "models.yml") if (found := path / name).is_file()), None)
            named = inside or "the file in it, such as models.yaml"
            raise UsageError(Problem(what=f"--models {path} is a folder, not a file", todo=f"name {named}"))
        if not path.is_file():
            raise UsageError(Problem(what=f"no such models file: {path}{nearest_file(path)}"))
        return path
    places = ((folder or Path()) / name for name in MODELS_FILES)
    return next((path for path in places if path.is_file()), None)


def _read(path: Path) -> Roster:
    draft = draft_models(path)
    return Roster(
        path=path,
        specs=draft.models.specs if draft.models else {},
        file=draft.models,
        wrong=draft.problems,
        incomplete=draft.incomplete,
        dropped=draft.dropped,
    )


def open_arm(arm: Arm, *, mode: Mode, context: Context) -> Model:
    """Open an arm of `Roster.arms`.

    With `replay` its recording answers for it, where it has one.
    """
    if arm.given is not None:
        return arm.given
    return open_model(arm.name, _spec(arm, mode), context)


def _unrecorded_problems(arm: Arm, mode: Mode) -> tuple[Problem, ...]:
    """That the recording which is to answer is not there."""
    spec = _spec(arm, mode)
    recording = recording_of(spec)
    if recording is None or Path(recording).exists():
        return ()
    todo = f"check the path (from {arm.folder}), or make it: evalkit record MODEL -o {recording}"
    near = nearest_file(Path(recording), root=arm.folder)
    what = f"the recording of model {arm.name!r} is not there: {arm.spec.recording}{near}"
    return (Problem(what=what, where=arm.where, todo=todo),)


def _is_recorded(arm: Arm) -> bool:
    return arm.spec.recording is not None and (arm.folder / Path(arm.spec.recording).expanduser()).exists()


def _spec(arm: Arm, mode: Mode) -> ModelSpec:
    """Who answers for an arm."""
    spec = absolute_spec(arm)
    if mode == "replay" and spec.recording is not None:
        return as_replay(spec)
    return spec


def absolute_spec(arm: Arm) -> ModelSpec:
    """Return an arm's spec with its paths made absolute, from the folder of models.yaml."""
    update: dict[str, str] = {}
    adapter, template = arm.spec.adapter, arm.spec.chat_template
    paths = {
        "recording": arm.spec.recording,
        "adapter": adapter if adapter is not None and is_path(adapter, arm.folder) else None,  # else the hub's
        "chat_template": template if template is not None and os.path.isfile(arm.folder / template) else None,
    }
    for field_name, value in paths.items():
        if value is not None:
            update[field_name] = str((arm.folder / Path(value).expanduser()).resolve())
    model = arm.spec.model
    if model is not None and reads_folders(arm.spec):
        place = arm.folder / Path(model).expanduser()
        if place.is_dir() or is_weight_file(place):
            update["model"] = str(place.resolve())
    training = [str((arm.folder / Path(name).expanduser()).resolve()) for name in arm.spec.training]
    return arm.spec.model_copy(update={**update, "training": training})
