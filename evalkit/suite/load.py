"""Suites and models.yaml from disk: every problem at once, each with file, line and column."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from evalkit.core.errors import Location, Problem, SuiteError
from evalkit.suite.explain import in_file_order, kind_of, model_keys, problems_of
from evalkit.suite.families import with_families
from evalkit.suite.gate_spec import GateSpec
from evalkit.suite.meaning import Gaps, meaning_problems, model_problems
from evalkit.suite.mend import Mended, recover
from evalkit.suite.spec import ModelsFile, ModelSpec, SuiteSpec
from evalkit.suite.yaml_file import YamlFile, read_yaml

_Shape = TypeVar("_Shape", bound=BaseModel)


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """A suite that has been read and is sound by itself.

    `root` is the folder its paths are relative to.
    """

    spec: SuiteSpec
    path: Path
    root: Path
    sha256: str
    source: YamlFile | None = field(default=None, repr=False, compare=False)

    def locate(self, *keys: int | str) -> Location:
        """Locate a key, e.g. ``locate("gates", 2, "metric")``.

        It is the place of its nearest parent where the key is not written.
        """
        return self.source.locate(*keys) if self.source else Location(file=str(self.path))

    def beside(self, path: str) -> Path:
        """Resolve a path written in the suite from where this process stands."""
        return self.root / path

    @property
    def text(self) -> str:
        """The YAML that it was read from."""
        raw = self.source.raw if self.source is not None else self.path.read_bytes()
        return raw.decode("utf-8-sig")


@dataclass(frozen=True, slots=True, kw_only=True)
class Models:
    """models.yaml: what the names of arms mean."""

    specs: dict[str, ModelSpec]
    path: Path
    source: YamlFile | None = field(default=None, repr=False, compare=False)

    @property
    def root(self) -> Path:
        """The folder that paths in the file are relative to."""
        return self.path.parent

    def locate(self, *keys: int | str) -> Location:
        """Locate a key, e.g. ``locate("models", "base", "adapter")``."""
        return self.source.locate(*keys) if self.source else Location(file=str(self.path))


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A suite as far as it can be read.

    With it stands what is wrong with it so far.
    """

    suite: Suite | None
    """Without what is wrong with its shape; None where too little of it is left"""
    problems: tuple[Problem, ...] = ()
    data: bool = True
    """Whether `dataset` is sound enough to be read as it was meant"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelsDraft:
    """The file models.yaml as far as it can be read.

    With it stands what is wrong with it so far.
    """

    models: Models | None
    """Without what is wrong with its shape; None where too little of it is left"""
    problems: tuple[Problem, ...] = ()
    incomplete: frozenset[str] = frozenset()
    """Models that lost a key: what they lack may be what was misspelt"""
    dropped: frozenset[str] = frozenset()
    """Names of models that are not left"""


def load_suite(path: str | Path) -> Suite:
    """Read one suite file.

    Raises SuiteError holding every problem: of shape (unknown keys, wrong types) and of meaning (gates and slices
    that name nothing), in the order of the file.
    """
    draft = draft_suite(path)
    if draft.suite is None or draft.problems:
        raise SuiteError(draft.problems)
    return draft.suite


def draft_suite(path: str | Path, raw: bytes | None = None) -> Draft:
    """Read one suite file and go on where its shape is wrong.

    SuiteError for a file that is no YAML mapping. `raw` are the bytes of a suite that is not kept in a file.
    """
    source = read_yaml(Path(path), raw)
    digest = hashlib.sha256(source.raw).hexdigest()
    try:
        spec = _shape(source, SuiteSpec, what="a suite")
    except SuiteError as error:
        problems = tuple(_explain_no_mark(problem) for problem in error.problems)
        rest = recover(source, SuiteSpec, _STAND_INS) if isinstance(source.data, dict) else None
        if rest is None or ("evalkit" in source.data and ("evalkit",) in rest.dropped):
            return Draft(suite=None, problems=problems)
        spec = _without_stand_ins(rest)
        suite = Suite(spec=spec, path=source.path, root=source.path.parent, sha256=digest, source=rest.source)
        gaps = Gaps(
            incomplete=rest.incomplete,
            scorers=_find_left_out(source.data.get("scorers"), spec.scorers),
            gates=any(p[0] == "gates" and len(p) < 3 for p in rest.dropped),
        )
        more = meaning_problems(spec, suite.locate, gaps)
        return Draft(suite=suite, problems=in_file_order([*problems, *more]), data=_data_is_sound(rest))
    told = with_families(spec, source.path.parent, source.locate)
    suite = Suite(spec=told.spec, path=source.path, root=source.path.parent, sha256=digest, source=source)
    return Draft(suite=suite, problems=in_file_order([*meaning_problems(told.spec, source.locate), *told.problems]))


_STAND_INS: dict[str, Any] = {
    "evalkit": 1,
    "name": "?",
    "dataset": {"path": "?"},
    "scorers": {"?": {"type": "?"}},
    "gates": [GateSpec(type="?")],
}
"""For keys that must be there: what has them is left without (scorers, gates) or never read (dataset)."""


def _without_stand_ins(rest: Mended[SuiteSpec]) -> SuiteSpec:
    empty: dict[str, Any] = {"scorers": {}, "gates": []}
    return rest.spec.model_copy(update={key: value for key, value in empty.items() if (key,) in rest.dropped})


def _find_left_out(written: object, left: Mapping[str, object]) -> frozenset[str] | None:
    """The scorers of the file that are not left; None where the file does not say which there are."""
    return frozenset(map(str, written)) - {*left} if isinstance(written, Mapping) and written else None


def _data_is_sound(rest: Mended[SuiteSpec]) -> bool:
    """Not where a key is lost that says how the rows are read, or one that nobody knows and that may have said it."""
    lost = {path[1] for path in rest.dropped if path[0] == "dataset" and len(path) > 1}
    return ("dataset",) not in rest.dropped and lost <= {"limit", "seed", "trained_on"}


def load_models(path: str | Path) -> Models:
    """Read models.yaml; SuiteError with every problem."""
    draft = draft_models(path)
    if draft.models is None or draft.problems:
        raise SuiteError(draft.problems)
    return draft.models


def draft_models(path: str | Path) -> ModelsDraft:
    """Read models.yaml and go on where its shape is wrong.

    SuiteError for a file that is no YAML.
    """
    source = read_yaml(Path(path))
    try:
        specs = _shape(source, ModelsFile, what="models.yaml").models
    except SuiteError as error:
        rest = recover(source, ModelsFile, {}) if isinstance(source.data, dict) else None
        if rest is None:
            return ModelsDraft(models=None, problems=error.problems)
        left = rest.spec.models
        more = model_problems(left, rest.source.locate, rest.incomplete)
        return ModelsDraft(
            models=Models(specs=left, path=source.path, source=rest.source),
            problems=in_file_order([*error.problems, *more]),
            incomplete=frozenset(str(path[1]) for path in rest.incomplete if len(path) > 1),
            dropped=frozenset(map(str, source.data["models"])) - {*left},
        )
    models = Models(specs=specs, path=source.path, source=source)
    return ModelsDraft(models=models, problems=in_file_order(model_problems(specs, source.locate)))


def _explain_no_mark(problem: Problem) -> Problem:
    """A file that lacks the mark of a suite may be none at all."""
    if problem.what != "the key 'evalkit' is missing":
        return problem
    return replace(problem, todo="begin a suite with `evalkit: 1`; keep YAML that is no suite in another folder")


def _shape(source: YamlFile, shape: type[_Shape], *, what: str) -> _Shape:
    if not isinstance(source.data, dict):
        raise SuiteError(
            Problem(what=f"{what} must be a mapping of keys, not {kind_of(source.data)}", where=source.locate())
        )
    problems = source.endless()
    try:
        spec = shape.model_validate(source.data)
    except ValidationError as error:
        found = problems_of(
            error,
            document=source.data,
            locate=lambda loc: source.locate(*loc),
            known_keys=lambda loc: model_keys(shape, loc),
        )
        raise SuiteError(in_file_order([*problems, *found])) from None
    if problems:
        raise SuiteError(problems)
    return spec


def suite_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of a suite file, for editors."""
    return _schema(SuiteSpec, "evalkit suite")


def models_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of models.yaml, for editors."""
    return _schema(ModelsFile, "evalkit models.yaml")


def _schema(shape: type[BaseModel], title: str) -> dict[str, Any]:
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **shape.model_json_schema(), "title": title}
