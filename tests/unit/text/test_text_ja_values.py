"""Japanese values read whole or not at all."""

from __future__ import annotations

import datetime as dt

import pytest

from evalkit.text import ja_values


@pytest.mark.parametrize(
    "text",
    [
        "令和6年5月1日",
        "令和６年５月１日",
        "令和六年五月一日",
        "2024年5月1日（水）",
        "2024年05月01日 水曜日",
        "2024-05-01",
        "2024/5/1",
        "2024 年 5 月 1 日",
        "R6.5.1",
        "R6年5月1日",
        "令和6.5.1",
        "令和 6 年 5 月 1 日（水）",
        "二〇二四年五月一日",
    ],
)
def test_one_day_in_every_dress(text):
    assert ja_values.read_date(text) == dt.date(2024, 5, 1)


@pytest.mark.parametrize(
    "text", ["5月1日", "令和6年13月1日", "2024-05-01まで", "20240501", "令和", "明日", "2023-02-29", ""]
)
def test_what_is_no_whole_day_is_none(text):
    assert ja_values.read_date(text) is None


def test_eras_begin_in_their_first_year():
    assert ja_values.read_date("令和元年5月1日") == dt.date(2019, 5, 1)
    assert ja_values.read_date("平成31年4月30日") == dt.date(2019, 4, 30)
    assert ja_values.read_date("令和元.5.1") == dt.date(2019, 5, 1)
    assert ja_values.read_date("昭和64年1月7日") == dt.date(1989, 1, 7)
    assert ja_values.read_date("大正元年12月25日") == dt.date(1912, 12, 25)
    assert ja_values.read_date("明治45年7月30日") == dt.date(1912, 7, 30)


@pytest.mark.parametrize(
    ("text", "hour", "minute"),
    [
        ("15:30", 15, 30),
        ("午後3時半", 15, 30),
        ("１５時３０分", 15, 30),
        ("午前十時", 10, 0),
        ("午後0時", 12, 0),
        ("正午", 12, 0),
        ("3:30 PM", 15, 30),
        ("12:00 am", 0, 0),
        ("午後１：０５", 13, 5),
    ],
)
def test_one_time_in_every_dress(text, hour, minute):
    assert ja_values.read_time(text) == dt.time(hour, minute)


@pytest.mark.parametrize("text", ["25:00", "午後13時", "三時ごろ", "15", "3:3"])
def test_what_is_no_whole_time_is_none(text):
    assert ja_values.read_time(text) is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("１２，３００", 12300),
        ("三千五百", 3500),
        ("1万5千", 15000),
        ("1.5万", 15000),
        ("二〇二四", 2024),
        ("-3.5", -3.5),
        ("十二", 12),
        ("一億二千万", 120_000_000),
    ],
)
def test_numbers_in_every_dress(text, value):
    assert ja_values.read_number(text) == value


@pytest.mark.parametrize("text", ["12個", "約3", "", "一二十三x", "1,23"])
def test_what_is_no_whole_number_is_none(text):
    assert ja_values.read_number(text) is None


def test_all_47_prefectures_with_and_without_their_suffix():
    full = set(ja_values._BY_NAME.values())
    assert len(full) == 47
    for name in full - {"北海道"}:
        assert ja_values.prefecture(name[:-1]) == ja_values.prefecture(name) == name
    assert ja_values.prefecture("東京都") != ja_values.prefecture("京都")
    assert ja_values.prefecture("東京都新宿区") is None


def test_a_moment_keeps_its_zone():
    assert ja_values.read_datetime("2024-05-01T15:00:00+09:00") == ja_values.read_datetime("2024-05-01T06:00:00Z")
    assert ja_values.read_datetime("令和6年5月1日（水） 15時") == dt.datetime(2024, 5, 1, 15)
    assert ja_values.read_datetime("令和6年5月1日") is None


def test_folding_keeps_signs_and_powers():
    assert ja_values.fold("Ａ　B") == "a b"
    assert ja_values.fold("ﾄｳｷｮｳ") == "トウキョウ"
    assert len({ja_values.fold(t) for t in ("x*2", "x**2", "x²", "x2", "-5", "5", "a_b", "ab")}) == 8


def test_an_honorific_alone_is_a_name():
    assert ja_values.without_honorific("君") == "君"
    assert ja_values.without_honorific("田中　さん") == "田中"
