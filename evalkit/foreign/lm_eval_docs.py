"""What a task of lm-eval makes of a document: the prompt, the choices, the target; and its YAML with code named."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from evalkit.core.errors import DataError, Location, Problem
from evalkit.core.exchange import Json
from evalkit.foreign.js import js_value
from evalkit.text.sandbox import sandbox

_SECONDS = 2.0
"""That replacing a pattern in a document may take"""
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class Code(str):
    """A function that the YAML points at (`!function utils.f`); it is not run."""


def read_tagged_yaml(path: Path) -> dict[str, Any]:
    """Read a task's YAML; functions are `Code`.

    Raises DataError where it is no YAML with keys.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.constructor import SafeConstructor
    from ruamel.yaml.error import YAMLError

    class Tagged(SafeConstructor):
        pass

    Tagged.add_multi_constructor("!", lambda loader, suffix, node: Code(f"{suffix} {getattr(node, 'value', '')}"))
    reader = YAML(typ="safe", pure=True)
    reader.Constructor = Tagged
    try:
        value = reader.load(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        what = f"cannot be read: {getattr(error, 'strerror', None) or error}"
        raise DataError(Problem(what=what, where=Location(file=str(path)))) from None
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = Location(file=str(path), line=mark.line + 1 if mark else None)
        raise DataError(Problem(what=f"not YAML: {getattr(error, 'problem', error)}", where=where)) from None
    if not isinstance(value, dict):
        raise DataError(Problem(what="a task is YAML with keys", where=Location(file=str(path))))
    return value


def _replace(text: str, pattern: str, replacement: str = "", count: int = 0) -> str:
    """lm-eval's own filter of templates."""
    import regex

    return str(regex.sub(pattern, replacement, text, count=count, timeout=_SECONDS))


class DocReader:
    """The templates of one task, over its documents."""

    def __init__(self, task: Mapping[str, Any]) -> None:
        self._task = task
        self._environment = sandbox()
        self._environment.filters["regex_replace"] = _replace
        self._template = lru_cache(maxsize=64)(self._environment.from_string)
        self._compiled = lru_cache(maxsize=64)(self._environment.compile_expression)
        self._description = str(task.get("description") or "")

    def text(self, doc: Mapping[str, Json]) -> str:
        """Return what is asked; ValueError where the template cannot be rendered."""
        return self._render(self._description, doc) + str(self._value("doc_to_text", doc))

    def answer(self, doc: Mapping[str, Json]) -> dict[str, Json]:
        """Return the target, with the choices where there are some.

        ValueError where it is none of them.
        """
        target = self._value("doc_to_target", doc)
        if self._task["output_type"] != "multiple_choice":
            several = isinstance(target, list)
            return {"target": [str(one) for one in target] if several else str(target)}
        choices = self._value("doc_to_choice", doc)
        if not isinstance(choices, list) or len(choices) < 2:
            raise ValueError("doc_to_choice gives no list of choices")
        texts = [str(one) for one in choices]
        return {"choices": list(texts), "target": self._index(target, texts)}

    def _index(self, target: Any, choices: list[str]) -> int:
        """As lm-eval does: a number is an index, a text one of the choices; a letter where choices are other texts."""
        if isinstance(target, str) and target.strip().isdecimal() and target not in choices:
            target = int(target)
        if isinstance(target, int) and 0 <= target < len(choices):
            return int(target)
        if isinstance(target, str) and target in choices:
            return choices.index(target)
        letter = _LETTERS.find(str(target).strip()) if len(str(target).strip()) == 1 else -1
        if 0 <= letter < len(choices):
            return letter
        raise ValueError(f"the target {target!r} is none of its {len(choices)} choices")

    def _value(self, key: str, doc: Mapping[str, Json]) -> Any:
        told = self._task[key]
        if isinstance(told, (int, list)):
            return [self._render(str(one), doc) for one in told] if isinstance(told, list) else told
        if isinstance(told, dict):
            return list(told.values())
        if told in doc:
            return doc[told]
        alone = str(told).strip()
        if key != "doc_to_text" and alone.startswith("{{") and alone.endswith("}}") and alone.count("{{") == 1:
            return self._expression(alone[2:-2], doc)
        return self._render(str(told), doc)

    def _expression(self, text: str, doc: Mapping[str, Json]) -> Any:
        try:
            value = self._compiled(text, undefined_to_none=False)(**doc)
            str(value)  # a name that is not there says so
            return js_value(list(value) if isinstance(value, tuple) else value)
        except Exception as error:  # a template may do anything that ends in any error
            raise ValueError(f"{text.strip()!r} cannot be made of the document: {error}") from None

    def _render(self, text: str, doc: Mapping[str, Json]) -> str:
        if "{{" not in text and "{%" not in text:
            return text
        try:
            return self._template(text).render(dict(doc))
        except Exception as error:  # a template may do anything that ends in any error
            raise ValueError(f"{text[:60]!r} cannot be rendered: {error}") from None
