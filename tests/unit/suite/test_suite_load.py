"""Suites and models.yaml: what is wrong is said at once, with its place and what was meant."""

from __future__ import annotations

from pathlib import Path

import pytest
from suite_files import write

from evalkit.core.errors import SuiteError, UsageError
from evalkit.suite.find import find_suites
from evalkit.suite.load import load_suite, models_schema, suite_schema

SOUND = """\
evalkit: 1
name: support
dataset: {path: rows.jsonl}
scorers:
  answer: {type: exact, normalize: [nfkc]}
  ticket: {type: json_schema, schema: ticket.json}
slices:
  - {by: intent}
gates:
  - {type: must_improve, metric: answer}
  - {type: floor, metric: ticket.valid, min: 0.9}
"""


def problems(folder: Path, text: str) -> list[str]:
    with pytest.raises(SuiteError) as caught:
        load_suite(write(folder, text))
    return [str(problem).removeprefix(f"{folder}/") for problem in caught.value.problems]


def test_a_sound_suite_is_read_with_its_digest_and_its_folder(tmp_path: Path) -> None:
    suite = load_suite(write(tmp_path, SOUND))
    assert suite.spec.name == "support"
    assert suite.spec.scorers["answer"].options == {"normalize": ["nfkc"]}
    assert suite.root == tmp_path
    assert suite.beside("rows.jsonl") == tmp_path / "rows.jsonl"
    assert suite.sha256 == load_suite(write(tmp_path, SOUND, "copy.yaml")).sha256


def test_a_key_leads_back_to_its_line_and_column(tmp_path: Path) -> None:
    suite = load_suite(write(tmp_path, SOUND))
    assert (suite.locate("gates", 1, "metric").line, suite.locate("gates", 1, "metric").column) == (11, 19)
    assert suite.locate("gates", 1, "basis").line == 11, "a key that is not written leads to its parent"
    assert suite.locate("policy").line == 1
    assert suite.locate("gates", 99).line == 9


def test_every_problem_is_told_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    found = problems(
        tmp_path,
        """\
evalkit: 1
name: x
descripton: d
dataset: {path: a.jsonl, formt: evalkit, limit: "3", format: evlkit}
scorers:
  answer: {type: exact}
gates:
  - {type: must_improv, metric: answer}
  - {type: floor, mn: 3, min: a}
  - {metric: answer}
  - {type: no_regression, metric: 3, margin: 0}
""",
    )
    assert [text.split("\n")[0] for text in found] == [
        "suite.yaml:3:1: unknown key 'descripton' (did you mean 'description'?)",
        "suite.yaml:4:26: unknown key 'formt' in dataset (did you mean 'format'?)",
        "suite.yaml:4:42: dataset.limit must be a whole number, not the text '3'",
        "suite.yaml:4:54: dataset.format cannot be the text 'evlkit' (did you mean 'evalkit'?)",
        "suite.yaml:8:6: unknown gates[0].type 'must_improv' (did you mean 'must_improve'?)",
        "suite.yaml:9:5: the key 'metric' is missing in gates[1]",
        "suite.yaml:9:19: unknown key 'mn' in gates[1] (did you mean 'min'?)",
        "suite.yaml:9:26: gates[1].min must be a number, not the text 'a'",
        "suite.yaml:10:5: the key 'type' is missing in gates[2]",
        "suite.yaml:11:27: gates[3].metric must be text or a list, not a whole number (3)",
        "suite.yaml:11:38: gates[3].margin must be a number above 0 in the metric's own unit, or a share of the base's "
        'value such as "5%", not 0',
    ]
    assert "allowed: basis, max, metric, min, slices, type" in found[6]


@pytest.mark.parametrize(
    ("old", "new", "sentences"),
    [
        ("name: support", "name: s\n1: x", ["[1] must have text as its key"]),
        (
            "answer: {type: exact, normalize: [nfkc]}",
            "answer: exact",
            ["scorers.answer must be a mapping, not the text"],
        ),
        ("name: support", "name: ''", ["name must not be empty"]),
        ("name: support", "name: 2027-01-31", ["name must be text, not a date (2027-01-31; quote it"]),
        ("name: support", "name: s\nrepeats: 1.5", ["repeats must be a whole number, not a number (1.5)"]),
        ("name: support", "name: s\npolicy: {confidence: 95}", ["policy.confidence must be at most 0.9999"]),
        ("name: support", "name: s\ngenerate: {temperature: .nan}", ["generate.temperature must be a finite number"]),
        ("evalkit: 1", "evalkit: '1'", ["evalkit cannot be the text '1'\n    allowed: 1"]),
        ("metric: answer", "metric: [3]", ["gates[0].metric must be text, not a list"]),
        (
            "{type: must_improve, metric: answer}",
            "{type: no_regression, metric: [3]}",
            ["gates[0].metric[0] must be text"],
        ),
        ("{type: must_improve, metric: answer}", "must_improve", ["gates[0] must be a mapping"]),
    ],
)
def test_one_mistake_is_one_problem_in_plain_words(tmp_path: Path, old: str, new: str, sentences: list[str]) -> None:
    found = problems(tmp_path, SOUND.replace(old, new, 1))
    assert len(found) == len(sentences), found
    assert all(sentence in text for sentence, text in zip(sentences, found, strict=True)), found


