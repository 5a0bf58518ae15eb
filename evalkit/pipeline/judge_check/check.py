"""`evalkit judge check`: the calibration of a judge, and whether it may gate."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from evalkit import __version__
from evalkit.core.errors import Problem, UsageError
from evalkit.core.exchange import Json
from evalkit.gates.advisory import LEAST, why_advisory
from evalkit.pipeline.judge_check.answers import Court, find_scorer, gather, said_in_answers, said_in_files
from evalkit.pipeline.judge_check.figures import figures_of_part
from evalkit.pipeline.judging.agreement import agreement_between
from evalkit.scorers.judge.seal import seal_calibration
from evalkit.store.runs import Run
from evalkit.suite.spec import PolicySpec, SuiteSpec

HOLDS = "judge check"


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What was found of a judge.

    `calibration` is the file that a suite names; `why` says by part of the metric why no gate may stand on it.
    """

    court: Court
    calibration: Mapping[str, Json]
    why: Mapping[str, tuple[str, ...]]
    between: tuple[Mapping[str, Json], ...]

    @property
    def few(self) -> bool:
        """Whether there are too few labels to tell."""
        return all(figures["n"] < LEAST for figures in self.calibration["figures"].values())

    def data(self, run: str) -> dict[str, Json]:
        """Return all of it as JSON values."""
        return {
            **self.calibration,
            "run": run,
            "may_gate": {part: not why for part, why in self.why.items()},
            "why_not": {part: list(why) for part, why in self.why.items() if why},
            "between_judges": list(self.between),
            "unscorable": self.court.unscorable,
            "notes": list(self.court.notes),
        }


def check_judge(
    run: Run,
    files: Sequence[str | Path],
    *,
    scorer: str | None = None,
    label: str | None = None,
    given: str | None = None,
) -> Checked:
    """Hold a judge of a kept run against labels of people.

    They stand in files, or (`given`) as a score of the answers themselves. UsageError where the run asked no judge, or
    no label is of its answers.
    """
    name, comparisons = find_scorer(run, scorer)
    notes: list[str] = []
    if given is not None:
        said = said_in_answers(comparisons, given)
    else:
        said, notes = said_in_files(run, name, files, label)
    court = gather(run, name, comparisons, said, notes)
    policy = _policy(comparisons[0].manifest)
    parts = _parts(court)
    figures = {part: found for part in parts if (found := figures_of_part(court, part)) is not None}
    if not figures:
        where = "" if given is not None else f" in {', '.join(map(str, files))}"
        what = f"no label{where} can be read as what the judge of {name!r} says"
        todo = "write base.LABEL and candidate.LABEL so, or name another label by --label"
        raise UsageError(Problem(what=what, allowed=_readable(court), todo=todo))
    calibration = seal_calibration(
        {
            "evalkit": __version__,
            "holds": HOLDS,
            "scorer": name,
            "kind": court.kind,
            "prompt": court.about["prompt"],
            "digest": court.about["digest"],
            "judges": {judge: about["digest"] for judge, about in court.about["judges"].items()},
            "models": {judge: f"{one['provider']}:{one['model']}" for judge, one in court.about["judges"].items()},
            "figures": figures,
        }
    )
    return Checked(
        court=court,
        calibration=calibration,
        why={part: _why(court, calibration, part, policy) for part in figures},
        between=_between(court),
    )


def _between(court: Court) -> tuple[Mapping[str, Json], ...]:
    answers = [(one.case, one.values) for one in court.answers]
    return tuple(agreement_between([*court.about["judges"]], answers, kind=court.kind))


def _parts(court: Court) -> list[str]:
    """The parts of the metric, and of several judges each one's own."""
    parts: list[str] = list(court.about["reads"]["parts"])
    judges = [*court.about["judges"]]
    own = [f"{part}.{judge}" if part else judge for judge in judges for part in parts] if len(judges) > 1 else []
    return [*parts, *own]


def _why(court: Court, calibration: Mapping[str, Json], part: str, policy: PolicySpec) -> tuple[str, ...]:
    return why_advisory({**court.about, "calibration": calibration}, part, policy)


def _readable(court: Court) -> str:
    reads = court.about["reads"]
    low, high = reads["scale"]
    return {
        "rubric": f"a number from {low:g} to {high:g}, or yes and no where the judge has `passes`",
        "label": f"{', '.join(reads['labels'])}, or yes and no for good",
        "questions": f"yes and no, named {court.scorer} or {court.scorer}.QUESTION",
        "pairwise": "base, candidate or tie, in a column of the case",
    }[court.kind]


def policy_of(run: Run, scorer: str) -> PolicySpec:
    """Return the policy under which a scorer of the run may gate."""
    _, comparisons = find_scorer(run, scorer)
    return _policy(comparisons[0].manifest)


def _policy(manifest: Mapping[str, Json]) -> PolicySpec:
    return SuiteSpec.model_validate_json(json.dumps(manifest["spec"])).policy
