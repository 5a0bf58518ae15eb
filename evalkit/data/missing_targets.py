"""Rows without a target, and why: marked as no gold, read under another format, or the answer under another name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from evalkit.core.exchange import Example
from evalkit.data.gold_marks import NO_GOLD

_ANSWERS = (
    "response", "answer", "output", "completion", "label", "target", "expected", "reference", "reference_answer",
    "ground_truth", "gold", "solution", "chosen", "assistant",
)  # fmt: skip
"""Keys under which other tools keep the answer"""


def target_warnings(examples: Sequence[Example]) -> list[str]:
    """Return what to say of rows without a target.

    It is nothing where every row has one.
    """
    without = [example for example in examples if example.target is None]
    if not without:
        return []
    out = []
    marks = Counter(str(example.extra[NO_GOLD]) for example in without if NO_GOLD in example.extra)
    out += [f"{count} of {len(examples)} rows are marked `{mark}`: no gold" for mark, count in marks.most_common()]
    open_ended = ends_with_answer(without)
    if open_ended:
        out.append(
            f"{open_ended} of {len(examples)} rows end with an assistant turn and have no target: is the format "
            "openai-chat? As they are read now, the answer is part of the question"
        )
    if len(without) == len(examples):
        unread = Counter(key for example in examples for key in example.extra if key in _ANSWERS and not marks)
        hint = ", ".join(f"`{key}`" for key, _ in unread.most_common(3))
        is_read = "is" if len(unread) == 1 else "are"
        out.append("no row has a target" + (f": {hint} {is_read} not read" if hint else ""))
    elif not marks or marks.total() < len(without):
        out.append(f"{len(without)} of {len(examples)} rows have no target")
    return out


def ends_with_answer(examples: Sequence[Example]) -> int:
    """Count the examples without a target that end with an assistant turn.

    There the answer stands in the question.
    """
    return sum(
        example.target is None and not example.choices and example.messages[-1].role == "assistant"
        for example in examples
        if example.messages
    )
