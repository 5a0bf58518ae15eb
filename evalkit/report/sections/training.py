"""Where the fine-tunes came from: base, method, data, losses by step, beside what they score on held-out rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from evalkit.core.blocks import Block, Point, Table, Trend, Trends
from evalkit.core.columns import Comparison
from evalkit.core.exchange import Json, ModelIdentity
from evalkit.core.origin import FINE_TUNING, TRAINING, TRAINING_FILES
from evalkit.core.verdict import Verdict
from evalkit.report import figures

title = "Where it came from"
_NOTE = "Losses are context: they are means over tokens of other rows, and no gate looks at them."
_CURVES = {"train_losses": "training loss", "eval_losses": "evaluation loss"}
_TICKS = 5


def blocks(comparison: Comparison | None, verdict: Verdict) -> Sequence[Block]:
    """Return both trainings beside held-out scores, and digests of training files."""
    if comparison is None:
        return []
    arms = {"Base": _facts(comparison.base), "Candidate": _facts(comparison.candidate)}
    shown: list[Block] = []
    if any(arms.values()):
        held_out = _held_out(verdict)
        names = dict.fromkeys(name for facts in arms.values() for name in facts)
        rows = [(name, *(facts.get(name, figures.MISSING) for facts in arms.values())) for name in names]
        shown.append(Table(heading="Training, beside held-out scores", columns=("", *arms), rows=(*rows, *held_out)))
    shown += [
        curves
        for name, model in (("Base", comparison.base), ("Candidate", comparison.candidate))
        if (curves := _curves(name, model)) is not None
    ]
    files = comparison.manifest.get(TRAINING_FILES)
    if isinstance(files, Mapping) and files:
        digests = tuple((str(name), str(value)) for name, value in files.items())
        shown.append(Table(heading="Training files that the suite names", columns=("File", "SHA-256"), rows=digests))
    return shown


def data(comparison: Comparison | None, verdict: Verdict) -> Mapping[str, Json] | None:
    """Return what is known of both trainings.

    With it the digests of training files; None where nothing is known.
    """
    if comparison is None:
        return None
    found: dict[str, Json] = {
        name: {key: model.details[key] for key in (TRAINING, FINE_TUNING) if model.details.get(key)}
        for name, model in (("base", comparison.base), ("candidate", comparison.candidate))
    }
    found[TRAINING_FILES] = comparison.manifest.get(TRAINING_FILES)
    return {name: value for name, value in found.items() if value} or None


def _part(model: ModelIdentity, *names: str) -> Mapping[str, Json]:
    found: Json = model.details
    for name in names:
        found = found.get(name) if isinstance(found, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def _facts(model: ModelIdentity) -> dict[str, str]:
    peft, log, card = (_part(model, TRAINING, name) for name in ("peft", "trainer", "card"))
    job = _part(model, FINE_TUNING)
    results = _part(model, FINE_TUNING, "results")
    told = {
        "Trained on top of": peft.get("base_model_name_or_path") or card.get("base_model") or job.get("base"),
        "Method": _method(peft) or job.get("method"),
        "Training data": card.get("datasets") or job.get("training_file"),
        "Steps": log.get("steps"),
        "Epochs": log.get("epochs") or _part(model, FINE_TUNING, "hyperparameters").get("n_epochs"),
        "Last training loss": log.get("train_loss") or results.get("train_loss"),
        "Last evaluation loss": log.get("eval_loss") or results.get("valid_loss"),
        "Best step, as the trainer says": log.get("best_step"),
        "Value at the best step": log.get("best_metric"),
    }
    return {name: _say(value) for name, value in told.items() if value not in (None, "", [], {})}


def _method(peft: Mapping[str, Json]) -> str:
    if not peft:
        return ""
    told = [str(peft.get("peft_type", "PEFT"))]
    told += [f"{name} {peft[key]}" for name, key in (("r", "r"), ("alpha", "lora_alpha")) if key in peft]
    modules = peft.get("target_modules")
    return ", ".join([*told, *([" ".join(map(str, modules))] if isinstance(modules, list) else [])])


def _say(value: Json) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return figures.number(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else str(value)


def _held_out(verdict: Verdict) -> list[tuple[str, ...]]:
    """What both score on held-out rows: every metric of the scorers over all cases."""
    known = [
        item
        for item in verdict.suites[0].metrics
        if item.slice is None and item.n and figures.unit(item.metric) is None and "." not in item.metric
    ]
    return [(item.metric, figures.value(item.base, item), figures.value(item.candidate, item)) for item in known]


def _curves(name: str, model: ModelIdentity) -> Trends | None:
    """The losses of one training by step."""
    found = {**_part(model, FINE_TUNING), **_part(model, TRAINING, "trainer")}
    trends = []
    for key, heading in _CURVES.items():
        points = [
            Point(at=float(step), value=float(loss), label=f"{figures.number(loss)} ({figures.number(step)})")
            for step, loss in found.get(key) or ()
        ]
        if len(points) > 1:
            trends.append(Trend(heading=heading, points=tuple(points)))
    if not trends:
        return None
    steps = sorted({point.at for trend in trends for point in trend.points})
    each = max(1, (len(steps) - 1) // _TICKS)
    ticks = tuple((step, figures.number(step)) for step in steps[::each])
    return Trends(heading=f"Losses, {name}", axis="training step", ticks=ticks, trends=tuple(trends), note=_NOTE)
