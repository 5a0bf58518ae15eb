"""Any table as arms: a row an answer, a column a score; one file an arm, a model an arm, or a column an arm."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from pathlib import Path

from evalkit.core.errors import DataError, Problem, UsageError, did_you_mean
from evalkit.core.exchange import EMPTY, Json
from evalkit.core.fingerprint import canonical, digest
from evalkit.core.on_disk import DiskSort, RowStore, row_store
from evalkit.foreign.columns import ColumnMap, map_columns
from evalkit.foreign.nouns import ForeignArm, ForeignResults, ForeignRow, Wishes
from evalkit.foreign.share import share_scores
from evalkit.foreign.sheets import Sheet, read_sheet
from evalkit.foreign.texts import bare
from evalkit.foreign.values import CellReader, is_number, is_yes_no, plan_reading

SUFFIXES = (".csv", ".tsv", ".xlsx", ".xlsm", ".jsonl", ".ndjson", ".json", ".txt")
SCORE = "score"
"""What the score is called where every arm is a column of its own"""


class ForeignTable:
    """ManyRows of CSV, Excel or JSON lines."""

    def fits(self, path: Path) -> bool:
        """Tell whether the file's name is that of a table."""
        return path.is_file() and bare(path).endswith(SUFFIXES)

    def read(self, path: Path, wishes: Wishes, arms: Sequence[str] = ()) -> Sequence[ForeignResults]:
        """Read one data set.

        Its arms are the models of a column, the columns that were named, or the file.
        """
        sheet = read_sheet(path, on_disk=wishes.on_disk)
        mapped = map_columns(sheet, wishes)
        models = _models(sheet, mapped)
        by_column = [name for name in arms if name not in models and name in sheet.names]
        if by_column and len(by_column) == len(arms):
            return [_by_column(sheet, mapped, wishes, arms)]
        unknown = [name for name in arms if name not in models]
        if unknown:
            raise UsageError(_no_arm(path, unknown[0], models, mapped))
        return [_by_model(sheet, mapped, wishes, models)]


def _models(sheet: Sheet, mapped: ColumnMap) -> list[str]:
    """The values of the model column; none where it names a single one."""
    column = mapped.fields.get("model")
    found: dict[str, None] = {}
    for index, cell in enumerate(sheet.column(column) if column else ()):
        name = str(cell or "").strip()
        if not name:
            where = sheet.where(index)
            raise DataError(Problem(what=f"the model column {column!r} is blank here", where=where))
        found[name] = None
    return list(found) if len(found) > 1 else []


def _no_arm(path: Path, name: str, models: Sequence[str], mapped: ColumnMap) -> Problem:
    known = list(models) or [*mapped.scores, *mapped.candidates]
    kind = "model" if models else "column of scores"
    return Problem(
        what=f"{path} has no {kind} {name!r}{did_you_mean(name, known)}",
        allowed=", ".join(known) or "the file has one arm: name it without `#`",
    )


def _by_model(sheet: Sheet, mapped: ColumnMap, wishes: Wishes, models: Sequence[str]) -> ForeignResults:
    readers = _readers(sheet, mapped.scores, wishes)
    stem = sheet.path.name.partition(".")[0]
    told_by = mapped.fields.get("model", "")
    arms: dict[str, RowStore[ForeignRow]] = {name: row_store(on_disk=wishes.on_disk) for name in models or [stem]}
    for row, cells in _rows(sheet, mapped, wishes):
        if readers:
            row.scores = share_scores({column: read(cells.get(column)) for column, read in readers.items()})
        arms[str(cells.get(told_by)).strip() if models else stem].append(row)
    possible = tuple(dict.fromkeys((*mapped.scores, *mapped.candidates)))
    built = [ForeignArm(name=name, rows=rows) for name, rows in arms.items()]
    found = _build_results(sheet, mapped, built, possible=() if models else possible)
    if not mapped.scores:
        _score_by_target(found, mapped)
    return found


def _by_column(sheet: Sheet, mapped: ColumnMap, wishes: Wishes, names: Sequence[str]) -> ForeignResults:
    """Every named column is an arm: its cells are scores where they are numbers or ticks, else answers."""
    scored = [_is_score(sheet, name) for name in names]
    if any(scored) and not all(scored):
        odd = names[scored.index(False)]
        raise DataError(Problem(what=f"{sheet.path}: the column {odd!r} holds texts, the others hold scores"))
    readers = _readers(sheet, names if all(scored) else (), wishes)
    arms = []
    for name in names:
        rows: RowStore[ForeignRow] = row_store(on_disk=wishes.on_disk)
        for row, cells in _rows(sheet, mapped, wishes):
            value = cells.get(name)
            if all(scored):
                row.scores, row.text = share_scores({SCORE: readers[name](value)}), None
            else:
                row.text = None if value is None else str(value)
            rows.append(row)
        arms.append(ForeignArm(name=name, rows=rows))
    mapped.scores = [SCORE] if all(scored) else []
    mapped.fields.pop("output", None)
    mapped.tags = [name for name in mapped.tags if name not in names]
    mapped.unused = [name for name in mapped.unused if name not in names]
    found = _build_results(sheet, mapped, arms)
    found.guessed["arms"] = "columns of the table"
    if not all(scored):
        found.guessed["output"] = ", ".join(names)
        _score_by_target(found, mapped, has_output=True)
    return found


