"""Which choice an answer decides for, and where it decides for none."""

from __future__ import annotations

import json
import os
import string
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evalkit.text.choices import find_shown_labels, letter_of, read_choice, read_choices

SLOW_START = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

SHARED = Path(os.environ.get("EVALKIT_SHARED_DATA") or Path(__file__).parents[4] / "shared" / "data").parent / "cases"
CITIES = ("London", "Paris", "Rome", "Berlin")
JA = ("東京", "京都", "大阪", "東京都庁")
YES_NO = ("Yes", "No")
FOUR = ("東京", "京都", "大阪", "名古屋")
HAI_IIE = ("はい", "いいえ")
NUMBERS = ("1", "10", "100", "12")
MOODS = ("positive", "negative", "neutral")


@pytest.mark.parametrize(
    ("text", "choices", "chosen"),
    [
        ("(B)", CITIES, 1),
        ("B. because A is wrong", CITIES, 1),
        ("B because A is wrong", CITIES, 1),
        ("Answer: not A but C", CITIES, 2),
        ("AかBのどちらか", CITIES, None),
        ("選択肢2が正しい", CITIES, 1),
        ("Ｂ", CITIES, 1),
        ("**B**", CITIES, 1),
        ("The correct option is “C”.", CITIES, 2),
        ("答えはBです。", CITIES, 1),
        ("答え：Ｂ", CITIES, 1),
        ("正解はCです", CITIES, 2),
        ("Cが正解です。", CITIES, 2),
        ("Cが正しいです", CITIES, 2),
        ("Cを選びます。", CITIES, 2),
        ("私はCだと思います。", CITIES, 2),
        ("Aではなく、Cです。", CITIES, 2),
        ("AでもBでもありません。Cです。", CITIES, 2),
        ("A、B、Dは誤りです。したがってCが正解です。", CITIES, 2),
        ("A、B、Dは間違いです。", CITIES, None),
        ("AとBは不適切、よってC。", CITIES, 2),
        ("答えは③です", JA, 2),
        ("3番です。", JA, 2),
        ("三番", JA, 2),
        ("二つ目です", JA, 1),
        ("2つ目の選択肢です", JA, 1),
        ("ウ", JA, 2),
        ("答えはウです。", JA, 2),
        ("ア", JA, 0),
        ("正解：イ", JA, 1),
        ("(2)", JA, 1),
        ("選択肢③", JA, 2),
        ("答えは2です。", JA, 1),
        ("2", JA, 1),
        ("2.", JA, 1),
        ("2. 京都", JA, 1),
        ("答えは「京都」です。", JA, 1),
        ("大阪です", JA, 2),
        ("東京都庁です。", JA, 3),
        ("東京です", JA, 0),
        ("東京か京都", JA, None),
        ("東京と京都", JA, None),
        ("京都じゃなくて大阪", JA, 2),
        ("東京都にあるのは東京都庁です", JA, 3),
        ("The answer is B because London is in England.", CITIES, 1),
        ("The answer is B, since A is in England.", CITIES, 1),
        ("The answer is B, Paris.", CITIES, 1),
        ("The answer is (B) Paris.", CITIES, 1),
        ("Answer: B) Paris", CITIES, 1),
        ("B) Paris", CITIES, 1),
        ("B: Paris", CITIES, 1),
        ("B - Paris", CITIES, 1),
        ("[B]", CITIES, 1),
        ('"B"', CITIES, 1),
        ("'B'", CITIES, 1),
        ("<answer>B</answer>", CITIES, 1),
        ("\\boxed{\\text{B}}", CITIES, 1),
        ("$\\boxed{B}$", CITIES, 1),
        ("#### B", CITIES, 1),
        ("option b", CITIES, 1),
        ("b", CITIES, 1),
        ("b)", CITIES, 1),
        ("(b) Paris", CITIES, 1),
        ("answer: b", CITIES, 1),
        ("I would go with B.", CITIES, 1),
        ("I'd choose option B over option A.", CITIES, 1),
        ("I pick B rather than C.", CITIES, 1),
        ("My answer is C, not B.", CITIES, 2),
        ("The answer isn't A, it's B.", CITIES, 1),
        ("It can't be A. It must be B.", CITIES, 1),
        ("A is incorrect. C is incorrect. D is incorrect. So B.", CITIES, 1),
        ("A, C and D are incorrect, so B is the answer.", CITIES, 1),
        ("Neither A nor B. The answer is C.", CITIES, 2),
        ("A is wrong and so is B.", CITIES, None),
        ("B or C", CITIES, None),
        ("Either B or C", CITIES, None),
        ("B/C", CITIES, None),
        ("Both A and B", CITIES, None),
        ("A and B are correct", CITIES, None),
        ("The answer could be A or B.", CITIES, None),
        ("It's either A or C, but most likely C.", CITIES, 2),
        ("A or B, I am not sure", CITIES, None),
        ("Answer: A and/or B", CITIES, None),
        ("B, C", CITIES, None),
        ("B and C", CITIES, None),
        ("The answer is probably (A), (B), (C), or (D).", CITIES, None),
        ("I don't know", CITIES, None),
        ("None of the above", CITIES, None),
        ("Answer: E", CITIES, None),
        ("E", CITIES, None),
        ("", CITIES, None),
        ("All of them", CITIES, None),
        ("The answer is A, but it could also be B.", CITIES, None),
        ("The answer is A, but B is close.", CITIES, 0),
        ("Paris", CITIES, 1),
        ("paris.", CITIES, 1),
        ("It is Paris!", CITIES, 1),
        ("The capital of France is Paris, so the answer is Paris.", CITIES, 1),
        ("London or Paris", CITIES, None),
        ("Not London.", CITIES, None),
        ("Not London but Paris", CITIES, 1),
        ("Paris, not London", CITIES, 1),
        ("Paris is the capital, while London is in England.", CITIES, None),
        ("Yes.", YES_NO, 0),
        ("No.", YES_NO, 1),
        ("Yes, it is.", YES_NO, 0),
        ("No, it isn't.", YES_NO, 1),
        ("The answer is no.", YES_NO, 1),
        ("No doubt about it: yes", YES_NO, 0),
        ("There is no way, so no.", YES_NO, 1),
        ("yes and no", YES_NO, None),
        ("はい", HAI_IIE, 0),
        ("いいえ、違います。", HAI_IIE, 1),
        ("はい、そうです。", HAI_IIE, 0),
        ("それはいい質問です", HAI_IIE, None),
        ("いいえではありません", HAI_IIE, None),
        ("10", NUMBERS, 1),
        ("答えは100です", NUMBERS, 2),
        ("The answer is 12.", NUMBERS, 3),
        ("十", NUMBERS, 1),
        ("1", NUMBERS, 0),
        ("10.0", NUMBERS, 1),
        ("5", NUMBERS, None),
        ("B", NUMBERS, 1),
        ("The answer is (C) 100", NUMBERS, 2),
        ("positive", MOODS, 0),
        ("The sentiment is Negative.", MOODS, 1),
        ("This is not positive; it is neutral.", MOODS, 2),
        ("感情はネガティブです。", ("ポジティブ", "ネガティブ"), 1),
        ("delivery", ("delivery", "refund", "other"), 0),
        ("ラベル: refund", ("delivery", "refund", "other"), 1),
        (
            'Among A through E, the answer is most likely B, "melted."',
            ("carved", "melted", "ice cream", "antarctica", "sculptured"),
            1,
        ),
        ('B, "melted."', ("carved", "melted", "ice cream", "antarctica", "sculptured"), 1),
        ("most likely D, countryside.", ("ground", "bathroom", "forest", "countryside", "rural area"), 3),
        ("Therefore, among A through E, the answer is C.", ("London", "Paris", "Rome", "Berlin", "Oslo"), 2),
        ("Let's see. A: London is in England. B: Paris is in France. The answer is B.", CITIES, 1),
        ("A: no\nB: yes\nAnswer: B", CITIES, 1),
        ("Vitamin C is good.", CITIES, None),
        ("A man walks.", CITIES, None),
        ("I think so.", CITIES, None),
        ("The final answer is B", CITIES, 1),
        ("So, the best answer is B.", CITIES, 1),
        ("Thus, B is the correct answer.", CITIES, 1),
        ("Therefore B is correct.", CITIES, 1),
        ("B is the best choice.", CITIES, 1),
        ("the second option", CITIES, 1),
        ("I'll go with the third one.", CITIES, 2),
        ("Option 2", CITIES, 1),
        ("Choice B", CITIES, 1),
        ("Letter B", CITIES, 1),
        ("The answer to this question is B.", CITIES, 1),
        ("Correct answer: B", CITIES, 1),
        ("Correct Answer - B", CITIES, 1),
        ("**Answer:** B", CITIES, 1),
        ("**Answer: B. Paris**", CITIES, 1),
        ("Answer:\nB", CITIES, 1),
        ("Answer:\n\n**B) Paris**\n\nBecause ...", CITIES, 1),
        ("ans: B", CITIES, 1),
        ("最も適切な選択肢はBです。", CITIES, 1),
        ("最も適切なものは、B「Paris」です。", CITIES, 1),
        ("したがって、正解はB: Parisとなります。", CITIES, 1),
        ("正解は (B) です", CITIES, 1),
        ("よって、正解は選択肢Bである。", CITIES, 1),
        ("Bの「Paris」が正解です。", CITIES, 1),
        ("Bが最も適切です。", CITIES, 1),
        ("Aは誤り。Bは誤り。Dも誤り。残るCが正解。", CITIES, 2),
        ("正しくないのはBです", CITIES, 1),
        ("AまたはBです", CITIES, None),
        ("A・Bの両方です", CITIES, None),
        ("Bだと考えられますが、Cの可能性もあります。", CITIES, None),
        ("答えはBかCです", CITIES, None),
        ("わかりません", CITIES, None),
        ("該当なし", CITIES, None),
        ("答えはありません", CITIES, None),
        ("選択肢Bではなく選択肢Cです", CITIES, 2),
        ("AからDのうち、Bです", CITIES, 1),
        ("B、なぜならAはイギリスだから", CITIES, 1),
        ("Bです。Aはイギリスの都市なので誤りです。", CITIES, 1),
        ("B.", CITIES, 1),
        ("B!", CITIES, 1),
        ("B\n", CITIES, 1),
        ("- B", CITIES, 1),
        ("> B", CITIES, 1),
        ("Answer B", CITIES, 1),
        ('the answer is: "B"', CITIES, 1),
        ("answer = B", CITIES, 1),
        ("B is my answer", CITIES, 1),
        ("I believe the answer is B", CITIES, 1),
        ("It should be B", CITIES, 1),
        ("It's B", CITIES, 1),
        ("It's B.", CITIES, 1),
        ("Definitely B", CITIES, 1),
        ("Probably B?", CITIES, 1),
        ("The answer is A? No, wait, the answer is B.", CITIES, 1),
        ('{"answer": "B"}', CITIES, 1),
        ("ビタミンC", CITIES, None),
        ("A社とB社", CITIES, None),
        ("答え B", CITIES, 1),
        ("答えB", CITIES, 1),
        ("解答：B", CITIES, 1),
        ("【答え】B", CITIES, 1),
        ("正解: B (Paris)", CITIES, 1),
        ("B：Paris", CITIES, 1),
        ("B、Paris", CITIES, 1),
        ("『B』", CITIES, 1),
        ("選択肢B", CITIES, 1),
        ("Bを選択します", CITIES, 1),
        ("Bが最も適切であると考えられます。", CITIES, 1),
        ("正しい選択肢はBです", CITIES, 1),
        ("適切なのはBである。", CITIES, 1),
        ("Bではない。Cだ。", CITIES, 2),
        ("AやBではなくC", CITIES, 2),
        ("Aは間違っています。正解はBです。", CITIES, 1),
        ("消去法でBが残ります。", CITIES, 1),
        ("BかCで迷いますが、Bです。", CITIES, 1),
        ("BとCのどちらか", CITIES, None),
        ("おそらくB", CITIES, 1),
        ("たぶんBだと思います", CITIES, 1),
        ("Bの可能性が高い", CITIES, 1),
        ("答えはない", CITIES, None),
        ("4番", CITIES, 3),
        ("5番", CITIES, None),
        ("選択肢1", FOUR, 0),
        ("1. 東京", FOUR, 0),
        ("1）東京", FOUR, 0),
        ("(1) 東京", FOUR, 0),
        ("一番目", FOUR, 0),
        ("エ", FOUR, 3),
        ("(ウ)", FOUR, 2),
        ("ウ。大阪", FOUR, 2),
        ("答え：ア、イ", FOUR, None),
        ("東京と大阪のうち、大阪です", FOUR, 2),
        ("大阪府です", FOUR, 2),
        ("京都府", FOUR, 1),
        ("名古屋市が正解", FOUR, 3),
        ("東京ではない", FOUR, None),
        ("東京じゃないです。京都です。", FOUR, 1),
        ("The answer is B) Paris.", CITIES, 1),
        ("(b)", CITIES, 1),
        ("Option B: Paris", CITIES, 1),
        ("**Option B**", CITIES, 1),
        ("Choice (B)", CITIES, 1),
        ("The best choice is B.", CITIES, 1),
        ("B is correct.", CITIES, 1),
        ("B seems right", CITIES, 1),
        ("I am confident it's B", CITIES, 1),
        ("It's definitely Paris.", CITIES, 1),
        ("Paris is the answer, not Rome.", CITIES, 1),
        ("Definitely not London; Paris.", CITIES, 1),
        ("Both B and C are possible", CITIES, None),
        ("B & C", CITIES, None),
        ("B or possibly C", CITIES, None),
        ("Either B, or C", CITIES, None),
        ("I can't decide between B and C.", CITIES, None),
        ("A? B? C?", CITIES, None),
        ("All of the above", CITIES, None),
        ("A B C D", CITIES, None),
        ("ABCD", CITIES, None),
        ("AB", CITIES, None),
        ("Answer: AB", CITIES, None),
        ("Answer: [B]", CITIES, 1),
        ("answer is b", CITIES, 1),
        ("Answer: b) Paris", CITIES, 1),
        ("the answer would be Paris", CITIES, 1),
        ("My final answer is (B).", CITIES, 1),
        ("Final Answer: \\boxed{B}", CITIES, 1),
        ("\\boxed{\\text{(B) Paris}}", CITIES, 1),
        ("The answer is $\\text{B}$.", CITIES, 1),
        ("<b>B</b>", CITIES, 1),
        ("B</s>", CITIES, 1),
        ("B<|im_end|>", CITIES, 1),
        ("Answer:B", CITIES, 1),
        ("Ans. B", CITIES, 1),
        ("B. Paris\nC. Rome", CITIES, None),
        ("A. London - incorrect\nB. Paris - correct\nC. Rome - incorrect", CITIES, 1),
        ("A) London: wrong. B) Paris: right.", CITIES, 1),
        ("First, A is in England. Second, B is in France. So the answer must be B.", CITIES, 1),
        ("not B", CITIES, None),
        ("The answer is not B.", CITIES, None),
        ("It isn't A, B, or D.", CITIES, None),
        ("I'd eliminate A and D. Between B and C, B is better.", CITIES, 1),
        ("Paris (B)", CITIES, 1),
        ("Paris, i.e. B", CITIES, 1),
        ("B, i.e. Paris", CITIES, 1),
        ("B = Paris", CITIES, 1),
        ("B => Paris", CITIES, 1),
        ("2", CITIES, 1),
        ("2)", CITIES, 1),
        ("II", CITIES, None),
    ],
)
def test_the_choice_that_an_answer_decides_for(text: str, choices: tuple[str, ...], chosen: int | None) -> None:
    assert read_choice(text, choices) == chosen


