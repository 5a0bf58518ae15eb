"""Every other command of the contract, on a small project."""

import json
import re
from pathlib import Path

import pytest
from project import SUITE, Project

from evalkit.cli import main


def out(capsys: pytest.CaptureFixture[str]) -> str:
    return capsys.readouterr().out


def test_run_shows_every_metric_with_its_interval(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "base", "--json", "arm.json"]) == 0
    assert re.search(r"answer +0\.8 +\[0\.7\d+, 0\.8\d+\] +n=100", out(capsys))
    (row,) = json.loads((project.folder / "arm.json").read_text(encoding="utf-8"))["arms"]
    assert (row["model"], row["suite"], row["asked"], row["failed"]) == ("base", "small", 100, 0)


def test_record_keeps_an_arm_that_gives_the_same_verdict(project: Project) -> None:
    assert main(["record", "worse", "-o", "kept/worse.jsonl.gz"]) == 0
    one = project.verdict("base", "worse")["suites"][0]["findings"]
    two = project.verdict("base", "kept/worse.jsonl.gz")["suites"][0]["findings"]
    assert one == two
    first = (project.folder / "kept" / "worse.jsonl.gz").read_bytes()
    assert main(["record", "worse", "-o", "kept/worse.jsonl.gz"]) == 0
    assert (project.folder / "kept" / "worse.jsonl.gz").read_bytes() == first


def test_record_refuses_another_kind_of_file(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["record", "worse", "-o", "kept.csv"]) == 2
    assert ".jsonl" in capsys.readouterr().err


