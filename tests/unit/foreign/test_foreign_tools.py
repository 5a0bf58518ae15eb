"""Results of other tools, as their own programs write them (cases/imports), and by hand where those are not there."""

import gzip
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from evalkit.core.errors import DataError, UsageError
from evalkit.foreign.kinds import find_importer
from evalkit.foreign.known_scores import may_be_bad
from evalkit.foreign.nouns import ForeignResults, Wishes

NEAR = [up / "shared" / "cases" / "imports" for up in Path(__file__).parents[4:6]]
REAL = next((folder for folder in NEAR if folder.is_dir()), Path("none"))
real = pytest.mark.skipif(not REAL.is_dir(), reason="the files that the real tools wrote are not beside this checkout")


def read(path: Path, tool: str) -> Sequence[ForeignResults]:
    name, reader = find_importer(path)
    assert name == tool
    return reader.read(path, Wishes())


def lines(path: Path, rows: Sequence[Mapping[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


@real
def test_lm_eval_scores_are_those_that_lm_eval_adds_up() -> None:
    for found in read(REAL / "lm-eval", "lm_eval"):
        for arm in found.arms:
            (results,) = (REAL / "lm-eval" / arm.name).glob("results_*.json")
            figures = json.loads(results.read_text(encoding="utf-8"))["results"][found.source]
            assert arm.rows[0].scores
            for name in arm.rows[0].scores:
                known = [v for k, v in figures.items() if k.replace(",none", "").replace(",", "_") == name]
                mean = sum(float(row.scores[name]) for row in arm.rows) / len(arm.rows)
                assert mean == pytest.approx(known[0])


@real
def test_a_document_of_two_filters_is_one_case_with_two_scores() -> None:
    found = next(found for found in read(REAL / "lm-eval" / "tiny-llama", "lm_eval") if found.source == "desk_gen")
    (arm,) = found.arms
    assert len(arm.rows) == 40
    assert set(arm.rows[0].scores) == {"exact_match_strict", "exact_match_first-word"}


@real
def test_choices_by_likelihood_become_the_chosen_text() -> None:
    found = next(found for found in read(REAL / "lm-eval" / "tiny-llama", "lm_eval") if found.source == "desk_mc")
    row = found.arms[0].rows[0]
    assert (row.text, row.target, row.scores["acc"]) == ("refund", "refund", 1.0)


@real
@pytest.mark.parametrize("name", ["base", "tuned"])
def test_inspect_epochs_are_repeats_and_the_means_are_its_own(name: str) -> None:
    path = REAL / "inspect" / f"{name}.json.gz"
    (found,) = read(path, "inspect")
    rows = found.arms[0].rows
    assert (len(rows), len({row.id for row in rows}), {row.repeat for row in rows}) == (48, 24, {1, 2})
    log = json.loads(gzip.decompress(path.read_bytes()))
    for scorer in log["results"]["scores"]:
        metrics = scorer["metrics"]
        told = (metrics.get("accuracy") or metrics.get("mean"))["value"]
        assert sum(row.scores[scorer["name"]] for row in rows) / 48 == pytest.approx(told)


@real
def test_promptfoo_holds_an_arm_for_every_provider_and_prompt() -> None:
    (found,) = read(REAL / "promptfoo" / "results.json.gz", "promptfoo")
    value = json.loads(gzip.decompress((REAL / "promptfoo" / "results.json.gz").read_bytes()))
    assert [arm.name for arm in found.arms] == [
        f"{provider}|prompt {n}" for provider in ("desk-base", "desk-tuned") for n in (1, 2)
    ]
    for arm, told in zip(found.arms, value["results"]["prompts"], strict=True):
        assert sum(row.scores["pass"] for row in arm.rows) == told["metrics"]["testPassCount"]
        assert sum(row.scores["score"] for row in arm.rows) == pytest.approx(told["metrics"]["score"])
        assert not any(row.failure for row in arm.rows), "a failed assert is no failed call"


def inspect_log(**more: Any) -> dict[str, Any]:
    sample = {"id": 1, "epoch": 1, "input": "2+2?", "target": "4", "output": {"completion": "4"}}
    about = {"task": "sums", "model": "m", "run_id": "r"}
    return {"version": 2, "status": "success", "eval": about, "samples": [{**sample, **more}]}


@pytest.mark.parametrize(
    ("value", "scores"),
    [
        ("C", {"s": 1}),
        ("P", {"s": 0.5}),
        ("N", {"s": 0}),
        (3.5, {"s": 3.5}),
        ({"a": "C", "b": 2}, {"s_a": 1, "s_b": 2}),
    ],
    ids=str,
)
def test_inspect_values_become_numbers(tmp_path: Path, value: Any, scores: dict[str, float]) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps(inspect_log(scores={"s": {"value": value}})), encoding="utf-8")
    (found,) = read(path, "inspect")
    assert found.arms[0].rows[0].scores == scores


def test_an_inspect_sample_that_failed_is_a_failed_call(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps(inspect_log(error={"message": "timeout"}, scores={"s": {"value": "I"}})))
    row = read(path, "inspect")[0].arms[0].rows[0]
    assert row.failure is not None
    assert (row.failure.message, row.scores, row.text) == ("timeout", {}, None)


def zipped(log: dict[str, Any]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for sample in log["samples"]:
            archive.writestr(f"samples/{sample['id']}_epoch_{sample['epoch']}.json", json.dumps(sample))
        archive.writestr("header.json", json.dumps({key: one for key, one in log.items() if key != "samples"}))
    return buffer.getvalue()


def test_an_eval_file_reads_as_its_json(tmp_path: Path) -> None:
    log = inspect_log(scores={"s": {"value": "C"}})
    (tmp_path / "a.eval").write_bytes(zipped(log))
    (tmp_path / "a.json").write_text(json.dumps(log), encoding="utf-8")
    one, two = (read(tmp_path / f"a.{kind}", "inspect")[0].arms for kind in ("eval", "json"))
    assert one == two


def test_an_eval_file_without_its_header_was_interrupted(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.eval", "w") as archive:
        archive.writestr("samples/1.json", "{}")
    with pytest.raises(DataError, match="interrupted"):
        read(tmp_path / "a.eval", "inspect")


def output_item(n: int, *, passed: bool, model: str = "gpt-4o-mini", run: str = "run_1") -> dict[str, Any]:
    return {
        "object": "eval.run.output_item",
        "id": f"outputitem_{n}",
        "run_id": run,
        "status": "pass" if passed else "fail",
        "datasource_item_id": n,
        "datasource_item": {"item": {"question": f"q{n}", "ground_truth": "yes"}},
        "results": [
            {"name": "String check-0f3c0f5e-8d0e-4c50-9c4c-0123456789ab", "passed": passed, "score": float(passed)},
            {"name": "judge", "passed": passed, "score": 0.7},
        ],
        "sample": {
            "model": model,
            "input": [{"role": "user", "content": f"q{n}"}],
            "output": [{"role": "assistant", "content": "yes" if passed else "no"}],
            "usage": {"prompt_tokens": 3, "completion_tokens": 1},
            "error": None,
        },
    }


@pytest.mark.parametrize("kind", ["list", "array", "jsonl"])
def test_openai_evals_output_items_are_rows(tmp_path: Path, kind: str) -> None:
    items = [output_item(n, passed=n % 2 == 0) for n in range(4)]
    path = tmp_path / ("items.jsonl" if kind == "jsonl" else "items.json")
    if kind == "jsonl":
        lines(path, items)
    else:
        path.write_text(json.dumps({"object": "list", "data": items} if kind == "list" else items), encoding="utf-8")
    (found,) = read(path, "openai_evals")
    (arm,) = found.arms
    assert arm.name == "gpt-4o-mini"
    row = arm.rows[0]
    assert row.scores == {"String check": True, "judge": True, "judge score": 0.7}
    assert (row.id, row.text, row.target, row.asked[0].content) == ("0", "yes", "yes", "q0")


def test_two_runs_of_one_model_are_two_arms(tmp_path: Path) -> None:
    items = [output_item(1, passed=True, run=run) for run in ("run_1", "run_2")]
    (found,) = read(lines(tmp_path / "items.jsonl", items), "openai_evals")
    assert [arm.name for arm in found.arms] == ["gpt-4o-mini run_1", "gpt-4o-mini run_2"]


def test_oaieval_events_are_rows(tmp_path: Path) -> None:
    events = [
        {"spec": {"completion_fns": ["gpt-3.5-turbo"], "eval_name": "test-match.s1"}},
        {"run_id": "r", "event_id": 0, "sample_id": "s.0", "type": "sampling",
         "data": {"prompt": [{"role": "user", "content": "2+2?"}], "sampled": ["4"]}},
        {"run_id": "r", "event_id": 1, "sample_id": "s.0", "type": "match",
         "data": {"correct": True, "expected": "4", "picked": "4", "sampled": "4"}},
        {"run_id": "r", "event_id": 2, "sample_id": "s.1", "type": "sampling",
         "data": {"prompt": "3+3?", "sampled": "7"}},
        {"final_report": {"accuracy": 0.5}},
    ]  # fmt: skip
    (found,) = read(lines(tmp_path / "log.jsonl", events), "oaieval")
    (arm,) = found.arms
    assert (arm.name, found.source) == ("gpt-3.5-turbo", "test-match.s1")
    assert [(row.id, row.text, row.scores) for row in arm.rows] == [
        ("s.0", "4", {"correct": True}),
        ("s.1", "7", {"correct": None}),
    ]


def test_a_batch_keeps_answers_calls_and_failures(tmp_path: Path) -> None:
    call = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": '{"a": 1}'}}
    bodies: list[dict[str, Any]] = [
        {
            "model": "m",
            "choices": [{"message": {"content": "hi"}}],
            "usage": {"prompt_tokens": 2, "completion_tokens": 1},
        },
        {"model": "m", "choices": [{"message": {"content": None, "tool_calls": [call]}}]},
        {"model": "m", "output": [{"type": "message", "content": [{"type": "output_text", "text": "ho"}]}]},
    ]
    rows = [
        {"custom_id": f"t-{n}", "response": {"status_code": 200, "body": body}, "error": None}
        for n, body in enumerate(bodies)
    ]
    rows.append({"custom_id": "t-3", "response": None, "error": {"code": "x", "message": "expired"}})
    (found,) = read(lines(tmp_path / "out.jsonl", rows), "openai_batch")
    (arm,) = found.arms
    assert [row.text for row in arm.rows] == ["hi", None, "ho", None]
    assert arm.rows[1].tool_calls[0].arguments == '{"a": 1}'
    assert arm.rows[3].failure is not None
    assert arm.rows[3].failure.message == "expired"


def test_llama_factory_rows_pair_by_their_prompt(tmp_path: Path) -> None:
    rows = [{"prompt": f"q{n // 2}", "predict": "a", "label": "a"} for n in range(4)]
    (found,) = read(lines(tmp_path / "generated_predictions.jsonl", rows), "llama_factory")
    assert len({row.id for row in found.arms[0].rows}) == 4
    assert found.scorers == {"exact": {"type": "exact"}}


def test_a_label_of_yes_and_no_is_a_target_not_a_score(tmp_path: Path) -> None:
    rows = [{"prompt": f"q{n}", "predict": "I think so.", "label": ("yes", "no")[n % 2]} for n in range(4)]
    (found,) = read(lines(tmp_path / "generated_predictions.jsonl", rows), "llama_factory")
    assert found.arms[0].rows[0].scores == {}
    assert found.arms[0].rows[0].target == "yes"


def test_what_nobody_knows_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "a.docx").write_bytes(b"x")
    with pytest.raises(UsageError, match="no importer knows this file"):
        find_importer(tmp_path / "a.docx")
    with pytest.raises(UsageError, match="unknown importer 'promptfo' \\(did you mean 'promptfoo'"):
        find_importer(tmp_path / "a.docx", "promptfo")


def promptfoo_result(
    n: int, provider: str, *, good: bool, error: str | None = None, named: bool = True
) -> dict[str, Any]:
    response = {"error": error} if error else {"output": f"yes, {n}"}
    return {
        "promptIdx": 0 if provider == "base" else 1,
        "testIdx": n,
        "vars": {"n": n},
        "prompt": {"raw": f"Ticket {n}?", "label": "Ticket {{n}}?"},
        "provider": {"id": provider, "label": ""},
        "response": response,
        "error": error,
        "failureReason": 2 if error else 0 if good else 1,
        "success": good,
        "score": float(good),
        "namedScores": {"tone": float(good)} if named and not error else {},
        "gradingResult": None if error else {"pass": good, "score": float(good), "componentResults": []},
        "testCase": {"description": f"t{n}", "vars": {"n": n}, "assert": [{"type": "equals", "value": str(n)}]},
    }


def promptfoo_file(path: Path, results: Sequence[Mapping[str, Any]]) -> Path:
    value = {"evalId": "eval-1", "results": {"version": 3, "results": results}, "config": {"description": "desk"}}
    path.write_text(json.dumps(value), encoding="utf-8")
    return path


def test_a_failed_call_of_promptfoo_is_no_failed_assert(tmp_path: Path) -> None:
    results = [
        promptfoo_result(0, "base", good=False),
        promptfoo_result(1, "base", good=False, error="API error: 500"),
    ]
    (found,) = read(promptfoo_file(tmp_path / "results.json", results), "promptfoo")
    failed, broken = found.arms[0].rows
    assert (failed.failure, failed.scores["pass"]) == (None, False)
    assert broken.failure is not None
    assert broken.scores == {}


def test_a_score_of_some_tests_applies_to_those_alone(tmp_path: Path) -> None:
    from evalkit.cli import main

    results = [
        promptfoo_result(n, arm, good=arm == "ft" or n % 4 != 0, named=n % 2 == 0)
        for arm in ("base", "ft")
        for n in range(200)
    ]
    path = promptfoo_file(tmp_path / "results.json", results)
    out = tmp_path / "verdict.json"
    words = [f"{path}#base", f"{path}#ft", "--root", str(tmp_path), "--report", str(tmp_path / "page")]
    assert main(["compare", *words, "--json", str(out)]) == 0
    findings = json.loads(out.read_text(encoding="utf-8"))["suites"][0]["findings"]
    assert {finding["metric"]: finding["n"] for finding in findings} == {"pass": 200, "score": 200, "tone": 100}


def test_a_test_asked_again_is_a_repeat(tmp_path: Path) -> None:
    again = {**promptfoo_result(1, "base", good=False), "testIdx": 7}
    (found,) = read(
        promptfoo_file(tmp_path / "results.json", [promptfoo_result(1, "base", good=True), again]), "promptfoo"
    )
    assert [(row.id, row.repeat) for row in found.arms[0].rows] == [("1", 1), ("1", 7)]


FAULTS = ["flagged", "missed", "timed_out", "Is Spam", "rejected", "漏れ", "has_error", "mistake", "not_correct"]
FAULTS += [
    "escalated",
    "swears",
    "unresolved",
    "Inaccurate",
    "no answer",
    "不適切",
    "未解決",
    "無回答",
    "クレーム",
    "差戻し",
]


@pytest.mark.parametrize("name", FAULTS)
def test_a_name_that_counts_faults_is_not_taken_for_one_of_which_more_is_better(name: str) -> None:
    assert may_be_bad(name)


@pytest.mark.parametrize(
    "name", ["correct", "helpful", "mission_met", "合格", "understood", "unit_pass", "noted", "informed", "解決"]
)
def test_a_name_of_what_is_good_is_no_fault(name: str) -> None:
    assert not may_be_bad(name)