@pytest.mark.parametrize(
    ("question", "answer", "chosen"),
    [
        ("どれですか。\n0. 東京\n1. 京都\n2. 大阪", "1", 1),
        ("どれですか。\n1. 東京\n2. 京都\n3. 大阪", "1", 0),
        ("イ 東京\nロ 京都\nハ 大阪", "ロ", 1),
        ("イ 東京\nロ 京都\nハ 大阪", "イ", 0),
        ("(C) 東京\n(A) 京都\n(B) 大阪", "A", 1),
        ("東京、京都、大阪のどれ？", "2", 1),
    ],
)
def test_what_the_question_calls_the_choices_counts(question: str, answer: str, chosen: int) -> None:
    offered = ("東京", "京都", "大阪")
    assert read_choice(answer, offered, shown=find_shown_labels(question, offered)) == chosen


def test_texts_that_look_like_labels_win_over_them() -> None:
    blood = ("B", "A", "AB", "O")
    assert [read_choice(text, blood) for text in ("A", "The answer is B.", "AB", "O型です")] == [1, 0, 2, 3]
    assert read_choice("2", ("3", "2", "1")) == 1
    assert read_choice("答えは1,000円です", ("100円", "1000円")) == 1


def test_several_choices_are_read_where_several_are_asked_for() -> None:
    assert read_choices("A, C", CITIES) == {0, 2}
    assert read_choices("Answer: A and C, not B", CITIES) == {0, 2}
    assert read_choices("正解はAとCです。", CITIES) == {0, 2}
    assert read_choices("none of them", CITIES) == frozenset()


