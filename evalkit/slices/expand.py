"""Rows made into families: the same request told by members of several groups, all else as it was."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Any

from evalkit.core.exchange import Example
from evalkit.core.notes import Note
from evalkit.slices.retell import map_texts, texts_of
from evalkit.slices.swap import Swap, Swapper, swapper
from evalkit.suite.word_lists import WordList

FAMILY = "family"
"""The tag that says which family a row belongs to"""
MOST = 64
"""Members of one family"""
_NAMED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Expanded:
    """The rows with their families, and what did not become one.

    `families` counts them; `plain` are ids of rows without a word or place of the lists, `left_out` says by id which
    word stood in the way. Such rows stay in the suite as they are, in no family.
    """

    examples: tuple[Example, ...]
    families: int
    plain: tuple[str, ...] = ()
    left_out: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Tag -> its groups"""

    def notes(self, lists: Mapping[str, WordList]) -> list[str]:
        """Return what a reader must know of the families.

        How many there are, who is left out and why, what the lists cannot do.
        """
        groups = "; ".join(f"{tag}: {', '.join(values)}" for tag, values in self.tags.items())
        told = [f"families: {self.families} rows are told by members of groups ({groups})"]
        if self.plain:
            told.append(f"families: {_rows(self.plain)} no word or place of the lists, and in no family")
        if self.left_out:
            first = [f"{row} ({why})" for row, why in list(self.left_out.items())[:_NAMED]]
            more = len(self.left_out) - len(first)
            rest = f", and {more} more" if more else ""
            what = f"families: left out {len(self.left_out)}, never half swapped: {'; '.join(first)}{rest}"
            told.append(Note(what, kind="left_out"))
        names = {words.limits: place for place, words in lists.items()}
        return [*told, *(f"word list {place}: {limits}" for limits, place in names.items())]


def mark_of(place: str) -> str:
    """Write a place as it stands in the rows: {name}."""
    return "{" + place + "}"


def fill_slots(examples: Sequence[Example], lists: Mapping[str, WordList], *, each: int = 1) -> Expanded:
    """Fill the places of templates, a member for every combination of groups.

    Places of one tag change together. Which words a row is told with depends on its id alone.
    """
    tags = _tags(lists.values())
    out: list[Example] = []
    plain: list[str] = []
    left: dict[str, str] = {}
    for example in examples:
        held = [place for place in lists if any(mark_of(place) in text for text in texts_of(example))]
        if not held:
            plain.append(example.id)
            out.append(example)
            continue
        mine = list(dict.fromkeys(lists[place].tag for place in held))
        combinations = list(product(*(tags[tag] for tag in mine)))
        if len(combinations) * each > MOST:
            left[example.id] = f"{len(combinations) * each} members, at most {MOST}"
            continue
        for values, turn in product(combinations, range(each)):
            chosen = dict(zip(mine, values, strict=True))
            words = {
                place: _word(lists[place], chosen[lists[place].tag], example.id, n, turn)
                for n, place in enumerate(held)
            }
            if all(word is not None for word in words.values()):
                out.append(_member(example, words, chosen, turn=turn if each > 1 else None))
    return Expanded(
        examples=tuple(out),
        families=len(examples) - len(plain) - len(left),
        plain=tuple(plain),
        left_out=left,
        tags=tags,
    )


def swap_words(examples: Sequence[Example], lists: Mapping[str, WordList]) -> Expanded:
    """Swap the words of lists where rows have them.

    The row itself is a member of its family. Lists of one tag are swapped together, those of several tags one after
    the other. A row with a word that has no unique partner, or with words of several groups of a tag, is in no family
    of that tag.
    """
    tags = _tags(lists.values())
    out: list[Example] = []
    plain: list[str] = []
    left: dict[str, str] = {}
    for example in examples:
        members: list[Example] = []
        own: dict[str, str] = {}
        reasons: list[str] = []
        for tag in tags:
            rules = [swapper(words) for words in lists.values() if words.tag == tag]
            found = _told_by_others(example, tag, tags[tag], rules)
            if isinstance(found, str):
                reasons += [found] if found else []
                continue
            value, made, lacking = found
            own[tag] = value
            members += made
            reasons += lacking
        if not members:
            out.append(example)
            (plain.append(example.id) if not reasons else left.update({example.id: reasons[0]}))
            continue
        out.append(_in_family(example, example, own))
        out += members
        if reasons:
            left[example.id] = reasons[0]
    count = len({example.tags[FAMILY] for example in out if FAMILY in example.tags})
    return Expanded(examples=tuple(out), families=count, plain=tuple(plain), left_out=left, tags=tags)


