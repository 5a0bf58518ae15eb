"""A gate that a package brings is a gate everywhere: schema, validate, plan, compare, pytest, report."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from packages import install, shown_code
from pages import read_page
from project import SUITE, Project, told

from evalkit.cli import main
from evalkit.core.errors import UsageError
from evalkit.core.registry import register, registry_of
from evalkit.gates import Gate
from evalkit.suite.load import suite_schema

OWN = SUITE.replace("gates:\n", "gates:\n  - {type: few_broken, metric: answer, most: 2}\n")


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of installed packages, with the gate that the how-to page shows."""
    folder = tmp_path / "site"
    install(
        folder,
        group="evalkit.gates",
        name="few_broken",
        target="few_broken_gate:FewBroken",
        text=shown_code("write-a-gate.md"),
    )
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.delitem(sys.modules, "few_broken_gate", raising=False)
    return folder


@pytest.fixture
def own(project: Project, site: Path) -> Project:
    project.suite(OWN)
    return project


def bring(project: Project, monkeypatch: pytest.MonkeyPatch, *, name: str, target: str, text: str) -> None:
    folder = project.folder / "site"
    install(folder, group="evalkit.gates", name=name, target=target, text=text)
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.delitem(sys.modules, target.partition(":")[0], raising=False)


def finding(verdict: Mapping[str, Any], gate: str = "few_broken") -> Mapping[str, Any]:
    (found,) = [item for item in verdict["suites"][0]["findings"] if item["gate"] == gate]
    return dict(found)


def test_the_schema_knows_its_keys(site: Path) -> None:
    schema = suite_schema()
    gates = schema["properties"]["gates"]["items"]
    assert gates["discriminator"]["mapping"]["few_broken"] == "#/$defs/FewBroken"
    assert schema["$defs"]["FewBroken"]["properties"]["most"]["minimum"] == 0
    assert "may break" in schema["$defs"]["FewBroken"]["properties"]["most"]["description"]


