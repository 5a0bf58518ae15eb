"""A promptfoo config becomes a suite that runs: prompts, variables, defaults, files, and what is not carried over."""

import json
from pathlib import Path
from typing import Any

import pytest

from evalkit.cli import main
from evalkit.core.errors import DataError, UsageError
from evalkit.foreign.js import python_pattern
from evalkit.foreign.kinds import find_importer
from evalkit.foreign.nouns import ForeignSuite, Wishes
from evalkit.foreign.promptfoo_asserts import KINDS, NOT_CARRIED, split_commas
from evalkit.foreign.promptfoo_config import PromptfooConfig


def config(folder: Path, **keys: Any) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "promptfooconfig.yaml"
    path.write_text(json.dumps({"prompts": ["{{q}}"], "providers": ["echo"], **keys}, ensure_ascii=False))
    return path


def read(folder: Path, **keys: Any) -> list[ForeignSuite]:
    return list(PromptfooConfig().read_suites(config(folder, **keys)))


CONTAINS = {"type": "contains", "value": "{{want}}"}


def test_defaults_stand_before_a_tests_own_and_can_be_refused(tmp_path: Path) -> None:
    default = {"vars": {"want": "a"}, "threshold": 0.5, "assert": [CONTAINS], "metadata": {"team": "x"}}
    tests = [
        {"vars": {"q": "1"}, "assert": [{"type": "regex", "value": "^b"}]},
        {"vars": {"q": "2", "want": "c"}, "threshold": 0.9, "options": {"disableDefaultAsserts": True}},
    ]
    (suite,) = read(tmp_path, defaultTest=default, tests=tests)
    one, two = suite.rows
    assert one["checks"] == [{"contains": "a", "normalize": []}, {"regex": "^b", "leading_space": "kept"}]
    assert (one["threshold"], one["tags"]) == (0.5, {"team": "x"})
    assert "checks" not in two
    assert suite.scorers["checks"]["on_missing"] == "skip"


def test_each_text_of_a_list_is_a_test_of_its_own_numbered_as_promptfoo_does(tmp_path: Path) -> None:
    tests = [{"vars": {"q": ["a", "b"], "want": ["x", "y"]}, "assert": [CONTAINS]}, {"vars": {"q": "c", "want": "z"}}]
    (suite,) = read(tmp_path, tests=tests, evaluateOptions={"repeat": 2})
    assert [row["id"] for row in suite.rows] == ["0", "1", "2", "3", "8"]
    assert [row["vars"] for row in suite.rows[:2]] == [{"q": "a", "want": "x"}, {"q": "a", "want": "y"}]
    assert suite.repeats == 2


def test_files_of_tests_prompts_and_variables_are_read(tmp_path: Path) -> None:
    (tmp_path / "two.txt").write_text("One {{q}}\n---\nTwo {{q}}\n")
    (tmp_path / "q.txt").write_text("from a file\n")
    (tmp_path / "more.yaml").write_text('- {vars: {q: "file://q.txt"}, assert: [{type: equals, value: x}]}')
    (tmp_path / "t.csv").write_bytes('q,__expected,__threshold\n返金,"contains-any:返金,払戻",0.7\n'.encode("cp932"))
    one, two = read(tmp_path, prompts=["file://two.txt"], tests=["file://more.yaml", "t.csv"])
    assert [row["messages"][0]["content"] for row in one.rows] == ["One from a file", "One 返金"]  # type: ignore[index,call-overload]
    assert two.name.endswith("(prompt 2)")
    assert one.rows[1]["checks"] == [{"contains_any": ["返金", "払戻"], "normalize": []}]
    assert one.rows[1]["threshold"] == 0.7


