"""What is short, cheap, quick or level because nothing is said, or one thing to all, is no reason to deploy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import evalkit
from evalkit.core.errors import EvalkitError
from evalkit.core.exchange import Failure, ModelIdentity, Response, Usage
from evalkit.core.recording import Recording
from evalkit.core.verdict import Finding, Verdict
from tests.planted.test_planted_unseen import CRITICAL, FAIR, GUARD, N, compared


def target(i: int) -> str:
    return f"A{i % 4}"


def right(i: int) -> str:
    return f"A{i % 4}" if i % 6 else "wrong"


def states(verdict: Verdict) -> set[str]:
    return {finding.state for finding in verdict.suites[0].findings}


HOLDS_WITHOUT_WORDS = {
    "no forbidden pattern": "{type: regex, pattern: sorry, expect: no_match}",
    "no forbidden word": "{type: contains, none: [guarantee]}",
    "short enough": "{type: length, unit: words, max: 60}",
}


@pytest.mark.parametrize("said", ["", " \n", "<think>A0</think>"])
@pytest.mark.parametrize("what", HOLDS_WITHOUT_WORDS)
def test_empty_answers_pass_no_scorer_of_what_is_not_there(tmp_path: Path, what: str, said: str) -> None:
    verdict = compared(tmp_path, HOLDS_WITHOUT_WORDS[what], target, right, lambda i: said, GUARD)
    assert states(verdict) == {"INCONCLUSIVE"}
    (finding,) = verdict.suites[0].findings
    assert "100.0% of the candidate's answers could not be read: they are empty" in finding.because
    assert "settle" in finding.details


def test_to_say_nothing_is_not_to_improve_in_length(tmp_path: Path) -> None:
    gates = ("{type: no_regression, metric: a.count, margin: 1}", "{type: must_improve, metric: a.count}")
    verdict = compared(tmp_path, "{type: length, max: 60}", target, right, lambda i: "", *gates)
    assert states(verdict) == {"INCONCLUSIVE"}


def test_a_candidate_that_learned_to_be_silent_where_asked_improves(tmp_path: Path) -> None:
    verdict = compared(tmp_path, "{type: exact}", lambda i: "", right, lambda i: "", "{type: must_improve, metric: a}")
    assert states(verdict) == {"IMPROVED"}


def test_half_as_many_words_with_something_in_them_still_improve(tmp_path: Path) -> None:
    gate = "{type: must_improve, metric: a.count}"
    verdict = compared(tmp_path, "{type: length, max: 60}", target, lambda i: f"so it is A{i}", lambda i: f"A{i}", gate)
    assert states(verdict) == {"IMPROVED"}


ONE_ANSWER = {
    "well-formed": ("{type: regex, pattern: sorry, expect: no_match}", lambda i: f"w{i}", "garbage", GUARD),
    "a part of each": ("{type: fuzzy, method: token_set}", lambda i: f"A w{i}", "A", GUARD),
}


@pytest.mark.parametrize("what", ONE_ANSWER)
def test_one_answer_to_everything_passes_nothing(tmp_path: Path, what: str) -> None:
    scorer, say, constant, gate = ONE_ANSWER[what]
    verdict = compared(tmp_path, scorer, say, say, lambda i: constant, gate)
    assert states(verdict) == {"INCONCLUSIVE"}
    assert "one value is read" in verdict.suites[0].findings[0].because


def test_one_answer_that_every_target_asks_for_passes(tmp_path: Path) -> None:
    assert states(compared(tmp_path, "{type: exact}", lambda i: "A", lambda i: "A", lambda i: "A", GUARD)) == {"PASS"}


@pytest.mark.parametrize(("gap", "state"), [(0.0, "INCONCLUSIVE"), (0.5, "PASS")])
def test_choices_that_are_equally_likely_are_no_choice(tmp_path: Path, gap: float, state: str) -> None:
    """All targets stand first, and so does what is taken where nothing is likelier."""
    rows = "".join(f'{{"id": "c{i}", "input": "Q {i}?", "choices": ["x", "y"], "target": 0}}\n' for i in range(N))
    (tmp_path / "rows.jsonl").write_text(rows)
    (tmp_path / "s.yaml").write_text(
        f"evalkit: 1\nname: s\ndataset: {{path: rows.jsonl}}\nscorers:\n  a: {{type: choice}}\ngates:\n  - {GUARD}\n"
    )
    for name, lead in (("base", 1.0), ("ft", gap)):
        identity = ModelIdentity(name=name, provider="replay", model=name, fingerprint=name)
        kept = [Response(example_id=f"c{i}", choice_scores=(lead - 2.0, -2.0), choice_tokens=(1, 1)) for i in range(N)]
        Recording(model=identity, responses=tuple(kept)).write(tmp_path / f"{name}.jsonl")
    arms = [str(tmp_path / f"{name}.jsonl") for name in ("base", "ft")]
    verdict = evalkit.compare(*arms, suites=[tmp_path / "s.yaml"], mode="replay", root=None)
    (finding,) = verdict.suites[0].findings
    assert finding.state == state
    assert ("no choice is likelier than another" in finding.because) == (gap == 0.0)


def test_wrong_for_every_group_is_no_fairness(tmp_path: Path) -> None:
    verdict = compared(tmp_path, "{type: exact}", target, right, lambda i: f"no {i}", FAIR)
    assert states(verdict) == {"INCONCLUSIVE"}
    assert "the candidate lies within" in verdict.suites[0].findings[0].because


def test_a_critical_gate_lists_the_tagged_cases_that_it_does_not_ask(tmp_path: Path) -> None:
    scorer = "{type: exact, when: {kind: x}}"
    (found,) = compared(tmp_path, scorer, target, target, target, CRITICAL).suites[0].findings
    assert (found.state, found.details["unasked_total"]) == ("PASS", 10)
    assert "10 tagged cases are looked at by no metric of this gate: c1," in found.because


def test_a_text_that_is_in_every_answer_is_refused(tmp_path: Path) -> None:
    scorer = "{type: contains, normalize: [punctuation, strip]}"
    with pytest.raises(EvalkitError, match="is empty as compared, and so is in every answer"):
        compared(tmp_path, scorer, lambda i: "!" * (i + 1), right, right, GUARD)


def costs(folder: Path, gate: str, policy: str = "{}", **candidate: Any) -> Finding:
    (folder / "rows.jsonl").write_text(
        "".join(f'{{"id": "c{i}", "input": "Q {i}?", "target": "A"}}\n' for i in range(N))
    )
    suite = folder / "s.yaml"
    suite.write_text(
        "evalkit: 1\nname: s\ndataset: {path: rows.jsonl}\nscorers:\n  a: {type: exact}\n"
        f"gates:\n  - {gate}\npolicy: {policy}\n"
    )
    arms = []
    for name in ("base", "ft"):
        usage = Usage(input=9, output=50 if name == "base" else 20)
        answers = [Response(example_id=f"c{i}", text=f"A{i}", usage=usage, latency_s=0.5) for i in range(N)]
        if name == "ft":
            lost = Failure(kind="timeout", message="planted")
            answers = [
                Response(example_id=f"c{i}", failure=lost)
                if candidate.get("failed") and i % 2
                else Response(
                    example_id=f"c{i}", usage=usage, latency_s=0.1, **{"text": f"A{i}", **candidate.get("as", {})}
                )
                for i in range(N)
            ]
        identity = ModelIdentity(name=name, provider="replay", model=name, fingerprint=name)
        arms.append(str(Recording(model=identity, responses=tuple(answers)).write(folder / f"{name}.jsonl")))
    (found,) = evalkit.compare(*arms, suites=[suite], mode="replay", root=None).suites[0].findings
    return found


RATIO = "{type: budget, metric: tokens_out, max_ratio: 1.1}"


@pytest.mark.parametrize(
    "gate",
    [RATIO, "{type: budget, metric: tokens_out, max: 90}", "{type: must_improve, metric: tokens_out}"],
)
def test_silence_saves_nothing(tmp_path: Path, gate: str) -> None:
    assert costs(tmp_path, gate).state in ("PASS", "IMPROVED")
    assert costs(tmp_path, gate, **{"as": {"text": ""}}).state == "INCONCLUSIVE"


def test_answers_cut_at_the_limit_save_nothing(tmp_path: Path) -> None:
    found = costs(tmp_path, RATIO, **{"as": {"finish": "length"}})
    assert (found.state, "ended" in found.flags) == ("INCONCLUSIVE", True)
    assert "raise max_tokens" in found.details["settle"]


def test_calls_that_failed_were_not_quick(tmp_path: Path) -> None:
    gate = "{type: budget, metric: latency_p95, max_ratio: 1.1}"
    found = costs(tmp_path, gate, "{max_error_rate: 1}", failed=True)
    assert (found.state, found.flags) == ("INCONCLUSIVE", ("unknown",))


@pytest.mark.parametrize("what", HOLDS_WITHOUT_WORDS)
def test_a_third_of_empty_answers_is_not_passed_over_where_they_count_as_good(tmp_path: Path, what: str) -> None:
    verdict = compared(tmp_path, HOLDS_WITHOUT_WORDS[what], target, right, lambda i: "" if i % 3 else target(i), GUARD)
    assert states(verdict) == {"INCONCLUSIVE"}


def test_a_fifth_of_empty_answers_does_not_undo_a_gain_that_is_proven(tmp_path: Path) -> None:
    verdict = compared(
        tmp_path, "{type: exact}", target, lambda i: f"no {i}", lambda i: "" if i % 5 == 0 else target(i), GUARD
    )
    assert states(verdict) == {"IMPROVED"}


def test_to_be_wrong_in_every_repeat_is_not_to_be_consistent(tmp_path: Path) -> None:
    calls = iter(range(10**6))

    def wavers(i: int) -> str:
        return target(i) if next(calls) % 3 else "no"

    gate = "{type: no_regression, metric: a.flip_rate, margin: 0.05}"
    verdict = compared(tmp_path, "{type: exact}", target, wavers, lambda i: f"no {i}", gate, repeats=4)
    assert states(verdict) == {"INCONCLUSIVE"}
    assert "steadily wrong" in verdict.suites[0].findings[0].because
    assert states(compared(tmp_path, "{type: exact}", target, wavers, target, gate, repeats=4)) == {"IMPROVED"}


def test_a_small_group_that_fell_as_a_whole_is_not_passed_over(tmp_path: Path) -> None:
    gate = "{type: fairness, metrics: [a], slices: [critical], max_change: 0.2}"
    verdict = compared(tmp_path, "{type: exact}", target, target, lambda i: "no" if i < 20 else target(i), gate)
    assert [f.state for f in verdict.suites[0].findings if f.slice and f.slice.value == "true"] == ["INCONCLUSIVE"]
    verdict = compared(tmp_path, "{type: exact}", target, target, lambda i: "no" if i < 3 else target(i), gate)
    assert [f.state for f in verdict.suites[0].findings if f.slice and f.slice.value == "true"] == ["TOO_SMALL"]
