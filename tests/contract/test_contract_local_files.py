"""What a local model names and is not there is told by its name and line, without a network; what may be the hub's is
not called missing.
"""

import socket
from pathlib import Path

import pytest
from project import Project, told

from evalkit.cli import main

MODELS = """\
models:
  base: {provider: replay, recording: base.jsonl}
  tuned:
    provider: local
    model: "embedded:SmolLM2-135M-Instruct"
    adapter: ../no-such-adapter
  typo: {provider: local, model: "embedded:SmolLM2-135M"}
  merged: {provider: local, model: ./merged}
  dressed: {provider: local, model: org/base, chat_template: chat.jinja}
  beside: {provider: local, model: org/base, adapter: here/absent}
"""


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket.socket, "connect", refused)


def test_validate_and_compare_tell_every_file_that_is_not_there_by_model_and_line(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    project.write("suites/models.yaml", MODELS)
    project.write("suites/here/other.txt", "")
    here = project.folder.resolve()
    expected = [
        f"suites/models.yaml:6:5: model 'tuned': there is no folder {here}/no-such-adapter with its adapter",
        "suites/models.yaml:7:27: model 'typo': there is no embedded model 'embedded:SmolLM2-135M' "
        "(did you mean 'embedded:SmolLM2-135M-Instruct'?)",
        f"suites/models.yaml:8:29: model 'merged': there is no folder {here}/suites/merged",
        f"suites/models.yaml:9:47: model 'dressed': there is no chat template {here}/suites/chat.jinja",
        f"suites/models.yaml:10:46: model 'beside': there is no folder {here}/suites/here/absent with its adapter",
    ]
    assert told(capsys, "validate") == expected
    assert told(capsys, "compare", "base", "tuned", "typo", "merged", "dressed", "beside") == expected


def test_what_is_there_and_what_may_be_the_hubs_is_not_told(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    project.write("suites/tuned/adapter_config.json", "{}")
    project.write("merged/config.json", "{}")
    project.write("suites/chat.jinja", "{{ messages }}")
    long = "{% for message in messages %}" + "x" * 300 + "{% endfor %}"
    project.write(
        "suites/models.yaml",
        "models:\n"
        "  hub: {provider: local, model: someone/model, adapter: someone/adapter}\n"
        "  plain: {provider: local, model: gpt2, adapter: tuned, chat_template: plain}\n"
        f"  folder: {{provider: local, model: {project.folder}/suites/tuned, chat_template: chat.jinja}}\n"
        "  root: {provider: local, model: ./merged}\n"
        f"  written: {{provider: local, model: gpt2, chat_template: '{long}'}}\n"
        "  embedded: {provider: local, model: 'embedded:SmolLM2-135M-Instruct'}\n",
    )
    assert main(["validate"]) == 0
    heard = capsys.readouterr()
    assert "models.yaml" not in heard.err + heard.out


def test_a_recording_that_can_answer_makes_it_a_warning(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    spec = "{provider: local, model: 'embedded:SmolLM2-135M-Instruct', adapter: ./gone, recording: better.jsonl}"
    models = f"models:\n  base: {{provider: replay, recording: base.jsonl}}\n  tuned: {spec}\n"
    project.write("suites/models.yaml", models)
    assert main(["validate"]) == 0
    heard = capsys.readouterr()
    assert "warning: suites/models.yaml:3:" in heard.err
    assert "model 'tuned': there is no folder" in heard.err
    assert "models.yaml" not in heard.out
    assert main(["validate", "--strict"]) == 2
    assert project.compare("base", "tuned", "--replay") == 0
    capsys.readouterr()
    (line,) = told(capsys, "compare", "base", "tuned")
    assert line.startswith("suites/models.yaml:3:")


def test_an_arm_of_the_command_line_is_told_by_its_name(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    assert told(capsys, "compare", "base", "local:./absent") == [
        f"model 'local:./absent': there is no folder {Path.cwd().resolve()}/absent"
    ]


def test_an_adapter_of_the_hub_is_asked_for_there(
    project: Project, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    hub = pytest.importorskip("huggingface_hub")
    asked = []

    def unreachable(repo: str, **_: object) -> str:
        asked.append(repo)
        raise ConnectionError("Name or service not known")

    monkeypatch.setattr(hub, "snapshot_download", unreachable)
    model = "{provider: local, model: 'embedded:SmolLM2-135M-Instruct', adapter: someone/adapter}"
    project.write(
        "suites/models.yaml", f"models:\n  base: {{provider: replay, recording: base.jsonl}}\n  hub: {model}\n"
    )
    (line,) = [line for line in told(capsys, "compare", "base", "hub") if "Downloading" not in line]
    assert line.startswith("suites/models.yaml:3:")
    assert "model 'hub': someone/adapter is neither a folder here nor to be had from the hub" in line
    assert set(asked) == {"someone/adapter"}


def test_validate_tells_a_recording_that_is_not_there(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    project.write(
        "suites/models.yaml",
        "models:\n  base: {provider: replay, recording: bas.jsonl}\n"
        "  api: {provider: openai, model: gpt-4o-mini, recording: api.jsonl}\n",
    )
    assert main(["validate"]) == 2
    said = capsys.readouterr()
    told = said.out + said.err
    assert "models.yaml: not every model can be opened (1 problem)" in told
    assert "suites/models.yaml:2:28: the recording of model 'base' is not there: bas.jsonl" in told
    assert "base.jsonl" in told, "the file that was meant is named"
    assert "suites/models.yaml:3:47: the recording of model 'api' is not there" in told
    project.write("suites/models.yaml", "models:\n  base: {provider: replay, recording: base.jsonl}\n")
    assert main(["validate"]) == 0
