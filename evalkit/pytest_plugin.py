"""pytest collects suites: one item a gate (and a gated slice), all items of a suite share one comparison.

A good guest: nothing happens in sessions without suite files, no socket is opened unless `--evalkit-live` asks for it,
no option without the prefix, no item of others touched.
"""

from __future__ import annotations

import os
from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from _pytest._code.code import TerminalRepr

    from evalkit.pipeline.gate_tests.gate_case import GateCase
    from evalkit.pipeline.gate_tests.judged import Judged
    from evalkit.report.sentences import Speaker

_WRONG_ARMS = pytest.StashKey[str]()
"""Where the process that started xdist's workers keeps what they found wrong with the arms"""
_OUTPUT = "evalkit_wrong_arms"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options, all prefixed."""
    tell = _speak() if os.environ.get("EVALKIT_LANG") else str
    group = parser.getgroup("evalkit", tell("evalkit: suites as tests"))
    group.addoption("--evalkit-base", metavar="ARM", help=tell("the base (default: ini evalkit_base, else `base`)"))
    told = tell("the candidate (ini evalkit_candidate, else `ft-model`)")
    group.addoption("--evalkit-candidate", metavar="ARM", help=told)
    told = tell("default: models.yaml beside the suite, or in the root")
    group.addoption("--evalkit-models", metavar="FILE", help=told)
    told = tell("models may be asked; default: recordings, kept answers")
    group.addoption("--evalkit-live", action="store_true", help=told)
    told = tell("write every suite's report there (default: on failure)")
    group.addoption("--evalkit-report", metavar="DIR", help=told)
    parser.addini("evalkit_base", tell("the base arm of suites"), default="base")
    parser.addini("evalkit_candidate", tell("the candidate arm of suites"), default="ft-model")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect a YAML file with the key `evalkit` as a suite.

    One beside suites that looks like one is an error.
    """
    if file_path.name.startswith(".") or file_path.suffix.lower() not in (".yaml", ".yml"):
        return None
    from evalkit.suite.find import is_among_suites, is_suite, looks_like_suite

    root = parent.config.rootpath
    if is_suite(file_path) or (is_among_suites(file_path, root) and looks_like_suite(file_path)):
        return SuiteFile.from_parent(parent, path=file_path)
    return None


def _shared_folder(config: pytest.Config) -> Path | None:
    """A folder that all xdist workers of this session see, and pytest clears away; None outside xdist."""
    if not hasattr(config, "workerinput"):
        return None
    factory: pytest.TempPathFactory = config._tmp_path_factory  # type: ignore[attr-defined]  # pytest has no public one
    return factory.getbasetemp().parent / "evalkit"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_finish(session: pytest.Session) -> None:
    """Raise a usage error for arms that mean nothing.

    It is one of the session, told once: no gate has failed.
    """
    files = dict.fromkeys(item.parent for item in session.items if isinstance(item, GateItem))
    suites = [file for file in files if isinstance(file, SuiteFile)]
    if not suites or session.config.option.collectonly:
        return
    from evalkit.pipeline.gate_tests.arms import arm_problems

    config = session.config
    wrong = _language_problem() or _speak()(arm_problems([file.path for file in suites], **_arms(config)))
    if not wrong:
        return
    if not hasattr(config, "workeroutput"):
        raise pytest.UsageError(wrong)
    config.workeroutput[_OUTPUT] = wrong  # an error in a worker of xdist would be told as its crash
    session.items.clear()


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Keep what a worker of xdist found, once it has ended."""
    wrong = (getattr(node, "workeroutput", None) or {}).get(_OUTPUT)
    if wrong:
        node.config.stash[_WRONG_ARMS] = wrong


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> Generator[None, None, None]:
    """Tell what the workers found, once, behind everybody else's last words."""
    yield
    wrong = session.config.stash.get(_WRONG_ARMS, "")
    if wrong:
        raise pytest.UsageError(wrong)


