"""The page of jobs has all forty, each with something to type that the program knows, or with what is not there."""

import re
import shlex
from pathlib import Path

import pytest

from evalkit.cli import COMMANDS, command_parser
from evalkit.gates.kinds import GATES
from evalkit.scorers.table import SCORERS

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "jobs.md"
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in PAGE.read_text(encoding="utf-8").splitlines()
    if re.match(r"\| \d+ \|", line)
]


def test_all_forty_are_there_with_something_to_type() -> None:
    assert [int(row[0]) for row in ROWS] == list(range(1, 41))
    assert all(len(row) == 4 and row[2] for row in ROWS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_what_is_to_be_typed_is_known(row: list[str]) -> None:
    for code in re.findall(r"`([^`]+)`", row[2]):
        if code.startswith("evalkit "):
            name, *words = shlex.split(code)[1:]
            assert name in COMMANDS
            command_parser(name)[0].parse_args(words)
    for name in re.findall(r"scorers? `(\w+)`", row[2]):
        assert name in SCORERS, name
    for name in re.findall(r"(?:a scorer|scorer) `(\w+)`", row[3]):
        assert name not in SCORERS, f"{name} is there now: say so"


def test_a_command_that_is_not_there_is_said_to_be_missing() -> None:
    for row in ROWS:
        for code in re.findall(r"`evalkit (\w+)", row[3]):
            assert code not in COMMANDS or "judge check" in row[3], f"evalkit {code} is there now: say so"
    assert GATES
