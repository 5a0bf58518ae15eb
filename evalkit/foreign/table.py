"""Any table as arms: a row an answer, a column a score; one file an arm, a model an arm, or a column an arm."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from evalkit.core.errors import DataError, Problem, UsageError, did_you_mean
from evalkit.core.exchange import EMPTY, Json
from evalkit.core.fingerprint import canonical, digest
from evalkit.foreign.columns import ColumnMap, map_columns
from evalkit.foreign.nouns import ForeignArm, ForeignResults, ForeignRow, Wishes
from evalkit.foreign.share import share_scores
from evalkit.foreign.sheets import Sheet, bare, read_sheet
from evalkit.foreign.values import is_blank, is_number, is_yes_no, read_scores

SUFFIXES = (".csv", ".tsv", ".xlsx", ".xlsm", ".jsonl", ".ndjson", ".json", ".txt")
SCORE = "score"
"""What the score is called where every arm is a column of its own"""


class ForeignTable:
    """Rows of CSV, Excel or JSON lines."""

    def fits(self, path: Path) -> bool:
        """Tell whether the file's name is that of a table."""
        return path.is_file() and bare(path).endswith(SUFFIXES)

    def read(self, path: Path, wishes: Wishes, arms: Sequence[str] = ()) -> Sequence[ForeignResults]:
        """Read one data set.

        Its arms are the models of a column, the columns that were named, or the file.
        """
        sheet = read_sheet(path)
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
    names = [str(row.get(column) or "").strip() for row in sheet.rows] if column else []
    if column and "" in names:
        where = sheet.where(names.index(""))
        raise DataError(Problem(what=f"the model column {column!r} is blank here", where=where))
    found = list(dict.fromkeys(names))
    return found if len(found) > 1 else []


def _no_arm(path: Path, name: str, models: Sequence[str], mapped: ColumnMap) -> Problem:
    known = list(models) or [*mapped.scores, *mapped.candidates]
    kind = "model" if models else "column of scores"
    return Problem(
        what=f"{path} has no {kind} {name!r}{did_you_mean(name, known)}",
        allowed=", ".join(known) or "the file has one arm: name it without `#`",
    )


def _by_model(sheet: Sheet, mapped: ColumnMap, wishes: Wishes, models: Sequence[str]) -> ForeignResults:
    scores = {column: _scores_of(sheet, column, wishes) for column in mapped.scores}
    rows = _rows(sheet, mapped)
    for column, values in scores.items():
        for row, value in zip(rows, values, strict=True):
            row.scores = share_scores({**row.scores, column: value})
    stem = sheet.path.name.partition(".")[0]
    told_by = mapped.fields.get("model", "")
    arms = {name: ForeignArm(name=name, rows=[]) for name in models or [stem]}
    for row, source in zip(rows, sheet.rows, strict=True):
        arms[str(source.get(told_by)).strip() if models else stem].rows.append(row)
    possible = tuple(dict.fromkeys((*mapped.scores, *mapped.candidates)))
    found = _build_results(sheet, mapped, [*arms.values()], possible=() if models else possible)
    if not mapped.scores:
        _score_by_target(found, mapped)
    return found


def _by_column(sheet: Sheet, mapped: ColumnMap, wishes: Wishes, names: Sequence[str]) -> ForeignResults:
    """Every named column is an arm: its cells are scores where they are numbers or ticks, else answers."""
    arms = []
    scored = [_is_score(sheet, name) for name in names]
    if any(scored) and not all(scored):
        odd = names[scored.index(False)]
        raise DataError(Problem(what=f"{sheet.path}: the column {odd!r} holds texts, the others hold scores"))
    for name in names:
        rows = _rows(sheet, mapped)
        values = _scores_of(sheet, name, wishes) if all(scored) else [row.get(name) for row in sheet.rows]
        for row, value in zip(rows, values, strict=True):
            if all(scored):
                row.scores, row.text = share_scores({SCORE: value}), None
            else:
                row.text = None if value is None else str(value)
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
    cells = [row.get(column) for row in sheet.rows if not is_blank(row.get(column))]
    return is_yes_no(cells) or any(is_number(cell) for cell in cells)


def _scores_of(sheet: Sheet, column: str, wishes: Wishes) -> list[Json]:
    values, problems = read_scores(sheet, column, wishes)
    if problems:
        raise DataError(problems)
    return values


def _rows(sheet: Sheet, mapped: ColumnMap) -> list[ForeignRow]:
    fields = mapped.fields
    column_of_input, output, wanted, cluster, model = (
        fields.get(name, "") for name in ("input", "output", "target", "cluster", "model")
    )
    column_of_id, repeat = fields.get("id"), fields.get("repeat")
    seen: dict[tuple[str, str], int] = {}
    out = []
    for index, cells in enumerate(sheet.rows):
        asked = _text(cells.get(column_of_input))
        ident = _ident(cells.get(column_of_id)) if column_of_id is not None else ""
        if column_of_id is not None and not ident:
            raise DataError(Problem(what=f"the id column {column_of_id!r} is blank here", where=sheet.where(index)))
        if column_of_id is None:
            ident = _made_id(asked, index, seen, str(cells.get(model) or ""))
        target = cells.get(wanted)
        out.append(
            ForeignRow(
                id=ident,
                where=sheet.place(index),
                repeat=_repeat(cells.get(repeat)) if repeat is not None else 0,
                input=asked,
                text=_text(cells.get(output)),
                target=None if target == "" else target,
                cluster=_text(cells.get(cluster)) or None,
                tags={tag: str(cells[tag]).strip() for tag in mapped.tags if cells.get(tag) not in (None, "")} or EMPTY,
            )
        )
    return out


def _made_id(asked: str | None, index: int, seen: dict[tuple[str, str], int], model: str) -> str:
    """Without ids: the question itself, numbered where it is asked again; without a question: the row's number."""
    if asked is None:
        key = (model, "")
        seen[key] = seen.get(key, 0) + 1
        return f"row {seen[key]}"
    short = " ".join(asked.split())[:60]
    key = (model, asked)
    seen[key] = seen.get(key, 0) + 1
    return f"{short} [{digest(asked)[:8]}]" + (f" #{seen[key]}" if seen[key] > 1 else "")


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
