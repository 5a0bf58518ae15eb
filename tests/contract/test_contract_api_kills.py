"""A run may be killed, interrupted or started twice: no answer is lost, and next to none is paid again."""

import random
import signal
import subprocess
import time

import pytest
from api_world import World, answers, timeless
from openai_loopback import Call, Reply

IN_FLIGHT = 8


def slowly(call: Call) -> Reply:
    """As `answers`, after 20 ms."""
    reply = answers(call)
    return Reply(status=reply.status, body=reply.body, delay=0.02)


def wait_until(reached, process: subprocess.Popen[str], *, patience_s: float = 60.0) -> bool:
    """Whether a condition came true before the process ended."""
    until = time.monotonic() + patience_s
    while time.monotonic() < until and process.poll() is None:
        if reached():
            return True
        time.sleep(0.002)
    return bool(reached())


def ended(process: subprocess.Popen[str], *, patience_s: float = 120.0) -> tuple[str, str]:
    """What it printed; it is killed when it does not end."""
    try:
        return process.communicate(timeout=patience_s)
    except subprocess.TimeoutExpired:
        process.kill()
        raise


@pytest.mark.slow
@pytest.mark.parametrize(("kills", "n"), [(15, 350)])
def test_kills_at_random_instants_lose_no_answer_and_repeat_only_what_was_in_flight(
    world: World, kills: int, n: int
) -> None:
    world.limits = {"concurrency": IN_FLIGHT}
    world.models()
    world.data(n)
    world.script = slowly
    dice = random.Random(5)
    calls = 2 * n
    in_flight = 0
    for kill in range(kills):
        # an instant within the next share of the calls, so that every kill hits a run that is asking
        goal = len(world.chats) + dice.randint(1, max(2, (calls - len(set(world.asked()))) // (kills - kill)))
        process = world.start_compare()
        assert wait_until(lambda goal=goal: len(world.chats) >= goal, process), ended(process)
        time.sleep(dice.random() * 0.03)
        process.kill()
        process.wait(30)
        in_flight += IN_FLIGHT
        process.communicate()
    process = world.start_compare()
    out, err = ended(process)
    assert process.returncode == 0, out + err

    asked = world.asked()
    assert len(asked) == calls, "an example was lost"
    assert sum(asked.values()) - calls <= in_flight, "more was asked again than was in flight"
    killed = world.verdict()
    world.script = answers
    _, whole = world.compare(root="unkilled")
    assert timeless(killed) == timeless(whole)


@pytest.mark.slow
def test_two_runs_at_once_ask_nothing_twice_and_agree(world: World) -> None:
    world.script = slowly
    world.data(150)
    pair = [world.start_compare(name=name) for name in ("one", "two")]
    for process in pair:
        out, err = ended(process)
        assert process.returncode == 0, out + err
    asked = world.asked()
    assert len(asked) == 300
    assert set(asked.values()) == {1}, "a call was made twice"
    assert world.verdict(name="one") == world.verdict(name="two")


@pytest.mark.slow
def test_ctrl_c_keeps_what_was_answered_and_says_so(world: World) -> None:
    world.script = slowly
    world.data(150)
    process = world.start_compare()
    assert wait_until(lambda: len(world.chats) >= 80, process), ended(process)
    process.send_signal(signal.SIGINT)
    out, err = ended(process)
    assert process.returncode == 130, out + err
    assert "interrupted" in err
    assert "run it again" in err
    assert "Traceback" not in err
    seen = len(world.chats)
    assert 80 <= seen < 150 + 2 * IN_FLIGHT, "went on asking after Ctrl-C"

    process = world.start_compare()
    out, err = ended(process)
    assert process.returncode == 0, out + err
    asked = world.asked()
    assert len(asked) == 300
    assert sum(asked.values()) - 300 <= IN_FLIGHT


@pytest.mark.slow
def test_a_run_waits_for_answers_that_another_run_is_getting_and_takes_over_when_that_one_dies(world: World) -> None:
    world.data(40)
    world.script = lambda call: Reply(body=answers(call).body, delay=0.0 if len(world.chats) > 48 else 1.0)
    first = world.start_compare()
    assert wait_until(lambda: len(world.chats) >= 1, first), ended(first)
    second = world.start_compare(name="second")
    time.sleep(1.0)
    first.kill()
    first.communicate()
    out, err = ended(second)
    assert second.returncode == 0, out + err
    asked = world.asked()
    assert len(asked) == 80
    assert sum(asked.values()) - 80 <= IN_FLIGHT
