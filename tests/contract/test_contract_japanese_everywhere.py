"""Under EVALKIT_LANG=ja no line of any command stays English: screens, broken suites, bad options, foreign files."""

from __future__ import annotations

import gzip
import re
import shlex

import pytest
from project import Project

from evalkit.cli import main
from evalkit.scorers.table import TABLE

JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
NO_PROSE = re.compile(
    r"`[^`]*`|'[^']*'|\"[^\"]*\"|\S*[/\\=:]\S*|(?<!\S)--?[\w-]+|\S+\.\w{2,6}\b|\b(?:q\d+|evalkit [a-z ]+)"
)
"""Code, quoted words, paths, addresses, options, files, commands"""
WORDS = re.compile(r"[A-Za-z][A-Za-z']*(?:[ ,]+[A-Za-z][A-Za-z']*){3,}")
LOWER = re.compile(r"(?<![\w'])[a-z][a-z']+(?: [a-z']+){3,}(?![\w'])")
ALLOWED = (
    r"What is \d+ \+ 1\?",  # the questions of the suite
    r"[A-Z_]{4,}",  # states and outcomes
    r"\{[a-z,]+\}|\[[^\]]*\]",  # choices in a usage line
    r"LocalEntryNotFoundError.*",  # what huggingface_hub says
)
SUITE = """\
evalkit: 1
name: small
dataset: {path: data.jsonl}
scorers:
  answer: {type: exact}
slices:
  - {by: kind, min_n: 10}
gates:
  - {type: no_regression, metric: answer, margin: 0.05}
  - {type: must_improve, metric: answer}
  - {type: fairness, metrics: [answer], slices: [kind], max_change: 0.05}
  - {type: floor, metric: answer, min: 0.95, basis: proven}
  - {type: critical, tag: kind=even, metrics: [answer]}
"""


def english_of(text: str) -> list[str]:
    """The lines of a text that are English: in no Japanese line either do four words follow each other."""
    left = []
    for line in text.splitlines():
        plain = re.sub("|".join(ALLOWED), " ", line)
        plain = NO_PROSE.sub(" . ", plain)
        if (WORDS.search(plain) and not JAPANESE.search(line)) or LOWER.search(plain):
            left.append(line)
    return left


def told(capsys: pytest.CaptureFixture[str], line: str) -> tuple[int, str]:
    """What a command says on both streams, and how it ends."""
    try:
        code = main(shlex.split(line))
    except SystemExit as ended:
        code = int(ended.code or 0)
    said = capsys.readouterr()
    return code, said.out + said.err


ROWS = 40
"""So many rows every command has to do with"""


