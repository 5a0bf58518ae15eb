"""A request as token ids: the chat template, tools, and choices, each exactly once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from evalkit.core.errors import ModelError, Problem
from evalkit.core.exchange import Failure, Json, Message, Request
from evalkit.models.local.words import FINEST
from evalkit.reading.marks import find_open_mark

LANDMARK = "evalkit looks for what follows here"
STOPPED_CLOCK = "{% macro strftime_now(form) %}{{ evalkit_dates[form] }}{% endmacro %}{{ '' }}"
PLAIN = "plain"
"""`chat_template: plain` asks a model without a template: the texts of the messages, a blank line between them"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """A request and its token ids.

    `choices` holds the ids of each choice as they follow the prompt.
    """

    request: Request
    ids: tuple[int, ...]
    choices: tuple[tuple[int, ...], ...] = ()
    opens: str = ""
    """The mark of a thought that the template opened at the prompt's end: the answer begins inside it"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Renderer:
    """A writer of requests as one tokenizer and chat template want them.

    `template` None means the tokenizer's own.
    """

    tokenizer: Any
    label: str
    template: str | None = None
    system: str | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    """What the template is given beside the messages"""
    dates: Mapping[str, str] = field(default_factory=dict)
    """What the template writes for the clock, by format (see `words.dates`)"""

    def __post_init__(self) -> None:
        if self.template is None and not getattr(self.tokenizer, "chat_template", None):
            raise ModelError(
                Problem(
                    what=f"{self.label} has no chat template, so it is unknown how to ask it",
                    allowed="the path of a jinja file as `chat_template:` in models.yaml, or `chat_template: plain` "
                    "for a model that was never taught a chat format",
                )
            )

    @property
    def shows_tools(self) -> bool:
        """Whether the template writes a request's tools into the prompt.

        If not, the suite's system prompt must.
        """
        from jinja2 import Environment, meta

        if self.template == PLAIN:
            return False
        text = self.template or self.tokenizer.get_chat_template(tools=[{}])
        parsed = Environment(extensions=["jinja2.ext.loopcontrols"]).parse(_without_generation(text))
        return "tools" in meta.find_undeclared_variables(parsed)

    def _template(self, tools: Sequence[Mapping[str, Json]]) -> str | None:
        """The template, its clock stopped where it names its formats: one run never spans two days."""
        if not self.dates or FINEST in self.dates:
            return self.template
        return STOPPED_CLOCK + str(self.template or self.tokenizer.get_chat_template(tools=list(tools) or None))

    @property
    def _given(self) -> dict[str, Any]:
        return {**({"evalkit_dates": dict(self.dates)} if self.dates else {}), **self.values}

    def text(self, request: Request) -> str:
        """Return the prompt as text, the opening of the answer included.

        Raises ValueError for what cannot be written.
        """
        messages = request.messages
        if self.system is not None and not any(m.role == "system" for m in messages):
            messages = (Message(role="system", content=self.system), *messages)
        continued = bool(messages) and messages[-1].role == "assistant"
        if continued and self.template == PLAIN:
            return str(self.render(messages[:-1])) + str(_show(messages[-1])["content"])
        more = {"add_generation_prompt": not continued, "continue_final_message": continued}
        return str(self.render(messages, tools=request.tools, **more))

    def render(self, messages: Sequence[Message], *, tools: Sequence[Mapping[str, Json]] = (), **more: Any) -> Any:
        """Return messages as the template writes them.

        That is a text, or what `more` asks the tokenizer for. Raises ValueError for what cannot be written.
        """
        shown = [_show(message) for message in messages]
        if self.template == PLAIN:
            return "\n\n".join(str(m["content"]) for m in shown) + "\n\n"
        try:
            return self.tokenizer.apply_chat_template(
                shown,
                tools=list(tools) or None,
                chat_template=self._template(list(tools)),
                **{"tokenize": False, "add_generation_prompt": False, **more},
                **self._given,
            )
        except Exception as error:  # a template may raise anything: it is a program
            raise ValueError(f"the chat template of {self.label} refused the messages: {error}") from error

    @property
    def source(self) -> str:
        """The template's own text."""
        return str(self.template or self.tokenizer.get_chat_template())

    @property
    def end_of_turn(self) -> int | None:
        """The token that the template writes behind an assistant's turn.

        It is None where it writes none there.
        """
        if self.template == PLAIN:
            return None
        asked = Message(role="user", content="a")
        for opening in ((asked,), (Message(role="system", content="a"), asked)):
            said = [_show(message) for message in (*opening, Message(role="assistant", content=LANDMARK))]
            try:
                text = self.tokenizer.apply_chat_template(
                    said, chat_template=self._template([]), tokenize=False, add_generation_prompt=False, **self._given
                )
            except Exception:  # a template may refuse any conversation
                continue
            behind = str(text).rpartition(LANDMARK)[2].lstrip()
            found = [(len(token), number) for token, number in self._special().items() if behind.startswith(token)]
            return max(found)[1] if found else None
        return None

    def mark(self, stop: str) -> tuple[int, ...]:
        """Return the ids of a stop string that holds special tokens.

        No decoded text shows them; for any other string they are empty.
        """
        special = self._special()
        if not any(token in stop for token in special):
            return ()
        return tuple(self.tokenizer(stop, add_special_tokens=False, verbose=False)["input_ids"])

    def _special(self) -> dict[str, int]:
        """Special and added tokens by their text."""
        return {str(token): int(number) for number, token in self.tokenizer.added_tokens_decoder.items()}

    def prompts(self, requests: Sequence[Request]) -> list[Prompt | Failure]:
        """Return one prompt a request, in order.

        A request that cannot be written gives a named failure.
        """
        texts: list[str | Failure] = []
        for request in requests:
            try:
                texts.append(self.text(request))
            except ValueError as error:
                texts.append(Failure(kind="bad_request", message=str(error)))
        encoded = iter(self._encode([text for text in texts if isinstance(text, str)]))
        return [
            text if isinstance(text, Failure) else self._prompt(request, text, next(encoded))
            for request, text in zip(requests, texts, strict=True)
        ]

    def _prompt(self, request: Request, text: str, ids: tuple[int, ...]) -> Prompt | Failure:
        if not request.choices:
            return Prompt(request=request, ids=ids, opens=find_open_mark(text))
        whole = self._encode([text + choice for choice in request.choices])
        alone = self._encode(list(request.choices), special=False)
        choices = tuple(w[len(ids) :] if w[: len(ids)] == ids else a for w, a in zip(whole, alone, strict=True))
        if not all(choices):
            return Failure(kind="bad_request", message="a choice has no tokens, so it has no likelihood")
        return Prompt(request=request, ids=ids, choices=choices)

    def _encode(self, texts: list[str], *, special: bool | None = None) -> list[tuple[int, ...]]:
        """Token ids. A chat template writes every special token itself, so the tokenizer adds none: no second BOS."""
        if not texts:
            return []
        add = self.template == PLAIN if special is None else special
        encoded = self.tokenizer(texts, add_special_tokens=add, return_attention_mask=False, verbose=False)
        return [tuple(ids) for ids in encoded["input_ids"]]


def _show(message: Message) -> dict[str, Json]:
    """A message as chat templates read it: text content, arguments as a mapping where they are one."""
    wire = message.wire()
    content = wire["content"]
    if isinstance(content, list):
        if any(part.get("type") not in ("text", "input_text") for part in content):
            raise ValueError("this local model reads text only, and a message holds another kind of content")
        content = "".join(str(part.get("text", "")) for part in content)
    wire["content"] = content or ""
    return wire


def _without_generation(template: str) -> str:
    """Drop the ``{% generation %}`` marks that only transformers' own jinja extension knows."""
    import re

    return re.sub(r"\{%-?\s*(end)?generation\s*-?%\}", "", template)
