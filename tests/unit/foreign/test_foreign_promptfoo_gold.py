"""Every carried assert says of every answer what promptfoo itself said of it."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import regex

from evalkit.cli import main
from evalkit.core.exchange import Example, Message, Response
from evalkit.foreign.js import js_text, python_pattern
from evalkit.foreign.promptfoo_asserts import ANOTHER_MEANING, KINDS
from evalkit.foreign.promptfoo_config import PromptfooConfig
from evalkit.scorers.checks import Checks

HERE = Path(__file__).parent / "promptfoo"
TOLD: list[dict[str, Any]] = [json.loads(line) for line in (HERE / "verdicts.jsonl").read_text().splitlines()]
(SUITE,) = PromptfooConfig().read_suites(HERE / "promptfooconfig.yaml")
ROWS: dict[str, dict[str, Any]] = {str(row["id"]): row for row in SUITE.rows}


def test_every_case_passes_and_scores_as_in_promptfoo() -> None:
    scorer = Checks(empty="judged")
    assert len(TOLD) == len(ROWS) >= 400
    for told in TOLD:
        row = ROWS[told["id"]]
        extra = {key: row[key] for key in ("checks", "threshold") if key in row}
        example = Example(id=told["id"], messages=(Message(role="user", content="q"),), extra=extra)
        answer = js_text(row["vars"]["answer"])
        response = Response(
            example_id=told["id"], text=answer, finish=told.get("finish"), latency_s=told.get("latency_s", 0.001)
        )
        assert not scorer.check(example)
        got = scorer.score_priced(example, response, cost=told.get("cost", 0.0))
        assert got.value == float(told["pass"]), (row, told, got.reason)
        assert abs(got.parts["share"] - told["score"]) < 1e-9, (row, told)


def test_every_type_and_its_twin_pass_and_fail_on_empty_and_japanese_answers() -> None:
    seen: Counter[tuple[str, bool]] = Counter()
    empty: set[str] = set()
    japanese: set[str] = set()
    for told in TOLD:
        row = ROWS[told["id"]]
        name, answer = row["description"], js_text(row["vars"]["answer"])
        seen[name, told["pass"]] += 1
        empty |= {name} if not answer else set()
        japanese |= {name} if any("\u3040" <= mark <= "\u9fff" for mark in answer) else set()
    measured = {"latency", "cost", "finish-reason"}
    for kind in set(KINDS) - set(ANOTHER_MEANING):
        for name in (kind, f"not-{kind}"):
            assert seen[name, True], f"{name} never passes"
            assert seen[name, False], f"{name} never fails"
            assert kind in measured or {name} <= empty & japanese, f"{name}: an empty and a Japanese answer are missing"


def test_weights_thresholds_and_sets_decide_both_ways() -> None:
    for about in ("weights", "set"):
        ways = {told["pass"] for told in TOLD if ROWS[told["id"]]["description"].startswith(about)}
        assert ways == {True, False}


def test_patterns_find_in_python_what_they_find_in_javascript() -> None:
    first, *told = [json.loads(line) for line in (HERE / "patterns.jsonl").read_text(encoding="utf-8").splitlines()]
    assert len(told) == 200
    for one in told:
        if one["found"] is None:
            with pytest.raises(ValueError, match=r"\w"):
                python_pattern(one["pattern"])
            continue
        compiled = regex.compile(python_pattern(one["pattern"]))
        found = "".join("01"[compiled.search(text) is not None] for text in first["texts"])
        assert found == one["found"], one["pattern"]


def test_a_config_with_its_own_results_says_of_every_repeat_what_promptfoo_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sources = [HERE / "desk" / "promptfooconfig.yaml", HERE / "desk" / "results.json.gz"]
    suites = PromptfooConfig().read_suites(sources[0], [sources[1]])
    assert [(len(suite.rows), suite.repeats) for suite in suites] == [(5, 2), (5, 2)]
    judged = 0
    for suite in suites:
        rows = {str(row["id"]): row for row in suite.rows}
        for answers in suite.answers.values():
            assert sorted((one.id, one.repeat) for one in answers) == [(n, r) for n in sorted(rows) for r in (0, 1)]
            for one in answers:
                extra = {key: rows[one.id][key] for key in ("checks", "threshold") if key in rows[one.id]}
                example = Example(id=one.id, messages=one.messages, extra=extra)
                got = Checks(empty="judged").score(example, Response(example_id=one.id, text=one.text))
                assert got.value == float(bool(one.scores["pass"])), (rows[one.id], one.text)
                judged += 1
    assert judged == 40
    assert main(["import", *map(str, sources), "-o", str(tmp_path / "out")]) == 0
    monkeypatch.chdir(tmp_path / "out")
    assert main(["validate"]) == 0
    assert main(["compare", "base", "tuned", "--replay", "--json", "verdict.json"]) in (0, 3)
    for told in json.loads(Path("verdict.json").read_text())["suites"]:
        (whole,) = (one for one in told["metrics"] if one["metric"] == "checks" and one["slice"] is None)
        assert (whole["base"], whole["candidate"], whole["n"]) == (pytest.approx(0.6), pytest.approx(1.0), 5)
