"""Structured answers: strict and repaired parsing, JSON Schema, and the fields of the target."""

from evalkit.scorers.json_schema.scorer import JsonSchema

__all__ = ["JsonSchema"]
