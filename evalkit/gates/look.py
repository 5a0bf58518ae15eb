"""What to look at where figures prove nothing: three answers beside their targets, and how they were scored."""

from __future__ import annotations

import json
from collections.abc import Sequence

from evalkit.core.answers import answer_text
from evalkit.core.columns import Comparison
from evalkit.core.exchange import Json, Response

SHOWN = 3
_LONGEST = 60


def look_at(comparison: Comparison, metric: str, rows: Sequence[int]) -> tuple[str, list[Json]]:
    """Say what to look at, and show the first three of these cases.

    They come with what was said and expected.
    """
    scorer = metric.partition(".")[0]
    cases = [_case(comparison, scorer, int(row)) for row in rows[:SHOWN]]
    told = "; ".join(_tell(case) for case in cases)
    options = _options(comparison, scorer)
    how = f"the options of the scorer {scorer}" + (f" ({options})" if options else "")
    return f"look at three answers{f' ({told})' if told else ''}, the target, and {how}", cases


def _case(comparison: Comparison, scorer: str, row: int) -> dict[str, Json]:
    example = comparison.examples[row]
    found: dict[str, Json] = {"id": example.id}
    for arm, responses, scores in (
        ("base", comparison.base_responses, comparison.base_scores),
        ("candidate", comparison.candidate_responses, comparison.candidate_scores),
    ):
        answers = responses.get(example.id, ())
        found[arm] = _show_response(answers[0], answer_text(answers[0], scores)) if answers else None
        mine = scores.get(scorer, {}).get(example.id, ())
        found[f"{arm}_read"] = mine[0].reading if mine else None
        expected = mine[0].expected if mine else None
        found.setdefault("expected", _clip(_show_target(example.target) if expected is None else expected))
    return found


def _show_response(response: Response, text: str) -> str:
    if response.failure is not None:
        return f"({response.failure.kind})"
    calls = " ".join(f"{call.name}({call.arguments})" for call in response.tool_calls)
    return _clip(" ".join(part for part in (text, calls) if part) or "(empty)")


def _tell(case: dict[str, Json]) -> str:
    if case["base"] is None and case["candidate"] is None:
        return str(case["id"])
    said = f"{case['id']}: base {case['base']!r}, candidate {case['candidate']!r}"
    return said + (f", expected {case['expected']!r}" if case["expected"] else "")


def _show_target(target: Json) -> str:
    if target is None:
        return ""
    return target if isinstance(target, str) else json.dumps(target, ensure_ascii=False, default=str)


def _clip(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= _LONGEST else f"{flat[: _LONGEST - 1]}…"


def _options(comparison: Comparison, scorer: str) -> str:
    """How the suite asks for the scorer: `exact`, `regex, group: 1`."""
    spec = comparison.manifest.get("spec")
    asked = spec.get("scorers", {}).get(scorer) if isinstance(spec, dict) else None
    if not isinstance(asked, dict):
        return ""
    told = [str(asked.get("type", ""))]
    told += [f"{name}: {_clip(_show_target(value))}" for name, value in asked.items() if name not in ("type", "when")]
    return ", ".join(word for word in told if word)
