"""How many tokens a row has for a model: by its own tokenizer and template where they are here, else by an estimate."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from typing import Any

from evalkit.core.exchange import Message
from evalkit.data.checks.data_row import DataRow
from evalkit.data.checks.messages import messages_of, tools_of
from evalkit.data.checks.token_counts import RowTokens, TokenRuler, TrainingPrice
from evalkit.models.context import Context
from evalkit.models.tokens import count_tokens, encoding_name, tools_text
from evalkit.models.training_rates import training_rate_of
from evalkit.pipeline.arms.roster import open_arm, roster

_FRAME = 3
"""Tokens that frame a message, and an answer (OpenAI cookbook)"""
_OWN = ("gpt-", "ft:gpt-", "o1", "o3", "o4", "chatgpt-", "davinci-002", "babbage-002")
_EMBEDDED = "embedded:"


def ruler_of(
    name: str | None, *, models: str | None = None, context: int | None = None, rate: float | None = None
) -> TokenRuler:
    """Return what counts tokens for a model.

    `name` is a name of models.yaml or provider:model; None counts by OpenAI's current encoding, as an estimate.
    `context` (tokens) and `rate` (USD a million) go before what is known of the model. Raises what opening it raises.
    """
    if name is None:
        how = "this is an estimate by OpenAI's encoding o200k_base; --model names the model to count for"
        return OpenAiRuler(model="o200k_base", how=how, context=context, rate=rate)
    model, spec = open_named(name, models=models)
    renderer = getattr(model, "renderer", None)
    if renderer is not None:
        return TemplateRuler(model=model, label=name, context=context, rate=rate)
    base = spec.model or name
    encoding = encoding_name(base)
    how = f"this is an estimate: {encoding} is not the model's own tokenizer"
    if base.startswith(_OWN):
        how = f"counted by the model's encoding {encoding}, within a few tokens a row"
    return OpenAiRuler(model=base, how=how, context=context, rate=rate)


def open_named(name: str, *, models: str | None = None) -> tuple[Any, Any]:
    """Open a model by its name and return it with its spec.

    Weights are not loaded.
    """
    word = f"local:{name}" if name.startswith(_EMBEDDED) else name
    arm = roster(models).arm(word)
    return open_arm(arm, mode="reuse", context=Context(root=arm.folder)), arm.spec


class OpenAiRuler:
    """Counts the tokens of messages with OpenAI's encodings."""

    def __init__(self, *, model: str, how: str, context: int | None, rate: float | None) -> None:
        known = training_rate_of(model)
        self.label, self.how = model, how
        self.encoding = encoding_name(model)
        self.context = context if context is not None else known.context if known else None
        self.price: TrainingPrice | None = None
        if rate is not None:
            self.price = TrainingPrice(usd_per_mtok=rate)
        elif known is not None:
            self.price = TrainingPrice(usd_per_mtok=known.usd, checked=known.checked)

    def measure(self, rows: Sequence[DataRow]) -> list[RowTokens]:
        """Measure rows, in their order."""
        return [self._measure(row) for row in rows]

    def _measure(self, row: DataRow) -> RowTokens:
        total, answers = _FRAME, []
        offered = tools_of(row)
        if offered:
            total += count_tokens(tools_text(offered), self.encoding)
        for turn in row.turns:
            begin = total + _FRAME + 1
            total = begin + count_tokens(turn.text, self.encoding)
            for call in turn.calls:
                total += count_tokens(str(call), self.encoding)
            if turn.learned:
                answers.append((begin, total))
        return RowTokens(total=total, answers=tuple(answers))


