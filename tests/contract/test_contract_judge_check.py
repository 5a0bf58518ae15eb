"""Judges held against people: the sound one gates, each bad one is advisory for its own fault."""

from __future__ import annotations

import hashlib
import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest
from api_world import World, model_of, question_of
from openai_loopback import Call, Reply, chat_body

from evalkit.cli import main
from evalkit.store.runs import list_runs

N = 80
LABEL = "kind: label, labels: [bad, good], passes: [good], criteria: Is the number right?"
PAIR = "kind: pairwise, criteria: Which number is right?"
SUITE = f"""\
evalkit: 1
name: court
dataset: {{path: data.jsonl}}
generate: {{max_tokens: 60}}
scorers:
  sound: {{type: judge, judge: sound, {LABEL}}}
  coin: {{type: judge, judge: coin, {LABEL}}}
  short: {{type: judge, judge: short, {LABEL}}}
  moody: {{type: judge, judge: moody, {LABEL}, asks: 2, temperature: 1}}
  first: {{type: judge, judge: first, {PAIR}}}
  pair: {{type: judge, judge: sound, {PAIR}}}
gates:
  - {{type: no_regression, metric: sound, margin: 0.1}}
"""
PAIRS = ("first", "pair")
RUN = "latest"
"""The run with all judges; other tests keep later ones"""


def dice(text: str, sides: int) -> int:
    return hashlib.sha256(text.encode()).digest()[0] % sides


def answer(number: int, arm: str) -> str:
    """Right or wrong, short or long, each by its own dice."""
    right = dice(f"{arm}{number}", 10) < (6 if arm == "base" else 7)
    text = f"It is {number + 1 if right else number + 2}."
    return text + " I have thought about it for a long time." * (dice(f"length {arm}{number}", 2))


def is_right(number: int, text: str) -> bool:
    return f"It is {number + 1}." in text


def judged(who: str, number: int, texts: list[str], seed: str) -> str:
    if len(texts) == 2:
        a, b = (is_right(number, text) for text in texts)
        better = "A" if who == "first" or a > b else "B" if b > a else "tie"
        return json.dumps({"reasoning": "", "better": better})
    (text,) = texts
    good = is_right(number, text)
    if who == "coin":
        good = dice(f"coin {number}{text}", 2) == 0
    elif who == "short":
        good = good or len(text) < 30
    elif who == "moody":
        good = good if dice(f"mood {number}{text}{seed}", 2) else not good
    elif dice(f"slip {number}{text}", 20) == 0:
        good = not good
    return json.dumps({"reasoning": "", "label": "good" if good else "bad"})


def serve(call: Call) -> Reply:
    if call.method == "GET":
        return Reply(status=404)
    asked = question_of(call)
    number = int(re.findall(r"What is (\d+) \+ 1\?", asked)[0])
    texts = re.findall(r"<answer(?:_[ab])?>\n(.*?)\n</answer", asked, re.DOTALL)
    if not texts:
        return Reply(body=chat_body(answer(number, model_of(call)), model=model_of(call)))
    reply = judged(model_of(call), number, texts, str(call.body.get("seed")) + str(len(server_calls)))
    server_calls.append(asked)
    return Reply(body=chat_body(reply, model=model_of(call)))


server_calls: list[str] = []


