"""Data that a suite cannot stand on: rows marked as no gold, a file read under another format, files not read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from evalkit.core.errors import Problem, count_of
from evalkit.core.exchange import Example
from evalkit.core.notes import Note
from evalkit.data.gold_marks import NO_GOLD
from evalkit.data.missing_targets import ends_with_answer
from evalkit.data.problems import unread_sentence
from evalkit.data.read import unread_files
from evalkit.data.source import is_url
from evalkit.pipeline.suites.named_scorer import NamedScorer
from evalkit.suite.load import Suite


def leave_out_marked(
    examples: tuple[Example, ...], scorers: Sequence[NamedScorer], notes: list[str]
) -> tuple[Example, ...]:
    """Leave out examples marked as no gold where a scorer needs it.

    They are those that a scorer cannot judge without; a note tells them. Where every row is so marked they all stay:
    the scorers then say what they miss.
    """
    gone = [
        example
        for example in examples
        if NO_GOLD in example.extra and any(one.applies(example) and one.scorer.check(example) for one in scorers)
    ]
    if not gone or len(gone) == len(examples):
        return examples
    marks = Counter(str(example.extra[NO_GOLD]) for example in gone)
    told = ", ".join(f"{count} `{mark}`" for mark, count in marks.most_common())
    what = f"{len(gone)} of {count_of(len(examples), 'row')} left out: marked as not to be learned, they are no gold"
    notes.append(Note(f"{what} ({told})", kind="not_taken"))
    ids = {example.id for example in gone}
    return tuple(example for example in examples if example.id not in ids)


def read_as_default(suite: Suite, examples: Sequence[Example]) -> list[Problem]:
    """Report a chat file that is read under the default format.

    Each question then holds its answer; empty where it is none.
    """
    if suite.spec.dataset.format != "evalkit" or not examples or ends_with_answer(examples) < len(examples):
        return []
    return [
        Problem(
            what="every row ends with an assistant turn and has no target: the answer would be part of the question",
            where=suite.locate("dataset", "format") or suite.locate("dataset"),
            todo="did you mean format: openai-chat? It takes the last assistant turn as the target",
        )
    ]


def unread_notes(suite: Suite) -> list[str]:
    """Write one note on files of the data folder that are unreadable.

    The folder is the data set's; empty where evalkit reads all.
    """
    data = suite.spec.dataset
    unread = unread_files(data.path if is_url(data.path) else suite.root / data.path, format=data.format)
    return [Note(f"of the data set's folder {unread_sentence(unread)}", kind="not_taken")] if unread else []
