"""Heavy things wait: nothing heavy is loaded before it is used, and help is quick."""

import json
import os
import subprocess
import sys

import pytest

LESS_HEAVY = ("numpy", "pydantic", "ruamel.yaml", "rich")
HEAVY = ("torch", "transformers", "openai", "sklearn", "scipy", "pandas", "fairlearn", "jinja2", "peft", "statsmodels")


def loaded_after(code: str, heavy: tuple[str, ...] = HEAVY) -> set[str]:
    probe = f"{code}\nimport sys, json; print(json.dumps([m for m in {heavy!r} if m in sys.modules]))"
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.parametrize(
    "code",
    [
        "import evalkit",
        "import evalkit.cli; evalkit.cli.main(['--help'])",
        "import evalkit.cli; [evalkit.cli.command_parser(name) for name in evalkit.cli.COMMANDS]",
        "import evalkit.pytest_plugin",
        "from evalkit import load_suite",
        "import evalkit.stats",
    ],
)
def test_nothing_heavy_is_loaded(code: str) -> None:
    assert loaded_after(code) == set()


def test_a_pytest_session_without_suites_loads_next_to_nothing() -> None:
    code = "import evalkit.pytest_plugin, pathlib; from evalkit.suite.find import is_suite; is_suite(pathlib.Path('x'))"
    assert loaded_after(code, HEAVY + LESS_HEAVY) == set()


def test_help_is_quick() -> None:
    """The promise is 150 ms of CPU; the bound is generous because machines differ."""
    before = os.times()
    subprocess.run([sys.executable, "-m", "evalkit", "--help"], capture_output=True, check=True)
    after = os.times()
    spent = after.children_user + after.children_system - before.children_user - before.children_system
    assert spent < 0.6


def test_every_command_has_help(capsys: pytest.CaptureFixture[str]) -> None:
    from evalkit.cli import COMMANDS, command_parser, main

    assert main(["--help"]) == 0
    text = capsys.readouterr().out
    for name in COMMANDS:
        assert name in text
        parser, module = command_parser(name)
        assert parser.description
        assert callable(module.run)


def test_python_m_is_the_same_program() -> None:
    done = subprocess.run([sys.executable, "-m", "evalkit", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("evalkit ")
