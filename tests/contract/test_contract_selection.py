"""Answers as decisions: selection rates by group, and how they stand against the targets."""

import json

import pytest
from project import Project

from evalkit.cli import main

SUITE = """\
evalkit: 1
name: screening
dataset: {path: data.jsonl}
generate: {max_tokens: 8}
scorers:
  decision: {type: exact}
slices:
  - {by: sex, min_n: 10}
groups:
  selected: {scorer: decision, label: 採用}
  reference: {sex: 男性}
gates:
  - {type: no_regression, metric: decision, margin: 0.5}
"""


def screening(project: Project, *, base, candidate, suite: str = SUITE) -> dict:
    """100 applicants: every second is to be hired; `base(i)` and `candidate(i)` are the answers."""
    rows = [
        {
            "id": f"q{i}",
            "input": f"応募者 {i}",
            "target": "採用" if i % 2 else "不採用",
            "tags": {"sex": "女性" if i % 4 < 2 else "男性"},
        }
        for i in range(project.n)
    ]
    project.data(rows)
    project.suite(suite)
    for name, answer in (("base", base), ("tuned", candidate)):
        project.arm(name, right=lambda i: True, change=lambda row, a=answer: {**row, "text": a(int(row["id"][1:]))})
    project.models("base", "tuned")
    return project.verdict("base", "tuned")


def rows(verdict, metric: str) -> dict:
    table = next(t for t in verdict["suites"][0]["groups"] if t["metric"] == metric)
    return {row["group"]: row for row in table["rows"]} | {"": table}


def total(groups: dict, arm: str) -> float:
    return round(sum(groups[sex][arm] * groups[sex]["n"] for sex in ("女性", "男性")), 9)


def right(i: int) -> str:
    return "採用" if i % 2 else "不採用"


def harsh(i: int) -> str:
    """No woman of the first 60 is hired any more."""
    return "不採用" if i < 60 and i % 4 < 2 else right(i)


def test_rates_of_decisions_are_those_counted_by_hand(project: Project) -> None:
    verdict = screening(project, base=right, candidate=harsh)
    women = rows(verdict, "selection_rate")["女性"]
    assert (women["n"], women["base"], women["candidate"]) == (50, 0.5, 0.2)
    assert women["candidate_ratio"] == pytest.approx(0.4), "to the reference, men, of whom half are selected"
    assert rows(verdict, "selection_rate")[""]["reference"] == "男性"
    assert rows(verdict, "selection_rate")[""]["fell_behind"] == ["女性"]
    assert (
        rows(verdict, "true_positive_rate")["女性"]["n"],
        rows(verdict, "true_positive_rate")["女性"]["candidate"],
    ) == (25, 0.4)
    assert rows(verdict, "false_negative_rate")["女性"]["candidate"] == 0.6
    assert rows(verdict, "false_negative_rate")[""]["fell_behind"] == ["女性"], "here more is worse"
    assert rows(verdict, "false_positive_rate")["男性"]["candidate"] == 0.0
    assert rows(verdict, "accuracy")["女性"]["candidate"] == 0.7
    assert rows(verdict, "true_positive_rate")[""]["largest_gap"]["candidate"]["gap"] == pytest.approx(0.6)


def test_precision_is_over_what_each_arm_selects_itself(project: Project) -> None:
    def generous(i: int) -> str:
        return "採用" if i % 4 < 2 else right(i)

    women = rows(screening(project, base=right, candidate=generous), "precision")["女性"]
    assert (women["base"], women["candidate"]) == (1.0, 0.5)
    assert women["candidate_low"] < 0.5 < women["candidate_high"]
    assert women["high"] < 0.0, "it moved beyond chance, with 25 selected before and 50 after"


@pytest.mark.parametrize(
    "scorer",
    [
        '{type: regex, pattern: "(不採用|採用)", group: 1}',
        "{type: classification}",
        "{type: classification, labels: [採用, 不採用], read: mention}",
        "{type: exact}",
    ],
)
def test_an_answer_that_decides_nothing_selects_nobody(scorer: str, project: Project) -> None:
    verdict = screening(
        project,
        base=right,
        candidate=lambda i: "わかりません" if i % 10 == 1 else right(i),
        suite=SUITE.replace("{type: exact}", scorer),
    )
    unread = rows(verdict, "no_decision")
    assert [unread[sex]["base"] for sex in ("女性", "男性")] == [0.0, 0.0]
    assert total(unread, "candidate") == 10
    assert rows(verdict, "selection_rate")["女性"]["candidate"] < 0.5


