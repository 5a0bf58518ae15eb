"""Scores whose direction and scale go without saying, and words that mean yes and no. Nothing else is guessed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache

from evalkit.foreign.nouns import ScoreScale

_SHARE = ScoreScale(low=0.0, high=1.0)
KNOWN: Mapping[str, ScoreScale] = {
    **dict.fromkeys(
        (
            "accuracy", "acc", "acc_norm", "exact_match", "exact", "em", "correct", "is_correct", "pass", "passed",
            "success", "f1", "f1_score", "precision", "recall", "rouge1", "rouge2", "rougel", "rougelsum", "meteor",
            "jaccard", "faithfulness", "answer_relevancy", "answer_correctness", "context_precision",
            "context_recall", "正解", "正答", "合格",
        ),
        _SHARE,
    ),
    "chrf": ScoreScale(low=0.0, high=100.0),
    "sacrebleu": ScoreScale(low=0.0, high=100.0),
    "toxicity": ScoreScale(low=0.0, high=1.0, better="lower"),
}  # fmt: skip
"""By name in small letters, with `_` for spaces, dashes and dots"""

YES_NO: tuple[tuple[str, str], ...] = (
    ("1", "0"), ("true", "false"), ("pass", "fail"), ("passed", "failed"), ("yes", "no"), ("correct", "incorrect"),
    ("right", "wrong"), ("ok", "ng"), ("y", "n"), ("t", "f"), ("good", "bad"), ("合格", "不合格"), ("正解", "不正解"),
    ("正", "誤"), ("○", "×"), ("はい", "いいえ"), ("可", "否"),
)  # fmt: skip
"""Pairs of words, the good one first; a column uses one of them"""

_BAD = re.compile(
    r"error|fail|wrong|incorrect|toxic|harm|hallucinat|violat|refus|unsafe|bias|leak|bad|loss|risk"
    r"|flag|miss(?!ion)|timeout|timed_out|spam|attack|jailbreak|defect|crash|broke|reject|abus|invalid|unanswered|complain"
    r"|mistak|misl|misu|escalat|swear|profan|insult|slur|offens|rude|impolite|illegal|irrelevan|contradict|cancel|churn"
    r"|(?:^|_)(?:no|not|non|never|without)(?:_|$)|(?:^|_)(?:un(?!i|der)|dis|in(?:acc|app|cons|comp))"
    r"|漏|欠|異常|苦情|誤|失敗|エラー|不|未|非|無|違|悪|有害|拒否|幻覚|クレーム|ミス|解約|離脱|返金|差し?戻|ng"
)
"""Names of which more may well be worse: 1 is not taken for good there"""


def name_key(name: str) -> str:
    """Return a column's name as it is looked up.

    NFKC, small letters, one `_` for spaces, dashes and dots.

    >>> name_key(" Rouge-L "), name_key("ｉｄ")
    ('rouge_l', 'id')
    """
    return re.sub(r"[\s_.\-/]+", "_", unicodedata.normalize("NFKC", name).strip().casefold()).strip("_")


def known_scale(name: str) -> ScoreScale | None:
    """Return the scale that the table has for a score's name.

    None where the table does not name it.
    """
    key = name_key(name)
    return KNOWN.get(key) or KNOWN.get(key.replace("_", ""))


def may_be_bad(name: str) -> bool:
    """Tell whether a name suggests that 1 is not the good end."""
    return _BAD.search(name_key(name)) is not None


@lru_cache(maxsize=4096)
def yes_no_word(text: str) -> str:
    """Spell a cell as the pairs of YES_NO write it.

    NFKC, small letters, the many circles and crosses as one.

    >>> yes_no_word(" ＴＲＵＥ "), yes_no_word("〇"), yes_no_word("✗")
    ('true', '○', '×')
    """
    word = unicodedata.normalize("NFKC", text).strip().casefold()
    return {
        "〇": "○",
        "◯": "○",
        "✓": "○",
        "✔": "○",
        "✗": "×",
        "✕": "×",
        "✖": "×",
        "x": "×",
        "1.0": "1",
        "0.0": "0",
    }.get(word, word)
