"""A response as a row of JSON: the shape that recordings and the ledger write, and that users write by script."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import get_args

from evalkit.core.errors import did_you_mean
from evalkit.core.exchange import EMPTY, Ended, Failure, FailureKind, Json, Message, Response, ToolCall, Usage
from evalkit.core.repeated import find_repeated

KINDS: tuple[str, ...] = get_args(FailureKind)
ENDED: tuple[str, ...] = get_args(Ended)
_COMPACT = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False)
_HUGE = re.compile(r"[0-9](?:[eE]\+?[0-9]{3}|[0-9]{199})")
"""What a number that is infinite as a float looks like at least"""
_ANSWERS = ("text", "tool_calls", "failure", "refusal", "choice_scores", "thought", "scores")
_BY_ITSELF = (None, "stop", "tool_calls")
"""Finish reasons of answers of which it goes without saying that they ended normally"""
_EXTRAS = (
    "refusal", "first_token_s", "served_model", "system_fingerprint", "request_id", "input_sha256", "tokens_sha256",
    "suite", "thought", "turn", "step", "answered_at",
)  # fmt: skip


class BadRow(ValueError):
    """A row that is no response; the message says why in one sentence."""


def response_row(response: Response) -> dict[str, Json]:
    """Turn a response into its row.

    The row has the contract's keys always, the others only where they hold something.
    """
    row: dict[str, Json] = {
        "id": response.example_id,
        "repeat": response.repeat,
        "text": response.text,
        "tool_calls": [_call_row(call) for call in response.tool_calls],
        "finish": response.finish,
        "usage": _usage_row(response.usage),
        "latency_s": response.latency_s,
        "prompt_sha256": response.prompt_sha256,
        "failure": _failure_row(response.failure),
    }
    for name in _EXTRAS:
        value = getattr(response, name)
        if value is not None:
            row[name] = value
    if response.choice_scores:
        row["choice_scores"] = list(response.choice_scores)
        row["choice_tokens"] = list(response.choice_tokens)
    if response.token_logprobs:
        row["token_logprobs"] = list(response.token_logprobs)
    if response.ended is not None and (response.ended != "normal" or response.finish not in _BY_ITSELF):
        row["ended"] = response.ended
    if response.taken:
        row["taken"] = list(response.taken)
    if response.adapted:
        row["adapted"] = dict(response.adapted)
    if response.scores:
        row["scores"] = dict(response.scores)
    if response.conversation:
        row["conversation"] = [message.wire() for message in response.conversation]
    return row


def row_response(row: Json) -> Response:
    """Read the response of a row; raise BadRow where it is none.

    Keys that evalkit does not know are left alone.
    """
    if not isinstance(row, dict):
        raise BadRow(f"a row is a JSON object, this is {_kind(row)}")
    identity = row.get("id")
    if not isinstance(identity, str) or not identity:
        raise BadRow(f"`id` must be a text, this row has {_show(row, 'id')}")
    if all(row.get(name) in (None, [], {}) for name in _ANSWERS):
        raise BadRow(_say_nothing_in(row))
    return Response(
        example_id=identity,
        repeat=_count(row, "repeat") or 0,
        tool_calls=_calls(row.get("tool_calls")),
        usage=_usage(row.get("usage")),
        failure=_failure(row.get("failure")),
        choice_scores=tuple(_number(v, "choice_scores") for v in _list(row, "choice_scores")),
        choice_tokens=tuple(int(_number(v, "choice_tokens")) for v in _list(row, "choice_tokens")),
        token_logprobs=tuple(_number(v, "token_logprobs") for v in _list(row, "token_logprobs")),
        adapted=_object(row, "adapted") or EMPTY,
        text=_text(row, "text"),
        refusal=_text(row, "refusal"),
        finish=_text(row, "finish"),
        latency_s=_seconds(row, "latency_s"),
        first_token_s=_seconds(row, "first_token_s"),
        served_model=_text(row, "served_model"),
        system_fingerprint=_text(row, "system_fingerprint"),
        request_id=_text(row, "request_id"),
        prompt_sha256=_text(row, "prompt_sha256"),
        input_sha256=_text(row, "input_sha256"),
        tokens_sha256=_text(row, "tokens_sha256"),
        suite=_text(row, "suite"),
        thought=_text(row, "thought"),
        ended=_read_ended(row),
        taken=tuple(str(sentence) for sentence in _list(row, "taken")),
        scores=_object(row, "scores") or EMPTY,
        turn=_from_one(row, "turn"),
        step=_from_one(row, "step"),
        conversation=tuple(_message(item) for item in _list(row, "conversation")),
        answered_at=_seconds(row, "answered_at"),
    )


def dump(value: Json) -> bytes:
    """Write one line of compact JSON in UTF-8.

    A lone surrogate, which UTF-8 cannot hold, is escaped.
    """
    try:
        return _COMPACT.encode(value).encode()
    except UnicodeEncodeError:
        return json.dumps(value, separators=(",", ":"), allow_nan=False).encode()


def parse(line: str | bytes) -> Json:
    """Parse JSON without NaN and Infinity; raise ValueError where it is none."""
    return json.loads(line, parse_constant=_no_constant)


def parse_strict(line: str | bytes) -> Json:
    """Parse what people wrote, more strictly than `parse` does.

    No key stands twice in an object, and no number is so large that it is infinite.
    """
    huge = _HUGE.search(line if isinstance(line, str) else line.decode("utf-8", "replace"))
    if not huge:
        if isinstance(line, str) and not line.startswith("\ufeff"):
            return _STRICT.decode(line)
        return json.loads(line, parse_constant=_no_constant, object_pairs_hook=_once)
    return json.loads(line, parse_constant=_no_constant, object_pairs_hook=_once, parse_float=_finite, parse_int=_whole)


def _once(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    value = dict(pairs)
    if len(value) < len(pairs):
        raise ValueError(f"the key {find_repeated(key for key, _ in pairs)!r} stands twice in one object")
    return value


def _finite(word: str) -> float:
    number = float(word)
    if not math.isfinite(number):
        shown = word if len(word) <= 20 else f"{word[:20]}..."
        raise ValueError(f"the number {shown} is too large")
    return number


def _whole(word: str) -> int:
    _finite(word)
    return int(word)


def _no_constant(word: str) -> Json:
    raise ValueError(f"{word} is not JSON: null stands for no value")


def _call_row(call: ToolCall) -> dict[str, Json]:
    row: dict[str, Json] = {"name": call.name, "arguments": call.arguments}
    if call.id is not None:
        row["id"] = call.id
    if call.kind != "function":
        row["kind"] = call.kind
    return row


def _usage_row(usage: Usage | None) -> dict[str, Json] | None:
    if usage is None:
        return None
    row: dict[str, Json] = {"input": usage.input, "output": usage.output}
    if usage.cached_input is not None:
        row["cached_input"] = usage.cached_input
    if usage.reasoning is not None:
        row["reasoning"] = usage.reasoning
    return row


def _failure_row(failure: Failure | None) -> dict[str, Json] | None:
    if failure is None:
        return None
    row: dict[str, Json] = {"kind": failure.kind, "message": failure.message}
    if failure.status is not None:
        row["status"] = failure.status
    return row


def _calls(value: Json) -> tuple[ToolCall, ...]:
    if value is None:
        return ()
    if not isinstance(value, list):
        raise BadRow(f"`tool_calls` must be a list, this is {_kind(value)}")
    return tuple(_call(item) for item in value)


def _call(item: Json) -> ToolCall:
    """A call as the contract writes it, or as the chat completions API does (`{"function": {...}}`)."""
    if not isinstance(item, dict):
        raise BadRow(f"a tool call must be an object, this is {_kind(item)}")
    inner = item["function"] if isinstance(item.get("function"), dict) else item
    name, arguments = inner.get("name"), inner.get("arguments", "")
    if not isinstance(name, str):
        raise BadRow(f"a tool call's `name` must be a text, this has {_show(inner, 'name')}")
    if not isinstance(arguments, str):
        arguments = json.dumps(arguments, ensure_ascii=False)
    kind = item.get("kind", "function")
    if kind not in ("function", "custom", "legacy", "text"):
        raise BadRow(f"a tool call's `kind` must be function, custom, legacy or text, this is {kind!r}")
    call_id = item.get("id")
    return ToolCall(name=name, arguments=arguments, id=call_id if isinstance(call_id, str) else None, kind=kind)


def _usage(value: Json) -> Usage | None:
    if value is None:
        return None
    if not isinstance(value, dict):
        raise BadRow(f"`usage` must be an object, this is {_kind(value)}")
    return Usage(**{name: _count(value, name) for name in ("input", "output", "cached_input", "reasoning")})


def _failure(value: Json) -> Failure | None:
    """A kind that evalkit does not know becomes `other`, its name kept in the message."""
    if value is None:
        return None
    if not isinstance(value, dict) or not isinstance(value.get("kind"), str):
        raise BadRow('`failure` must be an object {"kind": ..., "message": ...}')
    kind, message = value["kind"], str(value.get("message") or "")
    status = _count(value, "status")
    if kind not in KINDS:
        return Failure(kind="other", message=f"{kind}: {message}", status=status)
    return Failure(kind=kind, message=message, status=status)


def _read_ended(row: Mapping[str, Json]) -> Ended | None:
    value = row.get("ended")
    if value is not None and value not in ENDED:
        raise BadRow(f"`ended` must be {', '.join(ENDED[:-1])} or {ENDED[-1]}, this is {value!r}")
    found: Ended | None = value
    return found


def _say_nothing_in(row: Mapping[str, Json]) -> str:
    near = next((hint for key in row if (hint := did_you_mean(key, _ANSWERS)) and key not in _ANSWERS), "")
    return f"{row['id']!r} has none of `text`, `tool_calls` and `failure`{near}"


def _text(row: Mapping[str, Json], name: str) -> str | None:
    value = row.get(name)
    if value is not None and not isinstance(value, str):
        raise BadRow(f"`{name}` must be a text, this is {_kind(value)}")
    return value


def _count(row: Mapping[str, Json], name: str) -> int | None:
    value = row.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise BadRow(f"`{name}` must be a whole number from 0, this is {value!r}")
    return value


def _from_one(row: Mapping[str, Json], name: str) -> int | None:
    value = _count(row, name)
    if value == 0:
        raise BadRow(f"`{name}` is counted from 1, this is 0")
    return value


def _message(item: Json) -> Message:
    if not isinstance(item, dict) or not isinstance(item.get("role"), str):
        raise BadRow('a turn of `conversation` is {"role": ..., "content": ...}')
    content = item.get("content")
    if isinstance(content, list) and all(isinstance(part, dict) for part in content):
        content = tuple(content)
    elif content is not None and not isinstance(content, str):
        raise BadRow(f"`content` must be a text or a list of parts, this is {_kind(content)}")
    return Message(
        role=item["role"],
        content=content,
        name=_text(item, "name"),
        tool_calls=_calls(item.get("tool_calls")),
        tool_call_id=_text(item, "tool_call_id"),
    )


def _seconds(row: Mapping[str, Json], name: str) -> float | None:
    value = row.get(name)
    if value is None:
        return None
    number = _number(value, name)
    if number < 0:
        raise BadRow(f"`{name}` must not be negative, this is {number}")
    return number


def _number(value: Json, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise BadRow(f"`{name}` must hold finite numbers, this is {value!r}")
    return value


def _list(row: Mapping[str, Json], name: str) -> list[Json]:
    value = row.get(name)
    if value is not None and not isinstance(value, list):
        raise BadRow(f"`{name}` must be a list, this is {_kind(value)}")
    return value or []


def _object(row: Mapping[str, Json], name: str) -> dict[str, Json]:
    value = row.get(name)
    if value is not None and not isinstance(value, dict):
        raise BadRow(f"`{name}` must be an object, this is {_kind(value)}")
    return value or {}


def _show(row: Mapping[str, Json], name: str) -> str:
    return f"{row[name]!r}" if name in row else f"no `{name}`"


def _kind(value: Json) -> str:
    names = {type(None): "null", bool: "a boolean", str: "a text", list: "a list", dict: "an object"}
    return names.get(type(value), "a number")


_STRICT = json.JSONDecoder(parse_constant=_no_constant, object_pairs_hook=_once)
"""What `json.loads` would make anew for every line"""
