"""A name that the field uses is answered with the name here."""

from pathlib import Path

import pytest

from evalkit.core.errors import SuiteError
from evalkit.scorers.build import build_scorer
from evalkit.scorers.field_names import ELSEWHERE, HERE, say_what_is_here
from evalkit.scorers.table import SCORERS


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("exact_match", "'exact'"),
        ("similarity", "'fuzzy'"),
        ("classifier", "'classification'"),
        ("multiple-choice", "'choice'"),
        ("is-json", "'json_schema'"),
        ("python", "MODULE:FUNCTION"),
        ("bertscore", "given"),
        ("latency", "budget"),
    ],
)
def test_an_unknown_name_is_answered_with_what_is_here(name: str, told: str) -> None:
    with pytest.raises(SuiteError) as caught:
        build_scorer(name, {}, root=Path())
    (problem,) = caught.value.problems
    assert told in (problem.todo or "")


def test_every_name_is_known_once_and_leads_to_a_scorer() -> None:
    coming = {"judge"}
    assert {*HERE} - coming <= {*SCORERS.names()}
    for table in (HERE, ELSEWHERE):
        own = [name for several in table.values() for name in several]
        assert len(own) == len({*own})


def test_a_scorer_that_is_not_there_is_not_named() -> None:
    assert "given" in say_what_is_here("llm_judge", ("exact",))
    assert "'judge'" in say_what_is_here("llm_judge", ("judge",))
    assert say_what_is_here("frobnicate") == ""
