"""lm-eval's tasks over local files become suites that say what lm-eval says; what is code is refused by name."""

import json
from pathlib import Path
from typing import Any

import pytest

from evalkit.cli import main
from evalkit.core.errors import DataError, UsageError
from evalkit.foreign.kinds import find_any_importer
from evalkit.foreign.lm_eval import LmEval
from evalkit.foreign.lm_eval_task import LmEvalTask
from evalkit.foreign.nouns import ForeignSuite, Wishes

NEAR = [up / "shared" / "cases" / "imports" / "lm-eval" for up in Path(__file__).parents[4:6]]
REAL = next((folder for folder in NEAR if folder.is_dir()), Path("none"))
real = pytest.mark.skipif(not REAL.is_dir(), reason="the files that the real tools wrote are not beside this checkout")
GEN = """
task: gen
dataset_path: json
dataset_kwargs: {data_files: {test: d.jsonl}}
test_split: test
output_type: generate_until
doc_to_text: "{{q}}\\nAnswer:"
doc_to_target: "{{text}}"
generation_kwargs: {until: ["\\n"], max_gen_toks: 8, do_sample: false}
"""
MC = GEN.replace("generate_until", "multiple_choice").replace("{{text}}", "{{answer}}")


def read(folder: Path, text: str, *docs: dict[str, Any], **more: Any) -> ForeignSuite:
    folder.mkdir(parents=True, exist_ok=True)
    docs = docs or ({"q": "2+2?", "text": "4", "choices": ["3", "4"], "answer": 1},)
    (folder / "d.jsonl").write_text("".join(json.dumps(doc) + "\n" for doc in docs))
    path = folder / "task.yaml"
    path.write_text(text + "".join(f"{key}: {json.dumps(value)}\n" for key, value in more.items()))
    assert find_any_importer(path)[0] == "lm_eval_task"
    (suite,) = LmEvalTask().read_suites(path)
    return suite


def test_a_generation_keeps_its_prompt_target_and_limits(tmp_path: Path) -> None:
    suite = read(
        tmp_path, GEN, metric_list=[{"metric": "exact_match", "ignore_case": True, "ignore_punctuation": True}]
    )
    assert suite.rows[0]["input"] == "2+2?\nAnswer:"
    assert suite.rows[0]["target"] == "4"
    assert suite.generate == {"max_tokens": 8, "stop": ["\n"]}
    assert suite.scorers == {"exact_match": {"type": "exact", "normalize": ["lowercase", "punctuation"]}}
    assert suite.margins == {"exact_match": 0.02}


@pytest.mark.parametrize(
    ("choice", "target", "docs", "right"),
    [
        ("choices", "answer", {"choices": ["a", "b"], "answer": 1}, 1),
        ("{{choices}}", "{{answer}}", {"choices": ["a", "b"], "answer": "0"}, 0),
        ("{{choices.text}}", "{{answerKey}}", {"choices": {"text": ["a", "b", "c"]}, "answerKey": "C"}, 2),
        (["no", "yes"], "label", {"label": "yes"}, 1),
        (["A", "B"], "{{answer}}", {"answer": "B"}, 1),
        ("{{[one, two]}}", 0, {"one": "x", "two": "y"}, 0),
        (["no", "yes"], "label", {"label": True}, 1),
        (["A", "B"], "{{['A', 'B'].index(key)}}", {"key": "B"}, 1),
    ],
    ids=str,
)
def test_a_choice_is_found_as_lm_eval_finds_it(
    tmp_path: Path, choice: Any, target: Any, docs: dict[str, Any], right: int
) -> None:
    text = GEN.replace("generate_until", "multiple_choice").replace('doc_to_target: "{{text}}"\n', "")
    suite = read(tmp_path, text, {"q": "?", **docs}, doc_to_choice=choice, doc_to_target=target)
    assert suite.rows[0]["target"] == right
    assert suite.scorers == {"acc": {"type": "choice"}}


