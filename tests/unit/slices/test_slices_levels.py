from evalkit.core.exchange import Example, Message
from evalkit.slices.levels import MISSING, levels, sizes, tags
from evalkit.suite.spec import SliceSpec


def example(name, **held):
    return Example(id=name, messages=(Message(role="user", content=name),), tags=held)


ROWS = (example("1", intent="refund", gender="f"), example("2", intent="refund"), example("3", gender="m", intent=""))


def test_levels_follow_the_order_of_the_examples():
    assert levels(ROWS, [SliceSpec(by="intent")]) == {"intent": ("refund", "refund", MISSING)}


def test_an_intersection_joins_names_and_values_and_is_missing_as_a_whole():
    found = levels(ROWS, [SliceSpec(by=["intent", "gender"])])
    assert found == {"intent*gender": ("refund*f", MISSING, MISSING)}
    assert levels(ROWS, [SliceSpec(by="intent*gender")]) == found
    assert tags("intent*gender") == ("intent", "gender")


def test_no_example_makes_no_level():
    assert levels((), [SliceSpec(by="intent")]) == {"intent": ()}


def test_sizes_are_counted_the_largest_first():
    assert sizes({"g": ("b", "a", "b", MISSING)}) == {"g": {"b": 2, MISSING: 1, "a": 1}}
