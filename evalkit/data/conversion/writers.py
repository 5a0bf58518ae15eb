"""Training records as rows of every format; what a format has no place for is refused by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from evalkit.core.exchange import Json
from evalkit.data.conversion.record import (
    CannotHold,
    TrainingRecord,
    Values,
    bare_tools,
    calls_of,
    dump,
    has_mark,
    odd_weight,
    plain_text,
    text_in,
    with_arguments,
    without_marks,
)
from evalkit.data.gold_marks import turn_mark_of

_NAMES = {"user": "human", "assistant": "gpt", "system": "system", "tool": "observation"}


def write_chat(record: TrainingRecord) -> Values:
    """Write OpenAI's chat row; what is not trained on has weight 0."""
    _refuse_choices(record)
    _refuse_rejected(record)
    _refuse_label(record)
    _refuse_untaught(record)
    turns = [_chat_turn(record, place) for place in range(len(record.turns))]
    return {"messages": turns, **_tools(record)}


def _chat_turn(record: TrainingRecord, place: int) -> Values:
    """A turn with the one mark that OpenAI knows, and arguments as text."""
    turn = record.turns[place]
    odd = odd_weight(turn)
    if odd:
        where = f"messages[{place}]"
        raise CannotHold(f"{where} has {odd}, and its weight can only be 0 or 1")
    out = without_marks(turn)
    if turn.get("weight") is not None and turn["weight"] in (0, 1):
        out["weight"] = int(turn["weight"])
    if turn.get("role") == "assistant" and not record.learned_turns()[place] and _is_taught(record):
        out["weight"] = 0
    if turn.get("tool_calls"):
        out["tool_calls"] = [
            {"id": f"call_{number}", **with_arguments(call, as_text=True)}
            for number, call in enumerate(turn["tool_calls"])
        ]
    return out


def _is_taught(record: TrainingRecord) -> bool:
    """Whether any answer is trained on: rows that only ask have no weights."""
    return any(record.learned_turns()) or record.begin is None


def write_trl(record: TrainingRecord) -> Values:
    """Write TRL's row: a preference, a prompt with its completion, or a conversation."""
    if record.choices:
        record = _as_pair(record)
    tools = _tools(record)
    marked = {place for place, turn in enumerate(record.turns) if has_mark(turn)}
    odd = next((odd_weight(record.turns[place]) for place in sorted(marked) if odd_weight(record.turns[place])), None)
    if odd:
        raise CannotHold(f"a turn has {odd}, and TRL trains on a turn or not")
    turns = [_trl_turn(turn) for turn in record.turns]
    if record.rejected is not None:
        begin = record.first_answer
        _refuse_label(record)
        bad = [_trl_turn(turn) for turn in record.rejected]
        return {"prompt": turns[:begin], "chosen": turns[begin:], "rejected": bad, **tools}
    label = {} if record.label is None else {"label": record.label}
    learned = record.learned_turns()
    border = record.begin if record.begin is not None else _border(record, learned)
    if border is not None:
        _refuse_marked(record, learned, border)
    if border is None:
        return {"messages": turns, **label, **tools}
    if border == len(turns):
        return {"prompt": turns, **label, **tools}
    return {"prompt": turns[:border], "completion": turns[border:], **label, **tools}


def _refuse_marked(record: TrainingRecord, learned: Sequence[bool], border: int) -> None:
    """TRL trains on the whole completion."""
    for place in range(border, len(record.turns)):
        turn = record.turns[place]
        if turn.get("role") == "assistant" and not learned[place]:
            mark = turn_mark_of(turn)
            where = f"messages[{place}]"
            raise CannotHold(f"{where} is not to be trained on ({mark}), and TRL has no place for that")


def _border(record: TrainingRecord, learned: Sequence[bool]) -> int | None:
    """Where the completion begins, if not all answers are trained on; None where all are."""
    answers = [place for place, turn in enumerate(record.turns) if turn.get("role") == "assistant"]
    if not answers:
        return len(record.turns)
    off = [place for place in answers if not learned[place]]
    if not off:
        return None
    first = next((place for place in answers if learned[place]), len(record.turns))
    if first == len(record.turns) or off[-1] > first:
        _refuse_marked(record, learned, off[-1])
    return first


