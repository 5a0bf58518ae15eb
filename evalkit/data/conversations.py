"""Rows that are run turn by turn: `turns: generate`, `targets`, `tool_results`, `max_steps`."""

from __future__ import annotations

from collections.abc import Mapping

from evalkit.core.errors import did_you_mean
from evalkit.core.exchange import Example, Json, Message
from evalkit.data.fields import UnreadableRow, decode_json_text, name_kind
from evalkit.data.tool_results import read_tool_results

GENERATE = "generate"
KEYS = ("turns", "targets", "tool_results", "max_steps")
"""Keys of a row; what they say stands in `Example.extra`"""
LEFT_OUT = "answers_left_out"
"""Key of `Example.extra`: how many answers the row brings that the arms give themselves"""
_GIVEN = ("assistant", "tool", "function")


def is_generated(example: Example) -> bool:
    """Tell whether the arm answers every user turn of a row."""
    return bool(example.extra) and example.extra.get("turns") == GENERATE


def is_run(example: Example) -> bool:
    """Tell whether a row takes several calls, for turns or for tools."""
    return is_generated(example) or (bool(example.extra) and "tool_results" in example.extra)


def read_conversation(
    turns: tuple[Message, ...], extra: Mapping[str, Json], *, choices: bool
) -> tuple[tuple[Message, ...], dict[str, Json]]:
    """Read what a row says of its turns, as (what is asked, its `extra`).

    Answers that a `turns: generate` row brings are left out, and counted. Raises UnreadableRow, a sentence a mistake.
    """
    said = dict(extra)
    sentences: list[str] = []
    wish = said.get("turns")
    if isinstance(wish, str) and wish != GENERATE:
        sentences.append(f"`turns` is {GENERATE} or not there, not {wish[:40]!r}{did_you_mean(wish, [GENERATE])}")
    if "tool_results" in said:
        said["tool_results"] = decode_json_text(said["tool_results"])
        try:
            read_tool_results(said["tool_results"])
        except UnreadableRow as error:
            sentences += error.sentences
    if wish == GENERATE or "tool_results" in said:
        sentences += _step_problems(said, choices=choices)
    if wish == GENERATE:
        given = sum(turn.role in _GIVEN for turn in turns)
        turns = tuple(turn for turn in turns if turn.role not in _GIVEN)
        sentences += _turn_problems(turns, said)
        if given:
            said[LEFT_OUT] = given
    if sentences:
        raise UnreadableRow(*sentences)
    return turns, said


def _step_problems(said: Mapping[str, Json], *, choices: bool) -> list[str]:
    found: list[str] = []
    if choices:
        found.append("a row with `choices` is asked once: it has no `turns: generate` and no `tool_results`")
    most = said.get("max_steps")
    if most is not None and (isinstance(most, bool) or not isinstance(most, int) or most < 1):
        found.append(f"`max_steps` must be a whole number from 1, not {name_kind(most)}")
    return found


def _turn_problems(turns: tuple[Message, ...], said: dict[str, Json]) -> list[str]:
    found: list[str] = []
    asked = sum(turn.role == "user" for turn in turns)
    if asked == 0:
        found.append("`turns: generate` needs a user turn in `messages`: there is none to answer")
    elif turns[-1].role != "user":
        found.append(f"`turns: generate` ends with a {turns[-1].role} turn: the last turn must be the user's")
    if "targets" in said:
        targets = said["targets"] = decode_json_text(said["targets"])
        if not isinstance(targets, list):
            found.append(f"`targets` must be a list with one target for every user turn, not {name_kind(targets)}")
        elif asked and len(targets) != asked:
            found.append(f"`targets` has {len(targets)} items for {asked} user turns: write null where there is none")
    return found
