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


class MissingTargets:
    """Counts the examples without a target, and why they have none; keeps no example."""

    def __init__(self) -> None:
        self.examples = self.without = self.open_ended = 0
        self.marks: Counter[str] = Counter()
        self.unread: Counter[str] = Counter()

    def add(self, example: Example) -> None:
        """Count an example."""
        self.examples += 1
        if example.target is not None:
            return
        self.without += 1
        self.open_ended += ends_with_answer((example,))
        if NO_GOLD in example.extra:
            self.marks[str(example.extra[NO_GOLD])] += 1
        self.unread.update(key for key in example.extra if key in _ANSWERS)

    def sentences(self) -> list[str]:
        """Return what to say of rows without a target.

        It is nothing where every row has one.
        """
        if not self.without:
            return []
        count, marks = self.examples, self.marks
        out = [f"{marked} of {count} rows are marked `{mark}`: no gold" for mark, marked in marks.most_common()]
        if self.open_ended:
            out.append(
                f"{self.open_ended} of {count} rows end with an assistant turn and have no target: is the format "
                "openai-chat? As they are read now, the answer is part of the question"
            )
        if self.without == count:
            unread = Counter() if marks else self.unread
            hint = ", ".join(f"`{key}`" for key, _ in unread.most_common(3))
            is_read = "is" if len(unread) == 1 else "are"
            out.append("no row has a target" + (f": {hint} {is_read} not read" if hint else ""))
        elif marks.total() < self.without:
            out.append(f"{self.without} of {count} rows have no target")
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
