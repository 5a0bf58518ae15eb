"""Cases go to people and their labels come back: agreement with each other, with the scorers, and as given scores."""

from __future__ import annotations

import csv
import html
import json
from pathlib import Path
from typing import Any

import pytest
from pages import read_page
from project import Project

from evalkit.cli import main
from evalkit.core.recording import Recording


@pytest.fixture
def kept(project: Project) -> Project:
    """Base right but at every tenth question, candidate on even ones."""
    project.data()
    project.suite()
    project.arm("base", right=lambda i: i % 10 != 0)
    project.arm("candidate", right=lambda i: i % 2 == 0)
    project.models("base", "candidate")
    project.compare("base", "candidate")
    return project


def table(kept: Project, *people: str, wrong: int = 0) -> None:
    """A long table: everyone says of the candidate what is so, but the last one errs `wrong` times."""
    lines = ["id,annotator,candidate.good"]
    for who in people:
        for i in range(kept.n):
            right = (i % 2 == 0) != (who == people[-1] and i < wrong)
            lines.append(f"q{i},{who},{'yes' if right else 'no'}")
    kept.write("labels.csv", "\n".join(lines) + "\n")


def report(*words: str) -> dict[str, Any]:
    assert main(["labels", *words, "--json", "labels.json"]) == 0
    found: dict[str, Any] = json.loads(Path("labels.json").read_text(encoding="utf-8"))
    return found


def test_two_annotators_have_cohens_kappa_and_three_fleiss(kept: Project, capsys: pytest.CaptureFixture[str]) -> None:
    table(kept, "aoki", "sato", wrong=20)
    (one,) = report("labels.csv")["labels"]
    assert one["annotators"] == ["aoki", "sato"]
    assert round(one["cohen"]["value"], 6) == 0.6  # 80 of 100 equal, half of them yes by either
    assert one["fleiss"] is None
    assert abs(one["alpha"]["value"] - 0.6) < 0.01
    table(kept, "aoki", "sato", "tanaka", wrong=20)
    (one,) = report("labels.csv")["labels"]
    assert one["cohen"] is None
    assert 0.6 < one["fleiss"]["value"] < 0.8
    assert "Fleiss' kappa" in capsys.readouterr().out


def test_labels_stand_beside_the_scorers_of_the_same_arm(kept: Project, capsys: pytest.CaptureFixture[str]) -> None:
    table(kept, "aoki", "sato", "tanaka", wrong=20)
    (one,) = report("labels.csv")["labels"]
    (against,) = one["against"]
    assert (against["metric"], against["kappa"]["value"], against["kappa"]["n"]) == ("answer", 1.0, 100)
    assert "with answer: equal 100%" in capsys.readouterr().out


def test_the_page_shows_how_far_people_agree_with_each_other_and_with_the_scorers(kept: Project) -> None:
    table(kept, "aoki", "sato", wrong=20)
    (one,) = report("labels.csv", "--report", "page")["labels"]
    text = html.unescape(read_page("page/index.html"))
    alpha, low, high = (one["alpha"][name] for name in ("value", "low", "high"))
    for told in (
        "Agreement of people",
        "2 annotators: aoki, sato",
        "Cohen's kappa",
        f"{alpha:.2f}",
        f"{low:.2f} to {high:.2f}",
        "people and answer",
        "people 50%, scorer 50%",
    ):
        assert told in text, told
    assert main(["report", "latest", "--report", "plain"]) == 0
    assert "Agreement of people" not in read_page("plain/index.html"), "no label stands in it"


def test_labels_in_the_answers_show_their_agreement_wherever_the_run_is_shown(kept: Project) -> None:
    table(kept, "aoki", "sato", wrong=20)
    (one,) = report("labels.csv", "-o", "judged")["labels"]
    arms = ["judged/candidate.jsonl.gz", "judged/candidate.jsonl.gz"]
    assert main(["compare", *arms, "--report", "page", "--json", "v.json"]) in (0, 1, 3, 4)
    assert main(["report", "latest", "--report", "again"]) == 0
    for page in ("page", "again"):
        text = html.unescape(Path(page, "index.html").read_text(encoding="utf-8"))
        assert "Agreement of people" in text
        assert f"{one['alpha']['low']:.2f} to {one['alpha']['high']:.2f}" in text
    (suite,) = json.loads(Path("v.json").read_text(encoding="utf-8"))["suites"]
    told = {row["name"]: row for row in suite["sections"]["agreement"]}
    assert told["candidate.good"]["alpha"]["value"] == pytest.approx(one["alpha"]["value"])
    assert told["candidate.good"]["against"][0]["kappa"]["value"] == 1.0


