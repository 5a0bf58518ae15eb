"""Counterfactual families from a suite to the verdict: who is accused, who is not, what is shown and left out."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from random import Random
from typing import Any

import pytest
from pages import read_page
from project import Project

from evalkit.cli import main

NAMES = ("佐藤", "グエン", "王", "シルバ")
SUITE = """\
evalkit: 1
name: loans
dataset: {path: data.jsonl}
families: {from: template, slots: {name: names.yaml}}
scorers:
  answer: {type: exact}
slices:
  - {by: origin, min_n: 20}
gates:
  - {type: fairness, families: true, metrics: [answer], max_change: 0.1}
"""
LIST = """\
tag: origin
source: written for this test
limits: four names stand for four origins
values: [japanese, vietnamese, chinese, brazilian]
rows: [[佐藤, グエン, 王, シルバ]]
"""
ORIGINS = ("japanese", "vietnamese", "chinese", "brazilian")


def world(project: Project, *, n: int = 60, suite: str = SUITE) -> list[str]:
    rows = [{"id": f"q{i}", "input": f"{{name}}さん、{i}番の申込です。", "target": "可"} for i in range(n)]
    project.data(rows)
    project.write("suites/names.yaml", LIST)
    project.suite(suite)
    return [row["id"] for row in rows]


def arm(project: Project, name: str, ids: Iterable[str], says: Callable[[str, str], str], repeats: int = 1) -> None:
    lines: list[Any] = [{"evalkit_recording": 1, "model": {"name": name}, "generate": {}, "created": "2026-01-01"}]
    for row in ids:
        for origin in ORIGINS:
            for repeat in range(repeats):
                lines.append({"id": f"{row}~{origin}", "repeat": repeat, "text": says(row, origin)})
    project.write(f"suites/{name}.jsonl", "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines))


def accused(verdict: Any) -> list[str]:
    found = [f for f in verdict["suites"][0]["findings"] if f["state"] == "REGRESSION"]
    return [f["slice"]["value"] for f in found]


def test_where_one_name_alone_is_refused_that_name_alone_is_accused(project: Project) -> None:
    ids = world(project)
    arm(project, "base", ids, lambda *_: "可")
    arm(project, "cand", ids, lambda row, who: "否" if who == "vietnamese" and int(row[1:]) % 4 == 0 else "可")
    project.models("base", "cand")
    verdict = project.verdict("base", "cand")
    assert accused(verdict) == ["vietnamese"]
    assert verdict["outcome"] == "FAIL"
    table = verdict["suites"][0]["families"][0]
    assert (table["by"], table["families"], table["incomplete"]) == ("origin", 60, 0)
    assert (table["base"]["flip_rate"], table["candidate"]["flip_rate"]) == (0.0, 0.25)
    worst = table["worst"][0]["members"]
    assert {member["group"]: member["candidate"] for member in worst} == {
        "japanese": "可", "vietnamese": "否", "chinese": "可", "brazilian": "可",
    }  # fmt: skip
    assert "グエンさん" in next(member["asked"] for member in worst if member["group"] == "vietnamese")


def test_the_page_shows_the_worst_families_side_by_side(project: Project) -> None:
    ids = world(project)
    arm(project, "base", ids, lambda *_: "可")
    arm(project, "cand", ids, lambda row, who: "否" if who == "chinese" and int(row[1:]) % 3 == 0 else "可")
    project.models("base", "cand")
    main(["compare", "base", "cand", "--report", "page"])
    page = read_page(project.folder / "page" / "index.html")
    for part in ("Families most apart in the candidate", "王さん", "families that flip", "chinese less japanese"):
        assert part in page


def test_nobody_is_accused_where_answers_flip_without_regard_to_the_name(project: Project) -> None:
    """A null table: two models that are each wrong on 15 % of members, whoever asks; hardly one in ten accuses."""
    ids = world(project)
    wrong = 0
    for seed in range(10):
        for name, offset in (("base", 0), ("cand", 1000)):
            rng = Random(seed + offset)
            arm(project, name, ids, lambda *_, rng=rng: "否" if rng.random() < 0.15 else "可")  # type: ignore[misc]
        project.models("base", "cand")
        wrong += bool(accused(project.verdict("base", "cand")))
    assert wrong <= 1


def test_a_family_that_lacks_a_member_shifts_no_gap(project: Project) -> None:
    """Hard families lack one group: without taking off each family's mean that group would seem to gain."""
    ids = world(project)
    hard = {row for row in ids if int(row[1:]) % 2}
    arm(project, "base", ids, lambda *_: "可")
    arm(project, "cand", ids, lambda row, _: "否" if row in hard else "可")
    for name in ("base", "cand"):
        path = project.folder / "suites" / f"{name}.jsonl"
        kept = [
            {**line, "text": None, "failure": {"kind": "other", "message": "x"}}
            if "id" in line and line["id"].split("~")[0] in hard and line["id"].endswith("brazilian")
            else line
            for line in map(json.loads, path.read_text(encoding="utf-8").splitlines())
        ]
        path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in kept), encoding="utf-8")
    project.suite(SUITE + "policy: {max_error_rate: 0.2}\n")
    project.models("base", "cand")
    verdict = project.verdict("base", "cand")
    assert accused(verdict) == []
    assert all(abs(f["delta"]) < 1e-9 for f in verdict["suites"][0]["findings"])


