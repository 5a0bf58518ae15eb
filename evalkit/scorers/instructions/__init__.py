"""Verifiable instructions: the kinds of IFEval and M-IFEval, checked by rules."""

from __future__ import annotations

from evalkit.scorers.instructions.scorer import Instructions as Instructions
