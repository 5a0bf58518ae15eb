"""Names to things: the table, what was registered, what packages bring, and the sentences for what is none of them."""

from importlib.metadata import EntryPoint

import pytest

from evalkit.core import registry as room
from evalkit.core.errors import UsageError
from evalkit.core.registry import REGISTRIES, Registry, registry_of


def table(monkeypatch, *points, check=None):
    monkeypatch.setattr(room, "entry_points", lambda group: points if group == "g" else ())
    return Registry(
        "thing", {"own": "evalkit.core.errors:Problem", "room": "evalkit.core.errors"}, group="g", check=check
    )


def point(name, value):
    return EntryPoint(name=name, value=value, group="g")


def test_the_table_goes_before_what_is_registered_and_that_before_what_packages_bring(monkeypatch):
    found = table(monkeypatch, point("mine", "math:pi"), point("theirs", "math:e"), point("own", "math:tau"))
    assert found.names() == ("own", "room", "mine", "theirs")
    assert found.load("own").__name__ == "Problem"
    assert found.load("room").__name__ == "evalkit.core.errors"
    assert found.load("mine") == pytest.approx(3.14159, abs=1e-5)
    found.register("mine", "here")
    assert found.load("mine") == "here"
    found.forget("mine")
    found.forget("mine")
    assert found.load("mine") != "here"
    assert "theirs" in found
    assert "nobody" not in found
    assert [found.is_own(name) for name in ("own", "mine")] == [True, False]


def test_an_unknown_name_is_told_with_all_that_is_known(monkeypatch):
    found = table(monkeypatch, point("theirs", "math:e"))
    with pytest.raises(UsageError) as error:
        found.load("thiers")
    assert "unknown thing 'thiers' (did you mean 'theirs'?)" in str(error.value)
    assert "allowed: own, room, theirs" in str(error.value)


def test_what_cannot_be_loaded_or_is_of_another_kind_is_told_with_its_entry_point(monkeypatch):
    found = table(monkeypatch, point("lost", "no_such_module:x"), check=lambda name, thing: None)
    with pytest.raises(UsageError, match=r"thing 'lost' cannot be loaded: ModuleNotFoundError.*") as error:
        found.load("lost")
    assert "mend the entry point g lost = no_such_module:x" in str(error.value)
    picky = table(monkeypatch, point("pi", "math:pi"), check=lambda name, thing: "it is a number")
    with pytest.raises(UsageError, match=r"thing 'pi' \(entry point math:pi\): it is a number"):
        picky.load("pi")
    with pytest.raises(UsageError, match=r"thing 'e' \(registered\): it is a number"):
        picky.register("e", 2.7)
    assert "e" not in picky


def test_a_name_of_the_table_cannot_be_taken(monkeypatch):
    with pytest.raises(UsageError, match="thing 'own' is evalkit's own"):
        table(monkeypatch).register("own", 1)


@pytest.mark.parametrize("kind", list(REGISTRIES))
def test_every_kind_that_users_can_bring_has_its_table(kind):
    found = registry_of(kind)
    assert found.kind == kind
    assert found.names()
    assert found.group.startswith("evalkit.")
