"""Data on which a statistic could break: each ends in a sentence and its own state, never NaN, never a PASS."""

import json
import re
from collections.abc import Callable

import pytest
from project import SUITE, Project

Spoil = Callable[[Project], None]


def size(n: int, *, base: Callable[[int], bool], other: Callable[[int], bool]) -> Spoil:
    def spoil(project: Project) -> None:
        project.n = n
        project.data()
        project.arm("base", right=base)
        project.arm("other", right=other)

    return spoil


def yes(_: int) -> bool:
    return True


def no(_: int) -> bool:
    return False


def repeats(of: Callable[[int], int]) -> Spoil:
    """The suite asks three times; the candidate has `of(i)` answers to case i."""

    def spoil(project: Project) -> None:
        project.suite(SUITE + "repeats: 3\n")
        for name, count in (("base", lambda _: 3), ("other", of)):
            path = project.folder / f"suites/{name}.jsonl"
            header, *rows = path.read_text(encoding="utf-8").splitlines()
            kept = [
                json.dumps({**json.loads(row), "repeat": repeat})
                for i, row in enumerate(rows)
                for repeat in range(count(i))
            ]
            path.write_text("\n".join([header, *kept]) + "\n", encoding="utf-8")

    return spoil


def gate(text: str) -> Spoil:
    return lambda project: (None, project.suite(SUITE.replace("no_regression, metric: answer, margin: 0.05", text)))[0]


def one_arm_is_timed(project: Project) -> None:
    gate("no_regression, metric: latency_s, margin: 0.5")(project)
    path = project.folder / "suites/base.jsonl"
    path.write_text(path.read_text(encoding="utf-8").replace('"text":', '"latency_s": 0.5, "text":'), encoding="utf-8")


def an_expired_waiver(project: Project) -> None:
    project.arm("other", right=lambda i: i % 5 != 0 and i < 60)
    waiver = "{gate: no_regression, metric: answer, reason: known, owner: mia, expires: 2020-01-01}"
    project.suite(SUITE + f"waivers:\n  - {waiver}\n")


CASES: dict[str, tuple[Spoil, int, str, str]] = {
    "one example, unchanged": (size(1, base=yes, other=yes), 3, "INCONCLUSIVE", "1 case can tell no difference at all"),
    "one example, broken": (size(1, base=yes, other=no), 3, "INCONCLUSIVE", "1 case can tell no difference at all"),
    "two examples, both broken": (size(2, base=yes, other=no), 3, "INCONCLUSIVE", "2 cases can tell no difference"),
    "all right, few": (size(60, base=yes, other=yes), 3, "INCONCLUSIVE", r"about 124 are needed for 5 points"),
    "all wrong, few": (size(60, base=no, other=no), 3, "INCONCLUSIVE", "the base has nothing to lose"),
    "all discordant, worse": (size(50, base=yes, other=no), 1, "REGRESSION", "a drop of 5 points or more is proven"),
    "most answers of a case lost": (
        repeats(lambda i: 1 + i % 3),
        4,
        "INVALID",
        "101 of 300 calls of the candidate failed",
    ),
    "a metric one arm lacks": (one_arm_is_timed, 4, "INVALID", "latency_s is not known for both arms"),
    "an expired waiver": (an_expired_waiver, 1, "REGRESSION", "the waiver of mia expired on 2020-01-01"),
}


@pytest.mark.parametrize("name", CASES)
def test_hard_data_end_in_a_sentence(name: str, project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    spoil, code, state, pattern = CASES[name]
    project.models("base", "other")
    project.arm("other", right=lambda i: i % 5 != 0)
    spoil(project)
    assert project.compare("base", "other", "--json", "v.json") == code
    text = (project.folder / "v.json").read_text(encoding="utf-8")
    assert "NaN" not in text
    assert "Infinity" not in text
    (finding,) = json.loads(text)["suites"][0]["findings"]
    assert finding["state"] == state
    assert re.search(pattern, finding["because"]), finding["because"]
    assert "Traceback" not in capsys.readouterr().err


def test_all_discordant_for_the_better_is_the_one_that_passes(project: Project) -> None:
    project.models("base", "other")
    size(50, base=no, other=yes)(project)
    assert project.compare("base", "other") == 0


def test_a_few_unequal_repeats_are_averaged_and_told(project: Project) -> None:
    project.models("base", "other")
    project.arm("other", right=lambda i: i % 5 != 0)
    repeats(lambda i: 2 if i == 7 else 3)(project)
    suite = project.verdict("base", "other")["suites"][0]
    (finding,) = suite["findings"]
    assert (finding["state"], finding["n"]) == ("PASS", 100)
    assert finding["details"]["missing"]["examples"] == 1
    assert any("examples without an answer in other.jsonl: 1" in note for note in suite["notes"])


EXTRACT = """
evalkit: 1
name: extract
dataset: {path: data.jsonl}
scorers: {names: {type: json_schema}}
gates: [{type: no_regression, metric: names, margin: 0.1}]
"""


def test_agreeing_on_nothing_earns_nothing_unless_the_suite_says_so(project: Project) -> None:
    """The base is always right; the candidate invents a name in the 40 cases that have none."""
    targets = {f"q{i}": json.dumps({"names": [] if i < 40 else ["Ryoma"]}) for i in range(100)}
    project.data([{**row, "target": json.loads(targets[row["id"]])} for row in project.rows()])
    project.arm("base", right=yes, change=lambda row: {**row, "text": targets[row["id"]]})
    project.arm("worse", right=yes, change=lambda row: {**row, "text": targets["q99"]})
    project.arm("same", right=yes, change=lambda row: {**row, "text": targets[row["id"]]})

    def judged(candidate: str) -> tuple[object, ...]:
        suite = project.verdict("base", candidate)["suites"][0]
        finding = suite["findings"][0]
        told = any("40 of 100 targets are empty altogether" in note for note in suite["notes"])
        return finding["state"], finding["n"], finding["broken"], told

    project.suite(EXTRACT)
    assert judged("same") == ("PASS", 60, 0, True)
    assert judged("worse") == ("INCONCLUSIVE", 60, 0, True), "not passed by the cases that are left"
    project.suite(EXTRACT.replace("json_schema", "json_schema, empty_counts: true"))
    assert judged("same") == ("PASS", 100, 0, False)
    assert judged("worse") == ("REGRESSION", 100, 40, False)


def test_a_suite_of_targets_that_say_nothing_is_invalid_and_says_why(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    project.data([{**row, "target": {"names": []}} for row in project.rows()])
    for arm in ("base", "same"):
        project.arm(arm, right=yes, change=lambda row: {**row, "text": '{"names": []}'})
    project.suite(EXTRACT)
    assert project.compare("base", "same") == 4
    told = capsys.readouterr()
    assert "empty_counts" in told.out + told.err
