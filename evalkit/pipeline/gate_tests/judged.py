"""Gates as test items: their findings, computed once, and what is told of them."""

from __future__ import annotations

import functools
import os
import pickle
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from evalkit.core.answers import Scores, answer_text
from evalkit.core.errors import EvalkitError
from evalkit.core.exchange import Example, Response
from evalkit.core.fingerprint import digest
from evalkit.core.verdict import UNDECIDED, Finding
from evalkit.pipeline.compare import compare_arms
from evalkit.pipeline.gate_tests.arms import models_file
from evalkit.pipeline.gate_tests.gate_case import GateCase
from evalkit.pipeline.options import Mode, Options
from evalkit.report.sentences import Speaker
from evalkit.suite.load import load_suite
from evalkit.suite.spec import SuiteSpec

GOOD = ("PASS", "IMPROVED", "WAIVED", "TOO_SMALL")
BROKEN_SHOWN = 5
NO_ANSWER, EMPTY_ANSWER = "(no answer)", "(empty)"
_OURS = (NO_ANSWER, EMPTY_ANSWER)
"""What stands in the place of an answer"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A suite's findings and examples, and the report.

    The examples show what broke; the report is there where one was written.
    """

    findings: tuple[Finding, ...]
    on_inconclusive: str
    broken: dict[str, tuple[str, str, str]]
    """example id -> (prompt, base's answer, candidate's answer)"""
    report: str
    base: str
    candidate: str
    notes: tuple[str, ...] = ()
    """What stands on top of every output"""


@dataclass(frozen=True, slots=True, kw_only=True)
class SuiteRun:
    """What the items of one suite file share."""

    path: Path
    root: Path
    base: str
    candidate: str
    models: str | None
    live: bool
    report: str | None
    shared: Path | None
    """A folder that all processes of the session see; None where there is one process"""


def judge_once(run: SuiteRun) -> Judged:
    """Compute the findings of a suite once a session, also for several processes.

    Raises the EvalkitError that the comparison ended in, for every item anew: a dead server is asked once.
    """
    found = _judge_or_fail(run)
    if isinstance(found, EvalkitError):
        raise found.with_traceback(None)
    return found


@functools.lru_cache(maxsize=64)
def _judge_or_fail(run: SuiteRun) -> Judged | EvalkitError:
    def judge() -> Judged | EvalkitError:
        try:
            return _judge(run)
        except EvalkitError as error:
            return error

    if run.shared is None:
        return judge()
    return _share(run.shared / f"{digest(str(run.path))[:16]}.pickle", judge)


def _judge(run: SuiteRun) -> Judged:
    models = run.models or models_file(run.path, run.root)
    mode: Mode = "reuse" if run.live else "replay"
    options = Options(suites=(run.path,), models=models, mode=mode, root=run.root, say=lambda _: None)
    outcome = compare_arms(run.base, [run.candidate], options=options)[0]
    suite = outcome.verdict.suites[0]
    spec: SuiteSpec = load_suite(run.path).spec
    page = ""
    if run.report is not None or suite.outcome != "PASS":
        from evalkit.report import html

        target = (
            (Path(run.report) if run.report else run.root / "reports" / "out" / "pytest") / suite.name / "index.html"
        )
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(html(outcome.verdict, outcome.comparisons), encoding="utf-8")
        page = os.path.relpath(target)
    comparison = outcome.comparisons[0]
    ids = {example_id for finding in suite.findings for example_id in finding.examples[:BROKEN_SHOWN]}
    broken = {
        example.id: (
            _question(example),
            _answer(comparison.base_responses, comparison.base_scores, example.id),
            _answer(comparison.candidate_responses, comparison.candidate_scores, example.id),
        )
        for example in comparison.examples
        if example.id in ids
    }
    return Judged(
        findings=suite.findings,
        on_inconclusive=spec.policy.on_inconclusive,
        broken=broken,
        report=page,
        base=run.base,
        candidate=run.candidate,
        notes=outcome.verdict.notes,
    )


