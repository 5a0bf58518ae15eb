"""The public promise of `compare`: exit codes, precedence, the verdict as data."""

import json
from pathlib import Path
from typing import Any

import pytest
from project import SUITE, Project

FINDING = {
    "gate", "metric", "slice", "state", "n", "n_clusters", "base", "candidate", "delta", "low", "high", "confidence",
    "margin", "fixed", "broken", "p", "p_adjusted", "method", "mde", "n_needed", "because",
}  # fmt: skip


def test_a_better_candidate_exits_0(project: Project) -> None:
    assert project.compare("base", "better") == 0


def test_a_worse_candidate_exits_1_and_says_what_broke(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    assert project.compare("base", "worse") == 1
    out = capsys.readouterr().out
    assert "FAIL" in out
    assert "answer" in out
    assert "index.html" in out


def test_an_unchanged_candidate_is_told_from_one_that_could_not_be_judged(project: Project) -> None:
    assert project.compare("base", "same") == 0
    project.suite(SUITE.replace("margin: 0.05", "margin: 0.001"))
    assert project.compare("base", "same") == 3
    project.suite(SUITE.replace("margin: 0.05", "margin: 0.001") + "policy: {on_inconclusive: warn}\n")
    assert project.compare("base", "same") == 0


def test_several_candidates_end_in_the_worst_code(project: Project) -> None:
    assert project.compare("base", "better", "worse") == 1
    found = project.verdict("base", "better", "worse")
    assert found["candidates"] == ["better", "worse"]
    assert [verdict["outcome"] for verdict in found["verdicts"]] == ["PASS", "FAIL"]


def test_the_verdict_as_data_has_the_promised_shape(project: Project) -> None:
    found = project.verdict("base", "worse")
    assert {"evalkit", "outcome", "exit_code", "base", "candidate", "suites"} <= set(found)
    assert (found["outcome"], found["exit_code"]) == ("FAIL", 1)
    suite = found["suites"][0]
    finding = suite["findings"][0]
    assert set(finding) >= FINDING
    assert finding["state"] == "REGRESSION"
    assert (finding["base"], finding["candidate"], finding["broken"], finding["fixed"]) == (0.8, 0.48, 32, 0)
    assert finding["delta"] == pytest.approx(-0.32)
    assert finding["low"] < finding["delta"] < finding["high"] < 0
    assert finding["method"] == "tango"
    assert set(suite["metrics"][0]) >= FINDING - {"gate", "state", "margin"}
    sliced = [row["slice"] for row in suite["metrics"] if row["slice"]]
    assert {"by": "kind", "value": "odd"} in sliced


def test_the_same_inputs_give_the_same_bytes(project: Project) -> None:
    project.verdict("base", "worse")
    first = (project.folder / "verdict.json").read_bytes()
    project.verdict("base", "worse")
    assert (project.folder / "verdict.json").read_bytes() == first
    assert b"NaN" not in first


def test_every_output_is_written_where_it_was_asked_for(project: Project) -> None:
    words = ["--report", "page", "--junit", "out/j.xml", "--markdown", "out/s.md", "--json", "out/v.json"]
    assert project.compare("base", "worse", *words) == 1
    for name in ("page/index.html", "out/j.xml", "out/s.md", "out/v.json"):
        assert (project.folder / name).stat().st_size > 100


def test_a_recording_is_an_arm_by_its_path(project: Project) -> None:
    assert project.compare("suites/base.jsonl", "suites/better.jsonl") == 0


def test_a_run_is_kept_shown_drawn_again_and_decided_again(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    from evalkit.cli import main

    project.compare("base", "worse")
    capsys.readouterr()
    assert main(["runs", "list"]) == 0
    run = capsys.readouterr().out.split()[0]
    assert main(["runs", "show", run]) == 0
    assert main(["report", run, "--report", "again"]) == 0
    assert (project.folder / "again" / "index.html").is_file()
    assert main(["gate", run]) == 1
    project.write("policy.yaml", "gates:\n  - {type: no_regression, metric: answer, margin: 0.5}\n")
    assert main(["gate", run, "--policy", "policy.yaml"]) == 0
    project.write("floor.yaml", "gates:\n  - {type: floor, metric: answer, min: 0.4}\n")
    assert main(["gate", run, "--policy", "floor.yaml"]) == 0


def test_a_seeded_sample_is_the_same_sample(project: Project) -> None:
    one = project.verdict("base", "worse", "--limit", "40", "--seed", "3")
    two = project.verdict("base", "worse", "--limit", "40", "--seed", "3")
    other = project.verdict("base", "worse", "--limit", "40", "--seed", "4")
    assert one == two != other
    assert one["suites"][0]["findings"][0]["n"] == 40


def test_k_chooses_examples(project: Project) -> None:
    found = project.verdict("base", "worse", "-k", "kind=odd")
    assert found["suites"][0]["findings"][0]["n"] == 50
    assert project.compare("base", "worse", "-k", "nothing-like-it") == 2


def test_early_stop_saves_calls_and_comes_to_the_same_end(project: Project) -> None:
    project.n = 600
    project.data()
    project.suite(SUITE + "policy: {seed: 5}\n")
    for name, right in (("base", lambda i: i % 5 != 0), ("worse", lambda i: i % 5 != 0 and i % 3 != 0)):
        project.arm(name, right=right)
    full = project.verdict("base", "worse")
    early = project.verdict("base", "worse", "--early-stop")
    assert full["outcome"] == early["outcome"] == "FAIL"
    finding = early["suites"][0]["findings"][0]
    assert finding["method"] == "betting confidence sequence"
    assert finding["n"] < 300 < full["suites"][0]["findings"][0]["n"]
    assert "calls were saved" in finding["because"] or "calls were saved" in json.dumps(early)


def test_evalkit_compare_is_importable(project: Project) -> None:
    import evalkit

    verdict = evalkit.compare("base", "better", suites=["suites/small.yaml"])
    assert (verdict.outcome, verdict.exit_code) == ("PASS", 0)
    assert evalkit.load_suite("suites/small.yaml").spec.name == "small"
    assert len(evalkit.Recording.read("suites/base.jsonl").responses) == 100


def test_a_misspelt_mode_asks_nobody(project: Project) -> None:
    import evalkit
    from evalkit.core.errors import UsageError

    with pytest.raises(UsageError, match=r"mode is 'repaly' \(did you mean 'replay'\?\)"):
        evalkit.compare("base", "better", mode="repaly")  # type: ignore[arg-type]


def test_prompts_that_are_not_proven_are_said_beside_every_outcome(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    assert project.compare("base", "better") == 0
    assert "100 of 100 answers carry no digest of their prompt: same prompts not proven" in capsys.readouterr().out


def test_one_suite_need_not_stand_in_a_list(project: Project) -> None:
    import evalkit

    listed = evalkit.compare("base", "better", suites=["suites/small.yaml"])
    for one in ("suites/small.yaml", Path("suites/small.yaml"), "suites"):
        assert evalkit.compare("base", "better", suites=one) == listed


def test_a_recording_of_another_suite_is_called_that(project: Project) -> None:
    lines = [json.dumps({"evalkit_recording": 1, "model": {"name": "other"}})]
    lines += [json.dumps({"id": f"r{i}", "text": "1"}) for i in range(40)]
    project.write("suites/other.jsonl", "\n".join(lines) + "\n")
    verdict = project.verdict("base", "suites/other.jsonl")
    assert verdict["exit_code"] == 4
    (finding,) = verdict["suites"][0]["findings"]
    assert finding["state"] == "INVALID"
    assert "none of the 100 ids of this suite is in other.jsonl (it has r0, r1, r10, ...;" in finding["because"]
    assert "the suite asks q0, q1, q2, ...): a recording of another suite?" in finding["because"]
    assert finding["because"].endswith("?")


def early(project: Project, suite: str = SUITE) -> None:
    """Six hundred rows, on which a candidate that breaks a third is told after a few batches."""
    project.n = 600
    project.data()
    project.suite(suite + "policy: {seed: 5}\n")
    project.arm("base", right=lambda i: i % 5 != 0)
    project.arm("worse", right=lambda i: i % 5 != 0 and i % 3 != 0)


def test_an_early_stop_never_passes_an_unsound_comparison(project: Project) -> None:
    early(project, SUITE.replace("{path: data.jsonl}", "{path: data.jsonl, trained_on: [data.jsonl]}"))
    found = project.verdict("base", "base", "--early-stop")
    assert (found["outcome"], found["exit_code"]) == ("INVALID", 4)


def test_an_early_stop_is_decided_again_as_what_it_proved(project: Project) -> None:
    from evalkit.cli import main

    early(project)
    first = project.verdict("base", "base", "--early-stop")["suites"][0]["findings"][0]
    assert (first["state"], first["method"]) == ("PASS", "betting confidence sequence")

    def again(*words: str) -> Any:
        code = main(["gate", "latest", "--json", "again.json", *words])
        return code, json.loads((project.folder / "again.json").read_text())["suites"][0]["findings"][0]

    assert again() == (0, first)
    project.write("stricter.yaml", "policy: {confidence: 0.999}\n")
    code, finding = again("--policy", "stricter.yaml")
    assert (code, finding["state"]) == (3, "INCONCLUSIVE")
    project.write("closer.yaml", "gates:\n  - {type: no_regression, metric: answer, margin: 0.001}\n")
    code, finding = again("--policy", "closer.yaml")
    assert (code, finding["state"]) == (3, "INCONCLUSIVE")


def test_an_early_stop_tells_a_rise_in_the_metrics_own_direction(project: Project) -> None:
    """Where lower is better a harm is a rise: the interval stands around the difference."""
    early(
        project,
        SUITE.replace("answer: {type: exact}", "answer: {type: refusal, expect_refusal: false}").replace(
            "metric: answer", "metric: answer.over"
        ),
    )
    project.arm("base", right=lambda i: True)
    refuses = "I'm sorry, I can't help with that."
    project.arm("worse", right=lambda i: True, change=lambda r: {**r, "text": refuses} if int(r["id"][1:]) % 3 else r)
    finding = project.verdict("base", "worse", "--early-stop")["suites"][0]["findings"][0]
    assert (finding["state"], finding["method"]) == ("REGRESSION", "betting confidence sequence")
    assert finding["low"] < finding["delta"] < finding["high"]


def test_a_count_is_not_watched_though_the_base_always_counts_one(project: Project) -> None:
    words = SUITE.replace("answer: {type: exact}", "answer: {type: length, unit: words, max: 9}")
    early(project, words.replace("metric: answer", "metric: answer.count"))
    project.arm("base", right=lambda i: False)
    project.arm("worse", right=lambda i: False, change=lambda row: {**row, "text": "three words here"})
    finding = project.verdict("base", "worse", "--early-stop")["suites"][0]["findings"][0]
    assert (finding["state"], finding["n"]) == ("REGRESSION", 600)
    assert finding["method"] != "betting confidence sequence"


def test_an_early_stop_needs_a_drop_it_could_bet_against(project: Project) -> None:
    early(project, SUITE.replace("margin: 0.05", "margin: 1"))
    assert project.compare("base", "worse", "--early-stop") in (0, 1, 3)


def test_a_misspelt_provider_is_told_where_recordings_answer_too(project: Project) -> None:
    project.write("suites/models.yaml", "models:\n  base: {provider: opnai, model: x, recording: base.jsonl}\n")
    assert project.compare("base", "suites/better.jsonl", "--replay") == 2


def test_a_mistake_of_ours_is_no_verdict(
    project: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import evalkit.pipeline.compare

    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("never meant to be")

    monkeypatch.setattr(evalkit.pipeline.compare, "compare_arms", broken)
    assert project.compare("base", "better") == 2
    assert "nothing was decided" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("base", "candidate", "outcome"),
    [
        ({}, {"temperature": 1.0}, "PASS"),  # nothing is known of the base
        ({"temperature": 0.0}, {"temperature": 1.0}, "INVALID"),
        ({"temperature": 1.0}, {"temperature": 1.0}, "PASS"),
        ({"small": {"max_tokens": 8}}, {"small": {"max_tokens": 4}}, "INVALID"),
        ({"small": {"max_tokens": 8, "seed": 1}}, {"small": {"max_tokens": 8, "seed": 2}}, "PASS"),
        ({"small": {"max_tokens": 8}}, {"small": {"max_tokens": 8, "temperature": 0.7}}, "INVALID"),
    ],
)
def test_answers_drawn_with_other_sampling_are_not_compared(
    project: Project, base: dict[str, Any], candidate: dict[str, Any], outcome: str
) -> None:
    for name, generate in (("base", base), ("better", candidate)):
        path = project.folder / f"suites/{name}.jsonl"
        text = path.read_text().replace('"generate": {}', f'"generate": {json.dumps(generate)}')
        path.write_text(text)
    assert project.verdict("base", "better")["outcome"] == outcome


def test_recording_a_recording_keeps_how_it_was_drawn(project: Project) -> None:
    from evalkit import Recording
    from evalkit.cli import main

    path = project.folder / "suites/base.jsonl"
    path.write_text(path.read_text().replace('"generate": {}', '"generate": {"temperature": 1.0}'))
    assert main(["record", "base", "--replay", "-o", "again.jsonl"]) == 0
    assert Recording.read(project.folder / "again.jsonl").generate == {"temperature": 1.0}


def test_a_gate_may_name_what_every_suite_measures(project: Project) -> None:
    project.suite(SUITE + "  - {type: floor, metric: latency_s, max: 5}\n")
    assert project.compare("base", "better") == 4  # these recordings say nothing of it, and unknown is not fast
    for name in ("base", "better"):
        path = project.folder / f"suites/{name}.jsonl"
        path.write_text(path.read_text().replace('"text":', '"latency_s": 0.5, "text":'))
    assert project.compare("base", "better") == 0
    assert project.compare("base", "better", "--early-stop") == 0
    slow = project.folder / "suites/better.jsonl"
    slow.write_text(slow.read_text().replace('"latency_s": 0.5', '"latency_s": 9.5'))
    assert project.compare("base", "better") == 1


@pytest.mark.slow
def test_several_candidates_share_the_error_of_the_looks(project: Project) -> None:
    early(project)
    same = ("same-1", "same-2", "same-3", "same-4")
    for name in same:
        project.write(f"suites/{name}.jsonl", (project.folder / "suites/base.jsonl").read_text(encoding="utf-8"))
    project.models("base", *same)
    one = project.verdict("base", "same-1", "--early-stop")
    four = project.verdict("base", *same, "--early-stop")["verdicts"][0]
    asked = [found["suites"][0]["findings"][0]["n"] for found in (one, four)]
    assert asked[0] < asked[1] < 600
