"""Publish verdicts where `--publish` says; what fails is told, and the exit code stays the verdict's."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from evalkit.cli.say import say

if TYPE_CHECKING:
    from evalkit.core.publication import Publication
    from evalkit.pipeline.options import CandidateResult


def publish_argument(parser: argparse.ArgumentParser) -> None:
    """Declare where verdicts are published."""
    parser.add_argument(
        "--publish", action="append", default=[], metavar="TRACKER[:PLACE]",
        help="wandb[:ENTITY/PROJECT], mlflow[:EXPERIMENT], hub:OWNER/NAME or hub:MODEL_FOLDER; repeatable",
    )  # fmt: skip


def check_publish(args: argparse.Namespace) -> None:
    """Raise UsageError for every word of `--publish` that cannot be right."""
    words = getattr(args, "publish", [])
    if words:
        from evalkit.publish.kinds import refuse_words

        refuse_words(words)


def publish_outcomes(
    outcomes: Sequence[CandidateResult], *, pages: Sequence[Path | None], args: argparse.Namespace
) -> None:
    """Hand every verdict to every tracker that was named.

    Say where it is, or why it is not there.
    """
    words = list(dict.fromkeys(getattr(args, "publish", [])))
    if not words:
        return
    from evalkit.pipeline.publication import make_publication

    for outcome, page in zip(outcomes, pages, strict=True):
        publication = make_publication(outcome, page=page)
        for word in words:
            _publish(publication, word)


def _publish(publication: Publication, word: str) -> None:
    from evalkit.publish.kinds import split_word, tracker_of
    from evalkit.publish.surroundings import quiet_surroundings

    name, place = split_word(word)
    try:
        with quiet_surroundings():
            where = tracker_of(name).publish(publication, place)
    except (Exception, SystemExit) as error:
        say(f"not published to {word}: {_why(error)}", file=sys.stderr)
        say("  the verdict stands; `evalkit report RUN --publish ...` publishes a kept run", file=sys.stderr)
        return
    say(f"published {publication.verdict.candidate} to {word}: {where}", file=sys.stderr)


def _why(error: BaseException) -> str:
    from evalkit.core.errors import EvalkitError

    if isinstance(error, EvalkitError):
        return "; ".join(f"{one.what}{f' ({one.todo})' if one.todo else ''}" for one in error.problems)
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0] if lines else 'no reason given'}"
