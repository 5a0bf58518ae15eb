"""What was asked in a case, turn by turn."""

from __future__ import annotations

from evalkit.core.exchange import Example, Message, Response


def tell_turns(example: Example, base: Response | None, candidate: Response | None) -> tuple[tuple[str, str], ...]:
    """Return what was asked, as (role, text).

    Between the turns of a conversation stands what each arm answered there.
    """
    own = {
        arm: _own_turns(response, example)
        for arm, response in (("Base", base), ("Candidate", candidate))
        if response is not None and response.conversation
    }
    turns: list[tuple[str, str]] = []
    for at, message in enumerate(example.messages):
        turns.append((message.role, _content(message)))
        turns += [(arm, text) for arm, said in own.items() for text in said.get(at, ())]
    return tuple(turns)


def _own_turns(response: Response, example: Example) -> dict[int, list[str]]:
    """Which answers an arm gave behind which turn of the row."""
    found: dict[int, list[str]] = {}
    at = -1
    for message in response.conversation:
        if at + 1 < len(example.messages) and message == example.messages[at + 1]:
            at += 1
        elif message.role == "assistant":
            found.setdefault(at, []).append(_content(message))
        else:
            found.setdefault(at, []).append(f"[{message.role}] {_content(message)}")
    return found


def last_question(example: Example) -> str:
    """Return the last user turn."""
    return next((_content(message) for message in reversed(example.messages) if message.role == "user"), "")


def _content(message: Message) -> str:
    if isinstance(message.content, tuple):
        return "\n".join(str(part.get("text") or f"[{part.get('type', 'part')}]") for part in message.content)
    calls = [f"{call.name}({call.arguments})" for call in message.tool_calls]
    return "\n".join([*([message.content] if message.content else []), *calls])
