"""BFCL's verdicts, rule by rule (bfcl-eval 2026.3.23, AST categories), for comparison with published results.

`judge` takes an entry of BFCL's files and an answer, `check` decoded calls; `score` puts an example and an attempt into
them. Where the original crashes on ordinary JSON Schema (no "required", union types, "object", "number"), the nearest
rule that exists is applied.
"""

from evalkit.scorers.tool_calls.bfcl.check import BfclVerdict, check
from evalkit.scorers.tool_calls.bfcl.entry import judge
from evalkit.scorers.tool_calls.bfcl.score import METRICS, problems, score

__all__ = ["METRICS", "BfclVerdict", "check", "judge", "problems", "score"]