def _trl_turn(turn: Mapping[str, Json]) -> Values:
    out = without_marks(turn)
    if turn.get("tool_calls") or turn.get("function_call"):
        out.pop("function_call", None)
        out["tool_calls"] = [with_arguments(call, as_text=False) for call in calls_of(turn)]
    return out


def write_sharegpt(record: TrainingRecord) -> Values:
    """Write ShareGPT's row, as LLaMA-Factory and Axolotl read it."""
    _refuse_choices(record)
    _refuse_untaught(record)
    begin = record.begin if record.begin is not None else -1
    label = {} if record.label is None else {"kto_tag": record.label}
    tools: Values = {"tools": dump(bare_tools(record.tools))} if record.tools else {}
    asked = record.turns if record.rejected is None else record.asked
    turns = [_sharegpt_turn(turn, place, silent=place < begin) for place, turn in enumerate(asked)]
    if record.rejected is None:
        return {"conversations": turns, **label, **tools}
    if len(record.answers) != 1 or len(record.rejected) != 1:
        raise CannotHold("its answers are more than one turn")
    if calls_of(record.answers[0]) or calls_of(record.rejected[0]):
        raise CannotHold("an answer of it is a tool call")
    good, bad = (_sharegpt_turn(side[0], begin, silent=False) for side in (record.answers, record.rejected))
    return {"conversations": turns, "chosen": good, "rejected": bad, **label, **tools}


def _sharegpt_turn(turn: Mapping[str, Json], place: int, *, silent: bool) -> Values:
    rest = {key: value for key, value in turn.items() if key not in ("role", "content", "tool_calls", "function_call")}
    if silent and turn.get("role") == "assistant" and not has_mark(turn):
        rest["weight"] = 0
    where, calls = f"messages[{place}]", calls_of(turn)
    if calls:
        if text_in(turn):
            raise CannotHold(f"{where} says a text beside its tool calls")
        return {"from": "function_call", "value": dump([_bare_call(call) for call in calls]), **rest}
    role = turn.get("role")
    if role not in _NAMES:
        raise CannotHold(f"{where} is a turn of the role {role}")
    text = text_in(turn)
    if text is None:
        raise CannotHold(f"{where} is not plain text")
    return {"from": _NAMES[str(role)], "value": text, **rest}


def _bare_call(call: Mapping[str, Json]) -> Values:
    """A call as ShareGPT has it, with its id where it has one."""
    whole = with_arguments(call, as_text=False)
    function = whole["function"]
    rest = {key: value for key, value in whole.items() if key not in ("function", "type")}
    return {"name": function.get("name"), "arguments": function.get("arguments"), **rest}


