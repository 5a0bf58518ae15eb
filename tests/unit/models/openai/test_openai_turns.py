"""Threads take short turns while models are asked, and their usual ones after."""

from __future__ import annotations

import sys

import pytest
from openai_loopback import echo

from evalkit.models.openai.relay import relay


def asked(model_at, server, ask, n=8):
    return model_at(server, limits={"concurrency": 2}).answer([ask(str(i), id=str(i)) for i in range(n)])


def test_two_arms_asked_in_turn_leave_the_usual_turns(serve, model_at, ask):
    usual = sys.getswitchinterval()
    server = serve(echo)
    one, two = asked(model_at, server, ask, n=4), asked(model_at, server, ask, n=8)
    seen = [next(one), next(two)]
    assert sys.getswitchinterval() < usual
    seen += list(one)
    assert sys.getswitchinterval() < usual, "the second is still being asked"
    seen += list(two)
    assert len(seen) == 12
    assert sys.getswitchinterval() == usual


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_an_exception_of_whoever_draws_or_listens_leaves_the_usual_turns(serve, model_at, ask, error):
    usual = sys.getswitchinterval()

    def requests():
        yield ask("1", id="1")
        raise error

    with pytest.raises(error):
        list(model_at(serve(echo), limits={"concurrency": 1}).answer(requests()))
    assert sys.getswitchinterval() == usual

    answers = asked(model_at, serve(echo), ask)
    next(answers)
    with pytest.raises(error):
        answers.throw(error())
    assert sys.getswitchinterval() == usual

    answers = asked(model_at, serve(echo), ask)
    next(answers)
    answers.close()
    assert sys.getswitchinterval() == usual


def test_a_thread_that_cannot_start_leaves_the_usual_turns(monkeypatch):
    usual = sys.getswitchinterval()

    def refuse(_):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr("threading.Thread.start", refuse)
    with pytest.raises(RuntimeError, match="start"):
        next(relay(object(), []))
    assert sys.getswitchinterval() == usual
