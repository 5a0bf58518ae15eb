"""What is made of an arm's answers before they are scored: a mark's end, a place in JSON, a function of a package."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from evalkit.core.errors import Problem, SuiteError, UsageError
from evalkit.core.exchange import Json, Response
from evalkit.core.registry import Registry
from evalkit.scorers.checks.json_path import read_path, value_at
from evalkit.scorers.checks.nouns import BadCheck
from evalkit.scorers.function import digest_function
from evalkit.scorers.json_schema.parse import read_json
from evalkit.suite.prompt_spec import TransformSpec

Take = Callable[[str], "str | None"]
"""An answer's text to what counts of it; None where nothing is found"""
NOTHING = "the transform found nothing in the answer"


def what_is_wrong(name: str, thing: object) -> str | None:
    """Say what is wrong with a package's transform; None if nothing is."""
    return None if callable(thing) else "it is no function (text) -> text"


TRANSFORMS = Registry("transform", {}, group="evalkit.transforms", check=what_is_wrong)


@dataclass(frozen=True, slots=True, kw_only=True)
class Transform:
    """What one arm's answers go through, in order.

    `told` says it for reports and headers; the version of a function is part of it.
    """

    steps: tuple[Take, ...]
    told: Mapping[str, Json]

    def __call__(self, response: Response) -> Response:
        """Return the response with what counts of its text.

        Where nothing is found the answer is empty. Answers without text stay as they are.
        """
        if response.text is None or response.failure is not None:
            return response
        text = response.text
        for step in self.steps:
            found, why = _take(step, text)
            if found is None:
                return dataclasses.replace(response, text="", taken=(*response.taken, why))
            text = found
        if text == response.text:
            return response
        return dataclasses.replace(response, text=text, taken=(*response.taken, "the arm's transform"))


def make_transform(spec: TransformSpec | str) -> Transform:
    """Make the transform that a spec names.

    Raises SuiteError for a path that is none, UsageError for a function that nobody brings.
    """
    parts = TransformSpec(function=spec) if isinstance(spec, str) else spec
    steps: list[Take] = []
    told: dict[str, Json] = parts.model_dump(exclude_none=True)
    if parts.strip_before is not None:
        steps.append(_strip_before(parts.strip_before))
    if parts.json_path is not None:
        steps.append(_json_path(parts.json_path))
    if parts.function is not None:
        function = cast(Take, TRANSFORMS.load(parts.function))
        steps.append(function)
        told["function_version"] = digest_function(function)
    return Transform(steps=tuple(steps), told=told)


def transform_problems(spec: TransformSpec | str) -> tuple[Problem, ...]:
    """List what is wrong with a transform."""
    try:
        make_transform(spec)
    except (SuiteError, UsageError) as error:
        return error.problems
    return ()


def count_nothing(responses: Sequence[Response]) -> int:
    """Count the answers in which the transform found nothing."""
    return sum(any(one.startswith(NOTHING) for one in response.taken) for response in responses)


def _take(step: Take, text: str) -> tuple[str | None, str]:
    try:
        found = step(text)
    except Exception as error:  # a package's own function may end in any error
        return None, f"{NOTHING}: {type(error).__name__}: {error}"
    if found is not None and not isinstance(found, str):
        return None, f"{NOTHING}: it gave {type(found).__name__}, no text"
    return found, NOTHING


def _strip_before(mark: str) -> Take:
    def take(text: str) -> str:
        _, found, rest = text.rpartition(mark)
        return rest.strip() if found else text

    return take


def _json_path(path: str) -> Take:
    try:
        steps = read_path(path)
    except BadCheck as error:
        raise SuiteError(Problem(what=f"transform: {error}")) from None

    def take(text: str) -> str | None:
        parsed = read_json(text)
        there, value = value_at(parsed.value, steps) if parsed.within("extracted") else (False, None)
        if not there or value is None:
            return None
        return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)

    return take
