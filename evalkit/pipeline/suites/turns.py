"""Rows that the arm answers turn by turn: what each turn brings, and which turns are scored."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from evalkit.core.exchange import CONVERSATION, TURN, Example, Message
from evalkit.core.fingerprint import digest, prompt_digest
from evalkit.core.notes import Note
from evalkit.data.conversations import LEFT_OUT, is_generated, is_run
from evalkit.data.tool_results import ToolResult, read_tool_results
from evalkit.pipeline.suites.prompt_parts import PromptParts
from evalkit.suite.load import Suite

Turns = tuple[tuple[Message, ...], ...]
"""What the row adds for every turn; each ends with what is to be answered"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialogue:
    """A row of several calls.

    `asked` are its turns as the suite's prompt writes them, `own` as the row does; `digests` are of all that is asked
    up to each turn, without answers, and so the same for every arm. `scored` are the cases made of the row, by turn.
    """

    row: str
    asked: Turns
    own: Turns
    digests: tuple[str, ...]
    scored: dict[int, Example]
    each: bool
    """Whether turns are scored by themselves"""
    results: tuple[ToolResult, ...] | None
    """None where the row brings no results: then a call ends its turn"""
    max_steps: int

    @property
    def example(self) -> Example:
        """The case that asks the most of the row."""
        return self.scored[max(self.scored)]


def expand_turns(suite: Suite, examples: tuple[Example, ...]) -> tuple[Example, ...]:
    """Return the cases of a suite: with `score_turns: each` one a turn.

    A conversation is then the cluster of its turns, and each bears its number as the tag `turn`. Otherwise a row's
    last turn is scored, against the last of its `targets` where it has no other.
    """
    if not any(is_generated(example) for example in examples):
        return examples
    each = suite.spec.score_turns == "each"
    return tuple(
        case
        for example in examples
        for case in (_by_turn(example) if each and is_generated(example) else [_with_last_target(example)])
    )


def _by_turn(example: Example) -> list[Example]:
    targets = example.extra.get("targets")
    found: list[Example] = []
    for number in range(1, len(cut_turns(example)) + 1):
        turns = cut_turns(example)[:number]
        extra = {**example.extra, CONVERSATION: example.id, TURN: number}
        found.append(
            replace(
                example,
                id=f"{example.id}/turn-{number}",
                messages=tuple(message for turn in turns for message in turn),
                target=targets[number - 1] if targets is not None else example.target,
                cluster=example.cluster if example.cluster is not None else example.id,
                extra=extra,
                tags={"turn": str(number), **example.tags},
            )
        )
    return found


def _with_last_target(example: Example) -> Example:
    targets = example.extra.get("targets") if is_generated(example) else None
    return replace(example, target=targets[-1]) if targets and example.target is None else example


def cut_turns(example: Example) -> Turns:
    """Cut a row behind every user turn.

    One that is answered once is one turn.
    """
    if not is_generated(example):
        return (example.messages,)
    turns: list[tuple[Message, ...]] = []
    held: list[Message] = []
    for message in example.messages:
        held.append(message)
        if message.role == "user":
            turns.append(tuple(held))
            held = []
    return tuple(turns)


def ask_turns(whole: PromptParts, example: Example) -> Turns:
    """Return a row's turns as a prompt writes them.

    System text and solved examples stand before the first alone.
    """
    own = cut_turns(example)
    asked: list[tuple[Message, ...]] = []
    before: tuple[Message, ...] = ()
    for turn in own:
        before = (*before, *turn)
        written = whole.messages(replace(example, messages=before))
        asked.append(written if not asked else (*turn[:-1], written[-1]))
    return tuple(asked)


def input_messages(whole: PromptParts, example: Example) -> tuple[Message, ...]:
    """Return all that a row asks, as a prompt writes it.

    No answer of an arm is among it.
    """
    return tuple(message for turn in ask_turns(whole, example) for message in turn)


def turn_digests(turns: Turns, example: Example) -> tuple[str, ...]:
    """Hash what a row asks up to each turn, without any answer.

    Its tools and their results are part of it. A first turn without results is a prompt like any other; later ones are
    not the same as one prompt of many turns.
    """
    results = example.extra.get("tool_results") if example.extra else None
    found: list[str] = []
    for number in range(1, len(turns) + 1):
        if number == 1 and results is None:
            found.append(prompt_digest(turns[0], tools=example.tools))
        else:
            asked = [[message.wire() for message in turn] for turn in turns[:number]]
            found.append(digest({"turns": asked, "tools": list(example.tools), "tool_results": results}))
    return tuple(found)


def dialogues(suite: Suite, examples: Iterable[Example], whole: PromptParts) -> dict[str, Dialogue]:
    """Find the rows of several calls among cases, by row id."""
    cases: dict[str, dict[int, Example]] = {}
    for example in examples:
        if is_run(example):
            number = example.extra.get(TURN) or len(cut_turns(example))
            cases.setdefault(example.row_id, {})[int(number)] = example
    return {row: _dialogue(suite, row, scored, whole) for row, scored in cases.items()}


def _dialogue(suite: Suite, row: str, scored: dict[int, Example], whole: PromptParts) -> Dialogue:
    example = scored[max(scored)]
    asked = ask_turns(whole, example)
    results = example.extra.get("tool_results")
    most = example.extra.get("max_steps")
    return Dialogue(
        row=row,
        asked=asked,
        own=cut_turns(example),
        digests=turn_digests(asked, example),
        scored=scored,
        each=TURN in example.extra,
        results=None if results is None else read_tool_results(results),
        max_steps=suite.spec.max_steps if most is None else int(most),
    )


def count_calls(examples: Iterable[Example]) -> int:
    """Count the calls that asking cases once takes.

    It is one a turn; calls of tools may add to them.
    """
    turns: dict[str, int] = {}
    single = 0
    for example in examples:
        if is_run(example):
            turns[example.row_id] = max(turns.get(example.row_id, 0), len(cut_turns(example)))
        else:
            single += 1
    return single + sum(turns.values())


def turn_notes(examples: Sequence[Example]) -> list[str]:
    """Say which rows ask several turns at once, and which bring answers."""
    several = find_several_turns(examples)
    given = {example.row_id for example in examples if is_generated(example) and example.extra.get(LEFT_OUT)}
    found: list[str] = []
    if several:
        found.append(
            Note(
                f"rows that end with several user turns: {len(several):,} (first: {several[0]}); they are asked at "
                "once and answered once, with `turns: generate` in the row the arm answers each",
                kind="turns",
            )
        )
    if given:
        found.append(
            Note(
                f"rows with `turns: generate` that bring answers of their own: {len(given):,}; these are not shown to "
                "the arms, which answer every user turn themselves",
                kind="turns",
            )
        )
    return found


def find_several_turns(examples: Sequence[Example]) -> list[str]:
    """Find the rows that end with several user turns and are answered once."""
    return [example.id for example in examples if not is_run(example) and _ends_with_several(example)]


def _ends_with_several(example: Example) -> bool:
    return [message.role for message in example.messages[-2:]] == ["user", "user"]