def test_validate_checks_its_keys_and_names(own: Project, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate"]) == 0
    own.suite(OWN.replace("most: 2", "mots: 2"))
    assert "unknown key 'mots' in gates[0] (did you mean 'most'?)" in told(capsys, "validate")[0]
    own.suite(OWN.replace("most: 2", "most: -1"))
    assert "gates[0].most must be at least 0, not -1" in told(capsys, "validate")[0]
    own.suite(OWN.replace("metric: answer, most", "metric: anser, most"))
    assert "no scorer produces the metric 'anser' (did you mean 'answer'?)" in told(capsys, "validate")[0]
    own.suite(OWN.replace("few_broken", "few_brocken"))
    assert "(did you mean 'few_broken'?)" in told(capsys, "validate")[0]


def test_plan_forecasts_it(own: Project, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", "base", "worse"]) == 0
    assert "few_broken answer: n=100" in capsys.readouterr().out
    own.suite(OWN.replace("most: 2", "most: 100"))
    assert main(["plan", "base", "worse"]) == 0
    assert "few_broken answer cannot fail: there are 100 cases only" in capsys.readouterr().out


def test_compare_judges_it_and_says_what_failed_in_its_words(own: Project) -> None:
    verdict = own.verdict("base", "worse")
    found = finding(verdict)
    assert (verdict["outcome"], found["state"], found["gate_index"], found["broken"]) == ("FAIL", "FLOOR_FAIL", 0, 32)
    assert found["because"] == "32 of 100 cases broke on answer: more than the 2 allowed."
    assert found["missing"]["margin"] == "broken cases are counted, so there is no margin"
    assert "more cases broke than are allowed in: small" in verdict["because"]
    assert finding(own.verdict("base", "same"))["state"] == "PASS"


def test_it_fails_closed_where_calls_failed(own: Project) -> None:
    def lost(row: dict[str, Any]) -> dict[str, Any]:
        failed = row["id"] in ("q1", "q2", "q3")
        return {"id": row["id"], "failure": {"kind": "server", "message": "500"}} if failed else row

    own.suite(OWN + "policy: {max_error_rate: 0.1}\n")
    own.arm("same", right=lambda i: i % 5 != 0, change=lost)
    assert finding(own.verdict("base", "same"))["state"] == "INCONCLUSIVE"


def test_the_report_shows_its_finding_and_its_section(own: Project) -> None:
    own.compare("base", "worse", "--report", "page", "--junit", "junit.xml", "--markdown", "comment.md")
    page = read_page(own.folder / "page" / "index.html")
    assert "32 of 100 cases broke on answer" in page
    assert "Few broken" in page
    assert "Broken cases, counted" in page
    assert "few_broken[answer]" in (own.folder / "junit.xml").read_text(encoding="utf-8")
    assert "32 of 100 cases broke on answer" in (own.folder / "comment.md").read_text(encoding="utf-8")
    assert main(["report", "latest", "--report", "again"]) == 0
    assert read_page(own.folder / "again" / "index.html") == page, "a kept run is drawn as it was"


def test_pytest_has_an_item_for_it(own: Project, site: Path) -> None:
    paths = os.pathsep.join([str(site), *filter(None, [os.environ.get("PYTHONPATH"), str(Path(__file__).parents[2])])])
    words = ["-q", "-p", "no:cacheprovider", "suites", "--evalkit-candidate", "worse", "-k", "few_broken"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *words],
        cwd=own.folder,
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert "FAILED suites/small.yaml::few_broken[answer] - FLOOR_FAIL few_broken" in done.stdout


def test_a_waiver_names_it_like_any_other(own: Project) -> None:
    waiver = "{gate: few_broken, metric: answer, reason: known, owner: mei, expires: 2999-01-01}"
    own.suite(OWN + f"waivers:\n  - {waiver}\n")
    assert finding(own.verdict("base", "worse"))["state"] == "WAIVED"


def test_a_kept_run_is_decided_again_with_it(own: Project) -> None:
    own.verdict("base", "worse")
    assert main(["gate", "latest", "--json", "again.json"]) == 1
    again = json.loads((own.folder / "again.json").read_text(encoding="utf-8"))
    assert finding(again)["state"] == "FLOOR_FAIL"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("raise ImportError('no such driver')", "gate 'odd' cannot be loaded: ImportError: no such driver"),
        ("Odd = object()", "a gate is a class that inherits from evalkit.gates.Gate"),
        ("from evalkit.gates import Gate\nclass Odd(Gate): type: str", "Odd has no judge"),
        (
            "from evalkit.gates import Gate\nclass Odd(Gate):\n  def judge(self, context): return ()",
            'Odd must say its name: type: Literal["odd"]',
        ),
        (
            "from evalkit.gates import Gate\nclass Odd(Gate):\n  odd: int = 1\n  def judge(self, context): return ()",
            "a gate cannot be called like one of its keys (type, odd)",
        ),
    ],
)
def test_a_package_that_brings_no_gate_is_told_where_the_suite_names_it(
    text: str, why: str, project: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    bring(project, monkeypatch, name="odd", target="odd_gate:Odd", text=text)
    assert main(["validate"]) == 0, "a suite that does not name it does not mind"
    project.suite(SUITE.replace("gates:\n", "gates:\n  - {type: odd, metric: answer}\n"))
    (line,) = told(capsys, "validate")
    assert line.startswith("suites/small.yaml:10:")
    assert why in line


CRASHES = """
from typing import Literal

from evalkit.gates import Gate


class Crashing(Gate):
    type: Literal["crashing"]
    metric: str

    def problems(self):
        {checked}
        return ()

    def judge(self, context):
        return {judged}

    def guards(self, example):
        raise ValueError("no guard")

    def margin_of(self, metric):
        raise ValueError("no margin")

    def forecast(self, ask, index):
        raise ValueError("no forecast")

    @classmethod
    def sections(cls, findings):
        raise ValueError("no section")
"""


@pytest.mark.parametrize(
    ("judged", "why"),
    [
        ("1 / 0", "the gate could not judge: ZeroDivisionError: division by zero."),
        ("()", "the gate found nothing to judge."),
        ("[None]", "the gate could not judge: TypeError"),
    ],
)
def test_a_gate_that_crashes_or_says_nothing_is_invalid_and_never_a_pass(
    judged: str, why: str, project: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    bring(
        project,
        monkeypatch,
        name="crashing",
        target="crashing_gate:Crashing",
        text=CRASHES.format(judged=judged, checked=""),
    )
    project.suite(SUITE.replace("gates:\n", "gates:\n  - {type: crashing, metric: answer}\n"))
    assert main(["plan", "base", "same"]) == 0
    assert "could not be forecast: ValueError: no forecast" in capsys.readouterr().out
    verdict = project.verdict("base", "same", "--report", "page")
    assert verdict["outcome"] == "INVALID"
    assert why in finding(verdict, "crashing")["because"]
    page = read_page(project.folder / "page" / "index.html")
    assert "could not show its findings: ValueError: no section" in page


def test_a_gate_that_cannot_check_its_keys_is_a_problem_of_the_suite(
    project: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = CRASHES.format(judged="()", checked="raise ValueError('oh')")
    bring(project, monkeypatch, name="crashing", target="crashing_gate:Crashing", text=text)
    project.suite(SUITE.replace("gates:\n", "gates:\n  - {type: crashing, metric: answer}\n"))
    (line,) = told(capsys, "validate")
    assert line.endswith("gate crashing could not check its keys: ValueError: oh")


def test_a_run_that_may_stop_early_asks_every_case_a_gate_may_guard(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = CRASHES.format(judged="()", checked="")
    bring(project, monkeypatch, name="crashing", target="crashing_gate:Crashing", text=text)
    project.suite(SUITE.replace("gates:\n", "gates:\n  - {type: crashing, metric: answer}\n"))
    verdict = project.verdict("base", "better", "--early-stop")
    assert verdict["suites"][0]["examples"] == 100


def test_evalkits_own_names_cannot_be_taken() -> None:
    floor = registry_of("gate").load("floor")
    with pytest.raises(UsageError, match="gate 'floor' is evalkit's own"):
        register("gate", "floor", floor)
    with pytest.raises(UsageError, match=r"nothing of the kind 'gates' .*did you mean 'gate'"):
        register("gates", "mine", floor)
    assert isinstance(floor, type)
    assert issubclass(floor, Gate)
