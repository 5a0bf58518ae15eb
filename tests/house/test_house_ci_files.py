"""What other people's CI takes from this repository: the action, the GitLab component, the hook of pre-commit."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from evalkit.cli import COMMANDS, command_parser, main

ROOT = Path(__file__).parents[2]
ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]*")


def steps() -> list[dict[str, Any]]:
    return list(ACTION["runs"]["steps"])


def step(name: str) -> dict[str, Any]:
    return next(one for one in steps() if one.get("id") == name or one.get("name") == name)


def known(command: str) -> set[str]:
    return set(OPTION.findall(command_parser(command)[0].format_help()))


def test_the_action_uses_every_input_and_no_other() -> None:
    used = set(re.findall(r"\$\{\{[^}]*inputs\.([a-z-]+)", (ROOT / "action.yml").read_text(encoding="utf-8")))
    used |= {name for one in steps() for name in re.findall(r"inputs\.([a-z-]+)", one.get("if", ""))}
    assert used == set(ACTION["inputs"])


def test_no_input_is_pasted_into_a_script() -> None:
    assert [one["name"] for one in steps() if "${{" in one.get("run", "")] == []
    assert "${{" not in step("Comment on the pull request")["with"]["script"]


@pytest.mark.parametrize("path", ["action.yml", "templates/evalkit.yml", ".pre-commit-hooks.yaml"])
def test_options_that_ci_names_exist(path: str) -> None:
    text = (ROOT / path).read_text(encoding="utf-8")
    spoken = set(OPTION.findall(text)) - {"--quiet"}
    assert spoken <= known("compare")
    assert {word for word in re.findall(r"evalkit ([a-z]+)(?= )", text) if word in COMMANDS} <= {"compare", "validate"}


def test_the_hook_runs_a_command_that_exists() -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    assert [hook["entry"].split() for hook in hooks] == [["evalkit", "validate"]]


def test_the_component_uses_every_input_and_no_other() -> None:
    header, job = yaml.safe_load_all((ROOT / "templates" / "evalkit.yml").read_text(encoding="utf-8"))
    assert set(re.findall(r"\$\[\[ inputs\.([a-z-]+) \]\]", json.dumps(job))) == set(header["spec"]["inputs"])


@pytest.mark.parametrize(
    ("words", "outcome", "code"),
    [
        ({"MODE": "replay"}, "PASS", 0),
        ({"MODE": "replay", "CANDIDATES": "nobody"}, "ERROR", 2),
        ({"MODE": "replay", "MORE": "--limit 8"}, "INCONCLUSIVE", 3),
    ],
)
def test_the_step_of_the_action_tells_what_came_of_it(
    tmp_path: Path, words: dict[str, str], outcome: str, code: int
) -> None:
    """The script itself, by bash, in the project that `evalkit init` makes."""
    assert main(["init", str(tmp_path)]) == 0
    output, summary = tmp_path / "output", tmp_path / "summary"
    names = {"BASE": "base", "CANDIDATES": "ft-model", "MAX_AGE": "", "MORE": "", **words}
    names |= {"RUNNER_TEMP": str(tmp_path), "GITHUB_OUTPUT": str(output), "GITHUB_STEP_SUMMARY": str(summary)}
    path = f"{Path(sys.executable).parent}:/usr/bin:/bin"
    done = subprocess.run(
        ["bash", "-e", "-c", step("compare")["run"]],
        cwd=tmp_path,
        env={**names, "PATH": path, "PYTHONPATH": str(ROOT), "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert output.read_text().splitlines() == [f"exit-code={code}", f"outcome={outcome}"]
    if outcome != "ERROR":
        assert summary.read_text(encoding="utf-8").startswith("<!-- evalkit:report -->")
        assert (tmp_path / "evalkit" / "report" / "index.html").is_file()
