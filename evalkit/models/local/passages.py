"""A text whose log-likelihood is asked for, as token ids: what is read, and which of it counts."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from evalkit.core.exchange import Failure, Message, Request
from evalkit.models.local.prompt import PLAIN, Prompt, Renderer


@dataclass(slots=True, kw_only=True)
class Passages:
    """The rows of tokens that a text is read in, and their sums.

    `rows` are (ids, from where they count): a token counts where its mark is true, and never the first of a row.
    """

    request: Request
    rows: tuple[tuple[tuple[int, ...], tuple[bool, ...]], ...]
    sums: list[float] = field(default_factory=list)
    """Summed log-likelihoods (natural log) of the counted tokens, a row"""
    seconds: float = 0.0

    @property
    def counted(self) -> tuple[int, ...]:
        """The token ids that count, each once."""
        return tuple(one for ids, marks in self.rows for one, counts in zip(ids, marks, strict=True) if counts)

    @property
    def read(self) -> int:
        """Tokens read."""
        return sum(len(ids) for ids, _ in self.rows)

    @property
    def whole(self) -> Prompt:
        """All that is read, as one prompt."""
        return Prompt(request=self.request, ids=tuple(chain.from_iterable(ids for ids, _ in self.rows)))


def passages_of(renderer: Renderer, request: Request) -> Passages | Failure:
    """Write what a request wants measured as token ids.

    A failure says why that cannot be done.
    """
    stretch = request.stretch
    assert stretch is not None
    try:
        if stretch.over == "target":
            return _target(renderer, request)
        if stretch.over == "document":
            return _document(renderer, request, window=stretch.window or 2048)
        return _turns(renderer, request)
    except ValueError as error:
        return Failure(kind="bad_request", message=str(error))


def no_room(passages: Passages, context_length: int | None) -> Failure | None:
    """Return a failure where a row is longer than the model was made for.

    The first token of a document's window is its start, and takes no place of the text.
    """
    longest = max(len(ids) for ids, _ in passages.rows)
    stretch = passages.request.stretch
    most = None if context_length is None else context_length + (stretch is not None and stretch.over == "document")
    if most is None or longest <= most:
        return None
    wish = f"; write `window: {context_length}`" if stretch is not None and stretch.over == "document" else ""
    return Failure(
        kind="context_length",
        message=f"the text has {longest} tokens at once, and the model was made for {context_length}{wish}",
    )


def _target(renderer: Renderer, request: Request) -> Passages | Failure:
    (prompt,) = renderer.prompts([request])
    if isinstance(prompt, Failure):
        return prompt
    if not prompt.ids:
        raise ValueError("there is no prompt before the target: measure it as a document")
    ids = (*prompt.ids, *prompt.choices[0])
    return Passages(request=request, rows=((ids, _from(len(prompt.ids), len(ids))),))


def _document(renderer: Renderer, request: Request, *, window: int) -> Passages:
    """Windows as lm-eval rolls them: each token once, the last window with as much before it as fits.

    A text begins behind the tokenizer's start token, or its end token where it has none.
    """
    tokenizer = renderer.tokenizer
    text = str(request.messages[-1].content or "")
    ids = tuple(tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"])
    if not ids:
        raise ValueError("the text has no tokens, so it has no likelihood")
    start = tokenizer.bos_token_id if tokenizer.bos_token_id is not None else tokenizer.eos_token_id
    if start is None:
        raise ValueError("the tokenizer has neither a start nor an end token to begin a text with")
    whole = (start, *ids)
    rows = []
    for done in range(0, len(ids), window):
        end = min(done + window, len(ids))
        begin = max(0, end - window)  # the token before the first one that counts is read at least
        row = whole[begin : end + 1]
        rows.append((row, _from(len(row) - (end - done), len(row))))
    return Passages(request=request, rows=tuple(rows))


def _turns(renderer: Renderer, request: Request) -> Passages:
    """The assistant's turns as the template writes them, with the token that ends a turn.

    The template's own marks (``{% generation %}``) say what counts, as they do for trl's assistant-only loss; without
    them it is what a turn adds behind its opening.
    """
    ids, marks = _read_marks(renderer, request) or _by_difference(renderer, request)
    if not any(marks[1:]):
        raise ValueError("the messages have no turn of the assistant, so there is nothing to measure")
    return Passages(request=request, rows=((ids, (False, *marks[1:])),))


def _read_marks(renderer: Renderer, request: Request) -> tuple[tuple[int, ...], tuple[bool, ...]] | None:
    if renderer.template == PLAIN or "{% generation" not in _respell(renderer.source):
        return None
    found: Any = renderer.render(
        _with_system(renderer, request),
        tools=request.tools,
        tokenize=True,
        return_dict=True,
        return_assistant_tokens_mask=True,
    )
    return tuple(found["input_ids"]), tuple(bool(one) for one in found["assistant_masks"])


def _by_difference(renderer: Renderer, request: Request) -> tuple[tuple[int, ...], tuple[bool, ...]]:
    messages = _with_system(renderer, request)
    whole = str(renderer.render(messages, tools=request.tools))
    spans = []
    for number, message in enumerate(messages):
        if message.role == "assistant":
            opening = str(renderer.render(messages[:number], tools=request.tools, add_generation_prompt=True))
            behind = str(renderer.render(messages[: number + 1], tools=request.tools))
            if not (whole.startswith(opening) and behind.startswith(opening) and whole.startswith(behind.rstrip())):
                raise ValueError(
                    f"the chat template of {renderer.label} writes earlier turns otherwise once others follow, and has "
                    "no {% generation %} marks: what the assistant said cannot be told apart"
                )
            spans.append((len(opening), len(opening) + _end(behind[len(opening) :], renderer)))
    return _tokens(renderer, whole, spans)


def _end(turn: str, renderer: Renderer) -> int:
    """Where a turn ends: behind the token that ends it, or with its text."""
    number = renderer.end_of_turn
    token = None if number is None else renderer.tokenizer.convert_ids_to_tokens(number)
    place = -1 if token is None else turn.rfind(str(token))
    return len(turn.rstrip()) if token is None or place < 0 else place + len(str(token))


def _tokens(
    renderer: Renderer, text: str, spans: Sequence[tuple[int, int]]
) -> tuple[tuple[int, ...], tuple[bool, ...]]:
    """The ids of a text, and which of them lie, if in part, in one of the spans."""
    if not getattr(renderer.tokenizer, "is_fast", False):
        raise ValueError(f"the tokenizer of {renderer.label} does not say where its tokens stand in the text")
    special = renderer.template == PLAIN
    found = renderer.tokenizer(text, add_special_tokens=special, return_offsets_mapping=True, verbose=False)
    ids, places = tuple(found["input_ids"]), found["offset_mapping"]
    marks = tuple(any(first < end and last > start for start, end in spans) for first, last in places)
    return ids, marks


def _with_system(renderer: Renderer, request: Request) -> tuple[Message, ...]:
    messages = request.messages
    if renderer.system is None or any(one.role == "system" for one in messages):
        return messages
    return (Message(role="system", content=renderer.system), *messages)


def _from(start: int, size: int) -> tuple[bool, ...]:
    return tuple(place >= start for place in range(size))


def _respell(template: str) -> str:
    """A template with its statements written in one way."""
    return json.dumps(template).replace("{%-", "{%").replace("{%generation", "{% generation")
