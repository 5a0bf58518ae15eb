"""Examples to requests: the suite's prompt around each example's messages, the same for every arm."""

from __future__ import annotations

import dataclasses
import string
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial

from evalkit.core.errors import Problem, SuiteError
from evalkit.core.exchange import Example, Json, Message, Request, Sampling, Stretch, Turn
from evalkit.core.fingerprint import prompt_digest
from evalkit.data.conversations import is_run
from evalkit.data.problems import shorten_problems
from evalkit.pipeline.suites.answer_keys import find_answers_shown
from evalkit.pipeline.suites.few_shot import find_answers_given_away
from evalkit.pipeline.suites.prompt_parts import ArmPrompt, PromptParts
from evalkit.pipeline.suites.stretches import lay_out, stretch_of
from evalkit.pipeline.suites.turns import Dialogue, cut_turns, dialogues, input_messages, turn_digests
from evalkit.suite.generate import BESIDE, CARRIED, GenerateSpec, arm_generate
from evalkit.suite.load import Suite

LETTERS = string.ascii_uppercase
LETTERS_INSTRUCTION = "Answer with the letter only."


def sampling(spec: GenerateSpec) -> Sampling:
    """Read the suite's `generate` block as a Sampling.

    Unset options are left out, so that they change no identity.
    """
    extra = {name: value for name in CARRIED if (value := getattr(spec, name)) is not None}
    if spec.stream:
        extra["stream"] = True
    return Sampling(
        temperature=spec.temperature,
        max_tokens=spec.max_tokens,
        top_p=spec.top_p,
        seed=spec.seed,
        stop=tuple(spec.stop or ()),
        extra=extra,
    )


def requests(
    suite: Suite,
    examples: Sequence[Example],
    *,
    letters: bool,
    first_repeat: int = 0,
    own: GenerateSpec | None = None,
    prompt: ArmPrompt | None = None,
) -> Iterator[Request]:
    """Build a request for every example and every repeat, in order.

    Of a conversation it is the first call alone; `asking.conversations` knows the next ones. `key` is left empty: it
    belongs to a model. Repeats count from `first_repeat`: an arm compared with itself takes the
    draws after the first arm's. `own` is what the arm says of its sampling, over the suite's.

    With `letters`, choices are written behind the question as A., B., ... and the model is asked to answer by letter;
    otherwise they stay on the request, to be answered by log-likelihood. `prompt` is the arm's own, over the suite's.
    Raises SuiteError when a template uses a name the example does not have.
    """
    spec = suite.spec
    generate = arm_generate(spec.generate, own)
    draws = [reseed(sampling(generate), first_repeat + index) for index in range(spec.repeats)]
    beside = {name: value for name in BESIDE if (value := getattr(generate, name)) is not None}
    whole = PromptParts(suite, prompt)
    opened: dict[str, Dialogue] = {}
    for example in examples:
        if is_run(example):
            opened = opened or dialogues(suite, examples, whole)
            dialogue = opened.get(example.row_id)
            if dialogue is not None and dialogue.example is example:  # one conversation, however many of its turns
                yield from _open_dialogue(dialogue, draws, first_repeat, suite=spec.name, beside=beside)
            continue
        stretch = stretch_of(example)
        messages, choices = _write(example, whole, stretch, letters=letters)
        digest = prompt_digest(messages, tools=example.tools, choices=choices, stretch=stretch)
        sha = sys.intern(digest)  # one for all arms
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
                beside=beside,
                stretch=stretch,
            )


def _write(
    example: Example, whole: PromptParts, stretch: Stretch | None, *, letters: bool
) -> tuple[tuple[Message, ...], tuple[str, ...]]:
    """The messages and the choices of what is asked, or measured."""
    if stretch is not None:
        return lay_out(stretch, example, whole.messages(example))
    return whole.messages(example, letter=_add_letters if letters else None), () if letters else example.choices


def _open_dialogue(
    dialogue: Dialogue, draws: Sequence[Sampling], first_repeat: int, *, suite: str, beside: Mapping[str, Json]
) -> Iterator[Request]:
    """The first call of a conversation, once a repeat."""
    for repeat, draw in enumerate(draws, start=first_repeat):
        yield Request(
            example_id=dialogue.row,
            messages=dialogue.asked[0],
            tools=dialogue.example.tools,
            sampling=draw,
            repeat=repeat,
            prompt_sha256=dialogue.digests[0],
            asked_sha256=prompt_digest(dialogue.asked[0], tools=dialogue.example.tools),
            suite=suite,
            beside=beside,
            turn=Turn(number=1, of=len(dialogue.asked)),
        )


def prompt_problems(suite: Suite, examples: Sequence[Example], *, prompt: ArmPrompt | None = None) -> list[Problem]:
    """List what is wrong with a suite's prompts, or an arm's on it.

    Each is rendered; many problems of a kind are counted. Solved examples may not be among those that are asked.
    """
    problems: list[Problem] = []
    questions: dict[str, str] = {}
    try:
        whole = PromptParts(suite, prompt)
        shown = whole.show_shots()
    except SuiteError as error:
        return list(error.problems)
    for example in examples:
        try:
            input_messages(whole, example)
            if shown:
                questions[example.id] = whole.question(example)
        except SuiteError as error:
            problems += error.problems
    problems += find_answers_given_away(shown, questions, where=whole.locate("few_shot"))
    if prompt is not None and not problems:
        problems += find_answers_shown(
            partial(input_messages, whole), _suite_alone(suite), examples, where=whole.locate("user")
        )
    return shorten_problems(problems)


def _suite_alone(suite: Suite) -> Callable[[Example], tuple[Message, ...]]:
    """What the suite alone asks; a suite's prompt that cannot be read shows nothing."""
    try:
        return partial(input_messages, PromptParts(suite))
    except SuiteError:
        return lambda example: example.messages


def input_digest(example: Example) -> str:
    """Hash what a row brings to be asked: its own turns, tools and choices.

    It is the same for every prompt that is put around them.
    """
    return [*input_digests(example).values()][-1]


def input_digests(example: Example) -> dict[int, str]:
    """Hash what a row brings, up to each of its turns.

    A row that is asked once has the turn 0 alone.
    """
    if is_run(example):
        return dict(enumerate(turn_digests(cut_turns(example), example), start=1))
    return {0: prompt_digest(example.messages, tools=example.tools, choices=example.choices)}


def reseed(draw: Sampling, repeat: int) -> Sampling:
    """Give repeats of a seeded draw the next seeds.

    The same seed again would be the same answer again.
    """
    return draw if draw.seed is None or repeat == 0 else dataclasses.replace(draw, seed=draw.seed + repeat)


def _add_letters(messages: tuple[Message, ...], choices: tuple[str, ...]) -> tuple[Message, ...]:
    lines = [f"{LETTERS[i]}. {choice}" for i, choice in enumerate(choices)]
    last = messages[-1]
    text = "\n".join([str(last.content or ""), "", *lines, "", LETTERS_INSTRUCTION])
    return (*messages[:-1], dataclasses.replace(last, content=text))