def write_alpaca(record: TrainingRecord) -> Values:
    """Write Alpaca's row, with system, history and pairs as LLaMA-Factory reads them."""
    if record.choices:
        record = _as_pair(record)
    answers = record.turns[record.begin :] if record.begin is not None else record.turns[-1:]
    answers = tuple(turn for turn in answers if turn.get("role") == "assistant")
    before = record.turns[: len(record.turns) - len(answers)]
    system = [plain_text(turn, what="its system message") for turn in before[:1] if turn.get("role") == "system"]
    told = before[len(system) :]
    roles = [turn.get("role") for turn in told]
    if not told or len(answers) > 1 or roles != ["user", "assistant"] * (len(told) // 2) + ["user"]:
        raise CannotHold("it is more than one user message, and not questions and answers in turn")
    learned = record.learned_turns()
    if any(turn.get("role") == "assistant" and not learned[place] for place, turn in enumerate(record.turns)):
        raise CannotHold("an answer of it is not to be trained on")
    texts = [plain_text(without_marks(turn), what="a turn of it") for turn in told]
    row: Values = {"instruction": texts[-1], "input": ""}
    if record.rejected is not None:
        row |= {"chosen": _single(record.answers), "rejected": _single(record.rejected)}
    elif answers:
        row["output"] = plain_text(without_marks(answers[0]), what="its target")
    row |= {"system": system[0]} if system else {}
    row |= {"history": [list(pair) for pair in zip(texts[:-1:2], texts[1::2], strict=False)]} if texts[1:] else {}
    return {**row, **({} if record.label is None else {"kto_tag": record.label}), **_tools(record)}


def _single(turns: Sequence[Mapping[str, Json]]) -> str:
    if len(turns) != 1:
        raise CannotHold("its answers are more than one turn")
    return plain_text(without_marks(turns[0]), what="an answer of it")


def write_completion(record: TrainingRecord) -> Values:
    """Write a legacy row, with the separator and stop that its source had."""
    _refuse_choices(record)
    _refuse_rejected(record)
    _refuse_label(record)
    if [turn.get("role") for turn in record.asked] != ["user"]:
        raise CannotHold("it is more than one user message")
    if not record.answers:
        raise CannotHold("it has no target")
    if len(record.answers) > 1:
        raise CannotHold("it is more than one answer")
    if not all(record.learned_turns()[record.first_answer :]):
        raise CannotHold("its answer is not to be trained on")
    prompt = plain_text(record.asked[0], what="its question")
    answer = plain_text(without_marks(record.answers[0]), what="its target")
    extra = record.rest.get("extra")
    marks: Mapping[str, Json] = extra if isinstance(extra, Mapping) else {}
    separator, stop, lead = (marks.get(name, "") for name in ("separator", "stop", "lead"))
    return {"prompt": f"{prompt}{separator}", "completion": f"{lead}{answer}{stop}", **_tools(record)}


def write_preference(record: TrainingRecord) -> Values:
    """Write OpenAI's preference row; tools and parallel_tool_calls stand in its input."""
    _refuse_label(record)
    if record.choices:
        record = _as_pair(record)
    if record.rejected is None:
        raise CannotHold("it is not a choice between two answers")
    sides = [[_plain_call_turn(turn) for turn in side] for side in (record.answers, record.rejected)]
    if any(len(side) != 1 for side in sides):
        raise CannotHold("its answers are more than one turn")
    asked: Values = {"messages": [_plain_call_turn(turn) for turn in record.asked], **_tools(record)}
    if "parallel_tool_calls" in record.rest:
        asked["parallel_tool_calls"] = record.rest["parallel_tool_calls"]
    return {"input": asked, "preferred_output": sides[0], "non_preferred_output": sides[1]}


def _plain_call_turn(turn: Mapping[str, Json]) -> Values:
    out = without_marks(turn)
    if turn.get("tool_calls"):
        out["tool_calls"] = [
            {"id": f"call_{number}", **with_arguments(call, as_text=True)}
            for number, call in enumerate(turn["tool_calls"])
        ]
    return out


def _as_pair(record: TrainingRecord) -> TrainingRecord:
    """Two choices as a preferred and a rejected answer."""
    if len(record.choices) != 2 or record.right is None:
        raise CannotHold("it is not a choice between two answers")
    good, bad = record.choices[record.right], record.choices[1 - record.right]
    return TrainingRecord(
        turns=(*record.turns, {"role": "assistant", "content": good}),
        begin=len(record.turns),
        rejected=({"role": "assistant", "content": bad},),
        tools=record.tools,
        rest=record.rest,
    )


def _tools(record: TrainingRecord) -> Values:
    return {"tools": [dict(tool) for tool in record.tools]} if record.tools else {}


def _refuse_choices(record: TrainingRecord) -> None:
    if record.choices:
        raise CannotHold("it has choices")


def _refuse_untaught(record: TrainingRecord) -> None:
    if record.turns and record.turns[-1].get("role") == "assistant" and not any(record.learned_turns()):
        raise CannotHold("no answer of it is to be trained on")


def _refuse_rejected(record: TrainingRecord) -> None:
    if record.rejected is not None:
        raise CannotHold("its rejected answer has no place: write openai-preference, trl, sharegpt or alpaca")


def _refuse_label(record: TrainingRecord) -> None:
    if record.label is not None:
        raise CannotHold(f"its label {str(record.label).lower()} has no place: write trl, sharegpt or alpaca")


WRITERS: Mapping[str, Callable[[TrainingRecord], Values]] = {
    "openai-chat": write_chat,
    "openai-completion": write_completion,
    "openai-preference": write_preference,
    "trl": write_trl,
    "sharegpt": write_sharegpt,
    "alpaca": write_alpaca,
}
