"""Prompts of arms over those of suites, solved examples, and what transforms leave of an answer."""

from pathlib import Path

import pytest

from evalkit.core.exchange import Example, Failure, Message, Response
from evalkit.pipeline.arms import transforms
from evalkit.pipeline.arms.transforms import count_nothing, make_transform
from evalkit.pipeline.suites.few_shot import find_answers_given_away
from evalkit.pipeline.suites.prompt_parts import ArmPrompt
from evalkit.pipeline.suites.prompts import input_digest, prompt_problems, requests
from evalkit.suite.load import load_suite
from evalkit.suite.prompt_spec import PromptSpec, TransformSpec

ROW = Example(id="e1", messages=(Message(role="user", content="2+2"),), target="4", tags={"kind": "sum"})
PICK = Example(id="e2", messages=(Message(role="user", content="red?"),), target=1, choices=("no", "yes"))


def asked(
    folder: Path, example: Example, *, suite: str = "{}", letters: bool = False, **own: object
) -> list[tuple[str, str]]:
    path = folder / "suite.yaml"
    lines = ["evalkit: 1", "name: s", "dataset: {path: d.jsonl}", "scorers: {a: {type: exact}}", f"prompt: {suite}"]
    path.write_text("\n".join([*lines, "gates: [{type: floor, metric: a, min: 0.5}]", ""]), encoding="utf-8")
    prompt = ArmPrompt(spec=PromptSpec.model_validate(own), folder=folder)
    (request,) = requests(load_suite(path), [example], letters=letters, prompt=prompt)
    return [(turn.role, str(turn.content)) for turn in request.messages]


def test_what_an_arm_names_goes_before_the_suites_and_the_rest_stays(tmp_path: Path) -> None:
    suite = "{system: S, user: 'U {{ input }}'}"
    assert asked(tmp_path, ROW, suite=suite) == [("system", "S"), ("user", "U 2+2")]
    assert asked(tmp_path, ROW, suite=suite, user="{{ tags.kind }}: {{ input }}") == [
        ("system", "S"),
        ("user", "sum: 2+2"),
    ]
    assert asked(tmp_path, ROW, suite=suite, system=None, user=None) == [("user", "2+2")]


def test_solved_examples_stand_between_system_message_and_question(tmp_path: Path) -> None:
    shots = [{"input": "1+1", "target": "2"}, {"input": "3+3", "target": {"sum": 6}}]
    assert asked(tmp_path, ROW, suite="{user: 'Q: {{ input }}'}", system="S", prefix="Now. ", few_shot=shots) == [
        ("system", "S"), ("user", "Q: 1+1"), ("assistant", "2"), ("user", "Q: 3+3"), ("assistant", '{"sum": 6}'),
        ("user", "Now. Q: 2+2"),
    ]  # fmt: skip


def test_solved_choices_are_shown_as_they_are_asked(tmp_path: Path) -> None:
    shots = [{"input": "blue?", "choices": ["no", "yes"], "target": "yes"}]
    by_letter = asked(tmp_path, PICK, letters=True, few_shot=shots)
    assert by_letter[1] == ("assistant", "B")
    assert by_letter[0][1].replace("blue", "red") == by_letter[2][1]
    assert asked(tmp_path, PICK, few_shot=shots)[1] == ("assistant", "yes")


def test_an_input_has_one_digest_whatever_stands_around_it() -> None:
    assert input_digest(ROW) == input_digest(Example(id="other", messages=ROW.messages))
    assert input_digest(ROW) != input_digest(PICK)


