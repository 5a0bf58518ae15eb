"""A comparison as plain rows: one a case, one a metric, one a finding; what tables and data frames are made of."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from evalkit.core.blocks import Case
from evalkit.core.columns import Comparison, PairedColumn
from evalkit.core.exchange import Json, Response
from evalkit.core.verdict import SuiteVerdict
from evalkit.reading.ending import ending_of
from evalkit.report.renderers.data import estimate_data, finding_data, finite
from evalkit.report.sections.cases import all_cases, target_text

ANSWER_PARTS = ("finish", "ended", "thought")
"""What is told of each arm's answer beside its text"""


class Rows(list[dict[str, Any]]):
    """A list of dicts that all have the same keys."""

    def to_frame(self) -> Any:
        """Return the rows as a pandas DataFrame.

        ImportError with the line to type where pandas is not installed.
        """
        try:
            from pandas import DataFrame
        except ImportError as error:
            raise ImportError("to_frame needs pandas: pip install pandas") from error
        return DataFrame(self)


def case_rows(comparisons: Iterable[Comparison], *, metric: str | None = None) -> Rows:
    """Return one row per case.

    Its id, suite, input, target, each arm's answer, thought and ending, each metric of both arms, its state.

    A metric is two keys, `base.METRIC` and `candidate.METRIC`: the mean over the repeats, None where the case has no
    value. `state` is broken, fixed, both_wrong, both_right or failed; a tag is `tag.NAME`. Answers, thoughts and
    endings are those of the first repeat; calls stand below the text, right choices and wrong ones by their text.
    With a `metric` the state is what that metric alone says, and cases that it does not apply to are left out.
    """
    rows = [row for comparison in comparisons for row in _of_suite(comparison, metric)]
    keys = dict.fromkeys(key for row in rows for key in row)
    return Rows({key: row.get(key) for key in keys} for row in rows)


def metric_keys(metric: str) -> tuple[str, str]:
    """Return the keys of a metric in a row, one per arm.

    A metric with the name of a part of an answer (`thought`) gets a key of its own.

    >>> metric_keys("answer")
    ('base.answer', 'candidate.answer')
    """
    name = f"metric.{metric}" if metric in ANSWER_PARTS else metric
    return f"base.{name}", f"candidate.{name}"


def is_metric_key(key: str) -> bool:
    """Tell whether a row holds a metric of an arm under this key."""
    arm, dot, name = key.partition(".")
    return bool(dot) and arm in ("base", "candidate") and name not in ANSWER_PARTS


def metric_rows(suites: Iterable[SuiteVerdict]) -> Rows:
    """Return one row per metric and slice.

    What the verdict's `metrics` hold, with the suite in front.
    """
    return Rows({"suite": suite.name, **_flat(estimate_data(one))} for suite in suites for one in suite.metrics)


def finding_rows(suites: Iterable[SuiteVerdict]) -> Rows:
    """Return one row per finding.

    What the verdict's `findings` hold, with the suite in front.
    """
    return Rows({"suite": suite.name, **_flat(finding_data(one))} for suite in suites for one in suite.findings)


def group_rows(suites: Iterable[SuiteVerdict]) -> Rows:
    """Return one row per tag, metric and group.

    What the verdict's `groups` hold, with the suite in front.
    """
    return Rows(
        {
            "suite": suite.name,
            "by": table.by,
            "metric": table.metric,
            "within": table.within,
            "reference": table.reference,
            **finite(dataclasses.asdict(row)),
            "fell_behind": row.group in table.fell_behind,
            "confidence": finite(table.confidence),
            "method": table.method,
        }
        for suite in suites
        for table in suite.groups
        for row in table.rows
    )


def _of_suite(comparison: Comparison, metric: str | None) -> Iterable[dict[str, Any]]:
    means = {name: _means(column) for name, column in comparison.columns.items()}
    for at, case in enumerate(all_cases(comparison)):
        base = comparison.base_responses.get(case.id, ())
        candidate = comparison.candidate_responses.get(case.id, ())
        example = comparison.examples[at]
        state = case.group if metric is None else _by(case, metric)
        if state is None:
            continue
        yield {
            "id": case.id,
            "suite": comparison.suite,
            "state": state,
            "input": case.prompt,
            "target": target_text(example) if example.choices else finite(example.target),
            "base": _answer(case.base, case.base_calls),
            "candidate": _answer(case.candidate, case.candidate_calls),
            **_parts("base", base),
            **_parts("candidate", candidate),
            **{metric_keys(name)[0]: finite(values[0][at]) for name, values in means.items()},
            **{metric_keys(name)[1]: finite(values[1][at]) for name, values in means.items()},
            "cluster": example.cluster,
            **{f"tag.{name}": value for name, value in example.tags.items()},
            "why": _why(case),
        }


def _means(column: PairedColumn) -> tuple[list[float | None], list[float | None]]:
    one, two = (
        [value if there else None for value, there in zip(arm.values.tolist(), arm.present.tolist(), strict=True)]
        for arm in (column.base, column.candidate)
    )
    return one, two


def _parts(arm: str, responses: Sequence[Response]) -> dict[str, str | None]:
    """What the first answer has beside its text: its finish reason, how it ended (or why it failed), its thought."""
    first = responses[0] if responses else None
    if first is None:
        return {f"{arm}.{part}": None for part in ANSWER_PARTS}
    failed = f"failed: {first.failure.kind}" if first.failure is not None else None
    told = (failed or first.finish, failed or first.ended or ending_of(first), first.thought)
    return {f"{arm}.{part}": value for part, value in zip(ANSWER_PARTS, told, strict=True)}


def _answer(text: str, calls: Sequence[tuple[str, str]]) -> str:
    """The text, and below it one line a call that does not stand in it anyway."""
    return "\n".join([*([text] if text else []), *(f"{name}({raw})" for name, raw in calls if name not in text)])


def _by(case: Case, metric: str) -> str | None:
    """What one metric alone says of a case; None where it says nothing, and no call failed."""
    return case.groups.get(metric) or ("failed" if case.group == "failed" else None)


def _why(case: Case) -> str:
    """The metrics on which the case changed, each with its figures."""
    changed = [name for name, group in case.groups.items() if group in ("broken", "fixed")]
    shown = {name: (base, candidate) for name, base, candidate in case.scores}
    return "; ".join(f"{name} {' -> '.join(shown[name])}" for name in changed if name in shown)


def _flat(row: Mapping[str, Json]) -> dict[str, Json]:
    """The slice as two plain keys."""
    cut = row["slice"] or {"by": None, "value": None}
    out: dict[str, Json] = finite(dict(row))
    del out["slice"]
    return {"slice_by": cut["by"], "slice_value": cut["value"], **out}