def test_a_prompt_of_turns_keeps_them_and_quotes_in_values_do_not_break_it(tmp_path: Path) -> None:
    turns = [{"role": "system", "content": "Be {{tone}}."}, {"role": "user", "content": "{{q}}"}]
    (suite,) = read(tmp_path, prompts=[json.dumps(turns)], tests=[{"vars": {"q": 'say "hi"', "tone": "kind"}}])
    assert suite.rows[0]["messages"] == [
        {"role": "system", "content": "Be kind."},
        {"role": "user", "content": 'say "hi"'},
    ]


def test_providers_become_models_and_shared_sampling_the_suites(tmp_path: Path) -> None:
    providers = [
        {"id": "openai:chat:gpt-4o-mini", "label": "base", "config": {"temperature": 0.2, "max_tokens": 50}},
        {"openai:responses:ft:gpt-4o-mini:x": {"config": {"temperature": 0.2, "max_tokens": 60, "apiKey": "sk-1"}}},
        {
            "id": "openai:chat:q",
            "config": {"temperature": 0.2, "apiBaseUrl": "http://localhost:1/v1", "apiKeyEnvar": "K"},
        },
        "anthropic:messages:claude",
    ]
    (suite,) = read(tmp_path, providers=providers, tests=[{"vars": {"q": "a"}}])
    assert suite.models == {
        "base": {"provider": "openai", "model": "gpt-4o-mini"},
        "openai:responses:ft:gpt-4o-mini:x": {"provider": "openai", "model": "ft:gpt-4o-mini:x", "api": "responses"},
        "openai:chat:q": {"provider": "openai", "model": "q", "base_url": "http://localhost:1/v1", "api_key_env": "K"},
    }
    assert suite.generate == {"temperature": 0.2}
    told = "\n".join(suite.left_out)
    assert "anthropic:messages:claude" in told
    assert "max_tokens differs" in told
    assert "sk-1" not in told


def test_what_is_not_carried_over_is_named_with_a_reason_and_its_tests(tmp_path: Path) -> None:
    own = {"type": "equals", "value": "a"}
    tests = [{"vars": {"q": "a"}, "assert": [{"type": f"not-{kind}", "value": "x"}, own]} for kind in NOT_CARRIED]
    (suite,) = read(tmp_path, tests=tests)
    for number, (kind, reason) in enumerate(NOT_CARRIED.items()):
        assert any(f"not-{kind}: {reason} (tests {number};" in one for one in suite.left_out), kind
    assert all(row["checks"] == [{"equals": "a", "normalize": []}] for row in suite.rows)