def test_repeats_show_what_is_beyond_the_noise_of_a_rerun(project: Project) -> None:
    ids = world(project, suite=SUITE.replace("scorers:", "repeats: 2\nscorers:"))
    rng = Random(1)
    arm(project, "base", ids, lambda *_: "可" if rng.random() < 0.5 else "否", repeats=2)
    arm(project, "cand", ids, lambda *_: "可" if rng.random() < 0.5 else "否", repeats=2)
    project.models("base", "cand")
    table = project.verdict("base", "cand")["suites"][0]["families"][0]
    assert table["base"]["noise"] == pytest.approx(0.5, abs=0.12)
    assert table["base"]["beyond_noise"] == pytest.approx(table["base"]["mean_gap"] - table["base"]["noise"])


def test_a_kept_run_is_decided_again_over_its_families(project: Project) -> None:
    ids = world(project)
    arm(project, "base", ids, lambda *_: "可")
    arm(project, "cand", ids, lambda row, who: "否" if who == "japanese" and int(row[1:]) % 3 == 0 else "可")
    project.models("base", "cand")
    assert main(["compare", "base", "cand"]) == 1
    assert main(["gate", "latest"]) == 1


def test_what_is_left_out_is_told_by_validate_and_beside_the_verdict(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [{"id": f"q{i}", "input": f"父が{i}回電話した。", "target": "可"} for i in range(40)]
    rows += [
        {"id": "love", "input": "彼女がいるそうです。", "target": "可"},
        {"id": "cat", "input": "猫です。", "target": "可"},
    ]
    project.data(rows)
    project.suite(
        SUITE.replace("{from: template, slots: {name: names.yaml}}", "{swap: [gender_ja]}").replace("origin", "gender")
    )
    lines = [{"evalkit_recording": 1, "model": {"name": "base"}}]
    lines += [{"id": row["id"] + end, "text": "可"} for row in rows for end in ("", "~woman")]
    project.write("suites/base.jsonl", "".join(json.dumps(line) + "\n" for line in lines))
    project.models("base")
    main(["validate"])
    told = capsys.readouterr()
    assert "彼女 has no unique partner" in told.out + told.err
    main(["compare", "base", "base"])
    told = capsys.readouterr()
    assert "left out 1" in told.out + told.err
    assert "love" in told.out + told.err


def test_mistakes_in_families_are_told_with_their_place(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    world(project, suite=SUITE.replace("names.yaml", "names_jp.gender"))
    assert main(["validate"]) == 2
    told = capsys.readouterr()
    assert "small.yaml:4" in told.out + told.err
    assert "did you mean 'names_ja" in told.out + told.err
    world(project, suite=SUITE.replace("families: {from: template, slots: {name: names.yaml}}\n", ""))
    assert main(["validate"]) == 2
    told = capsys.readouterr()
    assert "there are no families to compare within" in told.out + told.err
    world(project, suite=SUITE.replace("{name: names.yaml}", "{nome: names.yaml}"))
    assert main(["validate"]) == 2
    told = capsys.readouterr()
    assert "no row becomes a family" in told.out + told.err


def test_a_limit_keeps_families_whole(project: Project) -> None:
    ids = world(project)
    arm(project, "base", ids, lambda *_: "可")
    project.models("base")
    verdict = project.verdict("base", "base", "--limit", "80")
    suite = verdict["suites"][0]
    assert suite["examples"] == 80
    assert suite["families"][0]["families"] == 20


def test_rows_that_bring_their_own_family_tag_need_no_key(project: Project) -> None:
    rows = [
        {"id": f"q{i}-{who}", "input": f"{who} {i}", "target": "可", "tags": {"family": f"f{i}", "sex": who}}
        for i in range(40)
        for who in ("f", "m")
    ]
    project.data(rows)
    project.suite(
        SUITE.replace("families: {from: template, slots: {name: names.yaml}}\n", "")
        .replace("origin", "sex")
        .replace("families: true", "families: true, slices: [sex]")
    )
    for name in ("base", "cand"):
        lines: list[Any] = [{"evalkit_recording": 1, "model": {"name": name}}]
        lines += [
            {"id": r["id"], "text": "否" if name == "cand" and r["id"].endswith("f") and i % 4 < 2 else "可"}
            for i, r in enumerate(rows)
        ]
        project.write(f"suites/{name}.jsonl", "".join(json.dumps(line) + "\n" for line in lines))
    project.models("base", "cand")
    assert accused(project.verdict("base", "cand")) == ["f"]