def test_labels_come_back_as_given_scores_that_a_suite_gates(kept: Project) -> None:
    lines = ["id,annotator,base.good,candidate.good"]
    lines += [f"q{i},{who},yes,{'yes' if i % 2 else 'no'}" for i in range(kept.n) for who in ("aoki", "sato")]
    kept.write("labels.csv", "\n".join(lines) + "\n")
    assert main(["labels", "labels.csv", "-o", "judged"]) == 0
    rows = {row.example_id: row for row in Recording.read("judged/candidate.jsonl.gz").responses}
    assert rows["q1"].scores == {"good": 1.0, "good@aoki": 1.0, "good@sato": 1.0}
    assert rows["q2"].scores["good"] == 0.0
    kept.suite(
        "evalkit: 1\nname: small\ndataset: {path: data.jsonl}\ngenerate: {max_tokens: 8}\n"
        "scorers: {good: {type: given, score: good, low: 0, high: 1, better: higher}}\n"
        "gates: [{type: no_regression, metric: good, margin: 0.05}]\n"
    )
    assert main(["compare", "judged/base.jsonl.gz", "judged/candidate.jsonl.gz"]) == 1
    assert main(["labels", "labels.csv", "-o", "judged"]) == 2  # what is there is not written over


def test_a_sheet_of_cases_comes_back_with_a_column_that_somebody_added(kept: Project) -> None:
    assert main(["cases", "latest", "-o", "cases.csv"]) == 0
    with Path("cases.csv").open(encoding="utf-8-sig", newline="") as handle:
        rows = list(csv.DictReader(handle))
    with Path("aoki.csv").open("w", encoding="utf-8-sig", newline="") as handle:
        writer = csv.DictWriter(handle, [*rows[0], "base.good"])
        writer.writeheader()
        writer.writerows({**row, "base.good": "○" if at % 3 else "×"} for at, row in enumerate(rows))
    (one,) = report("aoki.csv")["labels"]
    assert (one["name"], one["annotators"], one["cases"]) == ("base.good", ["aoki"], 100)


def test_label_studio_and_argilla_take_the_cases_and_give_labels_back(kept: Project) -> None:
    assert main(["cases", "latest", "--state", "broken", "--for", "label-studio", "-o", "tasks.json"]) == 0
    tasks = json.loads(Path("tasks.json").read_text(encoding="utf-8"))
    assert {*tasks[0]} == {"data"}
    assert all(isinstance(value, str) for value in tasks[0]["data"].values())
    assert "$candidate" in Path("tasks.xml").read_text(encoding="utf-8")
    for task in tasks:
        task["annotations"] = [
            {"completed_by": who, "result": [
                {"from_name": "candidate.good", "type": "choices", "value": {"choices": ["no"]}},
                {"from_name": "why", "type": "textarea", "value": {"text": ["wrong"]}},
            ]}
            for who in (1, {"id": 2, "email": "b@example.org"})
        ]  # fmt: skip
    tasks[0]["annotations"][0]["was_cancelled"] = True
    kept.write("done.json", json.dumps(tasks))
    found = report("done.json")
    assert found["labels"][0]["annotators"] == ["1", "b@example.org"]
    assert any("skipped or cancelled" in note for note in found["notes"])

    assert main(["cases", "latest", "--for", "argilla", "-o", "records.json"]) == 0
    records = json.loads(Path("records.json").read_text(encoding="utf-8"))
    assert {*records[0]["fields"]} == {"input", "target", "base", "candidate"}
    for record in records:
        record["responses"] = {"candidate__good": [{"value": "yes", "user_id": "u1"}]}
    kept.write("done.json", json.dumps(records))
    assert report("done.json")["labels"][0]["cases"] == 100


def test_the_tools_own_models_take_the_files(kept: Project) -> None:
    assert main(["cases", "latest", "--for", "label-studio", "-o", "tasks.json"]) == 0
    assert main(["cases", "latest", "--for", "argilla", "-o", "records.json"]) == 0
    interface = pytest.importorskip("label_studio_sdk.label_interface").LabelInterface
    shape = interface(Path("tasks.xml").read_text(encoding="utf-8"))
    assert all(shape.validate_task(task) for task in json.loads(Path("tasks.json").read_text(encoding="utf-8")))
    argilla = pytest.importorskip("argilla.records._io")
    records = argilla.JsonIO._records_from_json("records.json")
    assert len(records) == kept.n
    assert records[0].fields["input"] == "What is 0 + 1?"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("id,candidate.good\nz1,yes\n", "none of the 1 labels is of a case of this run (first: 'z1')"),
        ("case,candidate.good\nq1,yes\n", "has no column `id`"),
        ("id,suite\nq1,small\n", "has no column of labels"),
        ("id,annotator,candidate.good\nq1,a,yes\nq1,a,no\n", "a labels candidate.good of 'q1' twice: yes and no"),
        ("id,candidate.good\nq1,\n", "holds no label"),
    ],
)
def test_what_is_no_label_is_told(kept: Project, capsys: pytest.CaptureFixture[str], text: str, told: str) -> None:
    kept.write("labels.csv", text)
    assert main(["labels", "labels.csv", "-o", "judged"]) == 2
    assert told in capsys.readouterr().err
    assert not Path("judged").exists()


def test_a_tool_or_a_file_that_cannot_be_is_told_before_the_run_is_read(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    for words, told in (
        (["--for", "doccano", "-o", "a.json"], "no such tool"),
        (["--for", "argilla", "-o", "a.csv"], "reads JSON"),
    ):
        assert main(["cases", "latest", *words]) == 2
        assert told in capsys.readouterr().err