@pytest.mark.parametrize(
    ("one", "why"),
    [
        ({"type": "contains", "value": "a", "transform": "output.trim()"}, "transform"),
        ({"type": "contains", "value": "file://x.js"}, "code"),
        ({"type": "contains", "value": "file://gone.txt"}, "gone.txt cannot be read"),
        ({"type": "contains", "value": "{{ q | nofilter }}"}, "cannot be rendered"),
        ({"type": "contains-all", "value": []}, "names no text"),
        ({"type": "regex", "value": "(?i)a"}, "no group of JavaScript"),
        ({"type": "contains-any", "value": '"open'}, "not closed"),
        ({"type": "assert-set", "threshold": 0, "assert": [{"type": "equals", "value": "a"}]}, "threshold"),
        ({"type": "latency"}, "threshold"),
        ({"type": "brand-new"}, "not known here"),
        ({"type": "is-json", "value": {"type": "no-such-type"}}, "cannot be judged"),
    ],
    ids=str,
)
def test_a_suite_whose_asserts_were_all_left_behind_runs_and_passes_nobody(
    tmp_path: Path, one: dict[str, Any], why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = config(tmp_path / "in", tests=[{"vars": {"q": "a"}, "assert": [one]}])
    assert main(["import", str(path), "-o", str(tmp_path / "out")]) == 0
    told = (tmp_path / "out" / "IMPORTED.md").read_text(encoding="utf-8")
    assert why in told
    assert "nothing that judges an answer could be carried over" in told
    suites = str(tmp_path / "out" / "suites")
    assert main(["validate", suites]) == 0
    arms = [tmp_path / "good.jsonl", tmp_path / "broken.jsonl"]
    for arm, text in zip(arms, ("A sound answer.", "!!!"), strict=True):
        arm.write_text('{"evalkit_recording": 1}\n' + json.dumps({"id": "0", "text": text}) + "\n", encoding="utf-8")
    assert main(["compare", *map(str, arms), "--suite", suites, "--report", str(tmp_path / "report")]) == 4


def test_code_that_changes_answers_or_weighs_them_is_named(tmp_path: Path) -> None:
    options = {"transform": "output.toUpperCase()", "transformVars": "{...vars}"}
    test = {"vars": {"q": "a"}, "options": options, "assertScoringFunction": "file://s.js", "providers": ["echo"]}
    (suite,) = read(tmp_path, tests=[test, "file://make.py:tests"], nunjucksFilters={"f": "f.js"}, redteam={})
    told = "\n".join([*suite.left_out, *suite.carried])
    for name in (
        "transform (",
        "transformVars",
        "assertScoringFunction",
        "providers of test 0",
        "make.py",
        "nunjucksFilters",
        "redteam",
    ):
        assert name in told, name


def test_a_config_in_code_without_prompts_or_with_a_lost_file_is_refused_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "promptfooconfig.js").write_text("module.exports = {}")
    with pytest.raises(UsageError, match="is code, which is not run"):
        PromptfooConfig().read_suites(tmp_path / "promptfooconfig.js")
    with pytest.raises(UsageError, match="no prompts"):
        read(tmp_path / "a", prompts=[])
    with pytest.raises(DataError, match=r"there is no file of tests .*gone\.csv"):
        read(tmp_path / "b", tests="file://gone.csv")
    with pytest.raises(UsageError, match=r"it is a config|is a config"):
        find_importer(config(tmp_path / "c"))


def result(test: int, prompt: str, answer: str, provider: str, *, passed: bool, **variables: str) -> dict[str, Any]:
    return {
        "testIdx": test,
        "promptIdx": 0,
        "prompt": {"raw": prompt, "label": "{{q}}"},
        "vars": variables,
        "provider": {"id": provider},
        "response": {"output": answer},
        "success": passed,
        "score": float(passed),
        "gradingResult": {"pass": passed, "componentResults": []},
        "testCase": {"vars": variables},
    }


def test_results_beside_the_config_are_its_answers_and_compare_runs_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    tests = [{"vars": {"q": f"q{n}"}, "assert": [{"type": "equals", "value": f"a{n}"}]} for n in range(150)]
    path = config(tmp_path / "in", tests=tests, description="窓口")
    told = [
        result(n, f"q{n}", f"a{n}" if n % 10 else "no", who, passed=bool(n % 10), q=f"q{n}")
        for who in ("base", "tuned")
        for n in range(150)
    ]
    told[201]["response"]["output"] = "another answer"
    results = tmp_path / "in" / "results.json"
    results.write_text(json.dumps({"evalId": "e", "results": {"version": 3, "results": told}, "config": {}}))
    for out in ("one", "two"):
        assert main(["import", str(path), str(results), "-o", str(tmp_path / out)]) == 0
    files = [file.relative_to(tmp_path / "one") for file in (tmp_path / "one").rglob("*") if file.is_file()]
    assert len(files) == 6
    for file in files:
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()
    monkeypatch.chdir(tmp_path / "one")
    assert main(["validate"]) == 0
    assert main(["compare", "base", "tuned", "--json", "verdict.json"]) in (0, 3)
    (finding,) = json.loads(Path("verdict.json").read_text())["suites"][0]["findings"]
    assert (finding["base"], finding["n"], finding["broken"]) == (pytest.approx(0.9), 150, 1)
    assert main(["import", str(path), "-o", "."]) == 2