def test_a_choice_given_by_its_letter_is_a_decision(project: Project) -> None:
    project.data(
        [
            {
                "id": f"q{i}",
                "input": f"応募者 {i}",
                "choices": ["採用", "不採用"],
                "target": 1 - i % 2,
                "tags": {"sex": "女性" if i % 4 < 2 else "男性"},
            }
            for i in range(project.n)
        ]
    )
    project.suite(SUITE.replace("exact", "choice"))

    def arm(name: str, silent: int) -> None:
        def text(i: int) -> str:
            return "わかりません" if i % 10 == silent else "BA"[i % 2]

        project.arm(name, right=lambda i: True, change=lambda row: {**row, "text": text(int(row["id"][1:]))})

    arm("base", -1)
    arm("tuned", 1)
    project.models("base", "tuned")
    verdict = project.verdict("base", "tuned")
    unread = rows(verdict, "no_decision")
    assert total(unread, "base") == 0
    assert total(unread, "candidate") == 10
    assert rows(verdict, "selection_rate")["女性"]["base"] == 0.5


def test_a_failed_call_is_missing_and_no_decision_of_nobody(project: Project) -> None:
    screening(project, base=right, candidate=right)
    fault = {"kind": "timeout", "message": "late"}
    project.suite(SUITE + "policy: {max_error_rate: 0.3}\n")
    project.arm(
        "tuned",
        right=lambda i: True,
        change=lambda row: (
            {"id": row["id"], "failure": fault}
            if int(row["id"][1:]) % 10 == 1
            else {**row, "text": right(int(row["id"][1:]))}
        ),
    )
    unread = rows(project.verdict("base", "tuned"), "no_decision")
    assert [(unread[sex]["n"], unread[sex]["missing"], unread[sex]["candidate"]) for sex in ("女性", "男性")] == [
        (45, 5, 0.0),
        (45, 5, 0.0),
    ]


def test_a_pattern_selects_without_a_truth(project: Project) -> None:
    suite = SUITE.replace("{scorer: decision, label: 採用}", "{matches: '^採用'}")
    verdict = screening(project, base=right, candidate=harsh, suite=suite)
    assert rows(verdict, "selection_rate")["女性"]["candidate"] == 0.2
    assert {table["metric"] for table in verdict["suites"][0]["groups"]} == {"decision", "selection_rate"}


def test_a_label_nobody_says_is_no_rate_of_0(project: Project) -> None:
    verdict = screening(project, base=right, candidate=harsh, suite=SUITE.replace("label: 採用", "label: 内定"))
    assert {table["metric"] for table in verdict["suites"][0]["groups"]} == {"decision"}
    assert any("no answer is read as '内定'" in note for note in verdict["suites"][0]["notes"])


def test_the_gates_do_not_look_at_decisions(project: Project) -> None:
    with_groups = screening(project, base=right, candidate=harsh)
    plain = screening(
        project, base=right, candidate=harsh, suite=SUITE[: SUITE.index("groups:")] + SUITE[SUITE.index("gates:") :]
    )
    for verdict in (with_groups, plain):
        verdict["suites"][0].pop("groups")
    assert json.dumps(with_groups) == json.dumps(plain)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("scorer: decision", "scorer: decison", "no scorer 'decison' (did you mean 'decision'?)"),
        ("label: 採用}", "label: 採用, matches: x}", "either a label or a pattern"),
        ("{scorer: decision, label: 採用}", "{matches: '('}", "not a regular expression"),
        ("{sex: 男性}", "{sex: 男}", "no row has sex=男, the reference"),
        ("{sex: 男性}", "{sx: 男性}", "'sx' is no slice of this suite (did you mean 'sex'?)"),
        ("  selected", "  metrics: [decisio.read]\n  selected", "no scorer produces the metric 'decisio.read'"),
    ],
)
def test_what_does_not_exist_is_told_before_anything_is_asked(
    old: str, new: str, told: str, project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    assert old in SUITE
    screening(project, base=right, candidate=right)
    project.suite(SUITE.replace(old, new))
    capsys.readouterr()
    assert main(["validate"]) == 2
    said = capsys.readouterr()
    assert told in said.err + said.out
