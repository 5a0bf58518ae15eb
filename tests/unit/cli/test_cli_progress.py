"""Progress where stderr is no terminal: a line now and then, and never a stale one while much has come in."""

from __future__ import annotations

import pytest

from evalkit.cli.progress import Progress
from evalkit.pipeline.ask import Tally


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
