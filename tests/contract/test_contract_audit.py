"""A file of decisions, from nothing to the table: rates, impact ratios, what was left out, what is marked."""

import csv
import io
import json
import os
import re
from pathlib import Path

import pytest

from evalkit.cli import main

SHARED = Path(os.environ.get("EVALKIT_SHARED_DATA", Path(__file__).parents[2] / "../shared/data")).resolve()
REFERENCE = SHARED.parent / "reference" / "reference_numbers.json"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def counted(folder: Path, text: str) -> None:
    (folder / "decisions.csv").write_text(text, encoding="utf-8")


def tables(*words: str) -> dict:
    assert main(["audit", "decisions.csv", *words, "--json", "out.json"]) == 0
    found = json.loads(Path("out.json").read_text(encoding="utf-8"))
    return {table["by"]: {row["group"]: row for row in table["rows"]} | {"": table} for table in found["tables"]}


LL144 = "sex,race,decision,n\nMale,A,yes,667\nMale,A,no,723\nFemale,A,yes,555\nFemale,A,no,626\n"


def test_an_ll144_table_has_the_known_rates_and_ratio(folder: Path) -> None:
    counted(folder, LL144)
    found = tables("--by", "sex", "--selected", "decision=yes", "--count", "n")["sex"]
    men, women = found["Male"], found["Female"]
    assert (men["selected"]["count"], men["selected"]["n"]) == (667, 1390)
    assert (women["selected"]["count"], women["selected"]["n"]) == (555, 1181)
    assert [round(row["selected"]["value"], 3) for row in (men, women)] == [0.480, 0.470]
    assert (men["ratio"], round(women["ratio"], 3)) == (1.0, 0.979)
    assert women["ratio_low"] < women["ratio"] < women["ratio_high"]
    assert women["gap_low"] < women["gap"] < women["gap_high"]


def test_rows_stand_for_themselves_or_for_many_alike(folder: Path) -> None:
    counted(folder, LL144)
    many = tables("--by", "sex", "--by", "race", "--selected", "decision=yes", "--count", "n")
    rows = [line.rsplit(",", 1) for line in LL144.splitlines()[1:]]
    counted(folder, "sex,race,decision\n" + "".join(f"{cells}\n" * int(n) for cells, n in rows))
    assert tables("--by", "sex", "--by", "race", "--selected", "decision=yes") == many
    assert set(many) == {"sex", "race", "sex*race"}


def test_rare_groups_are_marked_and_what_is_missing_is_counted(folder: Path) -> None:
    counted(folder, LL144 + "Other,A,yes,20\nOther,A,no,1\n,A,yes,7\nMale,unknown,no,5\nMale,A,,3\n")
    words = ("--by", "sex", "--by", "race", "--selected", "decision=yes", "--count", "n", "--missing", "Unknown")
    found = tables(*words)
    other = found["sex"]["Other"]
    assert other["rare"]
    assert other["ratio"] > 1.0, "a rare group is never what others are measured by"
    assert found["sex"][""]["compared_with"] == "Male"
    assert [found[by][""]["left_out"] for by in ("sex", "race", "sex*race")] == [7, 5, 12]
    assert json.loads(Path("out.json").read_text())["undecided"] == 3
    assert not tables(*words, "--floor", "0")["sex"]["Other"]["rare"]


def test_compas_has_the_published_counts_and_rates(folder: Path) -> None:
    if not REFERENCE.is_file():
        pytest.skip("the reference numbers are not here")
    counts = json.loads(REFERENCE.read_text(encoding="utf-8"))["compas_tn_fp_fn_tp"]
    lines = ["race,high,again,n"]
    for race in ("African-American", "Caucasian"):
        tn, fp, fn, tp = counts[race]
        lines += [f"{race},no,no,{tn}", f"{race},yes,no,{fp}", f"{race},no,yes,{fn}", f"{race},yes,yes,{tp}"]
    rest = [a - b - c for a, b, c in zip(*(counts[k] for k in ("all", "African-American", "Caucasian")), strict=True)]
    lines += [
        f"other,{h},{a},{n}"
        for (h, a), n in zip((("no", "no"), ("yes", "no"), ("no", "yes"), ("yes", "yes")), rest, strict=True)
    ]
    counted(folder, "\n".join(lines) + "\n")
    found = tables("--by", "race", "--selected", "high=yes", "--truth", "again=yes", "--count", "n")["race"]
    assert found[""]["n"] == sum(counts["all"])
    for race, fpr, fnr in (("African-American", 44.85, 27.99), ("Caucasian", 23.45, 47.72)):
        rates, (tn, fp, fn, tp) = found[race]["rates"], counts[race]
        assert round(100 * rates["false_positive_rate"]["value"], 2) == fpr
        assert round(100 * rates["false_negative_rate"]["value"], 2) == fnr
        assert (rates["false_positive_rate"]["count"], rates["false_positive_rate"]["n"]) == (fp, fp + tn)
        assert rates["precision"]["value"] == pytest.approx(tp / (tp + fp))


