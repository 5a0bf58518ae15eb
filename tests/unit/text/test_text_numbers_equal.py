"""Which number is taken, what counts as equal, and what no text may break."""

from __future__ import annotations

import json
import os
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numbers_read import said

from evalkit.text.numbers import Take, is_same, list_numbers, read_quantity

SLOW_START = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


CASES = Path(os.environ.get("EVALKIT_SHARED_DATA") or Path(__file__).parents[4] / "shared" / "data").parent / "cases"


@pytest.mark.parametrize(
    ("text", "take", "expected"),
    [
        ("7, because 3 and 4", "first", "7"),
        ("7, because 3 and 4", "last", "4"),
        ("7, because 3 and 4", "stated", "4"),
        ("The answer is 7. It took 3 steps.", "stated", "7"),
        ("The answer is 7. It took 3 steps.", "last", "3"),
        ("The answer is 5. Wait: the answer is 6.", "stated", "6"),
        ("3 + 4 = 7", "first", "7"),
        ("5 thoughts: answer: 12", "first", "5"),
    ],
)
def test_which_number_is_taken(text: str, take: Take, expected: str) -> None:
    assert said(text, take) == expected


@pytest.mark.parametrize(
    ("text", "unit", "expected"),
    [
        ("3個で1,200円です", ("円",), "1200"),
        ("1,200円で3個です", ("円",), "1200"),
        ("¥1,200 for 3", ("円",), "1200"),
        ("3,500ドル", ("円",), None),
        ("1200", ("円",), "1200"),
        ("答えは1200です。", ("円",), "1200"),
        ("5 km in 30 minutes", ("km",), "5"),
        ("5 miles", ("km",), None),
        ("5 kmh", ("km",), None),
        ("0.5 or 50%", ("%",), "50"),
        ("12 widgets for 3 gadgets", ("widget", "widgets"), "12"),
        ("about 20 minutes", ("分",), "20"),
    ],
)
def test_a_unit_that_is_named_chooses_its_number(text: str, unit: tuple[str, ...], expected: str | None) -> None:
    found = read_quantity(text, unit=unit)
    assert (None if found is None else found.spelled) == expected


@pytest.mark.parametrize(
    ("text", "target", "equal"),
    [
        ("2/3", "1/3", False),
        ("2/6", "1/3", True),
        ("50%", "0.5", True),
        ("50%", "50", True),
        ("0.5", "50%", True),
        ("5%", "50", False),
        ("50", "0.5", False),
        ("5:30 PM", "17:30", True),
        ("午後5時30分", "17:30", True),
        ("5:30 a.m.", "5:30", True),
        ("5:30", "5:30 PM", False),
        ("4:30", "5:30", False),
        ("令和8年11月30日", "2026-11-30", True),
        ("2026/11/30", "2026-11-30", True),
        ("November 30, 2026", "2026-11-30", True),
        ("2026年", "令和8年", True),
        ("令和7年", "令和8年", False),
        ("6:4", "3:2", True),
        ("5〜10", "5-10", True),
        ("5-10", "10", False),
        ("5 or 6", "5", False),
        ("Score: 7/10", "7", True),
        ("Score: 7/10", "7/10", True),
        ("Score: 7/10", "8/10", False),
        ("2π", "2", False),
        ("2π", "2π", True),
        ("10^400", "10^400", True),
        ("10^400", "10^401", False),
    ],
)
def test_what_is_equal(text: str, target: str, equal: bool) -> None:
    got, wanted = read_quantity(text), read_quantity(target)
    assert got is not None
    assert wanted is not None
    assert is_same(got, wanted, absolute=Fraction(1, 10**9), relative=Fraction(0)) is equal


def test_a_target_that_names_several_numbers_is_seen() -> None:
    assert list_numbers("2 apples and 3 pears") == ("2", "3")
    assert list_numbers("3 + 4 = 7") == ("7",)
    assert list_numbers("Answer: 3 of them, 4 days") == ()


@pytest.mark.skipif(not CASES.is_dir(), reason="the shared cases are not here; set EVALKIT_SHARED_DATA")
def test_every_shared_case_of_numbers() -> None:
    for row in map(json.loads, (CASES / "numbers.jsonl").read_text(encoding="utf-8").splitlines()):
        got = read_quantity(row["text"])
        assert got is not None, row
        if "number" in row:
            assert got.number is not None, row
            assert float(got.number) == pytest.approx(row["number"], rel=1e-12), row
        elif "means" in row:
            assert (got.number, got.out_of) == (row["means"], row["out_of"]), row
        else:
            wanted = read_quantity(str(row["target"]))
            assert wanted is not None, row
            near = Fraction(1, 10**9)
            assert is_same(got, wanted, absolute=near, relative=Fraction(0)) is row["equal"], row


_HARD = st.text(
    st.sampled_from(
        "0123456789.,/:-−^%$+= \n十百千万億一二三〇分の点割時年月日ABxe²½٤\\{}boxed*`~答えはanswer: minustwenty\ud800\0"
    )
)


@SLOW_START
@given(_HARD | st.text())
def test_no_text_is_too_odd_to_be_read(text: str) -> None:
    for take in ("stated", "first", "last"):
        found = read_quantity(text, take=take, unit=("円",)) or read_quantity(text, take=take)  # type: ignore[arg-type]
        assert found is None or found.spelled


@SLOW_START
@given(
    st.integers(-(10**12), 10**12), st.sampled_from(["{:,}", "{}", "答えは{:,}です。", "**{:,}**", "$\\boxed{{{}}}$"])
)
def test_a_whole_number_is_read_however_it_is_dressed(number: int, dress: str) -> None:
    found = read_quantity(dress.format(number))
    assert found is not None
    assert found.number == number
