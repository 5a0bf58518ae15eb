"""A server that fails changes nothing but the time: the whole program against seeded faults, over real sockets."""

from collections import Counter

import pytest
from api_world import World, answers, timeless
from openai_loopback import faulty

SHARES = {"429": 0.05, "500": 0.05, "reset": 0.02, "malformed": 0.02, "truncate": 0.02, "stall": 0.01}


@pytest.mark.parametrize("n", [150, pytest.param(1000, marks=pytest.mark.slow)])
def test_a_verdict_under_faults_is_the_verdict_without_them(world: World, n: int) -> None:
    """n examples, two arms: 2 n calls that must be answered."""
    world.limits = {"concurrency": 32, "first_byte_timeout_s": 1.0}
    world.models()
    world.data(n)
    code, calm = world.compare(root="calm")
    assert code == 0
    assert world.asked() == Counter({(arm, f"What is {i} + 1?"): 1 for arm in ("base", "tuned") for i in range(n)})
    before = len(world.chats)

    world.script = faulty(11, shares=SHARES, stall_s=4.0, then=answers)
    code, stormy = world.compare(root="stormy")
    assert code == 0
    assert timeless(stormy) == timeless(calm)
    assert len(world.chats) - before > 2 * n * 1.1, "fewer faults were met than planted"

    # none lost, none doubled: every question of every arm has one row in what was kept
    world.script = lambda call: pytest.fail("a kept answer was asked again")
    again = len(world.chats)
    code, kept = world.compare(root="stormy")
    assert (code, kept) == (0, stormy)
    assert len(world.chats) == again
