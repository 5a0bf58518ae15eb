"""Conversations that an arm leads itself: each answer stands before its next turn, calls are answered from the row.

One round asks one call of every conversation that still runs, so that whoever answers (an API, a batch, weights)
gets many at once; every answer is kept before the next round, under the very messages it was given to.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field

from evalkit.core.errors import count_of
from evalkit.core.exchange import Failure, Message, Request, Response, Turn, Usage
from evalkit.core.fingerprint import prompt_digest
from evalkit.pipeline.asking.merge_steps import add_usage, merge_steps
from evalkit.pipeline.asking.tool_loop import MadeCall, ToolLoop, answer_message, read_made_calls, result_messages
from evalkit.pipeline.suites.turns import Dialogue


@dataclass(slots=True, kw_only=True)
class _Talk:
    """One conversation of one repeat, as far as it has come."""

    dialogue: Dialogue
    request: Request
    """The call that is to be answered next, or was made last"""
    before: tuple[Message, ...]
    """What stands before the turn's answer"""
    own: tuple[Message, ...]
    """The same in the row's words, without the suite's prompt around it"""
    loop: ToolLoop | None
    due: bool = False
    said: list[Message] = field(default_factory=list)
    """Answers and results of this turn"""
    steps: list[Response] = field(default_factory=list)
    calls: list[MadeCall] = field(default_factory=list)
    taken: list[Usage | None] = field(default_factory=list)
    """Tokens of the turns before"""
    heard: bool = False
    """Whether a turn was answered"""
    unproven: bool = False
    other_prompt: str | None = None
    """A prompt that an answer was given to and that is not the row's"""

    @property
    def turn(self) -> Turn:
        assert self.request.turn is not None
        return self.request.turn

    @property
    def is_scored(self) -> bool:
        return self.turn.number in self.dialogue.scored


