"""Rows of every format as training records."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from evalkit.core.exchange import Json
from evalkit.data.choice_targets import read_choice_target
from evalkit.data.conversion.record import CannotHold, TrainingRecord, Values, dump, wrap_tools
from evalkit.data.fields import decode_json_text, tools
from evalkit.data.formats.alpaca import ANSWERS, CONTEXTS, QUESTIONS, find_name
from evalkit.data.formats.sharegpt import ROLES
from evalkit.data.rows import Row

JSON_TARGET = "json_target"
"""Key of `extra` for a target that is no text, where a format can only hold text"""
TRAINING = "training"
"""Key of `extra` in evalkit's own rows for what they have no other place for"""
_TOOLS = ("tools", "functions")


def _rest(row: Row, *known: str) -> Values:
    return {key: value for key, value in row.items() if key not in (*known, *_TOOLS) and value is not None}


def _tools(row: Row) -> tuple[Values, ...]:
    return tuple(wrap_tools(tools(row)))


def _turn_list(value: Json, role: str) -> tuple[Values, ...]:
    """Turns, or a text as the one turn of a role."""
    value = decode_json_text(value)
    if isinstance(value, str):
        return ({"role": role, "content": value},)
    return tuple({key: _content(inner) for key, inner in turn.items() if inner is not None} for turn in value or ())


def _content(value: Json) -> Json:
    """A content whose text parts have their text under the name that the API knows."""
    if not isinstance(value, list):
        return value
    return [_content_part(part) if isinstance(part, Mapping) else part for part in value]


def _content_part(part: Mapping[str, Json]) -> Json:
    name = next((name for name in ("value", "content") if isinstance(part.get(name), str)), None)
    if part.get("type") != "text" or "text" in part or name is None:
        return part
    return {**{key: value for key, value in part.items() if key != name}, "text": part[name]}


def read_chat(row: Row) -> TrainingRecord:
    """Read OpenAI's chat rows."""
    return TrainingRecord(
        turns=_turn_list(row["messages"], "user"), tools=_tools(row), rest=_rest(row, "messages", "label"),
        label=_label(row),
    )  # fmt: skip


def _label(row: Row) -> bool | None:
    label = row.get("label", row.get("kto_tag"))
    return label if isinstance(label, bool) else None


def read_trl(row: Row) -> TrainingRecord:
    """Read TRL's rows in their three shapes."""
    sides = [(row.get(f"{name}_messages"), row.get(name)) for name in ("chosen", "rejected")]
    if any(value is not None for side in sides for value in side):
        return _read_pair(row, *(_turn_list(own if own is not None else other, "assistant") for own, other in sides))
    label = _label(row)
    if row.get("messages") is not None:
        return read_chat(row)
    asked = _turn_list(row["prompt"], "user")
    answers = _turn_list(row.get("completion"), "assistant") if row.get("completion") is not None else ()
    rest = _rest(row, "prompt", "completion", *(("label",) if label is not None else ()))
    return TrainingRecord(turns=(*asked, *answers), begin=len(asked), label=label, tools=_tools(row), rest=rest)


def _read_pair(row: Row, good: tuple[Values, ...], bad: tuple[Values, ...]) -> TrainingRecord:
    """A preference; a prompt that both sides repeat, or that is not said, is their common beginning."""
    asked = _turn_list(row["prompt"], "user") if row.get("prompt") is not None else ()
    if not asked or all(len(side) > len(asked) and side[: len(asked)] == asked for side in (good, bad)):
        shared = 0
        while shared < min(len(good), len(bad)) - 1 and good[shared] == bad[shared]:
            shared += 1
        asked, good, bad = good[:shared], good[shared:], bad[shared:]
    known = ("prompt", "chosen", "rejected", "chosen_messages", "rejected_messages")
    return TrainingRecord(
        turns=(*asked, *good), begin=len(asked), rejected=bad, tools=_tools(row), rest=_rest(row, *known)
    )


def read_sharegpt(row: Row) -> TrainingRecord:
    """Read ShareGPT's rows, with LLaMA-Factory's pairs and KTO tags."""
    key = "conversations" if row.get("conversations") is not None else "conversation"
    turns = [_sharegpt_turn(turn) for turn in decode_json_text(row[key])]
    system = row.get("system")
    if isinstance(system, str) and system and (not turns or turns[0]["role"] != "system"):
        turns.insert(0, {"role": "system", "content": system})
    label = _label(row)
    rest = _rest(row, key, "system", "chosen", "rejected", *(("label", "kto_tag") if label is not None else ()))
    if row.get("chosen") is None:
        return TrainingRecord(turns=tuple(turns), label=label, tools=_tools(row), rest=rest)
    good, bad = (_sharegpt_turn(row[side]) for side in ("chosen", "rejected"))
    return TrainingRecord(
        turns=(*turns, good), begin=len(turns), rejected=(bad,), label=label, tools=_tools(row), rest=rest
    )