@pytest.mark.parametrize("kind", ["json", "jsonl", "yaml"])
def test_results_are_read_in_every_shape_but_csv(tmp_path: Path, kind: str) -> None:
    told = [result(n, f"q{n}", "a", who, passed=n > 0, q=f"q{n}") for n in (1, 0) for who in ("base", "tuned")]
    whole = {"evalId": "e", "results": {"version": 9, "results": told}, "config": {}}
    text = {
        "json": json.dumps(whole),
        "jsonl": "".join(json.dumps(one) + "\n" for one in told),
        "yaml": f"evalId: e\nresults:\n  version: 9\n  results: {json.dumps(told)}\n",
    }[kind]
    path = tmp_path / f"results.{kind}"
    path.write_text(text)
    name, reader = find_importer(path)
    (found,) = reader.read(path, Wishes())
    assert name == "promptfoo"
    assert [[row.id for row in arm.rows] for arm in found.arms] == [["0", "1"], ["0", "1"]]
    assert any("version 9, newer" in note for note in found.carried) is (kind != "jsonl")
    csv = tmp_path / "results.csv"
    csv.write_text("q,[base] {{q}},Status,Score,Named Scores,Grader Reason,Comment\na,b,PASS,1,{},ok,\n")
    with pytest.raises(UsageError, match=r"-o results\.json"):
        find_importer(csv)[1].read(csv, Wishes())


def test_a_template_of_asserts_is_put_in_place(tmp_path: Path) -> None:
    tests = [{"vars": {"q": "a"}, "assert": [{"$ref": "#/assertionTemplates/short"}]}]
    (suite,) = read(tmp_path, tests=tests, assertionTemplates={"short": {"type": "word-count", "value": {"max": 3}}})
    assert suite.rows[0]["checks"] == [{"spaced_words": {"max": 3}}]
    (suite,) = read(
        tmp_path, tests=[{"vars": {"q": "a"}, "assert": [{"$ref": "#/gone"}, {"type": "equals", "value": "a"}]}]
    )
    assert any("not known here" in one for one in suite.left_out)


def test_commas_part_fields_and_quotes_keep_them() -> None:
    assert split_commas(r' a, "b, c" ,, "d""e", f"g ') == ["a", "b, c", 'd"e', 'f"g']


@pytest.mark.parametrize("pattern", ["a**", r"\1", "[a", "(?<!x)(?>y)", "a\\", r"[\S]", r"\ud800"])
def test_a_pattern_that_python_cannot_say_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        python_pattern(pattern)


def test_the_page_lists_every_type() -> None:
    page = (Path(__file__).parents[3] / "docs" / "how-to" / "from-promptfoo.md").read_text(encoding="utf-8")
    for kind in (*KINDS, *NOT_CARRIED, "assert-set"):
        assert f"`{kind}`" in page, kind


def test_a_candidate_that_says_nothing_passes_no_imported_suite_of_what_must_not_be_said(tmp_path: Path) -> None:
    tests = [{"vars": {"q": f"q{i}"}, "assert": [{"type": "not-contains", "value": "promise"}]} for i in range(300)]
    assert main(["import", str(config(tmp_path / "in", tests=tests)), "-o", str(tmp_path / "out")]) == 0
    for arm, words in (("good", "Answer {}."), ("empty", ""), ("unseen", "\u200b")):
        lines = [json.dumps({"id": str(i), "text": words.format(i)}) for i in range(300)]
        text = "\n".join(['{"evalkit_recording": 1}', *lines, ""])
        (tmp_path / f"{arm}.jsonl").write_text(text, encoding="utf-8")
    for arm, code in (("good", 0), ("empty", 3), ("unseen", 3)):
        arms = [str(tmp_path / f"{name}.jsonl") for name in ("good", arm)]
        report = str(tmp_path / f"report-{arm}")
        assert main(["compare", *arms, "--suite", str(tmp_path / "out" / "suites"), "--report", report]) == code