@pytest.fixture(scope="module")
def court(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """One run with six judges, and labels of people on every answer; the working directory is the project."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("court")
        patch.chdir(folder)
        patch.setenv("OPENAI_API_KEY", "sk-none")
        made = World(folder)
        made.script = serve
        made.data(N)
        made.suite(SUITE)
        rows = [{"id": f"q{i}", "input": f"What is {i} + 1?", "tags": {"lang": ("ja", "en")[i % 2]}} for i in range(N)]
        made.write("suites/data.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
        models = {
            name: {"provider": "openai", "base_url": made.server.url, "model": name, "limits": {"concurrency": 8}}
            for name in ("base", "tuned", "sound", "coin", "short", "moody", "first")
        }
        made.write("suites/models.yaml", json.dumps({"models": models}))
        code, verdict = made.compare()
        assert code == 3, verdict["because"]
        (kept,) = list_runs(folder)
        patch.setattr(sys.modules[__name__], "RUN", kept.id)
        made.write("labels.csv", labels(N))
        made.write("few.csv", labels(24))
        yield made
        made.server.stop()


def labels(many: int) -> str:
    """A sheet of `evalkit cases` with columns that people added."""
    lines = ["id,base.good,candidate.good,better"]
    for i in range(many):
        base, candidate = (is_right(i, answer(i, arm)) for arm in ("base", "tuned"))
        cells = ["good" if right else "bad" for right in (base, candidate)]
        better = "tie" if base == candidate else "candidate" if candidate else "base"
        lines.append(",".join([f"q{i}", *cells, better]))
    return "\n".join(lines) + "\n"


def check(scorer: str, *words: str, file: str = "labels.csv") -> tuple[int, dict[str, Any]]:
    label = "better" if scorer in PAIRS else "good"
    code = main(
        ["judge", "check", file, "--scorer", scorer, "--label", label, "--run", RUN, "--json", "check.json", *words]
    )
    return code, json.loads(Path("check.json").read_text(encoding="utf-8"))


def test_a_judge_that_people_agree_with_may_gate(court: World) -> None:
    code, found = check("sound")
    figures = found["figures"][""]
    assert (code, found["may_gate"]) == (0, {"": True})
    assert (figures["n"], figures["n_cases"]) == (2 * N, N)
    assert 0.6 < figures["kappa"]["low"] < figures["kappa"]["value"] < figures["kappa"]["high"]
    assert sum(map(sum, figures["confusion"]["counts"])) == 2 * N
    assert figures["false_pass"]["low"] < figures["false_pass"]["value"] < figures["false_pass"]["high"] < 0.3
    assert {*figures["groups"]["lang"]} == {"en", "ja"}


@pytest.mark.parametrize(
    ("scorer", "why"),
    [
        ("coin", r"^kappa with people is "),
        ("short", r"^it is lenient on short answers: by 0\.\d\d"),
        ("moody", r"^asked again it does not agree with itself: alpha "),
        ("first", r"^it names another answer when the order is turned in 100% of 80 pairs"),
    ],
)
def test_a_bad_judge_is_advisory_for_its_own_fault_before_all_others(court: World, scorer: str, why: str) -> None:
    code, found = check(scorer)
    assert code == 1
    assert re.search(why, found["why_not"][""][0])


def test_a_judge_that_errs_alike_everywhere_has_no_fault_of_length_or_order(court: World) -> None:
    for scorer in ("coin", "sound"):
        assert not re.search("lenient|order", " ".join(check(scorer)[1]["why_not"].get("", ())))
    code, found = check("pair")
    figures = found["figures"][""]
    assert (code, figures["n"], figures["order"]["n"]) == (0, N, N)
    assert figures["kappa"]["value"] > 0.8


def test_fewer_than_fifty_labels_are_no_calibration(court: World) -> None:
    code, found = check("sound", file="few.csv")
    assert code == 3
    assert any("only 48 labels of people were held against it, fewer than 50" in why for why in found["why_not"][""])


def test_labels_of_some_mend_the_rates_of_all(court: World) -> None:
    _, found = check("short", file="few.csv")
    rate = found["figures"][""]["rates"]["base"]
    truth = sum(is_right(i, answer(i, "base")) for i in range(N)) / N
    assert rate["judge"] > truth + 0.1, "the judge alone is too lenient"
    assert abs(rate["value"] - truth) < abs(rate["judge"] - truth)
    assert rate["low"] < truth < rate["high"]


def test_a_calibrated_judge_gates_and_another_prompt_needs_another_calibration(court: World) -> None:
    assert check("sound", "-o", "suites/sound.json")[0] == 0
    court.suite(SUITE.replace(f"judge: sound, {LABEL}}}", f"judge: sound, {LABEL}, calibration: sound.json}}"))
    code, verdict = court.compare("--replay")
    (finding,) = verdict["suites"][0]["findings"]
    assert (code, finding["state"]) != (3, "INCONCLUSIVE") or "advisory" not in finding["flags"]
    assert "advisory" not in finding["flags"]
    changed = LABEL.replace("Is the number right?", "Is the sum right?")
    court.suite(SUITE.replace(f"judge: sound, {LABEL}}}", f"judge: sound, {changed}, calibration: sound.json}}"))
    _, verdict = court.compare()
    (finding,) = verdict["suites"][0]["findings"]
    assert finding["state"] == "INCONCLUSIVE"
    assert "it was calibrated with another prompt or other options" in finding["because"]
    court.suite(SUITE)


def test_a_kept_run_is_decided_again_under_another_floor(court: World) -> None:
    assert check("sound", "-o", "suites/sound.json")[0] == 0
    court.suite(SUITE.replace(f"judge: sound, {LABEL}}}", f"judge: sound, {LABEL}, calibration: sound.json}}"))
    court.compare("--replay")
    court.suite(SUITE)
    court.write("floor.yaml", "policy: {judge_floor: 0.99}\n")
    states = []
    for words in ([], ["--policy", "floor.yaml"]):
        main(["gate", "latest", "--json", "again.json", *words])
        (finding,) = json.loads(Path("again.json").read_text(encoding="utf-8"))["suites"][0]["findings"]
        states.append("advisory" in finding["flags"])
    assert states == [False, True]


@pytest.mark.parametrize(("language", "word"), [("en", "passes what people fail"), ("ja", "人が不合格とした回答")])
def test_what_was_found_is_told_in_two_languages(
    court: World, capsys: pytest.CaptureFixture[str], language: str, word: str
) -> None:
    check("short", "--lang", language, "--markdown", "page.md")
    assert word in capsys.readouterr().out
    assert word in Path("page.md").read_text(encoding="utf-8")


def test_replies_of_a_run_become_a_recording_that_judges_again(court: World) -> None:
    assert main(["judge", "record", "--run", RUN, "--scorer", "sound", "-o", "judge.jsonl"]) == 0
    models = json.loads(Path("suites/models.yaml").read_text(encoding="utf-8"))
    models["models"]["sound"]["recording"] = "../judge.jsonl"
    court.write("suites/models.yaml", json.dumps(models))
    others = ("  coin", "  short", "  moody", "  first", "  pair")
    court.suite("".join(line + "\n" for line in SUITE.splitlines() if not line.startswith(others)))
    asked = len(server_calls)
    _, verdict = court.compare("--replay")
    estimate = next(row for row in verdict["suites"][0]["metrics"] if row["metric"] == "sound")
    assert estimate["n"] == N
    assert len(server_calls) == asked
    court.suite(SUITE)


def test_no_other_file_is_lost_to_a_calibration(court: World, capsys: pytest.CaptureFixture[str]) -> None:
    before = Path("labels.csv").read_text(encoding="utf-8")
    words = ["judge", "check", "labels.csv", "--run", RUN, "--scorer", "sound", "--label", "good", "-o"]
    assert main([*words, "labels.csv"]) == 2
    assert "no calibration, and it would be lost" in capsys.readouterr().err
    assert Path("labels.csv").read_text(encoding="utf-8") == before
    assert main([*words, "once.json"]) == main([*words, "once.json"]) == 0


def test_what_is_asked_for_wrongly_is_told(court: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["judge", "check", "labels.csv", "--run", RUN]) == 2
    assert "several scorers that ask judges" in capsys.readouterr().err
    assert main(["judge", "check", "labels.csv", "--run", RUN, "--scorer", "soundd"]) == 2
    assert "did you mean 'sound'" in capsys.readouterr().err
    assert main(["judge", "check", "--run", RUN, "--scorer", "sound"]) == 2
    assert "needs labels of people" in capsys.readouterr().err
    assert main(["judge", "check", "labels.csv", "--run", RUN, "--scorer", "sound", "--label", "nice"]) == 2
    assert "no label is named base.nice, candidate.nice or, of a pair, nice" in capsys.readouterr().err
    head, *rows = Path("labels.csv").read_text(encoding="utf-8").splitlines()
    odd = [",".join([row.split(",")[0], *["perhaps"] * head.count(",")]) for row in rows]
    Path("odd.csv").write_text("\n".join([head, *odd]) + "\n", encoding="utf-8")
    assert main(["judge", "check", "odd.csv", "--run", RUN, "--scorer", "sound", "--label", "good"]) == 2
    assert "no label in odd.csv can be read as what the judge of 'sound' says" in capsys.readouterr().err


@pytest.mark.parametrize("text", ['{"a": 1}\n{"b": 2}\n', "[]", '{"figures": 3}', "\xff"])
def test_a_file_that_is_no_calibration_is_told_with_what_writes_one(
    court: World, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    court.write("suites/odd.json", text)
    court.suite(SUITE.replace("type: judge,", "type: judge, calibration: odd.json,", 1))
    assert main(["validate"]) == 2
    said = capsys.readouterr().err
    assert "odd.json is no calibration of a judge" in said
    assert "evalkit judge check LABELS -o odd.json" in said
    court.suite(SUITE)


def test_a_calibration_that_was_changed_is_refused(court: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert check("sound", "-o", "suites/sound.json")[0] == 0
    path = court.folder / "suites" / "sound.json"
    found = json.loads(path.read_text(encoding="utf-8"))
    found["figures"][""]["kappa"]["low"] = 0.99
    path.write_text(json.dumps(found), encoding="utf-8")
    court.suite(SUITE.replace(f"judge: sound, {LABEL}}}", f"judge: sound, {LABEL}, calibration: sound.json}}"))
    assert main(["validate"]) == 2
    assert "sound.json is not as it was written" in capsys.readouterr().err
    court.suite(SUITE)