@pytest.mark.parametrize(
    ("parts", "spec"),
    [
        ([{"function": "take_first"}], {"type": "exact", "normalize": []}),
        (
            [{"function": "regex", "regex_pattern": r"(\d+)", "group_select": -1}, {"function": "remove_whitespace"}],
            {"pattern": r"(\d+)", "group": 1, "occurrence": "last", "normalize": ["strip"]},
        ),
        ([{"function": "regex", "regex_pattern": r"\d+"}], {"pattern": r"\d+", "group": 0, "occurrence": "first"}),
    ],
    ids=str,
)
def test_a_chain_of_filters_is_a_scorer(tmp_path: Path, parts: list[dict[str, Any]], spec: dict[str, Any]) -> None:
    filters = [{"name": "f", "filter": parts}]
    suite = read(tmp_path, GEN, metric_list=[{"metric": "exact_match"}], filter_list=filters)
    assert spec.items() <= suite.scorers["exact_match"].items()


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"metric_list": [{"metric": "bleu"}]}, "metric bleu"),
        ({"metric_list": [{"metric": "exact_match", "ignore_numbers": True}]}, "ignore_numbers"),
        (
            {"metric_list": [{"metric": "exact_match"}], "filter_list": [{"filter": [{"function": "map"}]}]},
            "filter map",
        ),
        ({"num_fewshot": 5}, "few-shot"),
        ({"brand_new": 1}, "brand_new"),
    ],
    ids=str,
)
def test_what_is_not_carried_over_is_named(tmp_path: Path, more: dict[str, Any], told: str) -> None:
    suite = read(tmp_path, GEN, **more)
    assert any(told in one for one in suite.left_out), suite.left_out
    assert suite.scorers


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (GEN.replace('"{{q}}\\nAnswer:"', "!function utils.text"), "doc_to_text of gen is code"),
        (GEN + "process_docs: !function utils.docs\n", "process_docs of gen is code"),
        (GEN.replace("generate_until", "loglikelihood_rolling"), "loglikelihood_rolling"),
        (GEN.replace("dataset_path: json", "dataset_path: openai/gsm8k"), "nothing is downloaded"),
        (GEN.replace("d.jsonl", "gone.jsonl"), "there is no file gone.jsonl"),
        (GEN.replace("test_split: test", "test_split: dev"), "no split 'dev'"),
        (GEN + "include: gone.yaml\n", "gone.yaml is not beside it"),
        (GEN + "include: task.yaml\n", "includes itself"),
        (MC, "has no doc_to_choice"),
        ("group: all\ntask: [a, b]\n", "is a group of tasks"),
    ],
    ids=lambda one: one[-40:],
)
def test_a_task_that_cannot_be_carried_is_refused_by_name(tmp_path: Path, text: str, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        read(tmp_path, text)


def test_documents_that_do_not_fit_are_told_with_their_number(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"document 1: .*'text' is undefined"):
        read(tmp_path, GEN, {"q": "a", "text": "b"}, {"q": "a"})
    with pytest.raises(DataError, match="none of its 2 choices"):
        read(tmp_path, MC, {"q": "a", "answer": "z9", "choices": ["x", "y"]}, doc_to_choice="choices")


def test_numbers_with_patterns_to_ignore_are_compared_as_numbers(tmp_path: Path) -> None:
    metric = {"metric": "exact_match", "regexes_to_ignore": [",", "\\$"]}
    filters = [{"name": name, "filter": [{"function": "regex", "regex_pattern": "(a)|(b)"}]} for name in ("one", "two")]
    text = GEN.replace('"{{q}}\\nAnswer:"', "\"{{ q | regex_replace('[0-9]', 'N') }}\"")
    suite = read(tmp_path, text, {"q": "a1", "text": "1,200"}, metric_list=[metric], filter_list=filters)
    assert suite.scorers == {"exact_match": {"type": "numeric"}}
    assert suite.rows[0]["input"] == "aN"


def test_an_included_task_gives_what_the_task_leaves_out(tmp_path: Path) -> None:
    tmp_path.joinpath("base.yaml").write_text(GEN)
    (tmp_path / "d.jsonl").write_text('{"q": "a", "text": "b"}\n')
    (tmp_path / "own.yaml").write_text("include: base.yaml\ntask: own\ndoc_to_text: q\n")
    (suite,) = LmEvalTask().read_suites(tmp_path / "own.yaml")
    assert (suite.name, suite.rows[0]["input"]) == ("own", "a")


@real
def test_tasks_with_their_logged_samples_score_as_lm_eval_did(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    arms = [REAL / "tiny-llama", REAL / "tiny-qwen2"]
    sources = [REAL / "desk_gen.yaml", REAL / "desk_mc.yaml", *arms]
    assert main(["import", *map(str, sources), "-o", str(tmp_path / "out")]) == 0
    monkeypatch.chdir(tmp_path / "out")
    assert main(["validate"]) == 0
    assert main(["compare", "models/tiny-llama", "models/tiny-qwen2", "--json", "verdict.json"]) in (1, 3)
    told = {suite["name"]: suite for suite in json.loads(Path("verdict.json").read_text())["suites"]}
    for side, folder in zip(("base", "candidate"), arms, strict=True):
        for found in LmEval().read(folder, Wishes()):
            metrics = {one["metric"]: one for one in told[found.source]["metrics"] if one["slice"] is None}
            rows = found.arms[0].rows
            for name in ("acc", "exact_match_strict", "exact_match_first-word"):
                if name in rows[0].scores:
                    mean = sum(float(str(row.scores[name])) for row in rows) / len(rows)
                    assert metrics[name][side] == pytest.approx(mean)


@real
def test_the_paired_interval_is_narrower_than_two_standard_errors_of_lm_eval(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    arms = [REAL / "tiny-llama", REAL / "tiny-qwen2"]
    assert main(["compare", *map(str, arms), "--columns", "suite=desk_mc", "--json", "verdict.json"]) in (0, 1, 3)
    told = {one["metric"]: one for one in json.loads(Path("verdict.json").read_text())["suites"][0]["findings"]}
    figures = [json.loads(next(folder.glob("results_*.json")).read_text())["results"]["desk_mc"] for folder in arms]
    for name in ("acc", "acc_norm"):
        errors = [one[f"{name}_stderr,none"] for one in figures]
        unpaired = 2 * 1.96 * sum(error**2 for error in errors) ** 0.5
        assert told[name]["delta"] == pytest.approx(figures[1][f"{name},none"] - figures[0][f"{name},none"])
        assert told[name]["high"] - told[name]["low"] < unpaired