def _share(path: Path, judge: Callable[[], Judged | EvalkitError]) -> Judged | EvalkitError:
    """The first process computes and leaves the result in a file; the others wait for it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = path.with_suffix(".lock")
    while True:
        try:
            handle = os.open(lock, os.O_CREAT | os.O_EXCL | os.O_WRONLY)
        except FileExistsError:
            if path.exists():
                kept: Judged | EvalkitError = pickle.loads(path.read_bytes())
                return kept
            if _is_abandoned(lock):
                lock.unlink(missing_ok=True)
            time.sleep(0.05)
            continue
        os.write(handle, str(os.getpid()).encode())
        os.close(handle)
        try:
            result = judge()
            draft = path.with_suffix(f".{os.getpid()}")
            draft.write_bytes(pickle.dumps(result))
            draft.replace(path)
            return result
        except BaseException:
            lock.unlink(missing_ok=True)
            raise


def _is_abandoned(lock: Path) -> bool:
    """The process that held the lock is gone."""
    try:
        os.kill(int(lock.read_text() or os.getpid()), 0)
    except (FileNotFoundError, PermissionError):
        return False
    except ProcessLookupError:
        return True
    return False


def _question(example: Example) -> str:
    return str(example.messages[-1].content or "") if example.messages else ""


def _answer(responses: Mapping[str, tuple[Response, ...]], scores: Scores, example_id: str) -> str:
    rows = responses.get(example_id, ())
    if not rows:
        return NO_ANSWER
    first = rows[0]
    if first.failure is not None:
        return f"({first.failure.kind}: {first.failure.message})"
    calls = " ".join(f"{call.name}({call.arguments})" for call in first.tool_calls)
    return " ".join(part for part in (answer_text(first, scores), calls) if part) or EMPTY_ANSWER


def failure_text(judged: Judged, case: GateCase, say: Speaker = str) -> str:
    """Write why the item fails; an empty string when it passes.

    It is for the reader, whose language `say` speaks.
    """
    mine = [finding for finding in judged.findings if case.owns(finding)]
    if not mine and case.gate_index >= 0:
        return say(f"{case.name}: the gate made no finding")
    bad = [finding for finding in mine if _fails(finding, judged)]
    if not bad:
        return ""
    lines: list[str] = []
    for finding in bad:
        lines.append(f"{finding.state} {finding.gate} {finding.metric}{_cut(finding)}: {say(finding.because)}")
        for example_id in finding.examples[:BROKEN_SHOWN]:
            prompt, *answers = judged.broken.get(example_id, ("", "", ""))
            base, candidate = (say(one) if one in _OURS else _short(one) for one in answers)
            lines += [
                f"  {say('broken')} {example_id}: {_short(prompt)}",
                f"    {judged.base}: {base}",
                f"    {judged.candidate}: {candidate}",
            ]
    if judged.report:
        lines.append(say(f"open the report: python -m webbrowser {judged.report}"))
    return "\n".join(lines)


def undecided_text(judged: Judged, case: GateCase, say: Speaker = str) -> str:
    """Write what passes only because nothing was proven.

    Empty where something else was told as well.
    """
    mine = [finding for finding in judged.findings if case.owns(finding)]
    open_ones = [finding for finding in mine if finding.shown == UNDECIDED]
    if not open_ones or len(open_ones) < len(mine):
        return ""
    return "; ".join(f"{one.shown} {one.metric}{_cut(one)}: {say(one.because)}" for one in open_ones)


def warning_text(judged: Judged, case: GateCase, say: Speaker = str) -> str:
    """Write what warns without failing, in one line.

    That is what stands on top of every output, undecided slices, and what could not be told where the policy only
    warns.
    """
    mine = [finding for finding in judged.findings if case.owns(finding)]
    unsure = [f for f in mine if f.shown == UNDECIDED or f.too_small]
    if judged.on_inconclusive == "warn":
        unsure += [f for f in mine if f.state == "INCONCLUSIVE"]
    return "; ".join([*map(say, judged.notes), *(f"{f.shown} {f.metric}{_cut(f)}: {say(f.because)}" for f in unsure)])


def _fails(finding: Finding, judged: Judged) -> bool:
    nothing_judged = all(one.state == "TOO_SMALL" for one in judged.findings)
    if finding.state == "INCONCLUSIVE" or nothing_judged:
        return judged.on_inconclusive == "fail"
    return finding.state not in GOOD


def _cut(finding: Finding) -> str:
    return "" if finding.slice is None else f" [{finding.slice.by}={finding.slice.value}]"


def _short(text: str, size: int = 160) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= size else flat[: size - 1] + "…"
