"""What `evalkit.compare` gives back: the verdict, and the comparisons it rests on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from evalkit.core.columns import Comparison
from evalkit.core.exchange import Json
from evalkit.core.verdict import Finding, Outcome, SuiteVerdict, Verdict
from evalkit.report import console, html, verdict_json
from evalkit.report.rows import Rows, case_rows, finding_rows, metric_rows


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparisonResult:
    """A verdict with everything it rests on; `print(result)` shows what the terminal would.

    What is asked of the verdict most (outcome, exit_code, because, suites, findings) is asked of the result as well;
    results of one verdict are equal.
    """

    verdict: Verdict
    comparisons: tuple[Comparison, ...] = field(default=(), repr=False, compare=False)
    texts: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)
    """Name of each suite -> its YAML text"""

    @property
    def outcome(self) -> Outcome:
        """PASS, FAIL, INCONCLUSIVE or INVALID."""
        return self.verdict.outcome

    @property
    def exit_code(self) -> int:
        """The exit code of the command: 0, 1, 3 or 4."""
        return self.verdict.exit_code

    @property
    def because(self) -> str:
        """Why the verdict is what it is, in one sentence."""
        return self.verdict.because

    @property
    def suites(self) -> tuple[SuiteVerdict, ...]:
        """Each suite's findings and estimates."""
        return self.verdict.suites

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What every gate says, suite after suite."""
        return tuple(finding for suite in self.verdict.suites for finding in suite.findings)

    def cases(self) -> Rows:
        """Return one row a case with both answers, as dicts.

        It has both arms' metrics; `.to_frame()` makes a DataFrame.
        """
        return case_rows(self.comparisons)

    def metrics(self) -> Rows:
        """Return one row a metric and slice with both arms, as dicts.

        It has their difference and its interval.
        """
        return metric_rows(self.verdict.suites)

    def gate_findings(self) -> Rows:
        """Return one row a finding, as dicts."""
        return finding_rows(self.verdict.suites)

    def to_frame(self) -> Any:
        """Return the cases as a pandas DataFrame.

        ImportError where pandas is not installed.
        """
        return self.cases().to_frame()

    def to_dict(self) -> dict[str, Json]:
        """Return the verdict as JSON values, as `--json` writes it."""
        return self.verdict.to_dict()

    def write_report(self, folder: str | Path) -> Path:
        """Write index.html and verdict.json into a folder; return the page.

        The folder is made where it is missing; what is returned is the path of the page. OSError where the folder
        cannot be written.
        """
        place = Path(folder)
        place.mkdir(parents=True, exist_ok=True)
        (place / "verdict.json").write_text(verdict_json(self.verdict), encoding="utf-8")
        page = place / "index.html"
        page.write_text(html(self.verdict, self.comparisons), encoding="utf-8")
        return page

    def __str__(self) -> str:
        return console(self.verdict, self.comparisons, width=100)
