"""OpenAI's fine-tuning files: chat (supervised and reinforcement), legacy completions, preferences."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from evalkit.core.exchange import Example, Message
from evalkit.core.fingerprint import digest
from evalkit.data.choice_targets import read_choice_target
from evalkit.data.draft import Asked, from_conversation, plain_content
from evalkit.data.fields import (
    UnreadableRow,
    call_target,
    choices,
    messages,
    name_kind,
    require_list,
    text_of,
    tools,
)
from evalkit.data.media import refuse_media
from evalkit.data.rows import Row

CHAT_KEYS = ("messages", "target")
COMPLETION_KEYS = ("prompt", "completion")
PREFERENCE_KEYS = (
    "input", "preferred_output", "non_preferred_output", "preferred_completion", "non_preferred_completion",
)  # fmt: skip


def chat(row: Row) -> Asked:
    """Read `messages`; the last assistant turn with weight 1 is the target.

    A key that `columns` names as target may be it instead.
    """
    refuse_media(row)
    asked = from_conversation(require_list(row, "messages"))
    if asked.target is None and row.get("target") is not None:
        offered = choices(row)
        if not offered:
            return replace(asked, target=row["target"])
        right, notes = read_choice_target(row["target"], offered)
        return replace(asked, target=right, choices=offered, notes=(*asked.notes, *notes))
    return asked


def completion(row: Row) -> Asked:
    """Read `prompt` and `completion` as they stand.

    `without_markers` sees to separators and stops.
    """
    return Asked(messages=(Message(role="user", content=text_of(row, "prompt")),), target=text_of(row, "completion"))


def preference(row: Row) -> Asked:
    """Read two answers to one question as a choice of two.

    The preferred one is the right choice; its position is drawn from the content.

    Answers that are tool calls cannot be offered as choices: then the preferred calls are the target.
    """
    asked = row.get("input")
    if not isinstance(asked, dict):
        raise UnreadableRow(
            f"`input` must be an object with `messages`, not {name_kind(asked)}" if asked else "`input` is missing"
        )
    before = messages(require_list(asked, "messages"), key="input.messages")
    good = _answer(row, "preferred")
    bad = _answer(row, "non_preferred")
    offered = tools(asked)
    if good.tool_calls or bad.tool_calls:
        target, notes = call_target(good.tool_calls)
        expected = target if good.tool_calls else plain_content(good)
        return Asked(messages=before, target=expected, notes=notes, tools=offered)
    return replace(two_choices(before, good=plain_content(good), bad=plain_content(bad)), tools=offered)


def two_choices(before: tuple[Message, ...], *, good: str, bad: str) -> Asked:
    """Make a pair a choice of two.

    Which comes first is decided by the content, so that neither place is favoured.
    """
    if good == bad:
        raise UnreadableRow("the preferred and the rejected answer are the same")
    swapped = int(digest([[turn.wire() for turn in before], sorted((good, bad))])[:8], 16) % 2
    return Asked(messages=before, target=swapped, choices=(bad, good) if swapped else (good, bad))


def without_markers(examples: tuple[Example, ...]) -> tuple[Example, ...]:
    """Take off what every row carries for the old endpoint's sake.

    That is a separator behind the prompt, a stop behind the completion, the blank before it. They stay in `extra`;
    models.yaml's `separator` and `stop` put them back.
    """
    prompts = [str(example.messages[-1].content) for example in examples]
    answers = [str(example.target) for example in examples if example.target is not None]
    separator, stop = marker(prompts), marker(answers)
    out = []
    for example, prompt in zip(examples, prompts, strict=True):
        asked = replace(example.messages[-1], content=prompt.removesuffix(separator))
        extra = {**example.extra}
        extra |= {name: mark for name, mark in (("separator", separator), ("stop", stop)) if mark}
        target = example.target
        if target is not None:
            target = str(target).removesuffix(stop)
            target = target[1:] if target.startswith(" ") else target
        out.append(replace(example, messages=(asked,), target=target, extra=extra))
    return tuple(out)


def marker(texts: Sequence[str]) -> str:
    r"""Return the end that all texts share and that is a sign, not language.

    It holds a line break, #, ->, => or END.

    >>> marker(["Good shoes\n\n###\n\n", "Bad hat\n\n###\n\n"])
    '\n\n###\n\n'
    >>> marker(["Is it?", "Why?"])
    ''
    """
    if len(texts) < 2:
        return ""
    first, last = min(text[::-1] for text in texts), max(text[::-1] for text in texts)
    length = next((i for i, pair in enumerate(zip(first, last, strict=False)) if pair[0] != pair[1]), len(first))
    found = _MARKER.search(first[:length][::-1])
    return found.group() if found else ""


_MARKER = re.compile(r"(?:\s*(?:#+|-+>|=+>|<\|[^|]*\|>)\s*|\s+END\s*|\s*\n\s*)+\Z")


def _answer(row: Row, which: str) -> Message:
    key = f"{which}_output" if row.get(f"{which}_output") is not None else f"{which}_completion"
    if row.get(key) is None:
        raise UnreadableRow(f"`{which}_output` is missing")
    turns = messages(require_list(row, key), key=key)
    if len(turns) != 1 or turns[0].role != "assistant":
        raise UnreadableRow(f"`{key}` must be one assistant turn")
    return turns[0]