@pytest.fixture
def japanese(project: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Project:
    monkeypatch.setenv("EVALKIT_LANG", "ja")
    project.n = ROWS
    project.data()
    project.suite(SUITE)
    for name, right in (("base", 0.8), ("same", 0.8), ("better", 1.0), ("worse", 0.5)):
        project.arm(name, right=lambda i, right=right: i % 10 < 10 * right)
    capsys.readouterr()
    return project


def test_english_is_found() -> None:
    assert english_of("the suite holds no example") == ["the suite holds no example"]
    assert english_of("回答を the suite holds no example に") != []
    assert english_of("/tmp/a b/c.yaml:3:1: スイートにケースがありません\n  base -> worse: PASS") == []


def test_every_command_speaks_japanese(japanese: Project, capsys: pytest.CaptureFixture[str]) -> None:
    japanese.write("hired.csv", "sex,hired,fit\n" + "m,yes,yes\nf,no,yes\nm,yes,no\nf,yes,yes\n,no,no\n" * 30)
    rows = "".join(f"q{i},small,1,{i % 2}\n" for i in range(30))
    japanese.write("labels.csv", f"id,suite,base.good,candidate.good\n{rows}")
    lines = {
        "compare base better --replay": 1,
        "compare base worse --replay": 1,
        "compare base better worse same --replay": 1,
        "compare base base --replay": 1,
        "run base --replay": 0,
        "record base --replay -o kept.jsonl": 0,
        "plan base better": 0,
        "gate latest": 1,
        "report latest": 0,
        "cases latest -o cases.csv": 0,
        "labels labels.csv --run latest": 0,
        "groups latest": 0,
        "audit hired.csv --by sex --selected hired=yes --truth fit=yes --draws 100": 0,
        "runs": 0,
        "runs show": 0,
        "runs compare": 0,
        "runs trends": 0,
        "runs export -o runs.csv": 0,
        "runs noise": 0,
        "runs verify": 0,
        "runs prune --keep 3 --yes": 0,
        "baseline bless latest --anyway": 0,
        "validate": 0,
        "data check suites/data.jsonl --trained-on suites/data.jsonl": 2,
        "data split suites/data.jsonl --share a=0.5 --share b=0.5 -o parts": 0,
        "data convert suites/data.jsonl --to csv -o data.csv": 0,
        "models list": 0,
        "models disk": 0,
        "ledger stats": 0,
        "import labels.csv -o taken --columns score=base.good": 0,
        "init new": 0,
        "judge check labels.csv --run latest": 2,
    }
    left, ends = {}, {}
    for line in lines:
        ends[line], text = told(capsys, line)
        if english_of(text):
            left[line] = english_of(text)
    assert not left, "\n".join(f"{line}: {one}" for line, all_of in left.items() for one in all_of)
    assert ends == lines


def test_tables_have_japanese_titles_on_the_terminal_and_in_markdown(
    japanese: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    for step, name in ((10, "better"), (20, "worse")):
        text = (japanese.folder / "suites" / f"{name}.jsonl").read_bytes()
        place = japanese.folder / "trained" / f"checkpoint-{step}.jsonl.gz"
        place.parent.mkdir(exist_ok=True)
        place.write_bytes(gzip.compress(text, mtime=0))
    code, swept = told(capsys, "sweep base trained --replay --markdown swept.md")
    assert code == 1
    markdown = (japanese.folder / "swept.md").read_text(encoding="utf-8")
    _, planned = told(capsys, "plan base better")
    _, groups = told(capsys, "groups latest")
    for text, title in (
        (swept, "学習損失"),
        (markdown, "| チェックポイント | 判定結果 |"),
        (planned, "検出できる最小の低下"),
        (groups, "格差(候補)"),
    ):
        assert title in text
        assert not english_of(text), "\n".join(english_of(text))


BROKEN_SUITE = """\
evalkit: 1
name: small
nmae: oops
dataset: {path: nowhere.jsonl, format: evalkitt, limit: -1}
prompt: {system: "{{ tags.shop", user: 3}
generate: {temperature: hot, max_tokens: 0}
repeats: zero
scorers:
  answer: {type: exct}
  ticket: {type: json_schema, schema: gone.json}
  calls: {type: tool_calls, mode: loose}
slices:
  - {by: 3}
gates:
  - {type: no_regression, metric: nothing, margin: -1}
  - {type: florr, metric: answer}
  - {type: floor, metric: answer}
  - {type: fairness, slices: [], max_change: 2}
  - {type: budget, metric: latency_p95}
policy: {confidence: 2, correction: none_at_all, on_inconclusive: maybe}
"""


def test_a_broken_suite_is_told_in_japanese(japanese: Project, capsys: pytest.CaptureFixture[str]) -> None:
    variants = [
        BROKEN_SUITE,
        BROKEN_SUITE.replace("  - {type: florr, metric: answer}\n", ""),
        "evalkit: 1\nname: [\n",
        "evalkit: 2\nname: small\n",
        "evalkit: 1\nname: small\ndataset: {path: data.jsonl}\n",
        SUITE.replace("exact", "exact, normalize: [upper]"),
        SUITE.replace("metric: answer, margin: 0.05", "metric: anser, margin: 0.05"),
        SUITE.replace("margin: 0.05", "margin: 5"),
        SUITE.replace("by: kind", "by: kid"),
        SUITE.replace("tag: kind=even", "tag: kind=none"),
        SUITE.replace("name: small", "name: small\nname: again"),
        SUITE.replace("type: exact", "type: exact, when: {kind: purple}"),
        SUITE.replace("data.jsonl", "data.jsonl, limit: 0"),
    ]
    left = []
    for text in variants:
        japanese.suite(text)
        for command in ("validate", "compare base better --replay"):
            _, said = told(capsys, command)
            left += english_of(said)
    rows = japanese.rows()
    bad_rows = [
        {"id": "a", "input": "x", "messages": []},
        {"id": "a"},
        {"id": "b", "input": 3, "target": "x"},
        {"id": "c", "input": "x", "target": "y", "choices": ["only"]},
        {"id": "d", "input": "x", "target": 7, "choices": ["p", "q"]},
        {"id": "e", "messages": [{"role": "robot", "content": "x"}]},
        {"id": "f", "input": "x", "tags": ["list"], "color": "red"},
        {"id": "g", "input": "x", "tools": {}, "target": {"tool_calls": [{}]}},
    ]
    japanese.suite(SUITE)
    japanese.data([*rows[:3], *bad_rows, rows[0]])
    for command in ("validate", "data check suites/data.jsonl"):
        left += english_of(told(capsys, command)[1])
    for name, text in (("a", "{\n"), ("b", '{"id": 1,}\n'), ("c", "id,input\n1,2,3\n"), ("d", ""), ("e", "[1, 2]")):
        japanese.write(f"{name}.jsonl", text)
        left += english_of(told(capsys, f"data check {name}.jsonl")[1])
    assert not left, "\n".join(left)


BAD_OPTIONS = (
    "compare",
    "compre base",
    "compare base",
    "compare base nobody",
    "compare base better --sute x",
    "compare base better --limit 0",
    "compare base better --max-cost five",
    "compare base better --max-age soon",
    "compare base better --live --replay",
    "compare base better --json suites",
    "compare base better --suite nowhere",
    "compare base better -k nothing_at_all",
    "compare base better --workers 2",
    "compare base better --columns x",
    "compare base better better",
    "compare base better --publish nowhere",
    "compare base better --publish hub:x",
    "compare openai:gpt-4o-mini better",
    "compare local:nowhere better",
    "compare base azure:x",
    "compare base gone.jsonl",
    "compare base suites",
    "compare ftjob:x better",
    "gate nothing",
    "report nothing",
    "cases latest -o x.pdf",
    "cases latest -o x.csv --state odd",
    "labels nowhere.csv",
    "groups nothing",
    "audit nowhere.csv --by sex --selected hired=yes",
    "audit suites/data.jsonl --by sex --selected hired=yes",
    "audit suites/data.jsonl --by sex",
    "runs burn",
    "runs show nothing",
    "runs export",
    "runs merge",
    "runs import nowhere",
    "runs prune",
    "runs list --clear",
    "runs trends --last 1",
    "validate nowhere",
    "data check nowhere.jsonl",
    "data split suites/data.jsonl --share a=2 -o x",
    "data split suites/data.jsonl --share a -o x",
    "data convert suites/data.jsonl --to openai-preference -o x.jsonl",
    "data convert suites/data.jsonl --to csv -o x.pdf",
    "data check suites/data.jsonl --columns x=y",
    "data check suites/data.jsonl --encoding klingon",
    "data check suites/data.jsonl --redact suites/data.jsonl",
    "models fingerprint nobody",
    "models convert base",
    "models remove nothing",
    "ledger prune",
    "import nowhere -o x",
    "import suites -o x",
    "import suites/data.jsonl -o x --from nobody",
    "init new --nonsense",
    "record base",
    "run nobody",
    "sweep base nowhere",
    "judge check",
    "judge record -o x",
)


def test_bad_options_are_told_in_japanese(japanese: Project, capsys: pytest.CaptureFixture[str]) -> None:
    left, zero = [], []
    for command in BAD_OPTIONS:
        code, said = told(capsys, command)
        left += [f"{command}: {line}" for line in english_of(said)]
        zero += [command] if code == 0 else []
    assert not left, "\n".join(left)
    assert not zero, "these are no mistakes"


@pytest.mark.parametrize("kind", sorted(TABLE))
def test_options_of_a_scorer_are_refused_in_japanese(
    kind: str, japanese: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    left, options = (
        [],
        (", nonsense: 1", ", threshold: 7, min_share: 7, min: 9, max: 1, model: x, labels: [a], score: [1]"),
    )
    for more in options:
        japanese.suite(SUITE.replace("type: exact", f"type: {kind}{more}").replace("metric: answer", "metric: ghost"))
        left += english_of(told(capsys, "validate")[1])
    assert not left, "\n".join(left)


def test_files_of_other_tools_are_refused_in_japanese(japanese: Project, capsys: pytest.CaptureFixture[str]) -> None:
    files = {
        "empty.csv": "",
        "head.csv": "id,score\n",
        "twice.csv": "id,id,score\n1,2,3\n",
        "text.csv": "id,score\n1,good\n2,bad\n",
        "no_score.csv": "id,answer_text\n1,x\n2,y\n",
        "scale.csv": "id,score\n1,3\n2,7\n",
        "blank.csv": "model,id,score\na,1,1\n,2,1\n",
        "broken.json": "{",
        "list.json": "[1, 2]",
        "inspect.eval": "no zip",
        "results_x.json": '{"results": {}}',
        "promptfooconfig.yaml": "prompts: []\ntests: 3\nproviders: [x]\n",
        "task.yaml": "task: t\noutput_type: loglikelihood\ndataset_path: hub/name\ndoc_to_text: x\ndoc_to_target: y\n",
        "graders.json": '{"graders": [{"type": "python", "name": "g"}]}',
        "book.xlsx": "no workbook",
    }
    left = []
    for name, text in files.items():
        japanese.write(name, text)
        for command in (f"import {name} -o taken", f"compare {name} {name}", f"compare {name} base"):
            left += [f"{command}: {line}" for line in english_of(told(capsys, command)[1])]
    good = "id,score\n" + "".join(f"{i},{i % 2}\n" for i in range(30))
    japanese.write("good.csv", good)
    japanese.write("other.csv", good.replace("id,", "id,input,", 1).replace(",0", ",asked,0").replace(",1", ",asked,1"))
    for command in ("compare good.csv other.csv", "import good.csv -o taken", "compare good.csv#nobody good.csv"):
        left += [f"{command}: {line}" for line in english_of(told(capsys, command)[1])]
    page = (japanese.folder / "taken" / "IMPORTED.md").read_text(encoding="utf-8")
    assert page.startswith("# 取り込み結果")
    left += english_of(page)
    assert not left, "\n".join(left)
