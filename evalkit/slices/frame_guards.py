"""What stands between fairlearn's MetricFrame and numbers that are silently wrong: names, options, empty groups.

The frame is fairlearn's own; what is added is that no group is lost on the way. A combination that nobody belongs to,
and a category that no row has, stay with n = 0 and no value, where fairlearn drops them or makes counts NaN.
"""

from __future__ import annotations

import itertools
import math
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from evalkit.core.errors import DataError, Problem, UsageError, join_allowed
from evalkit.slices.levels import MISSING

Metric = Callable[..., float]

RESERVED = frozenset({"y_true", "y_pred", "sample_weight"})
"""Names a MetricFrame uses for its own columns; a tag or metric so called would collide"""
COUNT = "count"
"""The metric that is the number of rows: a whole number, 0 for a group that nobody belongs to"""


class MixedKinds(UserWarning):
    """Values that are one group, though some are numbers and others text."""


class UndefinedGroups(UserWarning):
    """Groups without a value, which a gap or ratio between groups leaves out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameRow:
    """One group of a frame: its levels, how many rows, and every metric.

    The levels of control features stand in front. A value is None where it is undefined; `because` says why.
    """

    group: tuple[str, ...]
    n: int
    values: Mapping[str, float | None]
    because: str = ""


@dataclass(frozen=True, slots=True)
class Features:
    """Tags as text columns, and every level that each of them can have, sorted."""

    columns: Mapping[str, list[str]]
    levels: Mapping[str, tuple[str, ...]]


def read_features(by: Mapping[str, Sequence[object]], n: int) -> Features:
    """Read tags as text, n values each.

    1 and "1" are one group, which is warned about; what is missing is a group of its own; unused categories stay.
    """
    clash = sorted(RESERVED & set(by))
    if clash:
        raise DataError(f"a tag cannot be called {clash[0]!r}: fairlearn uses the name itself")
    if not by:
        raise DataError("a frame needs one tag or more to cut by")
    columns, levels = {}, {}
    for tag, values in by.items():
        if len(values) != n:
            raise DataError(f"tag {tag!r} has {len(values)} values for {n} rows")
        warn_mixed(values, tag)
        columns[tag] = [as_level(value) for value in values]
        spare = (as_level(value) for value in _categories(values))
        levels[tag] = tuple(sorted({*columns[tag], *spare}))
    return Features(columns, levels)


def as_level(value: object) -> str:
    """Return a value of a tag as the name of a group."""
    absent = value is None or value == "" or (isinstance(value, float) and value != value)
    return MISSING if absent else str(value)


def warn_mixed(values: Sequence[object], tag: str = "a tag") -> None:
    """Warn of values that are written as numbers and as text: 1 and "1"."""
    texts = {value for value in values if isinstance(value, str)}
    if not texts or len(texts) == len(values):
        return
    same = sorted({str(value) for value in values if value is not None and not isinstance(value, str)} & texts)
    if same:
        told = f"{tag}: {', '.join(map(repr, same[:5]))} stand there as numbers and as text, and are one group each"
        warnings.warn(told, MixedKinds, stacklevel=3)


def _categories(values: Sequence[object]) -> Sequence[object]:
    """Those that a pandas Categorical, or a series of them, declares."""
    found = getattr(getattr(values, "cat", values), "categories", ())
    return list(found)


def check_names(
    metrics: Mapping[str, Metric], features: Sequence[str], params: Mapping[str, Mapping[str, Any]]
) -> None:
    """Refuse names that MetricFrame would take for columns of its own.

    It writes each parameter of a metric as a column METRIC_PARAMETER, over a tag of that name.
    """
    clash = sorted(RESERVED & set(metrics))
    if clash:
        raise DataError(f"a metric cannot be called {clash[0]!r}: fairlearn uses the name itself")
    own = {f"{metric}_{param}" for metric, given in params.items() for param in given}
    taken = sorted(own & {*features})
    if taken:
        raise DataError(f"a tag cannot be called {taken[0]!r}: fairlearn keeps a parameter of a metric under that name")
    double = sorted(name for name in {*features} if list(features).count(name) > 1)
    if double:
        raise DataError(f"{double[0]!r} is a tag to cut by and a control feature at once: it can be one of them")


def read_options(options: Mapping[str, Any], metrics: Mapping[str, Metric], n: int) -> dict[str, Any]:
    """Return the options as MetricFrame takes them: n_boot, ci_quantiles, random_state, sample_params.

    Whole numbers among the quantiles become floats, a numpy Generator gives a seed. UsageError for parameters that do
    not stand under their metric, or are no column of n values: MetricFrame would make a column of a single one.
    """
    given = dict(options)
    unknown = sorted({*given} - {"n_boot", "ci_quantiles", "random_state", "sample_params"})
    if unknown:
        allowed = "n_boot, ci_quantiles, random_state, sample_params"
        raise UsageError(Problem(what=f"a frame has no option {unknown[0]!r}", allowed=allowed))
    if given.get("ci_quantiles") is not None:
        given["ci_quantiles"] = [_quantile(value) for value in given["ci_quantiles"]]
    if isinstance(given.get("random_state"), np.random.Generator):
        given["random_state"] = int(given["random_state"].integers(2**32))
    params = given.get("sample_params") or {}
    if not isinstance(params, Mapping) or any(not isinstance(value, Mapping) for value in params.values()):
        todo = f"write them by metric: {{{next(iter(metrics))!r}: {{'sample_weight': [...]}}}}"
        raise UsageError(Problem(what="sample_params must name the metric of each parameter", todo=todo))
    for metric, own in params.items():
        if metric not in metrics:
            raise UsageError(Problem(what=f"sample_params: no metric {metric!r}", allowed=join_allowed(list(metrics))))
        for name, value in own.items():
            if np.ndim(value) != 1 or len(value) != n:
                todo = f"a parameter that is no column goes into the metric: functools.partial({metric}, {name}=...)"
                raise UsageError(Problem(what=f"sample_params: {metric}.{name} is no column of {n} values", todo=todo))
    return given


def _quantile(value: object) -> float:
    number = float(value) if isinstance(value, (int, float, np.integer, np.floating)) else math.nan
    if not 0.0 < number < 1.0:
        raise UsageError(
            Problem(what=f"ci_quantiles: {value!r} is no share between 0 and 1", allowed="0.025 and 0.975")
        )
    return number


def make_frame(
    metrics: Mapping[str, Metric],
    truth: Any,
    prediction: Any,
    *,
    by: Mapping[str, Sequence[object]],
    control: Mapping[str, Sequence[object]] | None,
    options: Mapping[str, Any],
) -> Any:
    """Build the guarded frame of (n,) truths and predictions.

    DataError or UsageError for what would silently give a wrong number.
    """
    import pandas

    if truth.size == 0 or truth.shape != prediction.shape:
        raise DataError(f"a frame needs rows, and as many truths ({truth.size}) as predictions ({prediction.size})")
    cut = read_features(by, truth.size)
    within = read_features(control, truth.size) if control else Features({}, {})
    given = read_options(options, metrics, truth.size)
    check_names(metrics, [*cut.columns, *within.columns], given.get("sample_params") or {})
    frame = _whole_frame()(
        metrics=dict(metrics),
        y_true=truth,
        y_pred=prediction,
        sensitive_features=pandas.DataFrame(cut.columns),
        control_features=pandas.DataFrame(within.columns) if within.columns else None,
        **given,
    )
    frame.set_levels({**within.levels, **cut.levels}, zip(*within.columns.values(), *cut.columns.values(), strict=True))
    return frame


def frame_rows(frame: Any) -> tuple[FrameRow, ...]:
    """Return every group of a guarded frame as plain numbers.

    Empty ones have n = 0. Values are Python's own, so that they can be written as JSON; None where undefined, with the
    reason.
    """
    rows = []
    for key, values in frame.by_group.iterrows():
        group = tuple(map(str, key)) if isinstance(key, tuple) else (str(key),)
        n = frame.sizes[group]
        plain = {str(name): _plain(value) for name, value in values.items()}
        lacking = [name for name, value in plain.items() if value is None]
        because = "no row is in this group" if not n else f"{', '.join(lacking)} undefined: 0 / 0" if lacking else ""
        rows.append(FrameRow(group=group, n=n, values=plain, because=because))
    return tuple(rows)


def _plain(value: Any) -> float | None:
    number = float(value)
    return number if math.isfinite(number) else None


@cache
def _whole_frame() -> Any:
    """A MetricFrame that loses no group; made on first use, for fairlearn is slow to import."""
    import pandas
    from fairlearn.metrics import MetricFrame

    class WholeFrame(MetricFrame):  # type: ignore[misc]  # fairlearn tells no types
        """A MetricFrame with every level and combination, and warnings of what gaps leave out."""

        def set_levels(self, levels: Mapping[str, Sequence[str]], rows: Any) -> None:
            """Keep the levels of all features, control features first, and count the rows of each combination."""
            names, places = list(levels), list(itertools.product(*levels.values()))
            self.sizes = dict.fromkeys(places, 0)
            for row in rows:
                self.sizes[row] += 1
            if len(names) == 1:
                self._whole = pandas.Index([place[0] for place in places], name=names[0])
            else:
                self._whole = pandas.MultiIndex.from_tuples(places, names=names)

        def _complete(self, table: Any) -> Any:
            table = table.reindex(self._whole)
            if COUNT in table:
                table[COUNT] = np.array(list(self.sizes.values()), dtype=np.int64)
            return table

        @property
        def by_group(self) -> Any:
            """Return the metrics of every combination."""
            return self._complete(super().by_group)

        @property
        def by_group_ci(self) -> Any:
            """Return the same for each quantile; NaN for what no replicate held."""
            return [table.reindex(self._whole) for table in super().by_group_ci]

        def difference(self, *args: Any, **kwargs: Any) -> Any:
            """Return the largest difference, and warn of groups that are in none."""
            _warn_of_gaps(self)
            return super().difference(*args, **kwargs)

        def ratio(self, *args: Any, **kwargs: Any) -> Any:
            """Return the smallest ratio, and warn of groups that are in none."""
            _warn_of_gaps(self)
            return super().ratio(*args, **kwargs)

    return WholeFrame


def _warn_of_gaps(frame: Any) -> None:
    for row in frame_rows(frame):
        lacking = [name for name, value in row.values.items() if value is None]
        if row.n and lacking:
            told = f"{', '.join(lacking)} undefined for {' / '.join(row.group)}: not in the gap between groups"
            warnings.warn(told, UndefinedGroups, stacklevel=4)
