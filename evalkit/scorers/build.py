"""Options from YAML to a scorer: checked against the fields of its dataclass, every problem told at once."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, NotRequired, cast, get_type_hints

from pydantic import ConfigDict, TypeAdapter, ValidationError, with_config
from typing_extensions import TypedDict

from evalkit.core.errors import Location, Problem, SuiteError, UsageError, join_allowed
from evalkit.core.ports import Scorer
from evalkit.scorers.field_names import say_what_is_here
from evalkit.scorers.function import FunctionScorer
from evalkit.scorers.own_module import is_own, load_own
from evalkit.scorers.table import SCORERS
from evalkit.suite.explain import Loc, Locate, problems_of


def _nowhere(loc: Loc) -> Location | None:
    return None


def build_scorer(type: str, options: Mapping[str, Any], *, root: Path, locate: Locate = _nowhere) -> Scorer:
    """Build the scorer of this type with these options.

    A scorer is a frozen dataclass whose fields are its options, a function whose arguments behind `*` are, or an object
    without options. A type `MODULE:NAME` is code of the user's own. Fields annotated `SuiteFile` are resolved against
    `root`, the suite's folder. `locate` gives the place of an option in the suite, `()` that of the scorer.

    Raises SuiteError with one Problem a mistake: an unknown type, an unknown option, a value of the wrong kind.
    """
    kind: Any = _scorer_kind(type, root=root, locate=locate)
    if isinstance(kind, FunctionScorer) and kind.options:
        return kind.with_options(_check_options(kind, options, root=root, locate=locate))
    if _is_object(kind):
        if options:
            what = f"scorer {type!r} is an object, which takes no options: {join_allowed(list(options))}"
            raise SuiteError(Problem(what=what, where=locate((next(iter(options)),))))
        return cast(Scorer, kind)
    values = _check_options(kind, options, root=root, locate=locate)
    try:
        fields = {field.name.rstrip("_"): field.name for field in dataclasses.fields(kind)}
        return cast(Scorer, kind(**{fields[name]: value for name, value in values.items()}))
    except (ValueError, TypeError) as error:
        raise SuiteError(Problem(what=f"scorer {type!r}: {error}", where=locate(()))) from None


def _check_options(kind: Any, options: Mapping[str, Any], *, root: Path, locate: Locate) -> dict[str, Any]:
    """The options as their types; SuiteError for every one that is unknown or of another kind."""
    adapter, names = option_shape(kind)
    try:
        return adapter.validate_json(json.dumps(options, default=str), context={"root": root})
    except ValidationError as error:
        raise SuiteError(
            problems_of(error, document=options, locate=locate, known_keys=lambda loc: names if len(loc) == 1 else ())
        ) from None


@cache
def option_shape(kind: Any) -> tuple[TypeAdapter[dict[str, Any]], tuple[str, ...]]:
    """Return the validator of a scorer's options, and their names.

    A field `score_` is the option `score`.
    """
    if isinstance(kind, FunctionScorer):
        asked = kind.options.items()
        return _adapter("Function", {name: hint if must else NotRequired[hint] for name, (hint, must) in asked})
    hints = get_type_hints(kind, include_extras=True)
    shape: dict[str, Any] = {}
    for field in dataclasses.fields(kind):
        if not field.init:
            continue
        optional = field.default is not dataclasses.MISSING or field.default_factory is not dataclasses.MISSING
        shape[field.name.rstrip("_")] = NotRequired[hints[field.name]] if optional else hints[field.name]
    return _adapter(kind.__name__, shape)


def _adapter(name: str, shape: dict[str, Any]) -> tuple[TypeAdapter[dict[str, Any]], tuple[str, ...]]:
    options: Any = TypedDict(f"{name}Options", shape)  # type: ignore[misc]
    checked: Any = with_config(ConfigDict(extra="forbid", strict=True))(options)
    return TypeAdapter(checked), tuple(sorted(shape))


def _is_object(kind: object) -> bool:
    return isinstance(kind, Scorer) and not isinstance(kind, type)


def _scorer_kind(name: str, *, root: Path, locate: Locate) -> Any:
    if is_own(name) and name not in SCORERS:
        try:
            return load_own(name, root=root)
        except UsageError as error:
            raise SuiteError(
                [dataclasses.replace(p, where=p.where or locate(("type",))) for p in error.problems]
            ) from None
    try:
        kind = SCORERS.load(name)
    except UsageError as error:
        here = say_what_is_here(name, SCORERS.names()) if name not in SCORERS else ""
        told = [dataclasses.replace(p, where=locate(("type",)), todo=here or p.todo) for p in error.problems]
        raise SuiteError(told) from None
    return kind