@pytest.mark.parametrize(
    ("spec", "text", "left"),
    [
        ({"strip_before": "Answer:"}, "I think. Answer: 3? Answer: 4 ", "4"),
        ({"strip_before": "Answer:"}, "no mark", "no mark"),
        ({"strip_before": "答え："}, "考える。答え：東京", "東京"),
        ({"json_path": "$.a[1]"}, '{"a": [1, {"b": "é"}]}', '{"b": "é"}'),
        ({"json_path": "a"}, 'Sure: {"a": "x"}', "x"),
        ({"json_path": "a"}, '{"a": null}', ""),
        ({"json_path": "a"}, "not json", ""),
        ({"json_path": "a"}, "", ""),
        ({"strip_before": "JSON:", "json_path": "a"}, '{"a": 1} JSON: {"a": 2}', "2"),
    ],
)
def test_a_transform_takes_what_counts(spec: dict[str, str], text: str, left: str) -> None:
    response = make_transform(TransformSpec.model_validate(spec))(Response(example_id="e", text=text))
    assert response.text == left
    assert bool(response.taken) == (left != text or not text)


def test_a_transform_leaves_failures_and_calls_alone() -> None:
    transform = make_transform(TransformSpec(json_path="a"))
    for response in (Response(example_id="e", failure=Failure(kind="timeout", message="")), Response(example_id="e")):
        assert transform(response) is response


@pytest.mark.parametrize("function", [lambda text: 1 / 0, lambda text: 3, lambda text: None])
def test_a_function_that_breaks_gives_an_empty_answer_that_is_counted(
    function: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(transforms.TRANSFORMS._registered, "odd", function)
    response = make_transform("odd")(Response(example_id="e", text="words"))
    assert response.text == ""
    assert count_nothing([response, Response(example_id="f", text="")]) == 1


def test_an_edit_of_the_function_is_another_arm(monkeypatch: pytest.MonkeyPatch) -> None:
    told = []
    for function in (lambda text: text + "a", lambda text: text + "b"):
        monkeypatch.setitem(transforms.TRANSFORMS._registered, "mine", function)
        told.append(make_transform("mine").told["function_version"])
    assert told[0] != told[1]


@pytest.mark.parametrize(
    "shown", [" What is 2+2 ?\n", "WHAT IS 2+2 ?", "What  is\n２＋２ ?", "What\u200b is 2+2\ufeff ?"]
)
def test_a_question_dressed_otherwise_is_still_the_one_asked(shown: str) -> None:
    shots = [Message(role="user", content=shown), Message(role="assistant", content="4")]
    asked_too = {"e1": "What is 2+2 ?", "e2": "What is 2+3 ?"}
    (problem,) = find_answers_given_away(shots, asked_too, where=None)
    assert "1 of the examples that are asked (e1)" in problem.what


def rows_told(*targets: str) -> list[Example]:
    ask = (Message(role="user", content="which?"),)
    return [
        Example(
            id=str(i), messages=ask, target=target, tags={"label": target.upper()}, extra={"context": f"say {target}"}
        )
        for i, target in enumerate(targets)
    ]


@pytest.mark.parametrize(
    ("user", "shown"),
    [
        ("{{ input }} {{ tags.label }}", True),
        ("{{ input }}{% for name in tags %} {{ tags[name] }}{% endfor %}", True),
        ("{% if tags.label == 'YES' %}Really: {% endif %}{{ input }}", True),
        ("{{ extra.context }} {{ input }}", False),
        ("{{ input }}", False),
    ],
)
def test_a_tag_that_is_the_target_may_not_be_shown_by_one_arm(tmp_path: Path, user: str, shown: bool) -> None:
    path = tmp_path / "suite.yaml"
    lines = ["evalkit: 1", "name: s", "dataset: {path: d}", "scorers: {a: {type: exact}}"]
    path.write_text("\n".join([*lines, "gates: [{type: floor, metric: a, min: 0.5}]", ""]), encoding="utf-8")
    prompt = ArmPrompt(spec=PromptSpec(user=user), folder=tmp_path)
    problems = prompt_problems(load_suite(path), rows_told("yes", "no", "yes"), prompt=prompt)
    assert [one.what for one in problems] == (
        ["the prompt of one arm shows tags.label, which is the target: that proves nothing"] if shown else []
    )
    assert not prompt_problems(load_suite(path), rows_told("yes", "yes"), prompt=prompt), "all alike tells nothing"