def _sharegpt_turn(turn: Mapping[str, Json]) -> Values:
    speaker, said = turn.get("from", turn.get("role")), turn.get("value", turn.get("content"))
    role = ROLES[str(speaker).casefold()]
    known = ("from", "role", "value", "content")
    rest = {key: value for key, value in turn.items() if key not in known and value is not None}
    if role != "call":
        return {"role": role, "content": said, **rest}
    calls = decode_json_text(said)
    calls = calls if isinstance(calls, list) else [calls]
    return {"role": "assistant", "content": None, "tool_calls": [_sharegpt_call(call) for call in calls], **rest}


def _sharegpt_call(call: Mapping[str, Json]) -> Values:
    rest = {key: value for key, value in call.items() if key not in ("name", "arguments")}
    function = {"name": call["name"], "arguments": call.get("arguments", {})}
    return {**rest, "type": "function", "function": function}


def read_alpaca(row: Row) -> TrainingRecord:
    """Read Alpaca's rows under their names, with history and LLaMA-Factory's pairs."""
    asked, context, answer = (find_name(row, names) for names in (QUESTIONS, CONTEXTS, ANSWERS))
    question = row[asked or QUESTIONS[0]]
    beside = row.get(context) if context else None
    if isinstance(beside, str) and beside.strip():
        question = f"{question}\n\n{beside}"
    turns: list[Values] = []
    system = row.get("system") or row.get("system_prompt")
    if system:
        turns.append({"role": "system", "content": system})
    for pair in decode_json_text(row.get("history")) or ():
        turns += [{"role": "user", "content": pair[0]}, {"role": "assistant", "content": pair[1]}]
    turns.append({"role": "user", "content": question})
    label = _label(row)
    known = (asked or "", context or "", answer or "", "system", "system_prompt", "history", "chosen", "rejected")
    rest = _rest(row, *known, *(("label", "kto_tag") if label is not None else ()))
    if row.get("chosen") is not None:
        good, bad = ({"role": "assistant", "content": row[side]} for side in ("chosen", "rejected"))
        return TrainingRecord(
            turns=(*turns, good), begin=len(turns), rejected=(bad,), label=label, tools=_tools(row), rest=rest
        )
    answers = [{"role": "assistant", "content": row[answer]}] if answer else []
    return TrainingRecord(turns=(*turns, *answers), label=label, tools=_tools(row), rest=rest)


def read_completion(row: Row) -> TrainingRecord:
    """Read legacy rows, whose separators and stops stand in `extra`."""
    turns = ({"role": "user", "content": row["prompt"]}, {"role": "assistant", "content": row["completion"]})
    return TrainingRecord(turns=turns, begin=1, tools=_tools(row), rest=_rest(row, "prompt", "completion"))


def read_preference(row: Row) -> TrainingRecord:
    """Read OpenAI's preferences, under both names of their answers."""
    asked: Mapping[str, Json] = row["input"]
    sides = [
        row[f"{which}_output"] if row.get(f"{which}_output") is not None else row[f"{which}_completion"]
        for which in ("preferred", "non_preferred")
    ]
    before = _turn_list(asked["messages"], "user")
    good, bad = (_turn_list(side, "assistant") for side in sides)
    known = [f"{which}_{name}" for which in ("preferred", "non_preferred") for name in ("output", "completion")]
    rest = {**_rest(row, "input", *known), **_rest(asked, "messages")}
    return TrainingRecord(turns=(*before, *good), begin=len(before), rejected=bad, tools=_tools(asked), rest=rest)


def read_native(row: Row) -> TrainingRecord:
    """Read evalkit's own rows: what is asked, and the target as an answer.

    What another format had put beside (`extra.training`) is taken back. Raises CannotHold where it says something else
    than the row.
    """
    rest = _rest(row, "messages", "input", "system", "target", "choices", "id" if row.get("id") == "" else "")
    extra = decode_json_text(row.get("extra"))
    rest |= {"extra": extra} if isinstance(extra, Mapping) else {}
    rest = {key: value for key, value in rest.items() if key != "tags" or value}
    if isinstance(extra, Mapping) and isinstance(extra.get(TRAINING), Mapping):
        return _take_back(row, rest, extra)
    return _own_record(row, rest)


