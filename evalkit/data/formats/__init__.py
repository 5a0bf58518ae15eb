"""One module a family of formats: each turns a row into what is asked and what is expected."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from evalkit.core.exchange import Example
from evalkit.data.draft import Asked, example_of, without_gold
from evalkit.data.filled_nulls import drop_filled_nulls
from evalkit.data.formats import alpaca, bbq, native, openai, pair_files, pairs, sharegpt, trl
from evalkit.data.gold_marks import mark_of
from evalkit.data.rows import Row


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """How the rows of a format are read.

    `keys` are those it understands; others are kept in `Example.extra`.
    """

    read: Callable[[Row], Asked]
    keys: tuple[str, ...]
    about: str
    marks: bool = False
    """Whether rows and turns may be marked as not to be learned"""
    after: Callable[[tuple[Example, ...]], tuple[Example, ...]] | None = None
    """What can only be told from all rows together"""
    gather: pair_files.Gather | None = None
    """How the rows of a path are found where they do not stand one by one in its files"""

    def example(self, row: Row) -> Example:
        """Return the Example of one row; raise BadRow where there is none."""
        row = drop_filled_nulls(row)
        asked = self.read(row)
        mark = mark_of(row) if self.marks and row.get("target") is None else ""
        return example_of(row, without_gold(asked, mark) if mark else asked, known=self.keys)


FORMATS: Mapping[str, Format] = {
    "evalkit": Format(
        read=native.read,
        keys=native.KEYS,
        about="evalkit's own rows: `messages` or `input`, `target`, `choices`, `tools`, `tags`, `cluster`",
    ),
    "openai-chat": Format(
        read=openai.chat,
        keys=openai.CHAT_KEYS,
        marks=True,
        about="supervised and reinforcement fine-tuning: `messages` (the last assistant turn with weight 1 is the "
        "target), `tools`",
    ),
    "openai-completion": Format(
        read=openai.completion,
        keys=openai.COMPLETION_KEYS,
        marks=True,
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
        marks=True,
        about="Hugging Face TRL: `messages`, `prompt`/`completion` (with a `label`: KTO), or "
        "`prompt`/`chosen`/`rejected`, texts or turns; LLaMA-Factory's `chosen_messages`",
    ),
    "sharegpt": Format(
        read=sharegpt.read,
        keys=sharegpt.KEYS,
        marks=True,
        about="`conversations` of `from`/`value` turns, with `system` and `tools` beside them; `chosen` and "
        "`rejected` are two choices",
    ),
    "bbq": Format(
        read=bbq.read,
        keys=bbq.KEYS,
        about="BBQ, JBBQ and KoBBQ: `context`, `question`, `ans0` to `ans2` (or `choices`), `label` (or `answer`); "
        "what the scorer `bbq` needs stands in `extra`",
    ),
    "crows-pairs": Format(
        read=pairs.read_crows,
        keys=pairs.CROWS_KEYS,
        gather=pair_files.crows_rows,
        about="CrowS-Pairs as it is published: `sent_more`, `sent_less`, `bias_type`; for the scorer `pair_preference`",
    ),
    "stereoset": Format(
        read=pairs.read_stereoset,
        keys=pairs.STEREOSET_KEYS,
        gather=pair_files.stereoset_rows,
        about="StereoSet: its JSON file, or rows with `context` and `sentences`; three choices, so that it has SS, LMS "
        "and ICAT",
    ),
    "winobias": Format(
        read=pairs.read_winobias,
        keys=pairs.WINOBIAS_KEYS,
        gather=pair_files.winobias_rows,
        about="WinoBias: the folder of `pro_stereotyped_type1.txt.dev` and its twin `anti_...`, people and pronouns in "
        "brackets",
    ),
    "winogender": Format(
        read=pairs.read_winogender,
        keys=pairs.WINOGENDER_KEYS,
        gather=pair_files.winogender_rows,
        about="Winogender: the folder of `templates.tsv` and `occupations-stats.tsv`, every template with she and he",
    ),
    "alpaca": Format(
        read=alpaca.read,
        keys=alpaca.KEYS,
        marks=True,
        about="`instruction`, `input`, `output` (or `context`, `response`: Dolly), with `system` and `history`; "
        "`chosen` and `rejected` are two choices",
    ),
    "csv": Format(
        read=native.read,
        keys=native.KEYS,
        about="a table with a header: columns `input` and `target`, or others named in `columns`; the rest are tags",
    ),
}
