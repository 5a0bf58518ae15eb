"""The checks for users' own scorers and models catch what breaks a promise and leave the sound alone."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import pytest

import evalkit
from evalkit.core.exchange import Example, Failure, Message, ModelIdentity, Request, Response, ToolCall, Usage
from evalkit.core.ports import CodeScorer
from evalkit.core.verdict import Metric, Score
from evalkit.scorers import TABLE, build_scorer
from evalkit.testing import BrokenPromise, check_model, check_scorer

EXAMPLE = Example(id="a", messages=(Message(role="user", content="2 + 2?"),), target="4")
RESPONSE = Response(example_id="a", text="4")

OPTIONS: dict[str, dict[str, object]] = {
    "regex": {"pattern": "4"},
    "length": {"max": 10},
    "register": {"expect": "polite"},
    "format": {"max_chars": 400},
    "honorifics": {"expect": ["尊敬"]},
    "style_like": {"pairs": str(Path(__file__).parents[3] / "examples" / "style_pairs.jsonl")},
    "tone": {"avoid": ["emoji"]},
    "persona": {"first_person": ["わし"], "endings": ["ぜよ"]},
    "representation": {"groups": {"women": ["she"], "men": ["he"]}},
    "language": {"expect": "latin"},
    "refusal": {"expect_refusal": False},
    "rating": {"scale": [1, 5]},
    "checks": {"checks": [{"equals": "4"}]},
    "given": {"score": "judge", "low": 1, "high": 5},
    "json_schema": {"schema": {"type": "object", "properties": {"a": {"type": "integer"}}}},
}
EXAMPLES = {
    "bbq": dataclasses.replace(
        EXAMPLE,
        choices=("4", "5", "unknown"),
        target=2,
        extra={"bbq": {"condition": "ambiguous", "biased": 0, "counter": 1, "unknown": 2}},
    ),
    "pair_preference": dataclasses.replace(EXAMPLE, choices=("4", "5"), target=0),
    "code_tests": dataclasses.replace(EXAMPLE, extra={"tests": ["assert four() == 4"]}),
    "choice": dataclasses.replace(EXAMPLE, choices=("4", "5"), target=0),
    "instructions": dataclasses.replace(EXAMPLE, target={"instruction_id_list": ["startend:quotation"]}),
    "json_schema": dataclasses.replace(EXAMPLE, target={"a": 4}),
    "tool_calls": dataclasses.replace(
        EXAMPLE,
        target={"tool_calls": [{"name": "f", "arguments": {"x": 1}}]},
        tools=({"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}},),
    ),
}
RESPONSES = {
    "code_tests": Response(example_id="a", text="def four(): return 4"),
    "likelihood": Response(example_id="a", choice_scores=(-1.5,), choice_tokens=(1,)),
    "given": Response(example_id="a", scores={"judge": 4}),
    "json_schema": Response(example_id="a", text='{"a": 4}'),
    "tool_calls": Response(example_id="a", tool_calls=(ToolCall(name="f", arguments='{"x": 1}'),)),
}


@pytest.mark.parametrize("name", sorted(set(TABLE) - {"embedding", "judge"}))  # they need a model
def test_every_registered_scorer_keeps_its_promises(name: str) -> None:
    scorer = build_scorer(name, OPTIONS.get(name, {}), root=Path())
    if isinstance(scorer, CodeScorer):
        if scorer.code_risk:
            pytest.skip("no user namespaces here: code is not run")
        scorer = scorer.with_leave(unprotected=False)
    check_scorer(scorer, [(EXAMPLES.get(name, EXAMPLE), RESPONSES.get(name, RESPONSE))])


def test_a_function_that_crashes_on_an_odd_answer_breaks_its_promise() -> None:
    careless = evalkit.scorer(lambda text: float(text[0]))
    with pytest.raises(
        BrokenPromise, match=r"found no score for the odd answer '': IndexError: string index out of range"
    ):
        check_scorer(careless, [(EXAMPLE, RESPONSE)])


class Sound:
    """A scorer that is sound but for what a test replaces."""

    version = "1"
    parts: Sequence[Metric] = (Metric(), Metric(part="share", binary=False))

    def __init__(self, change: Callable[[Score], object] = lambda score: score) -> None:
        self.change = change

    def metrics(self) -> Sequence[Metric]:
        return self.parts

    def check(self, example: Example) -> Sequence[str]:
        return ()

    def score(self, example: Example, response: Response) -> Score:
        score = Score(
            example_id=example.id, scorer="", version="1", value=1.0, parts={"share": 0.5}, repeat=response.repeat
        )
        return self.change(score)  # type: ignore[return-value]


def test_a_sound_scorer_passes() -> None:
    check_scorer(Sound(), [(EXAMPLE, RESPONSE)])


_counter = iter(range(10_000))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda s: dataclasses.replace(s, value=float("nan")), "the value of '' is nan, not a number"),
        (lambda s: dataclasses.replace(s, parts={"share": float("inf")}), "the value of 'share' is inf"),
        (lambda s: dataclasses.replace(s, value=0.5), "the metric '' is yes/no, but its value is 0.5"),
        (lambda s: dataclasses.replace(s, value=None), "the value is None although the status is SCORED"),
        (lambda s: dataclasses.replace(s, status="ERROR"), "the value is 1.0 although the status is ERROR"),
        (lambda s: dataclasses.replace(s, status="NOT_APPLICABLE", value=None), "NOT_APPLICABLE needs a reason"),
        (lambda s: dataclasses.replace(s, status="DONE"), "the status 'DONE' does not exist"),
        (lambda s: dataclasses.replace(s, parts={"shaer": 0.5}), "metrics() does not name the part 'shaer'"),
        (lambda s: dataclasses.replace(s, evidence={"x": {1, 2}}), "the evidence cannot be written as JSON"),
        (lambda s: dataclasses.replace(s, example_id="b"), "must carry the id of its example"),
        (lambda s: dataclasses.replace(s, repeat=0), "the repeat of its response"),
        (lambda s: dataclasses.replace(s, parts={"share": float(next(_counter))}), "two different scores"),
        (lambda s: 1.0, "score() must return a Score, not float"),
        (lambda s: 1 / 0, "score() raised ZeroDivisionError"),
    ],
)
def test_a_broken_scorer_is_told_what_it_breaks(change: Callable[[Score], object], sentence: str) -> None:
    with pytest.raises(BrokenPromise) as caught:
        check_scorer(Sound(change), [(EXAMPLE, RESPONSE)])
    assert sentence in str(caught.value)


def test_a_scorer_that_promises_the_wrong_metrics_is_told() -> None:
    scorer = Sound()
    scorer.version = ""
    scorer.parts = (Metric(part="share", binary=False), Metric(part="share", binary=False), Metric(part=".b"))
    with pytest.raises(BrokenPromise) as caught:
        check_scorer(scorer, [(EXAMPLE, RESPONSE)])
    told = str(caught.value)
    assert ["version" in told, "main metric" in told, "twice" in told, "a dot" in told] == [True] * 4


def test_no_case_proves_nothing() -> None:
    with pytest.raises(BrokenPromise, match="no case to score"):
        check_scorer(Sound(), [])
    with pytest.raises(BrokenPromise, match="it lacks one of"):
        check_scorer(object(), [(EXAMPLE, RESPONSE)])  # type: ignore[arg-type]


class Answering:
    """A model that answers with what a function makes of the requests."""

    scores_choices = True

    def __init__(self, answers: Callable[[list[Request]], list[Response]], *, details: dict[str, object] | None = None):
        self.answers = answers
        self.identity = ModelIdentity(name="m", provider="p", model="m", fingerprint="f", details=details or {})
        self.closed = 0

    def answer(self, requests: Iterable[Request]) -> Iterator[Response]:
        return iter(self.answers(list(requests)))

    def close(self) -> None:
        self.closed += 1


def plain(request: Request) -> Response:
    scores = tuple(-1.0 for _ in request.choices)
    return Response(
        example_id=request.example_id,
        repeat=request.repeat,
        text="yes",
        choice_scores=scores,
        prompt_sha256=request.prompt_sha256,
    )


def test_a_sound_model_passes_and_is_closed() -> None:
    model = Answering(lambda asked: [plain(r) for r in reversed(asked)])
    check_model(model)
    assert model.closed == 2


FAILED = Failure(kind="server", message="x")


@pytest.mark.parametrize(
    ("answers", "sentence"),
    [
        (lambda asked: [plain(r) for r in asked[1:]], "1 response(s) to 'plain', repeat 0, never came"),
        (lambda asked: [plain(r) for r in asked + asked[:1]], "1 response(s) to 'plain', repeat 0, that nobody asked"),
        (lambda asked: [dataclasses.replace(plain(r), repeat=0) for r in asked], "repeat 1, never came"),
        (lambda asked: [dataclasses.replace(plain(r), text=None) for r in asked], "neither an answer nor a failure"),
        (lambda asked: [dataclasses.replace(plain(r), failure=FAILED) for r in asked], "both an answer and a failure"),
        (lambda asked: [dataclasses.replace(plain(r), latency_s=-1.0) for r in asked], "has latency_s -1.0"),
        (lambda asked: [dataclasses.replace(plain(r), prompt_sha256=None) for r in asked], "which prompt it answers"),
        (lambda asked: [dataclasses.replace(plain(r), prompt_sha256="0") for r in asked], "digest of another prompt"),
        (lambda asked: [dataclasses.replace(plain(r), usage=Usage(input=-1)) for r in asked], "usage.input -1"),
        (
            lambda asked: [dataclasses.replace(plain(r), usage=Usage(input=2, cached_input=3)) for r in asked],
            "more cached than input tokens (3 of 2)",
        ),
        (lambda asked: [Response(example_id="ghost", text="boo")], "it answers although nothing was asked"),
    ],
)
def test_a_broken_model_is_told_what_it_breaks(
    answers: Callable[[list[Request]], list[Response]], sentence: str
) -> None:
    with pytest.raises(BrokenPromise) as caught:
        check_model(Answering(answers))
    assert sentence in str(caught.value)


def test_likelihoods_must_match_the_choices() -> None:
    request = Request(example_id="c", messages=(Message(role="user", content="?"),), choices=("a", "b"))
    check_model(Answering(lambda asked: [plain(r) for r in asked]), [request])
    short = Answering(lambda asked: [dataclasses.replace(plain(r), choice_scores=(-1.0,)) for r in asked])
    with pytest.raises(BrokenPromise, match="1 likelihoods for 2 choices"):
        check_model(short, [request])
    nan = Answering(lambda asked: [dataclasses.replace(plain(r), choice_scores=(-1.0, float("nan"))) for r in asked])
    with pytest.raises(BrokenPromise, match="likelihood that is not a number"):
        check_model(nan, [request])


def test_an_identity_that_json_cannot_hold_is_told() -> None:
    with pytest.raises(BrokenPromise, match="cannot be written as JSON"):
        check_model(Answering(lambda asked: [plain(r) for r in asked], details={"x": object()}))
