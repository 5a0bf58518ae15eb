"""Suites and models.yaml from disk: every problem at once, each with file, line and column."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from evalkit.core.errors import Location, Problem, SuiteError
from evalkit.suite.explain import kind_of, model_keys, problems_of
from evalkit.suite.meaning import meaning_problems, model_problems
from evalkit.suite.spec import ModelsFile, ModelSpec, SuiteSpec
from evalkit.suite.yaml_file import YamlFile, read_yaml

_Shape = TypeVar("_Shape", bound=BaseModel)


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """A suite that has been read and is sound by itself. `root` is the folder its paths are relative to."""

    spec: SuiteSpec
    path: Path
    root: Path
    sha256: str
    source: YamlFile | None = field(default=None, repr=False, compare=False)

    def locate(self, *keys: int | str) -> Location:
        """Where a key stands, e.g. ``locate("gates", 2, "metric")``; its nearest parent where it is not written."""
        return self.source.locate(*keys) if self.source else Location(file=str(self.path))

    def beside(self, path: str) -> Path:
        """A path written in the suite, from where this process stands."""
        return self.root / path


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
        """Where a key stands, e.g. ``locate("models", "base", "adapter")``."""
        return self.source.locate(*keys) if self.source else Location(file=str(self.path))


def load_suite(path: str | Path) -> Suite:
    """Read one suite file.

    Raises SuiteError holding every problem: shape (unknown keys, wrong types) first; meaning (gates and slices that
    name nothing) once the shape is right.
    """
    source = read_yaml(Path(path))
    try:
        spec = _shaped(source, SuiteSpec, what="a suite")
    except SuiteError as error:
        raise SuiteError([_unmarked(problem) for problem in error.problems]) from None
    problems = meaning_problems(spec, source.locate)
    if problems:
        raise SuiteError(problems)
    digest = hashlib.sha256(source.raw).hexdigest()
    return Suite(spec=spec, path=source.path, root=source.path.parent, sha256=digest, source=source)


def load_models(path: str | Path) -> Models:
    """Read models.yaml; SuiteError with every problem."""
    source = read_yaml(Path(path))
    specs = _shaped(source, ModelsFile, what="models.yaml").models
    problems = model_problems(specs, source.locate)
    if problems:
        raise SuiteError(problems)
    return Models(specs=specs, path=source.path, source=source)


def _unmarked(problem: Problem) -> Problem:
    """A file that lacks the mark of a suite may be none at all."""
    if problem.what != "the key 'evalkit' is missing":
        return problem
    return replace(problem, todo="begin a suite with `evalkit: 1`; keep YAML that is no suite in another folder")


def _shaped(source: YamlFile, shape: type[_Shape], *, what: str) -> _Shape:
    if not isinstance(source.data, dict):
        raise SuiteError(
            Problem(what=f"{what} must be a mapping of keys, not {kind_of(source.data)}", where=source.locate())
        )
    try:
        return shape.model_validate(source.data)
    except ValidationError as error:
        raise SuiteError(
            problems_of(
                error,
                document=source.data,
                locate=lambda loc: source.locate(*loc),
                known_keys=lambda loc: model_keys(shape, loc),
            )
        ) from None


def suite_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of a suite file, for editors."""
    return _schema(SuiteSpec, "evalkit suite")


def models_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of models.yaml, for editors."""
    return _schema(ModelsFile, "evalkit models.yaml")


def _schema(shape: type[BaseModel], title: str) -> dict[str, Any]:
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **shape.model_json_schema(), "title": title}
