"""Checks of a row: what this one answer must be, beside or instead of a target."""

from evalkit.scorers.checks.scorer import Checks

__all__ = ["Checks"]
