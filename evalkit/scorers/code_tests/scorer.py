"""Code graded by tests: what a model wrote is run, in a process of its own, against the tests of its row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from evalkit.core.errors import Problem, UsageError
from evalkit.core.exchange import Example, Response
from evalkit.core.fingerprint import digest
from evalkit.core.verdict import Metric, Score
from evalkit.reading.fences import python_in
from evalkit.scorers.code_tests.cell.walls import NETWORK
from evalkit.scorers.code_tests.row import read_row, row_problems
from evalkit.scorers.code_tests.runner import WORDS, Ran, find_walls, run_many
from evalkit.scorers.outcome import answer_text, score_of
from evalkit.scorers.unscorable import Unscorable

Limit = Annotated[int, Field(ge=1)]
NO_LEAVE = "it runs code that the models write, and nothing allows it"
ALLOW = "write into the suite: `allow_code: true` (in Python: `CodeTests().with_leave(unprotected=False)`)"


@dataclass(frozen=True, kw_only=True)
class CodeTests:
    """1 when the answer's Python passes every test of its row, else 0.

    The code is that of the answer's fence. The row has `tests`: Python with `assert` (a text, or a list, each of which
    is a test), functions `test_*`, classes of unittest, `check(candidate)` with `entry_point`, or {stdin, stdout}; what
    stands in `setup` is put in front of the answer. Each test is a process of its own, without network, environment or
    a place to write but a small folder, within the limits below. Nothing runs unless the suite says
    `allow_code: true`.
    """

    VERSION: ClassVar[str] = "1"

    cpu_s: Limit = 5
    """Seconds of CPU that a test may take"""
    wall_s: Limit = 60
    """Seconds that a test may last, other programs running beside it"""
    memory_mb: Limit = 1024
    """Address space of a process"""
    disk_mb: Limit = 16
    """What may be written, of a file and where the system allows it in all"""
    processes: Limit = 16
    """Processes at once; more are ended, and the test fails"""
    at_once: Limit = 8
    """Programs that run side by side"""
    _leave: Literal["", "cut", "unprotected"] = field(default="", init=False, repr=False, compare=False)
    """What the suite allows: nothing, code behind a cut network, code as it is"""
    _ran: dict[str, Ran | Unscorable] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def version(self) -> str:
        """The version of the numbers."""
        return self.VERSION

    @property
    def code_risk(self) -> str:
        """What code could reach on this system.

        It is empty where the network is cut off.
        """
        return "" if NETWORK in find_walls() else "this system does not let evalkit cut the network off"

    @property
    def code_words(self) -> str:
        """How code is run here, in one sentence for the verdict."""
        walls = find_walls()
        cut = ", ".join(words for name, words in WORDS.items() if name in walls) or "nothing"
        open_ones = ", ".join(words for name, words in WORDS.items() if name not in walls)
        risk = f"; NOT from {open_ones}" if open_ones else ""
        most = f"{self.cpu_s} s of CPU, {self.wall_s} s, {self.memory_mb} MB and {self.processes} processes a test"
        return f"code that the models write is run, kept from {cut}{risk}; at most {most}"

    def with_leave(self, *, unprotected: bool) -> CodeTests:
        """Return the scorer as one that may run code.

        `unprotected`: also where the network cannot be cut off.
        """
        found = replace(self)
        object.__setattr__(found, "_leave", "unprotected" if unprotected else "cut")
        return found

    def metrics(self) -> Sequence[Metric]:
        """List all tests passed, the share of them, whether it runs."""
        return (
            Metric(about="the answer's code passes every test of the row"),
            Metric(part="share", binary=False, low=0.0, high=1.0, about="share of the row's tests that pass"),
            Metric(part="runs", about="the answer has code, and it can be loaded without an error"),
        )

    def check(self, example: Example) -> Sequence[str]:
        """Check that the row has tests, and that they can fail."""
        return tuple(row_problems(example))

    def score_ahead(self, cases: Sequence[tuple[Example, Response]]) -> None:
        """Run the programs of many answers, several at once; equal ones once."""
        jobs: dict[str, Mapping[str, Any]] = {}
        self._require_leave()
        for example, response in cases:
            job = self._job(example, response)
            if job is not None:
                jobs.setdefault(digest(job), job)
        new = {key: job for key, job in jobs.items() if key not in self._ran}
        self._ran.update(zip(new, run_many(list(new.values()), at_once=self.at_once), strict=True))

    def score(self, example: Example, response: Response) -> Score:
        """Run the answer's code against the row's tests; Unscorable where the cell itself fails."""
        job, count = self._job(example, response), len(read_row(example).tests)
        if job is None:
            return self._score_failure(example, response, "there is no code in the answer", count, 0, runs=False)
        key = digest(job)
        if key not in self._ran:
            self.score_ahead([(example, response)])
        found = self._ran[key]
        if isinstance(found, Unscorable):
            raise found
        passed = sum(not why for why in found.whys)
        first = next((number for number, why in enumerate(found.whys) if why), None)
        if first is None:
            return self._score_run(example, response, passed, count, "", runs=True)
        why = found.whys[first]
        told = why if found.stage == "load" else f"failed test {first + 1} of {count}: {why}"
        return self._score_failure(example, response, told, count, passed, runs=found.stage != "load")

    def _require_leave(self) -> None:
        if not self._leave:
            raise UsageError(Problem(what=f"code_tests: {NO_LEAVE}", todo=ALLOW))

    def _score_failure(
        self, example: Example, response: Response, why: str, count: int, passed: int, *, runs: bool
    ) -> Score:
        return self._score_run(example, response, passed, count, why, runs=runs)

    def _score_run(
        self, example: Example, response: Response, passed: int, count: int, why: str, *, runs: bool
    ) -> Score:
        return score_of(
            example,
            response,
            self.version,
            float(passed == count),
            parts={"share": passed / count, "runs": float(runs)},
            reason=why,
            evidence={"tests": count, "passed": passed},
        )

    def _job(self, example: Example, response: Response) -> Mapping[str, Any] | None:
        """What the cell is given; None where the answer has no code."""
        row = read_row(example)
        code = python_in(answer_text(response), defines=row.entry_point)
        if not code.strip():
            return None
        sources = [test["source"] for test in row.tests if "source" in test]
        return {
            "setup": row.setup,
            "code": code,
            "tests": list(row.tests),
            "entry_point": row.entry_point,
            "unittest": any("unittest" in source or "TestCase" in source for source in sources),
            "expected": max((len(test.get("stdout", "").encode()) for test in row.tests), default=0),
            "unprotected": self._leave == "unprotected",
            "limits": {
                "cpu_s": self.cpu_s,
                "wall_s": self.wall_s,
                "memory_mb": self.memory_mb,
                "disk_mb": self.disk_mb,
                "processes": self.processes,
            },
        }