def test_plan_spends_nothing_and_warns_of_gates_that_cannot_decide(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    project.suite(SUITE.replace("margin: 0.05", "margin: 0.001"))
    assert main(["plan", "base", "better", "--json", "plan.json"]) == 0
    text = out(capsys)
    assert "base · small: 0 calls (100 kept)" in text
    assert "warnings" in text
    assert "cannot pass" in text
    plan = json.loads((project.folder / "plan.json").read_text(encoding="utf-8"))
    assert {row["calls"] for row in plan["spending"]} == {0}


@pytest.mark.parametrize("share", ["0", "-0.1", "1.5", "nan"])
def test_plan_refuses_a_discordance_that_is_no_share(
    share: str, project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["plan", "base", "better", f"--discordance={share}"]) == 2
    told = capsys.readouterr().err
    assert "--discordance is the share of pairs that are assumed to differ" in told
    assert "a mistake in evalkit" not in told


def test_plan_takes_the_discordance_of_a_kept_run(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    """`worse` breaks 32 of 100: that is what the next comparison must expect."""
    project.compare("base", "worse")
    capsys.readouterr()
    assert main(["plan", "base", "worse", "--pilot", "latest", "--json", "plan.json"]) == 0
    (suite,) = json.loads((project.folder / "plan.json").read_text(encoding="utf-8"))["forecasts"]
    (forecast,) = suite["gates"]
    assert suite.keys() == {"suite", "gates"}
    assert forecast["assumed"] == {"spread": 0.32, "binary": True, "design_effect": 1.0, "piloted": True}
    assert forecast["n_needed"] == 1008
    assert main(["plan", "base", "worse", "--pilot", "nothing"]) == 2
    assert "no run 'nothing'" in capsys.readouterr().err


def test_plan_counts_the_cases_and_clusters_that_a_metric_looks_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(Path(__file__).parents[2])
    arms = [f"suites/recordings/{name}.jsonl.gz" for name in ("base", "ft-model")]
    assert main(["plan", *arms, "--suite", "suites/support_desk.yaml", "--root", str(tmp_path)]) == 0
    text = out(capsys)
    assert "no_regression polite: n=45 in 28 clusters, " in text
    assert "polite cannot pass unless the candidate is better: even if not one of 45 cases in 28 clusters" in text
    assert "together: no call that is billed" in text


def test_plan_counts_tokens_and_money_of_an_api(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    project.write(
        "suites/models.yaml",
        "models:\n"
        "  base: {provider: openai, model: gpt-4o-mini}\n"
        "  odd: {provider: openai, model: nobody-knows-it, base_url: 'http://127.0.0.1:9/v1'}\n",
    )
    assert main(["plan", "base", "odd"]) == 0
    text = out(capsys)
    assert re.search(
        r"base · small: 100 calls \(0 kept\), 1,\d\d\d tokens in, at most 800 out, at most \$0\.000\d", text
    )
    assert "odd · small: 100 calls (0 kept), 1," in text
    assert "cost unknown" in text
    assert "unknown, at least $" in text


def test_validate_tells_every_problem_and_asks_nothing(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate"]) == 0
    assert "can run (100 examples, 1 scorer, 1 gate)" in out(capsys)
    project.suite(SUITE.replace("exact", "exat"))
    assert main(["validate"]) == 2
    assert "did you mean 'exact'?" in capsys.readouterr().err


def test_validate_finds_training_rows_in_the_test_set(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    project.suite(SUITE.replace("{path: data.jsonl}", "{path: data.jsonl, trained_on: [train.jsonl]}"))
    project.write("suites/train.jsonl", json.dumps({"input": "What is 7 + 1?", "target": "8"}) + "\n")
    assert main(["validate"]) == 2
    assert "q7" in capsys.readouterr().err


TOOL_SUITE = """
evalkit: 1
name: gold
dataset: {path: calls.jsonl}
scorers: {calls: {type: tool_calls}}
gates: [{type: no_regression, metric: calls, margin: 0.1}]
policy: {max_mindless: 0.4}
"""


def test_validate_holds_gold_calls_against_their_tools_and_mindless_models(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
    tool = {"type": "function", "function": {"name": "f", "strict": True, "parameters": schema}}

    def told(*targets: object) -> tuple[int, str]:
        rows = [{"id": f"r{i}", "input": f"{i}", "target": t, "tools": [tool]} for i, t in enumerate(targets)]
        project.write("suites/calls.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
        project.suite(TOOL_SUITE)
        code = main(["validate"])
        return code, capsys.readouterr().err

    right, quiet = {"tool_calls": [{"name": "f", "arguments": {"n": 1}}]}, {"tool_calls": []}
    code, text = told(right, right, quiet)
    assert code == 0
    assert "additionalProperties must be false" in text
    assert "model passes" not in text
    assert "the do-nothing model passes 1 of 2 cases" in told(right, quiet)[1]
    assert "'one' is not of type 'integer'" in told({"tool_calls": [{"name": "f", "arguments": {"n": "one"}}]})[1]
    assert "which the target leaves out" in told({"tool_calls": [{"name": "f", "arguments": {}}]})[1]
    assert told({"tool_calls": [{"name": "g", "arguments": {"n": 1}}]})[0] == 2
    project.suite(TOOL_SUITE)
    assert main(["validate", "--strict"]) == 2


def test_schema_is_json_schema_that_the_suite_fits(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    from jsonschema import Draft202012Validator
    from ruamel.yaml import YAML

    assert main(["schema"]) == 0
    schema = json.loads(out(capsys))
    Draft202012Validator.check_schema(schema)
    suite = YAML(typ="safe", pure=True).load(SUITE)
    assert list(Draft202012Validator(schema).iter_errors(suite)) == []
    suite["gate"] = suite.pop("gates")
    assert list(Draft202012Validator(schema).iter_errors(suite))
    assert main(["schema", "models"]) == 0


def test_a_passing_run_is_blessed_and_compared_with(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    project.compare("base", "better")
    assert main(["baseline", "bless", "latest"]) == 0
    assert (project.folder / "reports/baselines/better.verdict.json").is_file()
    assert project.compare("reports/baselines/better.jsonl.gz", "better") == 0
    assert project.compare("reports/baselines/better.jsonl.gz", "base") == 1
    assert main(["baseline", "bless", "latest"]) == 2
    assert "FAIL" in capsys.readouterr().err
    assert main(["baseline", "list"]) == 0


@pytest.mark.parametrize("words", [[], ["--anyway"]])
def test_a_run_without_answers_is_never_blessed(
    project: Project, capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    failed = {"text": None, "failure": {"kind": "server", "message": "gone"}}
    project.arm("gone", right=lambda i: True, change=lambda row: row | failed)
    project.models("base", "gone")
    project.compare("base", "gone")
    capsys.readouterr()
    assert main(["baseline", "bless", "latest", *words]) == 2
    assert not (project.folder / "reports/baselines").exists()
    assert "--anyway" in capsys.readouterr().err


def test_a_run_that_failed_is_blessed_if_somebody_insists(project: Project) -> None:
    project.compare("base", "worse")
    assert main(["baseline", "bless", "latest"]) == 2
    assert main(["baseline", "bless", "latest", "--anyway"]) == 0


def test_a_partial_run_is_never_blessed(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    project.compare("base", "better", "--limit", "90")
    assert main(["baseline", "bless", "latest"]) == 2
    assert "only a part" in capsys.readouterr().err


def test_data_is_checked_split_and_converted(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    data = "suites/data.jsonl"
    assert main(["data", "check", data]) == 0
    assert "100 examples in 100 independent units" in out(capsys)
    project.write("train.jsonl", json.dumps({"input": "What is 7 + 1?", "target": "8"}) + "\n")
    assert main(["data", "check", data, "--trained-on", "train.jsonl"]) == 2
    words = ["--share", "train=0.8", "--share", "test=0.2", "--stratify", "kind", "-o", "parts"]
    assert main(["data", "split", data, *words]) == 0
    parts = {name: (project.folder / "parts" / f"{name}.jsonl").read_text().splitlines() for name in ("train", "test")}
    assert {name: len(rows) for name, rows in parts.items()} == {"train": 80, "test": 20}
    assert sum('"odd"' in row for row in parts["test"]) == 10
    assert main(["data", "convert", data, "--to", "openai-chat", "-o", "chat.jsonl"]) == 0
    first = json.loads((project.folder / "chat.jsonl").read_text().splitlines()[0])
    assert [message["role"] for message in first["messages"]] == ["user", "assistant"]
    assert main(["data", "split", data, "--share", "train=x", "-o", "parts"]) == 2


def test_ledger_commands_say_so_where_nothing_is_kept(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ledger", "stats"]) == 2
    assert "no answers are kept" in capsys.readouterr().err


def test_runs_are_listed_newest_first_and_unknown_ones_told(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["runs"]) == 0
    project.compare("base", "better")
    capsys.readouterr()
    assert main(["runs", "list", "--json"]) == 0
    assert json.loads(out(capsys))["runs"][0]["outcome"] == "PASS"
    assert main(["runs", "show", "nothing"]) == 2
    assert "latest" in capsys.readouterr().err


def test_recordings_have_one_line_of_progress_an_arm_and_suite(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    project.write("suites/second.yaml", SUITE.replace("small", "second"))
    assert project.compare("base", "better") == 0
    assert capsys.readouterr().err.splitlines() == [
        "base (1 of 2) · second (1 of 2): 100/100, 100 kept",
        "base (1 of 2) · small (2 of 2): 100/100, 100 kept",
        "better (2 of 2) · second (1 of 2): 100/100, 100 kept",
        "better (2 of 2) · small (2 of 2): 100/100, 100 kept",
    ]
    assert main(["run", "base", "--suite", "suites/small.yaml"]) == 0
    assert capsys.readouterr().err.splitlines() == ["base · small: 100/100, 100 kept"]
