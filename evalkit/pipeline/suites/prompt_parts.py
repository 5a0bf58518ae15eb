"""A prompt made of its parts: the suite's, and over them those that an arm names itself."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from evalkit.core.errors import Location, Problem, SuiteError
from evalkit.core.exchange import Example, Message
from evalkit.pipeline.suites.few_shot import answer_of, read_shots
from evalkit.suite.load import Suite
from evalkit.suite.prompt_spec import PromptSpec
from evalkit.text.template_values import template_values

PARTS = ("system", "user", "prefix", "few_shot")
Render = Callable[[Mapping[str, Any]], str]
Letter = Callable[[tuple[Message, ...], tuple[str, ...]], tuple[Message, ...]]
"""Writes choices behind a question"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmPrompt:
    """An arm's own prompt: what it names goes before the suite's.

    `folder` is where its files are looked for, `locate` finds a part in models.yaml.
    """

    spec: PromptSpec
    folder: Path
    locate: Callable[[str], Location | None] = lambda _: None


class PromptParts:
    """The templates of a suite and an arm, compiled once.

    Raises SuiteError where one is no template, or a solved example cannot be read.
    """

    def __init__(self, suite: Suite, arm: ArmPrompt | None = None) -> None:
        self._suite, self._arm = suite, arm
        self._shown: dict[bool, tuple[Message, ...]] = {}
        self._system = self._compile("system")
        self._user = self._compile("user")
        self._prefix = self._compile("prefix")
        few_shot = self._part("few_shot")
        folder = arm.folder if arm is not None and self._is_own("few_shot") else suite.root
        where = self.locate("few_shot")
        self.shots = () if few_shot is None else read_shots(few_shot, folder=folder, where=where)

    def locate(self, part: str) -> Location | None:
        """Locate a part where it is written: in models.yaml or in the suite."""
        if self._arm is not None and self._is_own(part):
            return self._arm.locate(part)
        return self._suite.locate("prompt", part)

    def messages(self, example: Example, *, letter: Letter | None = None) -> tuple[Message, ...]:
        """Write what is asked: system message, solved examples, the row's turns.

        With `letter` the choices are written behind the question, and behind those of the solved examples.
        """
        if not any((self._system, self._user, self._prefix, self.shots)):
            return letter(example.messages, example.choices) if letter and example.choices else example.messages
        values = template_values(example)
        messages = self._ask(example, values)
        if letter and example.choices:
            messages = letter(messages, example.choices)
        if self._prefix is not None:
            messages = (*messages[:-1], _add_prefix(messages[-1], self._prefix(values)))
        system = messages[:1] if messages[0].role == "system" else ()
        if self._system is not None:
            text = self._system(values)
            system, messages = (Message(role="system", content=text),), (*messages[len(system) :],)
        else:
            messages = messages[len(system) :]
        return (*system, *self.show_shots(letter), *messages)

    def question(self, example: Example) -> str:
        """Return the last turn as it would be asked, without prefix and choices."""
        return str(self._ask(example, template_values(example))[-1].content)

    def show_shots(self, letter: Letter | None = None) -> tuple[Message, ...]:
        """Return the turns of the solved examples."""
        with_letters = letter is not None
        if with_letters not in self._shown:
            self._shown[with_letters] = tuple(
                turn for number, shot in enumerate(self.shots, start=1) for turn in self._solve(number, shot, letter)
            )
        return self._shown[with_letters]

    def _solve(self, number: int, shot: Example, letter: Letter | None) -> tuple[Message, ...]:
        try:
            turns = self._ask(shot, template_values(shot))
        except SuiteError as error:
            told = (dataclasses.replace(one, what=f"few_shot row {number}: {one.what}") for one in error.problems)
            raise SuiteError(told) from None
        turns = turns[1:] if turns[0].role == "system" else turns
        answer = answer_of(shot)
        if letter and shot.choices:
            turns, answer = letter(turns, shot.choices), letter_of(shot)
        return (*turns, Message(role="assistant", content=answer))

    def _ask(self, example: Example, values: Mapping[str, Any]) -> tuple[Message, ...]:
        """The row's turns, the last one as `user` writes it."""
        if self._user is None:
            return example.messages
        user = self._user(values)
        if not user.strip():
            self._blank(example)
        return (*example.messages[:-1], dataclasses.replace(example.messages[-1], content=user))

    def _is_own(self, part: str) -> bool:
        return self._arm is not None and part in self._arm.spec.model_fields_set

    def _part(self, part: str) -> Any:
        """A part as the arm writes it, else as the suite does; an arm's null takes the suite's away."""
        spec = self._arm.spec if self._arm is not None and self._is_own(part) else self._suite.spec.prompt
        return getattr(spec, part)

    def _compile(self, part: str) -> Render | None:
        source = self._part(part)
        if source is None:
            return None
        if "{{" not in source and "{%" not in source and "{#" not in source:
            return lambda _: str(source)
        from jinja2 import TemplateError, meta

        from evalkit.text.sandbox import sandbox

        where, environment = self.locate(part), sandbox()
        try:
            template = environment.from_string(source)
            names = meta.find_undeclared_variables(environment.parse(source))
        except (TemplateError, ArithmeticError, TypeError, ValueError) as error:
            raise SuiteError(Problem(what=f"prompt.{part} is not a valid template: {error}", where=where)) from None

        if "target" in names and self._is_own(part):
            what = f"prompt.{part} of one arm names `target`: an arm that is shown the answer proves nothing"
            raise SuiteError(Problem(what=what, where=where, allowed="id, input, choices, tags.NAME, extra.NAME"))

        def render(values: Mapping[str, Any]) -> str:
            try:
                return template.render(values)
            except Exception as error:  # a template may divide by zero, add a number to a text, ask for a huge range
                raise SuiteError(
                    Problem(
                        what=f"prompt.{part} cannot be rendered for example {values['id']!r}: {error}",
                        where=where,
                        allowed="id, input, target, choices, tags.NAME, extra.NAME",
                    )
                ) from None

        return render

    def _blank(self, example: Example) -> NoReturn:
        raise SuiteError(
            Problem(
                what=f"prompt.user is blank for example {example.id!r}: nothing would be asked",
                where=self.locate("user"),
                todo="write what is asked, or leave prompt.user out: then the row's own words are",
            )
        )


def letter_of(shot: Example) -> str:
    """Return the letter of the right choice: A for the first."""
    return chr(ord("A") + int(shot.target))


def _add_prefix(turn: Message, text: str) -> Message:
    if isinstance(turn.content, tuple):
        return dataclasses.replace(turn, content=({"type": "text", "text": text}, *turn.content))
    return dataclasses.replace(turn, content=text + (turn.content or ""))
