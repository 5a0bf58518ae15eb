"""Examples to requests: the suite's prompt around each example's messages, the same for every arm."""

from __future__ import annotations

import dataclasses
import string
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NoReturn

from evalkit.core.errors import Problem, SuiteError
from evalkit.core.exchange import Example, Message, Request, Sampling
from evalkit.core.fingerprint import prompt_digest
from evalkit.data.problems import shorten_problems
from evalkit.suite.load import Suite
from evalkit.suite.spec import GenerateSpec

LETTERS = string.ascii_uppercase
LETTERS_INSTRUCTION = "Answer with the letter only."
Render = Callable[[Mapping[str, Any]], str]


def sampling(spec: GenerateSpec) -> Sampling:
    """Read the suite's `generate` block as a Sampling.

    Unset options are left out, so that they change no identity.
    """
    names = ("tool_choice", "parallel_tool_calls", "response_format", "reasoning_effort", "logprobs")
    extra = {name: value for name in names if (value := getattr(spec, name)) is not None}
    if spec.stream:
        extra["stream"] = True
    return Sampling(
        temperature=spec.temperature,
        max_tokens=spec.max_tokens,
        top_p=spec.top_p,
        seed=spec.seed,
        stop=tuple(spec.stop),
        extra=extra,
    )


def requests(suite: Suite, examples: Sequence[Example], *, letters: bool, first_repeat: int = 0) -> Iterator[Request]:
    """Build a request for every example and every repeat, in order.

    `key` is left empty: it belongs to a model. Repeats count from `first_repeat`: an arm compared with itself takes the
    draws after the first arm's.

    With `letters`, choices are written behind the question as A., B., ... and the model is asked to answer by letter;
    otherwise they stay on the request, to be answered by log-likelihood.
    Raises SuiteError when a template uses a name the example does not have.
    """
    spec = suite.spec
    draws = [_reseed(sampling(spec.generate), first_repeat + index) for index in range(spec.repeats)]
    prompt = _Prompt(suite)
    for example in examples:
        messages = prompt.messages(example)
        choices = example.choices
        if choices and letters:
            messages, choices = _add_letters(messages, choices), ()
        sha = sys.intern(prompt_digest(messages, tools=example.tools, choices=choices))  # one for all arms
        for repeat, draw in enumerate(draws, start=first_repeat):
            yield Request(
                example_id=example.id,
                messages=messages,
                tools=example.tools,
                choices=choices,
                sampling=draw,
                repeat=repeat,
                prompt_sha256=sha,
                suite=spec.name,
            )


def prompt_problems(suite: Suite, examples: Sequence[Example]) -> list[Problem]:
    """List what is wrong with the prompts of a suite.

    Each is rendered; many problems of a kind are counted.
    """
    problems: list[Problem] = []
    try:
        prompt = _Prompt(suite)
    except SuiteError as error:
        return list(error.problems)
    for example in examples:
        try:
            prompt.messages(example)
        except SuiteError as error:
            problems += error.problems
    return shorten_problems(problems)


def template_values(example: Example) -> dict[str, Any]:
    """Return what a template may name of an example.

    `input` is its last turn.
    """
    return {
        "id": example.id,
        "input": example.messages[-1].content if example.messages else "",
        "target": example.target,
        "choices": list(example.choices),
        "tags": dict(example.tags),
        "extra": dict(example.extra),
    }


def _reseed(draw: Sampling, repeat: int) -> Sampling:
    """Repeats of a seeded draw take the next seeds: the same seed again would be the same answer again."""
    return draw if draw.seed is None or repeat == 0 else dataclasses.replace(draw, seed=draw.seed + repeat)


def _add_letters(messages: tuple[Message, ...], choices: tuple[str, ...]) -> tuple[Message, ...]:
    lines = [f"{LETTERS[i]}. {choice}" for i, choice in enumerate(choices)]
    last = messages[-1]
    text = "\n".join([str(last.content or ""), "", *lines, "", LETTERS_INSTRUCTION])
    return (*messages[:-1], dataclasses.replace(last, content=text))


class _Prompt:
    """The suite's templates, compiled once."""

    def __init__(self, suite: Suite) -> None:
        self._suite = suite
        self._system = self._compile("system")
        self._user = self._compile("user")

    def _compile(self, field: str) -> Render | None:
        source = getattr(self._suite.spec.prompt, field)
        if source is None:
            return None
        if "{{" not in source and "{%" not in source and "{#" not in source:
            return lambda _: source
        from jinja2 import TemplateError

        from evalkit.text.sandbox import sandbox

        environment = sandbox()
        where = self._suite.locate("prompt", field)
        try:
            template = environment.from_string(source)
        except (TemplateError, ArithmeticError, TypeError, ValueError) as error:
            raise SuiteError(Problem(what=f"prompt.{field} is not a valid template: {error}", where=where)) from None

        def render(values: Mapping[str, Any]) -> str:
            try:
                return template.render(values)
            except Exception as error:  # a template may divide by zero, add a number to a text, ask for a huge range
                raise SuiteError(
                    Problem(
                        what=f"prompt.{field} cannot be rendered for example {values['id']!r}: {error}",
                        where=where,
                        allowed="id, input, target, choices, tags.NAME, extra.NAME",
                    )
                ) from None

        return render

    def messages(self, example: Example) -> tuple[Message, ...]:
        messages = example.messages
        if self._system is None and self._user is None:
            return messages
        values = template_values(example)
        if self._user is not None:
            user = self._user(values)
            if not user.strip():
                self._blank(example)
            messages = (*messages[:-1], dataclasses.replace(messages[-1], content=user))
        if self._system is not None:
            system = self._system(values)
            rest = messages[1:] if messages[0].role == "system" else messages
            messages = (Message(role="system", content=system), *rest)
        return messages

    def _blank(self, example: Example) -> NoReturn:
        raise SuiteError(
            Problem(
                what=f"prompt.user is blank for example {example.id!r}: nothing would be asked",
                where=self._suite.locate("prompt", "user"),
                todo="write what is asked, or leave prompt.user out: then the row's own words are",
            )
        )
