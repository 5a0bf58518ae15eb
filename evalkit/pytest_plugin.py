"""pytest collects suites: one item a gate (and a gated slice), all items of a suite share one comparison.

A good guest: nothing happens in sessions without suite files, no socket is opened unless `--evalkit-live` asks for it,
no option without the prefix, no item of others touched.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

_NAMING = (
    "name the arms with --evalkit-base ARM and --evalkit-candidate ARM, or with evalkit_base and evalkit_candidate "
    "among pytest's ini options"
)

if TYPE_CHECKING:
    from _pytest._code.code import TerminalRepr

    from evalkit.pipeline.gate_items import GateCase, Judged


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options, all prefixed."""
    group = parser.getgroup("evalkit", "evalkit: suites as tests")
    group.addoption("--evalkit-base", metavar="ARM", help="the base (default: ini evalkit_base, else `base`)")
    group.addoption("--evalkit-candidate", metavar="ARM", help="the candidate (ini evalkit_candidate, else `ft-model`)")
    group.addoption("--evalkit-models", metavar="FILE", help="default: models.yaml beside the suite, or in the root")
    group.addoption(
        "--evalkit-live", action="store_true", help="models may be asked; default: recordings, kept answers"
    )
    group.addoption("--evalkit-report", metavar="DIR", help="write every suite's report there (default: on failure)")
    parser.addini("evalkit_base", "the base arm of suites", default="base")
    parser.addini("evalkit_candidate", "the candidate arm of suites", default="ft-model")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """A YAML file with the key `evalkit` is a suite; one beside suites that looks like one is an error."""
    if file_path.name.startswith(".") or file_path.suffix.lower() not in (".yaml", ".yml"):
        return None
    from evalkit.suite.find import among_suites, is_suite, looks_like_suite

    root = parent.config.rootpath
    if is_suite(file_path) or (among_suites(file_path, root) and looks_like_suite(file_path)):
        return SuiteFile.from_parent(parent, path=file_path)
    return None


def _shared_folder(config: pytest.Config) -> Path | None:
    """A folder that all xdist workers of this session see, and pytest clears away; None outside xdist."""
    if not hasattr(config, "workerinput"):
        return None
    factory: pytest.TempPathFactory = config._tmp_path_factory  # type: ignore[attr-defined]
    return factory.getbasetemp().parent / "evalkit"


class SuiteFile(pytest.File):
    """One suite."""

    def collect(self) -> list[pytest.Item]:
        """One item a gate; problems of the suite are collection errors."""
        from evalkit.pipeline.gate_items import gate_cases

        # the id as text: what stands in [] is told from the name as pytest tells it, or --lf would not know it again
        return [
            GateItem.from_parent(self, name=case.name, nodeid=f"{self.nodeid}::{case.name}", case=case)
            for case in gate_cases(self.path)
        ]

    def repr_failure(  # type: ignore[override]  # pytest types items and collectors differently
        self, excinfo: pytest.ExceptionInfo[BaseException]
    ) -> str | TerminalRepr:
        """Problems as sentences, without a trace."""
        from evalkit.core.errors import EvalkitError

        if isinstance(excinfo.value, EvalkitError):
            return str(excinfo.value)
        return super().repr_failure(excinfo)

    def judged(self) -> Judged:
        """This suite's findings; the comparison is made by whichever item comes first, in whichever process."""
        from evalkit.pipeline.gate_items import judged_once

        config = self.config
        return judged_once(
            self.path,
            root=config.rootpath,
            base=config.getoption("--evalkit-base") or config.getini("evalkit_base"),
            candidate=config.getoption("--evalkit-candidate") or config.getini("evalkit_candidate"),
            models=config.getoption("--evalkit-models"),
            live=config.getoption("--evalkit-live"),
            report=config.getoption("--evalkit-report"),
            shared=_shared_folder(config),
        )


class GateFailed(Exception):
    """A gate did not pass; the message is for the reader."""


class GateItem(pytest.Item):
    """One gate of a suite, on one metric and slice."""

    def __init__(self, *, case: GateCase, **kwargs: object) -> None:
        super().__init__(**kwargs)  # type: ignore[arg-type]
        self.case = case

    def runtest(self) -> None:
        """Fail with the finding when the gate does not pass."""
        from evalkit.core.errors import EvalkitError
        from evalkit.pipeline.arms import UnknownArm
        from evalkit.pipeline.gate_items import failure_text, warning_text

        assert isinstance(self.parent, SuiteFile)
        try:
            judged = self.parent.judged()
        except UnknownArm as error:
            raise GateFailed(f"{error}\n    to do: {_NAMING}") from None
        except EvalkitError as error:
            raise GateFailed(str(error)) from None
        text = failure_text(judged, self.case)
        if text:
            raise GateFailed(text)
        warning = warning_text(judged, self.case)
        if warning:
            self.warn(pytest.PytestWarning(warning))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: object = None) -> str:
        """The finding, five broken cases and where the report is."""
        if isinstance(excinfo.value, GateFailed):
            return str(excinfo.value)
        return str(super().repr_failure(excinfo))

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """File, line of the gate, and the item's name."""
        return self.path, self.case.line, self.name