def _own_record(row: Row, rest: Values, *, every: bool = False) -> TrainingRecord:
    """What the row says itself; `every`: its earlier answers are trained on as well."""
    turns = _native_turns(row)
    offered = decode_json_text(row.get("choices"))
    if offered:
        texts = tuple(str(one) for one in offered)
        right, _ = read_choice_target(row.get("target"), texts)
        if not isinstance(right, int):
            raise CannotHold("several of its choices are right")
        return TrainingRecord(turns=turns, begin=len(turns), choices=texts, right=right, tools=_tools(row), rest=rest)
    answer, kept = native_answer(row.get("target"))
    if kept:
        extra = rest.get("extra")
        rest = {**rest, "extra": {**(extra if isinstance(extra, Mapping) else {}), JSON_TARGET: row["target"]}}
    begin = None if every else len(turns)
    return TrainingRecord(turns=(*turns, *answer), begin=begin, tools=_tools(row), rest=rest)


def _native_turns(row: Row) -> tuple[Values, ...]:
    if row.get("messages") is not None:
        turns = _turn_list(row["messages"], "user")
    else:
        turns = ({"role": "user", "content": row["input"]},)
    system = row.get("system")
    return ({"role": "system", "content": system}, *turns) if isinstance(system, str) and system else turns


def native_answer(target: Json) -> tuple[tuple[Values, ...], bool]:
    """Return a target as a turn, and whether it was no text."""
    if target is None:
        return (), False
    if isinstance(target, Mapping) and "tool_calls" in target:
        if not target["tool_calls"]:
            raise CannotHold("its target is to call no tool, and no text is given instead")
        calls = [_native_call(call, number) for number, call in enumerate(target["tool_calls"])]
        return ({"role": "assistant", "content": None, "tool_calls": calls},), False
    if isinstance(target, str):
        return ({"role": "assistant", "content": target},), False
    return ({"role": "assistant", "content": dump(target)},), True


def _native_call(call: Mapping[str, Json], number: int) -> Values:
    arguments = call.get("arguments", {})
    for name, value in arguments.items() if isinstance(arguments, Mapping) else ():
        if isinstance(value, Mapping) and value and {*value} <= {"any_of", "optional"}:
            raise CannotHold(f"its target leaves the argument `{name}` open, and one answer must be trained on")
    text = arguments if isinstance(arguments, str) else dump(arguments)
    return {"id": f"call_{number}", "type": "function", "function": {"name": call["name"], "arguments": text}}


def _take_back(row: Row, rest: Values, extra: Mapping[str, Json]) -> TrainingRecord:
    kept: Mapping[str, Json] = extra[TRAINING]
    if kept.get("of") != digest_of(row):
        raise CannotHold("`extra.training` is of another content of this row: take it out, or the change back")
    left = {key: value for key, value in extra.items() if key not in (TRAINING, "no_gold", "rejected_answer", "notes")}
    left.pop("assistant_content", None)
    rest = {key: value for key, value in rest.items() if key != "extra"} | ({"extra": left} if left else {})
    for name in kept.get("row_keys", ()):
        if name in left:
            rest[name] = left.pop(name)
    rest = {key: value for key, value in rest.items() if key != "extra" or value}
    if "turns" not in kept:
        return _own_record(row, rest, every=kept.get("answers") == "all")
    rejected = kept.get("rejected")
    return TrainingRecord(
        turns=tuple(kept["turns"]),
        begin=kept.get("begin"),
        rejected=tuple(rejected) if rejected is not None else None,
        label=kept.get("label"),
        tools=_tools(row),
        rest=rest,
    )


def digest_of(row: Row) -> str:
    """Return a digest of what evalkit's own row asks and expects."""
    from evalkit.core.fingerprint import digest

    return digest([[*_native_turns(row)], row.get("target"), row.get("choices")])[:16]


READERS: Mapping[str, Callable[[Row], TrainingRecord]] = {
    "openai-chat": read_chat,
    "openai-completion": read_completion,
    "openai-preference": read_preference,
    "trl": read_trl,
    "sharegpt": read_sharegpt,
    "alpaca": read_alpaca,
    "evalkit": read_native,
    "csv": read_native,
}
