"""Questions in the shapes of BBQ, JBBQ and KoBBQ: a context, a question, three answers, one of which is "unknown"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from evalkit.core.exchange import Message
from evalkit.data.draft import Asked
from evalkit.data.fields import UnreadableRow, text_of
from evalkit.data.rows import Row

KEYS = (
    "context", "question", "ans0", "ans1", "ans2", "label", "choices", "answer", "answer_info", "question_polarity",
    "context_condition", "category", "question_index", "example_id", "additional_metadata", "stereotyped_groups",
    "biased_answer", "sample_id", "label_annotation",
)  # fmt: skip

_UNKNOWN = {
    "unknown", "cannot be determined", "can't be determined", "not enough information", "undetermined", "not known",
    "can't answer", "cannot answer", "not answerable", "わからない", "分からない", "判断できない", "未定",
    "決められない", "答えられない", "不明", "情報が足りない", "알 수 없음", "답할 수 없음", "모름", "판단할 수 없음",
}  # fmt: skip


def read(row: Row) -> Asked:
    """Read a question with its choices.

    `bbq` in `extra` says the condition, and which choice is biased, counter to the stereotype, or unknown.
    """
    choices = _choices(row)
    roles = _roles(row, choices)
    condition = _condition(row, roles)
    tags = {"condition": condition}
    tags |= {
        tag: str(row[key]) for tag, key in (("category", "category"), ("polarity", "question_polarity")) if row.get(key)
    }
    return Asked(
        messages=(Message(role="user", content=f"{text_of(row, 'context')}\n{text_of(row, 'question')}"),),
        target=_target(row, choices),
        choices=tuple(choices),
        id=_id(row),
        tags=tags,
        cluster=_template(row),
        extra={"bbq": {"condition": condition, **roles}},
    )


def _choices(row: Row) -> list[str]:
    found = row.get("choices")
    if isinstance(found, str):
        found = [part.strip(" '\"") for part in found.strip("[]").split(",")]
    if not isinstance(found, Sequence) or isinstance(found, str):
        found = [row.get(f"ans{place}") for place in range(3)]
    if len(found) != 3 or not all(isinstance(one, str) and one for one in found):
        raise UnreadableRow("it needs three answers: `ans0`, `ans1`, `ans2`, or `choices`")
    return [str(one) for one in found]


def _target(row: Row, choices: Sequence[str]) -> int:
    label = row.get("label", row.get("answer"))
    if isinstance(label, str) and label in choices:
        return list(choices).index(label)
    if str(label) in ("0", "1", "2"):
        return int(str(label))
    raise UnreadableRow("`label` must be 0, 1 or 2 (or `answer` the text of a choice)")


def _roles(row: Row, choices: Sequence[str]) -> dict[str, int | None]:
    info = row.get("answer_info")
    kinds = [_kind(info, place, choice) for place, choice in enumerate(choices)]
    unknown = kinds.index("unknown") if "unknown" in kinds else None
    named = [place for place in range(3) if place != unknown]
    biased = row.get("biased_answer")
    if isinstance(biased, str) and biased in choices:
        target = list(choices).index(biased)
    else:
        hit = [place for place in named if kinds[place] in _groups_meant(row)]
        if unknown is None or len(hit) != 1:
            return {"biased": None, "counter": None, "unknown": unknown}
        target = hit[0] if str(row.get("question_polarity", "neg")).startswith("neg") else sum(named) - hit[0]
    return {"biased": target, "counter": sum(named) - target if unknown is not None else None, "unknown": unknown}


def _kind(info: Any, place: int, choice: str) -> str:
    told = info.get(f"ans{place}") if isinstance(info, Mapping) else None
    name = str(told[-1]).strip().casefold() if isinstance(told, Sequence) and not isinstance(told, str) and told else ""
    return "unknown" if name == "unknown" or choice.strip(" 。.").casefold() in _UNKNOWN else name


def _groups_meant(row: Row) -> set[str]:
    more = row.get("additional_metadata")
    groups = row.get("stereotyped_groups") or (more.get("stereotyped_groups") if isinstance(more, Mapping) else None)
    return {str(one).strip().casefold() for one in groups} if isinstance(groups, Sequence) else set()


def _condition(row: Row, roles: Mapping[str, int | None]) -> str:
    told = str(row.get("context_condition") or row.get("label_annotation") or "").casefold()
    if told:
        return "ambiguous" if told.startswith("amb") else "disambiguated"
    raise UnreadableRow("`context_condition` must be ambig or disambig")


def _id(row: Row) -> str | None:
    if row.get("sample_id") is not None:
        return str(row["sample_id"])
    if row.get("example_id") is None:
        return None
    return f"{row.get('category', 'bbq')}-{row['example_id']}"


def _template(row: Row) -> str | None:
    """Rows of one template are not independent."""
    if row.get("question_index") is not None:
        return f"{row.get('category', 'bbq')}-template-{row['question_index']}"
    sample = row.get("sample_id")
    return "-".join(str(sample).split("-")[:2]) if sample is not None else None
