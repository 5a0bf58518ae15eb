"""One gate as a suite writes it. Which gates there are says the table of gates: they are found there by their name."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Annotated, Any, ClassVar, cast, get_args

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, TypeAdapter, ValidationInfo
from pydantic_core import CoreSchema, PydanticCustomError, PydanticKnownError, core_schema

from evalkit.core.errors import UsageError
from evalkit.core.exchange import Example
from evalkit.core.registry import Registry, registry_of
from evalkit.suite.shape import Strict

Keys = tuple[int | str, ...]
"""A path inside a gate, e.g. ("metrics", 1)"""

_KIND = "type"


class GateSpec(Strict):
    """The keys of a gate, and what can be asked of it unmeasured.

    A suite asks it before anything is measured. A field called `metric` (a name or a list) or `metrics` holds names of
    metrics, one called `slices` tags to cut by.
    """

    scored: ClassVar[bool] = True
    """Whether the metrics it names are those of scorers; False: columns of its own (seconds, tokens)"""

    claims_no_loss: ClassVar[bool] = False
    """Whether its PASS says that users of the base lose nothing: it is then checked for what a mean hides"""

    on_training: ClassVar[bool] = False
    """Whether it looks at the sample of training rows, which the suite then has to name"""

    type: str

    def metric_names(self) -> tuple[tuple[str, Keys], ...]:
        """Return the metrics it names, each with its place in the gate.

        Empty where it means all main ones.
        """
        found: list[tuple[str, Keys]] = []
        for field in ("metric", "metrics"):
            named = getattr(self, field, ())
            if isinstance(named, str):
                found.append((named, (field,)))
            else:
                found += [(name, (field, place)) for place, name in enumerate(named)]
        return tuple(found)

    def cut_by(self) -> tuple[str, ...]:
        """Return the slices whose values it judges one by one."""
        return tuple(getattr(self, "slices", ()))

    def problems(self) -> Iterator[tuple[str, Keys]]:
        """List what is wrong that its shape cannot say.

        Each is a sentence, and the key it is about (() is the gate as a whole).
        """
        yield from ()

    def unknown_values(self, levels: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, Keys]]:
        """List the values of slices it names that no case has.

        `levels` are those of every case; each entry is a sentence, and the key.
        """
        yield from ()

    def guards(self, example: Example) -> bool:
        """Tell whether this case must be asked whatever else is known.

        It must where every one of the cases counts.
        """
        return False

    def margin_of(self, metric: str) -> float | None:
        """Return the drop of this metric that must be ruled out.

        It is over all cases; None where the gate asks for no such proof. Such a margin may stop a run early, and is
        refused below the noise floor of the metric.
        """
        return None

    def over_families(self, tags: Sequence[str]) -> GateSpec:
        """Return the gate as it is in a suite whose families have these tags.

        A gate over families may then do without tags of its own.
        """
        return self

    def compares_seconds(self) -> bool:
        """Tell whether it holds one arm's time against the other's.

        Local arms are then timed side by side.
        """
        return False


def gate_table() -> Registry:
    """Return the table of gates, which stands a floor above."""
    return registry_of("gate")


def gate_kind(name: str) -> type[GateSpec] | None:
    """Return the shape of the gates of this type.

    None where nobody knows it. UsageError where it cannot be loaded.
    """
    table = gate_table()
    return cast(type[GateSpec], table.load(name)) if name in table else None


def read_gate(value: object, *, from_json: bool = False) -> GateSpec:
    """Read a gate from a mapping; raise pydantic's errors.

    Those of its keys stand behind the name of its type.
    """
    if isinstance(value, GateSpec):
        return value
    if not isinstance(value, Mapping):
        raise PydanticKnownError("model_attributes_type")
    if _KIND not in value:
        raise PydanticKnownError("union_tag_not_found", {"discriminator": f"'{_KIND}'"})
    name = value[_KIND]
    try:
        kind = gate_kind(name) if isinstance(name, str) else None
    except UsageError as error:
        raise PydanticCustomError("unusable_gate", "{told}", {"told": str(error)}) from None
    if kind is None:
        told = {"discriminator": f"'{_KIND}'", "tag": str(name), "expected_tags": _quote(gate_table().names())}
        raise PydanticKnownError("union_tag_invalid", told)
    shape = _behind(kind)
    read = shape.validate_json(json.dumps({name: value})) if from_json else shape.validate_python({name: value})
    return read[name]


@cache
def _behind(kind: type[GateSpec]) -> TypeAdapter[dict[str, GateSpec]]:
    """The validator of one gate under its name: so its errors have the place that those of a union have."""
    return TypeAdapter(dict[str, kind])  # type: ignore[valid-type]


def _quote(names: Sequence[str]) -> str:
    return ", ".join(f"'{name}'" for name in names)


class _Registered:
    """Tells pydantic that the field holds one of the gates that are registered when it is read."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        def read(value: object, info: ValidationInfo) -> GateSpec:
            return read_gate(value, from_json=info.mode == "json")

        return core_schema.with_info_plain_validator_function(read)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        table = gate_table()
        kinds = {name: cast(Any, table.load(name)).__pydantic_core_schema__ for name in table.names()}
        return handler(core_schema.tagged_union_schema(kinds, discriminator=_KIND))


AnyGate = Annotated[GateSpec, _Registered()]
"""A gate of whichever type its `type` says"""


def type_name(kind: type[GateSpec]) -> str | None:
    """Return the value that `type` must have.

    None where the shape does not say it as a Literal of one word.
    """
    field = kind.model_fields[_KIND]
    names = get_args(field.annotation)
    return names[0] if field.annotation is not None and len(names) == 1 and isinstance(names[0], str) else None