class TemplateRuler:
    """Counts the tokens of rows as a model's chat template writes them."""

    def __init__(self, *, model: Any, label: str, context: int | None, rate: float | None) -> None:
        self.renderer, self.label = model.renderer, label
        self.how = "counted by the model's own tokenizer and chat template"
        self.tokenizer = self.renderer.tokenizer
        self.ends = end_tokens(model)
        marks = sorted(map(str, self.tokenizer.added_tokens_decoder.values()), key=len, reverse=True)
        self.marks = re.compile("|".join([*map(re.escape, marks), r"\s+"]))
        self.shows_tools = self.renderer.shows_tools
        self.context = context if context is not None else context_of(model)
        self.price = TrainingPrice(usd_per_mtok=rate) if rate is not None else None

    def measure(self, rows: Sequence[DataRow]) -> list[RowTokens]:
        """Measure rows, in their order."""
        written = [self._write(row) for row in rows]
        texts = [one[0] for one in written if not isinstance(one, str)]
        encoded = iter(self._encode(texts) if texts else ())
        found = []
        for row, one in zip(rows, written, strict=True):
            if isinstance(one, str):
                found.append(RowTokens(refused=one))
                continue
            text, spans, rewritten = one
            ids, starts = next(encoded)
            answers = tuple((bisect_left(starts, begin), bisect_left(starts, end)) for begin, end in spans)
            last = answers[-1] if answers else (0, 0)
            endless = bool(answers) and not any(token in self.ends for token in ids[last[0] : last[1]])
            found.append(
                RowTokens(
                    total=len(ids),
                    answers=answers,
                    rewritten=rewritten,
                    endless=endless,
                    bare=any(not self.marks.sub("", text[begin:end]) for begin, end in spans),
                    hides_tools=not self.shows_tools and bool(tools_of(row)),
                )
            )
        return found

    def _write(self, row: DataRow) -> tuple[str, list[tuple[int, int]], bool] | str:
        """The whole text, where its answers begin and end, and whether what stands before one is changed later."""
        messages, offered = messages_of(row), tools_of(row)
        try:
            whole = self._render(messages, offered)
            spans, rewritten = [], False
            for at, turn in enumerate(row.turns):
                if turn.learned:
                    before = self._render(messages[:at], offered, asks=True)
                    after = whole if at == len(messages) - 1 else self._render(messages[: at + 1], offered)
                    rewritten |= not whole.startswith(before)
                    spans.append((_count_shared(before, whole), _count_shared(after, whole)))
        except ValueError as error:
            return str(error)
        return whole, spans, rewritten

    def _render(self, messages: Sequence[Message], offered: Any, *, asks: bool = False) -> str:
        if not messages:
            return ""
        text = str(self.renderer.render(messages, tools=offered, add_generation_prompt=asks))
        return text.encode("utf-8", "replace").decode("utf-8")  # half a surrogate pair is no text for a tokenizer

    def _encode(self, texts: list[str]) -> list[tuple[list[int], list[int]]]:
        """Ids and the characters at which they begin."""
        fast = getattr(self.tokenizer, "is_fast", False)
        more = {"return_offsets_mapping": True} if fast else {}
        read = self.tokenizer(texts, add_special_tokens=False, return_attention_mask=False, verbose=False, **more)
        if fast:
            return [
                (ids, [start for start, _ in offsets])
                for ids, offsets in zip(read["input_ids"], read["offset_mapping"], strict=True)
            ]
        return [(ids, self._starts(ids)) for ids in read["input_ids"]]

    def _starts(self, ids: list[int]) -> list[int]:
        """Where tokens begin, by what decodes from those before them: for tokenizers that do not tell."""
        return [len(self.tokenizer.decode(ids[:at])) for at in range(len(ids))]


def _count_shared(one: str, other: str) -> int:
    if other.startswith(one):
        return len(one)
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def end_tokens(model: Any) -> frozenset[int]:
    """Return the tokens that end generation.

    The tokenizer and the generation config beside the weights name them.
    """
    found = {model.renderer.tokenizer.eos_token_id}
    named = model.arm.base.read_json("generation_config.json").get("eos_token_id")
    found |= set(named) if isinstance(named, list) else {named}
    return frozenset(token for token in found if isinstance(token, int))


def context_of(model: Any) -> int | None:
    """Return how many tokens a model takes, by its config and its tokenizer.

    None where neither says.
    """
    config = model.arm.base.read_json("config.json")
    inner = config.get("text_config")
    told = config.get("max_position_embeddings") or (inner or {}).get("max_position_embeddings")
    longest = getattr(model.renderer.tokenizer, "model_max_length", None)
    known = [one for one in (told, longest) if isinstance(one, int) and 0 < one < 10**9]
    return min(known) if known else None
