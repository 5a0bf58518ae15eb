"""One module a family of formats: each turns a row into what is asked and what is expected."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from evalkit.core.exchange import Example
from evalkit.data.draft import Asked, example_of
from evalkit.data.formats import alpaca, native, openai, sharegpt, trl
from evalkit.data.rows import Row


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """How the rows of a format are read. `keys` are those it understands; others are kept in `Example.extra`."""

    read: Callable[[Row], Asked]
    keys: tuple[str, ...]
    about: str
    after: Callable[[tuple[Example, ...]], tuple[Example, ...]] | None = None
    """What can only be told from all rows together"""

    def example(self, row: Row) -> Example:
        """The Example of one row; BadRow says why there is none."""
        return example_of(row, self.read(row), known=self.keys)


FORMATS: Mapping[str, Format] = {
    "evalkit": Format(
        read=native.read,
        keys=native.KEYS,
        about="evalkit's own rows: `messages` or `input`, `target`, `choices`, `tools`, `tags`, `cluster`",
    ),
    "openai-chat": Format(
        read=openai.chat,
        keys=openai.CHAT_KEYS,
        about="supervised and reinforcement fine-tuning: `messages` (the last assistant turn with weight 1 is the "
        "target), `tools`",
    ),
    "openai-completion": Format(
        read=openai.completion,
        keys=openai.COMPLETION_KEYS,
        after=openai.without_markers,
        about="legacy fine-tuning: `prompt`, `completion`; a separator and a stop common to all rows are taken off",
    ),
    "openai-preference": Format(
        read=openai.preference,
        keys=openai.PREFERENCE_KEYS,
        about="DPO: `input.messages`, `preferred_output`, `non_preferred_output` (or `..._completion`): two choices",
    ),
    "trl": Format(
        read=trl.read,
        keys=trl.KEYS,
        about="Hugging Face TRL: `messages`, `prompt`/`completion`, or `prompt`/`chosen`/`rejected`, texts or turns",
    ),
    "sharegpt": Format(
        read=sharegpt.read,
        keys=sharegpt.KEYS,
        about="`conversations` of `from`/`value` turns, with `system` and `tools` beside them",
    ),
    "alpaca": Format(
        read=alpaca.read,
        keys=alpaca.KEYS,
        about="`instruction`, `input`, `output`, with `system` and `history` where there are any",
    ),
    "csv": Format(
        read=native.read,
        keys=native.KEYS,
        about="a table with a header: columns `input` and `target`, or others named in `columns`; the rest are tags",
    ),
}