def _speak() -> Speaker:
    """Return what says a sentence in the language of EVALKIT_LANG; English for one that is not known."""
    from evalkit.core.errors import EvalkitError
    from evalkit.report.sentences import language_of, speaker

    try:
        return speaker(language_of(os.environ))
    except EvalkitError:  # told once, before the first item
        return str


def _language_problem() -> str:
    """Why EVALKIT_LANG cannot be spoken; empty where it can."""
    from evalkit.core.errors import EvalkitError
    from evalkit.report.sentences import language_of

    try:
        language_of(os.environ)
    except EvalkitError as error:
        return str(error)
    return ""


def _arms(config: pytest.Config) -> dict[str, Any]:
    """Where the arms are looked for, and their names."""
    return {
        "root": config.rootpath,
        "base": config.getoption("--evalkit-base") or config.getini("evalkit_base"),
        "candidate": config.getoption("--evalkit-candidate") or config.getini("evalkit_candidate"),
        "models": config.getoption("--evalkit-models"),
        "live": config.getoption("--evalkit-live"),
    }


class SuiteFile(pytest.File):
    """One suite."""

    def collect(self) -> list[pytest.Item]:
        """Yield one item a gate; problems of the suite are collection errors."""
        from evalkit.pipeline.gate_tests.kept_items import find_cases

        keeper = None if hasattr(self.config, "workerinput") else getattr(self.config, "cache", None)
        # the id as text: what stands in [] is told from the name as pytest tells it, or --lf would not know it again
        return [
            GateItem.from_parent(self, name=case.name, nodeid=f"{self.nodeid}::{case.name}", case=case)
            for case in find_cases(self.path, keeper)
        ]

    def repr_failure(  # type: ignore[override]  # pytest types items and collectors differently
        self, excinfo: pytest.ExceptionInfo[BaseException]
    ) -> str | TerminalRepr:
        """Write problems as sentences, without a trace."""
        from evalkit.core.errors import EvalkitError

        if isinstance(excinfo.value, EvalkitError):
            return _speak()(str(excinfo.value))
        return super().repr_failure(excinfo)

    def judge(self) -> Judged:
        """Return this suite's findings, computed once.

        The comparison is made by whichever item comes first, in whichever process.
        """
        from evalkit.pipeline.gate_tests.judged import SuiteRun, judge_once

        config = self.config
        report, shared = config.getoption("--evalkit-report"), _shared_folder(config)
        return judge_once(SuiteRun(path=self.path, report=report, shared=shared, **_arms(config)))


class GateFailed(Exception):
    """A gate did not pass; the message is for the reader."""


class GateItem(pytest.Item):
    """One gate of a suite, on one metric and slice."""

    def __init__(self, *, case: GateCase, **kwargs: object) -> None:
        super().__init__(**kwargs)  # type: ignore[arg-type]  # pytest's own words go through
        self.case = case

    def runtest(self) -> None:
        """Fail with the finding when the gate does not pass.

        Skip where nothing was decided.
        """
        from evalkit.core.errors import EvalkitError
        from evalkit.pipeline.gate_tests.judged import failure_text, undecided_text, warning_text

        assert isinstance(self.parent, SuiteFile)
        spoken = _speak()
        try:
            judged = self.parent.judge()
        except EvalkitError as error:
            raise GateFailed(spoken(str(error))) from None
        text = failure_text(judged, self.case, spoken)
        if text:
            raise GateFailed(text)
        warning = warning_text(judged, self.case, spoken)
        if warning:
            self.warn(pytest.PytestWarning(warning))
        undecided = undecided_text(judged, self.case, spoken)
        if undecided:
            pytest.skip(undecided)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: object = None) -> str:
        """Write the finding, five broken cases and where the report is."""
        if isinstance(excinfo.value, GateFailed):
            return str(excinfo.value)
        return str(super().repr_failure(excinfo))

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Return the file, the line of the gate, and the item's name."""
        return self.path, self.case.line, self.name