def test_letters_go_as_far_as_the_alphabet() -> None:
    assert (letter_of(0), letter_of(25), letter_of(26)) == ("A", "Z", "27")
    many = tuple(f"choice number {i}" for i in range(30))
    assert read_choice("The answer is (Z).", many) == 25


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared cases are not here; set EVALKIT_SHARED_DATA")
def test_every_shared_case_of_choices() -> None:
    for row in map(json.loads, (SHARED / "choices.jsonl").read_text(encoding="utf-8").splitlines()):
        assert read_choice(row["text"], row["choices"]) == row["chosen"], row


_HARD = st.text(
    st.sampled_from("ABCDEabc()[]{}.,:;!? \n\"'「」。、はがのですか①②イア番選択肢答えanswer isnotor$*\\boxed\ud800\0"),
    max_size=200,
)


@SLOW_START
@given(_HARD | st.text(max_size=200), st.lists(st.text(max_size=8), min_size=2, max_size=5, unique=True))
def test_no_answer_and_no_choices_are_too_odd_to_be_read(text: str, offered: list[str]) -> None:
    found = read_choices(text, offered)
    assert all(0 <= index < len(offered) for index in found)


@SLOW_START
@given(
    st.sampled_from(string.ascii_uppercase[:4]),
    st.sampled_from(
        ["{}", "({})", "**{}**", "答えは{}です。", "Answer: {}", "The answer is {}.", "正解は「{}」", "$\\boxed{{{}}}$"]
    ),
)
def test_a_letter_is_read_however_it_is_dressed(letter: str, dress: str) -> None:
    assert read_choice(dress.format(letter), CITIES) == string.ascii_uppercase.index(letter)
