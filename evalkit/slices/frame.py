"""fairlearn's MetricFrame over an arm's scores: the public path, for whoever wants all that fairlearn offers."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from evalkit.core.columns import Comparison
from evalkit.core.errors import DataError, Problem, UsageError, did_you_mean, join_allowed
from evalkit.slices.frame_guards import COUNT, FrameRow, Metric, frame_rows, make_frame

__all__ = ["FrameRow", "arm_frame", "frame_rows", "guard_metric", "label_frame", "metric_named", "score_frame"]


def score_frame(
    scores: Mapping[str, ArrayLike],
    *,
    by: Mapping[str, Sequence[object]],
    control: Mapping[str, Sequence[object]] | None = None,
    **options: Any,
) -> Any:
    """Return a MetricFrame with every metric's mean and count by tag.

    `scores` metric -> (n,), `by` tag -> (n,).

    Scores are already per example, so no truth is needed. `options` go to MetricFrame (n_boot, ci_quantiles,
    random_state, sample_params). Every combination of levels is there, also unused categories, with n = 0. Raises
    DataError for what would silently give a wrong number.
    """
    columns = {name: np.asarray(values, dtype=np.float64) for name, values in scores.items()}
    if not columns:
        raise DataError("there is no metric to make a frame of")
    n = next(iter(columns.values())).size
    for name, values in columns.items():
        if not np.isfinite(values).all():
            raise DataError(f"metric {name!r} has values that are not finite; leave rows without a score out")
    metrics: dict[str, Metric] = {name: _mean_of(name, values) for name, values in columns.items()}
    rows = np.arange(n, dtype=np.float64)
    return make_frame({**metrics, COUNT: _count}, rows, rows, by=by, control=control, options=options)


def label_frame(
    truth: Sequence[object],
    prediction: Sequence[object],
    *,
    positive: object,
    by: Mapping[str, Sequence[object]],
    control: Mapping[str, Sequence[object]] | None = None,
    metrics: Mapping[str, Metric] | None = None,
    **options: Any,
) -> Any:
    """Return a MetricFrame of yes/no labels.

    Accuracy, selection rate, true and false positive rate and count by tag.

    `positive` is the label that counts as yes; DataError if no truth or prediction bears it, for fairlearn's default
    of 1 makes every rate of text labels a silent 0. A group without positives (or negatives) has NaN as its rate,
    where fairlearn would give 0: undefined is not perfect. `metrics` replace the default ones and see 0 and 1.
    """
    if positive not in {*truth, *prediction}:
        labels = sorted({str(label) for label in (*truth, *prediction)})
        raise DataError(
            Problem(what=f"no label equals the positive label {positive!r}", allowed=join_allowed(labels[:20]))
        )
    actual = np.array([label == positive for label in truth], dtype=np.int64)
    said = np.array([label == positive for label in prediction], dtype=np.int64)
    return make_frame(metrics or _default_metrics(), actual, said, by=by, control=control, options=options)


def arm_frame(
    comparison: Comparison,
    *,
    arm: Literal["base", "candidate"],
    by: Sequence[str],
    metrics: Sequence[str] = (),
    **options: Any,
) -> Any:
    """Return a MetricFrame of one arm, cut by the suite's slices.

    Of all metrics with a value by default.

    Only cases that count in both arms for every metric take part, so that the frames of both arms cover the same rows.
    """
    unknown = [name for name in metrics if name not in comparison.columns]
    unknown += [name for name in by if name not in comparison.levels]
    if unknown:
        known = [*comparison.columns, *comparison.levels]
        raise DataError(
            Problem(what=f"unknown {unknown[0]!r}{did_you_mean(unknown[0], known)}", allowed=join_allowed(known))
        )
    columns = {name: comparison.columns[name] for name in metrics or comparison.columns}
    rows = np.logical_and.reduce([column.paired for column in columns.values()])
    if not rows.any():
        raise DataError(f"no case has a value of {join_allowed(list(columns))} in both arms")
    return score_frame(
        {name: getattr(column, arm).values[rows] for name, column in columns.items()},
        by={name: [level for level, row in zip(comparison.levels[name], rows, strict=True) if row] for name in by},
        **options,
    )


def metric_named(name: str) -> Metric:
    """Return the metric of this name in sklearn.metrics or fairlearn.metrics, guarded.

    UsageError where neither has it.
    """
    import fairlearn.metrics
    import sklearn.metrics

    for package in (sklearn.metrics, fairlearn.metrics):
        found = getattr(package, name, None)
        if callable(found) and not name.startswith("_") and not isinstance(found, type):
            return guard_metric(name, found)
    known = [*dir(sklearn.metrics), *dir(fairlearn.metrics)]
    raise UsageError(
        Problem(
            what=f"neither sklearn.metrics nor fairlearn.metrics has {name!r}{did_you_mean(name, known)}",
            allowed="metrics of (truth, prediction), e.g. f1_score, balanced_accuracy_score, matthews_corrcoef",
        )
    )


_NEEDS: Mapping[str, tuple[int, ...]] = {
    "true_positive_rate": (1,), "false_negative_rate": (1,), "recall_score": (1,), "f1_score": (1,),
    "true_negative_rate": (0,), "false_positive_rate": (0,), "balanced_accuracy_score": (0, 1),
    "matthews_corrcoef": (0, 1), "roc_auc_score": (0, 1),
}  # fmt: skip
"""Truths without which a metric is 0 / 0, and returns a number all the same"""


def guard_metric(name: str, metric: Metric) -> Metric:
    """Return the metric with NaN for what is 0 / 0.

    Both packages return 0 (or 1) there, some of them with a warning.

    A metric that takes something else than (truth, prediction) of 0 and 1 is a UsageError that names it.
    """

    def call(y_true: Any, y_pred: Any, **given: Any) -> float:
        from sklearn.exceptions import UndefinedMetricWarning

        if not {*_NEEDS.get(name, ())} <= {*np.asarray(y_true).tolist()}:
            return float("nan")
        with warnings.catch_warnings():
            warnings.simplefilter("error", UndefinedMetricWarning)
            try:
                return float(metric(y_true, y_pred, **given))
            except UndefinedMetricWarning:
                return float("nan")
            except (TypeError, ValueError) as error:
                what = f"{name} cannot be computed from truths and decisions: {error}"
                raise UsageError(Problem(what=what, todo="name a metric of (truth, prediction)")) from error

    call.__name__ = name
    return call


def _mean_of(name: str, values: np.ndarray[Any, np.dtype[np.float64]]) -> Metric:
    """The metric as fairlearn calls it: rows of the group come in as positions."""

    def mean(y_true: Any, y_pred: Any) -> float:
        return float(values[np.asarray(y_true, dtype=np.int64)].mean())

    mean.__name__ = name
    return mean


def _count(y_true: Any, y_pred: Any) -> int:
    return len(y_true)


def _default_metrics() -> dict[str, Metric]:
    def accuracy(y_true: Any, y_pred: Any) -> float:
        return float(np.mean(np.asarray(y_true) == np.asarray(y_pred)))

    def selection_rate(y_true: Any, y_pred: Any) -> float:
        return float(np.mean(y_pred))

    def true_positive_rate(y_true: Any, y_pred: Any) -> float:
        return _share(np.asarray(y_pred)[np.asarray(y_true) == 1])

    def false_positive_rate(y_true: Any, y_pred: Any) -> float:
        return _share(np.asarray(y_pred)[np.asarray(y_true) == 0])

    named = (accuracy, selection_rate, true_positive_rate, false_positive_rate)
    return {**{metric.__name__: metric for metric in named}, COUNT: _count}


def _share(said: Any) -> float:
    return float(said.mean()) if said.size else float("nan")
