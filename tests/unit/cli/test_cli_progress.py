"""Progress where stderr is no terminal: a line now and then, never a stale one while much has come in, and one alone
for answers that are there already.
"""

from __future__ import annotations

import pytest

from evalkit.cli.progress import Progress
from evalkit.pipeline.options import Tally


def lines(capsys: pytest.CaptureFixture[str], *, at: list[tuple[float, int]], total: int) -> list[str]:
    now = [0.0]
    with Progress(clock=lambda: now[0]) as progress:
        for now[0], done in at:
            progress.tell("base", "desk", Tally(total=total, done=done))
    return capsys.readouterr().err.splitlines()


def test_the_first_and_the_last_answer_have_a_line_and_others_one_every_five_seconds(
    capsys: pytest.CaptureFixture[str],
) -> None:
    told = lines(capsys, at=[(float(second), second + 1) for second in range(12)], total=100)
    assert [line.split()[3] for line in told] == ["1/100", "6/100", "11/100"]
    (last,) = lines(capsys, at=[(0.0, 100)], total=100)
    assert "100/100" in last


def test_a_batch_that_brings_many_answers_at_once_is_told_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    burst = [(0.0, 1), *((0.1, done) for done in range(2, 50))]
    told = lines(capsys, at=burst, total=100)
    assert [line.split()[3] for line in told] == ["1/100", "26/100"]


def told(capsys: pytest.CaptureFixture[str], *tallies: Tally) -> list[str]:
    seconds = iter(range(0, 10 * len(tallies), 10))
    with Progress(clock=lambda: float(next(seconds))) as progress:
        for tally in tallies:
            progress.tell("ft-model", "desk", tally)
    return capsys.readouterr().err.splitlines()


def test_answers_that_are_there_already_have_one_line_without_a_rate(capsys: pytest.CaptureFixture[str]) -> None:
    kept = [Tally(total=100, done=done, kept=done) for done in range(1, 101)]
    assert told(capsys, *kept) == ["ft-model · desk: 100/100, 100 kept"]
    none = [Tally(total=40, done=done, refused=done, failed=done) for done in range(1, 41)]
    assert told(capsys, *none) == ["ft-model · desk: 40/40, 40 without an answer"]


def test_the_rate_and_the_time_left_are_those_of_what_is_asked(capsys: pytest.CaptureFixture[str]) -> None:
    part = [Tally(total=100, done=60, kept=60), Tally(total=100, done=72, kept=60, refused=2, failed=3)]
    assert told(capsys, *part) == ["ft-model · desk: 72/100 1.0/s, 60 kept, 1 failed, 2 without an answer, 28 s left"]


def test_which_arm_and_suite_of_how_many_is_said_where_there_are_more(capsys: pytest.CaptureFixture[str]) -> None:
    (line,) = told(capsys, Tally(total=8, done=8, arm=(2, 2), suite=(1, 5)))
    assert line == "ft-model (2 of 2) · desk (1 of 5): 8/8"
    (line,) = told(capsys, Tally(total=8, done=8, arm=(2, 2)))
    assert line == "ft-model (2 of 2) · desk: 8/8"
