"""`evalkit compare before.csv after.csv`: tables as arms, without a suite; nothing is guessed that could be wrong."""

import csv
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from evalkit.cli import main
from evalkit.store.runs import list_runs

IDS = [f"t{number}" for number in range(200)]
Cell = Callable[[int], object]


def good(number: int) -> int:
    return int(number % 4 != 0)


def write(path: str, cells: Cell, *, score: str = "correct", ids: Sequence[str] = IDS, **columns: Cell) -> None:
    with open(path, "w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(["id", score, *columns])
        out.writerows([ident, cells(n), *(cell(n) for cell in columns.values())] for n, ident in enumerate(ids))


class Here:
    """A folder with tables, and what came out of comparing them."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys
        self.out = ""
        self.error = ""
        self.verdict: dict[str, Any] = {}

    def compare(self, *words: str) -> int:
        code = main(["compare", *words, "--json", "verdict.json"])
        self.out, self.error = self._capsys.readouterr()
        path = Path("verdict.json")
        self.verdict = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        path.unlink(missing_ok=True)
        return code

    def finding(self) -> dict[str, Any]:
        (finding,) = self.verdict["suites"][0]["findings"]
        return dict(finding)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Here:
    monkeypatch.chdir(tmp_path)
    return Here(capsys)


def test_a_better_table_passes_and_says_what_was_guessed(here: Here) -> None:
    write("before.csv", good, question=lambda n: f"question {n}")
    write("after.csv", lambda n: 1, question=lambda n: f"question {n}")
    assert here.compare("before.csv", "after.csv") == 0
    finding = here.finding()
    assert (finding["state"], finding["n"], finding["fixed"], finding["broken"]) == ("IMPROVED", 200, 50, 0)
    assert finding["margin"] == 0.02
    assert "score correct: 0 or 1, higher is better; gate no_regression, margin 2 points" in here.error
    assert "--columns id=id,input=question,score=correct" in here.error


def test_a_worse_table_fails(here: Here) -> None:
    write("before.csv", lambda n: 1)
    write("after.csv", good)
    assert here.compare("before.csv", "after.csv") == 1
    assert here.finding()["state"] == "REGRESSION"


def test_a_rating_needs_its_scale_and_direction(here: Here) -> None:
    write("before.csv", lambda n: 1 + n % 5, score="評価")
    write("after.csv", lambda n: 1 + (n + 1) % 5, score="評価")
    assert here.compare("before.csv", "after.csv") == 2
    assert "--columns score=評価,higher=better,low=1,high=5" in here.error
    assert here.verdict == {}
    assert here.compare("before.csv", "after.csv", "--columns", "score=評価,higher=better,low=1,high=5") in (0, 1, 3)
    assert here.finding()["margin"] == pytest.approx(0.08)


def test_lower_is_better_turns_the_verdict(here: Here) -> None:
    write("before.csv", lambda n: 9, score="judge_score")
    write("after.csv", lambda n: 1 + n % 2, score="judge_score")
    assert here.compare("before.csv", "after.csv", "--columns", "score=judge_score,higher=better,low=0,high=10") == 1
    assert here.compare("before.csv", "after.csv", "--columns", "score=judge_score,higher=worse,low=0,high=10") == 0


def test_a_name_that_sounds_bad_is_asked_about(here: Here) -> None:
    write("before.csv", good, score="has_error")
    write("after.csv", good, score="has_error")
    assert here.compare("before.csv", "after.csv") == 2
    assert "which end is good is not guessed" in here.error


def test_where_one_score_is_asked_about_the_clear_one_is_named(here: Here) -> None:
    for name in ("before.csv", "after.csv"):
        rows = "".join(f"q{n},{n % 2},{2 + n % 4}\n" for n in range(200))
        Path(name).write_text("id,correct,評価\n" + rows, encoding="utf-8")
    assert here.compare("before.csv", "after.csv") == 2
    assert "the score '評価' holds 2 to 5" in here.error
    assert "to judge by what is clear alone: --columns score=correct" in " ".join(here.error.split())
    assert here.compare("before.csv", "after.csv", "--columns", "score=correct") in (0, 3)


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (lambda n: f"{n % 100}%", "written in percent"),
        (lambda n: "80%" if n % 2 else "80", "has a percent sign in 100 of 200 rows"),
        (lambda n: ("1", "true")[n % 2], "mixes 1/0 and true/false"),
        (lambda n: "fine" if n % 2 else "0.5", "is no number in 100 of 200 rows, first 'fine'"),
        (lambda n: 40 + n % 3, "which end is good, and its scale, is not guessed"),
        (lambda n: "", "holds no number at all"),
    ],
    ids=["percent", "some percent", "mixed", "text", "no scale", "blank"],
)
def test_a_score_that_cannot_be_read_is_told_and_nothing_is_decided(here: Here, cells: Cell, said: str) -> None:
    write("before.csv", cells, score="score")
    write("after.csv", cells, score="score")
    assert here.compare("before.csv", "after.csv") == 2
    assert said in here.error
    assert here.verdict == {}


@pytest.mark.parametrize("pair", [("TRUE", "FALSE"), ("Pass", "Fail"), ("○", "×"), ("yes", "no"), ("合格", "不合格")])
def test_words_of_yes_and_no_are_rates(here: Here, pair: tuple[str, str]) -> None:
    write("before.csv", lambda n: pair[1 - good(n)])
    write("after.csv", lambda n: pair[0])
    assert here.compare("before.csv", "after.csv") == 0
    assert here.finding()["base"] == 0.75


@pytest.mark.parametrize("blank", ["", "NaN", "N/A", "null"])
def test_scores_that_one_table_lacks_are_invalid(here: Here, blank: str) -> None:
    write("before.csv", good)
    write("after.csv", lambda n: blank if n % 3 == 0 else 1)
    assert here.compare("before.csv", "after.csv") == 4
    assert "found no score for 67 of 200 answers of after.csv" in here.out


def test_rows_of_one_table_only_are_counted_and_invalid(here: Here) -> None:
    write("before.csv", good)
    write("after.csv", good, ids=IDS[:150])
    assert here.compare("before.csv", "after.csv") == 4
    assert "50 cases of before.csv not in after.csv" in here.error


def test_tables_of_other_cases_are_invalid(here: Here) -> None:
    write("before.csv", good)
    write("after.csv", good, ids=[f"x{n}" for n in range(200)])
    assert here.compare("before.csv", "after.csv") == 4
    assert "have no id in common" in here.error
    assert here.verdict["outcome"] == "INVALID"


def test_an_id_twice_is_invalid(here: Here) -> None:
    write("before.csv", good)
    write("after.csv", good, ids=[*IDS[:-1], "t3"])
    assert here.compare("before.csv", "after.csv") == 4
    assert "the id 't3' stands twice (after.csv:5 and after.csv:201)" in here.error


def test_other_questions_under_the_same_ids_are_invalid(here: Here) -> None:
    write("before.csv", good, question=lambda n: f"question {n}")
    write("after.csv", lambda n: 1, question=lambda n: f"another {n}")
    assert here.compare("before.csv", "after.csv") == 4


def test_repeats_are_averaged_within_a_case(here: Here) -> None:
    ids = [ident for ident in IDS for _ in range(3)]
    write("before.csv", lambda n: int(n % 3 == 0), ids=ids, epoch=lambda n: 1 + n % 3)
    write("after.csv", lambda n: 1, ids=ids, epoch=lambda n: 1 + n % 3)
    assert here.compare("before.csv", "after.csv") == 0
    finding = here.finding()
    assert (finding["n"], finding["base"]) == (200, pytest.approx(1 / 3))


def test_a_score_of_one_table_only_is_told(here: Here) -> None:
    write("before.csv", good)
    write("after.csv", good, safety_score=lambda n: 1)
    assert here.compare("before.csv", "after.csv") == 2
    assert "before.csv has no score 'safety_score'" in here.error
    assert "--columns score=correct" in here.error


def test_one_table_of_two_models_lists_its_arms(here: Here) -> None:
    ids = [*IDS, *IDS]
    write("both.csv", lambda n: 1 if n >= 200 else good(n), ids=ids, model=lambda n: "tuned" if n >= 200 else "base")
    assert here.compare("both.csv") == 2
    assert "both.csv holds 2 arms: base, tuned" in here.error
    assert "evalkit compare 'both.csv#base' 'both.csv#tuned'" in here.error
    assert here.compare("both.csv#base", "both.csv#tuned") == 0
    assert here.compare("both.csv#base", "both.csv#tund") == 2
    assert "did you mean 'tuned'?" in here.error


def test_one_table_of_a_column_an_arm(here: Here) -> None:
    write("both.csv", good, score="base", tuned=lambda n: 1)
    assert here.compare("both.csv") == 2
    assert "evalkit compare 'both.csv#base' 'both.csv#tuned'" in here.error
    assert here.compare("both.csv#base", "both.csv#tuned") == 0
    assert here.finding()["fixed"] == 50


def test_answers_beside_targets_are_compared_with_them(here: Here) -> None:
    write("before.csv", lambda n: "yes", score="output", expected=lambda n: "yes" if good(n) else "no")
    write(
        "after.csv", lambda n: "yes" if good(n) else "no", score="output", expected=lambda n: "yes" if good(n) else "no"
    )
    assert here.compare("before.csv", "after.csv") == 0
    assert here.finding()["metric"] == "exact"


def test_a_file_that_is_not_there_is_told(here: Here) -> None:
    write("before.csv", good)
    assert here.compare("before.csv", "aftr.csv") == 2
    assert "there is no file aftr.csv" in here.error


def test_a_verdict_is_never_written_over_a_table(here: Here) -> None:
    rows = [{"id": ident, "correct": 1} for ident in IDS]
    Path("before.json").write_text(json.dumps(rows), encoding="utf-8")
    Path("after.json").write_text(json.dumps(rows), encoding="utf-8")
    assert main(["compare", "before.json", "after.json", "--json", "before.json"]) == 2
    assert json.loads(Path("before.json").read_text(encoding="utf-8")) == rows


def test_the_same_tables_give_the_same_bytes_and_can_be_decided_again(here: Here) -> None:
    write("before.csv", good)
    write("after.csv", lambda n: 1)
    assert here.compare("before.csv", "after.csv") == 0
    first = here.verdict
    assert here.compare("before.csv", "after.csv") == 0
    assert here.verdict == first
    run = list_runs(Path())[-1].id
    assert main(["gate", run]) == 0


def test_the_bytes_that_excel_for_windows_writes(here: Here) -> None:
    for name, right in (("before.csv", good), ("after.csv", lambda n: 1)):
        rows = [f'{n},"①㈱髙～の件\n{n}",{"○" if right(n) else "×"}' for n in range(300)]
        Path(name).write_bytes("\r\n".join(["番号,質問,合否", *rows, ",,", ""]).encode("cp932"))
    assert here.compare("before.csv", "after.csv") == 0
    assert here.finding()["n"] == 300
    assert "①㈱髙～の件" not in here.error


SUITE = """
evalkit: 1
name: desk
dataset: {path: desk.jsonl}
scorers:
  judge: {type: given, score: judge_score, low: 1, high: 5}
  answer: {type: exact}
gates:
  - {type: no_regression, metric: judge, margin: 0.5}
  - {type: no_regression, metric: answer, margin: 0.1}
"""


def test_a_table_answers_a_suite_by_its_ids(here: Here) -> None:
    rows = [{"id": ident, "input": f"q {ident}", "target": "yes"} for ident in IDS]
    Path("desk.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    Path("desk.yaml").write_text(SUITE, encoding="utf-8")
    write("before.csv", lambda n: 3 + n % 2, score="judge_score", output=lambda n: "yes" if n % 2 else "no")
    write("after.csv", lambda n: 4, score="judge_score", output=lambda n: "yes")
    assert here.compare("before.csv", "after.csv", "--suite", "desk.yaml") == 0
    findings = {finding["metric"]: finding for finding in here.verdict["suites"][0]["findings"]}
    assert (findings["judge"]["base"], findings["judge"]["candidate"]) == (3.5, 4.0)
    assert (findings["answer"]["base"], findings["answer"]["candidate"]) == (0.5, 1.0)


def test_scores_that_the_base_alone_has_never_pass(here: Here) -> None:
    rows = [{"id": ident, "input": f"q {ident}", "target": "yes"} for ident in IDS]
    Path("desk.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    Path("desk.yaml").write_text(SUITE, encoding="utf-8")
    write("before.csv", lambda n: 3, score="judge_score", output=lambda n: "yes")
    write("after.csv", lambda n: "yes", score="output")
    assert here.compare("before.csv", "after.csv", "--suite", "desk.yaml") == 4
    assert "found no score for 200 of 200 answers of after.csv" in here.out


def test_columns_without_a_table_are_refused(here: Here) -> None:
    assert here.compare("base", "ft", "--columns", "score=x") == 2
    assert "no arm is one" in here.error


def test_scores_without_words_are_not_taken_for_identical_answers(here: Here) -> None:
    write("before.csv", good)
    write("after.csv", lambda n: 1)
    assert here.compare("before.csv", "after.csv") == 0
    assert "word for word" not in here.out + here.error


def test_columns_as_arms_take_their_scale_from_the_line_that_is_told(here: Here) -> None:
    write("both.csv", lambda n: 3, score="base", tuned=lambda n: 4 + n % 2)
    assert here.compare("both.csv#base", "both.csv#tuned") == 2
    assert "type e.g. --columns higher=better,low=3,high=5" in here.error
    assert here.compare("both.csv#base", "both.csv#tuned", "--columns", "higher=better,low=1,high=5") == 0
    assert here.compare("both.csv#base", "both.csv#tuned", "--columns", "higher=worse,low=1,high=5") == 1