def test_a_gate_on_a_misspelt_metric_is_told_with_the_nearest_one(tmp_path: Path) -> None:
    (found,) = problems(tmp_path, SOUND.replace("metric: answer", "metric: anwser"))
    assert found.startswith("suite.yaml:10:26: no scorer produces the metric 'anwser' (did you mean 'answer'?)")


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("- {type: floor, metric: answer}", "a floor needs `min` or `max`"),
        ("- {type: floor, metric: answer, min: 0.9, max: 0.1}", "min 0.9 is above max 0.1"),
        ("- {type: budget, metric: latency_p95}", "a budget needs `max_ratio` or `max`"),
        ("- {type: fairness, slices: []}", "a fairness gate needs the tags of its groups in `slices`"),
        ("- {type: no_regression, metric: []}", "no_regression needs a metric"),
        ("- {type: critical, tag: 'critical='}", "'critical=' is neither a tag nor tag=value"),
        ("- {type: no_regression, metric: [answer, ansr]}", "no scorer produces the metric 'ansr'"),
    ],
)
def test_gates_that_could_never_judge_are_told(tmp_path: Path, line: str, sentence: str) -> None:
    (found,) = problems(tmp_path, SOUND + f"  {line}\n")
    assert found.startswith("suite.yaml:12:")
    assert sentence in found


def test_a_metric_that_needs_no_scorer_may_have_a_floor(tmp_path: Path) -> None:
    load_suite(write(tmp_path, SOUND + "  - {type: floor, metric: latency_s, max: 2.0}\n"))


def test_slices_declared_twice_and_fairness_without_metrics_are_told(tmp_path: Path) -> None:
    text = SOUND.replace(
        "  - {by: intent}\n", "  - {by: intent}\n  - {by: intent}\n  - {by: x, fairness: {metrics: [anser]}}\n"
    )
    found = problems(tmp_path, text)
    assert "suite.yaml:9:6: the slice 'intent' is declared twice" in found[0]
    assert "did you mean 'answer'?" in found[1]


def test_a_scorer_name_with_a_dot_or_of_a_measured_metric_is_refused(tmp_path: Path) -> None:
    found = problems(tmp_path, SOUND.replace("slices:", "  a.b: {type: exact}\n  cost_usd: {type: exact}\nslices:"))
    assert [f.split(": ")[1].split("\n")[0] for f in found] == [
        "a scorer cannot be called 'a.b'",
        "a scorer cannot be called 'cost_usd'",
    ]


@pytest.mark.parametrize(
    ("keys", "sentence"),
    [
        ("", "the waiver fits 2 gates, and may cover one only"),
        (", index: 7", "the waiver's index 7 is no no_regression of answer there"),
        (", index: 0, down_to: 0.03", "a waiver's down_to is a change of the metric"),
        (", index: 0, up_to: -0.03", "a waiver's up_to is a change of the metric"),
        (", index: 0, down_to: -0.03", ""),
        (", margin: 0.05", ""),
    ],
)
def test_a_waiver_names_its_gate_exactly(tmp_path: Path, keys: str, sentence: str) -> None:
    gates = "".join(f"  - {{type: no_regression, metric: answer, margin: {m}}}\n" for m in (0.02, 0.05))
    head, _, tail = SOUND.partition("gates:\n")
    waiver = (
        "waivers:\n  - {gate: no_regression, metric: answer, reason: r, owner: o, expires: 2027-01-31" + keys + "}\n"
    )
    only = "\n".join(line for line in tail.splitlines() if not line.startswith("  - ")) + "\n"
    text = f"{head}gates:\n{gates}{only}{waiver}"
    if not sentence:
        assert load_suite(write(tmp_path, text)).spec.waivers[0].owner == "o"
        return
    (found,) = problems(tmp_path, text)
    assert sentence in found


def test_waivers_must_name_a_gate_a_metric_and_one_slice_of_this_suite(tmp_path: Path) -> None:
    waiver = (
        "waivers:\n  - {gate: floor, metric: answer, reason: r, owner: o, expires: 2027-01-31}\n"
        "  - {gate: flor, metric: answr, slice: {a: b, c: d}, reason: r, owner: o, expires: 2027-01-31}\n"
        "  - {gate: floor, metric: answer, reason: r, owner: o, expires: soon}\n"
    )
    found = problems(tmp_path, SOUND + waiver)
    said = [
        "(did you mean 'floor'?)",
        "answr",
        "one tag and its value",
        "a date such as 2027-01-31, not the text 'soon'",
    ]
    assert [words in problem for words, problem in zip(said, found, strict=True)] == [True] * 4


