"""Names of kept runs."""

import datetime as dt

import pytest

from evalkit.cli.results import run_id
from evalkit.core.verdict import Verdict
from evalkit.pipeline.options import CandidateResult


def named(base: str, candidate: str) -> str:
    verdict = Verdict(version="0", outcome="PASS", base=base, candidate=candidate, suites=(), because="")
    return run_id(CandidateResult(verdict=verdict), dt.datetime(2026, 1, 1))


@pytest.mark.parametrize(
    ("base", "candidate", "name"),
    [
        ("base", "org/model v2", "base-vs-org_model_v2"),
        ("基準", "日本語モデル", "基準-vs-日本語モデル"),
        ("hi", "हिन्दी", "hi-vs-हिन्दी"),
        ("a", "..\\x\n\udc80?", "a-vs-.._x_"),
    ],
)
def test_a_name_keeps_the_letters_of_every_script(base: str, candidate: str, name: str) -> None:
    outcome = CandidateResult(
        verdict=Verdict(version="0", outcome="PASS", base=base, candidate=candidate, suites=(), because="")
    )
    assert run_id(outcome, dt.datetime(2026, 1, 1)) == f"20260101-000000-{name}"


def test_a_name_is_never_longer_than_a_file_name_may_be() -> None:
    outcome = CandidateResult(
        verdict=Verdict(version="0", outcome="PASS", base="漢" * 90, candidate="b", suites=(), because="")
    )
    assert len(run_id(outcome, dt.datetime(2026, 1, 1)).encode()) < 200
