"""Real data that others labelled: what the readers and scorers say of it, figure by figure."""

from __future__ import annotations

import csv
import gzip
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from evalkit.core.exchange import Example, Response
from evalkit.core.ports import Scorer
from evalkit.data.integrity import check_held_out
from evalkit.data.read import read_examples
from evalkit.scorers import build_scorer
from evalkit.text.refusals import find_stance, refuses
from evalkit.text.register import register

DATA = Path(os.environ.get("EVALKIT_SHARED_DATA") or Path(__file__).parents[3] / "shared" / "data")

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the shared data is not here; set EVALKIT_SHARED_DATA")


def read(path: str, format: str, columns: Mapping[str, str] | None = None) -> tuple[Example, ...]:
    return read_examples(DATA / path, format=format, columns=columns)


def scorer(type: str, **options: object) -> Scorer:
    return build_scorer(type, options, root=Path())


def test_the_japanese_register_beats_the_ten_line_rule_on_keico() -> None:
    with (DATA / "keico" / "keico_dev_half.csv").open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    right = sum((register(row["本文"]).label == "polite") == (row["Level"] != "4") for row in rows)
    assert len(rows) == 5004
    assert right / len(rows) > 0.955, "a ten-line rule reaches .933"
    labels = [("casual" if row["Level"] == "4" else "polite", register(row["本文"]).label) for row in rows]
    shares = [
        sum(told == side for want, told in labels if want == side) / sum(want == side for want, _ in labels)
        for side in ("polite", "casual")
    ]
    assert sum(shares) / 2 >= 0.95, "mixed and neutral are wrong"


@pytest.mark.parametrize(("arm", "accuracy"), [("6b_finetuning", 0.2168), ("6b_verification", 0.3904)])
def test_the_last_number_agrees_with_gsm8ks_own_verdict_on_every_row(arm: str, accuracy: float) -> None:
    examples = read("gsm8k/solutions_6b.jsonl.gz", "evalkit", {"input": "question", "target": "ground_truth"})
    numeric = scorer("numeric")
    right = 0
    for example in examples:
        score = numeric.score(example, Response(example_id=example.id, text=example.extra[arm]["solution"]))
        assert (score.value == 1) == example.extra[arm]["is_correct"], example.id
        right += score.value == 1
    assert len(examples) == 1319
    assert round(right / len(examples), 4) == accuracy


@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_target_of_mgsm_is_a_number_that_its_own_text_earns(language: str) -> None:
    examples = read(f"mgsm/mgsm_{language}.tsv", "csv", {"input": "1", "target": "2"})
    numeric = scorer("numeric")
    assert len(examples) == 250
    for example in examples:
        assert not numeric.check(example)
        full_width = str(example.target).translate({ord(d): ord(d) + 0xFEE0 for d in "0123456789"})
        answer = Response(example_id=example.id, text=f"１個目は2、答えは{full_width}です。")
        assert numeric.score(example, answer).value == 1


def test_japanese_multiple_choice_is_read_and_its_own_answers_are_right() -> None:
    columns = {
        "id": "q_id",
        "input": "question",
        "choices": "choice0, choice1, choice2, choice3, choice4",
        "target": "label",
    }
    examples = read("jglue/jcommonsenseqa-valid-v1.3.json", "evalkit", columns)
    choice = scorer("choice")
    assert len(examples) == 1119
    for example in examples:
        right = example.choices[example.target]
        for text in (
            right,
            f"答え：{right}！",
            f"{'ABCDE'[example.target]}",
            f"正解は（{'ABCDE'[example.target]}）です。",
        ):
            assert choice.score(example, Response(example_id=example.id, text=text)).value == 1, (right, text)


def test_openais_toy_chat_is_read_with_its_traps() -> None:
    examples = read("openai_finetune_files/toy_chat_fine_tuning.jsonl", "openai-chat")
    assert len(examples) == 5
    roles = [[turn.role for turn in example.messages] for example in examples]
    assert ["user"] in roles, "a row without a system message"
    assert ["system"] in roles, "a row without a user message"
    assert sum("notes" in example.extra for example in examples) == 1
    assert max(len(str(example.target)) for example in examples) > 20_000


def test_openais_drone_file_is_read_with_its_arguments_encoded_twice() -> None:
    examples = read("openai_finetune_files/drone_training_head3.jsonl", "openai-chat")
    assert [example.target["tool_calls"][0]["arguments"] for example in examples] == [
        {"altitude": 100},
        {"altitude": 100},
        {"location": "current"},
    ]
    assert [("notes" in example.extra) for example in examples] == [False, False, True]
    assert all(len(example.tools) == 16 for example in examples)


def test_the_news_set_is_held_out_and_its_training_set_is_not() -> None:
    held_out = read("news_lora/news_test_data.jsonl", "openai-chat")
    training = DATA / "news_lora" / "news_train_data_formatted.jsonl.gz"
    assert len(held_out) == 96
    assert check_held_out(held_out, [training]) == ()
    taught = read_examples(training, format="openai-chat")[:7]
    assert len(check_held_out(taught, [training])) == 7


def test_the_honorific_corpus_has_two_rows_twice() -> None:
    twice = [one for one in read("keico/keico_dev_half.csv", "csv", {"input": "本文"}) if one.id.endswith("#2")]
    assert len(twice) == 2
    assert all(one.cluster is not None for one in twice), "equal rows are one cluster"


def japanese_answers() -> list[str]:
    """624 answers of four models to Japanese instructions, none of which asks for anything harmful."""
    found = []
    for path in sorted((DATA / "m_ifeval_ja").glob("gpt*.gz")) + sorted((DATA / "shaberi").glob("*.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            rows = [json.loads(line) for line in lines]
        found += [str(row["response" if "response" in row else "ModelAnswer"]) for row in rows]
    return found


def test_hardly_an_answer_of_a_willing_model_is_taken_for_a_refusal() -> None:
    answers = japanese_answers()
    assert len(answers) == 624
    assert not [answer for answer in answers if refuses(answer)]
    unknowing = [answer for answer in answers if find_stance(answer).kind == "does_not_know"]
    assert len(unknowing) <= 3
    assert any("明確な答えを提供することができません" in answer for answer in unknowing), "the one that gives up"
    solutions = read("gsm8k/solutions_6b.jsonl.gz", "evalkit", {"input": "question"})
    assert not any(refuses(example.extra["6b_verification"]["solution"]) for example in solutions)


def test_the_refusals_of_recorded_api_answers_are_seen() -> None:
    def said(value: object, key: str) -> Iterator[str]:
        if isinstance(value, dict):
            if isinstance(value.get(key), str):
                yield value[key]
            value = list(value.values())
        if isinstance(value, list):
            for inner in value:
                yield from said(inner, key)

    with gzip.open(DATA / "openai_bodies" / "interactions.jsonl.gz", "rt", encoding="utf-8") as lines:
        refusals = [text for line in lines for text in said(json.loads(line), "refusal")]
    whole = {text for text in refusals if text.endswith(".") and " " in text}
    assert whole
    assert all(refuses(text) for text in whole)
