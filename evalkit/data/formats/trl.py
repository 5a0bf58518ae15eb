"""Hugging Face TRL: conversations, prompt and completion, preferences; texts or turns."""

from __future__ import annotations

from evalkit.core.exchange import Json, Message
from evalkit.data.draft import Asked, from_conversation, plain_content, split_answer, without_gold
from evalkit.data.fields import UnreadableRow, decode_json_text, messages, name_kind, require_list
from evalkit.data.formats.openai import two_choices
from evalkit.data.gold_marks import turn_mark_of
from evalkit.data.media import refuse_media
from evalkit.data.rows import Row

KEYS = (
    "messages", "prompt", "completion", "chosen", "rejected", "score_chosen", "score_rejected", "chosen_messages",
    "rejected_messages",
)  # fmt: skip


def read(row: Row) -> Asked:
    """Read a row of the three shapes; its keys tell which.

    LLaMA-Factory's pairs (`chosen_messages`, `rejected_messages`) are preferences with an implicit prompt.
    """
    refuse_media(row)
    if row.get("chosen_messages") is not None or row.get("rejected_messages") is not None:
        return _preference({"chosen": row.get("chosen_messages"), "rejected": row.get("rejected_messages")})
    if row.get("completions") is not None and row.get("labels") is not None:
        raise UnreadableRow("`completions` with `labels` are steps of a solution that are judged one by one: no target")
    if row.get("chosen") is not None or row.get("rejected") is not None:
        return _preference(row)
    if row.get("messages") is not None:
        return from_conversation(require_list(row, "messages"))
    if row.get("prompt") is None:
        what = "the row has none of `messages`, `prompt`, `chosen`"
        raise UnreadableRow(f"{what}; a plain `text` has no question and no answer" if "text" in row else what)
    before = _turns(row["prompt"], key="prompt", role="user")
    if row.get("completion") is None:
        return Asked(messages=before)
    answer = _turns(row["completion"], key="completion", role="assistant")
    if len(answer) == 1:
        said = decode_json_text(row["completion"])
        mark = "" if isinstance(said, str) else turn_mark_of(said[0])
        asked = split_answer(before, answer[0])
        return without_gold(asked, mark) if mark else asked
    return from_conversation([turn.wire() for turn in (*before, *answer)])


def _preference(row: Row) -> Asked:
    """With an explicit prompt, or with whole conversations that share their beginning."""
    sides = [_turns(row.get(key), key=key, role="assistant") for key in ("chosen", "rejected")]
    before = _turns(row["prompt"], key="prompt", role="user") if row.get("prompt") is not None else ()
    if not before or all(len(side) > len(before) and side[: len(before)] == before for side in sides):
        shared = 0
        while shared < min(map(len, sides)) - 1 and sides[0][shared] == sides[1][shared]:
            shared += 1
        before, sides = sides[0][:shared], [side[shared:] for side in sides]
    if any(len(side) != 1 or side[0].role != "assistant" for side in sides):
        raise UnreadableRow("`chosen` and `rejected` must differ in one assistant turn")
    good, bad = (plain_content(side[0]) for side in sides)
    return two_choices(before, good=good, bad=bad)


def _turns(value: Json, *, key: str, role: str) -> tuple[Message, ...]:
    value = decode_json_text(value)
    if isinstance(value, str):
        return (Message(role=role, content=value),)
    if isinstance(value, list):
        return messages(value, key=key)
    raise UnreadableRow(f"`{key}` must be text or a list of turns, not {name_kind(value)}")
