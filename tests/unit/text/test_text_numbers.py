"""Numbers as people and models write them: which is read, and what is no number."""

from __future__ import annotations

import json
import os
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evalkit.text.numbers import Take, is_same, list_numbers, read_quantity
from evalkit.text.numbers.fold import fold
from evalkit.text.numbers.scan import find_quantities

SLOW_START = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

CASES = Path(os.environ.get("EVALKIT_SHARED_DATA") or Path(__file__).parents[4] / "shared" / "data").parent / "cases"


def said(text: str, take: Take = "stated") -> str | None:
    found = read_quantity(text, take=take)
    if found is None:
        return None
    return found.spelled + (f" of {found.out_of}" if found.out_of is not None else "")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("答えは3分の1です", "1/3"),
        ("約1,200円（税込）", "1200"),
        ("$1.2 million", "1200000"),
        ("8/10点", "8 of 10"),
        ("−5℃", "-5"),
        ("minus five", "-5"),
        ("The answer is twenty-five.", "25"),
        ("The total is one hundred and twenty.", "120"),
        ("答えは二十五です。", "25"),
        ("百二十円", "120"),
        ("一億二千万円", "120000000"),
        ("3億円", "300000000"),
        ("1.5万人", "15000"),
        ("5千万円", "50000000"),
        ("百万ドル", "1000000"),
        ("1万", "10000"),
        ("10万5,000円", "105000"),
        ("Answer: **1,234**", "1234"),
        ("**Answer:** 42", "42"),
        ("The final answer is: $\\boxed{-7}$", "-7"),
        ("$\\boxed{12\\text{ cm}}$", "12"),
        ("\\boxed{1,000}", "1000"),
        ("\\frac{1}{2}", "0.5"),
        ("-\\frac{3}{4}", "-0.75"),
        ("$3\\frac{1}{2}$", "3.5"),
        ("2½", "2.5"),
        ("½", "0.5"),
        ("1と1/2", "1.5"),
        ("1と2分の1", "1.5"),
        ("two and a half", "2.5"),
        ("three quarters", "0.75"),
        ("The answer is 5, not 6.", "5"),
        ("The answer is not 5 but 6.", "6"),
        ("答えは5ではなく6です", "6"),
        ("1 234 567", "1234567"),
        ("1\u202f234", "1234"),
        ("1\u2009000", "1000"),
        ("1'000'000", "1000000"),
        ("1.234.567", "1234567"),
        ("12,34,567", "1234567"),
        ("１，２３４．５", "1234.5"),
        ("2 x 10^-3", "0.002"),
        ("6.02 × 10^{23}", "602000000000000000000000"),
        ("1.5e-3", "0.0015"),
        ("1E6", "1000000"),
        ("2^10", "1024"),
        ("2の10乗", "1024"),
        ("10⁻²", "0.01"),
        ("10**6", "1000000"),
        ("3*10^4", "30000"),
        ("5k", "5000"),
        ("$3.5M", "3500000"),
        ("$2bn", "2000000000"),
        ("5K users", "5000"),
        ("3.2B parameters", "3200000000"),
        ("5 km", "5"),
        ("5 m", "5"),
        ("3 thousand", "3000"),
        ("マイナス三度", "-3"),
        ("マイナス 5", "-5"),
        ("負の5", "-5"),
        ("▲5%", "-5"),
        ("答えは-5です", "-5"),
        ("気温は−10℃です", "-10"),
        ("x = -2", "-2"),
        ("= - 5", "-5"),
        ("(-3)", "-3"),
        ("—5", "-5"),
        ("50%", "50"),
        ("50 percent", "50"),
        ("五割", "50"),
        ("3割5分", "35"),
        ("半分", None),
        ("100パーセント", "100"),
        ("18\n\nExplanation: 16 - 3 - 4 = 9 and 9 x 2 = 18, in 1 day", "18"),
        ("7, because 3 + 4", "4"),
        ("3 + 4 = 7", "7"),
        ("The answer is 126 - 54 = 72.", "72"),
        ("x = 15 \n15 + 4 = 19", "19"),
        ("So she has 9 apples left. #### 9", "9"),
        ("A: 18", "18"),
        ("Step 1: 3+4 = 7\nStep 2: 7*2 = 14\nThe answer is 14.", "14"),
        ("1. First add 3.\n2. Then add 5.\n3. Done: 8", "8"),
        ("2025年11月30日", "2025-11-30"),
        ("令和8年", "2026"),
        ("午後5時30分", "17:30"),
        ("5時半", "5:30"),
        ("17:30", "17:30"),
        ("5:30 PM", "17:30"),
        ("3:2", "3:2"),
        ("6:4", "3:2"),
        ("5〜10", "5-10"),
        ("5-10", "5-10"),
        ("5 or 6", "5 or 6"),
        ("答えは5か6です", "5 or 6"),
        ("3時間20分", "20"),
        ("2時間半", "2.5"),
        ("Score: 8.5 out of 10", "8.5 of 10"),
        ("10点満点中8点", "8 of 10"),
        ("8点（10点満点）", "8 of 10"),
        ("評価: 4 / 5", "4 of 5"),
        ("Rating: 4/5 stars", "4 of 5"),
        ("I'd rate this 7/10", "7 of 10"),
        ("点数は７／１０です。", "7 of 10"),
        ("採点：85点/100点", "85 of 100"),
        ("CO2は5トン", "5"),
        ("GPT-4 scored 90", "90"),
        ("Q3 revenue was 5", "5"),
        ("iPhone 15", "15"),
        ("答え：１２個", "12"),
        ("答えは、１２です。", "12"),
        ("答え\n12", "12"),
        ("正解は 3 です", "3"),
        ("結果は3,500円", "3500"),
        ("よって、りんごは全部で8個です。", "8"),
        ("合計は１８個です。一緒に考えましょう", "18"),
        ("三人で分けると、一人あたり4個です", "4"),
        ("答えは十五個です。", "15"),
        ("りんごは五個です", "5"),
        ("十分です", None),
        ("答えは五十円です。", "50"),
        ("The answer is 5 apples and 3 oranges?", "5"),
        ("Answer: $-3", "-3"),
        ("-$5", "-5"),
        ("$-5", "-5"),
        ("USD 1,200", "1200"),
        ("1200 JPY", "1200"),
        ("¥1,200", "1200"),
        ("Rs. 5 lakh", "500000"),
        ("€1.234,56", "1234.56"),
        ("~~5~~ 6", "6"),
        ("`42`", "42"),
        ("_42_", "42"),
        ("*42*", "42"),
        ("\u200b42", "42"),
        ("42.", "42"),
        ("42!", "42"),
        ("'42'", "42"),
        ("「42」", "42"),
        ("(42)", "42"),
        ("[42]", "42"),
        ("<answer>42</answer>", "42"),
        ('{"answer": 42}', "42"),
        ("The answer is therefore 12", "12"),
        ("I get 12 as the answer.", "12"),
        ("the answer is approximately 3.14", "3.14"),
        ("≈ 3.14", "3.14"),
        ("about 1,200", "1200"),
        ("2π", "2π"),
        ("√2", "2"),
        ("0.5", "0.5"),
        (".5", "0.5"),
        ("zero", "0"),
        ("no number", None),
        ("", None),
        ("九", "9"),
        ("2 1/2 cups", "2.5"),
        ("10 1/4", "10.25"),
        ("3/4 cup", "0.75"),
        ("3 over 4", "0.75"),
        ("12 dozen", "12"),
        ("90^\\circ", "90"),
        ("90°", "90"),
        ("5 m^2", "5"),
        ("5 m²", "5"),
        ("5 ft^2", "5"),
        ("3.0", "3"),
        ("03", "3"),
        ("1,2,3", "3"),
        ("１億２０００万", "120000000"),
        ("2千5百", "2500"),
        ("1 million", "1000000"),
        ("1.2億円", "120000000"),
        ("3.5 億円", "350000000"),
        ("12百万", "12000000"),
        ("-1/2", "-0.5"),
        ("−½", "-0.5"),
        ("答えは1,234.56ドル", "1234.56"),
        ("最終的な答え: 7", "7"),
        ("**答え：7**", "7"),
        ("【答え】7", "7"),
        ("答えは「7」です", "7"),
        ("したがって、答えは $x = 7$ です。", "7"),
        ("The answer is (approximately) 7", "7"),
        ("Therefore, the answer (arabic numerals) is 7.", "7"),
        ("The correct answer would be 7", "7"),
        ("My answer: 7", "7"),
        ("result: 7", "7"),
        ("Thus x equals 7.", "7"),
        ("答え：−3.5", "-3.5"),
        ("The answer is −1/2.", "-0.5"),
        ("Total: 1.2 million dollars", "1200000"),
        ("約120万円です。", "1200000"),
        ("答えは1億円以上です", "100000000"),
        ("三十", "30"),
        ("千二百三十四", "1234"),
        ("二百", "200"),
        ("4.5×10^-3", "0.0045"),
        ("2.5E+3", "2500"),
        ("1.5 × 10^3 kg", "1500"),
        ("$1,234,567.89", "1234567.89"),
        ("12 345.67", "12345.67"),
        ("１２３", "123"),
        ("3分の2", "2/3"),
        ("5と3分の1", "16/3"),
        ("3 and 1/2", "3.5"),
        ("ten", "10"),
        ("one", "1"),
        ("The answer is one.", "1"),
        ("forty-two", "42"),
        ("negative seven", "-7"),
        ("マイナス二十度", "-20"),
        ("20%", "20"),
        ("答えは 42 です。(検算: 6×7=42)", "42"),
        ("6 × 7 = 42", "42"),
        ("= 42", "42"),
        ("=> 42", "42"),
        ("→ 42", "42"),
        ("\\(42\\)", "42"),
        ("\\[x = 42\\]", "42"),
        ("$$42$$", "42"),
        ("42 cm²", "42"),
        ("42cm^2", "42"),
        ("42 m/s", "42"),
        ("60 km/h", "60"),
        ("100円/個", "100"),
        ("1 USD = 150 JPY", "150"),
        ("合計 = 3,000円", "3000"),
        ("3番目", "3"),
        ("No. 7", "7"),
        ("#7", "7"),
        ("7th", "7"),
        ("2nd", "2"),
        ("2度", "2"),
        ("午前9時", "9:00"),
        ("9:05", "9:05"),
        ("1.5時間", "1.5"),
        ("3:2:1", "3:2:1"),
        ("1e-6", "0.000001"),
        ("1/3 ", "1/3"),
        ("-0", "0"),
        ("+5", "5"),
        ("０", "0"),
        ("①", "1"),
        ("５／８", "0.625"),
        ("1,5", "5"),
        ("1.000", "1"),
        ("1.000.000", "1000000"),
        ("10 000", "10000"),
        ("12.5%", "12.5"),
        ("1/2 or 0.5", "0.5"),
        ("半ダース", None),
        ("two hundred thousand", "200000"),
        ("1.2k", "1200"),
        ("3M", "3000000"),
        ("15 min", "15"),
        ("¥3,000-", "3000"),
        ("3,000円〜5,000円", "3000-5000"),
        ("2024年", "2024"),
        ("The year 1984", "1984"),
        ("1990s", "1990"),
        ("Answer: 5 (five)", "5"),
        ("The answer is 5 (not 6).", "5"),
        ("Not 5. 6.", "6"),
        ("五分", "5"),
        ("九十九", "99"),
        ("百二", "102"),
        ("1万2千3百", "12300"),
        ("2兆5,000億円", "2500000000000"),
        ("0.1億", "10000000"),
        ("8点", "8"),
        ("85点です", "85"),
        ("5つ星のうち4.5", "4.5 of 5"),
        ("4.5 out of 5 stars", "4.5 of 5"),
        ("Rating: 9", "9"),
        ("評価は5段階中3です。", "3 of 5"),
        ("スコア：92/100", "92 of 100"),
        ("[[7]]", "7"),
        ("Rating: [[7]]", "7"),
        ("I rate it 7 out of 10.", "7 of 10"),
        ("総合評価 3.5／5", "3.5 of 5"),
    ],
)
def test_the_number_that_a_text_states(text: str, expected: str | None) -> None:
    assert said(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1,234.50 dollars", "1234.5"),
        ("1,2,3", "1 2 3"),
        ("−3 or -4", "-3 -4"),
        ("-$1,200", "-1200"),
        ("costs $.75", "0.75"),
        ("１２個で３，０００円", "12 3000"),
        ("3万5千円と2億", "35000 200000000"),
        ("no number", ""),
        ("= <<16-3=13>>13", "13"),
        ("v1.2 is 50%", "50"),
        ("CO2 and GPT-4 and file_3", ""),
        ("第一に、千葉で十分です", ""),
    ],
)
def test_every_number_of_a_text(text: str, expected: str) -> None:
    assert " ".join(one.spelled for one in find_quantities(fold(text))) == expected


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
