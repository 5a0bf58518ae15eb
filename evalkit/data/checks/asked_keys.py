"""Keys that the prompt asks for and no answer has: the instruction and the labels say different things."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import lru_cache

from evalkit.core.data_report import DataFinding, DataPlace
from evalkit.core.exchange import Json
from evalkit.data.checks.base import PLACES, RowCheck, list_words, place_of_row
from evalkit.data.checks.data_row import DataRow

_MOST_LINES = 20_000
_LONGEST = 40
"""Characters of a key"""
_CUE = re.compile(
    r"\b(?:keys?|fields?|json|schema|format|return|respond|reply|output|extract|structure)\b"
    r"|キー|項目|フィールド|形式|出力|返して|返す|抽出|スキーマ|構造",
    re.IGNORECASE,
)
_QUOTED = re.compile(
    r"[\"'`「『]([A-Za-z_][\w-]{1,40})[\"'`」』]"
    r"(?=\s*[:：,、\]})と・「』]|\s*(?:and|or|および)\b|\s*(?:の?キー|を)|\s*$)"
)
_IN_JSON = re.compile(r"\"([A-Za-z_][\w-]{0,40})\"\s*:")
_NAMED = re.compile(
    r"(?:\b(?:keys?|fields?)\b|キー|フィールド|項目)\s*(?:named|called|are|is|:|：|は|を|として|\()?\s*"
    r"((?:[`\"'「]?[A-Za-z_]\w{1,40}[`\"'」]?(?:\s*(?:,|、|・|および|と|\band\b|\bor\b)\s*(?:and\s+)?)?)+)",
    re.IGNORECASE,
)
_ITEM = re.compile(r"\s*(?:[-*•・]|\d+[.)])\s*[`\"'*「]*([A-Za-z_]\w{1,40})[`\"'*」]*\s*(?:[(（][^)）]*[)）])?\s*[:：]")
_WORD = re.compile(r"[A-Za-z_]\w{1,40}")
_NO_KEYS = frozenset((
    "and", "or", "the", "a", "an", "of", "in", "with", "for", "to", "is", "are", "be", "must", "should", "that",
    "json", "object", "value", "values", "string", "key", "keys", "field", "fields", "as", "from", "only", "named",
    "called", "following", "null", "true", "false", "each", "all", "any", "not", "no", "this", "these", "if", "when",
))  # fmt: skip


class AskedKeys(RowCheck):
    """Compares the keys that instructions name with those that JSON answers have."""

    name = "asked_keys"

    def __init__(self) -> None:
        self.lines: Counter[str] = Counter()
        self.has: Counter[str] = Counter()
        self.values: set[str] = set()
        self.answers = 0
        self.places: list[DataPlace] = []

    def look(self, row: DataRow) -> None:
        """Look at a row whose answer is a JSON object."""
        text = row.answer.strip()
        if text[:3] == "```":
            text = text.strip("`").removeprefix("json").strip()
        if text[:1] != "{":
            return
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            return
        keys: set[str] = set()
        _collect_keys(value, keys, self.values if len(self.values) < _MOST_LINES else set())
        self.has.update(keys)
        self.answers += 1
        if len(self.places) < PLACES:
            self.places.append(place_of_row(row, text))
        asked = {
            line
            for turn in row.turns
            if turn.role in ("system", "developer", "user")
            for line in _lines_with_keys(turn.text)
        }
        self.lines.update(asked)
        if len(self.lines) > _MOST_LINES:
            self.lines = Counter({line: count for line, count in self.lines.items() if count > 1})

    def tell(self, rows: int) -> Iterator[DataFinding]:
        """Give the keys of instructions that most rows share and no answer has."""
        asked: Counter[str] = Counter()
        listed: Counter[str] = Counter()
        for line, count in self.lines.items():
            if count * 2 >= self.answers and (count > 1 or self.answers == 1):
                for key in keys_of_line(line):
                    asked[key] = max(asked[key], count)
                for key in self._quoted_keys(line):
                    asked[key] = max(asked[key], count)
                for key in _ITEM.findall(line):
                    listed[key] = max(listed[key], count)
        if any(key in self.has for key in listed):
            asked |= listed
        lacking = Counter({k: count for k, count in asked.items() if k not in self.has and k not in self.values})
        if not lacking or len(lacking) == len(asked) > 6:
            return
        always = sorted(key for key, count in self.has.items() if count >= 0.9 * self.answers and key not in asked)
        more = f"; {', '.join(f'`{key}`' for key in always[:5])}" if always else ""
        yield DataFinding(
            check=self.name, level="warning", rows=max(lacking.values()), places=tuple(self.places),
            what="the prompt asks for keys that no answer has" if not always else
            "the prompt asks for keys that no answer has, and answers have others that it does not name",
            detail=f"{list_words(lacking)}{more}",
            todo="make the prompt and the answers name the same keys: a model learns to ignore what it is asked for",
        )  # fmt: skip

    def _quoted_keys(self, line: str) -> tuple[str, ...]:
        """Quoted words of a line, where one is a key and none a value: an enumeration of labels names no keys."""
        quoted = quoted_in_line(line)
        known = any(key in self.has for key in quoted) and not any(key in self.values for key in quoted)
        return quoted if known else ()


def _collect_keys(value: Json, keys: set[str], values: set[str]) -> None:
    if isinstance(value, Mapping):
        keys.update(map(str, value))
        for inside in value.values():
            _collect_keys(inside, keys, values)
    elif isinstance(value, list):
        for inside in value:
            _collect_keys(inside, keys, values)
    elif isinstance(value, str) and len(value) <= _LONGEST:
        values.add(value)


def _lines_with_keys(text: str) -> Iterator[str]:
    """The lines of a prompt that name keys, those of a template of JSON below a line that asks for it as well."""
    asked = False
    for line in text.split("\n"):
        if len(line) > 2_000:
            continue
        asked = asked or _CUE.search(line) is not None
        if asked and (keys_of_line(line) or quoted_in_line(line) or _ITEM.match(line)):
            yield line


@lru_cache(maxsize=8192)
def keys_of_line(line: str) -> tuple[str, ...]:
    """Return the keys that a line names.

    >>> keys_of_line("Return JSON with the keys insight and action_items.")
    ('insight', 'action_items')
    """
    found = [*_IN_JSON.findall(line)]
    if _CUE.search(line):
        for named in _NAMED.findall(line):
            words = _WORD.findall(named)
            several = len(words) > 1 or "_" in named or named.strip()[:1] in "`\"'「"
            found += words if several else ()
    return tuple(dict.fromkeys(key for key in found if key.lower() not in _NO_KEYS))


@lru_cache(maxsize=8192)
def quoted_in_line(line: str) -> tuple[str, ...]:
    """Return the quoted words of a line that speaks of keys or a format."""
    return tuple(dict.fromkeys(_QUOTED.findall(line))) if _CUE.search(line) else ()
