"""The key `families` of a suite: every row told by members of several groups, and nothing else changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from evalkit.core.errors import EvalkitError, Location, Problem
from evalkit.suite.shape import Count, Name, Strict
from evalkit.suite.word_lists import WordList, find_word_list


class FamiliesSpec(Strict):
    """How rows become families.

    `from: template` fills `slots`, places in braces; `swap` looks for the words of lists in free text.
    """

    model_config = ConfigDict(serialize_by_alias=True, validate_by_name=True, validate_by_alias=True)

    source: Annotated[Literal["template", "swap"] | None, Field(alias="from")] = None
    """template: rows have places such as {name}; may be left out, as `slots` or `swap` says it"""
    slots: dict[Name, Name] = {}
    """Place -> list of words that fills it: {name: names_ja.gender}; lists of one tag change together"""
    swap: list[Name] = []
    """Lists whose words are swapped where a row has them; your own are paths that end in .yaml"""
    each: Count = 1
    """Of a template: how many words of every group a row is told with"""

    def problems(self) -> Iterator[tuple[str, str]]:
        """Yield what is wrong that the shape cannot say: a sentence, and the key."""
        if bool(self.slots) == bool(self.swap):
            yield "families need either `slots` (places in braces) or `swap` (lists of words)", "slots"
        elif self.source is not None and (self.source == "template") != bool(self.slots):
            wanted = "slots" if self.source == "template" else "swap"
            yield f"`from: {self.source}` needs `{wanted}`", "from"

    def lists(self, root: Path) -> dict[str, WordList]:
        """Return its lists by place, or by name where they are swapped.

        SuiteError where one is not there.
        """
        named = self.slots or {name: name for name in self.swap}
        return {place: find_word_list(name, root=root) for place, name in named.items()}

    def tags(self, root: Path) -> tuple[str, ...]:
        """Return the tags that members of its families get, in order, once each."""
        return tuple(dict.fromkeys(words.tag for words in self.lists(root).values()))


def families_problems(spec: FamiliesSpec, root: Path, locate: Callable[..., Location]) -> list[Problem]:
    """List what is wrong with the families of a suite, word lists included."""
    found = [Problem(what=told, where=locate("families", key)) for told, key in spec.problems()]
    for key, names in (("slots", spec.slots.items()), ("swap", enumerate(spec.swap))):
        for place, name in names:
            try:
                find_word_list(name, root=root)
            except EvalkitError as error:
                here = locate("families", key, place)
                found += [
                    problem
                    if problem.where is not None
                    else Problem(what=problem.what, where=here, allowed=problem.allowed, todo=problem.todo)
                    for problem in error.problems
                ]
    return found
