"""Tool calls: read in every shape, judged layer by layer, by our own rules or exactly by BFCL's."""

from evalkit.scorers.tool_calls.scorer import ToolCalls

__all__ = ["ToolCalls"]
