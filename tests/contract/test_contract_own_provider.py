"""A provider that a package brings answers like any other: options checked, facts believed, answers kept."""

import sys

import pytest
from packages import install, shown_code
from pages import read_page
from project import Project, told

from evalkit.cli import main

ARM = "  bot: {provider: rules, options: {rules: {What: '1'}}}\n"


@pytest.fixture
def own(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    folder = project.folder / "site"
    text = shown_code("write-a-provider.md")
    install(folder, group="evalkit.models", name="rules", target="rules_provider:open_rules", text=text)
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.delitem(sys.modules, "rules_provider", raising=False)
    models = project.folder / "suites" / "models.yaml"
    models.write_text(models.read_text(encoding="utf-8") + ARM, encoding="utf-8")
    return project


def test_its_model_is_compared_and_named_in_the_verdict(own: Project) -> None:
    verdict = own.verdict("base", "bot", "--report", "page")
    assert verdict["models"]["candidate"]["provider"] == "rules"
    assert verdict["outcome"] == "FAIL"
    (answer,) = [item for item in verdict["suites"][0]["metrics"] if item["metric"] == "answer" and not item["slice"]]
    assert answer["candidate"] == pytest.approx(0.01)
    assert "rules" in read_page(own.folder / "page" / "index.html")


def test_plan_believes_that_its_calls_are_free(own: Project, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", "base", "bot"]) == 0
    assert "no call that is billed" in capsys.readouterr().out
    assert own.compare("base", "bot", "--max-cost", "0.01") == 1


def test_its_options_are_checked_by_itself(own: Project, capsys: pytest.CaptureFixture[str]) -> None:
    models = own.folder / "suites" / "models.yaml"
    models.write_text(models.read_text(encoding="utf-8").replace("{What: '1'}", "[What]"), encoding="utf-8")
    (line,) = told(capsys, "compare", "base", "bot")
    assert "`options` needs `rules`: a mapping from words to answers" in line


def test_a_call_that_no_rule_fits_is_a_failed_call(own: Project) -> None:
    models = own.folder / "suites" / "models.yaml"
    models.write_text(models.read_text(encoding="utf-8").replace("What", "Who"), encoding="utf-8")
    assert own.verdict("base", "bot")["outcome"] == "INVALID"
