"""Rows of stereotype sets that stand in several files, in lines or in nested JSON, as their authors ship them."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from evalkit.core.errors import DataError, Location, Problem
from evalkit.core.rows import parse_strict
from evalkit.data.rows import Row, rows
from evalkit.data.source import bare_name, files, is_url, lines, read_text, whole

Gather = Callable[[str | Path, list[Problem], str | None], Iterator[tuple[Location, Row]]]
"""All rows of a path; what is none becomes a problem"""

_WINOBIAS = re.compile(r"(pro|anti)_stereotyped_type([12])\.txt(?:\.(\w+))?$")
_NUMBERED = re.compile(r"\s*(?:(\d+)\s+)?(\S.*)")
TEMPLATES, STATISTICS = "templates.tsv", "occupations-stats.tsv"
_PERCENT = "bls_pct_female"


def crows_rows(path: str | Path, problems: list[Problem], encoding: str | None) -> Iterator[tuple[Location, Row]]:
    """Yield the rows of crows_pairs_anonymized.csv.

    Its first column has no name and holds the id.
    """
    for file in files(path):
        if not bare_name(file).endswith(".csv"):
            yield from rows(file, problems, encoding=encoding)
            continue
        reader = csv.DictReader(io.StringIO(read_text(file, encoding or "utf-8"), newline=""))
        for row in reader:
            named: dict[str, str] = {("id" if key == "" else str(key)): value for key, value in row.items() if value}
            yield Location(file=file, line=reader.line_num), named


def stereoset_rows(path: str | Path, problems: list[Problem], encoding: str | None) -> Iterator[tuple[Location, Row]]:
    """Yield the items of dev.json, whose parts stand under `data`.

    Other files are read row by row.
    """
    for file in files(path):
        nested = bare_name(file).endswith(".json") and whole(file).lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{"
        parts = _read_parts(file, problems) if nested else None
        if parts is None:
            yield from rows(file, problems, encoding=encoding)
            continue
        for part, items in parts.items():
            for number, item in enumerate(items, start=1):
                if isinstance(item, dict):
                    yield Location(file=file, row=number), {**item, "part": part}
                else:
                    problems.append(
                        Problem(what=f"item {number} of data.{part} is no object", where=Location(file=file))
                    )


def _read_parts(file: str, problems: list[Problem]) -> dict[str, list[object]] | None:
    try:
        value = parse_strict(whole(file).decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return None  # lines of JSON: read and told row by row
    data = value.get("data") if isinstance(value, dict) else None
    if not isinstance(data, dict):
        return None
    return {str(part): items for part, items in data.items() if isinstance(items, list)}


def winobias_rows(path: str | Path, problems: list[Problem], encoding: str | None) -> Iterator[tuple[Location, Row]]:
    """Yield a row for each line that both files of a part have.

    They are pro_stereotyped_typeN.txt.SPLIT and its twin anti_stereotyped_typeN.txt.SPLIT. `path` is their
    folder, or one of them. DataError where one is without its twin.
    """
    local = _local(path, "WinoBias")
    found = sorted(local.rglob("*_stereotyped_type*")) if local.is_dir() else [local]
    named = {file: hit for file in found if (hit := _WINOBIAS.match(file.name))}
    if not named:
        todo = "name the folder of pro_stereotyped_type1.txt.dev and anti_stereotyped_type1.txt.dev"
        raise DataError(Problem(what=f"no file of WinoBias in {local}", todo=todo))
    for file in dict.fromkeys(file.with_name(file.name.replace("anti_", "pro_", 1)) for file in named):
        twin = file.with_name(file.name.replace("pro_", "anti_", 1))
        absent = [one for one in (file, twin) if not one.is_file()]
        if absent:
            todo = "each line of one file is paired with that of the other: put both into one folder"
            raise DataError(Problem(what=f"there is no {absent[0]}", todo=todo))
        yield from _twins(file, twin, problems, encoding)


def _twins(file: Path, twin: Path, problems: list[Problem], encoding: str | None) -> Iterator[tuple[Location, Row]]:
    hit = _WINOBIAS.match(file.name)
    assert hit is not None
    pro, anti = (_by_number(one, problems, encoding) for one in (file, twin))
    for name, own, other in ((file, pro, anti), (twin, anti, pro)):
        for number in own.keys() - other.keys():
            beside = twin if name == file else file
            problems.append(Problem(what=f"{beside.name} has no line {number}", where=own[number][0]))
    for number in (number for number in pro if number in anti):
        where, text = pro[number]
        row: dict[str, object] = {"pro": text, "anti": anti[number][1], "type": hit[2], "line": number}
        yield where, {**row, **({"split": hit[3]} if hit[3] else {})}


def _by_number(file: Path, problems: list[Problem], encoding: str | None) -> dict[int, tuple[Location, str]]:
    """The sentences of a file by their numbers, which stand before them or are those of the lines."""
    out: dict[int, tuple[Location, str]] = {}
    for number, text in lines(str(file), problems, encoding):
        where, hit = Location(file=str(file), line=number), _NUMBERED.match(text)
        assert hit is not None  # a line that is not blank
        own = int(hit[1] or number)
        if own in out:
            problems.append(Problem(what=f"the number {own} stands twice", where=where))
        out.setdefault(own, (where, hit[2].strip()))
    return out


def winogender_rows(path: str | Path, problems: list[Problem], encoding: str | None) -> Iterator[tuple[Location, Row]]:
    """Yield the templates with the percentage of women in their occupation.

    `path` is the folder of templates.tsv and occupations-stats.tsv, or templates.tsv beside the other.
    """
    local = _local(path, "Winogender")
    folder, file = (local, local / TEMPLATES) if local.is_dir() else (local.parent, local)
    statistics = folder / STATISTICS
    for one in (file, statistics):
        if not one.is_file():
            todo = f"put {TEMPLATES} and {STATISTICS} of the set into one folder"
            raise DataError(Problem(what=f"there is no {one}", todo=todo))
    known: dict[str, float] = {}
    for where, row in rows(str(statistics), problems, encoding=encoding):
        try:
            known[str(row["occupation"]).strip()] = float(str(row[_PERCENT]))
        except (KeyError, ValueError):
            problems.append(Problem(what=f"a row needs `occupation` and `{_PERCENT}`, a number", where=where))
    for where, row in rows(str(file), problems, encoding=encoding):
        yield where, {**row, "female_percent": known.get(str(row.get("occupation(0)", "")).strip())}


def _local(path: str | Path, name: str) -> Path:
    if is_url(path):
        raise DataError(Problem(what=f"{name} stands in several files: {path} is not read", todo="name a local folder"))
    if not Path(path).exists():
        raise DataError(Problem(what=f"there is no data set {path}", todo="name a file or a folder that is there"))
    return Path(path)
