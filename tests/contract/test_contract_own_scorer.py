"""A scorer of one's own: a function beside the suite, in a folder that pyproject.toml names; never code in YAML."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from project import SUITE, Project, told

from evalkit.cli import main

PYPROJECT = '[project]\nname = "mine"\n\n[tool.evalkit]\nscorers = ["suites/scorers"]\n'
TONE = '''\
"""How calm an answer is."""

from words import LOUD


def is_calm(text: str) -> bool:
    """No loud word."""
    return not any(word in text for word in LOUD)


def length(text: str, *, at_most: int = 3) -> float:
    return min(len(text), at_most) / at_most


def touchy(text: str, example) -> bool:
    if text == "no":
        raise ValueError(f"no such answer: {example.id}")
    return True


def wordy(text: str):
    return "yes"


def not_a_number(text: str) -> float:
    return float("nan")


def half(text: str) -> bool:
    return 0.5


def leaves(text: str) -> bool:
    raise SystemExit(0)
'''


def suite(kind: str, **options: object) -> str:
    more = "".join(f", {name}: {value}" for name, value in options.items())
    return SUITE.replace("answer: {type: exact}", f'answer: {{type: "{kind}"{more}}}')


@pytest.fixture
def own(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.setattr(sys, "path", [*sys.path])
    project.write("pyproject.toml", PYPROJECT)
    project.write("suites/scorers/tone.py", TONE)
    project.write("suites/scorers/words.py", 'LOUD = ("no",)\n')
    return project


def metric(verdict: Mapping[str, Any], name: str = "answer") -> Mapping[str, Any]:
    (found,) = [one for one in verdict["suites"][0]["metrics"] if one["metric"] == name and one["slice"] is None]
    return dict(found)


def test_a_function_beside_the_suite_scores_and_gates(own: Project) -> None:
    own.suite(suite("tone:is_calm"))
    verdict = own.verdict("base", "worse")
    found = metric(verdict)
    assert (found["base"], found["candidate"], verdict["outcome"]) == (0.8, 0.48, "FAIL")


def test_a_suite_gives_a_function_its_options(own: Project) -> None:
    own.suite(suite("tone:length", at_most=1))
    assert metric(own.verdict("base", "same"))["base"] == 1.0
    own.suite(suite("tone:length", at_most=4))
    assert metric(own.verdict("base", "same"))["base"] < 1.0


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"at_mots": 2}, "(did you mean 'at_most'?)"),
        ({"at_most": '"two"'}, "at_most"),
    ],
)
def test_an_option_that_is_none_is_told_with_its_line(
    own: Project, capsys: pytest.CaptureFixture[str], options: dict[str, object], sentence: str
) -> None:
    own.suite(suite("tone:length", **options))
    (line,) = told(capsys, "validate")
    assert "suites/small.yaml:6" in line
    assert sentence in line


def test_what_a_function_raises_is_counted_with_its_file_and_line(own: Project) -> None:
    own.suite(suite("tone:touchy"))
    verdict = own.verdict("base", "worse")
    assert (verdict["outcome"], verdict["exit_code"]) == ("INVALID", 4)
    said = " ".join(finding["because"] for finding in verdict["suites"][0]["findings"])
    line = TONE.splitlines().index('        raise ValueError(f"no such answer: {example.id}")') + 1
    assert f"unscorable: ValueError: no such answer: q0 (scorers/tone.py:{line})" in said
    assert "20 of 100" in said


def test_a_function_that_exits_ends_no_command_and_passes_nothing(own: Project) -> None:
    own.suite(suite("tone:leaves"))
    verdict = own.verdict("base", "same")
    assert (verdict["outcome"], verdict["exit_code"]) == ("INVALID", 4)
    assert "unscorable: SystemExit: 0 (scorers/tone.py:" in verdict["suites"][0]["findings"][0]["because"]


def test_a_module_that_exits_while_it_is_loaded_is_an_error(own: Project, capsys: pytest.CaptureFixture[str]) -> None:
    own.suite(suite("script:main"))
    own.write("suites/scorers/script.py", "import sys\n\nmain = len\nsys.exit(0)\n")
    (line,) = told(capsys, "compare", "base", "same")
    assert "script.py:4: scorer 'answer': the module 'script' cannot be loaded: SystemExit: 0" in line


@pytest.mark.parametrize(
    ("name", "returned"),
    [
        ("wordy", "returned 'yes' (str), not a number"),
        ("not_a_number", "returned nan (float), not a number"),
        ("half", "returned 0.5 (float), not 0 or 1, for its metric is yes/no"),
    ],
)
def test_a_return_that_is_no_score_is_never_a_silent_0(own: Project, name: str, returned: str) -> None:
    own.suite(suite(f"tone:{name}"))
    verdict = own.verdict("base", "same")
    assert verdict["exit_code"] == 4
    line = TONE.splitlines().index(next(row for row in TONE.splitlines() if f"def {name}" in row)) + 1
    assert f"{name} (scorers/tone.py:{line}) {returned}" in str(verdict)
    assert not [one for one in verdict["suites"][0]["metrics"] if one["metric"] == "answer"]


def test_a_few_unscorable_answers_are_counted_and_taken_for_the_worst(own: Project) -> None:
    text = "def rare(text: str) -> bool:\n    return 1 / (text != '7') > 0\n"
    own.write("suites/scorers/rare.py", text)
    own.suite(suite("rare:rare"))
    verdict = own.verdict("better", "same")
    assert verdict["exit_code"] != 4
    assert metric(verdict)["n"] == 99


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "def f(text: str) -> str:\n    return text\n",
            "f.py:1: the scorer 'f' says that it returns str, which is no score",
        ),
        ("def f(txt: str) -> bool:\n    return True\n", "f.py:1: the scorer 'f' asks for txt (did you mean 'text'?)"),
        ("\nasync def f(text: str) -> bool:\n    return True\n", "f.py:2: the scorer 'f' is async"),
        (
            "def f(text: str, *, low) -> bool:\n    return True\n",
            "f.py:1: the scorer 'f' has options without a type: low",
        ),
        ("def f(text) -> bool:\n    retrun True\n", "f.py:2:12: the module 'f' is no Python: invalid syntax"),
        ("import nowhere_to_be_found\n", "f.py:1: the module 'f' cannot be loaded: ModuleNotFoundError"),
        ("x = 1\n\n\ny = 1 / 0\n", "f.py:4: the module 'f' cannot be loaded: ZeroDivisionError: division by zero"),
        ("def g(text: str) -> bool:\n    return True\n", "f.py: the module 'f' has no 'f'"),
        ("class f:\n    pass\n", "f.py:1: scorer 'f:f': f is not a dataclass"),
    ],
)
def test_a_function_that_cannot_score_is_told_before_anything_is_asked(
    own: Project, capsys: pytest.CaptureFixture[str], text: str, sentence: str
) -> None:
    own.write("suites/scorers/f.py", text)
    own.suite(suite("f:f"))
    (line,) = told(capsys, "compare", "base", "same")
    assert f"scorers/{sentence.partition(': ')[0]}: scorer 'answer': {sentence.partition(': ')[2]}" in line


def test_a_folder_that_pyproject_does_not_name_is_not_looked_into(
    own: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    own.write("pyproject.toml", '[project]\nname = "mine"\n')
    own.suite(suite("tone:is_calm"))
    assert main(["validate"]) == 2
    said = capsys.readouterr().err
    assert "there is no module 'tone'" in said
    assert '[tool.evalkit] with the line scorers = ["suites/scorers"]' in said


def test_a_misspelt_module_or_function_has_its_neighbour(own: Project, capsys: pytest.CaptureFixture[str]) -> None:
    own.suite(suite("tonne:is_calm"))
    assert "no module 'tonne' (did you mean 'tone'?)" in told(capsys, "validate")[0]
    own.suite(suite("tone:is_clam"))
    assert "has no 'is_clam' (did you mean 'is_calm'?)" in told(capsys, "validate")[0]


@pytest.mark.parametrize("kind", ["tone:is_calm()", "tone:lambda text: 1", "__import__('os'):system", "tone:a.b", ":x"])
def test_code_in_yaml_is_refused(own: Project, capsys: pytest.CaptureFixture[str], kind: str) -> None:
    own.suite(suite(kind))
    assert "names no scorer" in told(capsys, "validate")[0]


def test_a_file_named_like_a_module_of_python_is_told(own: Project, capsys: pytest.CaptureFixture[str]) -> None:
    own.write("suites/scorers/random.py", "def f(text: str) -> bool:\n    return True\n")
    own.suite(suite("random:f"))
    assert "is hidden by another of that name" in told(capsys, "validate")[0]


def test_a_wrong_table_in_pyproject_is_told_with_its_line(own: Project, capsys: pytest.CaptureFixture[str]) -> None:
    own.suite(suite("tone:is_calm"))
    own.write("pyproject.toml", '[tool.evalkit]\nscorer = ["x"]\n')
    assert "pyproject.toml:2: " in (said := told(capsys, "validate")[0])
    assert "(did you mean 'scorers'?)" in said
    own.write("pyproject.toml", '[tool.evalkit]\n\nscorers = ["suites/scorer"]\n')
    assert "pyproject.toml:3: " in (said := told(capsys, "validate")[0])
    assert "there is no folder" in said


def test_an_edit_of_the_file_is_another_version(own: Project) -> None:
    from evalkit.scorers.build import build_scorer

    root = own.folder / "suites"
    before = build_scorer("tone:is_calm", {}, root=root).version
    assert build_scorer("tone:is_calm", {}, root=root).version == before
    own.write("suites/scorers/tone.py", TONE + "\n# edited\n")
    assert build_scorer("tone:is_calm", {}, root=root).version != before


def test_two_projects_with_a_module_of_one_name_do_not_mix(own: Project, tmp_path: Path) -> None:
    from evalkit.scorers.build import build_scorer

    other = tmp_path / "other"
    for name, text in (
        ("pyproject.toml", PYPROJECT),
        ("suites/scorers/tone.py", "def is_calm(text: str) -> bool:\n    return False\n"),
    ):
        (other / name).parent.mkdir(parents=True, exist_ok=True)
        (other / name).write_text(text, encoding="utf-8")
    here, there = (build_scorer("tone:is_calm", {}, root=root / "suites") for root in (own.folder, other))
    assert (here("calm"), there("calm")) == (True, False)  # type: ignore[operator]


def test_whatever_exits_behind_a_command_is_never_its_exit_code(
    project: Project, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A package's own part may call exit(0) anywhere; 0 would read as PASS."""

    def leave(*_: object, **__: object) -> None:
        raise SystemExit(0)

    monkeypatch.setattr("evalkit.cli.compare.run", leave)
    (line,) = told(capsys, "compare", "base", "same")
    assert "a module that evalkit was told to use ended the command: SystemExit: 0" in line
    assert line.endswith("nothing was decided")
