"""Scorers whose options are templates over the row: `contains: {all: "{{ extra.must }}"}`.

A template alone gives the value itself (a list stays one), within a text it gives text. Each row has a scorer of its
own, made and checked before anything is asked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from evalkit.core.errors import Problem, SuiteError
from evalkit.core.exchange import Example, Json, Response
from evalkit.core.fingerprint import canonical
from evalkit.core.ports import PricedScorer, Scorer
from evalkit.core.verdict import Metric, Score
from evalkit.scorers.build import build_scorer, option_shape
from evalkit.scorers.table import SCORERS
from evalkit.suite.explain import Locate
from evalkit.text.sandbox import sandbox
from evalkit.text.template_values import template_values

TEMPLATED = frozenset({"checks", "contains", "fuzzy", "language", "length", "numeric", "refusal", "regex", "register"})
"""Types of scorers whose options may be templates; of others `{{` is their own"""
NAMES = "id, input, target, choices, tags.NAME, extra.NAME"
_TEMPLATE = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_ALONE = re.compile(r"\s*\{\{((?:(?!\{\{|\}\}).)*)\}\}\s*", re.DOTALL)
_Make = Callable[[Mapping[str, Any]], Json]


def is_templated(type: str, options: Json) -> bool:
    """Tell whether an option of this scorer, at any depth, is a template."""
    return type in TEMPLATED and any(_TEMPLATE.search(text) for text in _texts(options))


class TemplatedScorer:
    """A scorer of this type for each row.

    It has the options that the row gives it. Raises SuiteError where not one of the examples, of which there must be
    some, gives a scorer.
    """

    def __init__(
        self, type: str, options: Mapping[str, Json], *, root: Path, locate: Locate, examples: Sequence[Example]
    ) -> None:
        self._type, self._options, self._root = type, options, root
        self._environment = sandbox()
        self._makers: dict[str, _Make] = {}
        self._by_options: dict[str, Scorer] = {}
        self._by_id: dict[str, Scorer] = {}
        self._lists = _list_options(type)
        self._sample = self._first(examples, locate)

    @property
    def version(self) -> str:
        """That of the scorer itself."""
        return self._sample.version

    def metrics(self) -> Sequence[Metric]:
        """Return the metrics of the first row's scorer.

        The others must have the same.
        """
        return self._sample.metrics()

    def check(self, example: Example) -> Sequence[str]:
        """Explain why this row cannot be scored.

        No scorer can be made of it, or that scorer says why.
        """
        try:
            scorer = self._scorer(example)
        except SuiteError as error:
            return tuple(problem.what for problem in error.problems)
        if [metric.part for metric in scorer.metrics()] != [metric.part for metric in self.metrics()]:
            return ("its options give other metrics than those of the first row",)
        return scorer.check(example)

    def score(self, example: Example, response: Response) -> Score:
        """Score as the row's own scorer does."""
        return self._scorer(example).score(example, response)

    def score_priced(self, example: Example, response: Response, *, cost: float | None) -> Score:
        """Score as the row's own scorer does, with the cost.

        The cost is given where it wants to know it.
        """
        scorer = self._scorer(example)
        if isinstance(scorer, PricedScorer):
            return scorer.score_priced(example, response, cost=cost)
        return scorer.score(example, response)

    def _first(self, examples: Sequence[Example], locate: Locate) -> Scorer:
        first: SuiteError | None = None
        for example in examples:
            try:
                return self._scorer(example)
            except SuiteError as error:
                first = first or error
        told = first.problems if first is not None else (Problem(what="there is no row to make its options of"),)
        of = f" (example {examples[0].id!r})" if examples else ""
        raise SuiteError(
            Problem(what=f"{one.what}{of}", where=one.where or locate(()), allowed=one.allowed) for one in told
        )

    def _scorer(self, example: Example) -> Scorer:
        """Made once a row, and one for all rows with the same options."""
        known = self._by_id.get(example.id)
        if known is not None:
            return known
        values = template_values(example)
        options = {name: self._render(name, option, values) for name, option in self._options.items()}
        key = canonical(options)
        if key not in self._by_options:
            self._by_options[key] = build_scorer(self._type, options, root=self._root)
        self._by_id[example.id] = self._by_options[key]
        return self._by_id[example.id]

    def _render(self, name: str, option: Json, values: Mapping[str, Any]) -> Json:
        """An option of this row; one value where the scorer wants several becomes a list of one."""
        made = self._fill(name, option, values)
        if name not in self._lists or made == option:
            return made
        several = made if isinstance(made, list) else [made]
        numbers = (int, float) if self._lists[name] == "string" else ()
        return [str(one) if isinstance(one, numbers) and not isinstance(one, bool) else one for one in several]

    def _fill(self, name: str, option: Json, values: Mapping[str, Any]) -> Json:
        if isinstance(option, Mapping):
            return {key: self._fill(f"{name}.{key}", item, values) for key, item in option.items()}
        if isinstance(option, (list, tuple)):
            return [self._fill(name, item, values) for item in option]
        if not isinstance(option, str) or not _TEMPLATE.search(option):
            return option
        try:
            return _as_json(self._maker(option)(values))
        except Exception as error:  # a template may do anything that ends in any error
            what = f"`{name}` cannot be made of the row: {error}"
            raise SuiteError(Problem(what=what, allowed=NAMES)) from None

    def _maker(self, text: str) -> _Make:
        if text not in self._makers:
            alone = _ALONE.fullmatch(text)
            if alone is not None:
                expression = self._environment.compile_expression(alone[1], undefined_to_none=False)
                self._makers[text] = lambda values: expression(**values)
            else:
                template = self._environment.from_string(text)
                self._makers[text] = lambda values: template.render(values)
        return self._makers[text]


def _as_json(value: Any) -> Json:
    """What a template gave, as JSON; ValueError for nothing, and for what is none."""
    from jinja2 import Undefined

    if isinstance(value, Undefined):
        str(value)  # raises, with the name that is not there
    if value is None:
        raise ValueError("it is null")
    if isinstance(value, (str, bool, int, float)):
        return value
    if isinstance(value, Mapping):
        return {str(key): _as_json(item) for key, item in value.items()}
    if isinstance(value, Iterable):
        return [_as_json(item) for item in value]
    raise ValueError(f"it is {type(value).__name__}, no value of JSON")


def _list_options(type: str) -> dict[str, str]:
    """Options that are lists, each with the kind of its items."""
    shape = option_shape(SCORERS.load(type))[0].json_schema().get("properties", {})
    return {
        name: str(about.get("items", {}).get("type", ""))
        for name, about in shape.items()
        if about.get("type") == "array"
    }


def _texts(value: Json) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _texts(item)
