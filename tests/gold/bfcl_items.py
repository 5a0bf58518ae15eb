"""BFCL's items and its own checker, from the installed wheel bfcl-eval (pip install --no-deps bfcl-eval==2026.3.23)."""

from __future__ import annotations

import importlib.util
import json
import random
import sys
import types
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

ABSENT = "bfcl-eval is not installed: pip install --no-deps bfcl-eval==2026.3.23 brings the items and the oracle"
_STATEFUL = ("multi_turn", "memory", "web_search")


def installed() -> bool:
    return importlib.util.find_spec("bfcl_eval") is not None


def language(category: str) -> str:
    return "javascript" if "javascript" in category else "java" if "java" in category else "python"


def load_items() -> dict[str, tuple[str, list[dict[str, Any]], list[dict[str, Any]]]]:
    """id -> (category, functions, possible answers), every single-turn item that has answers."""
    spec = importlib.util.find_spec("bfcl_eval")
    data = Path(next(iter(spec.submodule_search_locations))) / "data"
    items = {}
    for path in sorted(data.glob("BFCL_v4_*.json")):
        category = path.stem.removeprefix("BFCL_v4_")
        answers = data / "possible_answer" / path.name
        if not answers.exists() or category.startswith(_STATEFUL):
            continue
        truth = {row["id"]: row["ground_truth"] for row in _rows(answers)}
        for row in _rows(path):
            items[row["id"]] = (category, row["function"], truth[row["id"]])
    return items


def oracle() -> Callable[..., dict[str, Any]]:
    """The original `ast_checker`. Its registry of models imports thirty vendors' clients; a stand-in answers for it."""

    class Config:
        def __init__(self, underscore_to_dot: bool) -> None:
            self.underscore_to_dot = underscore_to_dot

    class Configs(dict[str, Config]):
        def __missing__(self, name: str) -> Config:
            return Config(name.startswith("fc"))

    module = types.ModuleType("bfcl_eval.constants.model_config")
    module.MODEL_CONFIG_MAPPING = Configs()
    sys.modules[module.__name__] = module
    from bfcl_eval.constants.enums import Language
    from bfcl_eval.eval_checker.ast_eval.ast_checker import ast_checker

    def verdict(functions, calls, answers, *, category, language, underscores):
        tongue = {"python": Language.PYTHON, "java": Language.JAVA, "javascript": Language.JAVASCRIPT}[language]
        return ast_checker(functions, calls, answers, tongue, category, "fc" if underscores else "prompt")

    return verdict


def _rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


_ODD = (
    "", "x", "x*2", "x**2", "-5", "5", "5.0", "True", "１０：００", "東京、大阪", "new york, ny", "'q'", "true", "1.5f",
    "12L", "[1, 2]", "{'k': true}", 'new HashMap<String, Object>() {{ put("k", 1); }}', "new int[]{1, 2}", 0, 1, -1, 5,
    5.0, 1.5, 0.1 + 0.2, True, False, None, [], {}, [1, 2], [1.5, 2], ["a"], ["A-"], [[1]], [{}], [{"k": True}],
    {"k": True}, {"k": 1},
)  # fmt: skip


def mutated(
    rng: random.Random, functions: list[Any], answers: list[Any], *, language: str, underscores: bool
) -> list[Any]:
    """Calls drawn from the accepted answers, then spoiled up to three times (often not at all)."""
    calls = [_drawn(rng, answer) for answer in answers]
    if language != "python":
        calls = [{n: {p: _source(rng, v, language) for p, v in given.items()} for n, given in c.items()} for c in calls]
    if underscores:
        calls = [{name.replace(".", "_"): given for name, given in call.items()} for call in calls]
    for _ in range(rng.choice((0, 1, 1, 1, 2, 3))):
        rng.choice(_SPOIL)(rng, calls, functions)
    return calls


def _drawn(rng: random.Random, answer: dict[str, Any]) -> dict[str, Any]:
    name, parameters = next(iter(answer.items()))
    given = {}
    for parameter, accepted in parameters.items():
        value = rng.choice(accepted or [""])
        if value == "" and rng.random() < 0.8:
            continue
        given[parameter] = _plain(rng, value)
    return {name: given}


