"""A machine that warms up while it works: the same weights twice are not told apart by their seconds."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from project import SUITE, Project

import evalkit
from evalkit.core.errors import ModelError
from evalkit.core.exchange import ModelIdentity, Request, Response

BUDGET = SUITE + "  - {type: budget, metric: latency_mean, max_ratio: RATIO}\n"


class Machine:
    """Every answer it has given makes the next one a little faster, down to half of what the first took."""

    def __init__(self) -> None:
        self.answers = 0

    def seconds(self, length: int) -> float:
        self.answers += 1
        return (0.01 + 0.001 * length) * max(0.5, 1.0 - self.answers / 1600)


class Local:
    """An arm of that machine that takes `pace` times as long."""

    scores_choices = False

    def __init__(self, machine: Machine, name: str, *, pace: float = 1.0) -> None:
        self.machine, self.pace, self.asked = machine, pace, 0
        self.identity = ModelIdentity(name=name, provider="local", model="m", fingerprint=name)

    def answer(self, requests: Iterable[Request]) -> Iterator[Response]:
        for request in requests:
            self.asked += 1
            number = int(request.example_id[1:])
            yield Response(
                example_id=request.example_id,
                repeat=request.repeat,
                text=str(number + 1),
                latency_s=self.pace * self.machine.seconds(number % 7),
                prompt_sha256=request.prompt_sha256,
            )

    def close(self) -> None:
        """Nothing is open."""


def compare(project: Project, *, pace: float = 1.0, ratio: float = 1.1, **more: Any) -> tuple[Any, list[Local]]:
    project.suite(BUDGET.replace("RATIO", str(ratio)))
    machine = Machine()
    arms = [Local(machine, "one"), Local(machine, "other", pace=pace)]
    found = evalkit.compare("one", "other", models={"one": arms[0], "other": arms[1]}, **more)
    return found.findings[-1], arms


def test_the_same_weights_are_no_proven_saving(project: Project) -> None:
    for ratio in (0.9, 0.99, 1.5):
        found, _ = compare(project, ratio=ratio)
        assert found.method == "t_over_rounds"
        assert found.state in ("INCONCLUSIVE", "PASS", "FLOOR_FAIL")
        assert 0.9 < found.details["ratio"] < 1.1
        assert found.low < 0.0 < found.high


@pytest.mark.parametrize(("pace", "state"), [(0.6, "IMPROVED"), (1.6, "REGRESSION")])
def test_what_is_really_faster_or_slower_is_found(project: Project, pace: float, state: str) -> None:
    found, _ = compare(project, pace=pace)
    assert found.state == state
    assert found.details["ratio"] == pytest.approx(pace, rel=0.1)


def test_what_was_timed_is_kept_and_read_again_without_a_question(project: Project) -> None:
    first, asked = compare(project)
    assert asked[0].asked == asked[1].asked == 100 + 11 * 10
    again, idle = compare(project)
    assert (idle[0].asked, idle[1].asked) == (0, 0)
    assert again == first
    replayed, _ = compare(project, mode="replay")
    assert replayed == first
    anew, live = compare(project, mode="live")
    assert live[0].asked == 210
    assert anew.method == "t_over_rounds"


def test_a_replay_without_kept_times_says_what_would_settle_it(project: Project) -> None:
    compare(project)
    for path in (project.folder / ".evalkit/timing").glob("*.json"):
        path.unlink()
    found, _ = compare(project, mode="replay")
    assert found.state == "INCONCLUSIVE"
    assert "without --replay" in found.because


def test_a_torn_file_of_times_is_measured_again(project: Project) -> None:
    compare(project)
    (path,) = (project.folder / ".evalkit/timing").glob("*.json")
    path.write_text('{"rounds": [{"base"')
    found, arms = compare(project)
    assert found.method == "t_over_rounds"
    assert arms[0].asked == 110
    assert len(json.loads(path.read_text())["rounds"]) == 10


def test_an_arm_that_breaks_while_it_is_timed_costs_no_verdict(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(self: Local, requests: Iterable[Request]) -> Iterator[Response]:
        if self.asked >= 100:
            raise ModelError("out of memory")
        yield from answer(self, requests)

    answer = Local.answer
    monkeypatch.setattr(Local, "answer", breaks)
    found, _ = compare(project)
    assert (found.state, found.n) == ("INCONCLUSIVE", 100)


def test_nobody_is_timed_where_no_gate_compares_seconds(project: Project) -> None:
    machine = Machine()
    arms = {name: Local(machine, name) for name in ("one", "other")}
    for gate in ("", "  - {type: budget, metric: latency_mean, max: 5}\n"):
        project.suite(SUITE + gate)
        evalkit.compare("one", "other", models=arms)
    assert arms["one"].asked == 100


def test_a_suite_of_few_cases_is_timed_in_rounds_of_one(project: Project) -> None:
    project.data(project.rows()[:4])
    found, _ = compare(project)
    assert found.n_clusters == 10
