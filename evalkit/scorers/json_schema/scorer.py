"""The scorer of structured answers: does it parse, is it valid, does it say what it should."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, ClassVar, Literal

from evalkit.core.exchange import Example, Json, Response
from evalkit.core.verdict import Metric, Score
from evalkit.reading.response import strip_thoughts
from evalkit.scorers.json_schema.leaves import Rules, earns_nothing, tally
from evalkit.scorers.json_schema.parse import read_json
from evalkit.scorers.json_schema.parts import METRICS, NOTHING_EARNED, evidence, grade_parts, reason, spell_json
from evalkit.scorers.options import SuiteFile
from evalkit.scorers.schemas.patterns import TookTooLong
from evalkit.scorers.schemas.resolve import NOTHING_SAID, view_of
from evalkit.scorers.schemas.validate import Backend, BadSchema, Violation, checker
from evalkit.scorers.values.how import read_how


@dataclass(frozen=True, kw_only=True)
class JsonSchema:
    """1 when the answer is valid and says what the target says, else 0.

    Valid means under the schema; without a target that is enough.

    Every part counts over all that were asked: an answer that does not parse is 0 everywhere. Parts that need a
    target, or a field the target leaves empty, are None where it is so in the data. Agreeing on nothing earns nothing:
    where the target is empty altogether, an answer that is so too has no value (None), any other is 0 (`empty_counts`).

    Evidence: `parse` (strict, extracted, repaired, unparsed), `repairs`, `errors` (a list of {keyword, pointer,
    schema_pointer, message}) and `wrong` (a list of {path, expected, got}, sides that are absent left out).
    """

    VERSION: ClassVar[str] = "2"

    schema: SuiteFile | dict[str, Any] | None = None
    """A JSON Schema: a file beside the suite, or the schema itself. Without one only parsing and the target count"""
    fields: dict[str, str | dict[str, Any]] = field(default_factory=dict)
    """Dotted path -> matcher, e.g. {priority: exact, product: {fuzzy: 0.9}, "items[].price": {number: 0.01}}"""
    parse: Literal["strict", "extracted", "repaired"] = "strict"
    """How much is forgiven before an answer counts as unparsed"""
    lists: Literal["ordered", "set"] = "ordered"
    """How elements of lists meet, where `fields` does not say {list: ...}"""
    null_is_missing: bool = False
    """Whether {"a": null} and {} are the same"""
    empty_counts: bool = False
    """Whether agreeing on an empty value earns credit"""
    backend: Backend = "jsonschema"

    def __post_init__(self) -> None:
        for path, raw in self.fields.items():
            try:
                read_how(raw)
            except ValueError as error:
                raise ValueError(f"fields.{path}: {error}") from None
        if self.schema is not None:
            try:
                checker(self._schema(), backend=self.backend)
            except BadSchema as error:
                raise ValueError(f"schema: {error}") from None

    @property
    def version(self) -> str:
        """The version of the numbers."""
        return self.VERSION

    def metrics(self) -> Sequence[Metric]:
        """List the pass, how it was reached, and one `fields.NAME` a field.

        Fields are those configured, or those at the top level.
        """
        named = [
            Metric(part=f"fields.{name}", about=f"the field {name} is right")
            for name in self._field_names(self._schema())
        ]
        return (*METRICS, *named)

    def check(self, example: Example) -> Sequence[str]:
        """Check that the target is JSON that the schema allows."""
        if example.target is None:
            return () if self.schema is not None else ("it has no target, and the scorer has no schema",)
        target = _target(example)
        if isinstance(target, str):
            return ("its target is text that is no JSON",)
        try:
            violations = self._violations(target, self._schema())
        except TookTooLong as error:
            return (f"its target cannot be held against the schema: {error}",)
        return tuple(f"its target breaks the schema at {v.pointer or '/'}: {v.message}" for v in violations)

    def score(self, example: Example, response: Response) -> Score:
        """Compare one answer with the target, parsed and validated first."""
        schema, rules = self._schema(), self._rules
        parsed = read_json(
            strip_thoughts(response), cut=response.ended in ("cut", "filtered") or response.finish == "length"
        )
        readable = parsed.within(self.parse)
        violations = self._violations(parsed.value, schema) if readable else ()
        target = _target(example)
        aimed = example.target is not None
        found = tally(target, parsed.value, schema, rules) if readable and aimed else None
        valid = readable and not violations
        passed = valid and (found is None or found.right)
        agreed = found is not None and found.right and earns_nothing(target, rules)
        parts: dict[str, float | None] = {
            "read": float(readable),
            "parsed": float(parsed.stage == "strict"),
            "extracted": float(parsed.within("extracted")),
            "repaired": float(parsed.within("repaired")),
            "valid": float(valid),
            "key_order": _key_order(target, parsed.value if readable else None, schema),
            **grade_parts(found, aimed=aimed, agreed=agreed),
            **self._field_parts(target, parsed.value if readable else None, schema),
        }
        return Score(
            example_id=example.id,
            scorer="",
            version=self.VERSION,
            value=None if passed and agreed else float(passed),
            parts=parts,
            reason=NOTHING_EARNED if passed and agreed else reason(parsed, readable, violations, found),
            evidence=evidence(parsed, violations, found),
            repeat=response.repeat,
            reading=spell_json(parsed.value) if readable else None,
            expected=spell_json(target) if aimed else None,
        )

    def has_empty_target(self, example: Example) -> bool:
        """Return whether the target is empty altogether.

        Then the right answer earns nothing.
        """
        return example.target is not None and earns_nothing(_target(example), self._rules)

    def _schema(self) -> Mapping[str, Json]:
        if isinstance(self.schema, Path):
            return _read_schema(self.schema, self.schema.stat().st_mtime_ns)
        return self.schema or {}

    def _violations(self, value: Json, schema: Mapping[str, Json]) -> tuple[Violation, ...]:
        return checker(schema, backend=self.backend)(value) if self.schema is not None else ()

    @cached_property
    def _rules(self) -> Rules:
        return Rules(
            fields={path: read_how(raw) for path, raw in self.fields.items()},
            lists=self.lists,
            null_is_missing=self.null_is_missing,
            empty_counts=self.empty_counts,
        )

    def _field_names(self, schema: Mapping[str, Json]) -> list[str]:
        return list(dict.fromkeys([*view_of(schema).names, *self._own_names]))

    @cached_property
    def _own_names(self) -> tuple[str, ...]:
        """The top-level names of the fields that have a matcher."""
        return tuple(dict.fromkeys(path.split(".")[0].split("[")[0] for path in self.fields))

    def _field_parts(self, target: Json, value: Json, schema: Mapping[str, Json]) -> dict[str, float | None]:
        """One a top-level field: None where the target has no such field, or leaves it empty."""
        parts: dict[str, float | None] = {}
        view, rules = view_of(schema).for_value(target), self._rules
        for name in self._field_names(schema):
            part = f"fields.{name}"
            if not isinstance(target, dict) or not self._counts(name, target, rules):
                parts[part] = None
            elif not isinstance(value, dict) or name not in value:
                parts[part] = 0.0
            else:
                member = view.member(name) or NOTHING_SAID
                parts[part] = float(tally(target[name], value[name], member, rules, path=name).right)
        return parts

    def _counts(self, name: str, target: Mapping[str, Json], rules: Rules) -> bool:
        if name not in target or self.fields.get(name) == "ignore":
            return False
        return not earns_nothing({name: target[name]}, rules)


def _key_order(target: Json, value: Json, schema: Mapping[str, Json]) -> float | None:
    wanted = list(target) if isinstance(target, dict) else list(view_of(schema).names)
    if len(wanted) < 2:
        return None
    return float(isinstance(value, dict) and [k for k in value if k in wanted] == [k for k in wanted if k in value])


@lru_cache(maxsize=64)
def _read_schema(path: Path, stamp: int) -> Mapping[str, Json]:
    found = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(found, dict):
        raise ValueError(f"schema: {path} holds no JSON object")
    return found


def _target(example: Example) -> Json:
    """The target as JSON; text that holds JSON is read, other text stays text."""
    if not isinstance(example.target, str):
        return example.target
    parsed = read_json(example.target)
    return parsed.value if parsed.stage == "strict" else example.target
