"""The pytest door, tried in projects made by `evalkit init`."""

import json
import re
from collections.abc import Callable

import pytest

from evalkit.cli import main

pytest_plugins = ["pytester"]


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A first suite with recordings of a base and a better candidate, and `bad`, which forgot everything."""
    monkeypatch.chdir(pytester.path)
    assert main(["init", "."]) == 0
    suites = pytester.path / "suites"
    rows = (suites / "recordings" / "base.jsonl").read_text(encoding="utf-8").splitlines()
    bad = [rows[0]] + [json.dumps({**json.loads(row), "text": "Paris"}) for row in rows[1:]]
    (suites / "recordings" / "bad.jsonl").write_text("\n".join(bad), encoding="utf-8")
    models = suites / "models.yaml"
    models.write_text(
        models.read_text(encoding="utf-8") + "  bad: {provider: replay, recording: recordings/bad.jsonl}\n",
        encoding="utf-8",
    )
    return pytester


def test_a_suite_becomes_one_item_a_gate_and_slice(project: pytest.Pytester) -> None:
    result = project.runpytest_subprocess("suites", "--collect-only", "-q")
    result.stdout.fnmatch_lines(
        [
            "suites/first.yaml::no_regression[[]answer[]]",
            "suites/first.yaml::no_regression[[]answer/region=elsewhere[]]",
            "suites/first.yaml::no_regression[[]answer/region=europe[]]",
            "suites/first.yaml::floor[[]answer[]]",
        ]
    )


def test_a_good_candidate_passes(project: pytest.Pytester) -> None:
    project.runpytest_subprocess("suites").assert_outcomes(passed=4)


def test_a_bad_candidate_fails_with_the_finding_five_broken_cases_and_the_report(project: pytest.Pytester) -> None:
    result = project.runpytest_subprocess("suites", "--evalkit-candidate", "bad")
    result.assert_outcomes(failed=4)
    text = result.stdout.str()
    assert "REGRESSION no_regression answer" in text
    section = text.split("REGRESSION no_regression answer:")[1].split("open the report")[0]
    assert len(re.findall(r"^  broken cap-", section, re.MULTILINE)) == 5
    page = re.search(r"open the report: python -m webbrowser (\S+)", text)
    assert page is not None
    assert (project.path / page[1]).is_file()


def test_failures_speak_the_language_of_the_environment_and_junit_keeps_its_names(
    project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EVALKIT_LANG", "ja")
    words = ["suites", "--evalkit-candidate", "bad", "--junit-xml", "made.xml", "-k", "floor"]
    text = project.runpytest_subprocess(*words).stdout.str()
    assert "FLOOR_FAIL floor answer: " in text
    assert "以上が必要です" in text
    assert "レポートを開く: python -m webbrowser" in text
    assert not re.search(r"^  broken ", text, re.MULTILINE)
    assert 'name="floor[answer]"' in (project.path / "made.xml").read_text(encoding="utf-8")
    monkeypatch.setenv("EVALKIT_LANG", "fr")
    refused = project.runpytest_subprocess("suites")
    assert refused.ret == pytest.ExitCode.USAGE_ERROR
    refused.stderr.fnmatch_lines(["*EVALKIT_LANG: unknown language 'fr'*"])


@pytest.mark.parametrize(
    ("words", "outcome"),
    [
        (["-k", "floor"], {"failed": 1, "deselected": 3}),
        (["-x"], {"failed": 1}),
        (["-n", "2"], {"failed": 4}),
    ],
)
def test_pytests_own_options_work(project: pytest.Pytester, words: list[str], outcome: dict[str, int]) -> None:
    result = project.runpytest_subprocess("suites", "--evalkit-candidate", "bad", *words)
    result.assert_outcomes(**outcome)


def test_last_failed_runs_only_what_failed(project: pytest.Pytester) -> None:
    project.runpytest_subprocess("suites", "--evalkit-candidate", "bad", "-k", "floor").assert_outcomes(
        failed=1, deselected=3
    )
    again = project.runpytest_subprocess("suites", "--evalkit-candidate", "bad", "--lf")
    again.assert_outcomes(failed=1)


def test_junit_names_the_gates(project: pytest.Pytester) -> None:
    project.runpytest_subprocess("suites", "--evalkit-candidate", "bad", "--junitxml", "out.xml")
    text = (project.path / "out.xml").read_text(encoding="utf-8")
    assert 'name="no_regression[answer]"' in text
    assert 'failures="4"' in text


def test_a_broken_suite_is_a_collection_error_with_its_place(project: pytest.Pytester) -> None:
    suite = project.path / "suites" / "first.yaml"
    suite.write_text(suite.read_text(encoding="utf-8").replace("no_regression", "no_regresion", 1), encoding="utf-8")
    result = project.runpytest_subprocess("suites")
    assert result.ret == pytest.ExitCode.INTERRUPTED
    assert re.search(r"first\.yaml:\d+:\d+: .*no_regresion", result.stdout.str())


@pytest.mark.parametrize("before", ["\ufeff", "# a comment\n" * 500], ids=["a byte order mark", "a long comment"])
def test_a_suite_is_collected_whatever_stands_before_its_mark(project: pytest.Pytester, before: str) -> None:
    suite = project.path / "suites" / "first.yaml"
    suite.write_text(before + suite.read_text(encoding="utf-8"), encoding="utf-8")
    project.runpytest_subprocess("suites").assert_outcomes(passed=4)


def test_a_file_that_looks_like_a_suite_beside_suites_is_a_collection_error(project: pytest.Pytester) -> None:
    suites = project.path / "suites"
    text = (suites / "first.yaml").read_text(encoding="utf-8")
    (suites / "second.yaml").write_text(text.replace("evalkit: 1", "evalkt: 1"), encoding="utf-8")
    (suites / "third.yaml").write_bytes(text.encode("utf-16"))
    (project.path / "elsewhere").mkdir()
    (project.path / "elsewhere" / "template.yaml").write_text("{{ broken", encoding="utf-8")
    result = project.runpytest_subprocess()
    result.assert_outcomes(errors=2)
    text = result.stdout.str()
    assert "did you mean 'evalkit'?" in text
    assert "the file is not UTF-8" in text


def test_an_unknown_candidate_says_what_is_allowed(project: pytest.Pytester) -> None:
    result = project.runpytest_subprocess("suites", "--evalkit-candidate", "ft-modle")
    told = result.stderr.str()
    assert "did you mean 'ft-model'?" in told
    assert "bad, base, ft-model" in told
    assert "--evalkit-candidate ARM, or with evalkit_base and evalkit_candidate among" in told


def unknown(project: pytest.Pytester) -> list[str]:
    return ["--evalkit-candidate", "nope"]


def broken_file(project: pytest.Pytester) -> list[str]:
    models = project.path / "suites" / "models.yaml"
    models.write_text(models.read_text(encoding="utf-8").replace("provider", "provder", 1), encoding="utf-8")
    return []


def no_recording(project: pytest.Pytester) -> list[str]:
    (project.path / "suites" / "recordings" / "bad.jsonl").unlink()
    return ["--evalkit-candidate", "bad"]


WRONG_ARMS = {
    unknown: "unknown model 'nope'",
    broken_file: "did you mean 'provider'?",
    no_recording: "the recording of model 'bad' is not there",
}


@pytest.mark.parametrize("words", [[], ["-n", "2"]], ids=["alone", "xdist"])
@pytest.mark.parametrize("spoil", WRONG_ARMS)
def test_arms_that_mean_nothing_are_a_usage_error_told_once(
    project: pytest.Pytester, spoil: Callable[[pytest.Pytester], list[str]], words: list[str]
) -> None:
    first = project.path / "suites" / "first.yaml"
    (project.path / "suites" / "second.yaml").write_text(
        first.read_text(encoding="utf-8").replace("name: first", "name: second"), encoding="utf-8"
    )
    project.makepyfile("def test_another(): pass")
    result = project.runpytest_subprocess(".", *spoil(project), *words)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert (result.stdout.str() + result.stderr.str()).count(WRONG_ARMS[spoil]) == 1
    assert "FAILED" not in result.stdout.str()
    result.assert_outcomes()


def test_suites_that_are_only_collected_or_left_out_need_no_arms(project: pytest.Pytester) -> None:
    project.makepyfile("def test_another(): pass")
    words = (".", "--evalkit-candidate", "nope")
    assert project.runpytest_subprocess(*words, "--collect-only").ret == 0
    project.runpytest_subprocess(*words, "-k", "another").assert_outcomes(passed=1, deselected=4)


def test_the_arms_may_stand_in_the_ini_file(project: pytest.Pytester) -> None:
    project.makeini("[pytest]\nevalkit_base = ft-model\nevalkit_candidate = bad\n")
    result = project.runpytest_subprocess("suites", "--evalkit-report", "pages")
    result.assert_outcomes(failed=4)
    assert "    bad: Paris" in result.stdout.str()
    assert len(list((project.path / "pages").glob("*/index.html"))) == 1


def test_what_could_not_be_told_fails_unless_the_policy_only_warns(project: pytest.Pytester) -> None:
    suite = project.path / "suites" / "first.yaml"
    text = suite.read_text(encoding="utf-8").replace("margin: 0.15}", "margin: 0.001}")
    suite.write_text(text, encoding="utf-8")
    words = ("suites", "--evalkit-candidate", "base", "-k", "no_regression and not region")
    project.runpytest_subprocess(*words).assert_outcomes(failed=1, deselected=3)
    suite.write_text(text.replace("on_inconclusive: fail", "on_inconclusive: warn"), encoding="utf-8")
    result = project.runpytest_subprocess(*words)
    result.assert_outcomes(passed=1, deselected=3, warnings=1)


def test_sessions_without_suites_are_left_alone(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_one(): pass")
    pytester.makefile(".yaml", other="key: value")
    before = set(pytester.path.iterdir())
    pytester.runpytest_subprocess().assert_outcomes(passed=1)
    created = {path.name for path in set(pytester.path.iterdir()) - before}
    assert not [name for name in created if name.startswith((".evalkit", "reports"))]


def test_no_socket_is_opened(project: pytest.Pytester) -> None:
    project.runpytest_subprocess("suites", "--disable-socket").assert_outcomes(passed=4)


def test_two_gates_alike_have_ids_that_pytest_prints_and_takes(project: pytest.Pytester) -> None:
    suite = project.path / "suites" / "first.yaml"
    text = suite.read_text(encoding="utf-8")
    gate = "  - {type: floor, metric: answer, min: 0.9999}\n"
    suite.write_text(text.replace("policy:", f"{gate}{gate}policy:"), encoding="utf-8")
    result = project.runpytest_subprocess("suites")
    result.assert_outcomes(passed=4, failed=2)
    printed = re.findall(r"^FAILED (\S+)", result.stdout.str(), re.MULTILINE)
    assert printed == ["suites/first.yaml::floor[answer#2]", "suites/first.yaml::floor[answer#3]"]
    project.runpytest_subprocess(*printed).assert_outcomes(failed=2)


def test_a_dead_server_is_asked_once_and_not_once_an_item(project: pytest.Pytester) -> None:
    project.makeconftest(
        """
        from pathlib import Path

        import evalkit
        from evalkit.core.errors import ModelError

        pytest_plugins = ["evalkit.pytest_plugin"]


        class Dead:
            scores_choices = False
            facts = evalkit.ModelFacts(metered=False)
            identity = evalkit.ModelIdentity(name="dead", provider="dead", model="dead", fingerprint="dead")

            def answer(self, requests):
                with Path("asked.txt").open("a") as file:
                    file.write("x")
                raise ModelError("the server is gone")

            def close(self):
                pass


        def pytest_configure(config):
            evalkit.register_provider("dead", lambda name, spec, context: Dead())
        """
    )
    models = project.path / "suites" / "models.yaml"
    models.write_text(models.read_text(encoding="utf-8") + "  dead: {provider: dead}\n", encoding="utf-8")
    args = ("suites", "--evalkit-live", "--evalkit-base", "suites/recordings/base.jsonl", "--evalkit-candidate", "dead")
    result = project.runpytest_subprocess(*args)
    result.assert_outcomes(failed=4)
    assert "the server is gone" in result.stdout.str()
    assert (project.path / "asked.txt").read_text(encoding="utf-8") == "x"
