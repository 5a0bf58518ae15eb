"""The table of trackers; packages add theirs through the entry points `evalkit.trackers`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from typing import cast

from evalkit.core.errors import EvalkitError, Problem, UsageError
from evalkit.core.ports import Tracker
from evalkit.core.registry import Registry

TABLE = {
    "wandb": "evalkit.publish.wandb:WandbTracker",
    "mlflow": "evalkit.publish.mlflow:MlflowTracker",
    "hub": "evalkit.publish.hub:HubCard",
}

NEEDS: Mapping[str, str] = {"wandb": "wandb", "mlflow": "mlflow", "hub": "huggingface_hub"}
"""The package behind a tracker; the extra that brings it has the tracker's name"""


def what_is_wrong(name: str, thing: object) -> str | None:
    """Tell why a thing cannot be a tracker; None if it can."""
    if callable(getattr(thing, "check_place", None)) and callable(getattr(thing, "publish", None)):
        return None
    return "a tracker has check_place(place) and publish(publication, place)"


TRACKERS = Registry("tracker", TABLE, group="evalkit.trackers", check=what_is_wrong)


def tracker_of(name: str) -> Tracker:
    """Return the tracker of this name; UsageError, with the nearest name, where there is none."""
    thing = TRACKERS.load(name)
    return cast(Tracker, thing() if isinstance(thing, type) else thing)


def split_word(word: str) -> tuple[str, str]:
    """Split `TRACKER:PLACE` into the tracker and the place; the place may be missing.

    >>> split_word("hub:acme/support-bot"), split_word("wandb")
    (('hub', 'acme/support-bot'), ('wandb', ''))
    """
    name, _, place = word.partition(":")
    return name.strip(), place.strip()


def check_words(words: Sequence[str]) -> list[Problem]:
    """Return what is wrong with where a verdict is to be published, before anything is asked.

    Unknown trackers, places that a tracker cannot have, packages that are not installed; all at once.
    """
    problems: list[Problem] = []
    for word in dict.fromkeys(words):
        name, place = split_word(word)
        try:
            tracker = tracker_of(name)
        except EvalkitError as error:
            problems += [
                Problem(what=f"--publish {word}: {one.what}", allowed=one.allowed, todo=one.todo)
                for one in error.problems
            ]
            continue
        package = NEEDS.get(name)
        if package is not None and find_spec(package) is None:
            todo = f"pip install 'evalkit-gate[{name}]'"
            problems.append(Problem(what=f"--publish {word} needs the package {package}", todo=todo))
        if wrong := tracker.check_place(place):
            problems.append(Problem(what=f"--publish {word}: {wrong}", todo="see `evalkit compare --help`"))
    return problems


def refuse_words(words: Sequence[str]) -> None:
    """Raise UsageError with everything that `check_words` finds."""
    if problems := check_words(words):
        raise UsageError(problems)