def _is_score(sheet: Sheet, column: str) -> bool:
    return is_yes_no(sheet.column(column)) or any(map(is_number, sheet.column(column)))


def _readers(sheet: Sheet, columns: Sequence[str], wishes: Wishes) -> dict[str, CellReader]:
    """How the cells of each column are read; DataError, with every problem, where one cannot be."""
    planned = {column: plan_reading(sheet, column, wishes) for column in columns}
    problems = [problem for _, told in planned.values() for problem in told]
    if problems:
        raise DataError(problems)
    return {column: read for column, (read, _) in planned.items()}


def _rows(sheet: Sheet, mapped: ColumnMap, wishes: Wishes) -> Iterator[tuple[ForeignRow, Mapping[str, Json]]]:
    """Every row without its scores, and its cells."""
    fields = mapped.fields
    column_of_input, output, wanted, cluster = (
        fields.get(name, "") for name in ("input", "output", "target", "cluster")
    )
    column_of_id, repeat = fields.get("id"), fields.get("repeat")
    times = _times_asked(sheet, fields, on_disk=wishes.on_disk) if column_of_id is None else ()
    for index, cells in enumerate(sheet.rows):
        asked = _text(cells.get(column_of_input))
        ident = _ident(cells.get(column_of_id)) if column_of_id is not None else _made_id(asked, times[index])
        if not ident:
            raise DataError(Problem(what=f"the id column {column_of_id!r} is blank here", where=sheet.where(index)))
        target = cells.get(wanted)
        row = ForeignRow(
            id=ident,
            where=sheet.place(index),
            repeat=_repeat(cells.get(repeat)) if repeat is not None else 0,
            input=asked,
            text=_text(cells.get(output)),
            target=None if target == "" else target,
            cluster=_text(cells.get(cluster)) or None,
            tags={tag: str(cells[tag]).strip() for tag in mapped.tags if cells.get(tag) not in (None, "")} or EMPTY,
        )
        yield row, cells


def _times_asked(sheet: Sheet, fields: Mapping[str, str], *, on_disk: bool) -> Sequence[int]:
    """For each row: the how-manieth of its model that asks the same; or just of its model, where none says what."""
    keys: DiskSort[tuple[bytes, int]] = DiskSort(on_disk=on_disk)
    for index, cells in enumerate(sheet.rows):
        asked, model = _text(cells.get(fields.get("input", ""))), str(cells.get(fields.get("model", "")) or "")
        keys.add((bytes.fromhex(digest([model, asked])), index))
    times = array("L", bytes(array("L").itemsize * len(sheet.rows)))
    for _, same in groupby(keys, key=itemgetter(0)):
        for number, (_, index) in enumerate(same, start=1):
            times[index] = number
    return times


def _made_id(asked: str | None, times: int) -> str:
    """Without ids: the question itself, numbered where it is asked again; without a question: the row's number."""
    if asked is None:
        return f"row {times}"
    short = " ".join(asked.split())[:60]
    return f"{short} [{digest(asked)[:8]}]" + (f" #{times}" if times > 1 else "")


def _ident(value: Json) -> str:
    """An id as text; whole numbers that Excel keeps as 1.0 are 1."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value).strip()


def _repeat(value: Json) -> Json:
    """As it stands: repeats are numbered later, in their order."""
    return _ident(value)


def _text(value: Json) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, (list, dict)):
        return canonical(value)
    return str(value)


def _score_by_target(found: ForeignResults, mapped: ColumnMap, *, has_output: bool = False) -> None:
    """Where no score came along, answers are compared with the target."""
    if (has_output or "output" in mapped.fields) and "target" in mapped.fields:
        found.scorers["exact"] = {"type": "exact"}
        found.guessed["score"] = f"none in the file: the answer must be {mapped.fields['target']!r} (scorer exact)"


def _build_results(
    sheet: Sheet, mapped: ColumnMap, arms: list[ForeignArm], *, possible: Sequence[str] = ()
) -> ForeignResults:
    guessed = dict(mapped.fields)
    if "id" not in mapped.fields:
        guessed["id"] = (
            "no column; rows pair by their input (id=COLUMN names one)"
            if "input" in mapped.fields
            else "no column; rows pair by their number"
        )
    if mapped.tags:
        guessed["tags"] = ", ".join(mapped.tags)
    parts = [f"{name}={column}" for name, column in mapped.fields.items()]
    parts += [f"score={column}" for column in mapped.scores if column in sheet.names]
    return ForeignResults(
        tool="table",
        source=sheet.path.name.partition(".")[0],
        arms=arms,
        guessed=guessed,
        set_by=",".join(parts),
        possible_arms=tuple(possible),
        left_out=[f"the columns {', '.join(mapped.unused)}: not used"] if mapped.unused else [],
        carried=[f"{sheet.path.name}: read as {', '.join(sheet.about)}"] if sheet.about else [],
    )


def is_without_id(found: ForeignResults) -> bool:
    """Tell whether its rows have neither an id nor a question.

    Only their order says which is which.
    """
    return found.guessed.get("id", "").endswith("by their number")