def test_a_key_written_twice_is_an_error_with_both_lines(tmp_path: Path) -> None:
    (found,) = problems(tmp_path, SOUND + "name: again\n")
    assert found == "suite.yaml:12:1: the key 'name' is written twice (first in line 2)"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("evalkit: [1\n", "not valid YAML"),
        ("a: b: c\n", "not valid YAML"),
        ("\tevalkit: 1\n", "not valid YAML"),
        ("a: *nowhere\n", "not valid YAML"),
        ("a: !!python/object:os.system x\n", "not valid YAML"),
        ("a: 1\nwaivers:\n  - {expires: 2026-13-45}\n", "suite.yaml:3:15: not valid YAML: month must be in 1..12"),
        ("- 1\n", "a suite must be a mapping of keys, not a list"),
        ("", "a suite must be a mapping of keys, not nothing"),
        ("just words\n", "a suite must be a mapping of keys, not the text 'just words'"),
    ],
)
def test_what_is_no_suite_is_one_sentence_not_a_trace(tmp_path: Path, text: str, sentence: str) -> None:
    (found,) = problems(tmp_path, text)
    assert found.startswith("suite.yaml")
    assert sentence in found


def test_a_suite_that_is_not_utf8_names_the_line(tmp_path: Path) -> None:
    path = tmp_path / "suite.yaml"
    path.write_bytes(b"evalkit: 1\nname: caf\xe9\n")
    with pytest.raises(SuiteError, match=r"suite.yaml:2: the file is not UTF-8 \(byte 0xe9\)"):
        load_suite(path)


def test_a_suite_in_shift_jis_is_called_that_with_the_way_out(tmp_path: Path) -> None:
    path = tmp_path / "suite.yaml"
    path.write_bytes(SOUND.replace("name: support", "name: support\ndescription: 返金の窓口です").encode("cp932"))
    with pytest.raises(SuiteError) as caught:
        load_suite(path)
    (found,) = caught.value.problems
    assert found.what == "the file is not UTF-8: it looks like Shift_JIS (cp932)"
    assert found.todo == f"save it as UTF-8, e.g. iconv -f cp932 -t utf-8 {path}"


@pytest.mark.parametrize(
    ("line", "todo"),
    [
        ("name：first", "a full-width or typographic ： stands in line 2; YAML reads : alone"),
        ("name： “first”", "a full-width or typographic ： stands in line 2; YAML reads : alone"),
        ("stop: [a， b", "a full-width or typographic ， stands in line 2; YAML reads , alone"),
        ("stop: [「a」, b", 'a full-width or typographic 「 stands in line 2; YAML reads " alone'),
        ('stop: ["：", b  # 「注」', None),
    ],
)
def test_a_full_width_mark_near_broken_yaml_is_told_with_its_line(tmp_path: Path, line: str, todo: str | None) -> None:
    path = tmp_path / "suite.yaml"
    path.write_text(f"evalkit: 1\n{line}\nprompt: {{}}\ndataset: {{path: x.jsonl}}\n", encoding="utf-8")
    with pytest.raises(SuiteError) as caught:
        load_suite(path)
    (found,) = caught.value.problems
    assert found.what.startswith("not valid YAML")
    assert found.todo == todo


def test_a_suite_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    path = tmp_path / "suite.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + SOUND.encode())
    assert load_suite(path).spec.name == "support"


def test_a_missing_suite_is_named(tmp_path: Path) -> None:
    with pytest.raises(SuiteError, match=r"cannot read .*nothing.yaml: No such file"):
        load_suite(tmp_path / "nothing.yaml")


def test_yes_and_no_are_text_in_yaml_1_2(tmp_path: Path) -> None:
    suite = load_suite(write(tmp_path, SOUND.replace("name: support", "name: no")))
    assert suite.spec.name == "no"


def test_suites_are_found_by_their_top_level_key(tmp_path: Path) -> None:
    write(tmp_path, SOUND, "b.yaml")
    write(tmp_path, "evalkit: [broken\n", "a.yml")
    write(tmp_path, "models: {}\n  # evalkit: 1\n", "models.yaml")
    (tmp_path / "deep").mkdir()
    write(tmp_path / "deep", SOUND, "c.yaml")
    assert [p.name for p in find_suites([tmp_path])] == ["a.yml", "b.yaml", "c.yaml"]
    assert find_suites([tmp_path / "b.yaml", tmp_path / "b.yaml"]) == [tmp_path / "b.yaml"]


def test_a_folder_without_a_suite_and_a_path_that_is_not_there_are_usage_errors(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no suite in"):
        find_suites([tmp_path])
    write(tmp_path, "models: {}\n", "models.yaml")
    with pytest.raises(UsageError, match=r"YAML files there that are none: models\.yaml"):
        find_suites([tmp_path])
    with pytest.raises(UsageError, match="there is no suite"):
        find_suites([tmp_path / "x.yaml"])


def test_the_schemas_for_editors_are_valid_and_accept_a_sound_suite() -> None:
    jsonschema = pytest.importorskip("jsonschema", reason="jsonschema is not installed")
    from ruamel.yaml import YAML

    for schema in (suite_schema(), models_schema()):
        jsonschema.Draft202012Validator.check_schema(schema)
    checker = jsonschema.Draft202012Validator(suite_schema())
    document = YAML(typ="safe", pure=True).load(SOUND)
    assert list(checker.iter_errors(document)) == []
    assert list(checker.iter_errors({**document, "nmae": 1})) != []
