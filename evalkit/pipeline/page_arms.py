"""Arms out of a report page: whoever got the page alone compares its answers, on its suites and cases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from evalkit.core.columns import Comparison
from evalkit.core.errors import Problem, StoreError, UsageError
from evalkit.core.recording import Recording
from evalkit.models.replay import ReplayModel
from evalkit.pipeline.arms.roster import roster
from evalkit.pipeline.options import GivenSuite, Options
from evalkit.store.kept_run import Run, read_run
from evalkit.store.page_runs import PageReference, missing_page, page_reference, read_page
from evalkit.suite.load import draft_suite


def with_pages(words: Sequence[str], *, options: Options) -> Options:
    """Return the options with arms of pages as models: `page.html#NAME`.

    Where no suite is named those of the first page ask, with its cases. UsageError where an arm is not in its page,
    StoreError where a page holds no run.
    """
    known = roster(options.models).specs
    missing = [page for word in words if word not in known and (page := missing_page(word))]
    if missing:
        todo = f"check the path (from {Path.cwd()})"
        raise UsageError(Problem(what=f"there is no file {page}", todo=todo) for page in dict.fromkeys(missing))
    references = {word: found for word in words if word not in known and (found := page_reference(word)) is not None}
    if not references:
        return options
    arms = {word: _read_arm(reference) for word, reference in references.items()}
    models = {word: _model(word, run, arm) for word, (run, arm) in arms.items()}
    chosen = replace(options, given_models={**options.given_models, **models})
    if options.suites or options.given_suites:
        return chosen
    first = next(iter(references.values()))
    run, _ = arms[first.word]
    options.say(f"suites and cases are those of {first.path} (--suite names others)")
    return replace(chosen, given_suites=tuple(_suite(run, one, first.path) for one in run.comparisons))


def _read_arm(reference: PageReference) -> tuple[Run, str]:
    """The run of a page, and whether the base or the candidate of it is meant."""
    if not reference.name:
        summary = read_run(read_page(reference)).summary
        names = [summary.base, summary.candidate]
        todo = f"name one with #, e.g. '{reference.path}#{names[-1]}'"
        raise UsageError(Problem(what=f"{reference.path} holds {len(names)} arms", allowed=", ".join(names), todo=todo))
    run = read_run(read_page(reference))
    return run, "base" if reference.name == run.summary.base else "candidate"


def _model(word: str, run: Run, arm: str) -> ReplayModel:
    if not run.comparisons:
        raise StoreError(Problem(what=f"{word}: the page holds no answers"))
    identity = getattr(run.comparisons[0], arm)
    rows = tuple(
        replace(row, suite=one.suite)
        for whole in run.comparisons
        for one in (whole, *whole.training.values())
        for answers in getattr(one, f"{arm}_responses").values()
        for row in answers
    )
    generate = {one.suite: one.manifest.get("generate", {}) for one in run.comparisons}
    created = identity.details.get("recorded") or run.summary.created
    recording = Recording(model=identity, responses=rows, generate=generate, created=created)
    return ReplayModel(recording, name=word, source=word)


def _suite(run: Run, comparison: Comparison, page: Path) -> GivenSuite:
    """A suite of the page with its cases; files that it names beside itself are looked for beside the page."""
    text = run.suites.get(comparison.suite, "")
    draft = draft_suite(page.parent / f"{comparison.suite}.yaml", text.encode())
    if draft.suite is None or draft.problems:
        raise UsageError(draft.problems)
    return GivenSuite(suite=draft.suite, rows=comparison.examples)
