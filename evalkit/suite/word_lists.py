"""Lists of words that stand for one another between groups: data files, ours or a user's own."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

import regex
from pydantic import Field, ValidationError

from evalkit.core.errors import Problem, SuiteError, did_you_mean, join_allowed
from evalkit.suite.explain import model_keys, problems_of
from evalkit.suite.shape import Name, Strict
from evalkit.suite.yaml_file import YamlFile, read_yaml

FOLDER = Path(__file__).parent / "words"
WORD = "WORD"
"""Stands in `needs` for the word itself"""
_JOINED = ("rows", "stop", "stop_patterns", "refuse", "refuse_patterns", "refuse_others")
"""What a list takes from those that it names under `also`"""
_ALIKE = ("tag", "values", "case", "boundary", "needs")


class WordList(Strict):
    """One list: a column a group, a row for words of one meaning.

    Where `stop` or `refuse` has something longer than a word at the same place, it counts instead.
    """

    about: str = ""
    """What the words are, for the reader of a report"""
    tag: Name
    """The tag that members of a family get, and its values are `values`"""
    source: Name
    """Where the words are from"""
    limits: Name
    """What the list cannot do; it stands in the report"""
    values: Annotated[list[Name], Field(min_length=2)]
    """The groups, in the order of the columns"""
    rows: Annotated[list[list[Name | None]], Field(min_length=1)]
    """A word for every value; null where there is none"""
    case: Literal["fold", "exact"] = "fold"
    """fold: she, She and SHE are one word, and what stands for it is written alike"""
    boundary: bool = False
    """Words in Latin letters count as whole words only"""
    also: list[Name] = []
    """Lists that evalkit brings, of the same tag and values, whose words count as well: he and actress in one text"""
    needs: list[Name] = []
    """Patterns with WORD in the place of the word: it counts where one of them fits"""
    stop: list[Name] = []
    """Texts that hold a word of the list and are something else: 彼岸, man-made"""
    stop_patterns: list[Name] = []
    """The same as regular expressions"""
    refuse: list[Name] = []
    """Words of the kind without a unique partner: a text that has one is left out"""
    refuse_patterns: list[Name] = []
    """The same as regular expressions, also where the match is a word of the list: 彼女 as girlfriend"""
    refuse_others: list[Name] = []
    """Patterns of whatever else is of the kind and not in the list: any other age, any other nationality"""

    @property
    def is_pair(self) -> bool:
        """Whether there are two groups, so that a swap goes both ways at once."""
        return len(self.values) == 2


def word_lists() -> tuple[str, ...]:
    """Return the names of the lists that evalkit brings."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.yaml")))


def find_word_list(name: str, *, root: Path) -> WordList:
    """Return a list by its name (names_ja, names_ja.gender), or from a file.

    A file is a path that ends in .yaml, relative to `root`. SuiteError says which lists there are, or what is wrong
    with the file, every problem at once.
    """
    if name.endswith((".yaml", ".yml")):
        return read_word_list(root / name)
    stem, _, tag = name.partition(".")
    for candidate in (f"{stem}_{tag}", stem) if tag else (stem,):
        if candidate in word_lists():
            found = _bring(candidate)
            if not tag or found.tag == tag:
                return found
    known = [f"{one}.{_bring(one).tag}" if "." in name else one for one in word_lists()]
    raise SuiteError(
        Problem(
            what=f"there is no list of words {name!r}{did_you_mean(name, known)}",
            allowed=f"{join_allowed(list(word_lists()))}, or your own file (a path that ends in .yaml)",
        )
    )


@cache
def _bring(name: str) -> WordList:
    return read_word_list(FOLDER / f"{name}.yaml")


def read_word_list(path: Path) -> WordList:
    """Read a list from a file; raise SuiteError for every problem."""
    source = read_yaml(path)
    try:
        found = WordList.model_validate(source.data)
    except ValidationError as error:
        raise SuiteError(
            problems_of(
                error,
                document=source.data,
                locate=lambda loc: source.locate(*loc),
                known_keys=lambda loc: model_keys(WordList, loc),
            )
        ) from None
    found, problems = _with_others(found, source)
    problems += _contradictions(found, source)
    if problems:
        raise SuiteError(problems)
    return found


def _with_others(found: WordList, source: YamlFile) -> tuple[WordList, list[Problem]]:
    """The list with the words of those that it names under `also`, and what keeps one of them out."""
    problems = []
    merged: dict[str, list[Any]] = {key: list(getattr(found, key)) for key in _JOINED}
    for number, name in enumerate(found.also):
        where = source.locate("also", number)
        if name not in word_lists():
            told = f"`also` names {name!r}, which evalkit does not bring{did_you_mean(name, word_lists())}"
            problems.append(Problem(what=told, where=where, allowed=join_allowed(list(word_lists()))))
            continue
        other = _bring(name)
        unlike = [key for key in _ALIKE if getattr(other, key) != getattr(found, key)]
        if unlike:
            told = f"the list {name} cannot be joined: it differs in {', '.join(unlike)}"
            problems.append(Problem(what=told, where=where))
            continue
        for key, items in merged.items():
            items += [item for item in getattr(other, key) if item not in items]
    return found.model_copy(update=merged), problems


def _contradictions(found: WordList, source: YamlFile) -> list[Problem]:
    """Rows of a wrong length, words without a unique partner, patterns that are none."""
    problems = []
    places: dict[str, int] = {}
    for number, row in enumerate(found.rows):
        where = source.locate("rows", number)
        if len(row) != len(found.values) or sum(word is not None for word in row) < 2:
            told = f"row {number + 1} has {len(row)} words for {len(found.values)} values"
            problems.append(Problem(what=told, where=where, todo="a word for every value, null where there is none"))
        for word in row:
            key = (word or "").casefold() if found.case == "fold" else word or ""
            if word is not None and places.setdefault(key, number) != number:
                told = f"{word!r} stands in two rows, so that it has no unique partner"
                problems.append(Problem(what=told, where=where, todo="keep it in one row, or put it under `refuse`"))
        if len({*row} - {None}) < sum(word is not None for word in row):
            problems.append(Problem(what=f"row {number + 1} has one word for two values", where=where))
    if len({*found.values}) < len(found.values):
        problems.append(Problem(what="a value stands twice in `values`", where=source.locate("values")))
    for key in ("needs", "stop_patterns", "refuse_patterns", "refuse_others"):
        for number, pattern in enumerate(getattr(found, key)):
            try:
                regex.compile(pattern)
            except regex.error as error:
                where = source.locate(key, number)
                problems.append(Problem(what=f"not a regular expression: {error}", where=where))
            if key == "needs" and WORD not in pattern:
                told = f"a pattern of `needs` has {WORD} where the word stands"
                problems.append(Problem(what=told, where=source.locate(key, number)))
    return problems