def _plain(rng: random.Random, value: Any) -> Any:
    if isinstance(value, dict):
        return {k: rng.choice(v) if isinstance(v, list) and v else deepcopy(v) for k, v in value.items()}
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return [_plain(rng, item) for item in value]
    return deepcopy(value)


def _source(rng: random.Random, value: Any, language: str) -> Any:
    """A value as it would stand in Java or JavaScript; the arguments of these categories are source text."""
    if rng.random() < 0.05:
        return value
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value) + rng.choice(("", "", "L" if language == "java" else "n"))
    if isinstance(value, float):
        return str(value) + rng.choice(("", "", "f" if language == "java" else ""))
    if isinstance(value, str):
        return rng.choice((value, value, f'"{value}"'))
    if isinstance(value, list):
        inside = ", ".join(json.dumps(v) if isinstance(v, str) else str(_source(rng, v, language)) for v in value)
        java = (f"new String[]{{{inside}}}", f"new ArrayList<>(Arrays.asList({inside}))")
        return rng.choice(java if language == "java" else (f"[{inside}]", f"new Array({inside})"))
    if isinstance(value, dict):
        members = {k: json.dumps(v) if isinstance(v, str) else str(_source(rng, v, language)) for k, v in value.items()}
        if language == "java":
            return (
                "new HashMap<String, Object>() {{ " + " ".join(f'put("{k}", {v});' for k, v in members.items()) + " }}"
            )
        return "{" + ", ".join(f"'{k}': {v}" for k, v in members.items()) + "}"
    return "null"


def _spoil_value(rng: random.Random, calls: list[Any], functions: list[Any]) -> None:
    place = _somewhere(rng, calls)
    if place:
        given, parameter = place
        given[parameter] = _other(rng, given[parameter])


def _other(rng: random.Random, value: Any) -> Any:
    if rng.random() < 0.35:
        return deepcopy(rng.choice(_ODD))
    if isinstance(value, str):
        return rng.choice(
            (value.upper(), value + " ", f"-{value}", value.replace(" ", "_"), value[1:], f'"{value}"', [value])
        )
    if isinstance(value, bool):
        return rng.choice((not value, int(value), str(value).lower()))
    if isinstance(value, (int, float)):
        return rng.choice((float(value), int(value), value + 1, -value, str(value), value * (1 + 1e-12), [value]))
    if isinstance(value, list):
        return rng.choice(
            (value[::-1], value[:-1], value + value[:1], [str(v) for v in value], [_other(rng, v) for v in value])
        )
    if isinstance(value, dict) and value:
        key = rng.choice(list(value))
        return rng.choice(
            ({k: v for k, v in value.items() if k != key}, {**value, key: _other(rng, value[key])}, {**value, "zz": 1})
        )
    return deepcopy(rng.choice(_ODD))


def _spoil_presence(rng: random.Random, calls: list[Any], functions: list[Any]) -> None:
    place = _somewhere(rng, calls)
    if place and rng.random() < 0.5:
        del place[0][place[1]]
    elif calls:
        properties = rng.choice(functions)["parameters"].get("properties", {})
        name = rng.choice([*properties, "made_up"])
        next(iter(rng.choice(calls).values()))[name] = deepcopy(rng.choice(_ODD))


def _spoil_calls(rng: random.Random, calls: list[Any], functions: list[Any]) -> None:
    if not calls:
        return
    at = rng.randrange(len(calls))
    kind = rng.randrange(5)
    if kind == 0:
        del calls[at]
    elif kind == 1:
        calls.insert(at, deepcopy(calls[at]))
    elif kind == 2:
        rng.shuffle(calls)
    elif kind == 3:
        calls[at] = deepcopy(rng.choice(calls))
    else:
        given = next(iter(calls[at].values()))
        name = rng.choice([f["name"] for f in functions] + ["made_up"])
        calls[at] = {rng.choice((name, name.replace(".", "_"), name.upper())): given}


def _somewhere(rng: random.Random, calls: list[Any]) -> tuple[dict[str, Any], str] | None:
    places = [(given, p) for call in calls for given in call.values() if isinstance(given, dict) for p in given]
    return rng.choice(places) if places else None


_SPOIL = (_spoil_value, _spoil_value, _spoil_value, _spoil_presence, _spoil_calls)
