import pytest

from evalkit.core.exchange import Example, Message, Response
from evalkit.scorers.classification import Classification
from evalkit.scorers.label_reading import find_mentioned
from evalkit.scorers.rating import Rating
from evalkit.testing import check_scorer


def example(target, **more):
    return Example(id="a", messages=(Message(role="user", content="?"),), target=target, **more)


def read(scorer, target, text, **more):
    return scorer.score(example(target, **more), Response(example_id="a", text=text))


THREE = Classification(labels=("refund", "shipping", "返金"))


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("refund", "refund"),
        ("Refund.", "refund"),
        ("**refund**", "refund"),
        ('"ＲＥＦＵＮＤ"', "refund"),
        ("返金。", "返金"),
        ("not refund", "other"),
        ("", "other"),
        ("refund shipping", "other"),
    ],
)
def test_an_answer_is_read_as_one_of_the_labels_or_as_other(text, label):
    score = read(THREE, "refund", text)
    assert (score.reading, score.value) == (label, float(label == "refund"))
    assert score.parts["read"] == float(label != "other")
    assert score.parts["recall.shipping"] is None


def test_labels_come_from_the_targets_where_none_are_named():
    learned = Classification().with_targets([example("b"), example("a"), example("B")])
    assert learned.labels == ("a", "b")
    assert [m.part for m in learned.metrics()][:8] == [
        "", "read", "macro_f1", "micro_f1", "weighted_f1", "balanced_accuracy", "kappa", "recall.a",
    ]  # fmt: skip


def test_one_label_alone_makes_no_classes():
    with pytest.raises(ValueError, match="one label, and classes need at least two"):
        Classification().with_targets([example("a"), example("a")])
    with pytest.raises(ValueError, match="must differ after"):
        Classification(labels=("a", "A"))
    with pytest.raises(ValueError, match="'other'"):
        Classification(labels=("a", "other"))


def test_a_target_that_is_none_of_the_labels_is_told():
    assert "is not one of the labels" in THREE.check(example("billing"))[0]
    assert "is no label" in THREE.check(example(None))[0]
    assert "multi: true" in THREE.check(example(["refund", "shipping"]))[0]


def test_a_boolean_in_json_is_a_label():
    scorer = Classification(field="flags.spam").with_targets(
        [example({"flags": {"spam": True}}), example({"flags": {"spam": False}})]
    )
    assert scorer.labels == ("false", "true")
    target = {"flags": {"spam": True}}
    assert read(scorer, target, '{"flags": {"spam": true}}').value == 1.0
    assert read(scorer, target, '```json\n{"flags": {"spam": "True"}}\n```').value == 1.0
    for text in ('{"flags": {}}', "true", '{"flags": {"spam": [true]}}', '{"flags": {"spam": null}}'):
        assert read(scorer, target, text).reading == "other"


def test_several_labels_are_right_only_together():
    scorer = Classification(labels=("red", "blue", "green"), multi=True)
    assert read(scorer, ["red", "blue"], "Blue, red").value == 1.0
    missed = read(scorer, ["red", "blue"], "red, purple")
    assert (missed.value, missed.reading) == (0.0, "red, other")
    assert (missed.parts["recall.red"], missed.parts["recall.blue"], missed.parts["recall.green"]) == (1.0, 0.0, None)
    assert read(scorer, [], "").value == 1.0
    assert not {"kappa", "balanced_accuracy"} & {m.part for m in scorer.metrics()}


def test_a_mention_counts_only_where_it_is_the_only_one():
    scorer = Classification(labels=("spam", "not spam"), read="mention")
    assert read(scorer, "not spam", "I think this is not spam, sorry").value == 1.0
    assert read(scorer, "spam", "spam or not spam?").reading == "other"
    assert find_mentioned("respam", ["spam"]) == []


def test_a_choice_is_the_label_of_its_text():
    scorer = Classification(labels=("yes", "no"))
    score = read(scorer, 1, "B", choices=("yes", "no"))
    assert (score.reading, score.expected, score.value) == ("no", "no", 1.0)


def test_a_mark_that_cannot_be_read_is_as_wrong_as_can_be():
    scorer = Rating(scale=(1, 5))
    assert read(scorer, 4, "4").value == 0.0
    assert read(scorer, 4, "Score: 2/5").parts["bias"] == -2.0
    for text in ("very good", "", "9", "none"):
        lost = read(scorer, 4, text)
        assert (lost.value, lost.code, lost.parts["read"]) == (3.0, 1.0, 0.0)
    assert scorer.check(example(7)) == ("its target is no mark from 1 to 5",)
    assert scorer.check(example(True))
    with pytest.raises(ValueError, match="scale must go"):
        Rating(scale=(5, 1))


@pytest.mark.parametrize(
    ("scorer", "target", "text"),
    [
        (THREE, "refund", "refund"),
        (Classification(labels=("a", "b"), multi=True), ["a"], "a"),
        (Classification(labels=(True, False), field="x"), {"x": True}, '{"x": true}'),
        (Rating(scale=(1, 5)), 3, "3"),
    ],
)
def test_the_promises_of_a_scorer_are_kept(scorer, target, text):
    check_scorer(scorer, [(example(target), Response(example_id="a", text=text))])
