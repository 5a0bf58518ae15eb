"""OpenAI's graders become scorers; judges' verdicts are given scores; what is code is named."""

import json
from pathlib import Path
from typing import Any

import pytest

from evalkit.cli import main
from evalkit.core.errors import UsageError
from evalkit.core.exchange import Example, Message, Response
from evalkit.foreign.kinds import find_any_importer
from evalkit.foreign.nouns import ForeignSuite
from evalkit.foreign.openai_graders import OpenAIGraders
from evalkit.pipeline.suites.templated import TemplatedScorer

OUT = "{{sample.output_text}}"
DESK = "{{ item.desk }}"


def grader(kind: str, name: str = "g", **more: Any) -> dict[str, Any]:
    return {"type": kind, "name": name, **more}


def check(operation: str, got: str = OUT, wanted: str = DESK) -> dict[str, Any]:
    return grader("string_check", input=got, operation=operation, reference=wanted)


def output_item(n: int, run: str, model: str, answer: str, **verdicts: float) -> dict[str, Any]:
    return {
        "object": "eval.run.output_item",
        "id": f"{run}-{n}",
        "run_id": run,
        "eval_id": "eval_1",
        "datasource_item_id": n,
        "datasource_item": {"text": f"Ticket {n}", "desk": "Refund"},
        "sample": {
            "model": model,
            "input": [{"role": "user", "content": f"Ticket {n}?"}],
            "output": [{"role": "assistant", "content": answer}],
        },
        "results": [{"name": name, "passed": score > 0, "score": score} for name, score in verdicts.items()],
    }


def write(folder: Path, graders: list[dict[str, Any]], items: list[dict[str, Any]]) -> tuple[Path, Path]:
    folder.mkdir(parents=True, exist_ok=True)
    one, two = folder / "eval.json", folder / "items.json"
    one.write_text(json.dumps({"object": "eval", "id": "eval_1", "name": "desk", "testing_criteria": graders}))
    two.write_text(json.dumps({"object": "list", "data": items}))
    return one, two


def read(folder: Path, *graders: dict[str, Any], **verdicts: float) -> ForeignSuite:
    items = [output_item(n, "r1", "base", "refund", **verdicts) for n in range(3)]
    one, two = write(folder, list(graders), items)
    assert find_any_importer(one)[0] == "openai_graders"
    (suite,) = OpenAIGraders().read_suites(one, [two])
    assert suite.used == (two,)
    return suite


@pytest.mark.parametrize(
    ("one", "passes", "fails"),
    [
        (check("eq"), "Refund", "refund"),
        (check("eq", DESK, OUT), "Refund", " Refund"),
        (check("ne"), "refund", "Refund"),
        (check("like"), "It is Refund.", "It is refund."),
        (check("ilike"), "it is REFUND", "返金"),
        (check("eq", "{{sample.output_json.desk}}"), '{"desk": "Refund"}', '{"desk": "refund"}'),
        (check("ilike", "{{ sample.output_json.a.desk }}"), '{"a": {"desk": "a refund"}}', "refund"),
        (check("like", wanted="desk {{item.desk}}"), "desk Refund!", "Refund"),
        (
            grader("text_similarity", evaluation_metric="fuzzy_match", input=OUT, reference=DESK, pass_threshold=0.8),
            "Refunds",
            "Delivery",
        ),
    ],
    ids=str,
)
def test_a_grader_judges_as_its_operation_says(tmp_path: Path, one: dict[str, Any], passes: str, fails: str) -> None:
    suite = read(tmp_path, one)
    row = suite.rows[0]
    spec = {key: value for key, value in suite.scorers["g"].items() if key != "type"}
    example = Example(id="0", messages=(Message(role="user", content="q"),), extra={"item": row["item"]})
    scorer = TemplatedScorer("checks", spec, root=tmp_path, locate=lambda *_: None, examples=[example])  # type: ignore[arg-type,return-value]
    assert not scorer.check(example)
    for text, value in ((passes, 1.0), (fails, 0.0)):
        assert scorer.score(example, Response(example_id="0", text=text)).value == value


