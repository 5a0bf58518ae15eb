"""What is documented ran: commands of the README and of docs/, their YAML, their Python."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from evalkit.cli import COMMANDS, command_parser, main

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")), *sorted((ROOT / "examples").rglob("*.md"))]
BLOCK = re.compile(r"^(?P<indent> *)```(?P<kind>[\w-]+)[^\n]*\n(?P<text>.*?)^(?P=indent)```", re.MULTILINE | re.DOTALL)


def blocks(*kinds: str) -> Iterator[pytest.param]:  # type: ignore[valid-type]
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for match in BLOCK.finditer(text):
            if match["kind"] in kinds:
                line = text[: match.start()].count("\n") + 1
                yield pytest.param(page, match["text"], id=f"{page.relative_to(ROOT)}:{line}")


def commands() -> Iterator[pytest.param]:  # type: ignore[valid-type]
    for parameters in blocks("sh", "bash", "console"):
        page, text = parameters.values
        for line in str(text).replace("\\\n", " ").splitlines():
            words = line.split("#")[0].strip().removeprefix("$ ")
            if words.startswith("evalkit "):
                yield pytest.param(words, id=f"{page.relative_to(ROOT)}: {words}")


@pytest.mark.parametrize("line", list(commands()))
def test_a_documented_command_is_understood(line: str) -> None:
    name, *words = shlex.split(line)[1:]
    if name.startswith("-"):
        assert main([name]) == 0
        return
    assert name in COMMANDS
    command_parser(name)[0].parse_args(words) if "--help" not in words and "..." not in words else None


@pytest.mark.parametrize(("page", "text"), list(blocks("yaml")))
def test_a_documented_yaml_block_is_valid(page: Path, text: str, tmp_path: Path) -> None:
    found = YAML(typ="safe", pure=True).load(text)
    assert found is not None
    if isinstance(found, dict) and "evalkit" in found:
        from evalkit.suite.load import load_suite

        path = tmp_path / "suite.yaml"
        path.write_text(text, encoding="utf-8")
        load_suite(path)
    elif isinstance(found, dict) and "models" in found:
        from evalkit.suite.load import load_models

        path = tmp_path / "models.yaml"
        path.write_text(text, encoding="utf-8")
        load_models(path)


def programs() -> Iterator[pytest.param]:  # type: ignore[valid-type]
    """Every Python block once, though it stand in both languages."""
    met: set[str] = set()
    for parameters in blocks("python"):
        text = str(parameters.values[1])
        if text not in met:
            yield parameters
        met.add(text)


@pytest.mark.parametrize(("page", "text"), list(programs()))
def test_a_documented_python_block_runs(page: Path, text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks run in a project made by `evalkit init`."""
    monkeypatch.chdir(tmp_path)
    assert main(["init"]) == 0
    exec(compile(text, str(page), "exec"), {"__name__": "docs"})


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text):
        if "://" not in target and not target.startswith("mailto:"):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_a_first_project_runs_as_the_readme_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["init"]) == 0
    assert main(["validate"]) == 0
    assert main(["compare", "base", "ft-model", "--replay"]) == 0
    assert "not proven" not in capsys.readouterr().out
    assert main(["init"]) == 2
    suite = tmp_path / "suites" / "first.yaml"
    suite.write_text(suite.read_text(encoding="utf-8") + 'prompt: {system: "Answer in French."}\n', encoding="utf-8")
    assert main(["compare", "base", "ft-model", "--replay"]) == 4, "these answers were given to another prompt"


def test_an_unchanged_model_can_pass_every_gate_of_the_first_project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["init"]) == 0
    assert main(["plan", "base", "ft-model"]) == 0
    assert "cannot pass" not in capsys.readouterr().out
    assert main(["compare", "base", "suites/recordings/base.jsonl", "--replay"]) == 0
