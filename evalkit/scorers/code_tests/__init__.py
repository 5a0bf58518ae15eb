"""Code graded by the tests in its row, run in a cell of its own."""

from __future__ import annotations

from evalkit.scorers.code_tests.scorer import CodeTests as CodeTests
