"""A comparison as plain rows: one a case, one a metric, one a finding; what tables and data frames are made of."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any

from evalkit.core.blocks import Case
from evalkit.core.columns import Comparison, PairedColumn
from evalkit.core.exchange import Json, Response
from evalkit.core.verdict import SuiteVerdict
from evalkit.report.renderers.data import estimate_data, finding_data, finite
from evalkit.report.sections.cases import all_cases


class Rows(list[dict[str, Any]]):
    """A list of dicts that all have the same keys."""

    def to_frame(self) -> Any:
        """The rows as a pandas DataFrame; ImportError with the line to type where pandas is not installed."""
        try:
            from pandas import DataFrame
        except ImportError as error:
            raise ImportError("to_frame needs pandas: pip install pandas") from error
        return DataFrame(self)


def case_rows(comparisons: Iterable[Comparison]) -> Rows:
    """One row a case: id, suite, input, target, each arm's answer and how it ended, each metric of both arms, state.

    A metric is two keys, `base.METRIC` and `candidate.METRIC`: the mean over the repeats, None where the case has no
    value. `state` is broken, fixed, both_wrong, both_right or failed; a tag is `tag.NAME`.
    """
    rows = [row for comparison in comparisons for row in _of_suite(comparison)]
    keys = dict.fromkeys(key for row in rows for key in row)
    return Rows({key: row.get(key) for key in keys} for row in rows)


def metric_rows(suites: Iterable[SuiteVerdict]) -> Rows:
    """One row a metric and slice: what the verdict's `metrics` hold, with the suite in front."""
    return Rows({"suite": suite.name, **_flat(estimate_data(one))} for suite in suites for one in suite.metrics)


def finding_rows(suites: Iterable[SuiteVerdict]) -> Rows:
    """One row a finding: what the verdict's `findings` hold, with the suite in front."""
    return Rows({"suite": suite.name, **_flat(finding_data(one))} for suite in suites for one in suite.findings)


def group_rows(suites: Iterable[SuiteVerdict]) -> Rows:
    """One row a tag, metric and group: what the verdict's `groups` hold, with the suite in front."""
    return Rows(
        {
            "suite": suite.name,
            "by": table.by,
            "metric": table.metric,
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


def _of_suite(comparison: Comparison) -> Iterable[dict[str, Any]]:
    means = {name: _means(column) for name, column in comparison.columns.items()}
    for at, case in enumerate(all_cases(comparison)):
        base = comparison.base_responses.get(case.id, ())
        candidate = comparison.candidate_responses.get(case.id, ())
        example = comparison.examples[at]
        yield {
            "id": case.id,
            "suite": comparison.suite,
            "state": case.group,
            "input": case.prompt,
            "target": finite(example.target),
            "base": case.base,
            "candidate": case.candidate,
            "base.finish": _finish(base),
            "candidate.finish": _finish(candidate),
            **{f"base.{name}": values[0][at] for name, values in means.items()},
            **{f"candidate.{name}": values[1][at] for name, values in means.items()},
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


def _finish(responses: Iterable[Response]) -> str | None:
    """How the first answer ended, or why there is none."""
    for response in responses:
        return f"failed: {response.failure.kind}" if response.failure is not None else response.finish
    return None


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
