"""Labels in a table: a sheet of `evalkit cases` with columns that people added; a column says who, or a file each."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from evalkit.core.errors import Problem, UsageError
from evalkit.core.exchange import Json
from evalkit.foreign.known_scores import name_key
from evalkit.foreign.labels.nouns import Label, LabelValue, ReadLabels
from evalkit.foreign.sheets import Sheet, read_sheet
from evalkit.foreign.values import is_blank, is_number

ANNOTATORS = (
    "annotator", "annotators", "rater", "labeler", "labeller", "reviewer", "user", "user_id", "completed_by", "judge",
    "評価者", "担当者", "アノテータ", "アノテーター", "採点者",
)  # fmt: skip
_OWN = (
    "annotation_id", "created_at", "updated_at", "lead_time", "task", "status",
    "note", "notes", "comment", "comments", "メモ", "備考", "コメント",
)  # fmt: skip
"""Columns that annotation tools and people add beside a label, and that are none"""


def read_table(path: Path, *, known: Collection[str]) -> ReadLabels:
    """Read every cell of the columns that are not `known`.

    Raises DataError where the file is no table, UsageError where it has no `id` or no column of labels.
    """
    sheet = read_sheet(path)
    by = next((name for name in sheet.names if name_key(name) in map(name_key, ANNOTATORS)), None)
    if "id" not in sheet.names:
        what = f"{path} has no column `id`, which says what case a label is of"
        raise UsageError(Problem(what=what, allowed=", ".join(sheet.names)))
    skip = {"id", "suite", *known, *_OWN, *([by] if by else [])}
    columns = [name for name in sheet.names if name not in skip]
    if not columns:
        todo = "add a column a question, such as base.good and candidate.good, with one label a row"
        raise UsageError(Problem(what=f"{path} has no column of labels beside those of the cases", todo=todo))
    return _read(sheet, columns, by=by, who=path.name.partition(".")[0])


def _read(sheet: Sheet, columns: list[str], *, by: str | None, who: str) -> ReadLabels:
    found = ReadLabels()
    for row in sheet.rows:
        for name in columns:
            value = _value(row.get(name))
            if value is None:
                continue
            annotator = str(row.get(by) or "unknown") if by else who
            suite = row.get("suite")
            case = str(row["id"]).removeprefix("'")  # an id that looks like a formula
            label = Label(case=case, name=name, annotator=annotator, value=value, suite=str(suite) if suite else None)
            found.labels.append(label)
    return found


def _value(cell: Json) -> LabelValue | None:
    if is_blank(cell) or isinstance(cell, (list, dict)):
        return None
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return float(str(cell)) if is_number(cell) and "%" not in str(cell) and "," not in str(cell) else str(cell).strip()
