"""What a model attempted and what was expected of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, NamedTuple

from evalkit.core.exchange import Json
from evalkit.scorers.tool_calls.shown import call_line, show_expected
from evalkit.scorers.values.expected import Expected

Decision = Literal["call", "abstain", "malformed", "refusal", "unread"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """One tool that was offered.

    `schema` is its parameters as JSON Schema ({} where it takes anything).
    """

    name: str
    schema: Mapping[str, Json] = field(default_factory=dict)
    custom: bool = False
    """Takes free text instead of arguments"""


class Call(NamedTuple):
    """One call a model made.

    `arguments` is None where `raw` cannot be read, and `fault` says why.

    Faults: malformed, truncated, double_encoded, not_object. `empty` marks "" or null written for no arguments.
    """

    name: str
    raw: str
    arguments: Mapping[str, Json] | None
    fault: str = ""
    empty: bool = False


class Attempt(NamedTuple):
    """All that a response tried.

    `calls` whose name could be read, and `broken` pieces that wanted to be calls.

    `dialect` is "native" or the name of the text reader; "" where nothing was tried.
    """

    decision: Decision
    calls: tuple[Call, ...] = ()
    broken: tuple[str, ...] = ()
    dialect: str = ""
    text: str = ""

    @property
    def was_read(self) -> bool:
        """Whether there was something to read, and it was read.

        A malformed attempt is read as what it is.
        """
        return self.decision != "unread" and bool(self.calls or self.broken or self.text.strip())


@dataclass(frozen=True, kw_only=True)
class ExpectedCall:
    """One expected call; `arguments` maps parameter to what is accepted for it."""

    name: str
    arguments: Mapping[str, Expected]

    @cached_property
    def shown(self) -> dict[str, Json]:
        """Return the arguments as evidence shows them; not to be changed."""
        return {name: show_expected(want) for name, want in self.arguments.items()}

    @cached_property
    def line(self) -> str:
        """Return the call in one line."""
        return call_line(self.name, self.shown)


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """What a target asks for.

    `calls` empty and no trajectory: the model must not call.

    `ask`: None, or the words of which one must occur in the model's question ("" accepts any question).
    `trajectory` is set where the target names conditions (required, forbidden, at_most, state) instead of calls.
    """

    calls: tuple[ExpectedCall, ...] = ()
    ordered: bool = False
    ask: tuple[str, ...] | None = None
    required: tuple[ExpectedCall, ...] = ()
    forbidden: tuple[str, ...] = ()
    at_most: int | None = None
    state: Json = None
    initial_state: Json = None
    trajectory: bool = False

    @property
    def must_call(self) -> bool:
        """Whether at least one call is expected."""
        return bool(self.calls or self.required)