def test_metrics_by_name_control_features_and_calibration(folder: Path) -> None:
    lines = ["sex,site,said,true,p"]
    lines += [f"{'fm'[i % 2]},{'xy'[i % 3 == 0]},{'yn'[i % 5 == 0]},{'yn'[i % 4 == 0]},0.{i % 10}" for i in range(120)]
    counted(folder, "\n".join(lines) + "\n")
    words = ("--by", "sex", "--selected", "said=y", "--truth", "true=y", "--metric", "f1_score")
    plain = tables(*words, "--probability", "p")["sex"]
    assert set(plain[""]["extra"]["f1_score"]) == {"f", "m"}
    row = plain["f"]
    rate = (row["rates"]["true_positive_rate"]["n"]) / row["rates"]["accuracy"]["n"]
    assert row["calibration"] == pytest.approx(row["probability"] - rate)
    within = tables(*words, "--control", "site")["sex"][""]["extra"]["f1_score"]
    assert set(within) == {"x / f", "x / m", "y / f", "y / m"}


def test_the_text_and_the_csv_say_the_same_and_judge_nobody(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    counted(folder, LL144.replace("555", "55"))
    assert (
        main(["audit", "decisions.csv", "--by", "sex", "--selected", "decision=yes", "--count", "n", "-o", "t.csv"])
        == 0
    )
    told = capsys.readouterr().out
    rows = list(csv.DictReader(io.StringIO(Path("t.csv").read_text(encoding="utf-8"))))
    assert [row["group"] for row in rows] == ["Female", "Male"]
    assert f"{float(rows[0]['impact_ratio']):.3f}*" in told, "below the line of four fifths, marked"
    assert "a mark to read by, not a test" in told
    assert re.findall(r"\b(?:unbiased|biased|fair|discriminat\w+|complian\w+)\b", told, re.IGNORECASE) == []


def test_combinations_that_nobody_is_in_stand_there_with_n_0_and_why(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    counted(folder, "sex,race,said,true\n" + "Male,A,yes,yes\nMale,B,no,no\nFemale,A,yes,no\nFemale,A,no,yes\n" * 10)
    words = ("--by", "sex", "--by", "race", "--selected", "said=yes", "--truth", "true=yes", "--metric", "f1_score")
    found = tables(*words, "-o", "t.csv")["sex*race"]
    empty = found["Female*B"]
    assert (empty["selected"], empty["gap"], empty["ratio"], empty["rare"]) == (
        {"count": 0, "n": 0, "value": None, "low": None, "high": None}, None, None, False,
    )  # fmt: skip
    assert empty["because"] == "no row is in this group"
    assert (empty["rates"]["precision"]["n"], empty["rates"]["precision"]["value"]) == (0, None)
    assert found[""]["largest_gaps"]["demographic_parity"]["undefined"] == []
    assert (found[""]["extra"]["f1_score"]["Female*B"], found[""]["extra_n"]["Female*B"]) == (None, 0)
    assert found[""]["extra_because"]["Female*B"] == "no row is in this group"
    rows = {row["group"]: row for row in csv.DictReader(io.StringIO(Path("t.csv").read_text())) if "*" in row["by"]}
    assert (rows["Female*B"]["n"], rows["Female*B"]["selection_rate"]) == ("0", "")
    assert rows["Female*B"]["because"] == "no row is in this group"
    assert "Female*B: no row is in this group" in capsys.readouterr().out


def test_what_is_missing_is_counted_by_tag_and_by_group(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = ["f,x,yes,yes"] * 20 + ["m,y,no,"] * 20 + [",x,yes,yes"] * 3 + ["f,,no,no"] * 2 + [",,no,no"]
    counted(folder, "sex,site,said,true\n" + "\n".join([*lines, "f,x,,yes", "f,x,,yes", "m,z,,no"]) + "\n")
    found = tables("--by", "sex", "--by", "site", "--selected", "said=yes", "--truth", "true=yes")
    assert found["sex*site"][""]["missing"] == {"sex": 4, "site": 3}
    assert found["sex*site"][""]["left_out"] == 6
    assert (found["sex"][""]["missing"], found["sex"][""]["left_out"]) == ({"sex": 4}, 4)
    assert (found["sex"]["f"]["undecided"], found["sex"]["m"]["undecided"]) == (2, 1)
    assert (found["sex"]["f"]["untold"], found["sex"]["m"]["untold"]) == (0, 20)
    assert (found["site"]["z"]["selected"]["n"], found["site"]["z"]["undecided"]) == (0, 1)
    assert "6 left out for a missing sex*site (sex 4, site 3)" in capsys.readouterr().out


def test_a_gap_is_pooled_within_the_levels_of_a_control(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Women apply where few are taken: behind in all, level within each site."""
    counted(
        folder,
        "sex,site,said,n\nm,easy,yes,80\nm,easy,no,20\nf,easy,yes,8\nf,easy,no,2\n"
        "m,hard,yes,2\nm,hard,no,8\nf,hard,yes,20\nf,hard,no,80\n",
    )
    found = tables("--by", "sex", "--selected", "said=yes", "--count", "n", "--control", "site", "-o", "t.csv")["sex"]
    assert found["f"]["gap"] == pytest.approx(28 / 110 - 82 / 110)
    assert found["f"]["pooled_gap"] == pytest.approx(0.0, abs=1e-12)
    assert found["f"]["pooled_gap_low"] < 0.0 < found["f"]["pooled_gap_high"]
    told = capsys.readouterr().out
    assert "pooled gap: that within each site" in told
    assert "pooled_gap_low" in Path("t.csv").read_text()


def test_ends_of_the_largest_gap_are_fairlearns(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from fairlearn.metrics import MetricFrame, selection_rate

    lines = [f"{'fmx'[i % 3]},{'yn'[i * i % 7 % 2]}" for i in range(200)]
    counted(folder, "sex,said\n" + "\n".join(lines) + "\n")
    found = tables("--by", "sex", "--selected", "said=y", "--draws", "100")["sex"][""]
    said = [line[-1] == "y" for line in lines]
    frame = MetricFrame(
        metrics={"s": lambda t, p: selection_rate(t, p)}, y_true=said, y_pred=said,
        sensitive_features=[line[0] for line in lines], n_boot=100, ci_quantiles=[0.025, 0.975], random_state=0,
    )  # fmt: skip
    expected = [end["s"] for end in frame.difference_ci()]
    assert found["gap_ends"]["demographic_parity"] == pytest.approx(expected, abs=1e-9)
    assert "leave 0 out even where nothing differs" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        main(["audit", "decisions.csv", "--by", "sex", "--selected", "said=y", "--draws", "5"])


def test_numbers_and_texts_that_are_one_group_are_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [{"grade": 1, "said": "yes"}, {"grade": "1", "said": "no"}, {"grade": 2, "said": "no"}]
    Path("decisions.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    assert main(["audit", "decisions.jsonl", "--by", "grade", "--selected", "said=yes"]) == 0
    assert "grade: '1' stand there as numbers and as text, and are one group each" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--by", "sx", "--selected", "decision=yes"], "no column 'sx' (did you mean 'sex'?)"),
        (["--by", "sex", "--selected", "decision=Yes"], "no row has decision=Yes (did you mean 'yes'?)"),
        (["--by", "sex", "--selected", "decision"], "COLUMN=VALUE"),
        (["--by", "sex", "--selected", "decision=yes", "--metric", "f1_score"], "name it: --truth COLUMN=VALUE"),
        (["--by", "sex", "--selected", "decision=yes", "--probability", "n"], "name it: --truth COLUMN=VALUE"),
        (["--by", "sex", "--selected", "decision=yes", "--count", "race"], "row 1: race is 'A'"),
        (["--by", "sex", "--selected", "decision=yes", "--control", "sex"], "sex is a --by and a --control at once"),
        (
            ["--by", "sex", "--selected", "decision=yes", "--truth", "race=A", "--probability", "n"],
            "row 1: n is '667'",
        ),
        (["--by", "sex", "--selected", "decision=yes", "-o", "decisions.csv"], "holds something else"),
    ],
)
def test_what_cannot_be_counted_is_named(
    words: list[str], told: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    counted(folder, LL144)
    assert main(["audit", "decisions.csv", *words]) == 2
    assert told in capsys.readouterr().err


def test_nobody_selected_among_the_groups_leaves_ratios_undefined(folder: Path) -> None:
    counted(folder, "sex,decision,n\nMale,no,50\nFemale,no,50\n,yes,5\n")
    found = tables("--by", "sex", "--selected", "decision=yes", "--count", "n")["sex"]
    assert found["Male"]["ratio"] is None
    assert "0 / 0 is undefined" in found["Male"]["because"]


def test_widths_are_one_group_and_cases_are_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    counted(folder, "区分,判定\nＡ,採用\nA ,不採用\na,採用\n")
    found = tables("--by", "区分", "--selected", "判定=採用")["区分"]
    assert found["A"]["selected"]["n"] == 2
    assert "'A' and 'a' differ by case alone" in capsys.readouterr().out