def _told_by_others(
    example: Example, tag: str, values: Sequence[str], rules: Sequence[Swapper]
) -> tuple[str, list[Example], list[str]] | str:
    """Whose the row is, the row told by the other groups, and who could not; or why not at all ("": no word of it)."""
    texts = texts_of(example)
    seen = [(one, text) for rule in rules for text in texts for one in rule.find(text)]
    lone = next((one.text for one, _ in seen if one.row is None), None)
    if lone is not None:
        return f"{lone} has no unique partner"
    whose = list(dict.fromkeys(one.value for one, _ in seen))
    if not whose:
        return ""
    if len(whose) > 1:
        return f"it speaks of {' and '.join(map(str, whose))}"
    stray = _stray(rules, texts)
    if stray is not None:
        return f"{stray} stands in a place where it is not swapped, too"
    value, members, lacking = str(whose[0]), [], []
    for other in values:
        if other == value:
            continue
        made = [_swapped_all(text, rules, other) for text in texts]
        bad = next((one for one in made if one.state == "refused"), None)
        if bad is not None:
            lacking.append(f"{bad.word} {bad.because}")
            continue
        again = dict(zip(texts, (one.text for one in made), strict=True))
        told = map_texts(example, lambda text, again=again: again[text])  # type: ignore[misc]
        members.append(_in_family(example, replace(told, id=f"{example.id}~{other}"), {tag: other}))
    return (value, members, lacking) if members else (lacking[0] if lacking else "")


def _stray(rules: Sequence[Swapper], texts: Sequence[str]) -> str | None:
    """A word that is swapped in one place and stands in another where the list does not know it: a half swap."""
    for rule in rules:
        if not rule.words.needs:
            continue
        for word in {one.text for text in texts for one in rule.find(text)}:
            known = sum(one.text == word for text in texts for one in rule.find(text))
            if len(word) > 1 and sum(text.count(word) for text in texts) > known:
                return word
    return None


def _swapped_all(text: str, rules: Sequence[Swapper], to: str) -> Swap:
    """The text through all lists of a tag."""
    state: Any = "unchanged"
    for rule in rules:
        made = rule.swap(text, to=to)
        if made.state == "refused":
            return made
        state, text = ("swapped" if made.state == "swapped" else state), made.text
    return Swap(state=state, text=text)


def _member(example: Example, words: Mapping[str, Any], chosen: Mapping[str, str], *, turn: int | None) -> Example:
    def fill(text: str) -> str:
        for place, word in words.items():
            text = text.replace(mark_of(place), str(word))
        return text

    mark = "~".join((*chosen.values(), *(() if turn is None else (str(turn + 1),))))
    return _in_family(example, replace(map_texts(example, fill), id=f"{example.id}~{mark}"), chosen)


def _in_family(row: Example, member: Example, tags: Mapping[str, str]) -> Example:
    cluster = row.cluster if row.cluster is not None else row.id
    return replace(member, cluster=cluster, tags={**member.tags, FAMILY: row.tags.get(FAMILY, row.id), **tags})


def _word(words: WordList, value: str, row_id: str, place: int, turn: int) -> str | None:
    start = int.from_bytes(hashlib.sha256(f"{row_id}/{place}".encode()).digest()[:4], "big")
    return words.rows[(start + turn) % len(words.rows)][words.values.index(value)]


def _tags(lists: Iterator[WordList] | Any) -> dict[str, tuple[str, ...]]:
    """Tag -> the groups that any list of it has, in their order."""
    out: dict[str, dict[str, None]] = {}
    for words in lists:
        out.setdefault(words.tag, {}).update(dict.fromkeys(words.values))
    return {tag: tuple(values) for tag, values in out.items()}


def _rows(ids: Sequence[str]) -> str:
    shown = ", ".join(ids[:_NAMED])
    more = f" and {len(ids) - _NAMED} more" if len(ids) > _NAMED else ""
    return f"{len(ids)} {'row has' if len(ids) == 1 else 'rows have'} ({shown}{more})"
