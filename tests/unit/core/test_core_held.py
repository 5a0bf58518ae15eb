"""A setting that several change at once is what it was when the last of them is done, in whatever order they end."""

from __future__ import annotations

import gc
import pickle
import sys
import threading
from copy import copy, deepcopy
from dataclasses import asdict

import pytest

from evalkit.cli import main
from evalkit.core.exchange import EMPTY, Response
from evalkit.core.held import Held


class Knob:
    """A setting, and how often it was turned."""

    def __init__(self) -> None:
        self.value, self.turned = "usual", 0

    def change(self):
        before, self.value = self.value, "changed"
        self.turned += 1

        def undo() -> None:
            self.value = before

        return undo


def test_whoever_overlaps_leaves_the_setting_as_it_was_when_the_last_is_done() -> None:
    knob = Knob()
    held = Held(knob.change)
    first, second = held(), held()
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert knob.value == "changed", "the second still wants it"
    second.__exit__(None, None, None)
    assert (knob.value, knob.turned) == ("usual", 1)


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, GeneratorExit, SystemExit])
def test_an_exception_restores_the_setting(error: type[BaseException]) -> None:
    knob = Knob()
    held = Held(knob.change)
    with pytest.raises(error), held(), held():
        raise error
    assert knob.value == "usual"


def test_threads_that_come_and_go_leave_the_setting_as_it_was() -> None:
    knob = Knob()
    held = Held(knob.change)

    def often() -> None:
        for _ in range(300):
            with held():
                assert knob.value == "changed"

    threads = [threading.Thread(target=often) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert knob.value == "usual"


@pytest.mark.parametrize("usual", [(700, 10, 10), (0, 10, 10), (50_000, 5, 99)])
def test_a_command_leaves_the_collector_as_it_was(usual: tuple[int, int, int]) -> None:
    before = gc.get_threshold()
    gc.set_threshold(*usual)
    try:
        assert main(["runs", "--no-such-option"]) == 2
    except SystemExit:
        pass  # argparse's own ending
    finally:
        found = gc.get_threshold()
        gc.set_threshold(*before)
    assert found == usual


def test_the_shared_empty_mapping_cannot_be_written_into() -> None:
    answer = Response(example_id="a", text="b", adapted=EMPTY)
    for write in (
        lambda empty: empty.__setitem__("a", 1),
        lambda empty: empty.update(a=1),
        lambda empty: empty.setdefault("a", 1),
        lambda empty: empty.__ior__({"a": 1}),
    ):
        with pytest.raises(TypeError, match="shared"):
            write(answer.adapted)
    assert EMPTY == {} == answer.adapted
    assert not EMPTY


def test_the_shared_empty_mapping_is_one_through_copies_and_pickles() -> None:
    answer = Response(example_id="a", text="b", adapted=EMPTY)
    for made in (copy(answer), deepcopy(answer), pickle.loads(pickle.dumps(answer))):
        assert made == answer
        assert made.adapted is EMPTY
    assert asdict(answer)["adapted"] == {}
    assert {**EMPTY, "a": 1} == {"a": 1} == dict(EMPTY) | {"a": 1}
    assert sys.getsizeof(EMPTY) < 200
