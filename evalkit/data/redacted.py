"""Writes a file anew with placeholders for what is personal; all else stays byte for byte."""

from __future__ import annotations

import gzip
import json
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from evalkit.core.delimiters import find_delimiter
from evalkit.core.errors import Location, Problem, UsageError
from evalkit.data.personal import decode_inner, front_of
from evalkit.data.source import bare_name, files, is_url, open_bytes, whole
from evalkit.text.personal import PersonalFinder, redact

_JSON_LINES, _TABLES = (".jsonl", ".ndjson"), (".csv", ".tsv")
_TEXT = (*_JSON_LINES, ".json", *_TABLES, ".txt", ".md")
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*')
_IS_KEY = re.compile(r"\s*:")
_QUOTED = re.compile(r'"(?:[^"]|"")*"')

Seen = dict[tuple[str, str], str]
"""A kind and a value, and its placeholder"""


def redact_file(source: str | Path, target: Path, *, finder: PersonalFinder | None = None) -> dict[str, int]:
    """Write a file with placeholders for what is personal.

    Placeholders are numbered through the file: the same value is the same one, and the same file gives the same bytes.
    Texts of JSON, JSON within them, keys and numbers are looked at one by one, and so are the cells of a table; a
    number becomes a text. Returns how many different values of each kind there were. UsageError for a file that is no
    text in UTF-8, and for a target of another kind or one that is there already.
    """
    check_redaction(source, target)
    seen: Seen = {}
    finder = finder or PersonalFinder()
    name = bare_name(str(source))
    beside = target.with_name(f".{target.name}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with _open_target(beside, packed=target.name.lower().endswith(".gz")) as out:
            if name.endswith(_JSON_LINES):
                with open_bytes(str(source)) as read:
                    for number, line in enumerate(read, start=1):
                        out.write(_redact_json(_decode(line, source, number), finder, seen).encode("utf-8"))
            else:
                text = _decode(whole(str(source)), source, 1)
                out.write(_redact_text(name, text, finder, seen).encode("utf-8"))
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)
    return dict(Counter(kind for kind, _ in seen))


def check_redaction(source: str | Path, target: Path) -> None:
    """Raise UsageError, with every problem, where one file cannot be redacted into the other."""
    problems = []
    name, wanted = bare_name(str(source)), bare_name(target.name)
    one = not is_url(source) and Path(source).is_file()
    end = next((end for end in _TEXT if name.endswith(end)), "")
    if not one or not end:
        todo = "convert it first: evalkit data convert"
        what = f"{source} cannot be redacted: only one file of text can"
        problems.append(Problem(what=what, allowed=", ".join(_TEXT), todo=todo))
    elif not wanted.endswith(end):
        what = f"--redact {target}: what is read is {end}, and the name says otherwise"
        problems.append(Problem(what=what, allowed=f"{end}, {end}.gz"))
    elif target.name.lower().endswith((".zst", ".bz2", ".xz")):
        problems.append(Problem(what=f"--redact {target}: this is not written", allowed=f"{end}, {end}.gz"))
    if target.exists():
        lost = one and target.samefile(files(source)[0])
        what = "this is what is read, and it would be lost" if lost else "something of this name is there already"
        problems.append(Problem(what=f"--redact {target}: {what}", todo="name another file"))
    if problems:
        raise UsageError(problems)


@contextmanager
def _open_target(path: Path, *, packed: bool) -> Iterator[IO[bytes] | gzip.GzipFile]:
    with path.open("wb") as plain:
        if not packed:
            yield plain
            return
        with gzip.GzipFile(filename="", fileobj=plain, mode="wb", mtime=0) as out:
            yield out


def _decode(data: bytes, source: str | Path, line: int) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        where = Location(file=str(source), line=line + data[: error.start].count(b"\n"))
        what = f"not UTF-8: byte {data[error.start]:#04x}"
        raise UsageError(Problem(what=what, where=where, todo="write the file as UTF-8 first")) from None


def _redact_text(name: str, text: str, finder: PersonalFinder, seen: Seen) -> str:
    if name.endswith(".json"):
        return _redact_json(text, finder, seen)
    if name.endswith(_TABLES):
        return _redact_table(text, "\t" if name.endswith(".tsv") else find_delimiter(text), finder, seen)
    return redact(text, finder=finder, seen=seen)


def _redact_json(text: str, finder: PersonalFinder, seen: Seen) -> str:
    """The texts, keys and numbers of a piece of JSON; all signs between stay."""
    parts, at, key = [], 0, ""
    for token in _TOKEN.finditer(text):
        is_text = token[0].startswith('"')
        try:
            value = json.loads(token[0], strict=False) if is_text else token[0]
        except ValueError:
            continue
        is_key = is_text and _IS_KEY.match(text, token.end()) is not None
        done = _redact_named(value, "" if is_key else key, finder, seen)
        if is_key:
            key = value
        if done != value:
            parts += [text[at : token.start()], _as_token(done, plain=token[0].isascii())]
            at = token.end()
    return "".join([*parts, text[at:]])


def _as_token(text: str, *, plain: bool) -> str:
    """As JSON; half of a surrogate pair can stand in a file as an escape alone."""
    halves = any("\ud800" <= sign <= "\udfff" for sign in text)
    return json.dumps(text, ensure_ascii=plain or halves)


def _redact_named(value: str, key: str, finder: PersonalFinder, seen: Seen) -> str:
    if decode_inner(value) is not None:
        return _redact_json(value, finder, seen)
    front = front_of(key, value)
    done = redact(front + value, finder=finder, seen=seen)
    return done.removeprefix(front) if done.startswith(front) else redact(value, finder=finder, seen=seen)


def _redact_table(text: str, mark: str, finder: PersonalFinder, seen: Seen) -> str:
    """The cells of a table, each with the name of its column in front; quotes, marks and ends of lines stay."""
    plain = re.compile(rf"[^{re.escape(mark)}\r\n]*")
    parts: list[str] = []
    names: list[str] = []
    at, column, line = 0, 0, 0
    while at < len(text):
        cell = _QUOTED.match(text, at) or plain.match(text, at)
        raw = cell[0] if cell is not None else ""
        parts.append(_redact_cell(raw, names[column] if line and column < len(names) else "", finder, seen))
        if not line:
            names.append(raw.strip('"\ufeff'))
        at += len(raw)
        end = text[at : at + 1]
        parts.append(end)
        at += 1
        column += 1
        if end in ("\n", "\r"):
            column, line = 0, line + (end == "\n" or text[at : at + 1] != "\n")
    return "".join(parts)


def _redact_cell(raw: str, name: str, finder: PersonalFinder, seen: Seen) -> str:
    quoted = len(raw) > 1 and raw.startswith('"') and raw.endswith('"')
    value = raw[1:-1].replace('""', '"') if quoted else raw
    done = _redact_named(value, name, finder, seen)
    if done == value:
        return raw
    return f'"{done.replace(chr(34), chr(34) * 2)}"' if quoted else done
