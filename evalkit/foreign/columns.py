"""Which column is what: said by `--columns`, else told by common names, and by what the cells hold."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from evalkit.core.errors import Problem, UsageError, did_you_mean
from evalkit.foreign.known_scores import known_scale, name_key
from evalkit.foreign.nouns import Better, Wishes
from evalkit.foreign.sheets import Sheet
from evalkit.foreign.values import is_mark, is_number, is_yes_no

FIELDS: dict[str, tuple[str, ...]] = {
    "id": (
        "id", "example_id", "sample_id", "case_id", "custom_id", "test_id", "doc_id", "question_id", "qid", "item_id",
        "row_id", "ticket_id", "uid", "uuid", "ticket", "case", "no", "番号", "管理番号", "チケット番号",
        "問い合わせ番号", "問合せ番号", "お問い合わせ番号", "受付番号", "整理番号", "問題番号", "案件番号", "通番",
        "通し番号", "連番",
    ),
    "input": (
        "input", "prompt", "question", "query", "instruction", "user", "message", "request", "inputs", "q", "problem",
        "入力", "質問", "問い合わせ", "問い合わせ内容", "問合せ", "問合せ内容",
        "お問い合わせ", "お問い合わせ内容", "質問文", "問題", "プロンプト", "指示", "本文",
    ),
    "output": (
        "output", "response", "completion", "prediction", "predict", "pred", "generated", "generation", "model_output",
        "actual_output", "actual", "model_answer", "reply", "outputs", "generated_text", "出力", "回答", "回答文",
        "応答", "生成結果", "予測", "モデル出力", "モデルの回答",
    ),
    "target": (
        "target", "expected", "expected_output", "reference", "gold", "ground_truth", "groundtruth", "ideal",
        "correct_answer", "reference_answer", "label", "gold_answer", "正解", "期待値",
        "期待する回答", "模範解答", "正解ラベル", "期待出力", "正答",
    ),
    "model": (
        "model", "model_name", "model_id", "arm", "variant", "provider", "version", "run_name", "experiment",
        "モデル", "モデル名", "バージョン",
    ),
    "repeat": ("repeat", "epoch", "trial", "sample_index", "iteration", "attempt", "run", "繰り返し", "試行", "回"),
    "cluster": (
        "cluster", "conversation_id", "session_id", "thread_id", "document_id", "template", "template_id", "group_id",
        "会話id",
    ),
}  # fmt: skip
"""Field -> names it goes by, the likeliest first"""

_SCORE = re.compile(r"score|rating|grade$|rouge|bleu|評価|評点|スコア|点数|得点|採点|判定|合否|正誤")
_PLAINLY = re.compile(r"(\w+_)?(score|rating)|評価|評点|スコア|点数|得点|合否|正誤")
"""Names that mean a score whatever the cells hold"""
_KEYS = ("id", "input", "output", "target", "model", "repeat", "cluster", "score", "tags", "low", "high", "higher",
         "lower", "better", "margin", "suite")  # fmt: skip
_SPLIT = re.compile(rf"\s*,\s*(?=(?:{'|'.join(_KEYS)})=)")
_MOST_VALUES = 20
"""A tag has no more values than this"""


@dataclass(slots=True, kw_only=True)
class ColumnMap:
    """The column of each field, and the columns of scores and tags.

    `candidates`: what else could be scores.
    """

    fields: dict[str, str] = field(default_factory=dict)
    scores: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    candidates: list[str] = field(default_factory=list)
    unused: list[str] = field(default_factory=list)


def read_wishes(words: Sequence[str]) -> Wishes:
    """Read what `--columns id=...,score=...,higher=better,low=1,high=5` says.

    UsageError for what is none of it.

    >>> read_wishes(["score=評価,higher=better,low=1,high=5"]).better
    'higher'
    """
    wishes = Wishes()
    for word in words:
        for part in _SPLIT.split(word.strip().strip(",")):
            key, equals, value = part.partition("=")
            key, value = key.strip(), value.strip()
            if not equals or key not in _KEYS or not value:
                near = did_you_mean(key, _KEYS)
                raise UsageError(
                    Problem(
                        what=f"--columns {part!r} is not understood{near}", allowed=f"KEY=COLUMN of {', '.join(_KEYS)}"
                    )
                )
            wishes = _add_wish(wishes, key, value)
    if wishes.low is not None and wishes.high is not None and not wishes.low < wishes.high:
        raise UsageError(Problem(what=f"--columns: low {wishes.low:g} must be below high {wishes.high:g}"))
    return wishes


def _add_wish(wishes: Wishes, key: str, value: str) -> Wishes:
    if key == "score":
        return replace(wishes, scores=(*wishes.scores, value))
    if key == "tags":
        return replace(wishes, tags=(*wishes.tags, value))
    if key == "suite":
        return replace(wishes, suites=(*wishes.suites, value))
    if key in ("higher", "lower", "better"):
        return replace(wishes, better=_better(key, value))
    if key in ("low", "high", "margin"):
        try:
            number = float(value)
        except ValueError:
            raise UsageError(Problem(what=f"--columns {key}={value}: {key} must be a number")) from None
        if key == "low":
            return replace(wishes, low=number)
        return replace(wishes, high=number) if key == "high" else replace(wishes, margin=number)
    return replace(wishes, fields={**wishes.fields, key: value})


def _better(key: str, value: str) -> Better:
    told = {("higher", "better"): "higher", ("higher", "worse"): "lower", ("lower", "better"): "lower",
            ("lower", "worse"): "higher", ("better", "higher"): "higher", ("better", "lower"): "lower"}  # fmt: skip
    if (key, value) not in told:
        allowed = "higher=better, higher=worse (the same as lower=better)"
        raise UsageError(Problem(what=f"--columns {key}={value} is not understood", allowed=allowed))
    return "higher" if told[key, value] == "higher" else "lower"


def map_columns(sheet: Sheet, wishes: Wishes) -> ColumnMap:
    """Find out which column is what.

    UsageError for a wished column that is not there.
    """
    found = ColumnMap()
    free = dict.fromkeys(sheet.names)
    missing = [name for name in (*wishes.fields.values(), *wishes.scores, *wishes.tags) if name not in free]
    if missing:
        raise UsageError(
            Problem(
                what=f"{sheet.path}: there is no column {missing[0]!r}{did_you_mean(missing[0], sheet.names)}",
                allowed=", ".join(sheet.names),
            )
        )
    for name, column in wishes.fields.items():
        found.fields[name] = column
        free.pop(column, None)
    for column in (*wishes.scores, *wishes.tags):
        free.pop(column, None)
    for name, known in FIELDS.items():
        likely = next((c for key in known for c in free if name_key(c.rpartition(".")[2]) == key), None)
        if name in found.fields or likely is None or _is_scored(sheet, found, name, likely):
            continue
        found.fields[name] = likely
        free.pop(likely)
    _answer(found, free)
    found.scores = list(wishes.scores) or _scores(sheet, free, found)
    found.tags = list(wishes.tags)
    for column in free:
        if column not in found.scores:
            (found.tags if not wishes.tags and _is_tag(sheet, column) else found.unused).append(column)
    return found


def _is_scored(sheet: Sheet, found: ColumnMap, name: str, column: str) -> bool:
    """Whether a column whose name can mean a target or a score holds ticks and crosses, where answers do not."""
    if name != "target" or name_key(column) not in ("正解", "正答"):
        return False
    answers = sheet.column(found.fields.get("output", ""))
    return is_mark(sheet.column(column)) and not is_yes_no(answers)


def _answer(found: ColumnMap, free: dict[str, None]) -> None:
    """`answer` is the output where no other column is, else the target."""
    column = next((c for c in free if name_key(c) in ("answer", "answers", "解答", "答え")), None)
    if column is None:
        return
    for name in ("output", "target"):
        if name not in found.fields:
            found.fields[name] = column
            free.pop(column)
            return


def _scores(sheet: Sheet, free: dict[str, None], found: ColumnMap) -> list[str]:
    """Columns that are scores by name; where none is, the one of ticks and crosses."""
    named = [column for column in free if known_scale(column) is not None or _is_named_a_score(sheet, column)]
    if named:
        return named
    ticks = [column for column in free if is_yes_no(sheet.column(column))]
    found.candidates = [column for column in free if column in ticks or are_numbers(sheet.column(column))]
    return ticks if len(ticks) == 1 else []


def _is_named_a_score(sheet: Sheet, column: str) -> bool:
    key = name_key(column)
    if _PLAINLY.fullmatch(key):
        return True
    if not _SCORE.search(key):
        return False
    return any(map(is_number, sheet.column(column))) or is_yes_no(sheet.column(column))


def are_numbers(values: Iterable[object]) -> bool:
    """Tell whether a column holds numbers, and nothing else but blanks."""
    any_filled = False
    for value in values:
        if value in (None, ""):
            continue
        if not is_number(value):
            return False
        any_filled = True
    return any_filled


def _is_tag(sheet: Sheet, column: str) -> bool:
    filled: set[str] = set()
    for value in sheet.column(column):
        if value in (None, "") or isinstance(value, (list, dict)):
            continue
        filled.add(str(value).strip())
        if len(filled) > _MOST_VALUES:
            return False
    few = 2 <= len(filled) <= max(2, len(sheet.rows) // 2)
    return few and max(map(len, filled)) <= 60 and not are_numbers(sheet.column(column))