def test_a_similarity_without_a_threshold_is_gated_as_a_number(tmp_path: Path) -> None:
    suite = read(tmp_path, grader("text_similarity", evaluation_metric="fuzzy_match", input=OUT, reference=DESK))
    assert suite.scorers["g"]["type"] == "fuzzy"
    assert suite.margins == {"g.similarity": 0.02}
    assert {row["target"] for row in suite.rows} == {"Refund"}


@pytest.mark.parametrize(
    "one",
    [
        grader("python", source="def grade(sample, item): return 1"),
        grader("label_model", model="m", labels=["a"], passing_labels=["a"], input=[]),
        grader("score_model", model="m", input=[]),
        grader("text_similarity", evaluation_metric="rouge_l", input=OUT, reference=DESK, pass_threshold=0.5),
        grader("text_similarity", evaluation_metric="cosine", input=OUT, reference=DESK),
        check("matches"),
        check("eq", "{{item.a}}"),
        check("like", wanted=OUT),
        grader("brand_new"),
    ],
    ids=lambda one: f"{one['type']} {one.get('evaluation_metric', one.get('operation', ''))}",
)
def test_what_is_no_scorer_is_named_or_its_verdicts_are_given(tmp_path: Path, one: dict[str, Any]) -> None:
    alone = read(tmp_path / "alone", one)
    assert any(told.startswith("grader g (") for told in alone.left_out)
    assert alone.scorers == {"checks": {"type": "checks", "on_missing": "skip"}}
    judged = read(tmp_path / "judged", one, g=1)
    assert judged.scorers["g"] == {"type": "given", "score": "g", "yes_no": True}


def test_a_score_of_a_model_keeps_its_scale(tmp_path: Path) -> None:
    suite = read(tmp_path, grader("score_model", model="m", range=[1, 5], input=[]), g=3.5)
    assert suite.scorers["g"] == {"type": "given", "score": "g score", "low": 1, "high": 5, "better": "higher"}
    assert suite.margins["g"] == pytest.approx(0.08)


def test_a_multi_grader_is_its_graders_and_names_its_formula(tmp_path: Path) -> None:
    multi = grader(
        "multi", "m", graders={"a": {**check("eq"), "name": "a"}, "b": check("ilike")}, calculate_output="a*b"
    )
    suite = read(tmp_path, multi)
    assert {*suite.scorers} == {"a", "g"}
    assert any("calculate_output (a*b) is code" in told for told in suite.left_out)


def test_items_come_from_runs_and_json_lines_too(tmp_path: Path) -> None:
    one, _ = write(tmp_path, [check("eq")], [])
    lines = tmp_path / "items.jsonl"
    lines.write_text('{"item": {"question": "返品したい", "desk": "refund"}}\n')
    (suite,) = OpenAIGraders().read_suites(one, [lines])
    assert suite.rows[0]["messages"] == [{"role": "user", "content": "返品したい"}]
    content = [{"item": {"text": "hi", "desk": "refund"}}]
    template = [{"role": "developer", "content": "Sort."}, {"role": "user", "content": {"text": "{{item.text}}!"}}]
    source = {"source": {"type": "file_content", "content": content}, "input_messages": {"template": template}}
    run = tmp_path / "run.json"
    run.write_text(json.dumps({"object": "eval.run", "id": "r", "data_source": source}))
    (suite,) = OpenAIGraders().read_suites(one, [run])
    assert suite.rows[0]["messages"] == [{"role": "system", "content": "Sort."}, {"role": "user", "content": "hi!"}]
    with pytest.raises(UsageError, match="holds graders and no items"):
        OpenAIGraders().read_suites(one)


def test_an_eval_with_its_runs_is_compared_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    items = [output_item(n, "r1", "base", "Refund" if n % 5 else "no", g=1) for n in range(150)]
    items += [output_item(n, "r2", "tuned", "no" if n % 3 else "Refund", g=1) for n in range(150)]
    one, two = write(tmp_path / "in", [check("ilike")], items)
    for out in ("a", "b"):
        assert main(["import", str(one), str(two), "-o", str(tmp_path / out)]) == 0
    made = [path.relative_to(tmp_path / "a") for path in (tmp_path / "a").rglob("*") if path.is_file()]
    assert all((tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes() for name in made)
    monkeypatch.chdir(tmp_path / "a")
    assert main(["validate"]) == 0
    assert main(["compare", "base", "tuned"]) == 1
