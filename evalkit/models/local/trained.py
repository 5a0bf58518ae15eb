"""Where a local fine-tune came from, as its own folder tells: PEFT's config, the trainer's log, the model card.

It is context: it decides no answer, so that it is no part of the fingerprint, and no gate looks at it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from evalkit.core.errors import ModelError
from evalkit.core.exchange import Json
from evalkit.models.local.source import Source
from evalkit.models.local.trainer_log import TrainerLog, read_trainer_log

CARD = "README.md"
_PEFT = (
    "peft_type", "base_model_name_or_path", "revision", "task_type", "r", "lora_alpha", "lora_dropout", "use_rslora",
    "use_dora", "bias", "modules_to_save", "target_modules", "layers_to_transform", "peft_version",
)  # fmt: skip
_CARD = ("base_model", "base_model_relation", "datasets", "library_name", "license", "model_name", "tags")
_FRONT = re.compile(r"\A\ufeff?---\s*\n(.*?)\n---\s*(?:\n|\Z)", re.DOTALL)
_MOST_CARD, _MOST_TEXT, _MOST_ITEMS, _MOST_POINTS = 256_000, 300, 40, 200


def read_training(source: Source) -> dict[str, Json]:
    """Return what a folder tells of its training.

    It has `peft`, `trainer` and `card`, each where it is there. What cannot be read is left out: it stands in no
    verdict's way.
    """
    found = {"peft": _peft(source), "trainer": _trainer(source.folder), "card": _card(source.folder / CARD)}
    return {name: value for name, value in found.items() if value}


def _peft(source: Source) -> dict[str, Json]:
    try:
        config = source.read_json("adapter_config.json")
    except ModelError:
        return {}
    return {name: _short(config[name]) for name in _PEFT if config.get(name) not in (None, "", [], {})}


def _trainer(folder: Path) -> dict[str, Json]:
    """The log in the folder itself, or in the checkpoints below it; the one that reaches furthest counts."""
    log, _ = read_trainer_log([*sorted(folder.glob("checkpoint-*")), folder])
    return {} if log is None else {name: value for name, value in _figures(log).items() if value not in (None, [])}


def _figures(log: TrainerLog) -> dict[str, Json]:
    best = re.fullmatch(r"checkpoint-(\d{1,12})", log.best or "")
    return {
        "steps": log.step,
        "epochs": log.epochs[max(log.epochs)] if log.epochs else None,
        "train_loss": log.train[max(log.train)] if log.train else None,
        "eval_loss": log.evaluated[max(log.evaluated)] if log.evaluated else None,
        "best_step": int(best[1]) if best else None,
        "best_metric": log.best_metric,
        "train_losses": _curve(log.train),
        "eval_losses": _curve(log.evaluated),
    }


def _curve(series: Mapping[int, float]) -> list[Json]:
    """[step, loss] of a series, thinned evenly where it is long; the first and the last stay."""
    steps = sorted(series)
    if len(steps) > _MOST_POINTS:
        each = (len(steps) - 1) / (_MOST_POINTS - 1)
        steps = [steps[round(place * each)] for place in range(_MOST_POINTS)]
    return [[step, series[step]] for step in steps]


def _card(path: Path) -> dict[str, Json]:
    """The front matter of a model card, as trainers and merge tools write it."""
    try:
        with path.open("rb") as file:
            text = file.read(_MOST_CARD).decode("utf-8", "replace")
    except OSError:
        return {}
    front = _FRONT.match(text.replace("\r\n", "\n"))
    if front is None:
        return {}
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        told = YAML(typ="safe", pure=True).load(front[1])
    except (YAMLError, ValueError, RecursionError):
        return {}
    found = told if isinstance(told, Mapping) else {}
    return {name: _short(found[name]) for name in _CARD if found.get(name) not in (None, "", [], {})}


def _short(value: object) -> Json:
    """A value as JSON, cut where somebody wrote a book."""
    if isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, Mapping):
        return {str(key): _short(one) for key, one in list(value.items())[:_MOST_ITEMS]}
    if isinstance(value, Sequence) and not isinstance(value, (str, bytes)):
        return [_short(one) for one in list(value)[:_MOST_ITEMS]]
    return str(value)[:_MOST_TEXT]