@dataclass(slots=True, kw_only=True)
class Conversations:
    """All conversations of one arm on one suite.

    `recorded`: answers come from a file that may hold less than every call; what is missing on the way is passed over.
    """

    dialogues: Mapping[str, Dialogue]
    recorded: bool = False
    answers: list[Response] = field(default_factory=list)
    """One for each case and repeat, as soon as it is there"""
    spoken: list[Response] = field(default_factory=list)
    """Every answer on the way, under the id of its row: what a recording keeps"""
    _talks: dict[tuple[str, int], _Talk] = field(default_factory=dict)
    _cut: int = 0
    _unknown: int = 0

    def open(self, request: Request) -> None:
        """Note the first call of a conversation, which is asked now."""
        dialogue = self.dialogues[request.example_id]
        loop = None if dialogue.results is None else ToolLoop(results=dialogue.results)
        talk = _Talk(dialogue=dialogue, request=request, before=request.messages, own=dialogue.own[0], loop=loop)
        self._talks[request.example_id, request.repeat] = talk

    @property
    def prompts(self) -> dict[str, str]:
        """What every case asks, as a digest."""
        return {
            example.id: dialogue.digests[number - 1]
            for dialogue in self.dialogues.values()
            for number, example in dialogue.scored.items()
        }

    def holds(self, response: Response) -> bool:
        """Tell whether a response belongs to a conversation that runs."""
        return (response.example_id, response.repeat) in self._talks

    def draw_due(self) -> list[Request]:
        """Return the calls that come next; they are asked now."""
        found = [talk.request for talk in self._talks.values() if talk.due]
        for talk in self._talks.values():
            talk.due = False
        return found

    def take(self, response: Response) -> None:
        """Take an answer that was read, and make the next call of it."""
        talk = self._talks[response.example_id, response.repeat]
        absent = self.recorded and response.failure is not None and response.failure.kind == "missing"
        if absent and talk.turn.step > 1:
            self._end_turn(talk)
        elif absent and not talk.is_scored and not talk.heard:  # a recording may hold last answers alone, but no gap
            talk.unproven = True
            self._go_on(talk)
        elif response.failure is not None:
            self._speak(talk, response)
            self._fail(talk, response)
        else:
            self._speak(talk, response)
            self._answer(talk, response)

    def notes(self, name: str) -> tuple[str, ...]:
        """Say how often turns ended at `max_steps`, or calls had no result."""
        found: list[str] = []
        if self._cut:
            found.append(f"{name}: {count_of(self._cut, 'turn')} ended at `max_steps`; what was said by then is scored")
        if self._unknown:
            what = count_of(self._unknown, "conversation")
            found.append(f"{name}: in {what} a call found no result in `tool_results`, and was told so")
        return tuple(found)

    def _speak(self, talk: _Talk, response: Response) -> None:
        turn = talk.turn
        line = dataclasses.replace(response, turn=turn.number, step=turn.step if turn.step > 1 else None)
        self.spoken.append(line)

    def _answer(self, talk: _Talk, response: Response) -> None:
        """An answer: calls with results ask for the next step, everything else ends the turn."""
        tools = talk.dialogue.example.tools
        reads = bool(response.tool_calls or tools or talk.loop is not None)
        calls = read_made_calls(response, tools) if reads else ()
        talk.unproven |= response.prompt_sha256 is None
        if response.prompt_sha256 not in (None, talk.request.prompt_sha256):
            talk.other_prompt = response.prompt_sha256
        talk.heard = True
        talk.steps.append(response)
        talk.calls += calls
        talk.said.append(answer_message(response, calls))
        if calls and talk.loop is not None and talk.turn.step < talk.dialogue.max_steps:
            talk.said += result_messages(calls, talk.loop)
            self._ask(talk, dataclasses.replace(talk.turn, step=talk.turn.step + 1))
            return
        self._cut += bool(calls and talk.loop is not None)
        if calls and talk.turn.number < talk.turn.of:  # every server wants a result behind a call
            talk.said += result_messages(calls, talk.loop)
        self._end_turn(talk)

    def _end_turn(self, talk: _Talk) -> None:
        merged = merge_steps(talk.steps, [call.written for call in talk.calls])
        talk.taken.append(merged.usage)
        if talk.is_scored:
            self.answers.append(_case(talk, merged))
        self._go_on(talk)

    def _go_on(self, talk: _Talk) -> None:
        """Ask the next turn; behind the last one the conversation is over."""
        number, of = talk.turn.number, talk.turn.of
        if number == of:
            self._close(talk)
            return
        talk.before = (*talk.before, *talk.said, *talk.dialogue.asked[number])
        talk.own = (*talk.own, *talk.said, *talk.dialogue.own[number])
        talk.said, talk.steps, talk.calls = [], [], []
        self._ask(talk, Turn(number=number + 1, of=of))

    def _ask(self, talk: _Talk, turn: Turn) -> None:
        messages = (*talk.before, *talk.said)
        talk.due = True
        talk.request = dataclasses.replace(
            talk.request,
            messages=messages,
            turn=turn,
            prompt_sha256=talk.dialogue.digests[turn.number - 1],
            asked_sha256=prompt_digest(messages, tools=talk.request.tools),
        )

    def _fail(self, talk: _Talk, response: Response) -> None:
        """A turn without an answer: none of the turns from here on has one."""
        failure = response.failure
        assert failure is not None
        turn = talk.turn
        where = f"turn {turn.number} of {turn.of}" if turn.of > 1 else ""
        where += f"{', ' if where else ''}call {turn.step} of the turn" if turn.step > 1 else ""
        said = Failure(
            kind=failure.kind,
            message=f"{where}: {failure.message}" if where else failure.message,
            status=failure.status,
        )
        for number, example in talk.dialogue.scored.items():
            if number >= turn.number:
                failed = Response(
                    example_id=example.id, repeat=response.repeat, failure=said, turn=number, suite=response.suite
                )
                self.answers.append(failed)
        self._close(talk)

    def _close(self, talk: _Talk) -> None:
        self._unknown += talk.loop is not None and talk.loop.unknown > 0
        del self._talks[talk.request.example_id, talk.request.repeat]


def _case(talk: _Talk, merged: Response) -> Response:
    """The answer of a turn as that of its case, with what it took to come there.

    The prompt that it proves is the row's: what every answer on the way was given to, without the answers.
    """
    number, dialogue = talk.turn.number, talk.dialogue
    proven = None if talk.unproven else dialogue.digests[number - 1]
    return dataclasses.replace(
        merged,
        example_id=dialogue.scored[number].id,
        turn=number,
        step=None,
        usage=merged.usage if dialogue.each else add_usage(talk.taken),
        prompt_sha256=talk.other_prompt or proven,
        tokens_sha256=merged.tokens_sha256 if number == 1 else None,
        conversation=talk.own if number > 1 else (),
    )
