import pytest

from evalkit.core.errors import UsageError
from evalkit.core.exchange import Example
from evalkit.pipeline.suites.keyword import keyword

POLITE = Example(id="t-001", messages=(), tags={"intent": "refund", "register": "polite"})


@pytest.mark.parametrize(
    ("expression", "chosen"),
    [
        ("refund", True),
        ("REFUND", True),
        ("t-001", True),
        ("support", True),
        ("intent=refund", True),
        ("intent=cancel", False),
        ("not refund", False),
        ("refund and casual", False),
        ("casual or refund", True),
        ("not (casual or hard) and refund", True),
        ("not not refund", True),
    ],
)
def test_an_expression_chooses_by_suite_id_and_tag(expression: str, chosen: bool) -> None:
    assert keyword(expression, suite="Support-Desk")(POLITE) is chosen


@pytest.mark.parametrize("expression", ["", "and", "a and", "(a", "a)", "not", "a b"])
def test_a_broken_expression_is_a_sentence(expression: str) -> None:
    with pytest.raises(UsageError, match="-k"):
        keyword(expression, suite="s")


def test_thousands_of_words_are_read_and_deep_nests_refused() -> None:
    assert keyword(" or ".join(f"id-{i}" for i in range(3000)) + " or refund", suite="s")(POLITE)
    for deep in ("(" * 3000 + "a" + ")" * 3000, "not " * 3000 + "a"):
        with pytest.raises(UsageError, match="more than 100"):
            keyword(deep, suite="s")
