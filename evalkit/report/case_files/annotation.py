"""Cases for people to label: tasks of Label Studio, records of Argilla; labels come back by `evalkit labels`."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from evalkit.core.errors import Problem, UsageError, join_allowed
from evalkit.core.exchange import Json
from evalkit.report.case_files.cells import cell_text, whole_characters

Row = Mapping[str, Json]
_SHOWN = ("input", "target", "base", "candidate")
CONFIG = """\
<View>
  <Text name="input" value="$input"/>
  <Header value="Expected"/><Text name="target" value="$target"/>
  <Header value="Answer 1"/><Text name="base" value="$base"/>
  <Choices name="base.good" toName="base" choice="single-radio"><Choice value="yes"/><Choice value="no"/></Choices>
  <Header value="Answer 2"/><Text name="candidate" value="$candidate"/>
  <Choices name="candidate.good" toName="candidate" choice="single-radio">
    <Choice value="yes"/><Choice value="no"/>
  </Choices>
</View>
"""
"""A labelling interface of Label Studio for these tasks: is each answer good?"""


def label_studio_tasks(rows: Sequence[Row]) -> list[Json]:
    """Return one task per case; all of it is text."""
    return [{"data": {name: cell_text(value) for name, value in row.items()}} for row in rows]


def argilla_records(rows: Sequence[Row]) -> list[Json]:
    """Return one record per case; what is not shown is metadata.

    An id is that of suite and case, for Argilla wants it to be unique.
    """
    records: list[Json] = []
    for row in rows:
        about = {
            name.replace(".", "__"): cell_text(value)
            for name, value in row.items()
            if name not in _SHOWN and value is not None
        }
        about["case"] = about.pop("id")
        fields = {name: cell_text(row[name]) or "-" for name in _SHOWN}
        records.append(
            {"id": f"{row['suite']}/{row['id']}", "fields": fields, "metadata": about, "suggestions": {},
             "responses": {}, "vectors": {}}
        )  # fmt: skip
    return records


TOOLS: Mapping[str, Callable[[Sequence[Row]], list[Json]]] = {
    "label-studio": label_studio_tasks,
    "argilla": argilla_records,
}
"""Annotation tool -> its JSON of cases"""


def check_tool(tool: str, path: Path) -> None:
    """Raise UsageError for an unknown tool, or another file than .json."""
    if tool not in TOOLS:
        raise UsageError(Problem(what=f"--for {tool}: no such tool", allowed=join_allowed(list(TOOLS))))
    if path.suffix.lower() != ".json":
        raise UsageError(Problem(what=f"-o {path}: {tool} reads JSON", allowed=".json"))


def write_for(tool: str, path: Path, rows: Sequence[Row]) -> list[str]:
    """Write the cases for a tool; return what its reader must know.

    Label Studio's interface is written beside them, where there is none yet.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(TOOLS[tool](rows), ensure_ascii=False, allow_nan=False, indent=1)
    path.write_text(whole_characters(text) + "\n", encoding="utf-8")
    if tool != "label-studio":
        return []
    config = path.with_suffix(".xml")
    if not config.exists():
        config.write_text(CONFIG, encoding="utf-8")
    return [f"{config} is a labelling interface for them: yes or no of each answer"]
