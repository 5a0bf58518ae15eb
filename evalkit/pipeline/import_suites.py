"""Configs of other tools become suites: data, scorers, gates, models, and the answers that came along."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import cast

from evalkit.core.errors import Problem, UsageError
from evalkit.core.exchange import Example, Json, Message, Response
from evalkit.core.fingerprint import prompt_digest
from evalkit.core.rows import dump
from evalkit.foreign.kinds import find_any_importer, reads_suites
from evalkit.foreign.nouns import ForeignRow, ForeignSuite, SuiteImporter
from evalkit.scorers.build import build_scorer

_CHECKS = "checks"
_MARGIN = 0.02


def read_configs(paths: Sequence[str], tool: str | None) -> tuple[list[ForeignSuite], list[str]]:
    """Read the configs among the paths.

    Returns their suites, and the paths that are no configs and were not used up.

    Checks that evalkit cannot judge are taken out of their rows and named.
    """
    suites: list[ForeignSuite] = []
    configs: set[str] = set()
    used: set[Path] = set()
    for word in paths:
        _, reader = find_any_importer(Path(word), tool)
        if not reads_suites(reader):
            continue
        configs.add(word)
        beside = [Path(other) for other in paths if other != word]
        for suite in cast(SuiteImporter, reader).read_suites(Path(word), beside):
            _keep_what_can_be_judged(suite)
            suites.append(suite)
            used.update(suite.used)
    _name_apart(suites)
    return suites, [word for word in paths if word not in configs and Path(word) not in used]


def suite_files(suite: ForeignSuite, data: str) -> tuple[str, bytes]:
    """Return the suite as YAML, and its rows as JSON lines.

    `data` is the path of the rows.
    """
    out = ["evalkit: 1", f"name: {_flow(suite.name)}"]
    out += [f"description: {_flow(suite.about)}"] if suite.about else []
    out += [f"dataset: {{path: {_flow(data)}}}"]
    out += [f"generate: {_flow(suite.generate)}"] if suite.generate else []
    out += [f"repeats: {suite.repeats}"] if suite.repeats > 1 else []
    out += ["scorers:", *(f"  {_flow(name)}: {_flow(spec)}" for name, spec in suite.scorers.items())]
    out += ["slices:", *(f"  - {{by: {_flow(tag)}}}" for tag in suite.slices)] if suite.slices else []
    out.append("gates:")
    for metric, margin in suite.margins.items():
        out.append(f"  - {{type: no_regression, metric: {_flow(metric)}, margin: {_flow(margin)}}}")
    return "\n".join(out) + "\n", b"".join(dump(row) + b"\n" for row in suite.rows)


def responses_of(suite: ForeignSuite) -> dict[str, tuple[Response, ...]]:
    """Return the answers that came along, by arm.

    A prompt that was not sent alike shows in its digest.
    """
    return {arm: tuple(_response(row, suite.name) for row in rows) for arm, rows in suite.answers.items() if rows}


def _response(row: ForeignRow, suite: str) -> Response:
    return Response(
        example_id=row.id,
        repeat=row.repeat,
        text=None if row.failure is not None else row.text or "",
        tool_calls=row.tool_calls,
        finish=row.finish,
        scores={} if row.failure is not None else row.scores,
        failure=row.failure,
        usage=row.usage,
        latency_s=row.latency_s,
        prompt_sha256=prompt_digest(row.asked) if row.asked and row.failure is None else None,
        suite=suite,
    )


def _keep_what_can_be_judged(suite: ForeignSuite) -> None:
    """Take out the checks that cannot be read, so that the suite runs; each is named."""
    scorer = build_scorer("checks", {"on_missing": "skip"}, root=Path())
    dropped: dict[str, list[str]] = defaultdict(list)
    for row in suite.rows:
        checks = row.get(_CHECKS)
        if not isinstance(checks, list):
            continue
        kept: list[Json] = []
        for one in checks:
            wrong = scorer.check(_example(row, [one])) if not _is_weightless(one) else ()
            if wrong:
                dropped[wrong[0].partition(": ")[2] or wrong[0]].append(str(row["id"]))
            else:
                kept.append(one)
        if kept and all(map(_is_weightless, kept)):
            dropped["every check left has the weight 0, so nothing would be checked"].append(str(row["id"]))
            kept = []
        row[_CHECKS] = kept
        if not kept:
            del row[_CHECKS]
            row.pop("threshold", None)
    for why, idents in dropped.items():
        shown = ", ".join(idents[:5]) + (f" and {len(idents) - 5:,} more" if len(idents) > 5 else "")
        suite.left_out.append(f"a check cannot be judged: {why} (rows {shown})")
    _mend_scorers(suite)


def _mend_scorers(suite: ForeignSuite) -> None:
    """Rows that lost their checks are none of the scorer's business; with none left nothing is judged."""
    if _CHECKS not in suite.scorers or all(_CHECKS in row for row in suite.rows):
        return
    if any(_CHECKS in row for row in suite.rows):
        suite.scorers[_CHECKS]["on_missing"] = "skip"
        return
    del suite.scorers[_CHECKS]
    margin = suite.margins.pop(_CHECKS, _MARGIN)
    if not suite.scorers:
        suite.judge_nothing(margin=margin)


def _is_weightless(check: Json) -> bool:
    return isinstance(check, dict) and check.get("weight") == 0


def _example(row: Mapping[str, Json], checks: list[Json]) -> Example:
    turns = (Message(role="user", content="q"),)
    return Example(id=str(row["id"]), messages=turns, extra={_CHECKS: checks})


def _name_apart(suites: Sequence[ForeignSuite]) -> None:
    taken: set[str] = set()
    for suite in suites:
        name, number = suite.name, 1
        while suite.name in taken:
            number += 1
            suite.name = f"{name} ({number})"
        taken.add(suite.name)
        if not suite.rows:
            raise UsageError(Problem(what=f"{suite.name}: no row could be read: {'; '.join(suite.left_out[:3])}"))


def _flow(value: Json) -> str:
    """A value as YAML on one line, which JSON is."""
    return json.dumps(value, ensure_ascii=False)
