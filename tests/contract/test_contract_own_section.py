"""A section that a package brings stands in the page; one that cannot be drawn costs the report nothing."""

import json
import sys

import pytest
from packages import install, shown_code
from pages import read_page
from project import Project

from evalkit.cli import main


def bring(project: Project, monkeypatch: pytest.MonkeyPatch, *, name: str, target: str, text: str) -> None:
    folder = project.folder / "site"
    install(folder, group="evalkit.sections", name=name, target=target, text=text)
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.delitem(sys.modules, target.partition(":")[0], raising=False)


def page(project: Project) -> str:
    assert project.compare("base", "worse", "--report", "page") == 1
    return read_page(project.folder / "page" / "index.html")


def test_a_packages_section_stands_before_what_was_compared(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "Longest answers" not in page(project)
    target, text = "longest_section:longest_answers", shown_code("write-a-section.md")
    bring(project, monkeypatch, name="longest_answers", target=target, text=text)
    project.arm("worse", right=lambda i: i < 60, change=lambda row: {**row, "text": row["text"] + "!" * 9})
    shown = page(project)
    assert "Letters more than the base" in shown
    assert shown.index("Findings") < shown.index("Longest answers") < shown.index("What was compared")


def test_a_section_gives_figures_to_the_verdict_as_data(
    project: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (
        "import numpy as np\n"
        "def blocks(comparison, verdict): return []\n"
        "def data(comparison, verdict): return {'cases': len(comparison.examples), 'odd': [np.float64('nan')]}\n"
    )
    bring(project, monkeypatch, name="counted", target="counted_section", text=text)
    assert project.compare("base", "worse", "--json", "verdict.json") == 1
    (suite,) = json.loads((project.folder / "verdict.json").read_text(encoding="utf-8"))["suites"]
    assert suite["sections"] == {"counted": {"cases": suite["examples"], "odd": [None]}}
    capsys.readouterr()
    assert main(["runs", "show", "latest", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["suites"] == [suite], "a kept run says the same"


def test_figures_that_cannot_be_had_cost_the_verdict_nothing(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "def blocks(comparison, verdict): return []\ndef data(comparison, verdict): return 1 / 0\n"
    bring(project, monkeypatch, name="odd_one", target="odd_section", text=text)
    assert project.compare("base", "worse", "--json", "verdict.json") == 1
    (suite,) = json.loads((project.folder / "verdict.json").read_text(encoding="utf-8"))["suites"]
    assert suite["sections"] == {"odd_one": {"error": "ZeroDivisionError: division by zero"}}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("def blocks(comparison, verdict): return 1 / 0", "ZeroDivisionError: division by zero"),
        ("def blocks(comparison, verdict): return ['text']", "blocks of evalkit.core.blocks, not str"),
        ("def block(comparison, verdict): return []", "a module with blocks(comparison, verdict)"),
        ("import no_such_module", "ModuleNotFoundError"),
    ],
)
def test_a_section_that_cannot_be_drawn_says_so_in_its_place(
    text: str, why: str, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring(project, monkeypatch, name="odd_one", target="odd_section", text=text)
    shown = page(project)
    assert "Odd one" in shown
    assert "This section could not be drawn" in shown
    assert why in shown


def test_what_a_section_shows_is_text_and_never_runs(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (
        "from evalkit.core.blocks import Prose\n"
        "def blocks(comparison, verdict): return [Prose(heading='<script>h</script>', text='<script>t</script>')]\n"
    )
    bring(project, monkeypatch, name="<script>n</script>", target="sly_section", text=text)
    shown = page(project)
    assert not any(f"<script>{letter}" in shown for letter in "hnt")
    assert "&lt;script&gt;t" in shown
