"""What many scores say alike is held once, and never changed by that."""

from evalkit.pipeline.asking.shared_values import SharedValues


def test_equal_parts_and_evidence_are_one_object() -> None:
    shared = SharedValues()
    assert shared.parts({"read": 1.0, "key": None}) is shared.parts({"read": 1.0, "key": None})
    right = {"parse": "strict", "repairs": [], "wrong": {}}
    assert shared.evidence(dict(right)) is shared.evidence(dict(right))
    assert shared.evidence(dict(right)) == right


def test_one_and_true_and_the_order_of_names_stay_apart() -> None:
    shared = SharedValues()
    said = [shared.evidence({"hit": value}) for value in (1, 1.0, True)]
    assert [type(one["hit"]) for one in said] == [int, float, bool]
    assert [*shared.evidence({"a": 1, "b": 2})] != [*shared.evidence({"b": 2, "a": 1})]
    assert [type(value) for value in shared.parts({"part": True}).values()] == [bool]
    assert shared.evidence({"found": []}) != shared.evidence({"found": {}})


def test_what_holds_more_is_not_shared_but_its_texts_are() -> None:
    shared = SharedValues()
    one, two = (shared.evidence({"wrong": [1], "got": "".join(["a ", "text"])}) for _ in range(2))
    assert one is not two
    assert one == two
    assert one["got"] is two["got"]


def test_nothing_is_the_empty_mapping() -> None:
    shared = SharedValues()
    assert (shared.parts({}), shared.evidence({}), shared.text(None)) == ({}, {}, None)
