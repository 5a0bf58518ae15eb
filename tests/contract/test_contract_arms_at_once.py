"""Every problem of models.yaml and of the arms that a command names is told at once, beside those of the suites."""

import pytest
from project import SUITE, Project, told

MODELS = """\
models:
  base: {provider: replay, recording: base.jsonl}
  better: {provider: replay, recording: better.jsonl}
  api: {provider: opnai, model: gpt-4o-mini}
  unnamed: {provider: openai}
"""
OPNAI = "suites/models.yaml:4:9: model 'api': unknown provider 'opnai' (did you mean 'openai'?)"
UNNAMED = "suites/models.yaml:5:3: model 'unnamed' needs `model`: the name the API knows"


def test_validate_checks_every_model_and_compare_those_it_asks(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    project.write("suites/models.yaml", MODELS)
    assert told(capsys, "validate") == [OPNAI, UNNAMED]
    assert told(capsys, "compare", "api", "unnamed") == [OPNAI, UNNAMED]
    assert project.compare("base", "better") == 0


def test_a_models_file_with_problems_hides_none_of_its_models_and_none_of_the_suites(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    text = MODELS.replace("recording: base.jsonl", "recoding: base.jsonl") + "  tuned: {provider: local}\n"
    project.write("suites/models.yaml", text)
    project.suite(SUITE.replace("exact", "exakt"))
    assert told(capsys, "validate") == [
        "suites/models.yaml:2:28: unknown key 'recoding' in models.base (did you mean 'recording'?)",
        OPNAI,
        UNNAMED,
        "suites/models.yaml:6:3: model 'tuned' needs `model`: a hub id or a folder",
        "suites/small.yaml:6:12: scorer 'answer': unknown scorer 'exakt' (did you mean 'exact'?)",
    ]


def test_what_a_torn_model_lacks_is_no_second_problem_and_its_provider_is_told(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    models = """\
models:
  api: {provider: openai, modell: gpt-4o-mini}
  cloud: {provider: openai, azure: {deployment: 3}}
  loca: {provider: loacl, adapter: a, modell: x}
  bare: {provdier: openai}
"""
    project.write("suites/models.yaml", models)
    assert [line.partition(": ")[2] for line in told(capsys, "validate")] == [
        "unknown key 'modell' in models.api (did you mean 'model'?)",
        "models.cloud.azure.deployment must be text, not a whole number (3)",
        "model 'loca': unknown provider 'loacl' (did you mean 'local'?)",
        "unknown key 'modell' in models.loca (did you mean 'model'?)",
        "unknown key 'provdier' in models.bare (did you mean 'provider'?)",
    ]


COMMANDS_WITH_ARMS = ["compare {} {}", "plan {} {}", "run {} {}"]


@pytest.mark.parametrize("command", COMMANDS_WITH_ARMS)
def test_every_arm_that_means_nothing_is_told_beside_the_suites(
    command: str, project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    project.suite(SUITE.replace("exact", "exakt"))
    assert told(capsys, *command.format("bse", "opnai:gpt-4o-mini").split()) == [
        "unknown model 'bse' (did you mean 'base'?)",
        "unknown provider 'opnai' (did you mean 'openai'?)",
        "suites/small.yaml:6:12: scorer 'answer': unknown scorer 'exakt' (did you mean 'exact'?)",
    ]


@pytest.mark.parametrize("command", COMMANDS_WITH_ARMS)
def test_arms_that_cannot_be_opened_are_told_beside_names_that_mean_nothing(
    command: str, project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    project.write("suites/models.yaml", MODELS)
    (project.folder / "suites/base.jsonl").unlink()
    found = told(capsys, *command.format("unnamed", "api base gone.jsonl").split())
    assert found[1:] == [OPNAI, UNNAMED, "no such recording: gone.jsonl"]
    assert found[0].startswith("suites/models.yaml:2:28: the recording of model 'base' is not there: base.jsonl")


def test_an_arm_that_the_models_file_breaks_is_not_unknown(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    text = MODELS.replace("better: {provider", "better: {provdier")
    project.write("suites/models.yaml", text)
    broken = "suites/models.yaml:3:12: unknown key 'provdier' in models.better (did you mean 'provider'?)"
    assert told(capsys, "compare", "base", "better") == [broken]
    assert told(capsys, "compare", "bettr", "api") == [
        broken,
        OPNAI,
        "unknown model 'bettr' (did you mean 'better'?)",
    ]
    project.write("suites/models.yaml", text.replace("models:", "modles:"))
    assert len(told(capsys, "compare", "base", "better")) == 1


def test_unsound_data_beside_an_unknown_arm_is_an_error(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    project.data([*project.rows(), project.rows()[0]])
    found = told(capsys, "compare", "base", "bettr")
    assert ["'bettr'" in found[0], "stands twice" in found[1], len(found)] == [True, True, 2]
