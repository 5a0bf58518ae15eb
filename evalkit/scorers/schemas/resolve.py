"""What a schema says of one value: references followed, allOf joined, the branches chosen that speak of that value.

The one reader of schemas for all who ask what a value may be: matchers, comparison of fields, lint.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from evalkit.core.exchange import Json
from evalkit.scorers.schemas.fits import ANYTHING, as_object, fits, matches
from evalkit.scorers.schemas.references import has_references, readable, resolver_of

Schema = Mapping[str, Json]
Place = tuple[Schema, Any]
"""A schema, and what looks up its references (None where there are none)"""


def view_of(schema: Json) -> SchemaView:
    """Return the view of a whole schema.

    It is kept, so that a schema must not be changed once it was used.
    """
    if not isinstance(schema, Mapping):
        return NOTHING_SAID
    recent = _RECENT.get(id(schema))
    if recent is not None and recent[0] is schema:
        return recent[1]
    view = SchemaView([(schema, _resolver(schema))])
    if len(_RECENT) >= _MOST_RECENT:
        _RECENT.clear()
    _RECENT[id(schema)] = (schema, view)
    return view


class SchemaView:
    """Every schema that a value must meet, and the branches.

    `said` are those it must meet; of the branches one at least must hold.

    It opens when it is asked, so that a schema may contain itself; what it leads to is kept.
    """

    said: tuple[Schema, ...]
    """The schemas that hold whatever the value is"""
    branches: bool
    """Whether what is said depends on the value"""
    default: tuple[Json, ...]
    """The default in a tuple; () where none is said. One inside a branch is not the value's own"""
    required: frozenset[str]
    """The members that must be there"""
    listed: bool
    """Whether the values are listed: an enum or a const"""
    spelled: bool
    """Whether a text has a spelling of its own: a pattern, or an encoding"""
    format: str
    """The format of a text, "" where none is said"""
    whole: bool
    """Whether a number must be an integer"""
    _places: tuple[Place, ...]
    _choices: tuple[tuple[SchemaView, ...], ...]
    _conditions: tuple[tuple[SchemaView, SchemaView | None, SchemaView | None], ...]

    def __init__(self, begin: Sequence[Place]) -> None:
        self._begin = tuple(begin)
        self._members: dict[str, SchemaView | None] = {}
        self._items: dict[int, SchemaView] = {}
        self._chosen: dict[tuple[int, ...], SchemaView] = {}

    def __getattr__(self, name: str) -> Any:
        """What is not known yet: the view is opened, once (cached properties one by one cost more than all of it)."""
        if name.startswith("__") or "said" in self.__dict__:
            raise AttributeError(name)
        self._open()
        return getattr(self, name)

    def _open(self) -> None:
        self._places = self._join()
        self.said = tuple(contents for contents, _ in self._places)
        self._choices, self._conditions = self._alternatives()
        self.branches = bool(self._choices or self._conditions)
        self.default, self.format = (), ""
        self.listed = self.spelled = self.whole = False
        required: list[str] = []
        for contents in self.said:
            if not self.default and "default" in contents:
                self.default = (contents["default"],)
            if not self.format and isinstance(form := contents.get("format"), str):
                self.format = form
            self.listed = self.listed or "enum" in contents or "const" in contents
            self.spelled = self.spelled or any(keyword in contents for keyword in _SPELLING)
            kinds = contents.get("type")
            if isinstance(kinds, (str, list)):
                self.whole = self.whole or ("integer" in kinds and "number" not in kinds)
            if isinstance(names := contents.get("required"), (list, tuple)):
                required += names
        self.required = frozenset(required) if required else _NO_NAMES

    def _join(self) -> tuple[Place, ...]:
        """References and allOf joined; what leads back to itself is passed over."""
        places: list[Place] = []
        todo = list(reversed(self._begin))
        while todo:
            contents, resolver = todo.pop()
            if not any(contents is one for one, _ in places):
                places.append((contents, resolver))
                if resolver is not None:
                    todo += reversed(_follow_reference(contents, resolver))
                if "allOf" in contents:
                    todo += reversed(_place_all(contents["allOf"], resolver))
        return tuple(places)

    def _alternatives(
        self,
    ) -> tuple[tuple[tuple[SchemaView, ...], ...], tuple[tuple[SchemaView, SchemaView | None, SchemaView | None], ...]]:
        choices: list[tuple[SchemaView, ...]] = []
        conditions: list[tuple[SchemaView, SchemaView | None, SchemaView | None]] = []
        for contents, resolver in self._places:
            for keyword in ("anyOf", "oneOf"):
                if keyword in contents and (branches := _place_all(contents[keyword], resolver, said={})):
                    choices.append(tuple(SchemaView([place]) for place in branches))
            if "if" in contents:
                test, then, other = (_view(contents.get(keyword), resolver) for keyword in ("if", "then", "else"))
                if test is not None:
                    conditions.append((test, then, other))
        return tuple(choices), tuple(conditions)

    def for_value(self, value: Json) -> SchemaView:
        """Return what is said of this value.

        Of each anyOf and oneOf the branches that it fits, all where it fits none.
        """
        if not self.branches:
            return self
        key, places = self._choose(value)
        if key not in self._chosen:
            self._chosen[key] = _Narrowed(places)
        return self._chosen[key]

    def takes(self, value: Json) -> bool:
        """Return whether a value fits, sizes aside.

        By type, enum, const, pattern, known format, and what it holds.
        """
        if value is ANYTHING:
            return True
        if not all(fits(contents, value) for contents in self.said):
            return False
        if isinstance(value, Mapping):
            if not all((m := self.member(str(n))) is None or m.takes(v) for n, v in value.items()):
                return False
        elif isinstance(value, (list, tuple)) and not all(self.item(i).takes(v) for i, v in enumerate(value)):
            return False
        if not all(any(branch.takes(value) for branch in choice) for choice in self._choices):
            return False
        return all(inner.takes(value) for inner in self._conditional(value))

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The members that are named, in whichever branch, in the order of the schema."""
        mine = [name for contents in self.said for name in as_object(contents.get("properties"))]
        inner = [name for choice in self._inner() for branch in choice for name in branch.names]
        return tuple(dict.fromkeys((*mine, *inner)))

    @cached_property
    def closed(self) -> bool:
        """Whether members that are not named are refused."""
        return any(c.get("additionalProperties") is False or c.get("unevaluatedProperties") is False for c in self.said)

    @cached_property
    def open_to_others(self) -> bool:
        """Whether a schema allows or describes members of other names.

        It says what they may be, or that they may be.
        """
        keys = ("additionalProperties", "unevaluatedProperties", "patternProperties")
        mine = any(c.get(key, False) is not False for c in self.said for key in keys)
        return mine or any(branch.open_to_others for choice in self._inner() for branch in choice)

    @cached_property
    def allows_null(self) -> bool:
        """Whether null is said to be a value.

        By a type, an enum or a const, not by silence.
        """
        said = any(c.keys() & {"type", "enum", "const", "nullable"} for c in self.said)
        told = said or any(branch.allows_null for choice in self._choices for branch in choice)
        return told and self.takes(None)

    def member(self, name: str) -> SchemaView | None:
        """Return the view of a member.

        None where nothing speaks of one of this name.
        """
        if name not in self._members:
            places = [place for own in self._places for place in _member_places(own, name)]
            self._members[name] = SchemaView(places) if places else None
        return self._members[name]

    def item(self, index: int) -> SchemaView:
        """Return the view of an array's element.

        All behind those that have a schema of their own share one.
        """
        index = min(index, self._tuple)
        if index not in self._items:
            places = [place for own in self._places for place in _item_places(own, index)]
            self._items[index] = SchemaView(places) if places else NOTHING_SAID
        return self._items[index]

    @cached_property
    def _tuple(self) -> int:
        """How many elements have a schema of their own."""
        lists = (c.get(keyword) for c in self.said for keyword in ("prefixItems", "items"))
        return max((len(one) for one in lists if isinstance(one, list)), default=0)

    def _inner(self) -> Iterator[Sequence[SchemaView]]:
        yield from self._choices
        for _, then, other in self._conditions:
            yield [branch for branch in (then, other) if branch is not None]

    def _conditional(self, value: Json) -> Iterator[SchemaView]:
        for test, then, other in self._conditions:
            branch = then if test.takes(value) else other
            if branch is not None:
                yield branch

    def _choose(self, value: Json) -> tuple[tuple[int, ...], tuple[Place, ...]]:
        chosen: list[SchemaView] = []
        for choice in self._choices:
            chosen += [branch for branch in choice if branch.takes(value)] or choice
        chosen += self._conditional(value)
        key: list[int] = []
        places = list(self._places)
        for branch in chosen:
            inner_key, inner = branch._choose(value)
            key += [id(branch), *inner_key]
            places += [place for place in inner if not any(place[0] is one for one, _ in places)]
        return tuple(key), tuple(places)


class _Narrowed(SchemaView):
    """What was said of one value: nothing is left to choose."""

    def _join(self) -> tuple[Place, ...]:
        return self._begin

    def _alternatives(self) -> tuple[tuple[()], tuple[()]]:
        return (), ()


_NO_NAMES: frozenset[str] = frozenset()
_SPELLING = ("pattern", "contentEncoding", "contentMediaType")
NOTHING_SAID = SchemaView(())
_RECENT: dict[int, tuple[Schema, SchemaView]] = {}
_MOST_RECENT = 4096


def _resolver(schema: Schema) -> Any:
    if not has_references(schema):
        return None
    dialect = schema.get("$schema")
    return resolver_of(readable(schema), dialect.rstrip("#") if isinstance(dialect, str) else None)[1]


def _view(schema: Json, resolver: Any) -> SchemaView | None:
    return SchemaView([(schema, resolver)]) if isinstance(schema, Mapping) else None


def _place_all(schemas: Json, resolver: Any, *, said: Schema | None = None) -> list[Place]:
    """A list of schemas, those that are objects; `said` stands for true."""
    listed = [said if s is True else s for s in schemas] if isinstance(schemas, list) else []
    return [(s, resolver) for s in listed if isinstance(s, Mapping)]


def _follow_reference(contents: Schema, resolver: Any) -> list[Place]:
    """What a schema refers to; a reference that leads nowhere says nothing here (`validate` tells it)."""
    from referencing.exceptions import Unresolvable

    places: list[Place] = []
    for keyword in ("$ref", "$dynamicRef", "$recursiveRef"):
        if resolver is not None and isinstance(reference := contents.get(keyword), str):
            try:
                target = resolver.lookup(reference)
            except (Unresolvable, ValueError):
                continue
            if isinstance(target.contents, Mapping):
                places.append((target.contents, target.resolver))
    return places


def _member_places(own: Place, name: str) -> list[Place]:
    """As JSON Schema has it: properties and patternProperties, and additionalProperties where neither speaks."""
    contents, resolver = own
    named = [p for n, p in as_object(contents.get("properties")).items() if n == name]
    named += [p for pattern, p in as_object(contents.get("patternProperties")).items() if matches(pattern, name)]
    if not named:
        others = contents.get("additionalProperties", contents.get("unevaluatedProperties"))
        return [(others, resolver)] if isinstance(others, Mapping) else []
    return _place_all(named, resolver, said={})


def _item_places(own: Place, index: int) -> list[Place]:
    contents, resolver = own
    items, rest = contents.get("items"), contents.get("items", contents.get("unevaluatedItems"))
    tuple_ = contents.get("prefixItems")
    if isinstance(items, list):  # up to draft 2019-09
        tuple_, rest = items, contents.get("additionalItems")
    schema = tuple_[index] if isinstance(tuple_, list) and index < len(tuple_) else rest
    return [(schema, resolver)] if isinstance(schema, Mapping) else []
